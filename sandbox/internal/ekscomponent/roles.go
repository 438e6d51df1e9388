package ekscomponent

import (
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"gopkg.in/yaml.v3"
)

// addRole makes the control plane's role, or takes the one given.
func (b *builder) addRole(p *parts) {
	if urns := b.references("serviceRole"); len(urns) > 0 {
		p.role = b.found(urns[0])
		return
	}
	p.role, p.beforeCluster = b.serviceRole(p.partition, serviceRole{
		name:        b.name + "-eksRole",
		service:     "eks",
		description: "Allows EKS to manage clusters on your behalf.",
		policies:    []string{"AmazonEKSClusterPolicy"},
		actions:     []string{"sts:AssumeRole", "sts:TagSession"},
	})
}

// serviceRole is a role that a service may assume, with AWS managed policies.
type serviceRole struct {
	name, service, description string
	policies, actions          []string
}

// serviceRole registers a role in a component of its own. It returns the role,
// and what must be there before the role can be relied on.
func (b *builder) serviceRole(where partition, wanted serviceRole) (*role, []pulumi.Resource) {
	own := b.component("eks:index:ServiceRole", wanted.name)
	inner := b.below(own)
	trust, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{
		"Action": wanted.actions, "Effect": "Allow", "Principal": map[string]any{"Service": []string{wanted.service + "." + where.Suffix}},
	}}})
	if err != nil {
		inner.err = err
	}
	made := &role{}
	inner.add("aws:iam/role:Role", wanted.name+"-role", pulumi.Map{
		"description": pulumi.String(wanted.description), "assumeRolePolicy": pulumi.String(trust), "tags": b.flows("tags"),
	}, made)
	ready := []pulumi.Resource{made}
	for _, policy := range wanted.policies {
		attached := &other{}
		inner.add("aws:iam/rolePolicyAttachment:RolePolicyAttachment", wanted.name+"-"+hashed("arn:aws:iam::aws:policy/"+policy), pulumi.Map{
			"policyArn": pulumi.String(fmt.Sprintf("arn:%s:iam::aws:policy/%s", where.Name, policy)), "role": made.Name,
		}, attached)
		ready = append(ready, attached)
	}
	inner.outputs(own, pulumi.Map{"resolvedRole": reference(made), "directRole": reference(made)})
	b.err = inner.err
	return made, ready
}

// hashed is the end of an attachment's name.
func hashed(policy string) string {
	sum := sha1.Sum([]byte(policy))
	return hex.EncodeToString(sum[:])[:8]
}

// findInstanceRoles takes the roles of nodes that are given.
func (b *builder) findInstanceRoles(p *parts) {
	for _, urn := range append(b.references("instanceRoles"), b.references("instanceRole")...) {
		p.instanceRoles = append(p.instanceRoles, b.found(urn))
	}
}

// addConfigMap makes aws-auth, by which roles and users get into the cluster.
func (b *builder) addConfigMap(p *parts) {
	if !b.hasConfigMap() {
		return
	}
	arns := pulumi.StringArray{}
	for _, role := range p.instanceRoles {
		arns = append(arns, role.ARN)
	}
	data := pulumi.Map{"mapRoles": pulumi.All(b.orNothing("roleMappings"), arns).ApplyT(func(both []any) (string, error) {
		mapped := mappings(both[0], "rolearn", "roleArn")
		for _, arn := range texts(both[1]) {
			mapped = append(mapped, mapping{{"rolearn", arn}, {"username", "system:node:{{EC2PrivateDNSName}}"}, {"groups", []string{"system:bootstrappers", "system:nodes"}}})
		}
		return listed(mapped)
	}).(pulumi.StringOutput)}
	if b.has("userMappings") {
		data["mapUsers"] = pulumi.All(b.orNothing("userMappings")).ApplyT(func(all []any) (string, error) {
			return listed(mappings(all[0], "userarn", "userArn"))
		}).(pulumi.StringOutput)
	}
	p.configMap = &other{}
	b.register("kubernetes:core/v1:ConfigMap", b.name+"-nodeAccess", pulumi.Map{
		"apiVersion": pulumi.String("v1"), "kind": pulumi.String("ConfigMap"), "immutable": pulumi.Bool(false), "data": data,
		"metadata": pulumi.Map{
			"name": pulumi.String("aws-auth"), "namespace": pulumi.String("kube-system"),
			"annotations": pulumi.StringMap{"pulumi.com/patchForce": pulumi.String("true")},
		},
	}, p.configMap, pulumi.Provider(p.kubernetes), pulumi.Version(kubernetes))
}

// mapping is one entry of aws-auth, in order.
type mapping []field

type field struct {
	name  string
	value any
}

// mappings are the entries that a program gives.
func mappings(given any, name, from string) []mapping {
	var all []mapping
	list, _ := given.([]any)
	for _, element := range list {
		entry := object(element)
		all = append(all, mapping{{name, entry[from]}, {"username", entry["username"]}, {"groups", texts(entry["groups"])}})
	}
	return all
}

// listed is a list of entries as YAML.
func listed(all []mapping) (string, error) {
	nodes := yaml.Node{Kind: yaml.SequenceNode}
	for _, entry := range all {
		node := &yaml.Node{Kind: yaml.MappingNode}
		for _, field := range entry {
			var value yaml.Node
			if err := value.Encode(field.value); err != nil {
				return "", err
			}
			node.Content = append(node.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: field.name}, &value)
		}
		nodes.Content = append(nodes.Content, node)
	}
	var out strings.Builder
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(&nodes); err != nil {
		return "", err
	}
	return out.String(), encoder.Close()
}

// addEntries makes the access entries: that of the instance role and those that
// the program gives.
func (b *builder) addEntries(p *parts) {
	if !b.takesEntries() {
		return
	}
	add := func(key string, inputs pulumi.Map) {
		made := &other{}
		inputs["clusterName"] = p.cluster.Name
		b.add("aws:eks/accessEntry:AccessEntry", b.name+"-"+key, inputs, made, pulumi.DependsOn([]pulumi.Resource{p.cluster}))
		p.entries = append(p.entries, made)
	}
	if b.has("instanceRole") && len(p.instanceRoles) > 0 {
		add("defaultNodeGroupInstanceRole", pulumi.Map{"principalArn": p.instanceRoles[0].ARN, "type": pulumi.String("EC2_LINUX")})
	}
	entries := b.fields("accessEntries")
	for _, key := range entries.StableKeys() {
		if !entries[key].IsObject() {
			continue
		}
		inputs := pulumi.Map{}
		for from, to := range map[string]string{"kubernetesGroups": "kubernetesGroups", "principalArn": "principalArn", "tags": "tags", "type": "type", "username": "userName"} {
			if given := entries[key].ObjectValue(); slices.Contains(given.StableKeys(), keyOf(from)) {
				inputs[to] = b.within("accessEntries", string(key), from)
			}
		}
		add(string(key), inputs)
	}
}
