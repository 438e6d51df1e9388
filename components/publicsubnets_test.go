package components

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
)

func TestPublicSubnetsAreLeftOut(t *testing.T) {
	t.Parallel()
	const third = "subnet-0cccccccccccccccc"
	for _, row := range []struct {
		why    string
		tables []routeTable
		tagged []string
	}{
		{
			"each subnet has a table of its own",
			[]routeTable{
				{id: "rtb-1", gateway: "igw-1", subnets: []string{publicSubnet}},
				{id: "rtb-2", gateway: "nat-1", subnets: []string{privateSubnet, third}},
			},
			[]string{privateSubnet, third},
		},
		{
			"subnets without a table use the main one, which leads out",
			[]routeTable{
				{id: "rtb-1", gateway: "igw-1", main: true},
				{id: "rtb-2", gateway: "nat-1", subnets: []string{privateSubnet}},
			},
			[]string{privateSubnet},
		},
		{
			"subnets without a table use the main one, which does not lead out",
			[]routeTable{
				{id: "rtb-1", gateway: "igw-1", subnets: []string{publicSubnet}},
				{id: "rtb-2", gateway: "nat-1", main: true},
			},
			[]string{privateSubnet, third},
		},
		{
			"a subnet may use the main table by name",
			[]routeTable{
				{id: "rtb-1", gateway: "igw-1", main: true, subnets: []string{publicSubnet}},
				{id: "rtb-2", gateway: "vgw-1", subnets: []string{privateSubnet, third}},
			},
			[]string{privateSubnet, third},
		},
		{
			"an egress-only gateway lets nothing in",
			[]routeTable{{id: "rtb-1", gateway: "eigw-1", main: true}},
			[]string{privateSubnet, publicSubnet, third},
		},
		{"no tables are known", nil, []string{privateSubnet, publicSubnet, third}},
	} {
		t.Run(row.why, func(t *testing.T) {
			t.Parallel()
			a := newAccount()
			a.subnets, a.routeTables = []string{publicSubnet, privateSubnet, third}, row.tables
			deploy(t, a, of(NewClusterTags, "tags", &ClusterTagsArgs{
				ClusterName: "shop", Options: &ClusterTagsOptions{ExcludePublicSubnets: new(true)},
			}))

			tagged := []string{}
			for _, one := range a.registered {
				if id, _ := one.inputs["resourceId"].(string); strings.HasPrefix(id, "subnet-") {
					tagged = append(tagged, id)
				}
			}
			assert.ElementsMatch(t, row.tagged, tagged)
			want := []string{getCluster, getRouteTables}
			for range row.tables {
				want = append(want, getRouteTable)
			}
			assert.Equal(t, append(want, getSecurityGroups), a.tokens(), "each table is looked at once")
			assert.Equal(t, map[string]any{"vpcId": vpc}, a.calls[1].Args.Mappable(), "tables of other VPCs say nothing of these subnets")
		})
	}
}

func TestPublicSubnetsCannotBeLeftOut(t *testing.T) {
	t.Parallel()
	private := &ClusterTagsOptions{ExcludePublicSubnets: new(true)}
	const start = "tags: options.excludePublicSubnets: "
	const unknown = start + "the cluster's VPC and subnets are not known yet: name the private subnets in subnetIds instead"
	facts := func(change func(*ClusterFacts)) constructor {
		known := newAccount().knownFacts()
		change(known)
		return of(NewClusterTags, "tags", &ClusterTagsArgs{ClusterName: "shop", Cluster: known, Options: private})
	}
	assertRefused(t, []refusal{
		{
			why: "where there are no others", with: of(NewClusterTags, "tags", &ClusterTagsArgs{ClusterName: "shop", Options: private}),
			on:   func(a *account) { a.routeTables = []routeTable{{id: "rtb-1", gateway: "igw-1", main: true}} },
			says: start + "all of the cluster's subnets are public: name the subnets for nodes in subnetIds",
		},
		{
			why:  "where the VPC is unknown",
			with: facts(func(f *ClusterFacts) { f.VpcId = pulumi.String(vpc).ToStringOutput() }), says: unknown,
		},
		{
			why: "where no VPC is given", with: facts(func(f *ClusterFacts) { f.VpcId = nil }), says: unknown,
		},
		{
			why:  "where a subnet is unknown",
			with: facts(func(f *ClusterFacts) { f.SubnetIds = pulumi.StringArray{pulumi.String(privateSubnet).ToStringOutput()} }), says: unknown,
		},
	})
}
