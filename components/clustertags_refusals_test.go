package components

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func TestClusterTagsRefuses(t *testing.T) {
	t.Parallel()
	with := func(options ClusterTagsOptions) constructor {
		return of(NewClusterTags, "tags", &ClusterTagsArgs{ClusterName: "shop", Options: &options})
	}
	output := pulumi.StringArray{}.ToStringArrayOutput()
	const unknownLength = ": the number of elements must be known before anything is deployed: give a pulumi.StringArray, whose elements may be outputs"
	assertRefused(t, []refusal{
		{
			why: "a subnet that is none", with: with(ClusterTagsOptions{SubnetIds: list("10.0.0.0/24")}),
			says: `tags: options.subnetIds: "10.0.0.0/24" is not valid: the id of a subnet, subnet-...`,
		},
		{
			why: "a subnet twice", with: with(ClusterTagsOptions{SubnetIds: list(privateSubnet, publicSubnet, privateSubnet)}),
			says: `tags: options.subnetIds: "` + privateSubnet + `" is listed twice: list it once`,
		},
		{
			why: "no subnet at all", with: with(ClusterTagsOptions{SubnetIds: pulumi.StringArray{}}),
			says: "tags: options.subnetIds: nothing is listed: name at least one, or leave the list out for the cluster's own",
		},
		{
			why: "no security group at all", with: with(ClusterTagsOptions{SecurityGroupIds: pulumi.StringArray{}}),
			says: "tags: options.securityGroupIds: nothing is listed: name at least one, or leave the list out for the cluster's own",
		},
		{
			why: "subnets of unknown number", with: with(ClusterTagsOptions{SubnetIds: output}),
			says: "tags: options.subnetIds" + unknownLength,
		},
		{
			why:  "subnets that are named and chosen",
			with: with(ClusterTagsOptions{SubnetIds: list(privateSubnet), ExcludePublicSubnets: new(true)}),
			says: "tags: options.excludePublicSubnets: chooses among the cluster's own subnets, but subnetIds names the subnets: leave out one of the two",
		},
		{
			why: "a security group by its name", with: with(ClusterTagsOptions{SecurityGroupIds: list("nodes")}),
			says: `tags: options.securityGroupIds: "nodes" is not valid: the id of a security group, sg-...`,
		},
		{
			why: "security groups of unknown number", with: with(ClusterTagsOptions{SecurityGroupIds: output}),
			says: "tags: options.securityGroupIds" + unknownLength,
		},
		{
			why: "an owned group that is none", with: with(ClusterTagsOptions{OwnedSecurityGroupId: new("sg-1")}),
			says: `tags: options.ownedSecurityGroupId: "sg-1" is not valid: the id of a security group, sg-...`,
		},
		{
			why: "a tag that tells Karpenter's nodes", with: with(ClusterTagsOptions{Tags: map[string]string{"karpenter.sh/nodepool": "x"}}),
			says: `tags: options.tags: "karpenter.sh/nodepool" is Karpenter's own tag: choose another key`,
		},
		{
			why: "the tags that the component is there to set",
			with: with(ClusterTagsOptions{Tags: map[string]string{
				"karpenter.sh/discovery": "other", "kubernetes.io/cluster/shop": "shared", "kubernetes.io/cluster/other": "shared",
			}}),
			says: `tags: 2 problems:
  - options.tags: "karpenter.sh/discovery" is set by this component: choose another key
  - options.tags: "kubernetes.io/cluster/shop" is set by this component: choose another key`,
		},
		{
			why: "a cluster with no subnets", with: with(ClusterTagsOptions{}), on: func(a *account) { a.subnets = nil },
			says: "tags: options.subnetIds: required: the cluster's facts name no subnets, so name those for nodes",
		},
		{
			why: "a cluster with no owned security group", with: with(ClusterTagsOptions{}), on: func(a *account) { a.owned = nil },
			says: "tags: options.ownedSecurityGroupId: no security group of the cluster's VPC bears kubernetes.io/cluster/shop = owned, " +
				"and exactly one must: name here the one that is to bear it",
		},
		{
			why: "a cluster with two owned security groups", with: with(ClusterTagsOptions{}),
			on: func(a *account) { a.owned = []string{nodeGroup, primaryGroup} },
			says: "tags: options.ownedSecurityGroupId: 2 security groups of the cluster's VPC bear kubernetes.io/cluster/shop = owned, " +
				"and exactly one may: " + primaryGroup + ", " + nodeGroup + "; take the tag off all but one, or name here the one to keep",
		},
	})
}

func TestClusterTagsRefusesFactsThatDoNotSuffice(t *testing.T) {
	t.Parallel()
	facts := func(change func(*ClusterFacts)) constructor {
		given := newAccount().knownFacts()
		change(given)
		return of(NewClusterTags, "tags", &ClusterTagsArgs{ClusterName: "shop", Cluster: given})
	}
	output := pulumi.StringArray{}.ToStringArrayOutput()
	assertRefused(t, []refusal{
		{
			why: "no subnets", with: facts(func(f *ClusterFacts) { f.SubnetIds = nil }),
			says: "tags: options.subnetIds: required: the cluster's facts name no subnets, so name those for nodes",
		},
		{
			why: "subnets of unknown number", with: facts(func(f *ClusterFacts) { f.SubnetIds = output }),
			says: "tags: cluster.subnetIds: the number of elements must be known before anything is deployed: give a pulumi.StringArray, whose elements may be outputs",
		},
		{
			why: "no primary security group", with: facts(func(f *ClusterFacts) { f.ClusterSecurityGroupId = nil }),
			says: "tags: options.securityGroupIds: required: the cluster's facts name no primary security group, so name those for nodes",
		},
		{
			why:  "no VPC in which to look for the owned group",
			with: facts(func(f *ClusterFacts) { f.VpcId, f.OwnedSecurityGroupIds = nil, nil }),
			says: "tags: cluster.vpcId: required to find the security group that bears kubernetes.io/cluster/shop = owned",
		},
		{
			why:  "two owned groups among the facts",
			with: facts(func(f *ClusterFacts) { f.OwnedSecurityGroupIds = list(primaryGroup, nodeGroup) }),
			says: "tags: options.ownedSecurityGroupId: 2 security groups of the cluster's VPC bear kubernetes.io/cluster/shop = owned, " +
				"and exactly one may: " + primaryGroup + ", " + nodeGroup + "; take the tag off all but one, or name here the one to keep",
		},
		{
			why: "nothing but the ARN", with: of(NewClusterTags, "tags", &ClusterTagsArgs{
				ClusterName: "shop", Cluster: &ClusterFacts{Arn: pulumi.String("arn:aws:eks:us-east-1:111122223333:cluster/shop")},
			}),
			says: `tags: 3 problems:
  - options.subnetIds: required: the cluster's facts name no subnets, so name those for nodes
  - options.securityGroupIds: required: the cluster's facts name no primary security group, so name those for nodes
  - cluster.vpcId: required to find the security group that bears kubernetes.io/cluster/shop = owned`,
		},
	})
}
