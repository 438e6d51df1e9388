package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/grafanix/eks-karpenter/internal/policy"
)

// upgrading tells, as a table in Markdown, what changes in AWS from one version to the next.
func upgrading() string {
	var out strings.Builder
	out.WriteString("| to | what is added in AWS | since Karpenter |\n|---|---|---|\n")
	all := needs()
	for _, v := range slices.Backward(policy.Versions()) {
		version := v.String()
		for _, change := range changesOf(v, all) {
			fmt.Fprintf(&out, "| %s | %s | %s |\n", version, change.in, change.why)
			version = ""
		}
	}
	return out.String()
}

// A change is what one need adds to AWS, and what Karpenter does with it.
type change struct{ in, why string }

// changesOf are the changes that a version brings, one for each of its policy.Needs, told by the needs that its documents hold.
func changesOf(v policy.Version, all []need) []change {
	var changes []change
	for _, added := range policy.Needs {
		if added.Since != v {
			continue
		}
		var in []string
		for _, n := range all {
			if n.since == v && slices.Contains(strings.Split(n.what, on), added.What) {
				in = append(in, n.in())
			}
		}
		changes = append(changes, change{strings.Join(in, "<br>"), added.Why})
	}
	return changes
}

// in names what a need adds, and to which resource in AWS.
func (n need) in() string {
	switch n.part {
	case rules:
		return fmt.Sprintf("the rule `Karpenter%s-<cluster>`, its target, and its ARN in the queue's policy", n.what)
	case string(policy.ZonalShift):
		return fmt.Sprintf("the policy `%s`, attached to the role, with `%s`", n.policy(), n.what)
	}
	return fmt.Sprintf("`%s`, in the policy `%s`", n.what, n.policy())
}

func (n need) policy() string { return "KarpenterController" + n.part + "Policy-<cluster>" }
