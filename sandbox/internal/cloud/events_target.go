package cloud

import (
	"encoding/json"
	"maps"
)

// maxTargets is the number of targets of a rule:
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
const maxTargets = 5

// Target is where a rule sends its events.
type Target struct {
	ID            string            `json:"id"`
	ARN           string            `json:"arn"`
	RoleARN       string            `json:"roleArn,omitempty"`
	Input         string            `json:"input,omitempty"`
	InputPath     string            `json:"inputPath,omitempty"`
	InputPaths    map[string]string `json:"inputPaths,omitempty"`
	InputTemplate string            `json:"inputTemplate,omitempty"`
	DeadLetterARN string            `json:"deadLetterArn,omitempty"`
	RetryAttempts *int              `json:"retryAttempts,omitempty"`
	RetrySeconds  *int              `json:"retrySeconds,omitempty"`
	MessageGroup  string            `json:"messageGroup,omitempty"`
}

var (
	targetID      = constraint{"targets.1.member.id", `[.\-_A-Za-z0-9]+`, 64}
	retryAttempts = numberRange{"targets.1.member.retryPolicy.maximumRetryAttempts", 0, 185}
	retrySeconds  = numberRange{"targets.1.member.retryPolicy.maximumEventAgeInSeconds", 60, 86400}
)

// PutTarget sets one target of a rule.
func (c *Client) PutTarget(bus, rule string, in Target) error {
	return c.changeRule("PutTargets", bus, rule, func(st *State, rule *Rule) error {
		if err := st.checkTarget(in); err != nil {
			return err
		}
		targets := maps.Clone(rule.Targets)
		if targets == nil {
			targets = map[string]Target{}
		}
		in.InputPaths = maps.Clone(in.InputPaths)
		targets[in.ID] = in
		if len(targets) > maxTargets {
			return refuse("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
		}
		rule.Targets = targets
		return nil
	})
}

func (st *State) checkTarget(in Target) error {
	parts, ok := parseARN(in.ARN)
	if !ok || parts.partition != st.Partition {
		return refuse("ValidationException", "Parameter %s is not valid. Reason: Provided Arn is not in correct format.", in.ARN)
	}
	if in.DeadLetterARN != "" {
		dead, ok := parseARN(in.DeadLetterARN)
		if !ok || dead.partition != st.Partition || dead.service != "sqs" {
			return refuse("ValidationException", "Parameter DeadLetterConfig is not valid. Reason: Dead letter queue Arn %s is not an Amazon SQS queue.", in.DeadLetterARN)
		}
	}
	if in.Input != "" && !json.Valid([]byte(in.Input)) {
		return refuse("ValidationException", "Parameter Input is not valid. Reason: Not a valid JSON text.")
	}
	if err := targetID.check("ValidationException", in.ID); err != nil {
		return err
	}
	if in.RetryAttempts != nil {
		if err := retryAttempts.check("ValidationException", *in.RetryAttempts); err != nil {
			return err
		}
	}
	if in.RetrySeconds != nil {
		return retrySeconds.check("ValidationException", *in.RetrySeconds)
	}
	return nil
}

// GetTarget returns one target of a rule.
func (c *Client) GetTarget(bus, rule, id string) (Target, error) {
	return read(c, eventsService, "ListTargetsByRule", func(st *State) (Target, error) {
		found, err := st.rule(c.Region, bus, rule)
		if err != nil {
			return Target{}, err
		}
		target, ok := found.Targets[id]
		if !ok {
			return Target{}, refuse("ResourceNotFoundException", "Target %s does not exist on rule %s.", id, rule)
		}
		target.InputPaths = maps.Clone(target.InputPaths)
		return target, nil
	})
}

// RemoveTarget removes one target of a rule.
func (c *Client) RemoveTarget(bus, rule, id string) error {
	return c.changeRule("RemoveTargets", bus, rule, func(_ *State, rule *Rule) error {
		if _, ok := rule.Targets[id]; !ok {
			return refuse("ResourceNotFoundException", "Target %s does not exist on rule %s.", id, rule.Name)
		}
		rule.Targets = maps.Clone(rule.Targets)
		delete(rule.Targets, id)
		return nil
	})
}
