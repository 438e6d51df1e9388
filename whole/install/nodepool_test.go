package install

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/whole/internal/account"
)

const poolToken = "kubernetes:karpenter.sh/v1:NodePool"

func nodePool(args *NodePoolArgs) func(*pulumi.Context) error {
	return func(ctx *pulumi.Context) error {
		_, err := NewNodePool(ctx, "pool", args)
		return err
	}
}

func TestANodePoolWithoutOptionsLaunchesGeneralPurposeNodes(t *testing.T) {
	t.Parallel()
	a := &account.Account{}
	require.NoError(t, a.Run(nil, nodePool(nil)))

	require.Len(t, a.Registered, 2)
	assert.Empty(t, a.Of("eks-karpenter:index:NodePool", "pool").Inputs)
	in := func(key string, values ...any) any {
		return map[string]any{"key": key, "operator": "In", "values": values}
	}
	assert.Equal(t, account.Registration{
		Token: poolToken, Name: "pool", Parent: "eks-karpenter:index:NodePool::pool", DeleteTimeout: "30m",
		Inputs: map[string]any{
			"apiVersion": "karpenter.sh/v1",
			"kind":       "NodePool",
			"metadata":   map[string]any{"name": "default", "annotations": map[string]any{"pulumi.com/waitFor": "condition=Ready"}},
			"spec": map[string]any{
				"template": map[string]any{"spec": map[string]any{
					"nodeClassRef": map[string]any{"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "default"},
					"requirements": []any{
						in("kubernetes.io/os", "linux"),
						in("karpenter.sh/capacity-type", "spot", "on-demand"),
						in("karpenter.k8s.aws/instance-category", "c", "m", "r"),
						map[string]any{"key": "karpenter.k8s.aws/instance-generation", "operator": "Gt", "values": []any{"2"}},
					},
					"expireAfter": "720h",
				}},
				"limits":     map[string]any{"cpu": "1000"},
				"disruption": map[string]any{"consolidationPolicy": "WhenEmptyOrUnderutilized", "consolidateAfter": "1m"},
			},
		},
	}, a.Of(poolToken, "pool"))
}

func TestEveryOptionOfANodePoolStandsInItsSpecUnderKarpentersName(t *testing.T) {
	t.Parallel()
	a := &account.Account{}
	require.NoError(t, a.Run(nil, nodePool(&NodePoolArgs{
		Name: new("batch"), NodeClassName: pulumi.String("batch"), SkipAwait: new(true), DeleteTimeout: new("2h"),
		Options: &NodePoolOptions{
			Requirements: []Requirement{
				{Key: "karpenter.k8s.aws/instance-family", Operator: "In", Values: []string{"c7g", "m7g"}, MinValues: new(2)},
				{Key: "team", Operator: "Exists"},
			},
			Labels: map[string]string{"team": "shop", "empty": ""}, Annotations: map[string]string{"example.com/owner": "the shop, of course"},
			Taints:        []Taint{{Key: "batch", Value: new("yes"), Effect: "NoSchedule"}},
			StartupTaints: []Taint{{Key: "node.cilium.io/agent-not-ready", Effect: "NoExecute"}},
			ExpireAfter:   new("Never"), TerminationGracePeriod: new("24h"), Limits: map[string]string{"memory": "1Ti", "nvidia.com/gpu": "8"},
			Disruption: &Disruption{
				ConsolidationPolicy: new("Balanced"), ConsolidateAfter: new("1h30m"),
				Budgets: []Budget{{Nodes: "20%"}, {Nodes: "0", Reasons: []string{"Drifted"}, Schedule: new("0 9 * * mon-fri"), Duration: new("8h")}},
			},
			Weight: new(10),
		},
	})))
	made := a.Of(poolToken, "pool")
	assert.Equal(t, "2h", made.DeleteTimeout)
	assert.Equal(t, map[string]any{"name": "batch"}, made.Inputs["metadata"], "nothing is waited for")
	assert.Equal(t, map[string]any{
		"template": map[string]any{
			"metadata": map[string]any{
				"labels":      map[string]any{"team": "shop", "empty": ""},
				"annotations": map[string]any{"example.com/owner": "the shop, of course"},
			},
			"spec": map[string]any{
				"nodeClassRef": map[string]any{"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "batch"},
				"requirements": []any{
					map[string]any{"key": "karpenter.k8s.aws/instance-family", "operator": "In", "values": []any{"c7g", "m7g"}, "minValues": 2.0},
					map[string]any{"key": "team", "operator": "Exists"},
				},
				"taints":        []any{map[string]any{"key": "batch", "value": "yes", "effect": "NoSchedule"}},
				"startupTaints": []any{map[string]any{"key": "node.cilium.io/agent-not-ready", "effect": "NoExecute"}},
				"expireAfter":   "Never", "terminationGracePeriod": "24h",
			},
		},
		"limits": map[string]any{"memory": "1Ti", "nvidia.com/gpu": "8"},
		"disruption": map[string]any{
			"consolidationPolicy": "Balanced", "consolidateAfter": "1h30m",
			"budgets": []any{
				map[string]any{"nodes": "20%"},
				map[string]any{"nodes": "0", "reasons": []any{"Drifted"}, "schedule": "0 9 * * mon-fri", "duration": "8h"},
			},
		},
		"weight": 10.0,
	}, made.Inputs["spec"])
}

func TestANodePoolOfAFixedSizeHasNoLimitByDefault(t *testing.T) {
	t.Parallel()
	spec := (&NodePoolArgs{Options: &NodePoolOptions{Replicas: new(0)}}).Object()["spec"].(map[string]any)
	assert.Equal(t, 0, spec["replicas"])
	assert.NotContains(t, spec, "limits")
	limited := &NodePoolArgs{Options: &NodePoolOptions{Replicas: new(3), Limits: map[string]string{"nodes": "5"}}}
	require.NoError(t, limited.Check("pool"))
	assert.Equal(t, map[string]any{"nodes": "5"}, limited.Object()["spec"].(map[string]any)["limits"])
}

func TestANodePoolRefusesWhatKarpenterWould(t *testing.T) {
	t.Parallel()
	longDomain := strings.Repeat("d", 254)
	with := func(options NodePoolOptions) func(*pulumi.Context) error {
		return nodePool(&NodePoolArgs{Options: &options})
	}
	assertRefused(t, []refusal{
		{why: "names that are none", with: nodePool(&NodePoolArgs{
			Name: new(""), NodeClassName: pulumi.String("My"), KarpenterVersion: new("0.37.0"), DeleteTimeout: new("30"),
		}), says: `pool: 4 problems:
  - name: "" is not valid: 1 to 63 small letters, digits, hyphens and dots, a letter or digit at both ends and beside each dot
  - nodeClassName: "My" is not valid: 1 to 63 small letters, digits, hyphens and dots, a letter or digit at both ends and beside each dot
  - karpenterVersion: Karpenter 0.37.0 has another API: choose 1.0.0 or later
  - deleteTimeout: "30" is not valid: a time such as 90s, 30m or 1h30m`},
		{why: "requirements that nothing meets", with: with(NodePoolOptions{Requirements: []Requirement{
			{Key: "karpenter.sh/nodepool", Operator: "Exists"},
			{Key: "kubernetes.io/hostname", Operator: "Exists", Values: []string{"a"}},
			{Key: "karpenter.sh/capacity-type", Operator: "In", Values: []string{"spot", "ondemand"}},
			{Key: "team", Operator: "In"},
			{Key: "generation", Operator: "Gt", Values: []string{"two"}},
			{Key: "generation", Operator: "Lte", Values: []string{"1", "2"}},
			{Key: "a b", Operator: "Is"},
			{Key: "team", Operator: "In", Values: []string{"a", "-"}, MinValues: new(3)},
			{Key: "team", Operator: "NotIn", MinValues: new(51)},
		}}), says: `pool: 13 problems:
  - options.requirements[0].key: "karpenter.sh/nodepool" is Karpenter's own label: choose another key
  - options.requirements[1].key: "kubernetes.io/hostname" is Karpenter's own label: choose another key
  - options.requirements[1].values: Exists takes no values, and 1 are given
  - options.requirements[2].values[1]: "ondemand" is not valid: one of spot, on-demand, reserved
  - options.requirements[3].values: In takes one or more values, and 0 are given
  - options.requirements[4].values[0]: "two" is not valid: a whole number, not negative
  - options.requirements[5].values: Lte takes one whole number, and 2 are given
  - options.requirements[6].key: "a b" is not valid: a name of at most 63 letters, digits and any of -_., a letter or digit at both ends, with an optional domain/ before it
  - options.requirements[6].operator: "Is" is not valid: one of In, NotIn, Exists, DoesNotExist, Gt, Lt, Gte, Lte
  - options.requirements[7].values[1]: "-" is not valid: at most 63 letters, digits and any of -_., a letter or digit at both ends
  - options.requirements[7].minValues: 3 is more than the 2 values to choose from
  - options.requirements[8].values: NotIn takes one or more values, and 0 are given
  - options.requirements[8].minValues: 51 is out of range: 1 to 50 values`},
		{why: "names and keys that are too long", with: nodePool(&NodePoolArgs{
			Name: new(strings.Repeat("n", 64)), NodeClassName: pulumi.String("a..b"), Options: &NodePoolOptions{
				Requirements: []Requirement{{Key: longDomain[1:] + "/" + strings.Repeat("k", 63), Operator: "Exists"}},
				Taints:       []Taint{{Key: longDomain + "/k", Effect: "NoExecute"}},
			},
		}), says: `pool: 4 problems:
  - name: 64 characters are too many: at most 63
  - nodeClassName: "a..b" is not valid: 1 to 63 small letters, digits, hyphens and dots, a letter or digit at both ends and beside each dot
  - options.requirements[0].key: 317 characters are too many: at most 316
  - options.taints[0].key: a domain of 254 characters is too long: at most 253`},
		{
			why: "no requirement at all", with: with(NodePoolOptions{Requirements: []Requirement{}}),
			says: "pool: options.requirements: is empty: give a requirement, or leave it out",
		},
		{why: "labels and annotations that are none", with: with(NodePoolOptions{
			Labels: map[string]string{
				"karpenter.k8s.aws/ec2nodeclass": "x", "karpenter.sh/registered": "true", "my.karpenter.sh/x": "x", "team": "a b", "/": "",
			},
			Annotations: map[string]string{"a b": "x"},
		}), says: `pool: 6 problems:
  - options.labels: "/" is not valid: a name of at most 63 letters, digits and any of -_., a letter or digit at both ends, with an optional domain/ before it
  - options.labels: "karpenter.k8s.aws/ec2nodeclass" is Karpenter's own label: choose another key
  - options.labels: "karpenter.sh/registered" is Karpenter's own label: choose another key
  - options.labels: "my.karpenter.sh/x" is Karpenter's own label: choose another key
  - options.labels.team: "a b" is not valid: at most 63 letters, digits and any of -_., a letter or digit at both ends
  - options.annotations: "a b" is not valid: a name of at most 63 letters, digits and any of -_., a letter or digit at both ends, with an optional domain/ before it`},
		{why: "taints that are none, and one in both lists", with: with(NodePoolOptions{
			Taints:        []Taint{{Key: "batch", Effect: "NoSchedule"}, {Key: "batch", Value: new(""), Effect: "Never"}},
			StartupTaints: []Taint{{Key: "batch", Value: new("yes"), Effect: "NoSchedule"}},
		}), says: `pool: 3 problems:
  - options.taints[1].value: "" is not valid: a name of at most 63 letters, digits and any of -_., a letter or digit at both ends, with an optional domain/ before it
  - options.taints[1].effect: "Never" is not valid: one of NoSchedule, PreferNoSchedule, NoExecute
  - options.startupTaints[0].key: "batch" is tainted with NoSchedule already: list it once`},
		{why: "times, bounds and budgets that are none", with: with(NodePoolOptions{
			ExpireAfter: new("30d"), TerminationGracePeriod: new("Never"), Limits: map[string]string{"cpu": "-1"}, Weight: new(101),
			Disruption: &Disruption{ConsolidationPolicy: new("Always"), ConsolidateAfter: new("1"), Budgets: []Budget{
				{Nodes: "101%"},
				{Nodes: "1", Reasons: []string{"Empty", "Expired", "Empty"}, Schedule: new("@daily")},
				{Nodes: "1", Schedule: new("0 9 * *"), Duration: new("30s")},
				{Nodes: "1", Duration: new("999999999h")},
				{Nodes: "1", Schedule: new("*/0,60 9 1-31 jan-mar fri-7"), Duration: new("8h")},
			}},
		}), says: `pool: 16 problems:
  - options.expireAfter: "30d" is not valid: a time such as 90s, 30m or 720h, or Never
  - options.terminationGracePeriod: "Never" is not valid: a time such as 90s, 30m or 1h30m
  - options.limits.cpu: "-1" is not valid: a quantity that is not negative, such as 500m or 2Gi
  - options.disruption.consolidationPolicy: "Always" is not valid: one of WhenEmpty, WhenEmptyOrUnderutilized, Balanced
  - options.disruption.consolidateAfter: "1" is not valid: a time such as 90s, 30m or 720h, or Never
  - options.disruption.budgets[0].nodes: "101%" is not valid: a number of nodes, or a percentage up to 100%
  - options.disruption.budgets[1].reasons[1]: "Expired" is not valid: one of Underutilized, Empty, Drifted
  - options.disruption.budgets[1].reasons[2]: "Empty" is listed twice: list it once
  - options.disruption.budgets[1].duration: required: schedule says when the budget begins, but not how long it lasts
  - options.disruption.budgets[2].schedule: "0 9 * *" is not valid: five fields as of cron, in UTC, or one of @yearly, @monthly, @weekly, @daily, @hourly
  - options.disruption.budgets[2].duration: "30s" is not valid: a time in hours and minutes, such as 8h or 1h30m
  - options.disruption.budgets[3].duration: "999999999h" is too long: at most 2562047h
  - options.disruption.budgets[3].schedule: required: duration says how long the budget lasts, but not when it begins
  - options.disruption.budgets[4].schedule: "*/0,60" is no minute: numbers from 0 to 59, a-b, * or */n, with commas between
  - options.disruption.budgets[4].schedule: "fri-7" is no day of the week: numbers from 0 to 6, a-b, * or */n, with commas between
  - options.weight: 101 is out of range: 1 to 100 points`},
		{why: "a fixed size that something else would change", with: with(NodePoolOptions{
			Replicas: new(-1), Limits: map[string]string{"cpu": "1", "nodes": "5"}, Weight: new(1),
			Disruption: &Disruption{ConsolidationPolicy: new("WhenEmpty"), ConsolidateAfter: new("1m")},
		}), says: `pool: 5 problems:
  - options.replicas: -1 is too small: 0 or more
  - options.limits.cpu: replicas fixes the pool's size: limit nodes alone, or leave it out
  - options.weight: replicas fixes the pool's size: leave out one of the two
  - options.disruption.consolidationPolicy: replicas fixes the pool's size: leave out one of the two
  - options.disruption.consolidateAfter: replicas fixes the pool's size: leave out one of the two`},
		{why: "what an early release does not have", with: nodePool(&NodePoolArgs{KarpenterVersion: new("1.7.4"), Options: &NodePoolOptions{
			Replicas: new(1), Requirements: []Requirement{
				{Key: "karpenter.k8s.aws/instance-capability-flex", Operator: "Exists"},
				{Key: "karpenter.k8s.aws/instance-cpu", Operator: "Gte", Values: []string{"4"}},
			},
			Labels: map[string]string{"karpenter.k8s.aws/placement-group-id": "pg-0123"},
		}}), says: `pool: 3 problems:
  - options.replicas: Karpenter 1.7 does not have it: leave it out, or choose 1.8 or later
  - options.requirements[1].operator: Karpenter 1.7 does not have it: leave it out, or choose 1.9 or later
  - options.labels.karpenter.k8s.aws/placement-group-id: Karpenter 1.7 does not have it: leave it out, or choose 1.11 or later`},
	})
}
