package karpenter

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

// classFinalizer keeps a node class until its profiles and templates are gone.
const classFinalizer = "karpenter.k8s.aws/termination"

// reconcileClass resolves what a node class names, gives its role an instance
// profile and tries a launch (nodeclass.Controller).
func (c *controller) reconcileClass(class cloud.Object) error {
	if class.Deleting() {
		return c.finalizeClass(class)
	}
	class, err := c.api.Patch(class, func(o cloud.Object) { o.AddFinalizer(classFinalizer) })
	if err != nil || class == nil {
		return err
	}
	conditions := []condition{
		c.resolveImages(class),
		c.resolveSubnets(class),
		c.resolveGroups(class),
		judged("InstanceProfileReady", c.ensureProfile(class)),
	}
	conditions = append(conditions, c.validate(class, conditions))
	_, err = c.api.Patch(class, func(o cloud.Object) {
		o["status"] = class["status"]
		setConditions(o, ready(conditions))
	})
	return err
}

// families are the SSM parameters of the AMI families' newest AMIs.
var families = map[string]string{
	"al2":          "eks/optimized-ami/{version}/amazon-linux-2/recommended/image_id",
	"al2023":       "eks/optimized-ami/{version}/amazon-linux-2023/x86_64/standard/recommended/image_id",
	"bottlerocket": "bottlerocket/aws-k8s-{version}/x86_64/latest/image_id",
	"windows2019":  "ami-windows-latest/Windows_Server-2019-English-Core-EKS_Optimized-{version}/image_id",
	"windows2022":  "ami-windows-latest/Windows_Server-2022-English-Core-EKS_Optimized-{version}/image_id",
	"windows2025":  "ami-windows-latest/Windows_Server-2025-English-Core-EKS_Optimized-{version}/image_id",
}

// resolveImages asks for the AMIs. The account has none: every term that is
// not malformed finds one.
func (c *controller) resolveImages(class cloud.Object) condition {
	const kind = "AMIsReady"
	requests := []request{{action: "ec2:DescribeImages", resource: "*"}}
	var images []any
	for _, term := range terms(class, "amiSelectorTerms") {
		id := term.Text("id")
		if alias := term.Text("alias"); alias != "" {
			family, _, _ := strings.Cut(alias, "@")
			parameter, ok := families[family]
			if !ok {
				return isFalse(kind, "AMINotFound", "AMISelector did not match any AMIs")
			}
			parameter = strings.ReplaceAll(parameter, "{version}", c.cluster.Version)
			requests = append(requests, request{
				action:   "ssm:GetParameter",
				resource: "arn:" + c.client.Account().Partition() + ":ssm:" + c.cluster.Region + "::parameter/aws/service/" + parameter,
			})
		}
		if id == "" {
			id = "ami-0" + cloud.HexID(fmt.Sprint(c.cluster.Region, map[string]any(term)), 16)
		}
		images = append(images, map[string]any{"id": id})
	}
	err := c.ask(requests...)
	if err == nil {
		class.Set(images, "status", "amis")
	}
	return judged(kind, err)
}

func (c *controller) resolveSubnets(class cloud.Object) condition {
	const kind = "SubnetsReady"
	var found []any
	err := c.ask(request{action: "ec2:DescribeSubnets", resource: "*"})
	for _, term := range terms(class, "subnetSelectorTerms") {
		subnets, failed := c.client.DescribeSubnets(filters(term, map[string]string{"id": "subnet-id"}))
		err = errors.Join(err, failed)
		for _, subnet := range subnets {
			found = append(found, map[string]any{"id": subnet.ID, "zone": subnet.Zone})
		}
	}
	return c.resolved(class, kind, "subnets", found, err, "SubnetsNotFound", "SubnetSelector did not match any Subnets")
}

func (c *controller) resolveGroups(class cloud.Object) condition {
	const kind = "SecurityGroupsReady"
	var found []any
	err := c.ask(request{action: "ec2:DescribeSecurityGroups", resource: "*"})
	for _, term := range terms(class, "securityGroupSelectorTerms") {
		groups, failed := c.client.DescribeSecurityGroups(filters(term, map[string]string{"id": "group-id", "name": "group-name"}))
		err = errors.Join(err, failed)
		for _, group := range groups {
			found = append(found, map[string]any{"id": group.ID, "name": group.Name})
		}
	}
	return c.resolved(class, kind, "securityGroups", found, err, "SecurityGroupsNotFound", "SecurityGroupSelector did not match any SecurityGroups")
}

// resolved sets what terms found, once each, in the order of ids.
func (c *controller) resolved(class cloud.Object, kind, field string, found []any, err error, reason, message string) condition {
	id := func(element any) string { return cloud.Object(element.(map[string]any)).Text("id") }
	slices.SortFunc(found, func(a, b any) int { return strings.Compare(id(a), id(b)) })
	found = slices.CompactFunc(found, func(a, b any) bool { return id(a) == id(b) })
	switch {
	case err != nil:
		return isUnknown(kind, err)
	case len(found) == 0:
		class.Set([]any{}, "status", field)
		return isFalse(kind, reason, message)
	}
	class.Set(found, "status", field)
	return isTrue(kind)
}

