package cloud

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/grafanix/eks-karpenter/sandbox/internal/pattern"
)

// Event is something that happened in an account, told to a region's default
// event bus.
type Event struct {
	// Source and DetailType are what the event is, such as aws.ec2 and EC2
	// Spot Instance Interruption Warning.
	Source, DetailType string
	// Resources are the ARNs of what the event is about.
	Resources []string
	// Detail is the rest as a JSON object.
	Detail string
	// ID and Time are those of the event; made up and now where empty.
	ID   string
	Time time.Time
}

// Outcome is what became of an event at one target of a rule.
type Outcome string

// The outcomes of deliveries.
const (
	Delivered    Outcome = "delivered"
	DeadLettered Outcome = "dead-lettered"
	Dropped      Outcome = "dropped"
)

// Delivery is one attempt to bring an event to a target.
type Delivery struct {
	Rule    string  `json:"rule"`
	Target  string  `json:"target"`
	Outcome Outcome `json:"outcome"`
	// Queue is the ARN of the queue that has the event now, if any.
	Queue string `json:"queue,omitempty"`
	// Reason is what decided.
	Reason string `json:"reason"`
}

// Report is what became of an event: one delivery for every target of every
// rule that matched, in the order of their names.
type Report struct {
	EventID    string     `json:"eventId"`
	Deliveries []Delivery `json:"deliveries"`
}

// Count is the number of deliveries with an outcome.
func (r Report) Count(outcome Outcome) int {
	count := 0
	for _, delivery := range r.Deliveries {
		if delivery.Outcome == outcome {
			count++
		}
	}
	return count
}

// RuleMetrics count what a rule did, under the names of CloudWatch:
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
type RuleMetrics struct {
	MatchedEvents                  int `json:"matchedEvents"`
	Invocations                    int `json:"invocations"`
	FailedInvocations              int `json:"failedInvocations"`
	InvocationsSentToDLQ           int `json:"invocationsSentToDlq"`
	InvocationsFailedToBeSentToDLQ int `json:"invocationsFailedToBeSentToDlq"`
}

// GetRuleMetrics returns what a rule has done so far.
func (c *Client) GetRuleMetrics(rule string) (RuleMetrics, error) {
	return read(c, "CloudWatch", "GetMetricData", func(st *State) (RuleMetrics, error) {
		found, err := st.rule(c.Region, DefaultBus, rule)
		if err != nil {
			return RuleMetrics{}, err
		}
		return *st.traffic.metrics(found.ARN), nil
	})
}

// eventsPrincipal is who delivers events, in every partition.
const eventsPrincipal = "events.amazonaws.com"

// delivery is an event on its way to one target.
type delivery struct {
	rule    *Rule
	target  Target
	body    string
	refused string // why the target does not get it
	code    string // the same for machines
	dead    string // why the dead-letter queue does not get it either
	reason  string // why somebody does
}

// PutEvent tells the region's default event bus of an event and delivers it to
// the targets of all enabled rules that match. It is an error, and nothing is
// delivered, where a target is of a kind that the sandbox does not have.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
func (c *Client) PutEvent(event Event) (Report, error) {
	var report Report
	err := c.account.do(call{service: eventsService, operation: "PutEvents", client: c}, func(st *State) error {
		body, err := st.envelope(c.Region, &event)
		if err != nil {
			return err
		}
		rules, err := st.match(c.Region, body)
		if err != nil {
			return err
		}
		under, err := c.route(st, rules, body)
		if err != nil {
			return err
		}
		report.EventID = event.ID
		for _, rule := range rules {
			st.traffic.metrics(rule.ARN).MatchedEvents++
		}
		for _, d := range under {
			report.Deliveries = append(report.Deliveries, st.deliver(d))
		}
		return nil
	})
	return report, err
}

