package provider

import (
	"fmt"
	"strings"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

var tagType = resourceType{
	token: "aws:ec2/tag:Tag",
	noun:  "EC2 Tag",
	properties: schema{
		"key":        {kind: text, mode: required, replace: true},
		"resourceId": {kind: text, mode: required, replace: true},
		"value":      {kind: text, mode: required},
	},
	creating: func(in values) string {
		return fmt.Sprintf("creating EC2 resource (%s) tag (%s)", in.text("resourceId"), in.text("key"))
	},
	create: func(c *cloud.Client, in values) (string, error) {
		resource, key := in.text("resourceId"), in.text("key")
		return emptyOn(resource+","+key, c.CreateTags(resource, key, in.text("value")))
	},
	read: func(c *cloud.Client, id string, _ values) (found, error) {
		resource, key, ok := strings.Cut(id, ",")
		if !ok {
			return found{}, fmt.Errorf("unexpected format for ID (%s), expected ID,KEY", id)
		}
		tags, err := c.DescribeTags(resource)
		if err != nil {
			return found{}, err
		}
		value, has := tags[key]
		if !has {
			return found{}, nil
		}
		return found{id, values{"key": key, "resourceId": resource, "value": value}}, nil
	},
	update: func(c *cloud.Client, _ string, _, new values) error {
		return c.CreateTags(new.text("resourceId"), new.text("key"), new.text("value"))
	},
	remove: func(c *cloud.Client, _ string, state values) error {
		return c.DeleteTags(state.text("resourceId"), state.text("key"), state.text("value"))
	},
}
