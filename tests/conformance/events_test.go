package conformance

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/karpenter-provider-aws/pkg/controllers/interruption"
	"github.com/aws/karpenter-provider-aws/pkg/controllers/interruption/messages"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/sandbox"
)

const (
	ourInstance   = "i-0f1e2d3c4b5a69788"
	otherInstance = "i-0123456789abcdef0"
)

// awsHappening is an event as AWS sends it, and what Karpenter does with it.
type awsHappening struct {
	why    string
	event  sandbox.Event
	kind   messages.Kind
	ids    []string // the instances that it names for Karpenter
	reason string   // of the Kubernetes event that Karpenter writes, if any
}

// awsHappenings are the events that the rules match. Sources: "Spot Instance interruption notices", "EC2 instance rebalance
// recommendations", "State change events for Amazon EC2 instances", "Monitor interruptible Capacity Reservations with
// EventBridge and CloudTrail", Amazon EC2 User Guide; "AWS Health events Amazon EventBridge schema", AWS Health User Guide.
func awsHappenings() []awsHappening {
	id, ids := ourInstance, []string{ourInstance}
	all := []awsHappening{
		{
			"a spot instance is reclaimed", spotWarning(id),
			messages.SpotInterruptionKind, ids, "SpotInterrupted",
		},
		{
			"a spot instance is at risk", ec2Event("EC2 Instance Rebalance Recommendation", `{"instance-id":%q}`, id),
			messages.RebalanceRecommendationKind, ids, "SpotRebalanceRecommendation",
		},
		{
			"a reservation takes its instance back", ec2Event("EC2 Capacity Reservation Instance Interruption Warning",
				`{"instance-id":%q,"instance-action":"terminate","instance-termination-time":"2025-01-01T00:02:00Z","azId":"apne2-az1"}`, id),
			messages.CapacityReservationInterruptionKind, ids, "CapacityReservationInstanceInterrupted",
		},
		{
			"instances are to be retired", healthEvent("EC2", "scheduledChange", "AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED"),
			messages.ScheduledChangeKind,
			[]string{ourInstance, otherInstance},
			"InstanceUnhealthy",
		},
		{"EC2 has a problem", healthEvent("EC2", "issue", "AWS_EC2_OPERATIONAL_ISSUE"), messages.NoOpKind, nil, ""},
		{"EC2 has news", healthEvent("EC2", "accountNotification", "AWS_EC2_INSTANCE_STORE_DRIVE_PERFORMANCE_DEGRADED"), messages.NoOpKind, nil, ""},
		{"a database is to be maintained", healthEvent("RDS", "scheduledChange", "AWS_RDS_MAINTENANCE_SCHEDULED"), messages.NoOpKind, nil, ""},
	}
	for _, change := range []struct {
		state  string
		kind   messages.Kind
		ids    []string
		reason string
	}{
		{"pending", messages.NoOpKind, nil, ""},
		{"running", messages.NoOpKind, nil, ""},
		{"stopping", messages.InstanceStoppedKind, ids, "InstanceStopping"},
		{"stopped", messages.InstanceStoppedKind, ids, "InstanceStopping"},
		{"shutting-down", messages.InstanceTerminatedKind, ids, "InstanceTerminating"},
		{"terminated", messages.InstanceTerminatedKind, ids, "InstanceTerminating"},
	} {
		event := ec2Event("EC2 Instance State-change Notification", `{"instance-id":%q,"state":"`+change.state+`"}`, id)
		all = append(all, awsHappening{"an instance is " + change.state, event, change.kind, change.ids, change.reason})
	}
	return all
}

func spotWarning(id string) sandbox.Event {
	return ec2Event("EC2 Spot Instance Interruption Warning", `{"instance-id":%q,"instance-action":"terminate"}`, id)
}

// ec2Event is an event about an instance, whose id stands in the detail.
func ec2Event(detailType, detail, id string) sandbox.Event {
	return sandbox.Event{
		Source: "aws.ec2", DetailType: detailType, Detail: fmt.Sprintf(detail, id), Time: eventTime,
		Resources: []string{"arn:aws:ec2:" + deployedRegion + ":123456789012:instance/" + id},
	}
}

// healthEvent is an event of AWS Health about two instances.
func healthEvent(service, category, code string) sandbox.Event {
	return sandbox.Event{
		Source: "aws.health", DetailType: "AWS Health Event", Time: eventTime, Resources: []string{ourInstance, otherInstance},
		Detail: fmt.Sprintf(`{
			"eventArn": "arn:aws:health:ap-northeast-2::event/%[1]s/%[3]s/%[3]s_90353408594353980",
			"service": %[1]q, "eventTypeCode": %[3]q, "eventTypeCategory": %[2]q, "eventScopeCode": "ACCOUNT_SPECIFIC",
			"communicationId": "1234abc01232a4012345678-1", "eventRegion": "ap-northeast-2", "statusCode": "upcoming",
			"startTime": "Wed, 15 Jan 2025 04:00:00 GMT", "endTime": "Wed, 15 Jan 2025 06:00:00 GMT",
			"lastUpdatedTime": "Wed, 1 Jan 2025 00:00:00 GMT",
			"eventDescription": [{"language": "en_US", "latestDescription": "A description of the event."}],
			"affectedEntities": [
				{"entityValue": %[4]q, "status": "PENDING", "lastUpdatedTime": "Wed, 1 Jan 2025 00:00:00 GMT"},
				{"entityValue": %[5]q, "status": "PENDING", "lastUpdatedTime": "Wed, 1 Jan 2025 00:00:00 GMT"}
			],
			"affectedAccount": "123456789012", "page": "1", "totalPages": "1"
		}`, service, category, code, ourInstance, otherInstance),
	}
}

