package provider

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

// amiTypes are the kinds of images that managed node groups run:
// https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html
var amiTypes = []string{
	"AL2_x86_64", "AL2_x86_64_GPU", "AL2_ARM_64", "CUSTOM",
	"BOTTLEROCKET_ARM_64", "BOTTLEROCKET_x86_64", "BOTTLEROCKET_ARM_64_FIPS", "BOTTLEROCKET_x86_64_FIPS", "BOTTLEROCKET_ARM_64_NVIDIA", "BOTTLEROCKET_x86_64_NVIDIA",
	"WINDOWS_CORE_2019_x86_64", "WINDOWS_FULL_2019_x86_64", "WINDOWS_CORE_2022_x86_64", "WINDOWS_FULL_2022_x86_64",
	"AL2023_x86_64_STANDARD", "AL2023_ARM_64_STANDARD", "AL2023_x86_64_NEURON", "AL2023_x86_64_NVIDIA", "AL2023_ARM_64_NVIDIA",
}

var nodeGroupType = resourceType{
	token: "aws:eks/nodeGroup:NodeGroup",
	noun:  "EKS Node Group",
	properties: tagged.with(schema{
		"amiType":            {kind: text, mode: optionalComputed, replace: true, imported: true, checks: []check{oneOf(amiTypes...)}},
		"arn":                {kind: text, mode: computed},
		"capacityType":       {kind: text, mode: optionalComputed, replace: true, imported: true, checks: []check{oneOf("ON_DEMAND", "SPOT", "CAPACITY_BLOCK")}},
		"clusterName":        {kind: text, mode: required, replace: true, checks: clusterName},
		"diskSize":           {kind: number, mode: optionalComputed, replace: true},
		"forceUpdateVersion": {kind: flag, local: true},
		"instanceTypes":      {kind: texts, mode: optionalComputed, replace: true, imported: true},
		"labels":             {kind: textMap},
		"launchTemplate": {kind: object, fields: schema{
			"id":      {kind: text, mode: optionalComputed, replace: true, imported: true, conflicts: []string{"name"}},
			"name":    {kind: text, mode: optionalComputed, replace: true},
			"version": {kind: text, mode: required, checks: []check{length(1, 255)}},
		}},
		"nodeGroupName":       {kind: text, mode: optionalComputed, replace: true, autoname: 63, checks: []check{length(0, 63)}, conflicts: []string{"nodeGroupNamePrefix"}},
		"nodeGroupNamePrefix": {kind: text, mode: optionalComputed, replace: true, checks: []check{length(0, 63-uniqueDigits)}, conflicts: []string{"nodeGroupName"}},
		"nodeRepairConfig":    {kind: object, mode: optionalComputed, fields: schema{"enabled": {kind: flag, otherwise: false}}},
		"nodeRoleArn":         {kind: text, mode: required, replace: true},
		"releaseVersion":      {kind: text, mode: optionalComputed},
		"remoteAccess":        {kind: object, unmodelled: true},
		"resources":           {kind: objects, mode: computed},
		"scalingConfig": {kind: object, mode: required, fields: schema{
			"desiredSize": {kind: number, mode: required, checks: []check{between(0, 450)}},
			"maxSize":     {kind: number, mode: required, checks: []check{between(1, 450)}},
			"minSize":     {kind: number, mode: required, checks: []check{between(0, 450)}},
		}},
		"status":    {kind: text, mode: computed},
		"subnetIds": {kind: texts, mode: required, replace: true, unordered: true, checks: []check{atLeast(1)}},
		"taints": {kind: objects, checks: []check{atMost(50)}, fields: schema{
			"effect": {kind: text, mode: required, checks: []check{oneOf("NO_SCHEDULE", "NO_EXECUTE", "PREFER_NO_SCHEDULE")}},
			"key":    {kind: text, mode: required, checks: []check{length(1, 63)}},
			"value":  {kind: text, checks: []check{length(0, 63)}},
		}},
		"updateConfig": {kind: object, mode: optionalComputed, fields: schema{
			"maxUnavailable":           {kind: number, checks: []check{between(1, 100)}, conflicts: []string{"maxUnavailablePercentage"}},
			"maxUnavailablePercentage": {kind: number, checks: []check{between(1, 100)}},
		}},
		"version": {kind: text, mode: optionalComputed},
	}),
	creating: func(in values) string {
		return fmt.Sprintf("creating EKS Node Group (%s:%s%s)", in.text("clusterName"), in.text("nodeGroupName"), in.text("nodeGroupNamePrefix"))
	},
	create: createNodeGroup,
	read:   readNodeGroup,
	update: updateNodeGroup,
	remove: func(c *cloud.Client, _ string, state values) error {
		return c.DeleteNodegroup(state.text("clusterName"), state.text("nodeGroupName"))
	},
}

