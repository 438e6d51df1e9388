package conformance

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/grafanix/eks-karpenter/whole/install"
)

// classRows are node classes with an option of each value.
func classRows[T any](why string, values []T, options func(T) install.NodeClassOptions) (rows []installRow) {
	for i, value := range values {
		of := options(value)
		rows = append(rows, installRow{fmt.Sprint(why, " ", i), nodeClassArgs(&of)})
	}
	return rows
}

// ends are numbers at, within and beyond the bounds of a range, and those of 32 bits.
func ends(least, most int) []*int {
	return []*int{new(least - 1), new(least), new(most), new(most + 1), new(-1), new(0), new(1<<31 - 1), new(1 << 31)}
}

func nodeClassNameRows() (rows []installRow) {
	for _, name := range []string{"a", "a.b", "a..b", "a-.b", "a.-b", "-a", "a-", "a--b", "A", "", "a_b", strings.Repeat("a", 63), strings.Repeat("a", 64), strings.Repeat("a", 254)} {
		rows = append(rows, installRow{"name " + name, &install.NodeClassArgs{
			Name: &name, ClusterName: new("shop"), Options: &install.NodeClassOptions{Role: pulumi.String("nodes")},
		}})
	}
	for _, name := range []string{"", "nodes", strings.Repeat("n", 64), strings.Repeat("n", 65), "team/nodes", "arn:aws:iam::111122223333:role/nodes", "my nodes"} {
		rows = append(rows,
			installRow{"role " + name, nodeClassArgs(&install.NodeClassOptions{Role: pulumi.String(name)})},
			installRow{"instance profile " + name, nodeClassArgs(&install.NodeClassOptions{InstanceProfile: pulumi.String(name)})},
		)
	}
	for why, args := range map[string]*install.NodeClassArgs{
		"nothing":                    {},
		"no identity":                {ClusterName: new("shop")},
		"no cluster":                 {Options: &install.NodeClassOptions{Role: pulumi.String("nodes")}},
		"an empty cluster":           {ClusterName: new(""), Options: &install.NodeClassOptions{Role: pulumi.String("nodes")}},
		"a cluster that EKS has not": {ClusterName: new("my shop"), Options: &install.NodeClassOptions{Role: pulumi.String("nodes")}},
		"two identities": {ClusterName: new("shop"), Options: &install.NodeClassOptions{
			Role: pulumi.String("nodes"), InstanceProfile: pulumi.String("nodes"),
		}},
	} {
		rows = append(rows, installRow{why, args})
	}
	return rows
}

func imageRows() []installRow {
	type image = install.AmiSelectorTerm
	families := []*string{nil}
	for _, family := range []string{"AL2", "AL2023", "Bottlerocket", "Custom", "Windows2019", "Windows2022", "Windows2025", "Ubuntu", "al2023", ""} {
		families = append(families, &family)
	}
	rows := classRows("family", families, func(family *string) install.NodeClassOptions {
		return install.NodeClassOptions{AmiFamily: family}
	})
	for _, family := range families {
		rows = append(rows, classRows("family and alias", []string{
			"al2@latest", "al2023@v20260701", "bottlerocket@1.40.0", "windows2019@latest", "windows2022@latest", "windows2025@latest", "windows2022@v1",
			"AL2023@latest", "al2023", "al2023@", "@latest", "", "ubuntu@latest", "al2@a@b", "windows2022@latest@v1",
			"al2023@" + strings.Repeat("v", 23), "al2023@" + strings.Repeat("v", 24), "al2023@" + strings.Repeat("é", 23),
		}, func(alias string) install.NodeClassOptions {
			return install.NodeClassOptions{AmiFamily: family, AmiSelectorTerms: []image{{Alias: &alias}}}
		})...)
	}
	id, tags := pulumi.String("ami-1"), map[string]string{"team": "shop"}
	return append(rows, classRows("images", [][]image{
		{},
		{{}},
		{{Id: id}},
		{{Id: pulumi.String("i-1")}},
		{{Id: pulumi.String("the ami-1")}},
		{{Id: pulumi.String("")}},
		{{Name: new("x")}},
		{{Name: new("")}},
		{{Owner: new("self")}},
		{{Name: new("x"), Owner: new("")}},
		{{SsmParameter: new("/x")}},
		{{SsmParameter: new("")}},
		{{Tags: tags}},
		{{Tags: map[string]string{}}},
		{{Tags: map[string]string{"": "x"}}},
		{{Tags: map[string]string{"x": ""}}},
		{{Tags: numbered(20)}},
		{{Tags: numbered(21)}},
		{{Id: id, Name: new("x")}},
		{{Id: id, Owner: new("self")}},
		{{Id: id, Tags: tags}},
		{{Id: id, Alias: new("al2023@latest")}},
		{{Id: id, SsmParameter: new("/x")}},
		{{Alias: new("al2023@latest"), Owner: new("self")}},
		{{Alias: new("al2023@latest"), SsmParameter: new("/x")}},
		{{Alias: new("al2023@latest")}, {Id: id}},
		{{SsmParameter: new("/x"), Name: new("x")}},
		{{Name: new("x"), Owner: new("self"), Tags: tags}},
		{{Id: id}, {Name: new("x")}, {Tags: tags}},
		repeated(image{Id: id}, 30), repeated(image{Id: id}, 31),
	}, func(images []image) install.NodeClassOptions {
		return install.NodeClassOptions{AmiFamily: new("AL2023"), AmiSelectorTerms: images}
	})...)
}

