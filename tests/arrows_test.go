// Package tests tells the stories that cross rooms.
package tests

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/grafanix/eks-karpenter/"

// TestArrows holds each room to what it may import, whether itself or through others.
func TestArrows(t *testing.T) {
	t.Parallel()
	heavy := []string{"github.com/pulumi/pulumi-eks", "github.com/pulumi/pulumi-kubernetes"}
	for _, room := range []struct {
		packages, why string
		never         []string
	}{
		{
			"./internal/policy", "pure functions: the standard library only",
			[]string{"github.com/", "golang.org/", "google.golang.org/", "gopkg.in/"},
		},
		{
			"./internal/component", "what all components share, light or heavy",
			append(heavy, "github.com/pulumi/pulumi-aws", module+"components", module+"sandbox", module+"program", "testing"),
		},
		{
			"./components", "users who import it must compile and download nothing that they do not use",
			append(heavy, module+"sandbox", module+"program", "testing"),
		},
		{
			"./program/...", "runs against AWS, with the sandbox nowhere involved",
			append(heavy, module+"sandbox", "testing"),
		},
		{
			"./sandbox/...", "must not know what it tests",
			append(heavy, module+"components", module+"program", module+"internal", "github.com/pulumi/pulumi-aws"),
		},
		{
			"./whole/install", "goes into any cluster, however that and the AWS side are made",
			[]string{
				"github.com/pulumi/pulumi-aws", "github.com/pulumi/pulumi-eks", module + "components", module + "program", module + "sandbox",
				module + "whole", "testing",
			},
		},
		{
			"./whole/cluster", "makes a cluster for any use; pulumi-kubernetes comes along with pulumi-eks",
			[]string{module + "program", module + "sandbox", module + "whole", "testing"},
		},
		{
			"./whole/stack", "runs against AWS, with the sandbox nowhere involved",
			[]string{module + "sandbox", module + "whole/tests", module + "whole/internal", "testing"},
		},
	} {
		t.Run(room.packages, func(t *testing.T) {
			t.Parallel()
			for _, imported := range dependencies(t, room.packages) {
				for _, prefix := range room.never {
					assert.False(t, strings.HasPrefix(imported+"/", prefix) && !strings.HasPrefix(imported, ownRoom(room.packages)),
						"%s imports %s; %s", room.packages, imported, room.why)
				}
			}
		})
	}
}

// ownRoom is the import path of a room's own packages.
func ownRoom(packages string) string {
	return module + strings.TrimSuffix(strings.TrimPrefix(packages, "./"), "/...")
}

// dependencies are the import paths of all that packages consist of, in the root's module or in that of the whole cluster.
func dependencies(t *testing.T, packages string) []string {
	t.Helper()
	dir := ".."
	if inner, isWhole := strings.CutPrefix(packages, "./whole/"); isWhole {
		dir, packages = "../whole", "./"+inner
	}
	list := exec.Command("go", "list", "-trimpath", "-deps", packages)
	list.Dir = dir
	out, err := list.CombinedOutput()
	require.NoError(t, err, string(out))
	return strings.Fields(string(out))
}
