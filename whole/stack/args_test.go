package stack

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/whole/internal/account"
)

func TestAControllerWithPodIdentityTrustsNoOIDCProvider(t *testing.T) {
	t.Parallel()
	a := deployed(t, scratch(t)+"  eks-karpenter:controllerRole: {podIdentity: true}\n")
	trust := a.Of(roleToken, "karpenter-controller-role").Inputs["assumeRolePolicy"].(string)
	assert.Contains(t, trust, "pods.eks.amazonaws.com")
	assert.NotContains(t, trust, account.OidcProvider)
	assert.Contains(t, a.Of(releaseToken, "karpenter-charts").Waits,
		"aws:eks/podIdentityAssociation:PodIdentityAssociation::karpenter-controller-role")
}

func TestWhatIsNamedGoesBeforeWhatTheClusterHas(t *testing.T) {
	t.Parallel()
	const other = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.ap-northeast-2.amazonaws.com/id/B"
	file := `config:
  eks-karpenter:clusterName: shop
  eks-karpenter:cluster: {create: true, vpcId: ` + vpc + `, privateSubnetIds: [` + subnetA + `, ` + subnetB + `], tags: {team: platform}}
  eks-karpenter:tags: {team: shop, stage: test}
  eks-karpenter:createControllerNodes: true
  eks-karpenter:controllerNodes: {subnetIds: [` + subnetB + `]}
  eks-karpenter:controllerRole: {oidcProviderArn: ` + other + `}
  eks-karpenter:nodeClass: {role: own, tags: {cost: 1-2}}
`
	a := deployed(t, file)
	assert.Equal(t, map[string]any{"team": "platform", "stage": "test"}, a.Of(clusterToken, "cluster").Inputs["tags"])
	assert.Equal(t, []any{subnetB}, a.Of(groupToken, "karpenter-controller-nodes").Inputs["subnetIds"])
	assert.Contains(t, a.Of(roleToken, "karpenter-controller-role").Inputs["assumeRolePolicy"], other)
	class := spec(a, classToken, "node-class")
	assert.Equal(t, "own", class["role"])
	assert.Equal(t, map[string]any{"cost": "1-2"}, class["tags"])
}

func TestNodesOfAnIsolatedVPCHaveTheInstanceProfile(t *testing.T) {
	t.Parallel()
	a := deployed(t, existing("  eks-karpenter:isolatedVpc: true\n"))
	class := spec(a, classToken, "node-class")
	assert.Equal(t, "KarpenterNodeInstanceProfile-shop", class["instanceProfile"])
	assert.NotContains(t, class, "role")
	values := a.Of(releaseToken, "karpenter-charts").Inputs["values"].(map[string]any)
	assert.Equal(t, true, values["settings"].(map[string]any)["isolatedVPC"])
}

func TestTheChartGetsTheUsersValuesAsTheyAre(t *testing.T) {
	t.Parallel()
	a := deployed(t, existing(`  eks-karpenter:karpenterVersion: 1.8.0
  eks-karpenter:controllerRole: {namespace: karpenter}
  eks-karpenter:charts:
    chartRepository: oci://registry.example.com/mirror
    timeoutSeconds: 900
    values:
      replicas: 3
      logLevel: "7"
      dnsPolicy: null
      settings: {batchIdleDuration: 1s, reservedENIs: 1.5, featureGates: {nodeRepair: true}}
      tolerations: [{key: a, tolerationSeconds: 60}]
`))
	inputs := a.Of(releaseToken, "karpenter-charts").Inputs
	assert.Equal(t, "oci://registry.example.com/mirror/karpenter", inputs["chart"])
	assert.Equal(t, "1.8.0", inputs["version"])
	assert.Equal(t, "karpenter", inputs["namespace"], "where the service account may assume the role")
	assert.Equal(t, 900.0, inputs["timeout"])
	values := inputs["values"].(map[string]any)
	settings := values["settings"].(map[string]any)
	assert.Equal(t, 3.0, values["replicas"], "a number")
	assert.Equal(t, "7", values["logLevel"], "a text")
	assert.Equal(t, 1.5, settings["reservedENIs"])
	assert.Equal(t, map[string]any{"nodeRepair": true}, settings["featureGates"])
	assert.Equal(t, "shop", settings["clusterName"], "merged")
	assert.Equal(t, []any{map[string]any{"key": "a", "tolerationSeconds": 60.0}}, values["tolerations"])
}

func TestEveryNodePoolIsOneOfTheOneNodeClass(t *testing.T) {
	t.Parallel()
	a := deployed(t, existing(`  eks-karpenter:nodePools:
    - requirements: [{key: kubernetes.io/arch, operator: In, values: [arm64]}]
    - {name: batch, weight: 10, limits: {cpu: "100"}}
`))
	for name, pool := range map[string]string{"node-pool-default": "default", "node-pool-batch": "batch"} {
		one := a.Of(poolToken, name)
		require.NotEmpty(t, one.Token, name)
		assert.Equal(t, pool, one.Inputs["metadata"].(map[string]any)["name"])
		assert.Contains(t, one.Waits, classToken+"::node-class")
	}
	batch := spec(a, poolToken, "node-pool-batch")
	assert.Equal(t, 10.0, batch["weight"])
	assert.Equal(t, map[string]any{"cpu": "100"}, batch["limits"])
}
