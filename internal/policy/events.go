package policy

import "slices"

// Rule is an EventBridge rule of an interruption queue: Karpenter's name for it, what it is for and what it matches.
type Rule struct {
	Name        string
	Description string
	Pattern     Pattern
}

// Pattern is an EventBridge event pattern.
type Pattern struct {
	Source     []string       `json:"source"`
	DetailType []string       `json:"detail-type"`
	Detail     map[string]any `json:"detail,omitempty"`
}

// JSON is the pattern as EventBridge takes it.
func (p Pattern) JSON() string { return compact(p) }

// Rules are the rules that feed a version's interruption queue, in order. With actedOnOnly they leave out the events of
// a kind that Karpenter reads but drops: the accepted states and categories are those of its own message parsers.
func Rules(v Version, actedOnOnly bool) []Rule {
	rules := []Rule{
		{
			Name:        "InstanceStateChangeRule",
			Description: "An instance stops or terminates.",
			Pattern:     pattern("aws.ec2", "EC2 Instance State-change Notification"),
		},
		{
			Name:        "RebalanceRule",
			Description: "A spot instance is at elevated risk of interruption.",
			Pattern:     pattern("aws.ec2", "EC2 Instance Rebalance Recommendation"),
		},
		{
			Name:        "ScheduledChangeRule",
			Description: "AWS Health announces a change to an instance.",
			Pattern:     pattern("aws.health", "AWS Health Event"),
		},
		{
			Name:        "SpotInterruptionRule",
			Description: "A spot instance will be reclaimed in two minutes.",
			Pattern:     pattern("aws.ec2", "EC2 Spot Instance Interruption Warning"),
		},
		{
			Name:        "CapacityReservationInterruptionRule",
			Description: "A capacity reservation takes its instances back.",
			Pattern:     pattern("aws.ec2", "EC2 Capacity Reservation Instance Interruption Warning"),
		},
	}
	if actedOnOnly {
		rules[0].Pattern.Detail = map[string]any{"state": []string{"stopping", "stopped", "shutting-down", "terminated"}}
		rules[2].Pattern.Detail = map[string]any{"service": []string{"EC2"}, "eventTypeCategory": []string{"scheduledChange"}}
	}
	return slices.DeleteFunc(rules, func(rule Rule) bool { return v < Since(rule.Name) })
}

func pattern(source, detailType string) Pattern {
	return Pattern{Source: []string{source}, DetailType: []string{detailType}}
}
