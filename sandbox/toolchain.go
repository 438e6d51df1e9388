package sandbox

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// FindPulumi returns the folder of the Pulumi CLI: that of the one on PATH,
// else the .toolchain folder of a project's root, or its bin. Whoever runs it
// should put the folder on PATH: Pulumi finds its language host there.
func FindPulumi(root string) (string, error) {
	if found, err := exec.LookPath("pulumi"); err == nil {
		return filepath.Abs(filepath.Dir(found))
	}
	for _, dir := range []string{".toolchain", filepath.Join(".toolchain", "bin")} {
		candidate := filepath.Join(root, dir)
		if info, err := os.Stat(filepath.Join(candidate, "pulumi")); err == nil && !info.IsDir() {
			return filepath.Abs(candidate)
		}
	}
	return "", fmt.Errorf("no pulumi on PATH and none in %s: run `make toolchain`, which builds it there", filepath.Join(root, ".toolchain"))
}
