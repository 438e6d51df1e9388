package sandbox_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/sandbox"
)

// thing is any resource, with the outputs that other resources need.
type thing struct {
	pulumi.CustomResourceState
	ARN   pulumi.StringOutput `pulumi:"arn"`
	Name  pulumi.StringOutput `pulumi:"name"`
	URL   pulumi.StringOutput `pulumi:"url"`
	KeyID pulumi.StringOutput `pulumi:"keyId"`

	LatestVersion pulumi.IntOutput `pulumi:"latestVersion"`
}

const trustEC2 = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`

// trusting is the same for another service.
func trusting(service string) pulumi.String {
	return pulumi.String(strings.Replace(trustEC2, "ec2.amazonaws.com", service, 1))
}

// everything registers one resource of every type.
func everything(retention int) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		var failed error
		add := func(token, name string, inputs pulumi.Map) *thing {
			var t thing
			if err := ctx.RegisterResource(token, name, inputs, &t); err != nil && failed == nil {
				failed = err
			}
			return &t
		}
		role := add("aws:iam/role:Role", "node", pulumi.Map{
			"name": pulumi.String("KarpenterNodeRole"), "assumeRolePolicy": pulumi.String(trustEC2),
			"tags": pulumi.StringMap{"team": pulumi.String("platform")},
		})
		policy := add("aws:iam/policy:Policy", "controller", pulumi.Map{
			"policy": pulumi.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:Describe*","Resource":"*"}]}`),
		})
		add("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "attached", pulumi.Map{"role": role.Name, "policyArn": policy.ARN})
		add("aws:iam/rolePolicy:RolePolicy", "inline", pulumi.Map{
			"role":   role.ID(),
			"policy": pulumi.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:*","Resource":"*"}]}`),
		})
		add("aws:iam/instanceProfile:InstanceProfile", "profile", pulumi.Map{"role": role.Name})
		add("aws:iam/openIdConnectProvider:OpenIdConnectProvider", "issuer", pulumi.Map{
			"url": pulumi.String("https://oidc.example.com/id/1"), "clientIdLists": pulumi.StringArray{pulumi.String("sts.amazonaws.com")},
		})
		add("aws:eks/accessEntry:AccessEntry", "entry", pulumi.Map{
			"clusterName": pulumi.String("grafanix-comic"), "principalArn": role.ARN, "type": pulumi.String("EC2_LINUX"),
		})
		add("aws:eks/podIdentityAssociation:PodIdentityAssociation", "pods", pulumi.Map{
			"clusterName": pulumi.String("grafanix-comic"), "namespace": pulumi.String("kube-system"),
			"serviceAccount": pulumi.String("karpenter"), "roleArn": role.ARN,
		})
		key := add("aws:kms/key:Key", "key", pulumi.Map{"description": pulumi.String("events"), "enableKeyRotation": pulumi.Bool(true)})
		add("aws:kms/alias:Alias", "alias", pulumi.Map{"name": pulumi.String("alias/events"), "targetKeyId": key.KeyID})
		queue := add("aws:sqs/queue:Queue", "queue", pulumi.Map{
			"name": pulumi.String("grafanix-comic"), "messageRetentionSeconds": pulumi.Int(retention), "kmsMasterKeyId": key.ARN,
		})
		add("aws:sqs/queuePolicy:QueuePolicy", "send", pulumi.Map{
			"queueUrl": queue.URL,
			"policy": pulumi.Sprintf(`{"Version":"2012-10-17","Statement":[{"Sid":"Send","Effect":"Allow",`+
				`"Principal":{"Service":"events.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"%s"}]}`, queue.ARN),
		})
		rule := add("aws:cloudwatch/eventRule:EventRule", "spot", pulumi.Map{"eventPattern": pulumi.String(`{"source":["aws.ec2"]}`)})
		add("aws:cloudwatch/eventTarget:EventTarget", "to-queue", pulumi.Map{"rule": rule.Name, "arn": queue.ARN})
		add("aws:ec2/tag:Tag", "discovery", pulumi.Map{
			"resourceId": pulumi.String("subnet-0b7d1e94c2f83a561"), "key": pulumi.String("karpenter.sh/discovery"), "value": pulumi.String("grafanix-comic"),
		})
		aClusterWithNodes(add, role)
		return failed
	}
}

