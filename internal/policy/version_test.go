package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAReleaseIsOfTheNearestVersion(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		release string
		nearest Version
		known   bool
		why     string
	}{
		{"1.0.0", 0, true, "the first that has v1 of Karpenter's API"},
		{"1.8.6", 8, true, "a minor version stands for all its patches"},
		{"1.10.0", 10, true, "not 1.1"},
		{"1.14.1", 14, true, "the newest"},
		{"1.14.99", 14, true, "patches need nothing new"},
		{"1.15.0", 14, false, "newer than this library"},
		{"2.0.0", 14, false, "much newer"},
		{"0.37.8", 0, false, "older"},
	} {
		nearest, known, err := ParseVersion(row.release)
		require.NoError(t, err, row.release)
		assert.Equal(t, row.nearest, nearest, "%s: %s", row.release, row.why)
		assert.Equal(t, row.known, known, "%s: %s", row.release, row.why)
	}
	for _, text := range []string{"", "1", "1.10", "v1.14.1", "1.14.1-rc.1", "latest", "1.x", "1.14.1.0", "1.-1.0", "01.14.1", "1.+4.1", "1. 4.1", "99999999999.0.0", "1.14."} {
		_, _, err := ParseVersion(text)
		assert.EqualError(t, err, fmt.Sprintf("%q is not a release of Karpenter: three numbers, such as 1.14.1", text))
	}
}

func TestAKubernetesVersionNeedsAKarpenterThatKnowsIt(t *testing.T) {
	t.Parallel()
	for version, since := range map[string]Version{"1.31": Oldest, "1.32": 2, "1.34": 6, "1.35": 9, "1.36": 13, "1.99": Oldest} {
		assert.Equal(t, since, SinceKubernetes(version), version)
	}
}

// Each need comes with its version, not a version earlier or later, and never goes again.
func TestAVersionHasWhatItNeedsSinceItNeedsIt(t *testing.T) {
	t.Parallel()
	for _, need := range Needs {
		for _, v := range Versions() {
			assert.Equal(t, v >= need.Since, has(clusters[0], v, need.What), "%s in %s", need.What, v)
		}
	}
}

func has(c Cluster, v Version, what string) bool {
	if slices.ContainsFunc(Rules(v, false), func(rule Rule) bool { return rule.Name == what }) {
		return true
	}
	return slices.ContainsFunc(all(c, v).Statements, func(s Statement) bool {
		return slices.Contains(s.Actions, what) ||
			slices.ContainsFunc(s.Resources, func(arn string) bool { return strings.Contains(arn, ":"+what+"/") })
	})
}

// From one version to the next there is nothing but what Needs tell.
func TestNothingElseChangesWithTheVersion(t *testing.T) {
	t.Parallel()
	for _, c := range clusters {
		for _, v := range Versions()[1:] {
			later := factsOf(t, all(c, v))
			for _, need := range Needs {
				for sid, f := range later {
					if need.Since != v {
						continue
					}
					f.actions = slices.DeleteFunc(f.actions, func(action string) bool { return action == need.What })
					f.resources = slices.DeleteFunc(f.resources, func(arn string) bool { return strings.Contains(arn, ":"+need.What+"/") })
					if later[sid] = f; len(f.actions) == 0 {
						delete(later, sid)
					}
				}
			}
			assert.Equal(t, factsOf(t, all(c, v-1)), later, "%s %s", c.Partition, v)
		}
	}
}
