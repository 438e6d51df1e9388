package conformance

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/grafanix/eks-karpenter/whole/install"
)

var nodeClassKind = schema.GroupKind{Group: "karpenter.k8s.aws", Kind: "EC2NodeClass"}

// schedules are those that a person may write, and whether Karpenter takes and can read them.
var schedules = []struct {
	text string
	read bool
}{
	{"0 9 * * mon-fri", true},
	{"@daily", true},
	{"@annually", true},
	{"*/15 0-8,18-23 1,15 JAN-MAR ?", true},
	{"59 23 31 12 6", true},
	{"0  9\t* * *", true},
	{"0 9 31 2 *", true},
	{"5/10 9 * Feb Sun", true},
	{"60 9 * * *", false},
	{"0 24 * * *", false},
	{"0 9 0 * *", false},
	{"0 9 32 * *", false},
	{"0 9 * 0 *", false},
	{"0 9 * 13 *", false},
	{"0 9 * * 7", false},
	{"0 9 * * mon-sun", false},
	{"30-15 9 * * *", false},
	{"*/0 9 * * *", false},
	{"*/x 9 * * *", false},
	{"1/2/3 9 * * *", false},
	{"-1 9 * * *", false},
	{"0 9 * * someday", false},
	{"@reboot", false},
	{"@every 1h", false},
	{"@dailyish", false},
	{"0 9 * *", false},
	{"0 9 * * * *", false},
	{"TZ=Asia/Seoul 0 9 * * *", false},
	{"", false},
}

// poolRows are node pools with an option of each value.
func poolRows[T any](why string, values []T, options func(T) install.NodePoolOptions) (rows []installRow) {
	for i, value := range values {
		of := options(value)
		rows = append(rows, installRow{fmt.Sprint(why, " ", i), nodePoolArgs(&of)})
	}
	return rows
}

// keys are keys of labels that are and that are not, and their bounds.
func keys() []string {
	domain := strings.Repeat(strings.Repeat("d", 49)+".", 5) + "dom"
	return []string{
		"team", "example.com/team", "Example.com/team", "a_b.c-d", "-a", "a-", "a b", "/a", "a/", "a/b/c", "", "9", "a..b/c", "a-.b/c",
		strings.Repeat("k", 63), strings.Repeat("k", 64), domain + "/k", domain + "d/k", domain + "/" + strings.Repeat("k", 63),
		"kubernetes.io/hostname", "kubernetes.io/arch", "karpenter.sh", "mykarpenter.sh/x", "karpenter.sh/nodepool", "topology.k8s.aws/zone-id",
		"beta.kubernetes.io/arch", "node-restriction.kubernetes.io/team", "karpenter.k8s.aws/instance-kategory",
	}
}

func poolNameRows() (rows []installRow) {
	for _, name := range []string{"a", "a.b", "a..b", "a-.b", "A", "", strings.Repeat("a", 63), strings.Repeat("a", 64), strings.Repeat("a", 254)} {
		rows = append(rows, installRow{"name " + name, &install.NodePoolArgs{Name: &name}},
			installRow{"node class " + name, &install.NodePoolArgs{NodeClassName: pulumi.String(name)}})
	}
	return rows
}

