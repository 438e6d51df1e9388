package components

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func TestWhatClusterTagsOptionsChange(t *testing.T) {
	t.Parallel()
	with := func(options ClusterTagsOptions) constructor {
		return of(NewClusterTags, "tags", &ClusterTagsArgs{ClusterName: "shop", Options: &options})
	}
	owned := func(groups ...string) func(*account) { return func(a *account) { a.owned = groups } }
	assertChanges(t, "clustertags", []change{
		{
			name: "subnetIds", why: "the subnets named are tagged in place of the cluster's",
			with: with(ClusterTagsOptions{SubnetIds: list("subnet-0cccccccccccccccc")}),
		},
		{
			name: "securityGroupIds", why: "the groups named are tagged in place of the primary one",
			with: with(ClusterTagsOptions{SecurityGroupIds: list(nodeGroup, "sg-0cccccccccccccccc")}),
		},
		{
			name: "tags", why: "the user's tags go on the same resources, one tag resource each",
			with: with(ClusterTagsOptions{Tags: map[string]string{"team": "shop", "kubernetes.io/role/elb": "1"}}),
		},
		{
			name: "ownedSecurityGroupId", why: "the one that bears the tag is kept, and its tag outlives the stack",
			with: with(ClusterTagsOptions{OwnedSecurityGroupId: new(primaryGroup)}),
		},
		{
			name: "ownedSecurityGroupId-where-none-is", why: "the group named is given the tag",
			with: with(ClusterTagsOptions{OwnedSecurityGroupId: new(nodeGroup)}), on: owned(),
		},
		{
			name: "ownedSecurityGroupId-where-two-are", why: "the group named keeps the tag, the other is left as it is",
			with: with(ClusterTagsOptions{OwnedSecurityGroupId: new(nodeGroup)}), on: owned(primaryGroup, nodeGroup),
		},
		{
			name: "another-is-owned", why: "the owned group need not be the one that is tagged for discovery",
			with: with(ClusterTagsOptions{}), on: owned(nodeGroup),
		},
		{
			name: "unknown-elements", why: "elements that only the deployment knows are named by their place",
			with: func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) (pulumi.ComponentResource, error) {
				later := pulumi.String("subnet-0cccccccccccccccc").ToStringOutput()
				return NewClusterTags(ctx, "tags", &ClusterTagsArgs{ClusterName: "shop", Options: &ClusterTagsOptions{
					SubnetIds: pulumi.StringArray{pulumi.String(privateSubnet), later},
				}}, opts...)
			},
		},
	})
}
