package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Version is a minor version of Karpenter's first major one: 14 stands for Karpenter 1.14 and all its patches.
type Version int

// The versions whose needs are known.
const (
	Oldest          Version = 0
	ZonalShiftSince Version = 12
	Newest          Version = 14
)

// DefaultRelease is the release of Karpenter that is meant where none is chosen: the newest whose needs are known.
const DefaultRelease = "1.14.1"

// A Need is what Karpenter needs of AWS since a version, and did not need before it.
type Need struct {
	Since Version
	// What is an action, the kind of resource in an ARN, or a rule's name.
	What string
	// Why is what Karpenter does with it.
	Why string
}

// Needs are what came after Karpenter 1.0, in order. Source: the CloudFormation templates of Karpenter's releases, and "Upgrade
// Guide", Karpenter documentation.
var Needs = []Need{
	{3, "ec2:DescribeCapacityReservations", "finds the capacity reservations that an EC2NodeClass selects"},
	{3, "capacity-reservation", "launches into them"},
	{7, "iam:ListInstanceProfiles", "finds its instance profiles by their path, to delete those that nothing uses"},
	{10, "CapacityReservationInterruptionRule", "leaves a capacity reservation that takes its instances back"},
	{11, "ec2:DescribePlacementGroups", "finds the placement group that an EC2NodeClass selects"},
	{11, "placement-group", "launches into it"},
	{12, "ec2:DescribeInstanceStatus", "finds instances that EC2 reports as impaired"},
	{ZonalShiftSince, "arc-zonal-shift:GetManagedResource", "keeps out of zones that are shifted away"},
}

// Versions are all whose needs are known, oldest first.
func Versions() []Version {
	var all []Version
	for v := Oldest; v <= Newest; v++ {
		all = append(all, v)
	}
	return all
}

// ParseVersion is the version of a release, which has three numbers, as 1.14.1 has: two would not do, as YAML reads 1.10 as
// 1.1. Of a release that is not known it is the nearest that is, and not known. The error is for a text that is no release.
func ParseVersion(release string) (nearest Version, known bool, err error) {
	parts := strings.Split(release, ".")
	numbers := make([]int, len(parts))
	for i, part := range parts {
		number, err := strconv.ParseUint(part, 10, 31)
		if err != nil || part != strconv.FormatUint(number, 10) || len(parts) != 3 {
			return 0, false, fmt.Errorf("%q is not a release of Karpenter: three numbers, such as 1.14.1", release)
		}
		numbers[i] = int(number)
	}
	major, minor := numbers[0], Version(numbers[1])
	switch {
	case major < 1:
		return Oldest, false, nil
	case major > 1 || minor > Newest:
		return Newest, false, nil
	}
	return minor, true, nil
}

// kubernetes are the versions of Kubernetes that came after Karpenter 1.0, by the version that began to run on them. Source:
// "Compatibility", Karpenter documentation.
var kubernetes = map[string]Version{"1.32": 2, "1.33": 5, "1.34": 6, "1.35": 9, "1.36": 13}

// SinceKubernetes is the version that began to run on a minor version of Kubernetes, such as 1.34; of one that is not known, the
// oldest.
func SinceKubernetes(version string) Version { return kubernetes[version] }

// String is the version as its releases begin: 1.14.
func (v Version) String() string { return fmt.Sprintf("1.%d", int(v)) }

// Since is the version that began to need an action, a kind of resource or a rule.
func Since(what string) Version {
	for _, need := range Needs {
		if need.What == what {
			return need.Since
		}
	}
	return Oldest
}

// document is a document without what the version does not need yet.
func (v Version) document(statements ...Statement) Document {
	var needed []Statement
	for _, s := range statements {
		s.Actions, s.Resources = v.needed(s.Actions), v.needed(s.Resources)
		if len(s.Actions) > 0 {
			needed = append(needed, s)
		}
	}
	return document(needed...)
}

// needed are those of some actions or ARNs that the version needs.
func (v Version) needed(values Values) Values {
	return slices.DeleteFunc(slices.Clone(values), func(value string) bool {
		if _, kind, isARN := strings.Cut(value, ":*:"); isARN {
			value, _, _ = strings.Cut(kind, "/")
		}
		return v < Since(value)
	})
}