// envelope completes an event and writes it as EventBridge does.
// https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
func (st *State) envelope(region string, event *Event) (string, error) {
	for _, required := range []struct{ name, value string }{
		{"Source", event.Source}, {"DetailType", event.DetailType}, {"Detail", event.Detail},
	} {
		if required.value == "" {
			return "", refuse("InvalidArgument", "Parameter %s is not valid. Reason: %s is a required argument.", required.name, required.name)
		}
	}
	var detail map[string]json.RawMessage
	if json.Unmarshal([]byte(event.Detail), &detail) != nil || detail == nil {
		return "", refuse("MalformedDetail", "Detail is malformed.")
	}
	if event.ID == "" {
		event.ID = st.traffic.next("event")
	}
	if event.Time.IsZero() {
		event.Time = st.traffic.Now
	}
	resources := event.Resources
	if resources == nil {
		resources = []string{}
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(struct {
		Version    string          `json:"version"`
		ID         string          `json:"id"`
		DetailType string          `json:"detail-type"`
		Source     string          `json:"source"`
		Account    string          `json:"account"`
		Time       string          `json:"time"`
		Region     string          `json:"region"`
		Resources  []string        `json:"resources"`
		Detail     json.RawMessage `json:"detail"`
	}{"0", event.ID, event.DetailType, event.Source, st.AccountID, event.Time.UTC().Format(time.RFC3339), region, resources, json.RawMessage(event.Detail)})
	return strings.TrimSpace(out.String()), err
}

// match finds the rules that match an event, in the order of their names.
func (st *State) match(region, body string) ([]*Rule, error) {
	var found []*Rule
	prefix := st.ruleARN(region, "")
	for _, arn := range slices.Sorted(maps.Keys(st.Rules)) {
		rule := st.Rules[arn]
		if !strings.HasPrefix(arn, prefix) || rule.State == "DISABLED" || rule.Pattern == "" {
			continue
		}
		matched, err := pattern.Matches(rule.Pattern, body)
		if err != nil {
			return nil, fmt.Errorf("matching the rule %s: %w", rule.Name, err)
		}
		if matched {
			found = append(found, rule)
		}
	}
	return found, nil
}

// route decides who gets an event: every target of the rules, or else its
// dead-letter queue.
func (c *Client) route(st *State, rules []*Rule, body string) ([]delivery, error) {
	var all []delivery
	for _, rule := range rules {
		for _, id := range slices.Sorted(maps.Keys(rule.Targets)) {
			d := delivery{rule: rule, target: rule.Targets[id], body: body}
			if d.target.Input != "" {
				d.body = d.target.Input
			}
			err := st.deliverable(c.Region, d.target)
			if err == nil {
				err = c.clear(st, &d)
			}
			if err != nil {
				return nil, fmt.Errorf("target %s of the rule %s: %w", id, rule.Name, err)
			}
			all = append(all, d)
		}
	}
	return all, nil
}

// deliverable refuses targets that the sandbox cannot deliver to.
func (st *State) deliverable(region string, target Target) error {
	parts, _ := parseARN(target.ARN)
	switch {
	case parts.service != "sqs":
		return fmt.Errorf("the sandbox delivers events to SQS queues alone, not to %s", target.ARN)
	case parts.region != region || parts.account != st.AccountID:
		return fmt.Errorf("the sandbox delivers events within one account and region, not to %s", target.ARN)
	case target.RoleARN != "":
		return fmt.Errorf("the sandbox delivers events in EventBridge's own name, not by the role %s", target.RoleARN)
	case target.DeadLetterARN != "" && strings.HasSuffix(target.DeadLetterARN, ".fifo"):
		return fmt.Errorf("a dead-letter queue of EventBridge is a standard queue, not %s", target.DeadLetterARN)
	case target.InputPath != "" || target.InputTemplate != "":
		return fmt.Errorf("the sandbox delivers events whole, without an input path or transformer")
	case target.MessageGroup != "" || strings.HasSuffix(target.ARN, ".fifo"):
		return fmt.Errorf("the sandbox does not model the messages of FIFO queues: %s", target.ARN)
	}
	return nil
}

// clear decides about one target, and about its dead-letter queue where the
// target does not get the event.
func (c *Client) clear(st *State, d *delivery) error {
	code, reason, err := c.mayDeliver(st, d.rule, d.target.ARN)
	if err != nil || code == "" {
		d.reason = reason
		return err
	}
	d.code, d.refused = code, reason
	if d.target.DeadLetterARN == "" {
		return nil
	}
	if code, reason, err = c.mayDeliver(st, d.rule, d.target.DeadLetterARN); code != "" {
		d.dead = reason
	}
	return err
}

// The codes of EventBridge for what it cannot deliver:
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
const (
	noPermissions   = "NO_PERMISSIONS"
	noResource      = "NO_RESOURCE"
	errorFromTarget = "ERROR_FROM_TARGET"
)

// mayDeliver asks the policies of a queue and of its key whether EventBridge
// may send there for a rule. The code is empty where it may.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sqs-permissions
func (c *Client) mayDeliver(st *State, rule *Rule, queueARN string) (code, reason string, err error) {
	if _, exists := st.Queues[queueARN]; !exists {
		return noResource, fmt.Sprintf("the queue %s does not exist", queueARN), nil
	}
	who := ServicePrincipal{Name: eventsPrincipal, SourceARN: rule.ARN}
	said, err := c.judge(st, who, "sqs:SendMessage", queueARN, "kms:GenerateDataKey", "kms:Decrypt")
	if err == nil && !said.allowed {
		code = noPermissions
	}
	return code, said.reason, err
}

// deliver puts an event where it may go, and counts.
func (st *State) deliver(d delivery) Delivery {
	metrics := st.traffic.metrics(d.rule.ARN)
	metrics.Invocations++
	result := Delivery{Rule: d.rule.Name, Target: d.target.ID, Outcome: Delivered, Queue: d.target.ARN, Reason: d.reason}
	if d.refused == "" {
		err := st.drop(d.target.ARN, d.body, nil)
		if err == nil {
			return result
		}
		d.code, d.refused = errorFromTarget, err.Error()
	}
	metrics.FailedInvocations++
	result.Outcome, result.Queue, result.Reason = Dropped, "", d.refused
	if d.target.DeadLetterARN == "" {
		return result
	}
	if d.dead == "" {
		err := st.drop(d.target.DeadLetterARN, d.body, map[string]string{
			"RULE_ARN": d.rule.ARN, "TARGET_ARN": d.target.ARN, "ERROR_CODE": d.code, "ERROR_MESSAGE": d.refused,
		})
		if err == nil {
			metrics.InvocationsSentToDLQ++
			result.Outcome, result.Queue = DeadLettered, d.target.DeadLetterARN
			return result
		}
		d.dead = err.Error()
	}
	metrics.InvocationsFailedToBeSentToDLQ++
	result.Reason += "; and the dead-letter queue: " + d.dead
	return result
}

// drop puts a message into a queue by its ARN.
func (st *State) drop(queueARN, body string, attributes map[string]string) error {
	queue, ok := st.Queues[queueARN]
	if !ok {
		return fmt.Errorf("the queue %s does not exist", queueARN)
	}
	_, err := st.put(queue, body, attributes)
	return err
}
