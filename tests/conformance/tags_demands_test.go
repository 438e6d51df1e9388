package conformance

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// demand is what IAM is asked for one resource of a call: the action, the tags that the call sets on the resource, and
// those that the resource bears.
type tagsDemand struct {
	action, resource string
	arn              string // of the resource, where it is one of IAM
	sets, bears      map[string]string
	facts            map[string]string // further condition keys
}

// String tells demands of the same kind apart from others.
func (d tagsDemand) String() string {
	return strings.TrimSpace(d.action + " " + d.resource + " " + d.facts["ec2:CreateAction"])
}

// context are the condition keys of the request.
func (d tagsDemand) context() map[string][]string {
	context := map[string][]string{}
	for prefix, values := range map[string]map[string]string{"aws:RequestTag/": d.sets, "aws:ResourceTag/": d.bears, "": d.facts} {
		for key, value := range values {
			context[prefix+key] = []string{value}
		}
	}
	return context
}

// demands are all that Karpenter's life takes. A fleet runs its instances in the caller's name, and EC2 gives what a launch
// makes the tags of its launch template, too. That launch templates are deleted later, Karpenter's fake of EC2 does not tell.
func (l *karpentersLife) demands() []tagsDemand {
	var all []tagsDemand
	templates := map[string]*ec2.CreateLaunchTemplateInput{}
	l.env.EC2API.CreateLaunchTemplateBehavior.CalledWithInput.ForEach(func(in *ec2.CreateLaunchTemplateInput) {
		templates[*in.LaunchTemplateName] = in
		tags := specified(in.TagSpecifications)
		all = append(all, makes("CreateLaunchTemplate", tags)...)
		all = append(all, tagsDemand{action: "ec2:DeleteLaunchTemplate", resource: "launch-template", bears: plainTags(tags["launch-template"])})
	})
	launches := func(action, template string, specifications []ec2types.TagSpecification) {
		made := specified(specifications)
		for _, specification := range templates[template].LaunchTemplateData.TagSpecifications {
			made[string(specification.ResourceType)] = specification.Tags
		}
		bears := plainTags(specified(templates[template].TagSpecifications)["launch-template"])
		all = append(all, makes(action, made)...)
		all = append(all, tagsDemand{action: "ec2:" + action, resource: "launch-template", bears: bears})
	}
	l.env.EC2API.RunInstancesBehavior.CalledWithInput.ForEach(func(in *ec2.RunInstancesInput) {
		launches("RunInstances", *in.LaunchTemplate.LaunchTemplateName, in.TagSpecifications)
	})
	var instance map[string]string
	l.env.EC2API.CreateFleetBehavior.CalledWithInput.ForEach(func(in *ec2.CreateFleetInput) {
		template := *in.LaunchTemplateConfigs[0].LaunchTemplateSpecification.LaunchTemplateName
		launches("CreateFleet", template, in.TagSpecifications)
		launches("RunInstances", template, slices.DeleteFunc(slices.Clone(in.TagSpecifications), isFleet))
		instance = plainTags(specified(in.TagSpecifications)["instance"])
	})
	l.env.EC2API.CreateTagsBehavior.CalledWithInput.ForEach(func(in *ec2.CreateTagsInput) {
		all = append(all, tagsDemand{action: "ec2:CreateTags", resource: "instance", sets: plainTags(in.Tags), bears: instance})
	})
	l.env.EC2API.TerminateInstancesBehavior.CalledWithInput.ForEach(func(*ec2.TerminateInstancesInput) {
		all = append(all, tagsDemand{action: "ec2:TerminateInstances", resource: "instance", bears: instance})
	})
	return append(all, l.iam.demands()...)
}

// makes are the demands of a call that makes resources with tags: each is made, and tagged as part of it.
func makes(action string, tags map[string][]ec2types.Tag) []tagsDemand {
	var all []tagsDemand
	for _, kind := range slices.Sorted(maps.Keys(tags)) {
		sets := plainTags(tags[kind])
		all = append(
			all,
			tagsDemand{action: "ec2:" + action, resource: kind, sets: sets},
			tagsDemand{action: "ec2:CreateTags", resource: kind, sets: sets, facts: map[string]string{"ec2:CreateAction": action}},
		)
	}
	return all
}

// demands are those of the calls that change instance profiles, and of the roles that go into them.
func (s *sandboxIAM) demands() []tagsDemand {
	var all []tagsDemand
	for _, call := range s.calls {
		d := tagsDemand{action: "iam:" + call.method + "InstanceProfile", resource: "instance-profile", arn: call.profile.ARN, bears: call.profile.Tags}
		switch call.method {
		case "Get", "List":
			continue
		case "Create":
			d.sets, d.bears = d.bears, nil
		case "AddRole":
			d.action = "iam:AddRoleToInstanceProfile"
			all = append(all, tagsDemand{
				action: "iam:PassRole", resource: "role/" + call.role, arn: s.roleARN, facts: map[string]string{"iam:PassedToService": "ec2.amazonaws.com"},
			})
		case "RemoveRole":
			d.action = "iam:RemoveRoleFromInstanceProfile"
		}
		if call.profile.ARN != "" {
			all = append(all, d)
		}
	}
	return all
}

func isFleet(specification ec2types.TagSpecification) bool {
	return specification.ResourceType == ec2types.ResourceTypeFleet
}

// specified are the tags of a call by the kind of resource.
func specified(specifications []ec2types.TagSpecification) map[string][]ec2types.Tag {
	tags := map[string][]ec2types.Tag{}
	for _, specification := range specifications {
		tags[string(specification.ResourceType)] = specification.Tags
	}
	return tags
}

func plainTags(tags []ec2types.Tag) map[string]string {
	plain := map[string]string{}
	for _, tag := range tags {
		plain[*tag.Key] = *tag.Value
	}
	return plain
}
