package tests

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkPreview is what a person waits for `pulumi preview` of a deployed, unchanged stack on the sandbox: the whole
// process, with the Go language host and the program.
func BenchmarkPreview(b *testing.B) {
	requirePulumi(b)
	dir := filepath.Join(".sandbox", "bench")
	b.Cleanup(func() { require.NoError(b, os.RemoveAll(filepath.Join("..", dir))) })
	run := func(name string, args ...string) {
		command := exec.Command(name, args...)
		command.Dir = ".."
		out, err := command.CombinedOutput()
		require.NoError(b, err, "%s %v: %s", name, args, out)
	}
	run("make", "up", "DIR="+dir)
	for b.Loop() {
		run(filepath.Join(".toolchain", "pulumi-sandbox"), "--dir", dir, "--", "preview")
	}
}
