package conformance

import (
	"testing"

	"github.com/grafanix/eks-karpenter/components"
)

func TestTheCRDsRefuseAWrongNodePool(t *testing.T) {
	t.Parallel()
	type m = map[string]any
	const inTemplate, requirements = "spec.template.spec.", "spec.template.spec.requirements"
	asks := func(key, operator string, values ...any) []any {
		return terms(m{"key": key, "operator": operator, "values": append([]any{}, values...)})
	}
	assertWrong(t, karpenterOnMocks(t, components.KarpenterArgs{}).nodePool, []wrongObject{
		{"no template", "spec.template", nil, "spec.template: Required value"},
		{"no NodeClass", inTemplate + "nodeClassRef", nil, "nodeClassRef: Required value"},
		{"a NodeClass of no group", inTemplate + "nodeClassRef.group", nil, "nodeClassRef.group: Required value"},
		{"a NodeClass of an empty group", inTemplate + "nodeClassRef.group", "", "group may not be empty"},
		{"a NodeClass's group with its version", inTemplate + "nodeClassRef.group", "karpenter.k8s.aws/v1", "should match '^[^/]*$'"},
		{"a NodeClass by its version, as v1beta1 had it", inTemplate + "nodeClassRef.apiVersion", "karpenter.k8s.aws/v1", "spec.template.spec.nodeClassRef.apiVersion: unknown field"},

		{"no requirements", requirements, nil, "requirements: Required value"},
		{"Karpenter's own label", requirements, asks("karpenter.sh/nodepool", "In", "default"), `label "karpenter.sh/nodepool" is restricted`},
		{"a label of Karpenter's domain that is none", requirements, asks("karpenter.sh/capacity", "In", "spot"), `label domain "karpenter.sh" is restricted`},
		{"a label of Karpenter's AWS domain that is none", requirements, asks("karpenter.k8s.aws/instance-kategory", "In", "m"), `label domain "karpenter.k8s.aws" is restricted`},
		{"one node by its name", requirements, asks("kubernetes.io/hostname", "In", "node-1"), `label "kubernetes.io/hostname" is restricted`},
		{"a label that is none", requirements, asks("team/shop/web", "Exists"), "key: Invalid value"},
		{"an operator that is none", requirements, asks("kubernetes.io/os", "Equals", "linux"), `Unsupported value: "Equals"`},
		{"In nothing", requirements, asks("kubernetes.io/os", "In"), "requirements with operator 'In' must have a value defined"},
		{"greater than two values", requirements, asks("karpenter.k8s.aws/instance-generation", "Gt", "2", "3"), "must have a single positive integer value"},
		{"greater than a negative value", requirements, asks("karpenter.k8s.aws/instance-generation", "Gt", "-1"), "must have a single positive integer value"},
		{"greater than a number that is no text", requirements, asks("karpenter.k8s.aws/instance-generation", "Gt", 2), "must be of type string"},
		{"more values than are listed", requirements, terms(m{"key": "kubernetes.io/arch", "operator": "In", "values": []any{"arm64"}, "minValues": 2}), "requirements with 'minValues' must have at least that many values"},

		{"the lifetime in v1beta1's place", "spec.disruption.expireAfter", "720h", "spec.disruption.expireAfter: unknown field"},
		{"a lifetime in days", inTemplate + "expireAfter", "30d", "spec.template.spec.expireAfter: Invalid value"},
		{"a lifetime in words", inTemplate + "expireAfter", "one month", "spec.template.spec.expireAfter: Invalid value"},
		{"no time until consolidation", "spec.disruption.consolidateAfter", nil, "spec.disruption.consolidateAfter: Required value"},
		{"a time until consolidation of no unit", "spec.disruption.consolidateAfter", "60", "spec.disruption.consolidateAfter: Invalid value"},
		{"v1beta1's policy", "spec.disruption.consolidationPolicy", "WhenUnderutilized", `Unsupported value: "WhenUnderutilized"`},
		{"a budget of more than all", "spec.disruption.budgets", terms(m{"nodes": "110%"}), "spec.disruption.budgets[0].nodes: Invalid value"},
		{"a budget that begins and never ends", "spec.disruption.budgets", terms(m{"nodes": "0", "schedule": "@daily"}), "'schedule' must be set with 'duration'"},
		{"the kubelet, as v1beta1 had it", inTemplate + "kubelet", m{"maxPods": 110}, "spec.template.spec.kubelet: unknown field"},

		{"a limit that is no quantity", "spec.limits", m{"cpu": "many"}, "spec.limits.cpu: Invalid value"},
		{"a weight of nothing", "spec.weight", 0, "spec.weight in body should be greater than or equal to 1"},
		{"a weight over all", "spec.weight", 101, "spec.weight in body should be less than or equal to 100"},
		{"a fixed number of nodes with a limit of CPUs", "spec.replicas", 3, "only 'limits.nodes' is supported on static NodePools"},
		{"a taint of no effect", inTemplate + "taints", terms(m{"key": "team", "effect": "Never"}), `Unsupported value: "Never"`},
		{"a label on the nodes that is Karpenter's", "spec.template.metadata", m{"labels": m{"karpenter.sh/nodepool": "x"}}, `label "karpenter.sh/nodepool" is restricted`},
		{"a name on the nodes", "spec.template.metadata", m{"name": "node"}, "spec.template.metadata.name: unknown field"},
		{"a version that is no more", "apiVersion", "karpenter.sh/v1beta1", "karpenter.sh/v1beta1 NodePool: the CRDs have no such kind"},
	})
}
