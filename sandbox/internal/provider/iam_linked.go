package provider

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

var serviceLinkedRoleType = resourceType{
	token: "aws:iam/serviceLinkedRole:ServiceLinkedRole",
	noun:  "IAM Service Linked Role",
	properties: tagged.with(schema{
		"arn":            {kind: text, mode: computed},
		"awsServiceName": {kind: text, mode: required, replace: true, checks: []check{form(`\.`, "must be a full service hostname e.g. elasticbeanstalk.amazonaws.com")}},
		"createDate":     {kind: text, mode: computed},
		"customSuffix":   {kind: text, replace: true},
		"description":    {kind: text},
		"name":           {kind: text, mode: computed},
		"path":           {kind: text, mode: computed},
		"uniqueId":       {kind: text, mode: computed},
	}),
	creating: func(in values) string {
		return fmt.Sprintf("creating IAM Service Linked Role (%s)", in.text("awsServiceName"))
	},
	create: func(c *cloud.Client, in values) (string, error) {
		name, err := c.CreateServiceLinkedRole(in.text("awsServiceName"), in.text("customSuffix"), in.text("description"))
		if err != nil {
			return "", err
		}
		role, err := c.GetRole(name)
		if err != nil {
			return "", err
		}
		if len(in.tags()) == 0 {
			return role.ARN, nil
		}
		return role.ARN, c.TagRole(name, in.tags())
	},
	read: readLinkedRole,
	update: func(c *cloud.Client, id string, old, new values) error {
		_, name, err := serviceAndRole(id)
		if err != nil {
			return err
		}
		return inOrder(
			change(old.text("description"), new.text("description"), func(v string) error { return c.UpdateRole(name, v, 3600) }),
			func() error { return c.TagRole(name, new.tags()) },
		)
	},
	remove: func(c *cloud.Client, id string, _ values) error {
		_, name, err := serviceAndRole(id)
		if err != nil {
			return err
		}
		return c.DeleteServiceLinkedRole(name)
	},
}

// serviceAndRole reads both from a role's ARN.
func serviceAndRole(id string) (service, role string, err error) {
	parts := strings.Split(id, "/")
	if len(parts) != 4 || !strings.HasSuffix(parts[0], ":role") || parts[1] != "aws-service-role" {
		return "", "", fmt.Errorf("expected IAM Service Role ARN (arn:PARTITION:iam::ACCOUNTID:role/aws-service-role/SERVICENAME/ROLENAME), received: %s", id)
	}
	return parts[2], parts[3], nil
}

func readLinkedRole(c *cloud.Client, id string, _ values) (found, error) {
	service, name, err := serviceAndRole(id)
	if err != nil {
		return found{}, err
	}
	role, err := c.GetRole(name)
	if err != nil {
		return gone(err)
	}
	_, suffix, _ := strings.Cut(name, "_")
	return found{id, values{
		"arn":            role.ARN,
		"awsServiceName": service,
		"createDate":     createdAt,
		"customSuffix":   suffix,
		"description":    role.Description,
		"name":           role.Name,
		"path":           role.Path,
		"uniqueId":       role.ID,
	}.withTags(role.Tags)}, nil
}

// getRoles finds roles by path and, of those that AWS lists, by name.
func getRoles(c *cloud.Client, in values) (values, error) {
	expression, err := regexp.Compile(in.text("nameRegex"))
	if err != nil {
		return nil, fmt.Errorf("\"name_regex\": %w", err)
	}
	prefix := in.text("pathPrefix")
	if prefix == "" {
		prefix = "/"
	}
	roles, err := c.ListRoles(prefix)
	if err != nil {
		return nil, fmt.Errorf("reading IAM Roles: %w", err)
	}
	arns, names := []any{}, []any{}
	for _, role := range roles {
		if expression.MatchString(role.Name) {
			arns, names = append(arns, role.ARN), append(names, role.Name)
		}
	}
	return values{"arns": arns, "id": c.Region, "names": names}, nil
}
