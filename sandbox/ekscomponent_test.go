package sandbox_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/sandbox"
)

// eksCluster is eks:index:Cluster, as far as the tests read it.
type eksCluster struct {
	pulumi.ResourceState
	GroupID        pulumi.StringOutput `pulumi:"clusterSecurityGroupId"`
	NodeGroupID    pulumi.StringOutput `pulumi:"nodeSecurityGroupId"`
	ProviderARN    pulumi.StringOutput `pulumi:"oidcProviderArn"`
	ProviderURL    pulumi.StringOutput `pulumi:"oidcProviderUrl"`
	Issuer         pulumi.StringOutput `pulumi:"oidcIssuer"`
	KubeconfigJSON pulumi.StringOutput `pulumi:"kubeconfigJson"`
	Core           pulumi.MapOutput    `pulumi:"core"`
}

// scratch are the inputs of a cluster in the VPC that has none.
func scratch(more pulumi.Map) pulumi.Map {
	inputs := pulumi.Map{
		"name": pulumi.String("shop"), "version": pulumi.String("1.34"), "vpcId": pulumi.String("vpc-0c3e7a91f5d8b2640"),
		"privateSubnetIds":     pulumi.ToStringArray([]string{"subnet-05a9c3e17b6d2f480", "subnet-06b1d7f4938ce5a20"}),
		"publicSubnetIds":      pulumi.ToStringArray([]string{"subnet-07c2e8a5b041f9d63", "subnet-08d3f9b6c152a0e74"}),
		"skipDefaultNodeGroup": pulumi.Bool(true), "authenticationMode": pulumi.String("API"),
	}
	maps.Copy(inputs, more)
	return inputs
}

// withCluster registers a cluster and exports what other resources need of it.
func withCluster(inputs pulumi.Map) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		var cluster eksCluster
		if err := ctx.RegisterRemoteComponentResource("eks:index:Cluster", "shop", inputs, &cluster); err != nil {
			return err
		}
		for name, output := range map[string]pulumi.Output{
			"group": cluster.GroupID, "nodes": cluster.NodeGroupID, "providerArn": cluster.ProviderARN, "providerUrl": cluster.ProviderURL,
			"issuer": cluster.Issuer, "kubeconfig": cluster.KubeconfigJSON, "endpoint": cluster.Core.MapIndex(pulumi.String("endpoint")),
		} {
			ctx.Export(name, output)
		}
		return nil
	}
}

// tree are the resources of a deployment as parents, types and names.
func tree(t *testing.T, stack auto.Stack) []string {
	t.Helper()
	exported, err := stack.Export(t.Context())
	require.NoError(t, err)
	var deployment apitype.DeploymentV3
	require.NoError(t, json.Unmarshal(exported.Deployment, &deployment))
	var lines []string
	for _, resource := range deployment.Resources {
		if path := string(resource.URN.QualifiedType()); strings.Contains(path, "eks:index:Cluster") {
			lines = append(lines, strings.TrimPrefix(path, "eks:index:Cluster$")+" "+resource.URN.Name())
		}
	}
	slices.Sort(lines)
	return lines
}

// theChildren are what pulumi-eks registers for a cluster without nodes.
var theChildren = []string{
	"aws:ec2/securityGroup:SecurityGroup shop-eksClusterSecurityGroup",
	"aws:ec2/securityGroup:SecurityGroup shop-nodeSecurityGroup",
	"aws:ec2/securityGroupRule:SecurityGroupRule shop-eksClusterIngressRule",
	"aws:ec2/securityGroupRule:SecurityGroupRule shop-eksClusterInternetEgressRule",
	"aws:ec2/securityGroupRule:SecurityGroupRule shop-eksExtApiServerClusterIngressRule",
	"aws:ec2/securityGroupRule:SecurityGroupRule shop-eksNodeClusterIngressRule",
	"aws:ec2/securityGroupRule:SecurityGroupRule shop-eksNodeIngressRule",
	"aws:ec2/securityGroupRule:SecurityGroupRule shop-eksNodeInternetEgressRule",
	"aws:eks/addon:Addon shop-kube-proxy",
	"aws:eks/cluster:Cluster shop-eksCluster",
	"aws:iam/openIdConnectProvider:OpenIdConnectProvider shop-oidcProvider",
	"eks:index:Cluster shop",
	"eks:index:ServiceRole shop-eksRole",
	"eks:index:ServiceRole$aws:iam/role:Role shop-eksRole-role",
	"eks:index:ServiceRole$aws:iam/rolePolicyAttachment:RolePolicyAttachment shop-eksRole-4b490823",
	"eks:index:VpcCniAddon shop-vpc-cni",
	"eks:index:VpcCniAddon$aws:eks/addon:Addon shop-vpc-cni",
	"pulumi:providers:kubernetes shop-eks-k8s",
}

