package provider

import (
	"fmt"
	"maps"
	"slices"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

// createdAt stands where AWS puts the time of a creation, so that a deployment
// always gives the same state.
const createdAt = "2025-01-01T00:00:00Z"

const iamNameWords = `must match [\w+=,.@-]`

// iamName is the form of IAM names of some length.
func iamName(longest int) []check {
	return []check{length(1, longest), form(`^[\w+=,.@-]*$`, iamNameWords)}
}

// named are the name properties of IAM types: AWS replaces what is renamed.
func named(longest int) schema {
	return schema{
		"name":       {kind: text, mode: optionalComputed, replace: true, autoname: longest, checks: iamName(longest), conflicts: []string{"namePrefix"}},
		"namePrefix": {kind: text, mode: optionalComputed, replace: true, unmodelled: true},
	}
}

// pathed is the path property of IAM types.
var pathed = schema{
	"path": {kind: text, otherwise: "/", replace: true, checks: []check{length(0, 512)}},
}

var roleType = resourceType{
	token: "aws:iam/role:Role",
	noun:  "IAM Role",
	properties: named(64).with(pathed).with(tagged).with(schema{
		"arn":                 {kind: text, mode: computed},
		"assumeRolePolicy":    {kind: text, mode: required, document: policyJSON, checks: []check{isJSON}},
		"createDate":          {kind: text, mode: computed},
		"description":         {kind: text, checks: []check{length(0, 1000)}},
		"forceDetachPolicies": {kind: flag, otherwise: false, local: true},
		"inlinePolicies": {kind: objects, mode: optionalComputed, fields: schema{
			"name":   {kind: text, mode: required, checks: iamName(128)},
			"policy": {kind: text, mode: required, document: policyJSON, checks: []check{isPolicy}},
		}},
		"managedPolicyArns":   {kind: texts, mode: optionalComputed, unordered: true, checks: []check{each(isARN)}},
		"maxSessionDuration":  {kind: number, otherwise: 3600, checks: []check{between(3600, 43200)}},
		"permissionsBoundary": {kind: text, checks: []check{isARN}},
		"uniqueId":            {kind: text, mode: computed},
	}),
	creating: func(in values) string { return fmt.Sprintf("creating IAM Role (%s)", in.text("name")) },
	create:   createRole,
	read:     readRole,
	update:   updateRole,
	remove:   removeRole,
}

func createRole(c *cloud.Client, in values) (string, error) {
	name := in.text("name")
	err := c.CreateRole(cloud.Role{
		Name:        name,
		Path:        in.text("path"),
		Description: in.text("description"),
		TrustPolicy: in.text("assumeRolePolicy"),
		MaxSession:  in.number("maxSessionDuration"),
		Boundary:    in.text("permissionsBoundary"),
		Tags:        in.tags(),
	})
	if err != nil {
		return "", err
	}
	return name, fillRole(c, name, values{}, in)
}

// fillRole brings the policies that a role's own properties manage from old
// to new.
func fillRole(c *cloud.Client, name string, old, new values) error {
	before, after := inlinePolicies(old), inlinePolicies(new)
	for _, policy := range slices.Sorted(maps.Keys(before)) {
		if _, stays := after[policy]; !stays {
			if err := c.DeleteRolePolicy(name, policy); err != nil && !cloud.IsMissing(err) {
				return err
			}
		}
	}
	for _, policy := range slices.Sorted(maps.Keys(after)) {
		if after[policy] != before[policy] {
			if err := c.PutRolePolicy(name, policy, after[policy]); err != nil {
				return err
			}
		}
	}
	attached, wanted := old.texts("managedPolicyArns"), new.texts("managedPolicyArns")
	for _, arn := range attached {
		if !slices.Contains(wanted, arn) {
			if err := c.DetachRolePolicy(name, arn); err != nil && !cloud.IsMissing(err) {
				return err
			}
		}
	}
	for _, arn := range wanted {
		if err := c.AttachRolePolicy(name, arn); err != nil {
			return err
		}
	}
	return nil
}

// inlinePolicies are a role's own inline policies, documents by name.
func inlinePolicies(v values) map[string]string {
	documents := map[string]string{}
	for _, policy := range v.objects("inlinePolicies") {
		documents[policy.text("name")] = policy.text("policy")
	}
	return documents
}

func readRole(c *cloud.Client, id string, _ values) (found, error) {
	role, err := c.GetRole(id)
	if err != nil {
		return gone(err)
	}
	inline := []any{}
	for _, name := range slices.Sorted(maps.Keys(role.Inline)) {
		inline = append(inline, map[string]any{"name": name, "policy": role.Inline[name]})
	}
	return found{id, values{
		"arn":                 role.ARN,
		"assumeRolePolicy":    role.TrustPolicy,
		"createDate":          createdAt,
		"description":         role.Description,
		"inlinePolicies":      inline,
		"managedPolicyArns":   role.Attached,
		"maxSessionDuration":  role.MaxSession,
		"name":                role.Name,
		"path":                role.Path,
		"permissionsBoundary": role.Boundary,
		"uniqueId":            role.ID,
	}.withTags(role.Tags)}, nil
}

// gone turns the error of a missing thing into a read that found nothing.
func gone(err error) (found, error) {
	if cloud.IsMissing(err) {
		return found{}, nil
	}
	return found{}, err
}

func updateRole(c *cloud.Client, id string, old, new values) error {
	return inOrder(
		change(old.text("assumeRolePolicy"), new.text("assumeRolePolicy"), func(v string) error { return c.UpdateAssumeRolePolicy(id, v) }),
		func() error { return c.UpdateRole(id, new.text("description"), new.number("maxSessionDuration")) },
		change(old.text("permissionsBoundary"), new.text("permissionsBoundary"), func(v string) error { return c.PutRolePermissionsBoundary(id, v) }),
		func() error { return updateRolePolicies(c, id, old, new) },
		func() error { return c.TagRole(id, new.tags()) },
	)
}

// updateRolePolicies leaves alone what the program does not manage.
func updateRolePolicies(c *cloud.Client, id string, old, new values) error {
	before := maps.Clone(old)
	for _, name := range []string{"inlinePolicies", "managedPolicyArns"} {
		if _, managed := new[name]; !managed {
			delete(before, name)
		}
	}
	return fillRole(c, id, before, new)
}

// removeRole first takes out the policies that the state tells of, or all when
// forced to.
func removeRole(c *cloud.Client, id string, state values) error {
	role, err := c.GetRole(id)
	if err != nil {
		return err
	}
	force := state.flag("forceDetachPolicies")
	if force || len(state.texts("managedPolicyArns")) > 0 {
		for _, arn := range role.Attached {
			if err := c.DetachRolePolicy(id, arn); err != nil {
				return err
			}
		}
	}
	if force || len(state.objects("inlinePolicies")) > 0 {
		for _, name := range slices.Sorted(maps.Keys(role.Inline)) {
			if err := c.DeleteRolePolicy(id, name); err != nil {
				return err
			}
		}
	}
	return c.DeleteRole(id)
}
