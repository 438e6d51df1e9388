package provider

import (
	"fmt"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

// conflictWays are how add-ons treat what was changed by others; EKS keeps
// none of them.
var conflictWays = oneOf("NONE", "OVERWRITE", "PRESERVE")

var addonType = resourceType{
	token: "aws:eks/addon:Addon",
	noun:  "EKS Add-On",
	properties: tagged.with(schema{
		"addonName":                {kind: text, mode: required, replace: true},
		"addonVersion":             {kind: text, mode: optionalComputed, imported: true},
		"arn":                      {kind: text, mode: computed},
		"clusterName":              {kind: text, mode: required, replace: true, checks: clusterName},
		"configurationValues":      {kind: text, mode: optionalComputed, imported: true, document: plainJSON},
		"createdAt":                {kind: text, mode: computed},
		"modifiedAt":               {kind: text, mode: computed},
		"podIdentityAssociations":  {kind: objects, unmodelled: true},
		"preserve":                 {kind: flag, local: true},
		"resolveConflicts":         {kind: text, local: true, checks: []check{conflictWays}, conflicts: []string{"resolveConflictsOnCreate", "resolveConflictsOnUpdate"}},
		"resolveConflictsOnCreate": {kind: text, local: true, checks: []check{oneOf("NONE", "OVERWRITE")}},
		"resolveConflictsOnUpdate": {kind: text, local: true, checks: []check{conflictWays}},
		"serviceAccountRoleArn":    {kind: text, checks: []check{isARN}},
	}),
	creating: func(in values) string { return fmt.Sprintf("creating EKS Add-On (%s)", addonID(in)) },
	create: func(c *cloud.Client, in values) (string, error) {
		return emptyOn(addonID(in), c.CreateAddon(addon(in)))
	},
	read: readAddon,
	update: func(c *cloud.Client, _ string, old, new values) error {
		wanted, was := addon(new), addon(old)
		if wanted.Configuration == "" {
			wanted.Configuration = was.Configuration
		}
		return inOrder(
			unless(sameAddon(was, wanted), func() error { return c.UpdateAddon(wanted) }),
			func() error { return c.TagAddon(wanted.Cluster, wanted.Name, new.tags()) },
		)
	},
	remove: func(c *cloud.Client, _ string, state values) error {
		return c.DeleteAddon(state.text("clusterName"), state.text("addonName"))
	},
}

func addonID(in values) string { return in.text("clusterName") + ":" + in.text("addonName") }

func addon(in values) cloud.Addon {
	return cloud.Addon{
		Name:          in.text("addonName"),
		Cluster:       in.text("clusterName"),
		Version:       in.text("addonVersion"),
		Configuration: in.text("configurationValues"),
		RoleARN:       in.text("serviceAccountRoleArn"),
		Tags:          in.tags(),
	}
}

// sameAddon tells whether an add-on stays as it is, but for its tags.
func sameAddon(was, wanted cloud.Addon) bool {
	return (wanted.Version == "" || wanted.Version == was.Version) && wanted.Configuration == was.Configuration && wanted.RoleARN == was.RoleARN
}

func readAddon(c *cloud.Client, id string, _ values) (found, error) {
	cluster, name, err := twoParts(id, "cluster-name", "addon-name")
	if err != nil {
		return found{}, err
	}
	addon, err := c.DescribeAddon(cluster, name)
	if err != nil {
		return gone(err)
	}
	return found{id, values{
		"addonName":             addon.Name,
		"addonVersion":          addon.Version,
		"arn":                   addon.ARN,
		"clusterName":           addon.Cluster,
		"configurationValues":   addon.Configuration,
		"createdAt":             createdAt,
		"modifiedAt":            createdAt,
		"serviceAccountRoleArn": addon.RoleARN,
	}.withTags(addon.Tags)}, nil
}