func TestEngineConstructsAClusterAndLeavesNothing(t *testing.T) {
	account, err := sandbox.NewAccount(sandbox.DefaultSpec())
	require.NoError(t, err)
	start := account.Dump()
	stack := deployment(t, account, withCluster(scratch(pulumi.Map{"createOidcProvider": pulumi.Bool(true)})))
	ctx := t.Context()

	preview, err := stack.Preview(ctx)
	require.NoError(t, err)
	made := len(theChildren) + 1
	assert.Equal(t, made, preview.ChangeSummary["create"])
	assert.Equal(t, string(start), string(account.Dump()), "a preview changes nothing")

	up, err := stack.Up(ctx)
	require.NoError(t, err)
	assert.Equal(t, map[string]int{"create": made}, *up.Summary.ResourceChanges)
	assert.Equal(t, theChildren, tree(t, stack))
	client, err := account.Client("ap-northeast-2")
	require.NoError(t, err)
	asTheAccountHasIt(t, client, up.Outputs)

	again, err := stack.Up(ctx)
	require.NoError(t, err)
	assert.Equal(t, map[string]int{"same": made}, *again.Summary.ResourceChanges)
	refresh, err := stack.Refresh(ctx)
	require.NoError(t, err)
	assert.Equal(t, map[string]int{"same": made}, *refresh.Summary.ResourceChanges)

	_, err = stack.Destroy(ctx)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(start, account.Dump()), "destroyed, the account is as it was")
}

// asTheAccountHasIt holds the component's outputs against the account.
func asTheAccountHasIt(t *testing.T, client *sandbox.Client, outputs auto.OutputMap) {
	t.Helper()
	of := func(name string) string { return fmt.Sprint(outputs[name].Value) }
	cluster, err := client.DescribeCluster("shop")
	require.NoError(t, err)
	assert.Equal(t, []string{of("group")}, cluster.SecurityGroupIDs)
	assert.Equal(t, "https://"+of("issuer"), of("providerUrl"))
	assert.Equal(t, cluster.Issuer, of("providerUrl"))
	assert.Equal(t, "arn:aws:iam::123456789012:oidc-provider/"+of("issuer"), of("providerArn"))
	assert.Equal(t, cluster.Endpoint, of("endpoint"))
	assert.Len(t, cluster.SubnetIDs, 4)
	assert.Equal(t, "shop-eksCluster", cluster.Tags["Name"])
	for _, part := range []string{cluster.Endpoint, cluster.CertificateData, `"--region","ap-northeast-2"`, `"--cluster-name","shop"`} {
		assert.Contains(t, of("kubeconfig"), part)
	}
	owned, err := client.DescribeSecurityGroups([]sandbox.Filter{{Name: "tag:kubernetes.io/cluster/shop", Values: []string{"owned"}}})
	require.NoError(t, err)
	var ids []string
	for _, group := range owned {
		ids = append(ids, group.ID)
	}
	assert.ElementsMatch(t, []string{cluster.PrimaryGroupID, of("nodes")}, ids, "EKS's own group, and that of pulumi-eks")
	cni, err := client.DescribeAddon("shop", "vpc-cni")
	require.NoError(t, err)
	assert.Contains(t, cni.Configuration, `"WARM_ENI_TARGET":"1"`)
	assert.Equal(t, "v1.20.4-eksbuild.2", cni.Version, "the most recent one")
}

