package cloud

import (
	"maps"
	"strings"
)

const ec2Service = "EC2"

// VPC is a VPC; like its subnets and route tables, it is part of an account's
// start, and only its tags change.
type VPC struct {
	ID     string `json:"id"`
	Region string `json:"region"`
	CIDR   string `json:"cidr"`
	Tags   Tags   `json:"tags,omitempty"`
}

// Subnet is a subnet of a VPC.
type Subnet struct {
	ID     string `json:"id"`
	Region string `json:"region"`
	VPCID  string `json:"vpcId"`
	Zone   string `json:"zone"`
	CIDR   string `json:"cidr"`
	Public bool   `json:"public"` // instances get a public address
	Tags   Tags   `json:"tags,omitempty"`
}

// SecurityGroup is a security group of a VPC.
type SecurityGroup struct {
	ID          string `json:"id"`
	Region      string `json:"region"`
	VPCID       string `json:"vpcId"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Tags        Tags   `json:"tags,omitempty"`
}

// RouteTable is a route table of a VPC, with one default route at most.
type RouteTable struct {
	ID        string   `json:"id"`
	Region    string   `json:"region"`
	VPCID     string   `json:"vpcId"`
	Main      bool     `json:"main,omitempty"`
	SubnetIDs []string `json:"subnetIds,omitempty"`
	Gateway   string   `json:"gateway,omitempty"` // an internet or NAT gateway's id
	Tags      Tags     `json:"tags,omitempty"`
}

// taggable is one EC2 resource, as tags see it.
type taggable struct {
	region string
	tags   *Tags
}

// ec2Resource finds what an id names, in EC2's words when it does not.
func (st *State) ec2Resource(region, id string) (taggable, error) {
	kind, _, _ := strings.Cut(id, "-")
	var found taggable
	var lost *Error
	switch kind {
	case "vpc":
		lost = refuse("InvalidVpcID.NotFound", "The vpc ID '%s' does not exist", id)
		if vpc, ok := st.VPCs[id]; ok {
			found = taggable{vpc.Region, &vpc.Tags}
		}
	case "subnet":
		lost = refuse("InvalidSubnetID.NotFound", "The subnet ID '%s' does not exist", id)
		if subnet, ok := st.Subnets[id]; ok {
			found = taggable{subnet.Region, &subnet.Tags}
		}
	case "sg":
		lost = refuse("InvalidGroup.NotFound", "The security group '%s' does not exist", id)
		if group, ok := st.SecurityGroups[id]; ok {
			found = taggable{group.Region, &group.Tags}
		}
	case "rtb":
		lost = refuse("InvalidRouteTableID.NotFound", "The routeTable ID '%s' does not exist", id)
		if table, ok := st.RouteTables[id]; ok {
			found = taggable{table.Region, &table.Tags}
		}
	case "lt":
		lost = noTemplate(id)
		if template, ok := st.LaunchTemplates[id]; ok {
			found = taggable{template.Region, &template.Tags}
		}
	case "sgr":
		lost = refuse("InvalidSecurityGroupRuleId.NotFound", "The security group rule ID '%s' does not exist", id)
		if rule, ok := st.GroupRules[id]; ok {
			found = taggable{rule.Region, &rule.Tags}
		}
	case "i":
		lost = refuse("InvalidInstanceID.NotFound", "The instance ID '%s' does not exist", id)
		if instance, ok := st.Instances[id]; ok {
			found = taggable{instance.Region, &instance.Tags}
		}
	default:
		lost = refuse("InvalidID", "The ID '%s' is not valid", id)
	}
	if found.tags == nil || found.region != region {
		return taggable{}, lost
	}
	return found, nil
}

// CreateTags sets one tag of a resource, over a present one of that key.
func (c *Client) CreateTags(id, key, value string) error {
	return c.write(ec2Service, "CreateTags", func(st *State) error {
		resource, err := st.ec2Resource(c.Region, id)
		if err != nil {
			return err
		}
		if err := checkTags(ec2Service, Tags{key: value}, nil); err != nil {
			return err
		}
		tags := maps.Clone(*resource.tags)
		if tags == nil {
			tags = Tags{}
		}
		tags[key] = value
		if err := checkTags(ec2Service, tags, *resource.tags); err != nil {
			return err
		}
		*resource.tags = tags
		return nil
	})
}

// DescribeTags returns the tags of a resource; as in EC2, a missing one has
// none.
func (c *Client) DescribeTags(id string) (Tags, error) {
	return read(c, ec2Service, "DescribeTags", func(st *State) (Tags, error) {
		if resource, err := st.ec2Resource(c.Region, id); err == nil {
			return maps.Clone(*resource.tags), nil
		}
		return nil, nil
	})
}

// DeleteTags removes one tag of a resource, if it has that value.
func (c *Client) DeleteTags(id, key, value string) error {
	return c.write(ec2Service, "DeleteTags", func(st *State) error {
		resource, err := st.ec2Resource(c.Region, id)
		if err != nil {
			return err
		}
		if present, ok := (*resource.tags)[key]; ok && present == value {
			*resource.tags = maps.Clone(*resource.tags)
			delete(*resource.tags, key)
		}
		return nil
	})
}
