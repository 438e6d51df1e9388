package verify

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// since are the minor versions of Karpenter 1 that began to make some calls,
// to name some kinds of resources in a launch, and to read some events.
//
// https://karpenter.sh/docs/upgrading/upgrade-guide/
var since = map[string]int{
	"ec2:DescribeCapacityReservations":                       3,
	"capacity-reservation":                                   3,
	"iam:ListInstanceProfiles":                               7,
	"EC2 Capacity Reservation Instance Interruption Warning": 10,
	"ec2:DescribePlacementGroups":                            11,
	"placement-group":                                        11,
	"ec2:DescribeInstanceStatus":                             12,
	"arc-zonal-shift:GetManagedResource":                     12,
}

// minor is the minor version of a release such as 1.8.6, and of none
// a version that does everything.
func minor(release string) (int, error) {
	if release == "" {
		return math.MaxInt, nil
	}
	major, rest, _ := strings.Cut(release, ".")
	text, _, _ := strings.Cut(rest, ".")
	number, err := strconv.Atoi(text)
	if err != nil || major != "1" {
		return 0, fmt.Errorf("%q is not a release of Karpenter 1, such as 1.8.6", release)
	}
	return number, nil
}

// knows tells whether the version that is verified for has begun to make a
// call, to use a kind of resource or to read an event.
func (s *subject) knows(action, resource string) bool {
	kind, _, _ := strings.Cut(strings.TrimPrefix(resource, "{ec2}"), "/")
	return s.minor >= max(since[action], since[kind])
}
