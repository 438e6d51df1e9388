package cluster

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/whole/internal/account"
)

func TestClustersThatEKSWouldRefuseAreRefused(t *testing.T) {
	t.Parallel()
	subnets := func(ids ...string) *ClusterArgs {
		args := least(nil)
		args.PrivateSubnetIds = pulumi.ToStringArray(ids)
		return args
	}
	for _, row := range []struct {
		why  string
		args *ClusterArgs
		says string
	}{
		{"no args", nil, `cluster: 3 problems:
  - clusterName: required: the EKS cluster's name
  - vpcId: required: the VPC that the cluster is to be in
  - privateSubnetIds: required: the VPC's private subnets, two at least, in two zones`},
		{"everything at once", &ClusterArgs{
			ClusterName: "-shop", VpcId: pulumi.String("subnet-0"), PrivateSubnetIds: pulumi.ToStringArray([]string{subnetA, "vpc-0"}),
			Options: &ClusterOptions{
				KubernetesVersion: new("v1.34"), AuthenticationMode: new("CONFIG_MAP"), PublicAccessCidrs: []string{"203.0.113.1"}, IpFamily: new("IPv6"),
				SecretsKmsKeyArn: pulumi.String("alias/eks"), EnabledLogTypes: []string{"api", "all"},
				VpcCniVersion: new("latest"), KubeProxyVersion: new("v1.34"),
			},
		}, `cluster: 11 problems:
  - clusterName: "-shop" is not valid: 1 to 100 letters, digits, hyphens and underscores, a letter or digit first
  - vpcId: "subnet-0" is not valid: the id of a VPC, vpc-...
  - privateSubnetIds[1]: "vpc-0" is not valid: the id of a subnet, subnet-...
  - options.kubernetesVersion: "v1.34" is not valid: a version of Kubernetes, such as 1.34
  - options.authenticationMode: "CONFIG_MAP" is not valid: one of API_AND_CONFIG_MAP, API
  - options.publicAccessCidrs[0]: "203.0.113.1" is not valid: a network, such as 203.0.113.0/24
  - options.vpcCniVersion: "latest" is not valid: a version of an add-on, such as v1.20.4-eksbuild.2
  - options.kubeProxyVersion: "v1.34" is not valid: a version of an add-on, such as v1.20.4-eksbuild.2
  - options.ipFamily: "IPv6" is not valid: one of ipv4, ipv6
  - options.secretsKmsKeyArn: "alias/eks" is not valid: the ARN of a KMS key (an alias will not do)
  - options.enabledLogTypes[1]: "all" is not valid: one of api, audit, authenticator, controllerManager, scheduler`},
		{
			"one subnet", subnets(subnetA),
			"cluster: privateSubnetIds: required: the VPC's private subnets, two at least, in two zones",
		},
		{"one subnet twice", subnets(subnetA, subnetA), `cluster: privateSubnetIds: "` + subnetA + `" is listed twice: list it once`},
		{
			"subnets as a whole",
			&ClusterArgs{
				ClusterName: "shop", VpcId: pulumi.String(vpc),
				PrivateSubnetIds: pulumi.ToStringArray([]string{subnetA, subnetB}).ToStringArrayOutput(),
			},
			"cluster: privateSubnetIds: the number of elements must be known before anything is deployed: " +
				"give a pulumi.StringArray, whose elements may be outputs",
		},
		{
			"networks outside that may reach what is closed", least(&ClusterOptions{
				EndpointPublicAccess: new(false), PublicAccessCidrs: []string{"203.0.113.0/24"},
			}),
			"cluster: options.publicAccessCidrs: endpointPublicAccess is off, so none may reach the API server from outside: leave out one of the two",
		},
	} {
		t.Run(row.why, func(t *testing.T) {
			t.Parallel()
			a := &account.Account{}
			var refused error
			err := a.Run(nil, func(ctx *pulumi.Context) error {
				_, refused = NewCluster(ctx, "cluster", row.args)
				return refused
			})
			require.Error(t, refused)
			require.ErrorIs(t, err, refused, "the program ends with the error")
			assert.Equal(t, row.says, refused.Error())
			assert.Empty(t, a.Registered, "nothing is registered")
			assert.Empty(t, a.Calls)
		})
	}
}
