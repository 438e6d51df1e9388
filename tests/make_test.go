package tests

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/sandbox"
)

// TestMake runs README's commands as a person does, with the Go language host and the repository's own files, in a sandbox
// of its own: up, up again, preview, outputs, verify and down, until the account is as it was.
func TestMake(t *testing.T) {
	t.Parallel()
	requirePulumi(t)
	committed := stackFile(t, "dev")
	dir := filepath.Join(".sandbox", "test-make")
	run := runMake(t, dir)
	up := run("up")
	assert.Contains(t, up, "+ 44 created")
	assert.Contains(t, up, `nodeRoleName       : "grafanixComicKarpenterEksNodeRole"`)
	assert.Contains(t, run("up"), "44 unchanged")
	assert.Contains(t, run("preview"), "44 unchanged")
	assert.Contains(t, run("outputs"), `"queueName": "grafanix-comic"`)
	assert.Contains(t, run("verify"), "121 of 121 allowed")
	assert.Contains(t, run("versions"), "arc-zonal-shift:GetManagedResource")
	assert.Contains(t, run("pulumi", "ARGS=stack --show-urns"), "urn:pulumi:dev::eks-karpenter::eks-karpenter:index:Karpenter::karpenter")
	assert.Contains(t, run("down"), "- 44 deleted")

	requireAsAtStart(t, dir)
	assert.Equal(t, committed, stackFile(t, "dev"), "the committed stack file is as it was")
}

// TestMakeScratch makes a whole cluster in the same way, and ends at nothing.
func TestMakeScratch(t *testing.T) {
	t.Parallel()
	requirePulumi(t)
	dir := filepath.Join(".sandbox", "test-make-scratch")
	run := runMake(t, dir)
	assert.Contains(t, run("up", "STACK=scratch"), "+ 70 created")
	assert.Contains(t, run("up", "STACK=scratch"), "70 unchanged")
	assert.Contains(t, run("verify"), "121 of 121 allowed")
	assert.Contains(t, run("down", "STACK=scratch"), "- 70 deleted")

	requireAsAtStart(t, dir)
}

// requireAsAtStart checks that the account of a sandbox is as it was.
func requireAsAtStart(t *testing.T, dir string) {
	t.Helper()
	start, err := sandbox.NewAccount(sandbox.DefaultSpec())
	require.NoError(t, err)
	end, err := sandbox.Open(filepath.Join("..", dir, "account.json"), sandbox.Spec{})
	require.NoError(t, err)
	assert.Equal(t, string(start.Dump()), string(end.Dump()), "the account is as it was")
}

// runMake runs make in a sandbox of its own.
func runMake(t *testing.T, dir string) func(args ...string) string {
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(filepath.Join("..", dir))) })
	return func(args ...string) string {
		command := exec.Command("make", append(args, "DIR="+dir)...)
		command.Dir = ".."
		out, err := command.CombinedOutput()
		require.NoError(t, err, "make %v: %s", args, out)
		return string(out)
	}
}