// atMost takes lists of no more than so many elements.
func atMost(most int) check {
	return func(name string, value any) string {
		if elements, _ := value.([]any); len(elements) > most {
			return fmt.Sprintf("Too many list items: attribute %s supports %d item maximum, but config has %d declared.", name, most, len(elements))
		}
		return ""
	}
}

// uniqueDigits end a name that is made of a prefix: in Terraform the time and a
// count, here the first count that is free.
const uniqueDigits = 26

func createNodeGroup(c *cloud.Client, in values) (string, error) {
	group := nodeGroup(in)
	for count := 1; group.Name == ""; count++ {
		name := fmt.Sprintf("%s202501010000000000%08x", in.text("nodeGroupNamePrefix"), count)
		if !c.Account().HasNodegroup(c.Region, group.Cluster, name) {
			group.Name = name
		}
	}
	return emptyOn(group.Cluster+":"+group.Name, c.CreateNodegroup(group))
}

var unique = regexp.MustCompile(`[[:xdigit:]]{26}$`)

// namePrefix is what a name begins with, where it was made of a prefix.
func namePrefix(name string) string {
	if unique.MatchString(name) {
		return name[:len(name)-uniqueDigits]
	}
	return ""
}

// twoParts splits an id of the form first:second.
func twoParts(id, first, second string) (a, b string, err error) {
	a, b, ok := strings.Cut(id, ":")
	if !ok || a == "" || b == "" {
		return "", "", fmt.Errorf("unexpected format of ID (%s), expected %s:%s", id, first, second)
	}
	return a, b, nil
}

func nodeGroup(in values) cloud.NodeGroup {
	scaling, limit := in.object("scalingConfig"), in.object("updateConfig")
	group := cloud.NodeGroup{
		Name:           in.text("nodeGroupName"),
		Cluster:        in.text("clusterName"),
		RoleARN:        in.text("nodeRoleArn"),
		SubnetIDs:      in.texts("subnetIds"),
		Scaling:        cloud.Scaling{Desired: scaling.number("desiredSize"), Min: scaling.number("minSize"), Max: scaling.number("maxSize")},
		InstanceTypes:  in.texts("instanceTypes"),
		CapacityType:   in.text("capacityType"),
		AMIType:        in.text("amiType"),
		DiskSize:       in.number("diskSize"),
		Version:        in.text("version"),
		ReleaseVersion: in.text("releaseVersion"),
		Labels:         in.textMap("labels"),
		LaunchTemplate: templateRef(in),
		Update:         cloud.UpdateLimit{MaxUnavailable: limit.number("maxUnavailable"), MaxUnavailablePercentage: limit.number("maxUnavailablePercentage")},
		Repair:         in.object("nodeRepairConfig").flag("enabled"),
		Tags:           in.tags(),
	}
	for _, taint := range in.objects("taints") {
		group.Taints = append(group.Taints, cloud.Taint{Key: taint.text("key"), Value: taint.text("value"), Effect: taint.text("effect")})
	}
	return group
}