var eventTime = time.Date(2024, 12, 31, 23, 59, 30, 0, time.UTC)

// parsedMessage is what Karpenter makes of a message.
type parsedMessage struct {
	kind    messages.Kind
	ids     []string
	started time.Time
}

// parsed is what Karpenter is to make of the event. What it drops has lost its time, too.
func (h awsHappening) parsed() []parsedMessage {
	if h.kind == messages.NoOpKind {
		return []parsedMessage{{messages.NoOpKind, []string{}, time.Time{}}}
	}
	return []parsedMessage{{h.kind, h.ids, eventTime}}
}

// arrivals are the messages that come of each event, as Karpenter's own parser reads them.
func arrivals(d *deployedAccount) map[string][]parsedMessage {
	d.t.Helper()
	parser, karpenter := interruption.NewEventParser(interruption.DefaultParsers...), d.As(d.karpenter())
	arrived := map[string][]parsedMessage{}
	for _, happening := range awsHappenings() {
		_, err := d.PutEvent(happening.event)
		require.NoError(d.t, err)
		received, err := karpenter.ReceiveMessage(deployedQueue, sandbox.Receive{Max: 10})
		require.NoError(d.t, err)
		for _, message := range received {
			parsed, err := parser.Parse(message.Body)
			require.NoError(d.t, err, happening.why)
			arrived[happening.why] = append(arrived[happening.why], parsedMessage{parsed.Kind(), parsed.EC2InstanceIDs(), parsed.StartTime()})
			require.NoError(d.t, karpenter.DeleteMessage(deployedQueue, message.ReceiptHandle))
		}
	}
	return arrived
}

// TestEventsArriveAsKarpenterReadsThem: every event that the rules match arrives once, as the kind that it is, and those
// that Karpenter drops arrive as nothing to do.
func TestEventsArriveAsKarpenterReadsThem(t *testing.T) {
	t.Parallel()
	want := map[string][]parsedMessage{}
	for _, happening := range awsHappenings() {
		want[happening.why] = happening.parsed()
	}
	assert.Equal(t, want, arrivals(openDeployed(t, deployedByDefault)))
}

// TestEventsThatKarpenterDropsDoNotArrive where only those are asked for that it acts on.
func TestEventsThatKarpenterDropsDoNotArrive(t *testing.T) {
	t.Parallel()
	want := map[string][]parsedMessage{}
	for _, happening := range awsHappenings() {
		if happening.kind != messages.NoOpKind {
			want[happening.why] = happening.parsed()
		}
	}
	assert.Equal(t, want, arrivals(openDeployed(t, deployedActedOnOnly)))
}

// TestEveryParserHasARuleAndEveryRuleAParser: the rules that feed the queue are made for exactly what Karpenter can read.
func TestEveryParserHasARuleAndEveryRuleAParser(t *testing.T) {
	t.Parallel()
	var readable []string
	for _, parser := range interruption.DefaultParsers {
		readable = append(readable, fmt.Sprintf("%s: %s, version %s", parser.Source(), parser.DetailType(), parser.Version()))
	}
	slices.Sort(readable)
	for what, deployed := range map[string]func() ([]byte, error){"all events": deployedByDefault, "those acted on": deployedActedOnOnly} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, readable, fedToQueue(t, openDeployed(t, deployed).account))
		})
	}
}

// fedToQueue are the types of events that the account's rules bring to the queue, in order. EventBridge's events have the
// version 0. Source: "Events metadata", EventBridge Events Reference.
func fedToQueue(t *testing.T, account *sandbox.Account) (fed []string) {
	t.Helper()
	var state struct {
		Rules  map[string]sandbox.Rule  `json:"rules"`
		Queues map[string]sandbox.Queue `json:"queues"`
	}
	require.NoError(t, json.Unmarshal(account.Dump(), &state))
	for _, rule := range state.Rules {
		var pattern struct {
			Source     []string `json:"source"`
			DetailType []string `json:"detail-type"`
		}
		require.NoError(t, json.Unmarshal([]byte(rule.Pattern), &pattern))
		for _, target := range rule.Targets {
			require.Equal(t, deployedQueue, state.Queues[target.ARN].URL)
			for _, source := range pattern.Source {
				for _, detailType := range pattern.DetailType {
					fed = append(fed, fmt.Sprintf("%s: %s, version 0", source, detailType))
				}
			}
		}
	}
	slices.Sort(fed)
	return fed
}
