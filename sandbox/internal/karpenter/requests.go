package karpenter

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

// request is one call on one resource, as IAM judges it. What the account
// knows of the resource, such as its tags, is not said again.
type request struct {
	action, resource string
	sets             cloud.Tags
	keys             map[string]string // further condition keys
	// during is the call that asks for it, such as ec2:CreateFleet; the action
	// itself when empty.
	during string
}

func (r request) context() map[string][]string {
	context := map[string][]string{}
	for key, value := range r.sets {
		context["aws:RequestTag/"+key] = []string{value}
	}
	for key, value := range r.keys {
		context[key] = []string{value}
	}
	return context
}

// ask puts requests to the account's policies and returns the first refusal.
func (c *controller) ask(requests ...request) error {
	for _, r := range requests {
		decision, err := c.client.Authorize(c.session, r.action, r.resource, r.context())
		if err != nil {
			return fmt.Errorf("deciding on %s: %w", r.action, err)
		}
		if !decision.Allowed {
			return cloud.Denied(c.session, cmp.Or(r.during, r.action), decision)
		}
	}
	return nil
}

// startingUp are the controller's first calls.
func startingUp(cluster cloud.Cluster, lookUp bool) []request {
	requests := []request{{action: "ec2:DescribeInstanceTypes", resource: "*"}}
	if lookUp {
		requests = append(requests, request{action: "eks:DescribeCluster", resource: cluster.ARN})
	}
	return append(requests, request{action: "ec2:DescribeInstanceTypeOfferings", resource: "*"})
}

// The tags that Karpenter sets (utils.GetTags, EC2NodeClass.InstanceProfileTags).
const (
	poolTag    = "karpenter.sh/nodepool"
	claimTag   = "karpenter.sh/nodeclaim"
	classTag   = "karpenter.k8s.aws/ec2nodeclass"
	clusterTag = "eks:eks-cluster-name"
	regionTag  = "topology.kubernetes.io/region"
)

// tags are those of everything that is launched for a node class; those of a
// dry run name no pool.
func (c *controller) tags(class cloud.Object, pool string) cloud.Tags {
	tags := c.owned(class)
	tags[poolTag] = pool
	return tags
}

// owned are the tags that everything has.
func (c *controller) owned(class cloud.Object) cloud.Tags {
	tags := texts(class, "spec", "tags")
	maps.Copy(tags, cloud.Tags{"kubernetes.io/cluster/" + c.cluster.Name: "owned", clusterTag: c.cluster.Name, classTag: class.Name()})
	return tags
}

func (c *controller) profileTags(class cloud.Object) cloud.Tags {
	tags := c.owned(class)
	tags[regionTag] = c.cluster.Region
	return tags
}

// texts is a map of texts in an object.
func texts(object cloud.Object, path ...string) cloud.Tags {
	all := cloud.Tags{}
	fields, _ := object.At(path...).(map[string]any)
	for key, value := range fields {
		all[key], _ = value.(string)
	}
	return all
}

// arn is the ARN of something of EC2's.
func (c *controller) arn(resource string) string { return c.client.ARN("ec2", resource) }

// public is the ARN of something of EC2's that no account has.
func (c *controller) public(resource string) string {
	return "arn:" + c.client.Account().Partition() + ":ec2:" + c.cluster.Region + "::" + resource
}

// templating are what the creation of a launch template asks.
func (c *controller) templating(tags cloud.Tags) []request {
	return []request{
		{action: "ec2:DescribeLaunchTemplates", resource: "*"},
		{action: "ec2:CreateLaunchTemplate", resource: c.arn("launch-template/*"), sets: tags},
		{action: "ec2:CreateTags", resource: c.arn("launch-template/*"), sets: tags, keys: map[string]string{"ec2:CreateAction": "CreateLaunchTemplate"}, during: "ec2:CreateLaunchTemplate"},
	}
}

// launching are what CreateFleet or RunInstances asks: of what it makes, and
// of what it uses.
func (c *controller) launching(action, template string, tags cloud.Tags, p placement, makes ...string) []request {
	var requests []request
	for _, kind := range makes {
		resource := c.arn(kind + "/*")
		requests = append(
			requests,
			request{action: "ec2:" + action, resource: resource, sets: tags},
			request{action: "ec2:CreateTags", resource: resource, sets: tags, keys: map[string]string{"ec2:CreateAction": action}, during: "ec2:" + action},
		)
	}
	used := []string{c.arn("launch-template/" + template), c.public("image/" + p.image), c.arn("subnet/" + p.subnet)}
	for _, group := range p.groups {
		used = append(used, c.arn("security-group/"+group))
	}
	for _, resource := range used {
		requests = append(requests, request{action: "ec2:" + action, resource: resource})
	}
	return requests
}

// What the dry runs and a launch make. A launch by a fleet asks for the
// instance, too.
var (
	triedFleet    = []string{"fleet", "instance", "volume"}
	triedInstance = []string{"instance", "volume", "network-interface"}
	launchedFleet = []string{"fleet", "instance", "volume", "network-interface", "spot-instances-request"}
)

// passing is what a call asks that gives a role to EC2, which has a second name
// in China.
func (c *controller) passing(role, during string) []request {
	var requests []request
	services := []string{"ec2.amazonaws.com", "ec2." + cloud.DNSSuffix(c.client.Account().Partition())}
	for _, service := range slices.Compact(services) {
		requests = append(requests, request{action: "iam:PassRole", resource: role, keys: map[string]string{"iam:PassedToService": service}, during: during})
	}
	return requests
}

// placement is where and from what a node class launches.
type placement struct {
	image, subnet string
	groups        []string
}

func placed(class cloud.Object) placement {
	first := func(field string) []string { return ids(class, field) }
	p := placement{groups: first("securityGroups")}
	if subnets := first("subnets"); len(subnets) > 0 {
		p.subnet = subnets[0]
	}
	if images := first("amis"); len(images) > 0 {
		p.image = images[0]
	}
	return p
}

// ids are those of a list in a node class's status.
func ids(class cloud.Object, field string) []string {
	list, _ := class.At("status", field).([]any)
	var all []string
	for _, element := range list {
		fields, _ := element.(map[string]any)
		all = append(all, cloud.Object(fields).Text("id"))
	}
	return slices.Clip(all)
}
