package stack_test

import (
	"testing"

	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/components"
	"github.com/grafanix/eks-karpenter/whole/cluster"
	"github.com/grafanix/eks-karpenter/whole/install"
	"github.com/grafanix/eks-karpenter/whole/internal/account"
)

func wholeCluster(ctx *pulumi.Context) error {
	const name = "my-cluster"
	subnets := pulumi.ToStringArray([]string{"subnet-05a9c3e17b6d2f480", "subnet-06b1d7f4938ce5a20"})
	eks, err := cluster.NewCluster(ctx, "cluster", &cluster.ClusterArgs{
		ClusterName: name, VpcId: pulumi.String("vpc-0c3e7a91f5d8b2640"), PrivateSubnetIds: subnets,
	})
	if err != nil {
		return err
	}
	karpenter, err := components.NewKarpenter(ctx, "karpenter", &components.KarpenterArgs{
		ClusterName: name, Cluster: eks.Facts,
		ControllerRole:        &components.ControllerRoleOptions{OidcProviderArn: eks.OidcProviderArn.ToStringPtrOutput()},
		CreateControllerNodes: new(true), ControllerNodes: &components.ControllerNodesOptions{SubnetIds: subnets},
	}, pulumi.DependsOn([]pulumi.Resource{eks}))
	if err != nil {
		return err
	}
	provider, err := kubernetes.NewProvider(ctx, "cluster", &kubernetes.ProviderArgs{
		Kubeconfig: eks.Kubeconfig.ToStringPtrOutput(), ClusterIdentifier: pulumi.String(name),
	})
	if err != nil {
		return err
	}
	after := func(other pulumi.Resource) []pulumi.ResourceOption {
		return []pulumi.ResourceOption{pulumi.Provider(provider), pulumi.DependsOn([]pulumi.Resource{other})}
	}
	charts, err := install.NewCharts(ctx, "karpenter-charts", &install.ChartsArgs{HelmValues: karpenter.HelmValues}, after(karpenter)...)
	if err != nil {
		return err
	}
	class, err := install.NewNodeClass(ctx, "node-class", &install.NodeClassArgs{
		ClusterName: new(name), Options: &install.NodeClassOptions{Role: karpenter.NodeRoleName.ToStringPtrOutput()},
	}, after(charts)...)
	if err != nil {
		return err
	}
	_, err = install.NewNodePool(ctx, "node-pool", &install.NodePoolArgs{NodeClassName: class.Name.ToStringPtrOutput()}, after(class)...)
	return err
}

// The program of docs/whole.md makes all that a stack with the same settings makes.
func TestTheProgramOnThePageMakesAWholeCluster(t *testing.T) {
	t.Parallel()
	a := &account.Account{}
	require.NoError(t, a.Run(nil, wholeCluster))
	assert.Empty(t, a.Calls)
	for token, name := range map[string]string{
		"eks:index:Cluster": "cluster", "aws:eks/nodeGroup:NodeGroup": "karpenter-controller-nodes", "kubernetes:helm.sh/v3:Release": "karpenter-charts",
		"kubernetes:karpenter.k8s.aws/v1:EC2NodeClass": "node-class", "kubernetes:karpenter.sh/v1:NodePool": "node-pool",
	} {
		assert.NotEmpty(t, a.Of(token, name).Token, token)
	}
}
