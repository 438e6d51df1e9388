package ekscomponent

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// state are the component's outputs. A resource that was not made is left out,
// and its id is an empty text.
func (b *builder) state(p *parts) pulumi.Map {
	issuer := p.cluster.issuer()
	state := pulumi.Map{
		"kubeconfig":              p.kubeconfig,
		"kubeconfigJson":          encoded(p.kubeconfig),
		"instanceRoles":           p.roleReferences(),
		"eksCluster":              reference(p.cluster),
		"core":                    b.core(p),
		"clusterSecurityGroupId":  p.cluster.primaryGroup(),
		"nodeSecurityGroupId":     p.cluster.primaryGroup(),
		"clusterIngressRuleId":    pulumi.String(""),
		"defaultNodeGroupAsgName": pulumi.String(""),
		"fargateProfileId":        pulumi.String(""),
		"fargateProfileStatus":    pulumi.String(""),
		"oidcProviderArn":         pulumi.String(""),
		"oidcProviderUrl":         issuer,
		"oidcIssuer":              issuer.ApplyT(func(url string) string { return strings.TrimPrefix(url, "https://") }).(pulumi.StringOutput),
		"autoModeNodeRoleName":    pulumi.String(""),
	}
	if p.group != nil {
		state["clusterSecurityGroup"], state["clusterSecurityGroupId"] = reference(p.group), p.group.ID()
	}
	if p.nodes != nil {
		state["nodeSecurityGroup"], state["nodeSecurityGroupId"] = reference(p.nodes), p.nodes.ID()
		state["eksClusterIngressRule"], state["clusterIngressRuleId"] = reference(p.ingress), p.ingress.RuleID
	}
	if p.issuer != nil {
		state["oidcProviderArn"] = p.issuer.ARN
	}
	return state
}

// core are the cluster's parts, as other components of pulumi-eks take them.
func (b *builder) core(p *parts) pulumi.Map {
	nodes := pulumi.Map{}
	core := pulumi.Map{
		"cluster":          reference(p.cluster),
		"clusterIamRole":   reference(p.role),
		"endpoint":         p.cluster.Endpoint,
		"instanceRoles":    p.roleReferences(),
		"kubeconfig":       p.kubeconfig,
		"nodeGroupOptions": nodes,
		"provider":         reference(p.kubernetes),
		"storageClasses":   pulumi.Map{},
		"subnetIds":        p.subnets,
	}
	for _, name := range []string{"vpcId", "publicSubnetIds", "privateSubnetIds", "tags", "nodeSecurityGroupTags"} {
		if input := b.flows(name); input != nil {
			core[name] = input
		}
	}
	if input := b.flows("version"); input != nil {
		nodes["version"] = input
	}
	if encryption := b.encryption(); encryption != nil {
		core["encryptionConfig"] = encryption
	}
	if p.group != nil {
		core["clusterSecurityGroup"] = reference(p.group)
	}
	if p.nodes != nil {
		nodes["nodeSecurityGroup"], nodes["clusterIngressRule"] = reference(p.nodes), reference(p.ingress)
	}
	if p.issuer != nil {
		core["oidcProvider"] = reference(p.issuer)
	}
	if p.cni != nil {
		core["vpcCni"] = reference(p.cni)
	}
	if p.configMap != nil {
		core["eksNodeAccess"] = reference(p.configMap)
	}
	return core
}

func (p *parts) roleReferences() pulumi.Array {
	roles := pulumi.Array{}
	for _, role := range p.instanceRoles {
		roles = append(roles, reference(role))
	}
	return roles
}
