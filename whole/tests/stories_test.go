package tests

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/sandbox"
)

const existingStack = `config:
  aws:region: ap-northeast-2
  eks-karpenter:clusterName: grafanix-comic
`

// TestIsolatedVPC installs Karpenter where it cannot reach IAM: its nodes bear the instance profile that is made for them, and
// it makes none.
func TestIsolatedVPC(t *testing.T) {
	t.Parallel()
	e := newEngine(t, sandbox.DefaultSpec(), existingStack+"  eks-karpenter:isolatedVpc: true\n")
	e.up()
	assert.Empty(t, changed(e.up()))
	outputs, err := e.Outputs(context.Background())
	require.NoError(t, err)
	assert.Equal(t, []any{"ec2", "ecr.api", "ecr.dkr", "eks", "s3", "ssm", "sts", "sqs"}, outputs["vpcEndpoints"].Value)

	client, err := e.account.Client(region)
	require.NoError(t, err)
	instances, err := client.DescribeInstances([]sandbox.Filter{{Name: "tag-key", Values: []string{"karpenter.sh/nodepool"}}})
	require.NoError(t, err)
	require.Len(t, instances, 1)
	assert.Equal(t, "KarpenterNodeInstanceProfile-grafanix-comic", instances[0].Profile)
	profiles, err := client.ListInstanceProfiles("/karpenter/")
	require.NoError(t, err)
	assert.Empty(t, profiles)
	e.mustEndAtStart()
}

// TestAnotherNamespace moves Karpenter into a namespace of its own: its objects and their nodes stay.
func TestAnotherNamespace(t *testing.T) {
	t.Parallel()
	e := newEngine(t, sandbox.DefaultSpec(), existingStack)
	e.up()
	api, err := e.account.Kubernetes(region, "grafanix-comic")
	require.NoError(t, err)
	before, err := api.List("v1", "Node")
	require.NoError(t, err)
	e.configure(existingStack + "  eks-karpenter:controllerRole: {namespace: karpenter}\n")
	moved := changed(e.up())
	assert.Equal(t, 1, moved["replace"], "the release of Karpenter alone: %v", moved)
	assert.Empty(t, changed(e.up()))
	after, err := api.List("v1", "Node")
	require.NoError(t, err)
	assert.Equal(t, before, after)
	assert.Empty(t, api.KarpenterLog())
	_, err = e.Destroy(context.Background())
	require.NoError(t, err)
	require.NoError(t, api.Delete("v1", "Namespace", "", "karpenter")) // Helm made it, and leaves it
	assert.Equal(t, e.start, string(e.account.Dump()))
}

// TestFargate makes a whole cluster whose controller runs on Fargate.
func TestFargate(t *testing.T) {
	t.Parallel()
	e := newEngine(t, sandbox.DefaultSpec(), strings.Replace(scratch(t), "criticalAddonsOnly: true", "fargate: true", 1))
	e.up()
	assert.Empty(t, changed(e.up()))
	api, err := e.account.Kubernetes(region, "grafanix-scratch")
	require.NoError(t, err)
	assert.Empty(t, api.KarpenterLog())
	e.mustEndAtStart()
}

// TestLongNames makes a whole cluster of the longest name that EKS takes.
func TestLongNames(t *testing.T) {
	t.Parallel()
	name := "grafanix-" + strings.Repeat("x", 91)
	e := newEngine(t, sandbox.DefaultSpec(), strings.Replace(scratch(t), "grafanix-scratch", name, 1))
	e.up()
	assert.Empty(t, changed(e.up()))
	api, err := e.account.Kubernetes(region, name)
	require.NoError(t, err)
	assert.Empty(t, api.KarpenterLog())
	e.mustEndAtStart()
}