// withRoles registers a cluster whose roles the program makes itself.
func withRoles(ctx *pulumi.Context) error {
	var control, nodes thing
	if err := ctx.RegisterResource("aws:iam/role:Role", "control", pulumi.Map{"assumeRolePolicy": trusting("eks.amazonaws.com")}, &control); err != nil {
		return err
	}
	if err := ctx.RegisterResource("aws:iam/role:Role", "nodes", pulumi.Map{"assumeRolePolicy": trusting("ec2.amazonaws.com")}, &nodes); err != nil {
		return err
	}
	inputs := scratch(pulumi.Map{
		"serviceRole": pulumi.NewResourceOutput(&control), "instanceRole": pulumi.NewResourceOutput(&nodes),
		"authenticationMode": pulumi.String("API_AND_CONFIG_MAP"), "skipDefaultSecurityGroups": pulumi.Bool(true), "useDefaultVpcCni": pulumi.Bool(true),
		"kubeProxyAddonOptions": pulumi.Map{"enabled": pulumi.Bool(false)},
		"corednsAddonOptions":   pulumi.Map{"enabled": pulumi.Bool(true), "configurationValues": pulumi.Map{"replicaCount": pulumi.Int(3)}},
		"accessEntries": pulumi.Map{"admins": pulumi.Map{
			"principalArn": pulumi.String("arn:aws:iam::123456789012:role/grafanix-comic-system-nodes"), "kubernetesGroups": pulumi.ToStringArray([]string{"admins"}),
		}},
		"tags": pulumi.StringMap{"team": pulumi.String("platform")}, "clusterTags": pulumi.StringMap{"Name": pulumi.String("ours")},
		"endpointPrivateAccess": pulumi.Bool(true), "ipFamily": pulumi.String("ipv6"),
	})
	return withCluster(inputs)(ctx)
}

func TestEngineConstructsAClusterAsItIsAskedTo(t *testing.T) {
	account, err := sandbox.NewAccount(sandbox.DefaultSpec())
	require.NoError(t, err)
	start := account.Dump()
	stack := deployment(t, account, withRoles)
	ctx := t.Context()
	_, err = stack.Preview(ctx)
	require.NoError(t, err)
	up, err := stack.Up(ctx)
	require.NoError(t, err)
	assert.Equal(t, []string{
		"aws:eks/accessEntry:AccessEntry shop-admins",
		"aws:eks/accessEntry:AccessEntry shop-defaultNodeGroupInstanceRole",
		"aws:eks/addon:Addon shop-coredns",
		"aws:eks/cluster:Cluster shop-eksCluster",
		"eks:index:Cluster shop",
		"kubernetes:core/v1:ConfigMap shop-nodeAccess",
		"pulumi:providers:kubernetes shop-eks-k8s",
	}, tree(t, stack))

	client, err := account.Client("ap-northeast-2")
	require.NoError(t, err)
	cluster, err := client.DescribeCluster("shop")
	require.NoError(t, err)
	assert.Equal(t, cluster.PrimaryGroupID, up.Outputs["group"].Value, "there is no other")
	assert.Equal(t, sandbox.Tags{"Name": "ours", "team": "platform"}, cluster.Tags)
	assert.Equal(t, "ipv6", cluster.IPFamily)
	assert.Equal(t, sandbox.ClusterAccess{Private: true, Public: true, PublicCIDRs: []string{"0.0.0.0/0"}}, *cluster.Access)
	assert.Empty(t, up.Outputs["providerArn"].Value)
	coredns, err := client.DescribeAddon("shop", "coredns")
	require.NoError(t, err)
	assert.JSONEq(t, `{"replicaCount":3}`, coredns.Configuration)
	admins, err := client.DescribeAccessEntry("shop", "arn:aws:iam::123456789012:role/grafanix-comic-system-nodes")
	require.NoError(t, err)
	assert.Equal(t, []string{"admins"}, admins.Groups)

	_, err = stack.Destroy(ctx)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(start, account.Dump()), "destroyed, the account is as it was")
}

func TestEngineIsToldWhatAClusterCannotBe(t *testing.T) {
	account, err := sandbox.NewAccount(sandbox.DefaultSpec())
	require.NoError(t, err)
	stack := deployment(t, account, withCluster(scratch(pulumi.Map{"fargate": pulumi.Bool(true), "skipDefaultNodeGroup": pulumi.Bool(false)})))
	_, err = stack.Preview(t.Context())
	require.ErrorContains(t, err, `eks:index:Cluster (shop): the sandbox does not model the input "fargate"`)
	require.ErrorContains(t, err, "the sandbox does not model the default node group: set skipDefaultNodeGroup")

	stack.Workspace().SetProgram(func(ctx *pulumi.Context) error {
		var group eksCluster
		return ctx.RegisterRemoteComponentResource("eks:index:ManagedNodeGroup", "nodes", pulumi.Map{}, &group)
	})
	_, err = stack.Preview(t.Context())
	require.ErrorContains(t, err, "the sandbox does not have the component eks:index:ManagedNodeGroup")
}
