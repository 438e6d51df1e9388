package install

import (
	"slices"

	"github.com/grafanix/eks-karpenter/internal/component"
)

func (a *NodePoolArgs) check(p problems) {
	checkName(p, "name", a.Name)
	if name, ok := component.Known(a.NodeClassName); ok {
		checkName(p, "nodeClassName", &name)
	}
	version := checkVersion(p, a.KarpenterVersion)
	options := component.OrZero(a.Options)
	options.check(p.In("options"))
	checkSince(p.In("options"), version, options.since())
	p.Matches("deleteTimeout", a.DeleteTimeout, timeoutForm)
}

func (o *NodePoolOptions) check(p problems) {
	checkRequirements(p, o.Requirements)
	p.AtMost("labels", len(o.Labels), 100)
	for _, key := range component.SortedKeys(o.Labels) {
		checkLabel(p, "labels", key)
		value := o.Labels[key]
		p.Matches("labels."+key, &value, labelValueForm)
	}
	for _, key := range component.SortedKeys(o.Annotations) {
		checkKey(p, "annotations", &key)
	}
	seen := map[[2]string]bool{}
	checkTaints(p, "taints", o.Taints, seen)
	checkTaints(p, "startupTaints", o.StartupTaints, seen)
	checkTime(p, "expireAfter", o.ExpireAfter, orNeverForm)
	checkTime(p, "terminationGracePeriod", o.TerminationGracePeriod, durationForm)
	for _, key := range component.SortedKeys(o.Limits) {
		checkKey(p, "limits", &key)
		value := o.Limits[key]
		p.Matches("limits."+key, &value, quantityForm)
	}
	component.OrZero(o.Disruption).check(p.In("disruption"))
	p.Between("weight", o.Weight, 1, 100, "points")
	o.checkStatic(p)
}

// checkStatic records what a pool of a fixed size has no use for.
func (o *NodePoolOptions) checkStatic(p problems) {
	if o.Replicas == nil {
		return
	}
	if *o.Replicas < 0 {
		p.Addf("replicas", "%d is too small: 0 or more", *o.Replicas)
	}
	for _, key := range component.SortedKeys(o.Limits) {
		if key != "nodes" {
			p.Addf("limits."+key, "replicas fixes the pool's size: limit nodes alone, or leave it out")
		}
	}
	disruption := component.OrZero(o.Disruption)
	for _, each := range []choice{
		{"weight", o.Weight != nil},
		{"disruption.consolidationPolicy", disruption.ConsolidationPolicy != nil},
		{"disruption.consolidateAfter", disruption.ConsolidateAfter != nil},
	} {
		if each.given {
			p.Addf(each.property, "replicas fixes the pool's size: leave out one of the two")
		}
	}
}

// since are the properties that not every release has. Source: the schema of NodePool, release by release.
func (o *NodePoolOptions) since() []since {
	all := []since{
		{"replicas", 8, o.Replicas != nil},
		{"disruption.consolidationPolicy", 14, component.Or(component.OrZero(o.Disruption).ConsolidationPolicy, "") == "Balanced"},
	}
	for i, requirement := range o.Requirements {
		path := component.Indexed("requirements", i)
		all = append(all, since{path + ".operator", 9, requirement.Operator == "Gte" || requirement.Operator == "Lte"})
		if minor, newer := newerLabels[requirement.Key]; newer {
			all = append(all, since{path + ".key", minor, true})
		}
	}
	for _, key := range component.SortedKeys(o.Labels) {
		if minor, newer := newerLabels[key]; newer {
			all = append(all, since{"labels." + key, minor, true})
		}
	}
	return all
}

// checkTaints records taints that are none, and those that are there already, be it in the other list.
func checkTaints(p problems, property string, taints []Taint, seen map[[2]string]bool) {
	for i, taint := range taints {
		p := p.In(component.Indexed(property, i))
		checkKey(p, "key", &taint.Key)
		checkKey(p, "value", taint.Value)
		p.OneOf("effect", &taint.Effect, "NoSchedule", "PreferNoSchedule", "NoExecute")
		if pair := [2]string{taint.Key, taint.Effect}; seen[pair] {
			p.Addf("key", "%q is tainted with %s already: list it once", taint.Key, taint.Effect)
		} else {
			seen[pair] = true
		}
	}
}

func (d *Disruption) check(p problems) {
	p.OneOf("consolidationPolicy", d.ConsolidationPolicy, "WhenEmpty", "WhenEmptyOrUnderutilized", "Balanced")
	checkTime(p, "consolidateAfter", d.ConsolidateAfter, orNeverForm)
	p.AtMost("budgets", len(d.Budgets), 50)
	for i, budget := range d.Budgets {
		path := component.Indexed("budgets", i)
		p := p.In(path)
		p.Matches("nodes", &budget.Nodes, nodesForm)
		for j, reason := range budget.Reasons {
			p.OneOf(component.Indexed("reasons", j), &reason, "Underutilized", "Empty", "Drifted")
			if slices.Contains(budget.Reasons[:j], reason) {
				p.Addf(component.Indexed("reasons", j), "%q is listed twice: list it once", reason)
			}
		}
		checkSchedule(p, "schedule", budget.Schedule)
		checkTime(p, "duration", budget.Duration, openForm)
		switch {
		case budget.Schedule != nil && budget.Duration == nil:
			p.Addf("duration", "required: schedule says when the budget begins, but not how long it lasts")
		case budget.Schedule == nil && budget.Duration != nil:
			p.Addf("schedule", "required: duration says how long the budget lasts, but not when it begins")
		}
	}
}
