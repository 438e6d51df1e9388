package verify

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/grafanix/eks-karpenter/sandbox"
)

// happening is an event, and whether the queue gets it.
type happening struct {
	source, detailType string
	resources          []string
	detail             string
	why                string
	fate               fate
}

// fate is what is to become of an event.
type fate int

const (
	interrupts fate = iota // Karpenter acts on it: the queue gets it
	noise                  // Karpenter drops it: only rules that are not confined let it through
	unrelated              // it is none of Karpenter's business
)

const instanceARN = "{ec2}instance/i-0f1e2d3c4b5a69788"

// happenings are events as AWS documents them.
//
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/rebalance-recommendations.html
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-instance-state-changes.html
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitor-interruptible-cr.html
// https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html
func happenings() []happening {
	own := []string{instanceARN}
	all := []happening{
		{"aws.ec2", "EC2 Spot Instance Interruption Warning", []string{"arn:{partition}:ec2:{region}a:instance/i-0f1e2d3c4b5a69788"}, `{"instance-id":"i-0f1e2d3c4b5a69788","instance-action":"terminate"}`, "a spot instance is reclaimed", interrupts},
		{"aws.ec2", "EC2 Instance Rebalance Recommendation", own, `{"instance-id":"i-0f1e2d3c4b5a69788"}`, "a spot instance is at risk", interrupts},
		{"aws.ec2", "EC2 Capacity Reservation Instance Interruption Warning", own, `{"instance-id":"i-0f1e2d3c4b5a69788","instance-action":"terminate","instance-termination-time":"2025-01-01T00:02:00Z","azId":"use1-az1"}`, "a reservation takes its instance back", interrupts},
		health("EC2", "scheduledChange", "AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED", "an instance is to be retired", interrupts),
		health("EC2", "scheduledChange", "AWS_EC2_PERSISTENT_INSTANCE_RETIREMENT_SCHEDULED", "an instance on EBS is to be retired", interrupts),
		health("EC2", "issue", "AWS_EC2_OPERATIONAL_ISSUE", "EC2 has a problem", noise),
		health("EC2", "accountNotification", "AWS_EC2_DRY_RUN", "EC2 has news", noise),
		health("RDS", "scheduledChange", "AWS_RDS_MAINTENANCE_SCHEDULED", "a database is to be maintained", noise),
		health("LAMBDA", "accountNotification", "AWS_LAMBDA_RUNTIME_DEPRECATED", "a runtime is deprecated", noise),
	}
	for _, change := range []struct {
		state string
		fate  fate
	}{{"stopping", interrupts}, {"stopped", interrupts}, {"shutting-down", interrupts}, {"terminated", interrupts}, {"pending", noise}, {"running", noise}} {
		all = append(all, happening{
			"aws.ec2", "EC2 Instance State-change Notification", own, `{"instance-id":"i-0f1e2d3c4b5a69788","state":"` + change.state + `"}`, "an instance is " + change.state, change.fate,
		})
	}
	return append(
		all,
		happening{"aws.ec2", "EC2 AMI State Change", []string{"{public}image/ami-0a1b2c3d4e5f60718"}, `{"RequestId":"9136c307-d3a9-4fd3-b3f2-2a4f25c8d2b5","ImageId":"ami-0a1b2c3d4e5f60718","State":"available","ErrorMessage":""}`, "an AMI is ready", unrelated},
		happening{"aws.ec2", "EC2 Fleet Instance Change", own, `{"instance-id":"i-0f1e2d3c4b5a69788","sub-type":"launched"}`, "a fleet has launched", unrelated},
		happening{"aws.ec2", "EBS Volume Notification", []string{"{ec2}volume/vol-0a1b2c3d4e5f60718"}, `{"result":"available","cause":"","event":"createVolume"}`, "a volume is ready", unrelated},
		happening{"aws.autoscaling", "EC2 Instance Launch Successful", own, `{"EC2InstanceId":"i-0f1e2d3c4b5a69788","StatusCode":"InProgress"}`, "a node group grows", unrelated},
		happening{"aws.s3", "Object Created", []string{"arn:{partition}:s3:::bucket"}, `{"bucket":{"name":"bucket"},"object":{"key":"key"}}`, "an object is stored", unrelated},
		happening{"aws.ecs", "ECS Task State Change", nil, `{"lastStatus":"STOPPED","desiredStatus":"STOPPED"}`, "a task has stopped", unrelated},
		happening{"aws.health", "AWS Health Abuse Event", own, `{"service":"ABUSE","eventTypeCategory":"issue","eventTypeCode":"AWS_ABUSE_DOS_REPORT"}`, "AWS reports abuse", unrelated},
		happening{"com.example", "EC2 Spot Instance Interruption Warning", own, `{"instance-id":"i-0f1e2d3c4b5a69788","instance-action":"terminate"}`, "somebody imitates a spot warning", unrelated},
	)
}

