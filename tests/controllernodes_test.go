package tests

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/program/stack"
	"github.com/grafanix/eks-karpenter/sandbox"
)

const nodesStack = plainStack + "  eks-karpenter:createControllerNodes: true\n"

// TestControllerNodesOptions sets one option of the controller's nodes after the other and takes each back.
func TestControllerNodesOptions(t *testing.T) {
	t.Parallel()
	e := newEngine(t, sandbox.DefaultSpec(), nodesStack, stack.Deploy)
	e.walk(nodesStack, []optionCase{
		{"EKS scales in place", `controllerNodes: {desiredSize: 3}`, "update NodeGroup controller-nodes"},
		{"all sizes at once", `controllerNodes: {desiredSize: 4, minSize: 3, maxSize: 5, maxUnavailable: 2}`, "update NodeGroup controller-nodes"},
		{"in place", `controllerNodes: {labels: {team: platform}}`, "update NodeGroup controller-nodes"},
		{"in place", `controllerNodes: {criticalAddonsOnly: true}`, "update NodeGroup controller-nodes"},
		{"a version more of the launch template, rolled out", `controllerNodes: {diskSize: 50}`, "update LaunchTemplate controller-nodes; update NodeGroup controller-nodes"},
		{"the next group is there before this one goes", `controllerNodes: {instanceTypes: [m7i.large]}`, "replace NodeGroup controller-nodes"},
		{"so with another architecture", `controllerNodes: {amiType: AL2023_ARM_64_STANDARD}`, "replace NodeGroup controller-nodes"},
		{
			"the role's name is its identity", `controllerNodes: {roleName: controllers}`,
			"delete and replace RolePolicyAttachment ×3; replace NodeGroup controller-nodes; replace Role controller-nodes",
		},
		{"a policy more", `controllerNodes: {ssmPolicy: true}`, "create RolePolicyAttachment controller-nodes-AmazonSSMManagedInstanceCore"},
	}, func(string) {}) // versions of the launch template count up, and groups get new names
}

// TestControllerNodes has two private nodes that are the cluster's and not Karpenter's, and a Fargate profile in their place.
func TestControllerNodes(t *testing.T) {
	t.Parallel()
	e := newEngine(t, sandbox.DefaultSpec(), nodesStack, stack.Deploy)
	e.mustUp()
	again, _ := e.mustUp()
	assert.Empty(t, again.String())
	drift, err := e.refresh()
	require.NoError(t, err)
	assert.Empty(t, drift.String())
	client, err := e.account.Client("ap-northeast-2")
	require.NoError(t, err)
	instances, err := client.DescribeInstances(nil)
	require.NoError(t, err)
	require.Len(t, instances, 2)
	for _, instance := range instances {
		assert.Contains(t, []string{"subnet-0b7d1e94c2f83a561", "subnet-0c93f52a8e61d7b04"}, instance.SubnetID, "a private subnet")
		assert.Equal(t, "owned", instance.Tags["kubernetes.io/cluster/grafanix-comic"])
		assert.Equal(t, "grafanix-comic", instance.Tags["eks:eks-cluster-name"])
		assert.NotContains(t, instance.Tags, "karpenter.sh/nodepool")
	}
	session, err := client.AssumeRoleWithWebIdentity("arn:aws:iam::123456789012:role/KarpenterControllerRole-grafanix-comic", sandbox.WebIdentity{
		Issuer:  "https://oidc.eks.ap-northeast-2.amazonaws.com/id/5F1C0A7E93B84D26A1E47C908D3B62F5",
		Subject: "system:serviceaccount:kube-system:karpenter", Audience: "sts.amazonaws.com",
	})
	require.NoError(t, err)
	decision, err := client.Authorize(session, "ec2:TerminateInstances", "arn:aws:ec2:ap-northeast-2:123456789012:instance/"+instances[0].ID, nil)
	require.NoError(t, err)
	assert.False(t, decision.Allowed, "Karpenter may not end the nodes that it runs on")

	e.configure(nodesStack + "  eks-karpenter:controllerNodes: {fargate: true}\n")
	did, _ := e.mustUp()
	assert.Equal(t, "create FargateProfile controller-nodes; create Role controller-nodes-fargate; "+
		"create RolePolicyAttachment controller-nodes-fargate-AmazonEKSFargatePodExecutionRolePolicy; delete LaunchTemplate controller-nodes; "+
		"delete NodeGroup controller-nodes; delete Role controller-nodes; delete RolePolicyAttachment ×3", did.String())
	again, _ = e.mustUp()
	assert.Empty(t, again.String())

	require.NoError(t, e.destroy())
	for _, role := range []string{"NodeRole", "FargateRole"} { // EKS made these entries, and leaves them
		require.NoError(t, client.DeleteAccessEntry("grafanix-comic", "arn:aws:iam::123456789012:role/KarpenterController"+role+"-grafanix-comic"))
	}
	assert.Equal(t, string(e.start), string(e.account.Dump()))
}

// TestSpotRole makes the account's role for spot instances where it has none, takes over the one it has, and leaves it.
func TestSpotRole(t *testing.T) {
	t.Parallel()
	const wanted = plainStack + "  eks-karpenter:createSpotServiceLinkedRole: true\n"
	e := newEngine(t, sandbox.DefaultSpec(), wanted, stack.Deploy)
	did, _ := e.mustUp()
	assert.Contains(t, did.String(), "create ServiceLinkedRole spot-role")
	client, err := e.account.Client("ap-northeast-2")
	require.NoError(t, err)
	made, err := client.GetRole("AWSServiceRoleForEC2Spot")
	require.NoError(t, err)
	again, _ := e.mustUp()
	assert.Empty(t, again.String(), "the next look-up finds it, and it is ours already")
	drift, err := e.refresh()
	require.NoError(t, err)
	assert.Empty(t, drift.String())

	second := newEngineOn(t, e.account, wanted+"  eks-karpenter:skipClusterTags: true\n  eks-karpenter:skipControllerRole: true\n"+
		"  eks-karpenter:skipInterruptionQueue: true\n  eks-karpenter:skipNodeRole: true\n", stack.Deploy)
	did, _ = second.mustUp()
	assert.Equal(t, "import ServiceLinkedRole spot-role", did.String(), "another stack takes it over")
	require.NoError(t, second.destroy())
	again, _ = e.mustUp()
	assert.Empty(t, again.String(), "and leaves it to this one")

	require.NoError(t, e.destroy())
	stays, err := client.GetRole("AWSServiceRoleForEC2Spot")
	require.NoError(t, err)
	assert.Equal(t, made, stays, "it is the account's")
	did, _ = e.mustUp()
	assert.Contains(t, did.String(), "import ServiceLinkedRole spot-role")
}