// aClusterWithNodes registers one resource of every type around a cluster, in
// the VPC that has none.
func aClusterWithNodes(add func(token, name string, inputs pulumi.Map) *thing, nodes *thing) {
	subnets := pulumi.ToStringArray([]string{"subnet-05a9c3e17b6d2f480", "subnet-06b1d7f4938ce5a20"})
	vpc := pulumi.String("vpc-0c3e7a91f5d8b2640")
	add("aws:iam/serviceLinkedRole:ServiceLinkedRole", "spot-role", pulumi.Map{"awsServiceName": pulumi.String("spot.amazonaws.com")})
	control := add("aws:iam/role:Role", "control", pulumi.Map{"assumeRolePolicy": trusting("eks.amazonaws.com")})
	pods := add("aws:iam/role:Role", "pods-role", pulumi.Map{"assumeRolePolicy": trusting("eks-fargate-pods.amazonaws.com")})
	group := add("aws:ec2/securityGroup:SecurityGroup", "group", pulumi.Map{"vpcId": vpc})
	add("aws:ec2/securityGroupRule:SecurityGroupRule", "rule", pulumi.Map{
		"type": pulumi.String("ingress"), "securityGroupId": group.ID(), "self": pulumi.Bool(true), "protocol": pulumi.String("-1"), "fromPort": pulumi.Int(0), "toPort": pulumi.Int(0),
	})
	cluster := add("aws:eks/cluster:Cluster", "cluster", pulumi.Map{
		"roleArn": control.ARN, "accessConfig": pulumi.Map{"authenticationMode": pulumi.String("API")},
		"vpcConfig": pulumi.Map{"subnetIds": subnets, "securityGroupIds": pulumi.Array{group.ID()}},
	})
	template := add("aws:ec2/launchTemplate:LaunchTemplate", "template", pulumi.Map{"vpcSecurityGroupIds": pulumi.Array{group.ID()}})
	add("aws:eks/nodeGroup:NodeGroup", "nodes", pulumi.Map{
		"clusterName": cluster.Name, "nodeRoleArn": nodes.ARN, "subnetIds": subnets,
		"scalingConfig":  pulumi.Map{"desiredSize": pulumi.Int(2), "minSize": pulumi.Int(1), "maxSize": pulumi.Int(3)},
		"launchTemplate": pulumi.Map{"id": template.ID(), "version": pulumi.Sprintf("%v", template.LatestVersion)},
	})
	add("aws:eks/fargateProfile:FargateProfile", "pods", pulumi.Map{
		"clusterName": cluster.Name, "podExecutionRoleArn": pods.ARN, "subnetIds": subnets,
		"selectors": pulumi.Array{pulumi.Map{"namespace": pulumi.String("kube-system")}},
	})
	add("aws:eks/addon:Addon", "addon", pulumi.Map{"clusterName": cluster.Name, "addonName": pulumi.String("vpc-cni"), "preserve": pulumi.Bool(true)})
}

// deployment is a stack on a sandbox account of its own.
func deployment(t *testing.T, account *sandbox.Account, program pulumi.RunFunc) auto.Stack {
	t.Helper()
	bin, err := sandbox.FindPulumi("..")
	require.NoError(t, err)
	t.Setenv("PATH", bin+string(filepath.ListSeparator)+os.Getenv("PATH"))
	server, err := sandbox.Start(account)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, server.Close()) })
	env := server.Env()
	env["PULUMI_BACKEND_URL"] = "file://" + t.TempDir()
	env["PULUMI_HOME"] = t.TempDir()
	stack, err := auto.UpsertStackInlineSource(t.Context(), "dev", "sandbox", program,
		auto.EnvVars(env), auto.WorkDir(t.TempDir()))
	require.NoError(t, err)
	require.NoError(t, stack.SetConfig(t.Context(), "aws:region", auto.ConfigValue{Value: "ap-northeast-2"}))
	return stack
}

func TestEngineDeploysEveryTypeAndLeavesNothing(t *testing.T) {
	account, err := sandbox.NewAccount(sandbox.DefaultSpec())
	require.NoError(t, err)
	start := account.Dump()
	stack := deployment(t, account, everything(300))
	ctx := t.Context()

	preview, err := stack.Preview(ctx)
	require.NoError(t, err)
	assert.Equal(t, 26, preview.ChangeSummary["create"])
	assert.Equal(t, string(start), string(account.Dump()), "a preview changes nothing")

	up := func() auto.UpResult {
		t.Helper()
		result, err := stack.Up(ctx)
		require.NoError(t, err)
		return result
	}
	assert.Equal(t, map[string]int{"create": 26}, *up().Summary.ResourceChanges)
	assert.Equal(t, map[string]int{"same": 26}, *up().Summary.ResourceChanges)

	refresh, err := stack.Refresh(ctx)
	require.NoError(t, err)
	assert.Equal(t, map[string]int{"same": 26}, *refresh.Summary.ResourceChanges)

	stack.Workspace().SetProgram(everything(600))
	assert.Equal(t, map[string]int{"same": 25, "update": 1}, *up().Summary.ResourceChanges)

	_, err = stack.Destroy(ctx)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(start, account.Dump()), "destroyed, the account is as it was")
}
