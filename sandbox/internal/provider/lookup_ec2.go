package provider

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

// filtered are the arguments of EC2 lookups.
var filtered = schema{
	"filters": {kind: objects, fields: schema{"name": {kind: text, mode: required}, "values": {kind: texts, mode: required}}},
	"tags":    {kind: textMap},
}

// filters gathers the filters of a lookup; more are added by name where they
// have a value.
func filters(in values, more ...cloud.Filter) []cloud.Filter {
	var all []cloud.Filter
	for _, filter := range in.objects("filters") {
		all = append(all, cloud.Filter{Name: filter.text("name"), Values: filter.texts("values")})
	}
	tags := in.textMap("tags")
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		all = append(all, cloud.Filter{Name: "tag:" + key, Values: []string{tags[key]}})
	}
	for _, filter := range more {
		if filter.Values[0] != "" {
			all = append(all, filter)
		}
	}
	return all
}

// only is a filter of one value.
func only(name, value string) cloud.Filter { return cloud.Filter{Name: name, Values: []string{value}} }

// askedTags are the tags asked for, as a result repeats them.
func askedTags(in values) map[string]any {
	tags := map[string]any{}
	for key, value := range in.textMap("tags") {
		tags[key] = value
	}
	return tags
}

func getSubnets(c *cloud.Client, in values) (values, error) {
	subnets, err := c.DescribeSubnets(filters(in))
	if err != nil {
		return nil, fmt.Errorf("reading EC2 Subnets: %w", err)
	}
	ids := []any{}
	for _, subnet := range subnets {
		ids = append(ids, subnet.ID)
	}
	return values{"id": c.Region, "ids": ids, "tags": askedTags(in)}, nil
}

func getSecurityGroups(c *cloud.Client, in values) (values, error) {
	groups, err := c.DescribeSecurityGroups(filters(in))
	if err != nil {
		return nil, fmt.Errorf("reading EC2 Security Groups: %w", err)
	}
	arns, ids, vpcs := []any{}, []any{}, []any{}
	for _, group := range groups {
		arns = append(arns, c.ARN("ec2", "security-group/"+group.ID))
		ids = append(ids, group.ID)
		vpcs = append(vpcs, group.VPCID)
	}
	return values{"arns": arns, "id": c.Region, "ids": ids, "vpcIds": vpcs, "tags": askedTags(in)}, nil
}

func getRouteTables(c *cloud.Client, in values) (values, error) {
	tables, err := c.DescribeRouteTables(filters(in, only("vpc-id", in.text("vpcId"))))
	if err != nil {
		return nil, fmt.Errorf("reading EC2 Route Tables: %w", err)
	}
	ids := []any{}
	for _, table := range tables {
		ids = append(ids, table.ID)
	}
	return values{"id": c.Region, "ids": ids, "tags": askedTags(in)}, nil
}

func getRouteTable(c *cloud.Client, in values) (values, error) {
	wanted := filters(in,
		only("route-table-id", in.text("routeTableId")),
		only("vpc-id", in.text("vpcId")),
		only("association.subnet-id", in.text("subnetId")),
		only("association.gateway-id", in.text("gatewayId")),
	)
	if len(wanted) == 0 {
		return nil, errors.New("one of route_table_id, vpc_id, subnet_id, gateway_id, filters, or tags must be assigned")
	}
	tables, err := c.DescribeRouteTables(wanted)
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading EC2 Route Table: %w", err)
	case len(tables) == 0:
		return nil, errors.New("query returned no results. Please change your search criteria and try again")
	case len(tables) > 1:
		return nil, errors.New("multiple Route Tables matched; use additional constraints to reduce matches to a single Route Table")
	}
	table := tables[0]
	tags := values{}.withTags(table.Tags)["tags"]
	return values{
		"arn":          c.ARN("ec2", "route-table/"+table.ID),
		"associations": associations(table),
		"gatewayId":    in.text("gatewayId"),
		"id":           table.ID,
		"ownerId":      c.Account().ID(),
		"routeTableId": table.ID,
		"routes":       routes(table),
		"subnetId":     in.text("subnetId"),
		"tags":         tags,
		"vpcId":        table.VPCID,
	}, nil
}

func associations(table cloud.RouteTable) []any {
	subnets := table.SubnetIDs
	if table.Main {
		subnets = append([]string{""}, subnets...)
	}
	all := []any{}
	for _, subnet := range subnets {
		all = append(all, map[string]any{
			"gatewayId":               "",
			"main":                    subnet == "",
			"routeTableAssociationId": "rtbassoc-0" + cloud.HexID(table.ID+subnet, 16),
			"routeTableId":            table.ID,
			"subnetId":                subnet,
		})
	}
	return all
}

// routeTargets are the properties of a route that name where it leads.
var routeTargets = []string{
	"carrierGatewayId", "coreNetworkArn", "destinationPrefixListId", "egressOnlyGatewayId", "gatewayId", "instanceId",
	"ipv6CidrBlock", "localGatewayId", "natGatewayId", "networkInterfaceId", "transitGatewayId", "vpcEndpointId",
	"vpcPeeringConnectionId",
}

// routes leaves the local route out, as the provider does.
func routes(table cloud.RouteTable) []any {
	if table.Gateway == "" {
		return []any{}
	}
	route := map[string]any{"cidrBlock": "0.0.0.0/0"}
	for _, target := range routeTargets {
		route[target] = ""
	}
	if strings.HasPrefix(table.Gateway, "nat-") {
		route["natGatewayId"] = table.Gateway
	} else {
		route["gatewayId"] = table.Gateway
	}
	return []any{route}
}