func requirementRows() []installRow {
	type asks = install.Requirement
	all := [][]asks{{}, repeated(asks{Key: "team", Operator: "Exists"}, 100), repeated(asks{Key: "team", Operator: "Exists"}, 101)}
	add := func(requirement asks) { all = append(all, []asks{requirement}) }
	for _, operator := range []string{"In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt", "Gte", "Lte", "Is", ""} {
		for _, values := range [][]string{nil, {}, {"1"}, {"1", "2"}, {"a"}, {""}, {"-1"}, {"0"}, {"007"}, {"999999999999999999"}, {"9223372036854775807"}, {"9223372036854775808"}, {"1.5"}, {"+1"}, {"a b"}, {strings.Repeat("v", 63)}, {strings.Repeat("v", 64)}} {
			add(asks{Key: "team", Operator: operator, Values: values})
		}
		for _, values := range [][]string{{"spot"}, {"spot", "reserved"}, {"spott"}, {"spot", "spott"}} {
			add(asks{Key: "karpenter.sh/capacity-type", Operator: operator, Values: values})
		}
		for _, values := range [][]string{{"default"}, {"dedicated"}, {"host"}, {"default", "host"}} {
			add(asks{Key: "karpenter.k8s.aws/instance-tenancy", Operator: operator, Values: values})
		}
		for _, least := range append(ends(1, 50), new(2), new(3)) {
			add(asks{Key: "team", Operator: operator, Values: []string{"1", "2"}, MinValues: least})
		}
	}
	for _, key := range keys() {
		add(asks{Key: key, Operator: "Exists"})
	}
	return poolRows("requirements", all, func(requirements []asks) install.NodePoolOptions {
		return install.NodePoolOptions{Requirements: requirements}
	})
}

// templateRows are about what a pool says of its nodes.
func templateRows() []installRow {
	var all []install.NodePoolOptions
	for _, key := range keys() {
		taint := []install.Taint{{Key: key, Effect: "NoSchedule"}}
		all = append(all, install.NodePoolOptions{Labels: map[string]string{key: "x"}}, install.NodePoolOptions{Annotations: map[string]string{key: "x"}},
			install.NodePoolOptions{Taints: taint}, install.NodePoolOptions{StartupTaints: taint}, install.NodePoolOptions{Limits: map[string]string{key: "1"}},
			install.NodePoolOptions{Taints: []install.Taint{{Key: "team", Value: &key, Effect: "NoExecute"}}})
	}
	for _, value := range []string{"", "a", "a b", "-a", "a_b.c", strings.Repeat("v", 63), strings.Repeat("v", 64)} {
		all = append(all, install.NodePoolOptions{Labels: map[string]string{"team": value}}, install.NodePoolOptions{Annotations: map[string]string{"team": value}})
	}
	for _, effect := range []string{"NoSchedule", "PreferNoSchedule", "NoExecute", "Never", ""} {
		taint, other := install.Taint{Key: "team", Effect: effect}, install.Taint{Key: "team", Value: new("x"), Effect: effect}
		all = append(all, install.NodePoolOptions{Taints: []install.Taint{taint}}, install.NodePoolOptions{Taints: []install.Taint{taint, other}},
			install.NodePoolOptions{Taints: []install.Taint{taint}, StartupTaints: []install.Taint{other}},
			install.NodePoolOptions{Taints: []install.Taint{taint, {Key: "team", Effect: "NoExecute"}}})
	}
	for _, time := range times() {
		all = append(all, install.NodePoolOptions{ExpireAfter: &time}, install.NodePoolOptions{TerminationGracePeriod: &time})
	}
	all = append(all, install.NodePoolOptions{Labels: numbered(100)}, install.NodePoolOptions{Labels: numbered(101)},
		install.NodePoolOptions{Taints: []install.Taint{}, StartupTaints: []install.Taint{}, Labels: map[string]string{}, Limits: map[string]string{}})
	return poolRows("template", all, func(options install.NodePoolOptions) install.NodePoolOptions { return options })
}

