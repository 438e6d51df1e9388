package components

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
)

func secret(value string) pulumi.StringPtrInput {
	return pulumi.ToSecret(pulumi.String(value)).(pulumi.StringOutput).ToStringPtrOutput()
}

// What someone marks as secret is in the state only encrypted, wherever it flows.
func TestASecretArgStaysSecretWhereverItFlows(t *testing.T) {
	t.Parallel()
	const boundary = "arn:aws:iam::111122223333:policy/Boundary"
	secretElement := func(value string) pulumi.StringArrayInput {
		return pulumi.StringArray{pulumi.ToSecret(pulumi.String(value)).(pulumi.StringOutput)}
	}
	for _, row := range []struct {
		arg  string
		args KarpenterArgs
		into map[string]string // resource and input that hold it
	}{
		{
			"the nodes' boundary",
			KarpenterArgs{NodeRole: &NodeRoleOptions{PermissionsBoundary: secret(boundary)}},
			map[string]string{"karpenter-node-role aws:iam/role:Role": "permissionsBoundary"},
		},
		{
			"the controller's boundary",
			KarpenterArgs{ControllerRole: &ControllerRoleOptions{PermissionsBoundary: secret(boundary)}},
			map[string]string{"karpenter-controller-role aws:iam/role:Role": "permissionsBoundary"},
		},
		{
			"an existing node role",
			KarpenterArgs{NodeRole: &NodeRoleOptions{RoleArn: secret(nodeRoleARN)}},
			map[string]string{
				"karpenter-node-role aws:iam/instanceProfile:InstanceProfile":    "role",
				"karpenter-controller-role-IAMIntegration aws:iam/policy:Policy": "policy",
			},
		},
		{
			"an existing queue",
			KarpenterArgs{InterruptionQueueArn: secret(queueARN)},
			map[string]string{"karpenter-controller-role-Interruption aws:iam/policy:Policy": "policy"},
		},
		{
			"the key of an existing queue",
			KarpenterArgs{InterruptionQueueArn: given(queueARN), InterruptionQueueKmsKeyArn: secret(keyARN)},
			map[string]string{"karpenter-controller-role-Interruption aws:iam/policy:Policy": "policy"},
		},
		{
			"a queue's key",
			KarpenterArgs{InterruptionQueue: &InterruptionQueueOptions{KmsKeyArn: secret(keyARN)}},
			map[string]string{
				"karpenter-interruption-queue aws:sqs/queue:Queue":             "kmsMasterKeyId",
				"karpenter-controller-role-Interruption aws:iam/policy:Policy": "policy",
			},
		},
		{
			"a provider",
			KarpenterArgs{ControllerRole: &ControllerRoleOptions{OidcProviderArn: secret("arn:aws:iam::111122223333:oidc-provider/o")}},
			map[string]string{"karpenter-controller-role aws:iam/role:Role": "assumeRolePolicy"},
		},
		{
			"a volume's key",
			KarpenterArgs{ControllerRole: &ControllerRoleOptions{VolumeKmsKeyArns: secretElement(keyARN)}},
			map[string]string{"karpenter-controller-role-Additional aws:iam/policy:Policy": "policy"},
		},
		{
			"another node role",
			KarpenterArgs{ControllerRole: &ControllerRoleOptions{AdditionalNodeRoleArns: secretElement(nodeRoleARN)}},
			map[string]string{"karpenter-controller-role-IAMIntegration aws:iam/policy:Policy": "policy"},
		},
		{
			"another policy",
			KarpenterArgs{NodeRole: &NodeRoleOptions{AdditionalPolicyArns: secretElement(boundary)}},
			map[string]string{"karpenter-node-role-additional-0 aws:iam/rolePolicyAttachment:RolePolicyAttachment": "policyArn"},
		},
		{
			"a subnet",
			KarpenterArgs{ClusterTags: &ClusterTagsOptions{SubnetIds: secretElement(privateSubnet)}},
			map[string]string{"karpenter-cluster-tags-subnet-0-discovery aws:ec2/tag:Tag": "resourceId"},
		},
	} {
		t.Run(row.arg, func(t *testing.T) {
			t.Parallel()
			a := newAccount()
			row.args.ClusterName = "shop"
			deploy(t, a, of(NewKarpenter, "karpenter", &row.args))

			secrets := map[string]string{}
			for _, one := range a.registered {
				if !one.custom {
					continue
				}
				for property, value := range one.plain {
					if value.IsSecret() {
						secrets[one.name+" "+one.token] = string(property)
					} else {
						assert.False(t, value.ContainsSecrets(), "%s of %s is secret as a whole or not at all", property, one.urn)
					}
				}
			}
			assert.Equal(t, row.into, secrets)
		})
	}
}

// The properties of a component are in the state too.
func TestASecretArgStaysSecretAmongTheInputsOfTheComponents(t *testing.T) {
	t.Parallel()
	a := newAccount()
	deploy(t, a, of(NewKarpenter, "karpenter", &KarpenterArgs{
		ClusterName: "shop", NodeRole: &NodeRoleOptions{RoleArn: secret(nodeRoleARN)},
	}))
	hidden := map[string]any{"<secret>": nodeRoleARN}
	for _, one := range a.registered {
		switch one.token {
		case "eks-karpenter:index:Karpenter":
			assert.Equal(t, map[string]any{"roleArn": hidden}, one.inputs["nodeRole"])
		case "eks-karpenter:index:NodeRole":
			assert.Equal(t, map[string]any{"roleArn": hidden}, one.inputs["options"])
		case "eks-karpenter:index:ControllerRole":
			assert.Equal(t, []any{hidden}, one.inputs["nodeRoleArns"])
		}
	}
}

func TestWhatIsMadeOfASecretIsPutOutAsASecret(t *testing.T) {
	t.Parallel()
	component := deploy(t, newAccount(), of(NewKarpenter, "karpenter", &KarpenterArgs{
		ClusterName: "shop", InterruptionQueueArn: secret(queueARN), ControllerRoleArn: secret(nodeRoleARN),
		NodeRole: &NodeRoleOptions{RoleArn: secret(nodeRoleARN)},
	}))
	got := outputs(t, component)
	for _, property := range []string{
		"controllerRoleArn", "controllerRoleName", "nodeRoleArn", "nodeRoleName", "awsAuth", "queueArn", "queueName", "queueUrl", "helmValues", "nodeClass",
	} {
		assert.Contains(t, got[property], "<secret>", property)
	}
	for _, property := range []string{"clusterName", "instanceProfileName", "ruleArns", "nodePool"} {
		assert.NotContains(t, got[property], "<secret>", property)
	}
}
