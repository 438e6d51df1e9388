package sandbox

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func filter(name string, values ...any) map[string]any {
	return map[string]any{"name": name, "values": values}
}

func TestLookupsFind(t *testing.T) {
	const primary, node = "sg-06e4c1a85d7f2b930", "sg-07b9d36f2e8c5a014"
	private := []any{"subnet-0b7d1e94c2f83a561", "subnet-0c93f52a8e61d7b04"}
	public := []any{"subnet-0d48a6b1f7293c5e0", "subnet-0e25c7f04b8a916d3"}
	inVPC := filter("vpc-id", theVPC)
	cases := []struct {
		token string
		in    inputs
		ids   []any
	}{
		{"getSecurityGroups", inputs{"filters": []any{inVPC}}, []any{primary, node}},
		{"getSecurityGroups", inputs{"filters": []any{inVPC, filter("tag:kubernetes.io/cluster/grafanix-comic", "owned")}}, []any{primary}},
		{"getSecurityGroups", inputs{"filters": []any{inVPC, filter("tag-key", "kubernetes.io/cluster/*")}}, []any{primary}},
		{"getSecurityGroups", inputs{"filters": []any{filter("group-id", node)}}, []any{node}},
		{"getSecurityGroups", inputs{"tags": map[string]any{"Name": "grafanix-comic-node"}}, []any{node}},
		{"getSecurityGroups", inputs{"filters": []any{filter("tag:x", "y")}}, []any{}},
		{"getSubnets", inputs{"filters": []any{inVPC, filter("map-public-ip-on-launch", "false")}}, private},
		{"getSubnets", inputs{"filters": []any{inVPC, filter("map-public-ip-on-launch", "true")}}, public},
		{"getSubnets", inputs{"filters": []any{filter("subnet-id", private...)}}, private},
		{"getRouteTables", inputs{"vpcId": theVPC}, []any{"rtb-01c8d4e7a52f9b360", "rtb-02f7b93c61ea8d504", "rtb-03a6e05d9c4b7f182"}},
		{"getRouteTables", inputs{"vpcId": theVPC, "filters": []any{filter("route.gateway-id", "igw-*")}}, []any{"rtb-03a6e05d9c4b7f182"}},
		{"getRouteTables", inputs{"vpcId": theVPC, "filters": []any{filter("association.main", "true")}}, []any{"rtb-01c8d4e7a52f9b360"}},
	}
	e := newEngine(t)
	for _, c := range cases {
		response, err := e.invoke("aws:ec2/"+c.token+":"+c.token, c.in)
		require.NoError(t, err)
		require.Empty(t, response.Failures)
		assert.Equal(t, c.ids, response.Properties.Mappable()["ids"], "%s %v", c.token, c.in)
	}
}

func TestARouteTableSaysWhereASubnetLeads(t *testing.T) {
	e := newEngine(t)
	for subnet, gateway := range map[string]map[string]any{
		theSubnet:                  {"natGatewayId": "nat-0f3a9d28c71b6e450", "gatewayId": ""},
		"subnet-0d48a6b1f7293c5e0": {"natGatewayId": "", "gatewayId": "igw-04d2b8f6e19a7c035"},
	} {
		response, err := e.invoke("aws:ec2/getRouteTable:getRouteTable", inputs{"subnetId": subnet})
		require.NoError(t, err)
		route := response.Properties["routes"].ArrayValue()[0].ObjectValue().Mappable()
		assert.Subset(t, route, gateway)
	}
}

func TestLookupsRefuse(t *testing.T) {
	cases := []struct {
		token string
		in    inputs
		words string
	}{
		{"aws:eks/getCluster:getCluster", inputs{"name": "nowhere"}, "reading EKS Cluster (nowhere): couldn't find resource"},
		{"aws:ec2/getSubnets:getSubnets", inputs{"filters": []any{filter("colour", "red")}}, "InvalidParameterValue: The filter 'colour' is invalid"},
		{"aws:ec2/getRouteTable:getRouteTable", inputs{"subnetId": "subnet-0"}, "query returned no results"},
		{"aws:ec2/getRouteTable:getRouteTable", inputs{"vpcId": theVPC}, "multiple Route Tables matched"},
		{"aws:ec2/getRouteTable:getRouteTable", inputs{}, "one of route_table_id, vpc_id, subnet_id, gateway_id, filters, or tags must be assigned"},
	}
	e := newEngine(t)
	for _, c := range cases {
		_, err := e.invoke(c.token, c.in)
		require.ErrorContains(t, err, c.words)
	}
	response, err := e.invoke("aws:eks/getCluster:getCluster", inputs{"nom": "x"})
	require.NoError(t, err)
	assert.Len(t, response.Failures, 2, "one argument too many, one missing")
}
