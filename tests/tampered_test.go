package tests

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/program/stack"
	"github.com/grafanix/eks-karpenter/sandbox"
)

// TestTampered changes what is deployed behind Pulumi's back: a refresh shows it, an up mends it, and the account is as it
// was before.
func TestTampered(t *testing.T) {
	t.Parallel()
	e := newEngine(t, sandbox.DefaultSpec(), plainStack, stack.Deploy)
	_, result := e.mustUp()
	deployed := e.account.Dump()
	client, err := e.account.Client("ap-northeast-2")
	require.NoError(t, err)
	output := func(name string) string { return result.Outputs[name].Value.(string) }
	subnet := sandbox.DefaultSpec().Clusters[0].Subnets[0].ID
	const everything = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`

	for _, c := range []struct {
		why    string
		tamper func() error
		shown  string // what refresh finds
		mended string // what up does
	}{
		{
			"a policy is widened",
			func() error {
				return client.CreatePolicyVersion("arn:aws:iam::123456789012:policy/KarpenterControllerInterruptionPolicy-grafanix-comic", everything)
			},
			"update Policy controller-role-Interruption", "update Policy controller-role-Interruption",
		},
		{
			"the trust lets every account in",
			func() error {
				return client.UpdateAssumeRolePolicy(output("controllerRoleName"),
					`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}`)
			},
			"update Role controller-role", "update Role controller-role",
		},
		{
			"a rule is disabled",
			func() error { return client.DisableRule("default", "KarpenterSpotInterruptionRule-grafanix-comic") },
			"update EventRule interruption-queue-SpotInterruptionRule", "update EventRule interruption-queue-SpotInterruptionRule",
		},
		{
			"a discovery tag is removed",
			func() error { return client.DeleteTags(subnet, "karpenter.sh/discovery", "grafanix-comic") },
			"delete Tag cluster-tags-" + subnet + "-discovery", "create Tag cluster-tags-" + subnet + "-discovery",
		},
		{
			"a discovery tag is another cluster's",
			func() error { return client.CreateTags(subnet, "karpenter.sh/discovery", "another") },
			"update Tag cluster-tags-" + subnet + "-discovery", "update Tag cluster-tags-" + subnet + "-discovery",
		},
		{
			"a policy is detached",
			func() error {
				return client.DetachRolePolicy(output("nodeRoleName"), "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy")
			},
			"delete RolePolicyAttachment node-role-AmazonEKSWorkerNodePolicy", "create RolePolicyAttachment node-role-AmazonEKSWorkerNodePolicy",
		},
		{
			"the access entry is deleted",
			func() error { return client.DeleteAccessEntry("grafanix-comic", output("nodeRoleArn")) },
			"delete AccessEntry node-role", "create AccessEntry node-role",
		},
		{
			"the queue lets everybody send",
			func() error {
				return client.SetQueuePolicy(output("queueUrl"), `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"`+output("queueArn")+`"}]}`)
			},
			"update QueuePolicy interruption-queue", "update QueuePolicy interruption-queue",
		},
		{
			"the queue is deleted",
			func() error { return client.DeleteQueue(output("queueUrl")) },
			"delete Queue interruption-queue; delete QueuePolicy interruption-queue", "create Queue interruption-queue; create QueuePolicy interruption-queue",
		},
	} {
		require.NoError(t, c.tamper(), c.why)
		shown, err := e.refresh()
		require.NoError(t, err, c.why)
		assert.Equal(t, c.shown, shown.String(), "%s: refresh shows it", c.why)
		mended, _ := e.mustUp()
		assert.Equal(t, c.mended, mended.String(), "%s: up mends it", c.why)
		assert.Equal(t, string(deployed), string(e.account.Dump()), "%s: the account is as before", c.why)
	}
	e.mustEndAtStart()
}
