package tests

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestConsumer builds README's program in a module of somebody else's, which imports only components: its tidy go.mod names no SDK of a plugin
// that it does not use, since Pulumi's language host downloads the plugin of every SDK that go.mod requires.
func TestConsumer(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	dir := t.TempDir()
	write(t, dir, "main.go", readmeProgram(t))
	write(t, dir, "go.mod", fmt.Sprintf(`module example.com/consumer

go 1.26

require github.com/grafanix/eks-karpenter v0.0.0

replace github.com/grafanix/eks-karpenter => %s
`, root))
	sums, err := os.ReadFile("../go.sum")
	require.NoError(t, err)
	write(t, dir, "go.sum", string(sums))

	command := func(args ...string) string {
		run := exec.Command("go", args...)
		run.Dir = dir
		out, err := run.CombinedOutput()
		require.NoError(t, err, "go %v: %s", args, out)
		return string(out)
	}
	command("mod", "tidy")
	plugins := map[string]bool{}
	for _, required := range strings.Fields(command("list", "-m", "-f", "{{.Path}}", "all")) {
		if strings.HasPrefix(required, "github.com/pulumi/pulumi-") {
			plugins[required] = true
		}
	}
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	require.NoError(t, err)
	assert.Contains(t, string(mod), "github.com/pulumi/pulumi-aws/sdk/v6")
	for _, heavy := range []string{"pulumi-eks", "pulumi-kubernetes", "mapstructure", "yaml"} {
		assert.NotContains(t, string(mod), "/"+heavy+"/", "the consumer's go.mod")
	}
	assert.Equal(t, map[string]bool{"github.com/pulumi/pulumi-aws/sdk/v6": true}, plugins, "plugins that Pulumi would download")
	command("vet", "-trimpath", ".")
}

// TestConsumerOfInstall is told of a library of somebody else's that imports whole/install alone: its tidy go.mod names the SDK
// of Kubernetes, and not those with which a cluster or the AWS side would be made.
func TestConsumerOfInstall(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	dir := t.TempDir()
	write(t, dir, "consumer.go", `package consumer

import "github.com/grafanix/eks-karpenter/whole/install"

var Install = install.NewCharts
`)
	write(t, dir, "go.mod", fmt.Sprintf(`module example.com/consumer

go 1.26

require github.com/grafanix/eks-karpenter/whole v0.0.0

replace (
	github.com/grafanix/eks-karpenter => %s
	github.com/grafanix/eks-karpenter/whole => %s
)
`, root, filepath.Join(root, "whole")))
	sums, err := os.ReadFile("../whole/go.sum")
	require.NoError(t, err)
	write(t, dir, "go.sum", string(sums))

	tidy := exec.Command("go", "mod", "tidy")
	tidy.Dir = dir
	out, err := tidy.CombinedOutput()
	require.NoError(t, err, string(out))
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	require.NoError(t, err)
	assert.Contains(t, string(mod), "github.com/pulumi/pulumi-kubernetes/sdk/v4")
	for _, other := range []string{"pulumi-eks", "pulumi-aws"} {
		assert.NotContains(t, string(mod), "/"+other+"/", "the consumer's go.mod")
	}
}

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
}
