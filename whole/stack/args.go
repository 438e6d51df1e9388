package stack

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/grafanix/eks-karpenter/components"
	"github.com/grafanix/eks-karpenter/internal/component"
	"github.com/grafanix/eks-karpenter/whole/cluster"
	"github.com/grafanix/eks-karpenter/whole/install"
)

// What follows are the args of each component, as the settings say and with what the components before it have made.

func (s *Settings) cluster() *cluster.ClusterArgs {
	options := s.Cluster.Options
	options.Tags = component.Merged(s.Aws.Karpenter.Tags, options.Tags)
	return &cluster.ClusterArgs{
		ClusterName: s.clusterName(), VpcId: s.Cluster.VpcId, PrivateSubnetIds: s.Cluster.PrivateSubnetIds, Options: &options,
	}
}

// karpenter takes the cluster that is made, nil where it exists. The controller's role then trusts the OIDC provider that
// the cluster has, once it is there, and the controller's nodes are in the cluster's private subnets.
func (s *Settings) karpenter(made *cluster.Cluster) *components.KarpenterArgs {
	args := s.Aws.Karpenter
	if made == nil {
		return &args
	}
	args.Cluster = made.Facts
	role := *component.OrZero(args.ControllerRole)
	if !component.Or(role.PodIdentity, false) && role.OidcProviderArn == nil {
		role.OidcProviderArn = made.OidcProviderArn.ToStringPtrOutput()
		args.ControllerRole = &role
	}
	nodes := *component.OrZero(args.ControllerNodes)
	if nodes.SubnetIds == nil {
		nodes.SubnetIds = s.Cluster.PrivateSubnetIds
	}
	if nodes.Version == nil && !component.Or(nodes.Fargate, false) {
		nodes.Version = s.Cluster.Options.KubernetesVersion // EKS upgrades no nodes by itself
	}
	args.ControllerNodes = &nodes
	return &args
}

// charts takes the values that the AWS side calls for.
func (s *Settings) charts(helmValues pulumi.MapInput) *install.ChartsArgs {
	args := &install.ChartsArgs{
		HelmValues:       helmValues,
		KarpenterVersion: s.Aws.Karpenter.KarpenterVersion,
		Namespace:        component.OrZero(s.Aws.Karpenter.ControllerRole).Namespace,
		ChartRepository:  s.Charts.ChartRepository,
		TimeoutSeconds:   s.Charts.TimeoutSeconds,
	}
	if s.Charts.Values != nil {
		args.Values = component.Input(s.Charts.Values).(pulumi.Map)
	}
	return args
}

// nodeClass takes the nodes' role and its instance profile, for an EC2NodeClass that names neither itself.
func (s *Settings) nodeClass(role, instanceProfile pulumi.StringPtrInput) *install.NodeClassArgs {
	options := s.NodeClass
	switch {
	case options.Role != nil || options.InstanceProfile != nil:
	case component.Or(s.Aws.Karpenter.IsolatedVpc, false):
		options.InstanceProfile = instanceProfile
	default:
		options.Role = role
	}
	return &install.NodeClassArgs{
		ClusterName: new(s.clusterName()), KarpenterVersion: s.Aws.Karpenter.KarpenterVersion, Options: &options,
	}
}

func (s *Settings) nodePools(class pulumi.StringPtrInput) []*install.NodePoolArgs {
	pools := s.NodePools
	if len(pools) == 0 {
		pools = []NodePoolSettings{{}}
	}
	args := make([]*install.NodePoolArgs, len(pools))
	for i, pool := range pools {
		args[i] = &install.NodePoolArgs{
			Name: pool.Name, NodeClassName: class, KarpenterVersion: s.Aws.Karpenter.KarpenterVersion, Options: &pool.Options,
		}
	}
	return args
}
