package tests

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/sandbox"
	"github.com/grafanix/eks-karpenter/sandbox/verify"
)

// TestScratch makes a whole cluster from nothing but a VPC, as the repository's own stack does: the preview of what is not
// there yet is complete, a node of Karpenter's joins, Karpenter may do what it must and nobody else may, and the end leaves
// nothing behind.
func TestScratch(t *testing.T) {
	t.Parallel()
	e := newEngine(t, sandbox.DefaultSpec(), scratch(t))
	preview, err := e.Preview(t.Context())
	require.NoError(t, err)
	created := e.up()
	assert.Equal(t, preview.ChangeSummary["create"], created["create"], "the preview is complete")
	assert.Empty(t, changed(e.up()))
	e.mustNotDrift()

	api, err := e.account.Kubernetes(region, "grafanix-scratch")
	require.NoError(t, err)
	assert.Empty(t, api.KarpenterLog())
	nodes, err := api.List("v1", "Node")
	require.NoError(t, err)
	assert.Len(t, nodes, 1, "a node of Karpenter's has joined")
	report, err := verify.Run(e.account, region, "grafanix-scratch", verify.Options{})
	require.NoError(t, err)
	assert.Empty(t, report.Failed())

	deleted := e.mustEndAtStart()
	for _, ofAWS := range []string{"aws:eks/nodeGroup:NodeGroup", "aws:eks/accessEntry:AccessEntry", "aws:sqs/queue:Queue", "aws:iam/policy:Policy"} {
		requireInOrder(
			t, deleted,
			"kubernetes:karpenter.sh/v1:NodePool", "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass", "kubernetes:helm.sh/v3:Release",
			ofAWS, "aws:eks/cluster:Cluster",
		)
	}
}