func selectorRows() []installRow {
	type subnet = install.SubnetSelectorTerm
	type group = install.SecurityGroupSelectorTerm
	tags, none := map[string]string{"team": "shop"}, map[string]string{}
	rows := classRows("subnets", [][]subnet{
		{},
		{{}},
		{{Id: pulumi.String("subnet-1")}},
		{{Id: pulumi.String("vpc-1")}},
		{{Id: pulumi.String("a subnet-1")}},
		{{Tags: tags}},
		{{Tags: none}},
		{{Tags: map[string]string{"x": ""}}},
		{{Tags: numbered(21)}},
		{{Id: pulumi.String("subnet-1"), Tags: tags}},
		{{Id: pulumi.String("subnet-1"), Tags: tags}, {Tags: tags}},
		repeated(subnet{Tags: tags}, 30), repeated(subnet{Tags: tags}, 31),
	}, func(subnets []subnet) install.NodeClassOptions {
		return install.NodeClassOptions{SubnetSelectorTerms: subnets}
	})
	return append(rows, classRows("security groups", [][]group{
		{},
		{{}},
		{{Id: pulumi.String("sg-1")}},
		{{Id: pulumi.String("sg_1")}},
		{{Id: pulumi.String("a sg-1")}},
		{{Name: new("x")}},
		{{Name: new("")}},
		{{Tags: tags}},
		{{Tags: none}},
		{{Id: pulumi.String("sg-1"), Name: new("x")}},
		{{Name: new("x"), Tags: tags}},
		{{Name: new("x"), Tags: tags}, {Tags: tags}},
		repeated(group{Tags: tags}, 31),
	}, func(groups []group) install.NodeClassOptions {
		return install.NodeClassOptions{SecurityGroupSelectorTerms: groups}
	})...)
}

func capacityRows() []installRow {
	type reservation = install.CapacityReservationSelectorTerm
	tags, none := map[string]string{"team": "shop"}, map[string]string{}
	rows := classRows("reservations", [][]reservation{
		{},
		{{}},
		{{Id: pulumi.String("cr-1")}},
		{{Id: pulumi.String("a cr-1")}},
		{{Tags: tags}},
		{{Tags: none}},
		{{OwnerId: new("111122223333")}},
		{{Tags: tags, OwnerId: new("111122223333")}},
		{{Tags: tags, OwnerId: new("1")}},
		{{InstanceMatchCriteria: new("open")}},
		{{InstanceMatchCriteria: new("targeted")}},
		{{InstanceMatchCriteria: new("any")}},
		{{Id: pulumi.String("cr-1"), Tags: tags}},
		{{Id: pulumi.String("cr-1"), OwnerId: new("111122223333")}},
		{{Id: pulumi.String("cr-1"), Tags: tags}, {Tags: tags}},
		repeated(reservation{Tags: tags}, 31),
	}, func(reservations []reservation) install.NodeClassOptions {
		return install.NodeClassOptions{CapacityReservationSelectorTerms: reservations}
	})
	return append(rows, classRows("placement group", []install.PlacementGroupSelector{
		{}, {Name: new("x")}, {Name: new("")}, {Id: pulumi.String("pg-1")}, {Id: pulumi.String("pg_1")}, {Id: pulumi.String("pg-1"), Name: new("x")},
	}, func(group install.PlacementGroupSelector) install.NodeClassOptions {
		return install.NodeClassOptions{PlacementGroupSelector: &group}
	})...)
}

