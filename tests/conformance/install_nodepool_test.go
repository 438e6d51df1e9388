package conformance

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	clock "k8s.io/utils/clock/testing"
	karpenterv1 "sigs.k8s.io/karpenter/pkg/apis/v1"

	"github.com/grafanix/eks-karpenter/whole/install"
)

func nodePoolArgs(options *install.NodePoolOptions) installArgs {
	return &install.NodePoolArgs{Options: options}
}

// everyNodePoolOption sets every option of a NodePool, be it one that excludes another.
func everyNodePoolOption() *install.NodePoolOptions {
	return &install.NodePoolOptions{
		Requirements: []install.Requirement{
			{Key: "karpenter.k8s.aws/instance-family", Operator: "In", Values: []string{"c7g", "m7g"}, MinValues: new(2)},
			{Key: "karpenter.k8s.aws/instance-cpu", Operator: "Gte", Values: []string{"4"}},
		},
		Labels: map[string]string{"team": "shop", "empty": ""}, Annotations: map[string]string{"example.com/owner": "the shop, of course"},
		Taints:        []install.Taint{{Key: "batch", Value: new("yes"), Effect: "NoSchedule"}},
		StartupTaints: []install.Taint{{Key: "node.cilium.io/agent-not-ready", Value: new("true"), Effect: "NoExecute"}},
		ExpireAfter:   new("Never"), TerminationGracePeriod: new("24h"), Limits: map[string]string{"nodes": "8"},
		Disruption: &install.Disruption{
			ConsolidationPolicy: new("Balanced"), ConsolidateAfter: new("1h30m"),
			Budgets: []install.Budget{{Nodes: "0", Reasons: []string{"Drifted", "Empty"}, Schedule: new("0 9 * * mon-fri"), Duration: new("8h")}},
		},
		Weight: new(100), Replicas: new(3),
	}
}

func TestInstallMakesANodePoolOfEveryOptionThatKarpenterTakes(t *testing.T) {
	t.Parallel()
	const budgets = "disruption.budgets"
	assertEvery(t, everyNodePoolOption(), map[string][]string{
		"requirements":           {"requirements.values"},
		"requirements.minValues": {"requirements.values"},
		budgets + ".schedule":    {budgets + ".duration"},
		budgets + ".duration":    {budgets + ".schedule"},
	}, map[string][]string{
		"of as many nodes as pods need": {"replicas"},
		"of a fixed size":               {"weight", "disruption.consolidationPolicy", "disruption.consolidateAfter"},
	}, nodePoolArgs)
}

func TestInstallMakesANodePoolWithoutOptionsThatKarpenterTakes(t *testing.T) {
	t.Parallel()
	args := &install.NodePoolArgs{}
	assertTaken(t, args)
	assertTaken(t, &install.NodePoolArgs{Name: new("batch"), NodeClassName: pulumi.String("batch"), Options: &install.NodePoolOptions{Replicas: new(0)}})
	nodePool := &karpenterv1.NodePool{}
	decodeKarpenter(t, args.Object(), nodePool)
	assert.Equal(t, nodeClassArgs(&install.NodeClassOptions{}).Object()["metadata"], map[string]any{"name": nodePool.Spec.Template.Spec.NodeClassRef.Name})
	assert.Equal(t, "1m0s", nodePool.Spec.Disruption.ConsolidateAfter.String())
	assert.Equal(t, "720h0m0s", nodePool.Spec.Template.Spec.ExpireAfter.String())
}

// Karpenter ends no node at all under a schedule that it cannot read, and says so in its log alone.
func TestInstallMakesBudgetsThatKarpenterCanRead(t *testing.T) {
	t.Parallel()
	for _, schedule := range schedules {
		args := nodePoolArgs(&install.NodePoolOptions{Disruption: &install.Disruption{
			Budgets: []install.Budget{{Nodes: "1", Schedule: &schedule.text, Duration: new("8h")}},
		}})
		nodePool := &karpenterv1.NodePool{}
		decodeKarpenter(t, args.Object(), nodePool)
		_, err := nodePool.Spec.Disruption.Budgets[0].IsActive(&clock.FakeClock{})
		problems := validate(t, args.Object())
		assert.Equal(t, schedule.read, err == nil && len(problems) == 0, "%q: %v, %v", schedule.text, err, problems)
		assert.Equal(t, schedule.read, args.Check("pool") == nil, "%q", schedule.text)
	}
}

func TestInstallRefusesEveryLabelThatKarpenterKeepsForItself(t *testing.T) {
	t.Parallel()
	own := append(karpenterv1.RestrictedLabels.UnsortedList(),
		karpenterv1.NodePoolLabelKey, karpenterv1.NodeInitializedLabelKey, karpenterv1.NodeRegisteredLabelKey, karpenterv1.NodeDoNotSyncTaintsLabelKey,
		karpenterv1.NodeClassLabelKey(nodeClassKind),
	)
	for domain := range karpenterv1.RestrictedLabelDomains {
		own = append(own, domain+"/anything", "any."+domain+"/thing")
	}
	for _, key := range own {
		for _, options := range []install.NodePoolOptions{
			{Requirements: []install.Requirement{{Key: key, Operator: "Exists"}}}, {Labels: map[string]string{key: "x"}},
		} {
			args := nodePoolArgs(&options)
			require.ErrorContains(t, args.Check("pool"), "is Karpenter's own label", key)
			assert.NotEmpty(t, karpenterProblems(t, args.Object()), key)
		}
	}
}

func TestInstallTakesEveryLabelThatKarpenterKnows(t *testing.T) {
	t.Parallel()
	require.Contains(t, karpenterv1.WellKnownLabels, corev1.LabelTopologyZone)
	for key := range karpenterv1.WellKnownLabels {
		if key == karpenterv1.NodePoolLabelKey {
			continue // for pods to ask for, and no NodePool of itself
		}
		values := []string{"1"}
		if all := karpenterv1.WellKnownValuesForRequirements[key]; all != nil {
			values = all.UnsortedList()
		}
		for _, requirement := range []install.Requirement{
			{Key: key, Operator: "In", Values: values}, {Key: key, Operator: "NotIn", Values: values}, {Key: key, Operator: "Exists"},
		} {
			assertTaken(t, nodePoolArgs(&install.NodePoolOptions{Requirements: []install.Requirement{requirement}}))
		}
		assertTaken(t, nodePoolArgs(&install.NodePoolOptions{Labels: map[string]string{key: values[0]}}))
	}
}
