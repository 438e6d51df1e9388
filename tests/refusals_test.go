package tests

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/program/stack"
	"github.com/grafanix/eks-karpenter/sandbox"
)

// TestBadInput gives the program what cannot work: each ends in one error that names the setting and the way out, with
// nothing registered and nothing in the account touched.
func TestBadInput(t *testing.T) {
	t.Parallel()
	const clusterName = "  eks-karpenter:clusterName: grafanix-comic\n"
	var eleven strings.Builder
	for i := range 5 {
		fmt.Fprintf(&eleven, "arn:aws:iam::123456789012:policy/p%d, ", i)
	}
	spec := sandbox.DefaultSpec()
	spec.Clusters[1].SecurityGroups[1].Tags = map[string]string{"kubernetes.io/cluster/grafanix-comic-prod": "owned"}
	first, second := spec.Clusters[1].SecurityGroups[0].ID, spec.Clusters[1].SecurityGroups[1].ID
	e := newEngine(t, spec, "", stack.Deploy)
	for _, c := range []struct{ why, config, want string }{
		{
			"a missing cluster name", "",
			"Stack 'test' is missing configuration value 'clusterName'",
		},
		{
			"a cluster that does not exist", "  eks-karpenter:clusterName: grafanix-comix\n",
			`karpenter: clusterName: EKS cluster "grafanix-comix" was not found with the current credentials and region; check the name and aws:region: `,
		},
		{
			"two owned security groups", "  eks-karpenter:clusterName: grafanix-comic-prod\n",
			"karpenter: clusterTags.ownedSecurityGroupId: 2 security groups of the cluster's VPC bear kubernetes.io/cluster/grafanix-comic-prod = owned, and exactly one may: " +
				first + ", " + second + "; take the tag off all but one, or name here the one to keep",
		},
		{
			"a bad ARN", clusterName + "  eks-karpenter:nodeRole: {roleArn: grafanix}\n",
			`karpenter: nodeRole.roleArn: "grafanix" is not valid: the ARN of an IAM role`,
		},
		{
			"a path on the node role", clusterName + "  eks-karpenter:nodeRole: {path: /nodes/}\n",
			`karpenter: nodeRole.path: "/nodes/" cannot work: Karpenter compares a node's role with the bare role name, so the path must be /`,
		},
		{
			"retention of 5 seconds", clusterName + "  eks-karpenter:interruptionQueue: {messageRetentionSeconds: 5}\n",
			`karpenter: interruptionQueue.messageRetentionSeconds: 5 is out of range: 60 to 1209600 seconds`,
		},
		{
			"AWS's own KMS alias", clusterName + "  eks-karpenter:interruptionQueue: {kmsKeyArn: alias/aws/sqs}\n",
			`karpenter: interruptionQueue.kmsKeyArn: "alias/aws/sqs" is AWS's own key, whose policy lets no EventBridge use it, so no event would arrive: ` +
				`give a customer managed key, set createKmsKey, or leave both out for encryption by SQS`,
		},
		{
			"eleven policies", clusterName + "  eks-karpenter:controllerRole: {additionalPolicyArns: [" + strings.TrimSuffix(eleven.String(), ", ") + "]}\n",
			`karpenter: controllerRole.additionalPolicyArns: 11 policies are too many: AWS attaches at most 10 to a role, and 6 are the component's own; ` +
				`set inlinePolicy, or put the permissions into additionalStatements`,
		},
		{
			"a reserved tag", clusterName + "  eks-karpenter:tags: {karpenter.sh/nodepool: default}\n",
			`karpenter: tags: "karpenter.sh/nodepool" is Karpenter's own tag: choose another key`,
		},
		{
			"a mistyped setting", clusterName + "  eks-karpenter:interruptionQueue: {messageRetentionSecond: 600}\n",
			`stack configuration: interruptionQueue.messageRetentionSecond: no such setting; the nearest is interruptionQueue.messageRetentionSeconds`,
		},
		{
			"IRSA without an issuer", clusterName + "  eks-karpenter:skipClusterTags: true\n" +
				"  eks-karpenter:cluster: {arn: arn:aws:eks:ap-northeast-2:123456789012:cluster/grafanix-comic, authenticationMode: API}\n",
			`karpenter: cluster.issuer: required for IRSA: give the cluster's OIDC issuer URL, or set podIdentity`,
		},
		{
			"Pod Identity with a service account of 300 characters",
			clusterName + "  eks-karpenter:controllerRole: {podIdentity: true, serviceAccount: " + strings.Repeat("a", 300) + "}\n",
			`karpenter: controllerRole.serviceAccount: "` + strings.Repeat("a", 300) + `" is not valid: a DNS subdomain: ` +
				`1 to 253 small letters, digits, hyphens and dots, a letter or digit at both ends`,
		},
		{
			"several at once", clusterName + "  eks-karpenter:nodeRole: {path: /nodes/}\n  eks-karpenter:tags: {\"aws:team\": a}\n",
			"karpenter: 2 problems:\n",
		},
	} {
		e.configure("config:\n  aws:region: ap-northeast-2\n" + c.config)
		_, _, err := e.up()
		require.Error(t, err, c.why)
		assert.Contains(t, err.Error(), c.want, c.why)
		assert.Empty(t, e.resources(), "%s: nothing is registered", c.why)
		assert.Equal(t, string(e.start), string(e.account.Dump()), "%s: the account is untouched", c.why)
	}
}
