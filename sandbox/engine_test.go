package sandbox_test

import (
	"bytes"
	"os"
	"path/filepath"
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
}

const trustEC2 = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`

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
		return failed
	}
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
	assert.Equal(t, 16, preview.ChangeSummary["create"])
	assert.Equal(t, string(start), string(account.Dump()), "a preview changes nothing")

	up := func() auto.UpResult {
		t.Helper()
		result, err := stack.Up(ctx)
		require.NoError(t, err)
		return result
	}
	assert.Equal(t, map[string]int{"create": 16}, *up().Summary.ResourceChanges)
	assert.Equal(t, map[string]int{"same": 16}, *up().Summary.ResourceChanges)

	refresh, err := stack.Refresh(ctx)
	require.NoError(t, err)
	assert.Equal(t, map[string]int{"same": 16}, *refresh.Summary.ResourceChanges)

	stack.Workspace().SetProgram(everything(600))
	assert.Equal(t, map[string]int{"same": 15, "update": 1}, *up().Summary.ResourceChanges)

	_, err = stack.Destroy(ctx)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(start, account.Dump()), "destroyed, the account is as it was")
}
