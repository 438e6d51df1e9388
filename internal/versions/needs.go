package main

import (
	"slices"
	"strings"

	"github.com/grafanix/eks-karpenter/internal/policy"
)

// place is a cluster whose names stand for any: the documents are read, and never sent.
var place = policy.Cluster{Partition: "<partition>", Region: "<region>", Account: "<account>", Name: "<cluster>"}

// A need is one thing that some versions of Karpenter need: an action, a rule, or a kind of resource that came to an action later.
type need struct {
	part  string // the kind of policy, or rules
	what  string
	since policy.Version
}

// needs are those of all versions, in the order of the newest one's documents, found by reading the documents of each.
func needs() []need {
	var all []need
	for _, v := range slices.Backward(policy.Versions()) {
		for _, n := range needsOf(v) {
			i := slices.IndexFunc(all, func(known need) bool { return known.part == n.part && known.what == n.what })
			if i < 0 {
				all = append(all, n)
			} else {
				all[i].since = v
			}
		}
	}
	return slices.DeleteFunc(all, func(n need) bool {
		action, _, onKind := strings.Cut(n.what, on)
		return onKind && slices.Contains(all, need{n.part, action, n.since})
	})
}

const (
	rules = "Rules"
	on    = " on " // between an action and a kind of resource
)

func needsOf(v policy.Version) []need {
	var all []need
	for _, document := range []struct {
		kind policy.Kind
		policy.Document
	}{
		{policy.NodeLifecycle, policy.NodeLifecyclePolicy(place, v)},
		{policy.IAMIntegration, policy.IAMIntegrationPolicy(place, []string{"<node role>"})},
		{policy.EKSIntegration, policy.EKSIntegrationPolicy(place)},
		{policy.Interruption, policy.InterruptionPolicy("<queue>", "")},
		{policy.ZonalShift, policy.ZonalShiftPolicy(place, v)},
		{policy.ResourceDiscovery, policy.ResourceDiscoveryPolicy(place, v, nil)},
	} {
		for _, statement := range document.Statements {
			for _, action := range statement.Actions {
				all = append(all, need{string(document.kind), action, v})
				for _, kind := range kinds(statement.Resources) {
					all = append(all, need{string(document.kind), action + on + kind, v})
				}
			}
		}
	}
	for _, rule := range policy.Rules(v, false) {
		all = append(all, need{rules, rule.Name, v})
	}
	return all
}

// kinds are the kinds of EC2 resources that some ARNs name.
func kinds(arns []string) []string {
	var all []string
	for _, arn := range arns {
		if rest, isEC2 := strings.CutPrefix(arn, "arn:<partition>:ec2:<region>:"); isEC2 {
			_, rest, _ = strings.Cut(rest, ":")
			kind, _, _ := strings.Cut(rest, "/")
			all = append(all, kind)
		}
	}
	return all
}
