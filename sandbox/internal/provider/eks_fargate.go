package provider

import (
	"fmt"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

var fargateProfileType = resourceType{
	token: "aws:eks/fargateProfile:FargateProfile",
	noun:  "EKS Fargate Profile",
	properties: tagged.with(schema{
		"arn":                 {kind: text, mode: computed},
		"clusterName":         {kind: text, mode: required, replace: true, checks: clusterName},
		"fargateProfileName":  {kind: text, mode: optionalComputed, replace: true, autoname: 100},
		"podExecutionRoleArn": {kind: text, mode: required, replace: true, checks: []check{isARN}},
		"selectors": {kind: objects, mode: required, replace: true, checks: []check{atLeast(1)}, fields: schema{
			"labels":    {kind: textMap},
			"namespace": {kind: text, mode: required},
		}},
		"status":    {kind: text, mode: computed},
		"subnetIds": {kind: texts, replace: true, unordered: true},
	}),
	creating: func(in values) string { return fmt.Sprintf("creating EKS Fargate Profile (%s)", fargateID(in)) },
	create: func(c *cloud.Client, in values) (string, error) {
		return emptyOn(fargateID(in), c.CreateFargateProfile(fargateProfile(in)))
	},
	read: readFargateProfile,
	update: func(c *cloud.Client, _ string, _, new values) error {
		return c.TagFargateProfile(new.text("clusterName"), new.text("fargateProfileName"), new.tags())
	},
	remove: func(c *cloud.Client, _ string, state values) error {
		return c.DeleteFargateProfile(state.text("clusterName"), state.text("fargateProfileName"))
	},
}

func fargateID(in values) string { return in.text("clusterName") + ":" + in.text("fargateProfileName") }

func fargateProfile(in values) cloud.FargateProfile {
	profile := cloud.FargateProfile{
		Name:      in.text("fargateProfileName"),
		Cluster:   in.text("clusterName"),
		RoleARN:   in.text("podExecutionRoleArn"),
		SubnetIDs: in.texts("subnetIds"),
		Tags:      in.tags(),
	}
	for _, selector := range in.objects("selectors") {
		profile.Selectors = append(profile.Selectors, cloud.FargateSelector{Namespace: selector.text("namespace"), Labels: selector.textMap("labels")})
	}
	return profile
}

func readFargateProfile(c *cloud.Client, id string, _ values) (found, error) {
	cluster, name, err := twoParts(id, "cluster-name", "fargate-profile-name")
	if err != nil {
		return found{}, err
	}
	profile, err := c.DescribeFargateProfile(cluster, name)
	if err != nil {
		return gone(err)
	}
	selectors := []any{}
	for _, selector := range profile.Selectors {
		state := map[string]any{"namespace": selector.Namespace}
		if len(selector.Labels) > 0 {
			state["labels"] = selector.Labels
		}
		selectors = append(selectors, state)
	}
	return found{id, values{
		"arn":                 profile.ARN,
		"clusterName":         profile.Cluster,
		"fargateProfileName":  profile.Name,
		"podExecutionRoleArn": profile.RoleARN,
		"selectors":           selectors,
		"status":              "ACTIVE",
		"subnetIds":           profile.SubnetIDs,
	}.withTags(profile.Tags)}, nil
}
