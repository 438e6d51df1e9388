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

func TestRolesAreFoundByNameAndPath(t *testing.T) {
	e := newEngine(t)
	e.create(linkedRole, sampleOf(linkedRole).in)
	const spot = "AWSServiceRoleForEC2Spot"
	for _, c := range []struct {
		in    inputs
		names []any
	}{
		{inputs{"nameRegex": "^" + spot + "$"}, []any{spot}},
		{inputs{"pathPrefix": "/aws-service-role/spot.amazonaws.com/"}, []any{spot}},
		{inputs{"nameRegex": "^grafanix-comic-(cluster|system)"}, []any{"grafanix-comic-cluster", nodesRole}},
		{inputs{"nameRegex": "^AWSServiceRoleForEC2SpotFleet$"}, []any{}},
		{inputs{"nameRegex": "cluster", "pathPrefix": "/aws-service-role/"}, []any{}},
	} {
		found, err := e.invoke("aws:iam/getRoles:getRoles", c.in)
		require.NoError(t, err)
		assert.Equal(t, c.names, found.Properties["names"].Mappable())
	}
}

func TestAddonVersionsFollowKubernetes(t *testing.T) {
	e := newEngine(t)
	ask := func(addon, kubernetes string, recent bool) string {
		found, err := e.invoke("aws:eks/getAddonVersion:getAddonVersion", inputs{"addonName": addon, "kubernetesVersion": kubernetes, "mostRecent": recent})
		require.NoError(t, err)
		return found.Properties["version"].StringValue()
	}
	assert.Regexp(t, `^v1\.32\.`, ask("kube-proxy", "1.32", true))
	assert.Regexp(t, `^v1\.34\.`, ask("kube-proxy", "1.34", true))
	assert.NotEqual(t, ask("vpc-cni", "1.34", false), ask("vpc-cni", "1.34", true), "the default is not the most recent")
	m := e.create(addon, inputs{"clusterName": theCluster, "addonName": "vpc-cni"})
	assert.Equal(t, ask("vpc-cni", "1.34", false), m.output("addonVersion"))
}

func TestLookupsRefuse(t *testing.T) {
	cases := []struct {
		token string
		in    inputs
		words string
	}{
		{"aws:eks/getCluster:getCluster", inputs{"name": "nowhere"}, "reading EKS Cluster (nowhere): couldn't find resource"},
		{"aws:eks/getAddonVersion:getAddonVersion", inputs{"addonName": "vpc-cnix", "kubernetesVersion": "1.34"}, "reading EKS Add-On version info (vpc-cnix, 1.34): couldn't find resource"},
		{"aws:iam/getRoles:getRoles", inputs{"pathPrefix": "x"}, "reading IAM Roles: operation error IAM: ListRoles"},
		{"aws:iam/getRoles:getRoles", inputs{"nameRegex": "("}, "name_regex"},
		{"aws:index/getRegion:getRegion", inputs{"name": "eu-west-1"}, "knows nothing of eu-west-1"},
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
