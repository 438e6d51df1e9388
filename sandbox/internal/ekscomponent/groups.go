package ekscomponent

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func keyOf(name string) resource.PropertyKey { return resource.PropertyKey(name) }

// within is a value inside of an input.
func (a args) within(name string, path ...string) pulumi.Input {
	return pulumi.All(a.orNothing(name)).ApplyT(func(all []any) any {
		value := all[0]
		for _, step := range path {
			value = object(value)[step]
		}
		return value
	}).(pulumi.AnyOutput)
}

// addControlGroup makes the control plane's additional security group.
func (b *builder) addControlGroup(p *parts) {
	if b.flag("skipDefaultSecurityGroups") {
		return
	}
	name := b.name + "-eksClusterSecurityGroup"
	p.group = b.group(name, tagged(pulumi.StringMap{"Name": pulumi.String(name)}, b.orNothing("clusterSecurityGroupTags"), b.orNothing("tags")))
	b.rule(b.name+"-eksClusterInternetEgressRule", everywhere(p.group))
}

// addNodeGroup makes the security group of nodes. Its tag owned makes it the
// second one of the cluster to bear it, besides EKS's own.
func (b *builder) addNodeGroup(p *parts) {
	if b.flag("skipDefaultSecurityGroups") {
		return
	}
	name := b.name + "-nodeSecurityGroup"
	owned := p.cluster.Name.ApplyT(func(cluster string) map[string]string {
		return map[string]string{"Name": name, "kubernetes.io/cluster/" + cluster: "owned"}
	}).(pulumi.StringMapOutput)
	p.nodes = b.group(name, tagged(owned, b.orNothing("nodeSecurityGroupTags"), b.orNothing("tags")))
	for _, rule := range p.nodeRules() {
		p.ingress = b.rule(b.name+"-"+rule.name, rule.inputs)
	}
}

// namedRule is a rule of a security group.
type namedRule struct {
	name   string
	inputs pulumi.Map
}

// nodeRules let nodes, pods and the control plane talk. The last one is of the
// control plane's group.
func (p *parts) nodeRules() []namedRule {
	return []namedRule{
		{"eksNodeIngressRule", with(ports(p.nodes, "ingress", "-1", 0, 0, "Allow nodes to communicate with each other"), "self", pulumi.Bool(true))},
		{"eksNodeClusterIngressRule", with(ports(p.nodes, "ingress", "tcp", 1025, 65535,
			"Allow worker Kubelets and pods to receive communication from the cluster control plane"), "sourceSecurityGroupId", p.group.ID())},
		{"eksExtApiServerClusterIngressRule", with(ports(p.nodes, "ingress", "tcp", 443, 443,
			"Allow pods running extension API servers on port 443 to receive communication from cluster control plane"), "sourceSecurityGroupId", p.group.ID())},
		{"eksNodeInternetEgressRule", everywhere(p.nodes)},
		{"eksClusterIngressRule", with(ports(p.group, "ingress", "tcp", 443, 443, "Allow pods to communicate with the cluster API Server"), "sourceSecurityGroupId", p.nodes.ID())},
	}
}

func (b *builder) group(name string, tags pulumi.Input) *other {
	made := &other{}
	b.add("aws:ec2/securityGroup:SecurityGroup", name, pulumi.Map{
		"vpcId": b.flows("vpcId"), "revokeRulesOnDelete": pulumi.Bool(true), "tags": tags,
	}, made)
	return made
}

func (b *builder) rule(name string, inputs pulumi.Map) *groupRule {
	made := &groupRule{}
	b.add("aws:ec2/securityGroupRule:SecurityGroupRule", name, inputs, made)
	return made
}

// ports are a rule's inputs but for the peer.
func ports(group *other, kind, protocol string, from, to int, why string) pulumi.Map {
	return pulumi.Map{
		"description": pulumi.String(why), "type": pulumi.String(kind), "fromPort": pulumi.Int(from), "toPort": pulumi.Int(to),
		"protocol": pulumi.String(protocol), "securityGroupId": group.ID(),
	}
}

// everywhere lets all traffic of a group out.
func everywhere(group *other) pulumi.Map {
	return with(ports(group, "egress", "-1", 0, 0, "Allow internet access."), "cidrBlocks", pulumi.ToStringArray([]string{"0.0.0.0/0"}))
}

func with(inputs pulumi.Map, name string, value pulumi.Input) pulumi.Map {
	inputs[name] = value
	return inputs
}