func health(service, category, code, why string, fate fate) happening {
	return happening{
		"aws.health", "AWS Health Event",
		[]string{"i-0f1e2d3c4b5a69788"},
		fmt.Sprintf(`{"eventArn":"arn:{partition}:health:{region}::event/%s/%s/1","service":%q,"eventTypeCode":%q,"eventTypeCategory":%q,`+
			`"startTime":"Wed, 01 Jan 2025 00:00:00 GMT","endTime":"Wed, 15 Jan 2025 00:00:00 GMT","eventDescription":[{"language":"en_US","latestDescription":"A description."}],`+
			`"affectedEntities":[{"entityValue":"i-0f1e2d3c4b5a69788"}]}`, service, code, service, code, category),
		why, fate,
	}
}

// interruptionsWay tells whether events reach Karpenter through the queue.
func (s *subject) interruptionsWay() ([]Row, error) {
	if s.queueARN == "" {
		return nil, nil
	}
	var rows []Row
	for _, h := range happenings() {
		row, err := s.happen(h)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", h.why, err)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// happen tells EventBridge of an event, and has the controller receive and
// delete what comes of it, until the queue is empty.
func (s *subject) happen(h happening) (Row, error) {
	row := Row{Story: InterruptionsWay, Why: h.why, Action: h.source, Resource: h.detailType, Expected: Kept}
	if !s.knows(h.detailType, "") {
		h.fate = unrelated
	}
	if h.fate == interrupts || (h.fate == noise && s.takesNoise(h.detailType)) {
		row.Expected = Delivered
	}
	event := sandbox.Event{Source: h.source, DetailType: h.detailType, Detail: s.fill.Replace(h.detail)}
	for _, resource := range h.resources {
		event.Resources = append(event.Resources, s.fill.Replace(resource))
	}
	report, err := s.client.PutEvent(event)
	if err != nil {
		return Row{}, err
	}
	received, err := s.receive(report.EventID)
	switch {
	case err != nil:
		row.Got, row.By = NotReceived, err.Error()
	case received == 0:
		row.Got, row.By = Kept, "no rule matches"
	case received == 1:
		row.Got = Delivered
	default:
		row.Got = Verdict(fmt.Sprintf("delivered %d times", received))
	}
	if way := s.route(report.Deliveries); err == nil && way != "" {
		row.By = way
	}
	row.OK = row.Got == row.Expected
	return row, nil
}

// receive reads the queue until it is empty, as the controller, and returns
// how many messages are of an event. A refusal is an error.
func (s *subject) receive(event string) (received int, err error) {
	karpenter := s.client.As(s.controller)
	for {
		// As sqs.GetSQSMessages asks.
		visibility := 20
		messages, err := karpenter.ReceiveMessage(s.queueURL, sandbox.Receive{Max: 10, VisibilitySeconds: &visibility, WaitSeconds: 20})
		if err != nil || len(messages) == 0 {
			return received, err
		}
		for _, message := range messages {
			var body struct {
				ID string `json:"id"`
			}
			if err := json.Unmarshal([]byte(message.Body), &body); err != nil {
				return received, fmt.Errorf("a message that Karpenter cannot read: %w", err)
			}
			if err := karpenter.DeleteMessage(s.queueURL, message.ReceiptHandle); err != nil {
				return received, err
			}
			received += count(body.ID == event)
		}
	}
}

// route is what became of an event at the rules that feed the queue.
func (s *subject) route(deliveries []sandbox.Delivery) string {
	var ways []string
	for _, d := range deliveries {
		if !s.feeds(s.look.Rules[s.look.arnOf("events", s.cluster.Region, "rule/"+d.Rule)]) {
			continue
		}
		way := "rule " + d.Rule
		if d.Outcome != sandbox.Delivered {
			way += ", " + string(d.Outcome) + ": " + d.Reason
		}
		ways = append(ways, way)
	}
	return strings.Join(ways, "; ")
}

// feeds tells whether a rule sends its events to the queue.
func (s *subject) feeds(rule sandbox.Rule) bool {
	for _, target := range rule.Targets {
		if target.ARN == s.queueARN {
			return true
		}
	}
	return false
}

// takesNoise tells whether a rule that feeds the queue takes all events of a
// type, whatever they say.
func (s *subject) takesNoise(detailType string) bool {
	if s.options.ActedOnOnly != nil {
		return !*s.options.ActedOnOnly
	}
	for _, rule := range s.look.Rules {
		var pattern struct {
			DetailType []string       `json:"detail-type"`
			Detail     map[string]any `json:"detail"`
		}
		// A pattern of another form is no rule for all events of a type.
		if s.feeds(rule) && json.Unmarshal([]byte(rule.Pattern), &pattern) == nil && len(pattern.Detail) == 0 {
			if slices.Contains(pattern.DetailType, detailType) {
				return true
			}
		}
	}
	return false
}
