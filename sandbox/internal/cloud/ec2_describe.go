package cloud

import (
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Filter narrows what a describe operation returns: a thing matches when one
// of its values for the name matches one of the filter's.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
type Filter struct {
	Name   string
	Values []string
}

// attributes are a thing's values by filter name; nil means that the name is
// no filter of its kind.
type attributes func(name string) []string

// matches tells whether a thing passes all filters.
func matches(filters []Filter, tags Tags, of attributes) (bool, error) {
	for _, filter := range filters {
		var values []string
		if key, isTag := strings.CutPrefix(filter.Name, "tag:"); isTag {
			if value, ok := tags[key]; ok {
				values = []string{value}
			}
		} else if filter.Name == "tag-key" {
			values = slices.Collect(maps.Keys(tags))
		} else if values = of(filter.Name); values == nil {
			return false, refuse("InvalidParameterValue", "The filter '%s' is invalid", filter.Name)
		}
		if !anyMatch(filter.Values, values) {
			return false, nil
		}
	}
	return true, nil
}

func anyMatch(patterns, values []string) bool {
	for _, pattern := range patterns {
		// path.Match treats / apart, which EC2's wildcards do not.
		pattern = strings.ReplaceAll(pattern, "/", "\x00")
		for _, value := range values {
			if ok, _ := path.Match(pattern, strings.ReplaceAll(value, "/", "\x00")); ok {
				return true
			}
		}
	}
	return false
}

// describe returns copies of the things of a region that pass the filters,
// ordered by id.
func describe[T any](things map[string]*T, region string, filters []Filter, of func(*T) (string, Tags, attributes)) ([]T, error) {
	var found []T
	for _, id := range slices.Sorted(maps.Keys(things)) {
		home, tags, values := of(things[id])
		ok, err := matches(filters, tags, values)
		if err != nil {
			return nil, err
		}
		if ok && home == region {
			found = append(found, *things[id])
		}
	}
	return found, nil
}

// table turns a table of values into attributes.
func table(values map[string][]string) attributes {
	return func(name string) []string { return values[name] }
}

// DescribeSubnets returns the subnets that pass the filters.
func (c *Client) DescribeSubnets(filters []Filter) ([]Subnet, error) {
	return read(c, ec2Service, "DescribeSubnets", func(st *State) ([]Subnet, error) {
		return describe(st.Subnets, c.Region, filters, func(s *Subnet) (string, Tags, attributes) {
			return s.Region, s.Tags, table(map[string][]string{
				"subnet-id":               {s.ID},
				"vpc-id":                  {s.VPCID},
				"availability-zone":       {s.Zone},
				"cidr-block":              {s.CIDR},
				"cidr":                    {s.CIDR},
				"map-public-ip-on-launch": {strconv.FormatBool(s.Public)},
				"owner-id":                {st.AccountID},
				"state":                   {"available"},
				"default-for-az":          {"false"},
			})
		})
	})
}

// DescribeSecurityGroups returns the security groups that pass the filters.
func (c *Client) DescribeSecurityGroups(filters []Filter) ([]SecurityGroup, error) {
	return read(c, ec2Service, "DescribeSecurityGroups", func(st *State) ([]SecurityGroup, error) {
		return describe(st.SecurityGroups, c.Region, filters, func(g *SecurityGroup) (string, Tags, attributes) {
			return g.Region, g.Tags, table(map[string][]string{
				"group-id":    {g.ID},
				"group-name":  {g.Name},
				"vpc-id":      {g.VPCID},
				"description": {g.Description},
				"owner-id":    {st.AccountID},
			})
		})
	})
}

// DescribeRouteTables returns the route tables that pass the filters.
func (c *Client) DescribeRouteTables(filters []Filter) ([]RouteTable, error) {
	return read(c, ec2Service, "DescribeRouteTables", func(st *State) ([]RouteTable, error) {
		return describe(st.RouteTables, c.Region, filters, func(t *RouteTable) (string, Tags, attributes) {
			internet, nat := []string{"local"}, []string{}
			if strings.HasPrefix(t.Gateway, "nat-") {
				nat = append(nat, t.Gateway)
			} else if t.Gateway != "" {
				internet = append(internet, t.Gateway)
			}
			return t.Region, t.Tags, table(map[string][]string{
				"route-table-id":             {t.ID},
				"association.route-table-id": {t.ID},
				"association.subnet-id":      append([]string{}, t.SubnetIDs...),
				"association.gateway-id":     {},
				"association.main":           {strconv.FormatBool(t.Main)},
				"route.gateway-id":           internet,
				"route.nat-gateway-id":       nat,
				"vpc-id":                     {t.VPCID},
				"owner-id":                   {st.AccountID},
			})
		})
	})
}
