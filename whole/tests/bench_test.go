package tests

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkBuild tells what each optional package adds to a program: to compile it with nothing cached and to link it anew,
// in seconds of processor time, and to the binary.
func BenchmarkBuild(b *testing.B) {
	for _, program := range []string{"light", "install", "cluster", "both"} {
		b.Run(program, func(b *testing.B) {
			for b.Loop() {
				cache, binary := b.TempDir(), filepath.Join(b.TempDir(), program)
				build := func(flags ...string) time.Duration {
					command := exec.Command("go", append(append([]string{"build", "-trimpath", "-o", binary}, flags...), "./testdata/"+program)...)
					command.Env = append(os.Environ(), "GOCACHE="+cache)
					out, err := command.CombinedOutput()
					require.NoError(b, err, string(out))
					return command.ProcessState.UserTime() + command.ProcessState.SystemTime()
				}
				compiled, linked := build(), build("-ldflags=-X=main.changed=1")
				info, err := os.Stat(binary)
				require.NoError(b, err)
				b.ReportMetric(compiled.Seconds(), "compile-s")
				b.ReportMetric(linked.Seconds(), "link-s")
				b.ReportMetric(float64(info.Size())/1e6, "MB")
			}
		})
	}
}
