package cloud

import (
	"maps"
	"regexp"
	"slices"

	"github.com/grafanix/eks-karpenter/sandbox/internal/pattern"
)

const (
	eventsService = "EventBridge"
	// DefaultBus is the one event bus that every account has in a region.
	DefaultBus = "default"
	// maxPattern is an event pattern's length:
	// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
	maxPattern = 4096
)

// Rule is an EventBridge rule of the default bus with its targets.
type Rule struct {
	Name        string            `json:"name"`
	ARN         string            `json:"arn"`
	Description string            `json:"description,omitempty"`
	Pattern     string            `json:"pattern,omitempty"`
	Schedule    string            `json:"schedule,omitempty"`
	State       string            `json:"state"`
	RoleARN     string            `json:"roleArn,omitempty"`
	Tags        Tags              `json:"tags,omitempty"`
	Targets     map[string]Target `json:"targets,omitempty"` // by id
}

var (
	ruleName        = constraint{"name", `[.\-_A-Za-z0-9]+`, 64}
	ruleDescription = constraint{"description", `(?s).*`, 512}
	schedule        = regexp.MustCompile(`^(rate\(\d+ (minute|hour|day)s?\)|cron\([^()]+\))$`)
	ruleStates      = []string{"ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"}
)

// PutRule makes a rule, or takes over the one of that name without a word, as
// EventBridge does; tags are then ignored.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
func (c *Client) PutRule(bus string, in Rule) error {
	return c.write(eventsService, "PutRule", func(st *State) error {
		if err := checkRule(bus, in); err != nil {
			return err
		}
		if in.State == "" {
			in.State = "ENABLED"
		}
		in.ARN = st.ruleARN(c.Region, in.Name)
		in.Targets = nil
		in.Tags = maps.Clone(in.Tags)
		if existing, exists := st.Rules[in.ARN]; exists {
			in.Tags, in.Targets = existing.Tags, existing.Targets
		}
		st.Rules[in.ARN] = &in
		return nil
	})
}

func (st *State) ruleARN(region, name string) string {
	return st.ARN("events", region, "rule/"+name)
}

func checkBus(bus string) error {
	if bus != "" && bus != DefaultBus {
		return refuse("ResourceNotFoundException", "Event bus %s does not exist.", bus)
	}
	return nil
}

func checkRule(bus string, in Rule) error {
	err := firstError(
		func() error { return checkBus(bus) },
		func() error { return ruleName.check("ValidationException", in.Name) },
		func() error { return ruleDescription.check("ValidationException", in.Description) },
		func() error { return checkTags(eventsService, in.Tags, nil) },
	)
	switch {
	case err != nil:
		return err
	case in.Pattern == "" && in.Schedule == "":
		return refuse("ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified.")
	case in.Schedule != "" && !schedule.MatchString(in.Schedule):
		return refuse("ValidationException", "Parameter ScheduleExpression is not valid.")
	case in.State != "" && !slices.Contains(ruleStates, in.State):
		return refuse("ValidationException", "Parameter State is not valid.")
	case len(in.Pattern) > maxPattern:
		return refuse("InvalidEventPatternException", "Event pattern is not valid. Reason: Event pattern is too long. It must be %d characters or less", maxPattern)
	case in.Pattern == "":
		return nil
	}
	if err := pattern.Check(in.Pattern); err != nil {
		return refuse("InvalidEventPatternException", "Event pattern is not valid. Reason: %s", err)
	}
	return nil
}

// DescribeRule returns a rule with its targets.
func (c *Client) DescribeRule(bus, name string) (Rule, error) {
	return read(c, eventsService, "DescribeRule", func(st *State) (Rule, error) {
		rule, err := st.rule(c.Region, bus, name)
		if err != nil {
			return Rule{}, err
		}
		found := *rule
		found.Tags, found.Targets = maps.Clone(rule.Tags), maps.Clone(rule.Targets)
		return found, nil
	})
}

func (st *State) rule(region, bus, name string) (*Rule, error) {
	if err := checkBus(bus); err != nil {
		return nil, err
	}
	rule, ok := st.Rules[st.ruleARN(region, name)]
	if !ok {
		return nil, refuse("ResourceNotFoundException", "Rule %s does not exist on EventBus %s.", name, DefaultBus)
	}
	return rule, nil
}

// EnableRule lets a rule match events again.
func (c *Client) EnableRule(bus, name string) error {
	return c.changeRule("EnableRule", bus, name, func(_ *State, rule *Rule) error {
		rule.State = "ENABLED"
		return nil
	})
}

// DisableRule keeps a rule from matching events.
func (c *Client) DisableRule(bus, name string) error {
	return c.changeRule("DisableRule", bus, name, func(_ *State, rule *Rule) error {
		rule.State = "DISABLED"
		return nil
	})
}

// TagRule makes tags the rule's only ones.
func (c *Client) TagRule(bus, name string, tags Tags) error {
	return c.changeRule("TagResource", bus, name, func(_ *State, rule *Rule) error {
		if err := checkTags(eventsService, tags, rule.Tags); err != nil {
			return err
		}
		rule.Tags = maps.Clone(tags)
		return nil
	})
}

// DeleteRule removes a rule without targets.
func (c *Client) DeleteRule(bus, name string) error {
	return c.changeRule("DeleteRule", bus, name, func(st *State, rule *Rule) error {
		if len(rule.Targets) > 0 {
			return refuse("ValidationException", "Rule can't be deleted since it has targets.")
		}
		delete(st.Rules, rule.ARN)
		return nil
	})
}

func (c *Client) changeRule(operation, bus, name string, change func(*State, *Rule) error) error {
	return c.write(eventsService, operation, func(st *State) error {
		rule, err := st.rule(c.Region, bus, name)
		if err != nil {
			return err
		}
		return change(st, rule)
	})
}
