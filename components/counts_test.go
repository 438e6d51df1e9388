package components

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Every custom resource costs time in each preview, so their number is part of what is promised.
func TestTheNumberOfResourcesOfACluster(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		what string
		args KarpenterArgs
		most int
	}{
		{"by default", KarpenterArgs{}, 40},
		{"with an inline policy", KarpenterArgs{ControllerRole: &ControllerRoleOptions{InlinePolicy: new(true)}}, 28},
	} {
		a := newAccount()
		a.subnets = []string{privateSubnet, publicSubnet, "subnet-0cccccccccccccccc", "subnet-0dddddddddddddddd"}
		row.args.ClusterName = "shop"
		deploy(t, a, of(NewKarpenter, "karpenter", &row.args))
		kinds := map[string]int{}
		custom := 0
		for _, one := range a.registered {
			if one.custom {
				kinds[one.token]++
				custom++
			}
		}
		t.Logf("%s: %d custom resources with %d subnets", row.what, custom, len(a.subnets))
		for _, kind := range slices.Sorted(maps.Keys(kinds)) {
			t.Logf("%4d %s", kinds[kind], kind)
		}
		assert.LessOrEqual(t, custom, row.most, row.what)
	}
}