func templateRef(in values) *cloud.TemplateRef {
	named := in.object("launchTemplate")
	if len(named) == 0 {
		return nil
	}
	return &cloud.TemplateRef{ID: named.text("id"), Name: named.text("name"), Version: named.text("version")}
}

func readNodeGroup(c *cloud.Client, id string, _ values) (found, error) {
	cluster, name, err := twoParts(id, "cluster-name", "node-group-name")
	if err != nil {
		return found{}, err
	}
	group, err := c.DescribeNodegroup(cluster, name)
	if err != nil {
		return gone(err)
	}
	return found{id, values{
		"amiType":             group.AMIType,
		"arn":                 group.ARN,
		"capacityType":        group.CapacityType,
		"clusterName":         group.Cluster,
		"diskSize":            group.DiskSize,
		"instanceTypes":       group.InstanceTypes,
		"labels":              group.Labels,
		"launchTemplate":      templateState(group.LaunchTemplate),
		"nodeGroupName":       group.Name,
		"nodeGroupNamePrefix": namePrefix(group.Name),
		"nodeRepairConfig":    map[string]any{"enabled": group.Repair},
		"nodeRoleArn":         group.RoleARN,
		"releaseVersion":      group.ReleaseVersion,
		"resources":           []any{map[string]any{"autoscalingGroups": []any{map[string]any{"name": group.ASG}}, "remoteAccessSecurityGroupId": ""}},
		"scalingConfig":       map[string]any{"desiredSize": group.Scaling.Desired, "maxSize": group.Scaling.Max, "minSize": group.Scaling.Min},
		"status":              "ACTIVE",
		"subnetIds":           group.SubnetIDs,
		"taints":              taintStates(group.Taints),
		"updateConfig":        limitState(group.Update),
		"version":             group.Version,
	}.withTags(group.Tags)}, nil
}

func templateState(named *cloud.TemplateRef) map[string]any {
	if named == nil {
		return map[string]any{}
	}
	return map[string]any{"id": named.ID, "name": named.Name, "version": named.Version}
}

func taintStates(taints []cloud.Taint) []any {
	all := []any{}
	for _, taint := range taints {
		state := map[string]any{"key": taint.Key, "effect": taint.Effect}
		if taint.Value != "" {
			state["value"] = taint.Value
		}
		all = append(all, state)
	}
	return all
}

func limitState(limit cloud.UpdateLimit) map[string]any {
	if limit.MaxUnavailablePercentage > 0 {
		return map[string]any{"maxUnavailablePercentage": limit.MaxUnavailablePercentage}
	}
	return map[string]any{"maxUnavailable": limit.MaxUnavailable}
}

// updateNodeGroup changes the nodes' version first, as the provider does.
func updateNodeGroup(c *cloud.Client, _ string, old, new values) error {
	wanted, template := nodeGroup(new), templateRef(new)
	wanted.Name = old.text("nodeGroupName")
	if len(new.object("updateConfig")) == 0 {
		wanted.Update = nodeGroup(old).Update
	}
	moved := template != nil && template.Version != old.object("launchTemplate").text("version")
	asked := func(name string) bool { return new.text(name) != "" && new.text(name) != old.text(name) }
	return inOrder(
		unless(!moved && !asked("version") && !asked("releaseVersion"), func() error {
			return c.UpdateNodegroupVersion(wanted.Cluster, wanted.Name, wanted.Version, changedText(old, new, "releaseVersion"), template)
		}),
		func() error { return c.UpdateNodegroupConfig(wanted) },
		func() error { return c.TagNodegroup(wanted.Cluster, wanted.Name, new.tags()) },
	)
}

// changedText is a text that the program changes, else nothing.
func changedText(old, new values, name string) string {
	if old.text(name) == new.text(name) {
		return ""
	}
	return new.text(name)
}
