package install

import (
	"slices"
	"strings"

	"github.com/grafanix/eks-karpenter/internal/component"
	"github.com/grafanix/eks-karpenter/internal/policy"
)

// ownLabels are the labels of Karpenter's own domains that a user may ask for; it sets all others there itself. Source:
// the schema of NodePool.
var ownLabels = []string{
	"karpenter.sh/capacity-type",
	"karpenter.k8s.aws/capacity-reservation-id",
	"karpenter.k8s.aws/capacity-reservation-interruptible",
	"karpenter.k8s.aws/capacity-reservation-type",
	"karpenter.k8s.aws/instance-accelerator-count",
	"karpenter.k8s.aws/instance-accelerator-manufacturer",
	"karpenter.k8s.aws/instance-accelerator-name",
	"karpenter.k8s.aws/instance-capability-flex",
	"karpenter.k8s.aws/instance-category",
	"karpenter.k8s.aws/instance-cpu",
	"karpenter.k8s.aws/instance-cpu-manufacturer",
	"karpenter.k8s.aws/instance-cpu-sustained-clock-speed-mhz",
	"karpenter.k8s.aws/instance-ebs-bandwidth",
	"karpenter.k8s.aws/instance-encryption-in-transit-supported",
	"karpenter.k8s.aws/instance-family",
	"karpenter.k8s.aws/instance-generation",
	"karpenter.k8s.aws/instance-gpu-count",
	"karpenter.k8s.aws/instance-gpu-manufacturer",
	"karpenter.k8s.aws/instance-gpu-memory",
	"karpenter.k8s.aws/instance-gpu-name",
	"karpenter.k8s.aws/instance-hypervisor",
	"karpenter.k8s.aws/instance-local-nvme",
	"karpenter.k8s.aws/instance-memory",
	"karpenter.k8s.aws/instance-network-bandwidth",
	"karpenter.k8s.aws/instance-size",
	"karpenter.k8s.aws/instance-tenancy",
	"karpenter.k8s.aws/placement-group-id",
	"karpenter.k8s.aws/placement-group-partition",
}

// newerLabels are those of ownLabels that Karpenter 1.0 does not have, by the minor version that began to.
var newerLabels = map[string]policy.Version{
	"karpenter.k8s.aws/instance-cpu-sustained-clock-speed-mhz": 1,
	"karpenter.k8s.aws/capacity-reservation-id":                3,
	"karpenter.k8s.aws/capacity-reservation-type":              6,
	"karpenter.k8s.aws/instance-capability-flex":               7,
	"karpenter.k8s.aws/instance-tenancy":                       9,
	"karpenter.k8s.aws/capacity-reservation-interruptible":     10,
	"karpenter.k8s.aws/placement-group-id":                     11,
	"karpenter.k8s.aws/placement-group-partition":              11,
}

// knownValues are all values that a label can have.
var knownValues = map[string][]string{
	"karpenter.sh/capacity-type":         {"spot", "on-demand", "reserved"},
	"karpenter.k8s.aws/instance-tenancy": {"default", "dedicated"},
}

// checkLabel records a key that is no label, or that Karpenter keeps for itself.
func checkLabel(p problems, property, key string) {
	checkKey(p, property, &key)
	domain, _, _ := strings.Cut(key, "/")
	reserved := strings.HasSuffix(domain, "karpenter.sh") || strings.HasSuffix(domain, "karpenter.k8s.aws") || key == "kubernetes.io/hostname"
	if reserved && !slices.Contains(ownLabels, key) {
		p.Addf(property, "%q is Karpenter's own label: choose another key", key)
	}
}

// operators are how many values each operator of a requirement takes.
var operators = []struct {
	name        string
	least, most int
	words       string
}{
	{"In", 1, 1 << 30, "one or more values"},
	{"NotIn", 1, 1 << 30, "one or more values"},
	{"Exists", 0, 0, "no values"},
	{"DoesNotExist", 0, 0, "no values"},
	{"Gt", 1, 1, "one whole number"},
	{"Lt", 1, 1, "one whole number"},
	{"Gte", 1, 1, "one whole number"},
	{"Lte", 1, 1, "one whole number"},
}

func checkRequirements(p problems, requirements []Requirement) {
	if requirements != nil && len(requirements) == 0 {
		p.Addf("requirements", "is empty: give a requirement, or leave it out")
	}
	p.AtMost("requirements", len(requirements), 100)
	for i := range requirements {
		requirements[i].check(p.In(component.Indexed("requirements", i)))
	}
}

func (r *Requirement) check(p problems) {
	checkLabel(p, "key", r.Key)
	if len(r.Key) > 316 {
		p.Addf("key", "%d characters are too many: at most 316", len(r.Key))
	}
	names := make([]string, len(operators))
	for i, operator := range operators {
		names[i] = operator.name
		if r.Operator != operator.name {
			continue
		}
		if len(r.Values) < operator.least || len(r.Values) > operator.most {
			p.Addf("values", "%s takes %s, and %d are given", r.Operator, operator.words, len(r.Values))
		}
		r.checkValues(p, operator.words == "one whole number")
	}
	p.OneOf("operator", &r.Operator, names...)
	p.Between("minValues", r.MinValues, 1, 50, "values")
	if r.Operator == "In" && r.MinValues != nil && *r.MinValues > len(r.Values) {
		p.Addf("minValues", "%d is more than the %d values to choose from", *r.MinValues, len(r.Values))
	}
}

func (r *Requirement) checkValues(p problems, numeric bool) {
	form := labelValueForm
	if numeric {
		form = countForm
	}
	for i, value := range r.Values {
		property := component.Indexed("values", i)
		p.Matches(property, &value, form)
		if all := knownValues[r.Key]; all != nil && !numeric {
			p.OneOf(property, &value, all...)
		}
	}
}