// boundRows are about how many nodes there are, and when they end.
func boundRows() []installRow {
	var all []install.NodePoolOptions
	disrupt := func(disruption install.Disruption) {
		all = append(all, install.NodePoolOptions{Disruption: &disruption},
			install.NodePoolOptions{Disruption: &disruption, Replicas: new(1)})
	}
	budget := func(budgets ...install.Budget) { disrupt(install.Disruption{Budgets: budgets}) }
	for _, number := range ends(1, 100) {
		all = append(all, install.NodePoolOptions{Weight: number}, install.NodePoolOptions{Replicas: number}, install.NodePoolOptions{Replicas: number, Weight: number})
	}
	for _, quantity := range []string{"1", "0", "+1", "-1", "1Gi", "1.5G", ".5", "5.", "100m", "1e3", "1E+3", "1e1.5", "1k", "1K", "", "x", "5%"} {
		limit, nodes := map[string]string{"cpu": quantity}, map[string]string{"nodes": quantity}
		both := map[string]string{"cpu": quantity, "nodes": quantity}
		all = append(all, install.NodePoolOptions{Limits: limit}, install.NodePoolOptions{Limits: nodes}, install.NodePoolOptions{Limits: limit, Replicas: new(1)},
			install.NodePoolOptions{Limits: nodes, Replicas: new(1)}, install.NodePoolOptions{Limits: both, Replicas: new(1)})
	}
	all = append(all, install.NodePoolOptions{Limits: map[string]string{}, Replicas: new(1)})
	for _, policy := range []string{"WhenEmpty", "WhenEmptyOrUnderutilized", "Balanced", "WhenUnderutilized", ""} {
		disrupt(install.Disruption{ConsolidationPolicy: &policy})
	}
	for _, time := range times() {
		disrupt(install.Disruption{ConsolidateAfter: &time})
		budget(install.Budget{Nodes: "1", Schedule: new("@daily"), Duration: &time})
	}
	for _, duration := range []string{"8h0s", "8h30m0s", "8h30s", "30m8h", "8h30m1m"} {
		budget(install.Budget{Nodes: "1", Schedule: new("@daily"), Duration: &duration})
	}
	for _, nodes := range []string{"0", "10", "007", "0%", "99%", "100%", "101%", "1000%", "-1", "1.5", "", "all"} {
		budget(install.Budget{Nodes: nodes})
	}
	for _, schedule := range schedules {
		budget(install.Budget{Nodes: "1", Schedule: &schedule.text, Duration: new("1h")})
	}
	for _, reasons := range [][]string{{}, {"Empty"}, {"Underutilized", "Empty", "Drifted"}, {"Expired"}, {"Empty", "Empty"}, {""}} {
		budget(install.Budget{Nodes: "1", Reasons: reasons})
	}
	budget(install.Budget{Nodes: "1", Schedule: new("@daily")})
	budget(install.Budget{Nodes: "1", Duration: new("1h")})
	budget(repeated(install.Budget{Nodes: "1"}, 50)...)
	budget(repeated(install.Budget{Nodes: "1"}, 51)...)
	disrupt(install.Disruption{Budgets: []install.Budget{}})
	return poolRows("bounds", all, func(options install.NodePoolOptions) install.NodePoolOptions { return options })
}

func TestInstallAgreesWithKarpenterOnNodePools(t *testing.T) {
	t.Parallel()
	rows := append(poolNameRows(), requirementRows()...)
	rows = append(append(rows, templateRows()...), boundRows()...)
	assertAgreed(t, rows, []stricter{
		{`^(name|nodeClassName): .* characters are too many`, "it is the value of a label, which ends at 63"},
		{`^nodeClassName: .* is not valid`, "no node class has such a name"},
		{`^options\.requirements: is empty`, "who gives a list means to ask for something; none would be every instance there is"},
		{`requirements\[0\]\.values: (NotIn|Exists|DoesNotExist) takes`, "values that are missing, or that Karpenter does not look at"},
		{`requirements\[0\]\.values\[\d\]: .* one of (spot|default)`, "a value that the label never has; Karpenter says so in its log alone as long as another is right"},
		{`requirements\[0\]\.values\[0\]: "\d{19}" is not valid`, "no label counts that far: 18 digits are the most"},
		{`^options\.annotations: `, "Kubernetes takes no node with it"},
		{`^options\.limits: `, "no resource has such a name, so nothing would be limited"},
		{`^options\.limits\.\S+: "-`, "a pool with less than nothing launches nothing: 0 says so"},
		{`^options\.disruption\.\w+: replicas fixes`, "a pool of a fixed size is never consolidated"},
		{`budgets\[0\]\.schedule: .* (is not valid|is no )`, "Karpenter cannot read it, and then ends no node"},
	})
}
