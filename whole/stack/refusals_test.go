package stack

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/components"
	"github.com/grafanix/eks-karpenter/whole/internal/account"
)

func TestEverythingWrongInAnyPartIsListedBeforeAnythingIsRegistered(t *testing.T) {
	t.Parallel()
	for why, row := range map[string]struct{ file, says string }{
		"every part": {`
  eks-karpenter:clusterName: shop
  eks-karpenter:createControllerNodes: true
  eks-karpenter:cluster: {create: true, privateSubnetIds: [subnet-0], ipFamily: both, authenticationMode: API}
  eks-karpenter:nodeRole: {path: /x/}
  eks-karpenter:charts: {chartRepository: registry.example.com, timeoutSeconds: 5, values: {settings: {clusterName: other}}}
  eks-karpenter:nodeClass: {amiFamily: Ubuntu, metadataOptions: {httpTokens: none}}
  eks-karpenter:nodePools: [{name: a}, {name: a, weight: 101}]
`, `12 problems:
  - nodeRole.path: "/x/" cannot work: Karpenter compares a node's role with the bare role name, so the path must be /
  - cluster.vpcId: required: the VPC that the cluster is to be in
  - cluster.privateSubnetIds: required: the VPC's private subnets, two at least, in two zones
  - cluster.privateSubnetIds[0]: "subnet-0" is not valid: the id of a subnet, subnet-...
  - cluster.ipFamily: "both" is not valid: one of ipv4, ipv6
  - charts.chartRepository: "registry.example.com" is not valid: a registry of OCI charts, oci://..., without a slash at its end
  - charts.values.settings.clusterName: "other" contradicts "shop" of helmValues: leave it out
  - charts.timeoutSeconds: 5 is out of range: 60 to 3600 seconds
  - nodeClass.amiFamily: "Ubuntu" is not valid: one of AL2, AL2023, Bottlerocket, Custom, Windows2019, Windows2022, Windows2025
  - nodeClass.metadataOptions.httpTokens: "none" is not valid: one of required, optional
  - nodePools[1].weight: 101 is out of range: 1 to 100 points
  - nodePools[1].name: another node pool is called "a": choose another name`},
		"no name, which four parts need": {"\n  aws:region: eu-west-1\n", "clusterName: required: the EKS cluster's name"},
		"a name and a namespace that are none": {`
  eks-karpenter:clusterName: my shop
  eks-karpenter:controllerRole: {namespace: Karpenter}
`, `2 problems:
  - clusterName: "my shop" is not valid: 1 to 100 letters, digits, hyphens and underscores, a letter or digit first
  - controllerRole.namespace: "Karpenter" is not valid: a DNS label: 1 to 63 small letters, digits and hyphens, a letter or digit at both ends`},
		"a release that is none": {`
  eks-karpenter:clusterName: shop
  eks-karpenter:karpenterVersion: latest
`, `karpenterVersion: "latest" is not a release of Karpenter: three numbers, such as 1.14.1`},
		"a Karpenter that does not know the cluster's version": {`
  eks-karpenter:clusterName: shop
  eks-karpenter:karpenterVersion: 1.8.6
  eks-karpenter:createControllerNodes: true
  eks-karpenter:cluster: {create: true, kubernetesVersion: "1.35", vpcId: ` + vpc + `, privateSubnetIds: [` + subnetA + `, ` + subnetB + `]}
`, "cluster.kubernetesVersion: Karpenter 1.8 does not run on Kubernetes 1.35, as 1.9 and later do: raise karpenterVersion"},
		"another service account than the role's": {`
  eks-karpenter:clusterName: shop
  eks-karpenter:charts: {values: {serviceAccount: {name: default}, replicas: 3}}
`, `charts.values.serviceAccount.name: "default" contradicts "karpenter" of helmValues: leave it out`},
		"a cluster that is shaped and not made": {`
  eks-karpenter:clusterName: shop
  eks-karpenter:cluster: {kubernetesVersion: "1.34"}
`, "cluster.create: the rest shapes a cluster that is not made: set create, or leave the rest out"},
		"a new cluster without nodes": {`
  eks-karpenter:clusterName: shop
  eks-karpenter:cluster: {create: true, vpcId: ` + vpc + `, privateSubnetIds: [` + subnetA + `, ` + subnetB + `]}
  eks-karpenter:controllerRole: {createOidcProvider: true}
`, `2 problems:
  - cluster.create: a new cluster has no nodes for Karpenter's controller: set createControllerNodes, too
  - cluster.create: a new cluster comes with an OIDC provider: leave out controllerRole.createOidcProvider`},
		"nodes without a role": {`
  eks-karpenter:clusterName: shop
  eks-karpenter:skipNodeRole: true
  eks-karpenter:controllerRoleArn: arn:aws:iam::111122223333:role/karpenter
`, "nodeClass.role: required: skipNodeRole leaves out the role that the nodes would have"},
		"a role in an isolated VPC": {`
  eks-karpenter:clusterName: shop
  eks-karpenter:isolatedVpc: true
  eks-karpenter:nodeClass: {role: nodes}
`, "nodeClass.role: isolatedVpc keeps Karpenter from making an instance profile of it: give nodeClass.instanceProfile, or neither"},
		"two pools of one name": {`
  eks-karpenter:clusterName: shop
  eks-karpenter:nodePools: [{}, {name: default}]
`, `nodePools[1].name: another node pool is called "default": choose another name`},
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			a := &account.Account{}
			err := a.Run(configuration(t, "config:"+row.file), Deploy)
			var invalid *components.InvalidArgsError
			require.ErrorAs(t, err, &invalid)
			assert.Equal(t, "stack configuration: "+row.says, invalid.Error())
			assert.Empty(t, a.Registered)
			assert.Empty(t, a.Calls)
		})
	}
}
