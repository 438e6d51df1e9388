package provider

import (
	"fmt"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

var securityGroupType = resourceType{
	token: "aws:ec2/securityGroup:SecurityGroup",
	noun:  "EC2 Security Group",
	properties: named(255).with(tagged).with(schema{
		"arn":                 {kind: text, mode: computed},
		"description":         {kind: text, otherwise: "Managed by Pulumi", replace: true, checks: []check{length(0, 255)}},
		"egress":              {kind: objects, mode: optionalComputed, unmodelled: true},
		"ingress":             {kind: objects, mode: optionalComputed, unmodelled: true},
		"name":                {kind: text, mode: optionalComputed, replace: true, autoname: 255, checks: []check{length(1, 255)}, conflicts: []string{"namePrefix"}},
		"ownerId":             {kind: text, mode: computed},
		"revokeRulesOnDelete": {kind: flag, otherwise: false, local: true},
		"vpcId":               {kind: text, mode: optionalComputed, replace: true, imported: true},
	}),
	creating: func(in values) string { return fmt.Sprintf("creating Security Group (%s)", in.text("name")) },
	create:   createGroup,
	read:     readGroup,
	update:   func(c *cloud.Client, id string, _, new values) error { return c.SetTags(id, new.tags()) },
	remove: func(c *cloud.Client, id string, state values) error {
		if state.flag("revokeRulesOnDelete") {
			if err := c.RevokeAllOf(id); err != nil {
				return err
			}
		}
		return unlessCode(c.DeleteSecurityGroup(id), cloud.NoGroup)
	},
}

// unlessCode drops an error that AWS gives for what is gone.
func unlessCode(err error, code string) error {
	if cloud.HasCode(err, code) {
		return nil
	}
	return err
}

// createGroup takes the rule that lets everything out away again, as the
// provider does, for a group to have the rules of the program alone.
func createGroup(c *cloud.Client, in values) (string, error) {
	id, err := c.CreateSecurityGroup(cloud.SecurityGroup{
		Name: in.text("name"), Description: in.text("description"), VPCID: in.text("vpcId"), Tags: in.tags(),
	})
	if err != nil {
		return "", err
	}
	return id, c.RevokeAllOf(id)
}

func readGroup(c *cloud.Client, id string, _ values) (found, error) {
	group, err := c.DescribeSecurityGroup(id)
	if err != nil {
		return found{}, unlessCode(err, cloud.NoGroup)
	}
	return found{id, values{
		"arn":         c.ARN("ec2", "security-group/"+group.ID),
		"description": group.Description,
		"name":        group.Name,
		"ownerId":     c.Account().ID(),
		"vpcId":       group.VPCID,
	}.withTags(group.Tags)}, nil
}
