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

func (v *VPC) taggable() taggable               { return taggable{v.Region, &v.Tags} }
func (s *Subnet) taggable() taggable            { return taggable{s.Region, &s.Tags} }
func (g *SecurityGroup) taggable() taggable     { return taggable{g.Region, &g.Tags} }
func (r *SecurityGroupRule) taggable() taggable { return taggable{r.Region, &r.Tags} }
func (r *RouteTable) taggable() taggable        { return taggable{r.Region, &r.Tags} }
func (l *LaunchTemplate) taggable() taggable    { return taggable{l.Region, &l.Tags} }
func (i *Instance) taggable() taggable          { return taggable{i.Region, &i.Tags} }

func taggableOf[R interface{ taggable() taggable }](all map[string]R, id string) taggable {
	if one, ok := all[id]; ok {
		return one.taggable()
	}
	return taggable{}
}

// ec2Resource finds what an id names, in EC2's words when it does not.
func (st *State) ec2Resource(region, id string) (taggable, error) {
	prefix, _, _ := strings.Cut(id, "-")
	kind, known := map[string]struct {
		found      taggable
		code, says string
	}{
		"vpc":    {taggableOf(st.VPCs, id), "InvalidVpcID.NotFound", "The vpc ID '%s' does not exist"},
		"subnet": {taggableOf(st.Subnets, id), "InvalidSubnetID.NotFound", "The subnet ID '%s' does not exist"},
		"sg":     {taggableOf(st.SecurityGroups, id), "InvalidGroup.NotFound", "The security group '%s' does not exist"},
		"sgr":    {taggableOf(st.GroupRules, id), "InvalidSecurityGroupRuleId.NotFound", "The security group rule ID '%s' does not exist"},
		"rtb":    {taggableOf(st.RouteTables, id), "InvalidRouteTableID.NotFound", "The routeTable ID '%s' does not exist"},
		"lt":     {taggableOf(st.LaunchTemplates, id), NoTemplate, noTemplate},
		"i":      {taggableOf(st.Instances, id), "InvalidInstanceID.NotFound", "The instance ID '%s' does not exist"},
	}[prefix]
	switch {
	case !known:
		return taggable{}, refuse("InvalidID", "The ID '%s' is not valid", id)
	case kind.found.tags == nil || kind.found.region != region:
		return taggable{}, refuse(kind.code, kind.says, id)
	}
	return kind.found, nil
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
