package components

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// All components read the cluster's facts in the same way, so one speaks for all.
func TestFactsOfAClusterAreRefused(t *testing.T) {
	t.Parallel()
	facts := func(change func(*ClusterFacts)) constructor {
		given := newAccount().knownFacts()
		change(given)
		return of(NewNodeRole, "node-role", &NodeRoleArgs{ClusterName: "shop", Cluster: given})
	}
	assertRefused(t, []refusal{
		{
			why: "without the ARN", with: facts(func(f *ClusterFacts) { f.Arn = nil }),
			says: "node-role: cluster.arn: required: the cluster's ARN, or leave out cluster to have it looked up",
		},
		{
			why: "with the ARN of something else", with: facts(func(f *ClusterFacts) { f.Arn = pulumi.String(nodeRoleARN) }),
			says: `node-role: cluster.arn: "` + nodeRoleARN + `" is not the ARN of an EKS cluster (arn:<partition>:eks:<region>:<account>:cluster/<name>)`,
		},
		{
			why:  "with the ARN of another cluster",
			with: facts(func(f *ClusterFacts) { f.Arn = pulumi.String("arn:aws:eks:us-east-1:111122223333:cluster/other") }),
			says: `node-role: cluster.arn: "arn:aws:eks:us-east-1:111122223333:cluster/other" is the ARN of cluster "other", but clusterName is "shop"`,
		},
		{
			why: "with an issuer without its scheme", with: facts(func(f *ClusterFacts) { f.Issuer = given("oidc.eks.us-east-1.amazonaws.com/id/0") }),
			says: `node-role: cluster.issuer: "oidc.eks.us-east-1.amazonaws.com/id/0" is not valid: the cluster's OIDC issuer URL, with https://`,
		},
		{
			why: "with an issuer that is empty", with: facts(func(f *ClusterFacts) { f.Issuer = given("") }),
			says: `node-role: cluster.issuer: "" is not valid: the cluster's OIDC issuer URL, with https://`,
		},
		{
			why: "with an IP family that is none", with: facts(func(f *ClusterFacts) { f.IpFamily = new("IPv6") }),
			says: `node-role: cluster.ipFamily: "IPv6" is not valid: one of ipv4, ipv6`,
		},
		{
			why: "with an authentication mode that is none", with: facts(func(f *ClusterFacts) { f.AuthenticationMode = new("BOTH") }),
			says: `node-role: cluster.authenticationMode: "BOTH" is not valid: one of API, API_AND_CONFIG_MAP, CONFIG_MAP`,
		},
		{
			why: "with all of it wrong", with: facts(func(f *ClusterFacts) {
				*f = ClusterFacts{Arn: pulumi.String("x"), Issuer: given("y"), IpFamily: new("z"), AuthenticationMode: new("")}
			}),
			says: `node-role: 4 problems:
  - cluster.arn: "x" is not the ARN of an EKS cluster (arn:<partition>:eks:<region>:<account>:cluster/<name>)
  - cluster.issuer: "y" is not valid: the cluster's OIDC issuer URL, with https://
  - cluster.ipFamily: "z" is not valid: one of ipv4, ipv6
  - cluster.authenticationMode: "" is not valid: one of API, API_AND_CONFIG_MAP, CONFIG_MAP`,
		},
	})
}