// TestFailureInTheMiddle fails at Karpenter's chart and at the nodes of its controller: what was made is kept, and the next up
// makes the rest.
func TestFailureInTheMiddle(t *testing.T) {
	t.Parallel()
	for _, failing := range []string{"aws:eks/nodeGroup:NodeGroup", "kubernetes:helm.sh/v3:Release", "kubernetes:karpenter.sh/v1:NodePool"} {
		t.Run(failing, func(t *testing.T) {
			t.Parallel()
			e := newEngine(t, sandbox.DefaultSpec(), scratch(t))
			fault, err := e.account.Inject(sandbox.Fault{Effect: sandbox.FailBefore, Type: failing, Action: "create"})
			require.NoError(t, err)
			_, err = e.Up(context.Background())
			require.Error(t, err)
			assert.Equal(t, 1, fault.Strikes())
			fault.Remove()
			e.up()
			assert.Empty(t, changed(e.up()))
			e.mustEndAtStart()
		})
	}
}

// TestBadInput lists what is wrong with all parts together, before anything is registered.
func TestBadInput(t *testing.T) {
	t.Parallel()
	e := newEngine(t, sandbox.DefaultSpec(), `config:
  aws:region: ap-northeast-2
  eks-karpenter:clusterName: my cluster
  eks-karpenter:cluster: {create: true, vpcId: grafanix, authenticationMode: CONFIG_MAP}
  eks-karpenter:karpenterVersion: 1.8.6
  eks-karpenter:enableZonalShift: true
  eks-karpenter:charts: {values: {settings: {clusterName: other}}}
  eks-karpenter:nodeClass: {amiSelectorTerms: [{alias: al2023}]}
  eks-karpenter:nodePools: [{expireAfter: soon}]
`)
	_, err := e.Up(context.Background())
	require.Error(t, err)
	_, told, found := strings.Cut(err.Error(), "stack configuration: ")
	require.True(t, found, err.Error())
	told, _, _ = strings.Cut(told, "\n\n")
	assert.Equal(t, `9 problems:
  - clusterName: "my cluster" is not valid: 1 to 100 letters, digits, hyphens and underscores, a letter or digit first
  - enableZonalShift: Karpenter 1.8 knows no zonal shift, which came with 1.12: raise karpenterVersion, or leave it out
  - cluster.vpcId: "grafanix" is not valid: the id of a VPC, vpc-...
  - cluster.privateSubnetIds: required: the VPC's private subnets, two at least, in two zones
  - cluster.authenticationMode: "CONFIG_MAP" is not valid: one of API_AND_CONFIG_MAP, API
  - cluster.create: a new cluster has no nodes for Karpenter's controller: set createControllerNodes, too
  - charts.values.settings.clusterName: "other" contradicts "my cluster" of helmValues: leave it out
  - nodeClass.amiSelectorTerms[0].alias: "al2023" is not valid: family@version with al2, al2023 or bottlerocket, or windows2019@latest, windows2022@latest or windows2025@latest
  - nodePools[0].expireAfter: "soon" is not valid: a time such as 90s, 30m or 720h, or Never`, strings.ReplaceAll(told, "\n      - ", "\n  - "))
	deployment, err := e.Export(context.Background())
	require.NoError(t, err)
	assert.NotContains(t, string(deployment.Deployment), "eks-karpenter:index:", "nothing is registered")
	assert.Equal(t, e.start, string(e.account.Dump()))
}

// scratch is the file of the repository's own stack.
func scratch(t *testing.T) string {
	t.Helper()
	committed, err := os.ReadFile("../Pulumi.scratch.yaml")
	require.NoError(t, err)
	return string(committed)
}

// TestPartitions makes a whole cluster in China, where EKS's name is not what pulumi-eks takes it for, and in GovCloud.
func TestPartitions(t *testing.T) {
	t.Parallel()
	for partition, there := range map[string]string{"aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"} {
		t.Run(partition, func(t *testing.T) {
			t.Parallel()
			spec := sandbox.DefaultSpec()
			spec.Partition, spec.Clusters = partition, nil
			spec.Networks[0].Region = there
			e := newEngine(t, spec, strings.ReplaceAll(scratch(t), region, there))
			e.up()
			assert.Empty(t, changed(e.up()))
			api, err := e.account.Kubernetes(there, "grafanix-scratch")
			require.NoError(t, err)
			assert.Empty(t, api.KarpenterLog())
			e.mustEndAtStart()
		})
	}
}
