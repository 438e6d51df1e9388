package tests

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/program/stack"
	"github.com/grafanix/eks-karpenter/sandbox"
)

// stackFile is one of the repository's own stack files.
func stackFile(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile("../Pulumi." + name + ".yaml")
	require.NoError(t, err)
	return string(content)
}

// A partition is where an account can be, with a region of it.
type partition struct{ name, region string }

var partitions = []partition{{"aws", "ap-northeast-2"}, {"aws-cn", "cn-northwest-1"}, {"aws-us-gov", "us-gov-west-1"}}

// account is the sandbox's account moved to the partition.
func (p partition) account() sandbox.Spec {
	spec := sandbox.DefaultSpec()
	spec.Partition = p.name
	for i := range spec.Clusters {
		spec.Clusters[i].Region = p.region
	}
	return spec
}

// stack is a stack's file moved to the partition.
func (p partition) stack(file string) string {
	return strings.NewReplacer("arn:aws:", "arn:"+p.name+":", "ap-northeast-2", p.region).Replace(file)
}

// TestLifecycle takes the repository's stacks through their lives in every partition: previewed, deployed as previewed,
// deployed again, refreshed and destroyed, until the account is as it was.
func TestLifecycle(t *testing.T) {
	t.Parallel()
	for _, where := range partitions {
		for name, resources := range map[string]int{"dev": 43, "prod": 46} {
			t.Run(where.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				file := where.stack(stackFile(t, name))
				e := newEngine(t, where.account(), file, stack.Deploy)

				planned, _, err := e.preview()
				require.NoError(t, err)
				did, _ := e.mustUp()
				assert.Equal(t, planned.String(), did.String(), "up does what preview showed")
				assert.Len(t, e.resources(), resources)

				again, _ := e.mustUp()
				assert.Empty(t, again.String(), "a second up changes nothing")
				drift, err := e.refresh()
				require.NoError(t, err)
				assert.Empty(t, drift.String(), "nothing has drifted")

				if strings.Contains(file, "protect: true") {
					deployed := e.account.Dump()
					require.ErrorContains(t, e.destroy(), "protected")
					require.Equal(t, string(deployed), string(e.account.Dump()), "protection keeps everything")
					e.configure(strings.Replace(file, "protect: true", "protect: false", 1))
					e.mustUp()
				}
				e.mustEndAtStart()
			})
		}
	}
}
