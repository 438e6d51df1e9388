package tests

import (
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/components"
	"github.com/grafanix/eks-karpenter/program/stack"
	"github.com/grafanix/eks-karpenter/sandbox"
)

// TestNewCluster deploys for a cluster of which a preview knows only the name, as when the same program makes it: the
// preview is complete all the same.
func TestNewCluster(t *testing.T) {
	t.Parallel()
	cluster := sandbox.DefaultSpec().Clusters[0]
	program := func(ctx *pulumi.Context) error {
		key, err := kms.NewKey(ctx, "stands-for-the-cluster", nil)
		if err != nil {
			return err
		}
		later := func(value string) pulumi.StringOutput {
			return key.KeyId.ApplyT(func(string) string { return value }).(pulumi.StringOutput)
		}
		var subnets pulumi.StringArray
		for _, subnet := range cluster.Subnets {
			subnets = append(subnets, later(subnet.ID))
		}
		_, err = components.NewKarpenter(ctx, "karpenter", &components.KarpenterArgs{
			ClusterName: cluster.Name,
			Cluster: &components.ClusterFacts{
				Arn:                    later("arn:aws:eks:ap-northeast-2:123456789012:cluster/" + cluster.Name),
				Issuer:                 later("https://oidc.eks.ap-northeast-2.amazonaws.com/id/" + cluster.IssuerID),
				AuthenticationMode:     new("API"),
				VpcId:                  later(cluster.VPC.ID),
				SubnetIds:              subnets,
				ClusterSecurityGroupId: later(cluster.SecurityGroups[0].ID),
			},
		})
		return err
	}
	e := newEngine(t, sandbox.DefaultSpec(), plainStack, program)
	planned, _, err := e.preview()
	require.NoError(t, err)
	did, _ := e.mustUp()
	assert.Equal(t, planned.String(), did.String())
	assert.Len(t, e.resources(), 43+1)
	again, _ := e.mustUp()
	assert.Empty(t, again.String())
	e.mustEndAtStart()
}

// TestFailureInTheMiddle deploys into an account that has a role of the controller's name already: the error says so in
// AWS's words, what was made is kept, and once the role is out of the way the next up makes the rest.
func TestFailureInTheMiddle(t *testing.T) {
	t.Parallel()
	taken := "KarpenterControllerRole-grafanix-comic"
	spec := sandbox.DefaultSpec()
	spec.Roles = append(spec.Roles, sandbox.RoleSpec{Name: taken, Service: "ec2.amazonaws.com"})
	e := newEngine(t, spec, plainStack, stack.Deploy)
	_, _, err := e.up()
	require.ErrorContains(t, err, "EntityAlreadyExists: Role with name "+taken+" already exists.")
	assert.NotEmpty(t, e.resources(), "what was made is in the state")

	e.configure(plainStack + "  eks-karpenter:controllerRole: {name: another}\n")
	e.mustUp()
	again, _ := e.mustUp()
	assert.Empty(t, again.String(), "it has converged")
	e.mustEndAtStart()
}

// TestLongNames deploys for a cluster of the longest name that EKS takes, with everything on that has a name.
func TestLongNames(t *testing.T) {
	t.Parallel()
	spec := sandbox.DefaultSpec()
	name := "grafanix-comic-with-the-longest-name-that-eks-takes-"
	for len(name) < 100 {
		name += "x"
	}
	spec.Clusters[0].Name = name
	e := newEngine(t, spec, `config:
  aws:region: ap-northeast-2
  eks-karpenter:clusterName: `+name+`
  eks-karpenter:controllerRole: {additionalStatements: [{actions: ["ec2:DescribeVpcs"], resources: ["*"]}]}
  eks-karpenter:interruptionQueue: {createKmsKey: true, deadLetterQueue: true}
`, stack.Deploy)
	e.mustUp()
	again, _ := e.mustUp()
	assert.Empty(t, again.String())
	e.mustEndAtStart()
}

