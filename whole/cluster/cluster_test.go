package cluster

import (
	"context"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/internals"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/internal/component"
	"github.com/grafanix/eks-karpenter/whole/internal/account"
)

const (
	clusterToken   = "eks:index:Cluster"
	componentToken = "eks-karpenter:index:Cluster"
	addonToken     = "aws:eks/addon:Addon"

	vpc     = "vpc-0c3e7a91f5d8b2640"
	subnetA = "subnet-05a9c3e17b6d2f480"
	subnetB = "subnet-06b1d7f4938ce5a20"
	keyARN  = "arn:aws:kms:ap-northeast-2:111122223333:key/0f9a6c1e-2d3b-4c5d-8e7f-a1b2c3d4e5f6"
)

// least are the args that every cluster needs.
func least(options *ClusterOptions) *ClusterArgs {
	return &ClusterArgs{
		ClusterName: "shop", VpcId: pulumi.String(vpc), PrivateSubnetIds: pulumi.ToStringArray([]string{subnetA, subnetB}), Options: options,
	}
}

// makeIn makes a cluster in an account.
func makeIn(t *testing.T, a *account.Account, args *ClusterArgs) (made *Cluster) {
	t.Helper()
	require.NoError(t, a.Run(nil, func(ctx *pulumi.Context) (err error) {
		made, err = NewCluster(ctx, "cluster", args)
		return err
	}))
	return made
}

// inputsWith are the inputs of the least cluster, with others.
func inputsWith(others map[string]any) map[string]any {
	inputs := map[string]any{
		"name": "shop", "vpcId": vpc, "privateSubnetIds": []any{subnetA, subnetB}, "authenticationMode": "API_AND_CONFIG_MAP",
		"createOidcProvider": true, "endpointPrivateAccess": true, "endpointPublicAccess": true,
		"skipDefaultNodeGroup": true, "skipDefaultSecurityGroups": true,
	}
	for name, value := range others {
		inputs[name] = value
	}
	return inputs
}

func TestAClusterIsMadeWithItsAgentAndNothingElse(t *testing.T) {
	t.Parallel()
	a := &account.Account{}
	makeIn(t, a, least(nil))

	require.Len(t, a.Registered, 3)
	assert.Equal(t, map[string]any{
		"clusterName": "shop", "vpcId": vpc, "privateSubnetIds": []any{subnetA, subnetB},
	}, a.Of(componentToken, "cluster").Inputs)
	assert.Equal(t, account.Registration{
		Token: clusterToken, Name: "cluster", Parent: componentToken + "::cluster", Inputs: inputsWith(nil), Remote: true,
	}, a.Of(clusterToken, "cluster"))
	assert.Equal(t, account.Registration{
		Token: addonToken, Name: "cluster-pod-identity-agent", Parent: componentToken + "::cluster",
		Inputs: map[string]any{"clusterName": "shop", "addonName": "eks-pod-identity-agent"},
		Waits:  []string{clusterToken + "::cluster"},
	}, a.Of(addonToken, "cluster-pod-identity-agent"))
	assert.Empty(t, a.Calls, "nothing is looked up")
}

func TestEveryOptionReachesTheCluster(t *testing.T) {
	t.Parallel()
	for why, row := range map[string]struct {
		options ClusterOptions
		others  map[string]any
	}{
		"IPv6":                      {ClusterOptions{IpFamily: new("ipv6")}, map[string]any{"ipFamily": "ipv6"}},
		"access entries alone":      {ClusterOptions{AuthenticationMode: new("API")}, map[string]any{"authenticationMode": "API"}},
		"from within the VPC alone": {ClusterOptions{EndpointPublicAccess: new(false)}, map[string]any{"endpointPublicAccess": false}},
		"defaults that are said":    {ClusterOptions{EndpointPublicAccess: new(true), AuthenticationMode: new("API_AND_CONFIG_MAP")}, nil},
		"lists that say nothing":    {ClusterOptions{PublicAccessCidrs: []string{}, EnabledLogTypes: []string{}, Tags: map[string]string{}}, nil},
		"the rest, all at once": {
			ClusterOptions{
				KubernetesVersion: new("1.34"), PublicAccessCidrs: []string{"203.0.113.0/24", "2001:db8::/32"}, IpFamily: new("ipv4"),
				SecretsKmsKeyArn: pulumi.String(keyARN), EnabledLogTypes: []string{"api", "audit", "authenticator", "controllerManager", "scheduler"},
				Tags: map[string]string{"team": "shop"}, VpcCniVersion: new("v1.20.4-eksbuild.2"), KubeProxyVersion: new("v1.34.1-eksbuild.2"),
			},
			map[string]any{
				"version": "1.34", "publicAccessCidrs": []any{"203.0.113.0/24", "2001:db8::/32"}, "ipFamily": "ipv4", "encryptionConfigKeyArn": keyARN,
				"enabledClusterLogTypes": []any{"api", "audit", "authenticator", "controllerManager", "scheduler"}, "tags": map[string]any{"team": "shop"},
				"vpcCniOptions":         pinned("addonVersion", "v1.20.4-eksbuild.2"),
				"kubeProxyAddonOptions": pinned("version", "v1.34.1-eksbuild.2"),
			},
		},
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			a := &account.Account{}
			makeIn(t, a, least(&row.options))
			assert.Equal(t, inputsWith(row.others), a.Of(clusterToken, "cluster").Inputs)
			assert.Equal(t, row.others["tags"], a.Of(addonToken, "cluster-pod-identity-agent").Inputs["tags"])
		})
	}
}