// terms are the selector terms of a node class.
func terms(class cloud.Object, field string) []cloud.Object {
	list, _ := class.At("spec", field).([]any)
	var all []cloud.Object
	for _, element := range list {
		if fields, ok := element.(map[string]any); ok {
			all = append(all, fields)
		}
	}
	return all
}

// filters are EC2's for a selector term; a tag's value * is any.
func filters(term cloud.Object, names map[string]string) []cloud.Filter {
	var all []cloud.Filter
	for field, name := range names {
		if value := term.Text(field); value != "" {
			all = append(all, cloud.Filter{Name: name, Values: []string{value}})
		}
	}
	for key, value := range texts(term, "tags") {
		if value == "*" {
			all = append(all, cloud.Filter{Name: "tag-key", Values: []string{key}})
		} else {
			all = append(all, cloud.Filter{Name: "tag:" + key, Values: []string{value}})
		}
	}
	return all
}

// validate tries what a launch asks for (nodeclass.Validation). The launch
// template of the trial is made in earnest.
func (c *controller) validate(class cloud.Object, so []condition) condition {
	const kind = "ValidationSucceeded"
	if isAL2023(class) {
		if err := c.ask(request{action: "eks:DescribeCluster", resource: c.cluster.ARN}); err != nil {
			return isFalse(kind, "ClusterCIDRResolutionFailed", "Failed to detect the cluster CIDR: "+err.Error())
		}
	}
	for _, dependency := range so {
		if dependency.status != "True" {
			return condition{kind, dependency.status, "DependenciesNotReady", "Awaiting AMI, Instance Profile, Security Group, and Subnet resolution"}
		}
	}
	tags := c.tags(class, "")
	template, err := c.ensureTemplate(class, tags)
	for _, trial := range []struct {
		call, reason string
		requests     []request
	}{
		{"CreateLaunchTemplate", "CreateLaunchTemplateAuthCheckFailed", nil},
		{"CreateFleet", "CreateFleetAuthCheckFailed", c.launching("CreateFleet", template, tags, placed(class), triedFleet...)},
		{"RunInstances", "RunInstancesAuthCheckFailed", c.launching("RunInstances", template, tags, placed(class), triedInstance...)},
	} {
		if err == nil {
			err = c.ask(trial.requests...)
		}
		if err != nil {
			return isFalse(kind, trial.reason, "Controller isn't authorized to call ec2:"+trial.call+": "+err.Error())
		}
	}
	return isTrue(kind)
}

// isAL2023 tells whether nodes are told the services' CIDR at their start.
func isAL2023(class cloud.Object) bool {
	return class.Text("spec", "amiFamily") == "AL2023" || slices.ContainsFunc(terms(class, "amiSelectorTerms"), func(term cloud.Object) bool {
		return strings.HasPrefix(term.Text("alias"), "al2023@")
	})
}

// ensureTemplate makes a node class's launch template for some tags and
// returns its id.
func (c *controller) ensureTemplate(class cloud.Object, tags cloud.Tags) (string, error) {
	name := "karpenter.k8s.aws/" + digits(fmt.Sprint(class.UID(), class.Text("status", "instanceProfile"), tags))
	requests := c.templating(tags)
	if err := c.ask(requests[0]); err != nil {
		return "", err
	}
	found, err := c.client.DescribeLaunchTemplates([]cloud.Filter{{Name: "launch-template-name", Values: []string{name}}})
	if err != nil || len(found) > 0 {
		if len(found) > 0 {
			return found[0].ID, nil
		}
		return "", err
	}
	if err := c.ask(requests[1:]...); err != nil {
		return "", err
	}
	return c.client.CreateLaunchTemplate(cloud.LaunchTemplate{Name: name, Tags: tags})
}

// finalizeClass waits until no node uses a node class, and removes what was
// made for it.
func (c *controller) finalizeClass(class cloud.Object) error {
	if !slices.Contains(class.Finalizers(), classFinalizer) {
		return nil
	}
	used, err := c.api.List(coreAPI, claims)
	if err != nil {
		return err
	}
	for _, claim := range used {
		if claim.Text("spec", "nodeClassRef", "name") == class.Name() {
			return fmt.Errorf("waiting on NodeClaim termination for %s", claim.Name())
		}
	}
	for _, remove := range []func(cloud.Object) error{c.removeProfiles, c.removeTemplates} {
		if err := remove(class); err != nil {
			return err
		}
	}
	_, err = c.api.Patch(class, func(o cloud.Object) { o.RemoveFinalizer(classFinalizer) })
	return err
}

// removeTemplates deletes a node class's launch templates.
func (c *controller) removeTemplates(class cloud.Object) error {
	if err := c.ask(request{action: "ec2:DescribeLaunchTemplates", resource: "*"}); err != nil {
		return err
	}
	found, err := c.client.DescribeLaunchTemplates([]cloud.Filter{
		{Name: "tag:" + clusterTag, Values: []string{c.cluster.Name}}, {Name: "tag:" + classTag, Values: []string{class.Name()}},
	})
	for _, template := range found {
		if err := c.ask(request{action: "ec2:DeleteLaunchTemplate", resource: c.arn("launch-template/" + template.ID)}); err != nil {
			return err
		}
		if err := c.client.DeleteLaunchTemplate(template.ID); err != nil {
			return err
		}
	}
	return err
}
