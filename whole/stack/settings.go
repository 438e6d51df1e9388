package stack

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/grafanix/eks-karpenter/internal/component"
	"github.com/grafanix/eks-karpenter/program/stack"
	"github.com/grafanix/eks-karpenter/whole/cluster"
	"github.com/grafanix/eks-karpenter/whole/install"
)

// Settings are everything that a stack of a whole cluster can be told: those of Karpenter's AWS side, and these.
type Settings struct {
	// Cluster shapes the EKS cluster, where it is to be made. It takes the place of the facts of a cluster, which are looked up.
	Cluster ClusterSettings `pulumi:"cluster,optional"` // before Aws, whose setting of this name is then not the one that is known
	// Charts shape how Karpenter's charts are installed.
	Charts ChartsSettings `pulumi:"charts,optional"`
	// NodeClass shapes the EC2NodeClass of all node pools. Its role is that of Karpenter's nodes.
	NodeClass install.NodeClassOptions `pulumi:"nodeClass,optional"`
	// NodePools are the first node pools. Default: one, for general-purpose on-demand and spot nodes.
	NodePools []NodePoolSettings `pulumi:"nodePools,optional"`
	// Aws are the settings of Karpenter's AWS side.
	Aws stack.Settings `pulumi:",squash"`
}

// ClusterSettings are the cluster's.
type ClusterSettings struct {
	// Create makes the cluster, which then needs createControllerNodes, too. Default: false, it exists.
	Create *bool `pulumi:"create,optional"`
	// VpcId is the VPC that the cluster is to be in.
	VpcId pulumi.StringInput `pulumi:"vpcId,optional"`
	// PrivateSubnetIds are the VPC's private subnets, for the control plane and the nodes: two at least, in two zones.
	PrivateSubnetIds pulumi.StringArrayInput `pulumi:"privateSubnetIds,optional"`
	// Options shape the cluster further.
	Options cluster.ClusterOptions `pulumi:",squash"`
}

// ChartsSettings are those of Karpenter's charts.
type ChartsSettings struct {
	// ChartRepository holds the charts karpenter and karpenter-crd, for a mirror. Default: oci://public.ecr.aws/karpenter.
	ChartRepository *string `pulumi:"chartRepository,optional"`
	// Values are further values of the chart karpenter, merged with helmValues as Helm merges them; one that contradicts
	// helmValues is an error.
	Values map[string]any `pulumi:"values,optional"`
	// TimeoutSeconds is how long Helm waits for each chart to be ready, 60 to 3600. Default: 600.
	TimeoutSeconds *int `pulumi:"timeoutSeconds,optional"`
}

// NodePoolSettings are those of one node pool.
type NodePoolSettings struct {
	// Name is the object's name. Default: default.
	Name *string `pulumi:"name,optional"`
	// Options are the object's spec.
	Options install.NodePoolOptions `pulumi:",squash"`
}

// Load reads the settings from the stack's configuration; see [stack.LoadAs].
func Load(ctx *pulumi.Context) (*Settings, error) {
	settings, err := stack.LoadAs[Settings](ctx)
	if err != nil {
		return nil, err
	}
	settings.Aws.Karpenter.Cluster = nil // the setting of this name is Cluster's
	return settings, checkIdentity(ctx)
}

// creates tells whether the cluster is to be made.
func (s *Settings) creates() bool { return component.Or(s.Cluster.Create, false) }

func (s *Settings) clusterName() string { return s.Aws.Karpenter.ClusterName }
