package provider

import (
	"fmt"
	"strings"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

var policyType = resourceType{
	token: "aws:iam/policy:Policy",
	noun:  "IAM Policy",
	properties: named(128).with(pathed).with(tagged).with(schema{
		"arn":             {kind: text, mode: computed},
		"attachmentCount": {kind: number, mode: computed},
		"description":     {kind: text, replace: true},
		"policy":          {kind: text, mode: required, document: policyJSON, checks: []check{isPolicy}},
		"policyId":        {kind: text, mode: computed},
	}),
	creating: func(in values) string { return fmt.Sprintf("creating IAM Policy (%s)", in.text("name")) },
	create: func(c *cloud.Client, in values) (string, error) {
		return emptyOn(c.CreatePolicy(cloud.Policy{
			Name:        in.text("name"),
			Path:        in.text("path"),
			Description: in.text("description"),
			Document:    in.text("policy"),
			Tags:        in.tags(),
		}))
	},
	read: readPolicy,
	update: func(c *cloud.Client, id string, old, new values) error {
		return inOrder(
			change(old.text("policy"), new.text("policy"), func(v string) error { return c.CreatePolicyVersion(id, v) }),
			func() error { return c.TagPolicy(id, new.tags()) },
		)
	},
	remove: func(c *cloud.Client, id string, _ values) error { return c.DeletePolicy(id) },
}

// emptyOn drops the id of a creation that failed.
func emptyOn(id string, err error) (string, error) {
	if err != nil {
		return "", err
	}
	return id, nil
}

func readPolicy(c *cloud.Client, id string, _ values) (found, error) {
	policy, attachments, err := c.GetPolicy(id)
	if err != nil {
		return gone(err)
	}
	return found{id, values{
		"arn":             policy.ARN,
		"attachmentCount": attachments,
		"description":     policy.Description,
		"name":            policy.Name,
		"path":            policy.Path,
		"policy":          policy.Document,
		"policyId":        policy.ID,
	}.withTags(policy.Tags)}, nil
}

var rolePolicyAttachmentType = resourceType{
	token: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
	noun:  "IAM Role Policy Attachment",
	properties: schema{
		"policyArn": {kind: text, mode: required, replace: true, checks: []check{isARN}},
		"role":      {kind: text, mode: required, replace: true},
	},
	creating: func(in values) string {
		return fmt.Sprintf("attaching IAM Policy (%s) to IAM Role (%s)", in.text("policyArn"), in.text("role"))
	},
	create: func(c *cloud.Client, in values) (string, error) {
		role, policy := in.text("role"), in.text("policyArn")
		return emptyOn(role+"-"+policy, c.AttachRolePolicy(role, policy))
	},
	read: readAttachment,
	remove: func(c *cloud.Client, _ string, state values) error {
		return c.DetachRolePolicy(state.text("role"), state.text("policyArn"))
	},
}

// readAttachment takes import ids of the form role/policy-arn.
func readAttachment(c *cloud.Client, id string, state values) (found, error) {
	name, policy := state.text("role"), state.text("policyArn")
	if name == "" {
		var ok bool
		if name, policy, ok = strings.Cut(id, "/"); !ok || !strings.HasPrefix(policy, "arn:") {
			return found{}, fmt.Errorf("unexpected format of ID (%q), expected <role-name>/<policy_arn>", id)
		}
		id = name + "-" + policy
	}
	role, err := c.GetRole(name)
	if err != nil {
		return gone(err)
	}
	for _, attached := range role.Attached {
		if attached == policy {
			return found{id, values{"policyArn": policy, "role": name}}, nil
		}
	}
	return found{}, nil
}

var rolePolicyType = resourceType{
	token: "aws:iam/rolePolicy:RolePolicy",
	noun:  "IAM Role Policy",
	properties: named(128).with(schema{
		"policy": {kind: text, mode: required, document: policyJSON, checks: []check{isPolicy}},
		"role":   {kind: text, mode: required, replace: true},
	}),
	creating: func(in values) string {
		return fmt.Sprintf("putting IAM Role (%s) Policy (%s)", in.text("role"), in.text("name"))
	},
	create: func(c *cloud.Client, in values) (string, error) {
		role, name := in.text("role"), in.text("name")
		return emptyOn(role+":"+name, c.PutRolePolicy(role, name, in.text("policy")))
	},
	read: func(c *cloud.Client, id string, _ values) (found, error) {
		role, name, ok := strings.Cut(id, ":")
		if !ok {
			return found{}, fmt.Errorf("role policy id must be of the form <role name>:<role policy name>")
		}
		document, err := c.GetRolePolicy(role, name)
		if err != nil {
			return gone(err)
		}
		return found{id, values{"name": name, "policy": document, "role": role}}, nil
	},
	update: func(c *cloud.Client, _ string, _, new values) error {
		return c.PutRolePolicy(new.text("role"), new.text("name"), new.text("policy"))
	},
	remove: func(c *cloud.Client, _ string, state values) error {
		return c.DeleteRolePolicy(state.text("role"), state.text("name"))
	},
}