// pinned are the options of an add-on that is given a version; the rest is pulumi-eks's default.
func pinned(property, version string) map[string]any {
	return map[string]any{property: version, "resolveConflictsOnCreate": "OVERWRITE", "resolveConflictsOnUpdate": "OVERWRITE"}
}

// value is an output's, "<unknown>" where it has none yet.
func value(t *testing.T, output pulumi.Output) any {
	t.Helper()
	result, err := internals.UnsafeAwaitOutput(context.Background(), output)
	require.NoError(t, err)
	if !result.Known {
		return "<unknown>"
	}
	return result.Value
}

func TestOutputsAndFactsAreWhatTheClusterHas(t *testing.T) {
	t.Parallel()
	for why, preview := range map[string]bool{"once it is made": false, "before": true} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			c := makeIn(t, &account.Account{Preview: preview}, least(&ClusterOptions{IpFamily: new("ipv6"), AuthenticationMode: new("API")}))
			facts := c.Facts
			for output, want := range map[pulumi.Output]any{
				c.ClusterName: "shop", c.ClusterArn: account.ARN("shop"), c.ClusterEndpoint: account.Endpoint("shop"), c.OidcIssuer: account.Issuer,
				c.ClusterSecurityGroupId: account.SecurityGroup, c.OidcProviderArn: account.OidcProvider, c.Kubeconfig: account.Kubeconfig("shop"),
				facts.Arn.ToStringOutput():                                           account.ARN("shop"),
				facts.Issuer.ToStringPtrOutput().Elem():                              account.Issuer,
				facts.ClusterSecurityGroupId.ToStringPtrOutput().Elem():              account.SecurityGroup,
				facts.OwnedSecurityGroupIds.(pulumi.StringArray)[0].ToStringOutput(): account.SecurityGroup,
			} {
				if preview {
					want = "<unknown>"
				}
				assert.Equal(t, want, value(t, output))
			}
			assert.Len(t, facts.OwnedSecurityGroupIds, 1, "EKS's own, and no other")
			assert.Equal(t, pulumi.String(vpc), facts.VpcId, "what is plain stays plain")
			assert.Equal(t, pulumi.ToStringArray([]string{subnetA, subnetB}), facts.SubnetIds)
			assert.Equal(t, "ipv6", *facts.IpFamily)
			assert.Equal(t, "API", *facts.AuthenticationMode)
		})
	}
}

func TestAVPCThatTheProgramMakesMayComeLate(t *testing.T) {
	t.Parallel()
	a := &account.Account{Preview: true}
	made := makeIn(t, a, &ClusterArgs{
		ClusterName: "shop", VpcId: pulumi.ID(vpc).ToStringOutput(),
		PrivateSubnetIds: pulumi.StringArray{pulumi.String(subnetA).ToStringOutput(), pulumi.String(subnetB).ToStringOutput()},
	})
	assert.Equal(t, inputsWith(nil), a.Of(clusterToken, "cluster").Inputs)
	assert.Len(t, made.Facts.SubnetIds, 2, "the list's length is known")
	_, isKnown := component.Known(made.Facts.VpcId)
	assert.False(t, isKnown)
}

func TestTheClusterIsToldByItsOIDCProviderInEveryPartition(t *testing.T) {
	t.Parallel()
	for provider, want := range map[string]string{
		account.OidcProvider: account.ARN("shop"),
		"arn:aws-cn:iam::111122223333:oidc-provider/oidc.eks.cn-north-1.amazonaws.com.cn/id/0":     "arn:aws-cn:eks:cn-north-1:111122223333:cluster/shop",
		"arn:aws-us-gov:iam::111122223333:oidc-provider/oidc.eks.us-gov-west-1.amazonaws.com/id/0": "arn:aws-us-gov:eks:us-gov-west-1:111122223333:cluster/shop",
		"arn:aws:iam::111122223333:oidc-provider/oidc-eks.eu-west-1.api.aws/id/0":                  "arn:aws:eks:eu-west-1:111122223333:cluster/shop",
	} {
		told, err := clusterOf(provider, "shop")
		require.NoError(t, err)
		assert.Equal(t, want, told.ARN())
	}
	_, err := clusterOf("", "shop")
	assert.EqualError(t, err, `"" is not the ARN of an EKS cluster's OIDC provider (arn:<partition>:iam::<account>:oidc-provider/oidc.eks.<region>...)`)
}

func TestAKubeconfigThatIsNoneIsAnError(t *testing.T) {
	t.Parallel()
	for kubeconfig, says := range map[string]string{
		"":                       "the cluster's kubeconfig: unexpected end of JSON input",
		"{}":                     "the cluster's kubeconfig: 0 clusters are in it, and not one",
		`{"clusters": [{}, {}]}`: "the cluster's kubeconfig: 2 clusters are in it, and not one",
	} {
		_, err := endpoint(kubeconfig)
		assert.EqualError(t, err, says)
	}
}
