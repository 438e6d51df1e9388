package conformance

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"

	"github.com/grafanix/eks-karpenter/components"
)

// On Fargate the controller is the first to run: CoreDNS may be waiting for the nodes that it is to launch.
func TestChartOnFargateNeedsNoDNSOfTheCluster(t *testing.T) {
	t.Parallel()
	subnets := pulumi.StringArray{pulumi.String("subnet-0aaaaaaaaaaaaaaaa")}.ToStringArrayOutput()
	for _, row := range []struct {
		nodes *components.ControllerNodesOptions
		want  corev1.DNSPolicy
	}{
		{&components.ControllerNodesOptions{Fargate: new(true), SubnetIds: subnets}, corev1.DNSDefault},
		{&components.ControllerNodesOptions{SubnetIds: subnets}, corev1.DNSClusterFirst},
	} {
		release := installChart(t, components.KarpenterArgs{CreateControllerNodes: new(true), ControllerNodes: row.nodes})
		assert.Equal(t, row.want, release.deployment.Spec.Template.Spec.DNSPolicy)
	}
}