// numbered are so many tags.
func numbered(count int) map[string]string {
	tags := map[string]string{}
	for i := range count {
		tags[fmt.Sprint("tag-", i)] = "x"
	}
	return tags
}

// repeated is a list of the same value so many times.
func repeated[T any](value T, times int) []T {
	list := make([]T, times)
	for i := range list {
		list[i] = value
	}
	return list
}

func TestInstallAgreesWithKarpenterOnNodeClasses(t *testing.T) {
	t.Parallel()
	rows := append(nodeClassNameRows(), imageRows()...)
	rows = append(append(rows, selectorRows()...), capacityRows()...)
	rows = append(append(rows, machineRows()...), kubeletRows()...)
	assertAgreed(t, rows, []stricter{
		{`^name: .* characters are too many`, "it is the value of a label, which ends at 63"},
		{`^clusterName: .* is not valid`, "EKS has no cluster of such a name, so nothing would be found"},
		{`^options\.(role|instanceProfile): `, "IAM has no such name; Karpenter compares the bare one"},
		{`SelectorTerms\[\d+\]\.id: .* is not valid: the id`, "EC2 has no such id; the schema's pattern does not ask for the ends"},
		{`^options\.amiSelectorTerms\[0\]\.alias: .* is not valid`, "a version of Windows that Karpenter takes for the latest"},
		{`SelectorTerms\[\d+\]\.(name|owner|ssmParameter): is empty`, "an empty text finds nothing, or whatever there is"},
		{`SelectorTerms\[\d+\]\.tags: is empty`, "no tag finds whatever there is"},
		{`^options\.amiSelectorTerms\[\d+\]\.(id|alias): stands alone`, "Karpenter does not look at a parameter beside an id or an alias"},
		{
			`^options\.(subnet|securityGroup|capacityReservation)SelectorTerms\[\d+\]\.(id|name): stands alone`,
			"the schema's rule is broken only if all terms break it; Karpenter looks at one of the two",
		},
		{`\.deviceName: required`, "EC2 attaches no volume without one"},
		{`\.deviceName: .* is listed twice`, "EC2 refuses two volumes in one place"},
		{`\.ebs\.volumeSize: "Ti?" is not valid`, "a unit is no size; the schema's pattern lets it pass"},
		{`\.ebs\.(iops|throughput): `, "EC2 refuses it for this type of volume"},
		{`\.ebs\.kmsKeyID: `, "EC2 refuses a key for a volume that is not encrypted"},
		{`\.ebs\.snapshotID: `, "EC2 has no such id"},
		{`^options\.kubelet\.clusterDNS\[\d+\]: `, "the kubelet does not start with it"},
		{`^options\.kubelet\.eviction(Hard|Soft)\.\S+: .* is not valid`, "the kubelet does not start with a threshold that is empty, negative or no quantity"},
		{`^options\.kubelet\.\w+Reserved\.\S+: .* is not valid`, "a quantity's exponent has no fraction; the schema's pattern lets one pass"},
		{`^options\.kubelet\.evictionSoftGracePeriod\.\S+: .* is not valid`, "the form of every other time of Karpenter's"},
		{`^options\.kubelet\.evictionMaxPodGracePeriod: `, "no time is less than none"},
		{`^options\.tags: .* the prefix aws: is reserved`, "EC2 refuses it"},
		{`^options\.tags: .*(a key has 1 to 128 characters|at most 256 characters)`, "EC2 refuses it"},
	})
}
