package main

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/internal/policy"
)

var update = flag.Bool("update", false, "write docs/upgrading.md's table anew")

// The page's table is what the documents of all versions hold.
func TestUpgradingIsToldByTheDocuments(t *testing.T) {
	t.Parallel()
	const page, begin, end = "../../docs/upgrading.md", "<!-- changes -->\n", "<!-- end -->"
	content, err := os.ReadFile(page)
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(content), begin)
	require.True(t, found)
	_, after, found := strings.Cut(rest, end)
	require.True(t, found)
	want := before + begin + upgrading() + end + after
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(want), 0o644))
		return
	}
	assert.Equal(t, want, string(content), "go test ./internal/versions -update writes it anew")
}

// Every need of a version is told, with the resource that it changes.
func TestEveryNeedIsTold(t *testing.T) {
	t.Parallel()
	told := 0
	for _, v := range policy.Versions() {
		for _, change := range changesOf(v, needs()) {
			assert.NotEmpty(t, change.in, change.why)
			told++
		}
	}
	assert.Equal(t, len(policy.Needs), told)
	for _, n := range needs() {
		if n.since > policy.Oldest {
			assert.Contains(t, upgrading(), n.in())
		}
	}
}

func TestTheTableHasARowForEachNeedAndAColumnForEachVersion(t *testing.T) {
	t.Parallel()
	assert.Equal(t, `Karpenter                            1.0 1.1 1.2 1.3 1.4 1.5 1.6 1.7 1.8 1.9 1.10 1.11 1.12 1.13 1.14
ZonalShift
  arc-zonal-shift:GetManagedResource ·   ·   ·   ·   ·   ·   ·   ·   ·   ·   ·    ·    ✓    ✓    ✓
Rules
  SpotInterruptionRule               ✓   ✓   ✓   ✓   ✓   ✓   ✓   ✓   ✓   ✓   ✓    ✓    ✓    ✓    ✓
`, table([]need{{"ZonalShift", "arc-zonal-shift:GetManagedResource", 12}, {rules, "SpotInterruptionRule", 0}}))
}