// TestExistingParts wires what exists: a node role, a queue and a controller role of somebody else's making.
func TestExistingParts(t *testing.T) {
	t.Parallel()
	spec := sandbox.DefaultSpec()
	spec.Roles = append(spec.Roles,
		sandbox.RoleSpec{Name: "our-nodes", Service: "ec2.amazonaws.com"},
		sandbox.RoleSpec{Name: "our-controller", Service: "pods.eks.amazonaws.com"})
	e := newEngine(t, spec, plainStack+`  eks-karpenter:nodeRole: {roleArn: "arn:aws:iam::123456789012:role/our-nodes", accessEntry: true}
  eks-karpenter:controllerRoleArn: arn:aws:iam::123456789012:role/our-controller
  eks-karpenter:interruptionQueueArn: arn:aws:sqs:ap-northeast-2:123456789012:our-queue
  eks-karpenter:skipClusterTags: true
`, stack.Deploy)
	_, result := e.mustUp()
	assert.Equal(t, []string{
		"aws:eks/accessEntry:AccessEntry karpenter-node-role",
		"aws:iam/instanceProfile:InstanceProfile karpenter-node-role",
		"eks-karpenter:index:Karpenter karpenter",
		"eks-karpenter:index:NodeRole karpenter-node-role",
	}, e.resources())
	for output, want := range map[string]any{
		"controllerRoleName": "our-controller",
		"nodeRoleName":       "our-nodes",
		"queueName":          "our-queue",
		"queueUrl":           "https://sqs.ap-northeast-2.amazonaws.com/123456789012/our-queue",
		"helmValues": map[string]any{
			"serviceAccount": map[string]any{
				"name":        "karpenter",
				"annotations": map[string]any{"eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/our-controller"},
			},
			"settings": map[string]any{"clusterName": "grafanix-comic", "interruptionQueue": "our-queue"},
		},
	} {
		assert.Equal(t, want, result.Outputs[output].Value, output)
	}
	e.mustEndAtStart()
}

// TestAuthenticationModes deploys to a cluster that takes no access entries: the output says what aws-auth must hold.
func TestAuthenticationModes(t *testing.T) {
	t.Parallel()
	spec := sandbox.DefaultSpec()
	spec.Clusters[0].AuthenticationMode, spec.Clusters[0].AccessEntries = "CONFIG_MAP", nil
	e := newEngine(t, spec, plainStack, stack.Deploy)
	_, result := e.mustUp()
	assert.NotContains(t, e.resources(), "aws:eks/accessEntry:AccessEntry karpenter-node-role")
	assert.Equal(t, `- rolearn: arn:aws:iam::123456789012:role/KarpenterNodeRole-grafanix-comic
  username: system:node:{{EC2PrivateDNSName}}
  groups:
    - system:bootstrappers
    - system:nodes
`, result.Outputs["awsAuth"].Value)

	e.configure(plainStack + "  eks-karpenter:nodeRole: {accessEntry: true}\n")
	_, _, err := e.up()
	require.ErrorContains(t, err, "karpenter: nodeRole.accessEntry: the cluster's authentication mode is CONFIG_MAP")
	e.configure(plainStack)
	e.mustEndAtStart()
}

// TestOIDCProvider makes the provider for a cluster whose account has none, and trusts it.
func TestOIDCProvider(t *testing.T) {
	t.Parallel()
	spec := sandbox.DefaultSpec()
	spec.Clusters[0].OIDCProvider = false
	e := newEngine(t, spec, plainStack+"  eks-karpenter:controllerRole: {createOidcProvider: true}\n", stack.Deploy)
	e.mustUp()
	assert.Contains(t, e.resources(), "aws:iam/openIdConnectProvider:OpenIdConnectProvider karpenter-controller-role-oidc")
	e.mustEndAtStart()
}

// TestIPv6 attaches the account's own CNI policy, which AWS does not provide, on an IPv6 cluster.
func TestIPv6(t *testing.T) {
	t.Parallel()
	spec := sandbox.DefaultSpec()
	spec.Clusters[0].IPFamily = "ipv6"
	e := newEngine(t, spec, plainStack, stack.Deploy)
	_, _, err := e.up()
	require.ErrorContains(t, err, "arn:aws:iam::123456789012:policy/AmazonEKS_CNI_IPv6_Policy", "the account has no such policy")

	program := func(ctx *pulumi.Context) error {
		cni, err := iam.NewPolicy(ctx, "cni", &iam.PolicyArgs{
			Name:   pulumi.String("AmazonEKS_CNI_IPv6_Policy"),
			Policy: pulumi.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:AssignIpv6Addresses","Resource":"*"}]}`),
		})
		if err != nil {
			return err
		}
		_, err = components.NewNodeRole(ctx, "nodes", &components.NodeRoleArgs{ClusterName: "grafanix-comic"}, pulumi.DependsOn([]pulumi.Resource{cni}))
		return err
	}
	e = newEngine(t, spec, plainStack, program)
	e.mustUp()
	e.mustEndAtStart()
}
