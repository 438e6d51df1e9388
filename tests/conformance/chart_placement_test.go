package conformance

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/component-helpers/scheduling/corev1/nodeaffinity"
	karpenterv1 "sigs.k8s.io/karpenter/pkg/apis/v1"

	"github.com/grafanix/eks-karpenter/components"
)

// Our values leave the chart's own care for the controller's pods alone. Nodes are told apart as the scheduler does it.
func TestTheChartRunsTheControllerOnlyOnNodesThatAreNotItsOwn(t *testing.T) {
	t.Parallel()
	pod := installChart(t, components.KarpenterArgs{}).deployment.Spec.Template
	required := nodeaffinity.GetRequiredNodeAffinity(&corev1.Pod{ObjectMeta: pod.ObjectMeta, Spec: pod.Spec})
	for _, row := range []struct {
		why    string
		labels map[string]string
		runs   bool
	}{
		{"a node of a managed node group", map[string]string{"kubernetes.io/os": "linux", "eks.amazonaws.com/nodegroup": "system"}, true},
		{"a node that Karpenter launched, and may remove", map[string]string{"kubernetes.io/os": "linux", karpenterv1.NodePoolLabelKey: "default"}, false},
		{"a Windows node", map[string]string{"kubernetes.io/os": "windows"}, false},
	} {
		t.Run(row.why, func(t *testing.T) {
			t.Parallel()
			runs, err := required.Match(&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "node", Labels: row.labels}})
			require.NoError(t, err)
			assert.Equal(t, row.runs, runs)
		})
	}
	assert.Equal(t, []corev1.Toleration{{Key: "CriticalAddonsOnly", Operator: corev1.TolerationOpExists}}, pod.Spec.Tolerations,
		"a node group that is kept for add-ons takes it")
}

func TestTheChartRunsTheControllerTwiceAndNeverTwiceOnOneNode(t *testing.T) {
	t.Parallel()
	r := installChart(t, components.KarpenterArgs{})
	pod := r.deployment.Spec.Template
	assert.EqualValues(t, 2, *r.deployment.Spec.Replicas)
	matches := func(selector *metav1.LabelSelector) bool {
		selects, err := metav1.LabelSelectorAsSelector(selector)
		require.NoError(t, err)
		return selects.Matches(labels.Set(pod.Labels))
	}

	apart := pod.Spec.Affinity.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution
	require.Len(t, apart, 1)
	assert.Equal(t, corev1.LabelHostname, apart[0].TopologyKey)
	assert.True(t, matches(apart[0].LabelSelector))

	spread := pod.Spec.TopologySpreadConstraints
	require.Len(t, spread, 1)
	assert.Equal(t, corev1.LabelTopologyZone, spread[0].TopologyKey)
	assert.True(t, matches(spread[0].LabelSelector))

	budget := onlyOfType[*policyv1.PodDisruptionBudget](t, r.objects)
	assert.Equal(t, 1, budget.Spec.MaxUnavailable.IntValue())
	assert.True(t, matches(budget.Spec.Selector))
}
