package tests

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/sandbox"
)

// TestAnExistingCluster installs Karpenter into a cluster that is there already: a node joins, nothing changes the second
// time, nothing drifts, and the end is in order.
func TestAnExistingCluster(t *testing.T) {
	t.Parallel()
	e := newEngine(t, sandbox.DefaultSpec(), `config:
  aws:region: ap-northeast-2
  eks-karpenter:clusterName: grafanix-comic
  eks-karpenter:charts:
    values: {replicas: 3, controller: {resources: {requests: {cpu: 500m}}}}
  eks-karpenter:nodeClass:
    metadataOptions: {httpPutResponseHopLimit: 2}
  eks-karpenter:nodePools:
    - name: general
    - name: batch
      requirements: [{key: karpenter.sh/capacity-type, operator: In, values: [spot]}]
      weight: 10
`)
	assert.Equal(t, []string{"create"}, kinds(e.up()))
	assert.Empty(t, changed(e.up()))
	e.mustNotDrift()

	api, err := e.account.Kubernetes(region, "grafanix-comic")
	require.NoError(t, err)
	assert.Empty(t, api.KarpenterLog())
	nodes, err := api.List("v1", "Node")
	require.NoError(t, err)
	assert.Len(t, nodes, 2, "a node of each pool has joined")

	requireInOrder(
		t, e.mustEndAtStart(),
		"kubernetes:karpenter.sh/v1:NodePool", "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass", "kubernetes:helm.sh/v3:Release", "aws:iam/role:Role",
	)
}

func kinds(changes map[string]int) []string {
	var all []string
	for kind := range changed(changes) {
		all = append(all, kind)
	}
	return all
}
