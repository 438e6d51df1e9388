package sandbox

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	ruleARNs  = "arn:aws:events:ap-northeast-2:123456789012:rule/Interruption-*"
	deadARN   = "arn:aws:sqs:ap-northeast-2:123456789012:events-dead-letter"
	plainKeys = `{"Version":"2012-10-17","Statement":[{"Sid":"Own","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"kms:*","Resource":"*"}]}`
)

// interruptions are the patterns of what interrupts instances, by rule.
var interruptions = map[string]string{
	"Interruption-Health":      `{"source":["aws.health"],"detail-type":["AWS Health Event"],"detail":{"service":["EC2"],"eventTypeCategory":["scheduledChange"]}}`,
	"Interruption-Rebalance":   `{"source":["aws.ec2"],"detail-type":["EC2 Instance Rebalance Recommendation"]}`,
	"Interruption-Reservation": `{"source":["aws.ec2"],"detail-type":["EC2 Capacity Reservation Instance Interruption Warning"]}`,
	"Interruption-Spot":        `{"source":["aws.ec2"],"detail-type":["EC2 Spot Instance Interruption Warning"]}`,
	"Interruption-State":       `{"source":["aws.ec2"],"detail-type":["EC2 Instance State-change Notification"],"detail":{"state":["stopping","stopped","shutting-down","terminated"]}}`,
}

// The events of AWS's own documentation.
var (
	spotWarning = Event{
		Source: "aws.ec2", DetailType: "EC2 Spot Instance Interruption Warning",
		Resources: []string{"arn:aws:ec2:ap-northeast-2a:instance/i-1234567890abcdef0"},
		Detail:    `{"instance-id": "i-1234567890abcdef0", "instance-action": "terminate"}`,
	}
	rebalance   = Event{Source: "aws.ec2", DetailType: "EC2 Instance Rebalance Recommendation", Detail: `{"instance-id":"i-1234567890abcdef0"}`}
	reservation = Event{
		Source: "aws.ec2", DetailType: "EC2 Capacity Reservation Instance Interruption Warning",
		Detail: `{"instance-id":"i-1234567890abcdef0","instance-action":"terminate","instance-termination-time":"2025-01-01T00:02:00Z"}`,
	}
)

func stateChange(state string) Event {
	return Event{Source: "aws.ec2", DetailType: "EC2 Instance State-change Notification", Detail: fmt.Sprintf(`{"instance-id":"i-1234567890abcdef0","state":%q}`, state)}
}

func health(service, category string) Event {
	return Event{Source: "aws.health", DetailType: "AWS Health Event", Detail: fmt.Sprintf(
		`{"service":%q,"eventTypeCategory":%q,"eventTypeCode":"AWS_EC2_INSTANCE_STOP_SCHEDULED","affectedEntities":[{"entityValue":"i-1234567890abcdef0"}]}`, service, category)}
}

// sends is a queue's policy that lets EventBridge send under conditions.
func sends(queueARN, conditions string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[
		{"Sid":"Rules","Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sqs:SendMessage","Resource":%q,"Condition":%s},
		{"Sid":"OnlyTLS","Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":%q,"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`,
		queueARN, conditions, queueARN)
}

func fromRules(queueARN string) string {
	return sends(queueARN, fmt.Sprintf(`{"ArnLike":{"aws:SourceArn":%q},"StringEquals":{"aws:SourceAccount":"123456789012"}}`, ruleARNs))
}

// keyFor is a key's policy that lets EventBridge use it for actions.
func keyFor(actions string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[
		{"Sid":"Own","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"kms:*","Resource":"*"},
		{"Sid":"Events","Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":%s,"Resource":"*",
		 "Condition":{"ArnLike":{"aws:SourceArn":%q},"StringEquals":{"aws:SourceAccount":"123456789012"}}}]}`, actions, ruleARNs)
}

// interruption is a queue under a key of its own, with a dead-letter queue and
// the rules that feed it.
type interruption struct {
	*Client
	t               *testing.T
	account         *Account
	url, dead       string
	keyARN, deadKey string
}

func newInterruption(t *testing.T) *interruption {
	t.Helper()
	account, err := NewAccount(DefaultSpec())
	require.NoError(t, err)
	client, err := account.Client("ap-northeast-2")
	require.NoError(t, err)
	i := &interruption{Client: client, t: t, account: account}
	i.keyARN, i.deadKey = i.key("events"), i.key("events-dead-letter")
	i.url = i.queue(Queue{Name: "events", KMSKey: i.keyARN, Policy: fromRules(queueARN)})
	i.dead = i.queue(Queue{Name: "events-dead-letter", KMSKey: i.deadKey, Policy: fromRules(deadARN)})
	for name, pattern := range interruptions {
		require.NoError(t, i.PutRule("default", Rule{Name: name, Pattern: pattern}))
		i.target(name, Target{ID: "queue", ARN: queueARN, DeadLetterARN: deadARN})
	}
	return i
}

func (i *interruption) key(description string) string {
	i.t.Helper()
	id, err := i.CreateKey(Key{Description: description, Policy: keyFor(`["kms:GenerateDataKey","kms:Decrypt"]`)}, false)
	require.NoError(i.t, err)
	return i.ARN("kms", "key/"+id)
}

func (i *interruption) queue(q Queue) string {
	i.t.Helper()
	q.MaxMessageSize, q.RetentionSeconds, q.VisibilitySeconds = 262144, 300, 30
	url, err := i.CreateQueue(q)
	require.NoError(i.t, err)
	return url
}

func (i *interruption) target(rule string, target Target) {
	i.t.Helper()
	require.NoError(i.t, i.PutTarget("default", rule, target))
}

func (i *interruption) put(event Event) Report {
	i.t.Helper()
	report, err := i.PutEvent(event)
	require.NoError(i.t, err)
	return report
}

func (i *interruption) receive(url string) []Message {
	i.t.Helper()
	messages, err := i.ReceiveMessage(url, Receive{Max: 10})
	require.NoError(i.t, err)
	return messages
}

func TestWhatInterruptsInstancesArrivesOnce(t *testing.T) {
	rows := []struct {
		why   string
		event Event
		rule  string // empty: no rule matches
	}{
		{"a spot instance will be reclaimed", spotWarning, "Interruption-Spot"},
		{"a spot instance may be reclaimed", rebalance, "Interruption-Rebalance"},
		{"a reservation takes its instances back", reservation, "Interruption-Reservation"},
		{"an instance stops", stateChange("stopping"), "Interruption-State"},
		{"an instance has stopped", stateChange("stopped"), "Interruption-State"},
		{"an instance shuts down", stateChange("shutting-down"), "Interruption-State"},
		{"an instance is gone", stateChange("terminated"), "Interruption-State"},
		{"AWS will change an instance", health("EC2", "scheduledChange"), "Interruption-Health"},
		{"an instance starts: nobody is interrupted", stateChange("running"), ""},
		{"AWS tells of an issue: nothing to act on", health("EC2", "issue"), ""},
		{"AWS will change a database: no instance", health("RDS", "scheduledChange"), ""},
		{"something of another service", Event{Source: "aws.s3", DetailType: "Object Created", Detail: `{"bucket":{"name":"x"}}`}, ""},
		{"our own event under AWS's name for it", Event{Source: "mine", DetailType: "EC2 Spot Instance Interruption Warning", Detail: `{}`}, ""},
	}
	i := newInterruption(t)
	for _, row := range rows {
		t.Run(row.why, func(t *testing.T) {
			report, messages := i.put(row.event), i.receive(i.url)
			if row.rule == "" {
				assert.Empty(t, report.Deliveries)
				assert.Empty(t, messages)
				return
			}
			require.Len(t, report.Deliveries, 1)
			delivery := report.Deliveries[0]
			assert.Equal(t, Delivery{Rule: row.rule, Target: "queue", Outcome: Delivered, Queue: queueARN, Reason: delivery.Reason}, delivery)
			assert.Contains(t, delivery.Reason, "policy of queue events/Rules")
			require.Len(t, messages, 1)
			assert.Contains(t, messages[0].Body, row.event.DetailType)
			require.NoError(t, i.DeleteMessage(i.url, messages[0].ReceiptHandle))
		})
	}
	assert.Empty(t, i.receive(i.dead))
}

func TestAnEventAsEventBridgeWritesIt(t *testing.T) {
	i := newInterruption(t)
	report := i.put(spotWarning)
	messages := i.receive(i.url)
	require.Len(t, messages, 1)
	assert.Equal(t, fmt.Sprintf(`{"version":"0","id":%q,"detail-type":"EC2 Spot Instance Interruption Warning","source":"aws.ec2",`+
		`"account":"123456789012","time":"2025-01-01T00:00:00Z","region":"ap-northeast-2",`+
		`"resources":["arn:aws:ec2:ap-northeast-2a:instance/i-1234567890abcdef0"],`+
		`"detail":{"instance-id":"i-1234567890abcdef0","instance-action":"terminate"}}`, report.EventID), messages[0].Body)

	i.target("Interruption-Spot", Target{ID: "queue", ARN: queueARN, Input: `{"constant":true}`})
	i.put(spotWarning)
	assert.Equal(t, `{"constant":true}`, i.receive(i.url)[0].Body)

	own := rebalance
	own.ID, own.Time = "mine", time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)
	i.put(own)
	assert.Contains(t, i.receive(i.url)[0].Body, `"id":"mine"`)
}

// undeliverable are ways to keep the queue from getting a spot warning.
var undeliverable = []struct {
	why    string
	spoil  func(*interruption) error
	reason string
	code   string
}{
	{"the queue is gone", func(i *interruption) error { return i.DeleteQueue(i.url) }, "does not exist", "NO_RESOURCE"},
	{"the queue has no policy", func(i *interruption) error { return i.SetQueuePolicy(i.url, "") }, "sqs:SendMessage", "NO_PERMISSIONS"},
	{"the queue lets another account's rules send", func(i *interruption) error {
		return i.SetQueuePolicy(i.url, sends(queueARN, `{"StringEquals":{"aws:SourceAccount":"210987654321"}}`))
	}, `aws:SourceAccount wants "210987654321", got "123456789012"`, "NO_PERMISSIONS"},
	{"the queue lets another rule send", func(i *interruption) error {
		return i.SetQueuePolicy(i.url, sends(queueARN, `{"ArnEquals":{"aws:SourceArn":"arn:aws:events:ap-northeast-2:123456789012:rule/Other"}}`))
	}, "aws:SourceArn wants", "NO_PERMISSIONS"},
	{"the queue denies it", func(i *interruption) error {
		return i.SetQueuePolicy(i.url, strings.Replace(fromRules(queueARN), `"aws:SecureTransport":"false"`, `"aws:SecureTransport":"true"`, 1))
	}, "policy of queue events/OnlyTLS", "NO_PERMISSIONS"},
	{"the key's policy knows the account alone", func(i *interruption) error {
		return i.PutKeyPolicy(i.keyARN, plainKeys, false)
	}, "kms:GenerateDataKey", "NO_PERMISSIONS"},
	{"the key's policy forgets kms:Decrypt", func(i *interruption) error {
		return i.PutKeyPolicy(i.keyARN, keyFor(`"kms:GenerateDataKey"`), false)
	}, "kms:Decrypt", "NO_PERMISSIONS"},
	{"the key's policy forgets kms:GenerateDataKey", func(i *interruption) error {
		return i.PutKeyPolicy(i.keyARN, keyFor(`"kms:Decrypt"`), false)
	}, "kms:GenerateDataKey", "NO_PERMISSIONS"},
	{"the key is disabled", func(i *interruption) error { return i.EnableKey(i.keyARN, false) }, "is disabled", "NO_PERMISSIONS"},
	{"the key is going to be deleted", func(i *interruption) error { return i.ScheduleKeyDeletion(i.keyARN, 7) }, "does not exist", "NO_PERMISSIONS"},
	{"the key is AWS's own", func(i *interruption) error {
		return i.SetQueueAttributes(i.url, Queue{KMSKey: "alias/aws/sqs", MaxMessageSize: 262144, RetentionSeconds: 300, VisibilitySeconds: 30})
	}, "alias/aws/sqs", "NO_PERMISSIONS"},
	{"the event is too long for the queue", func(i *interruption) error {
		i.target("Interruption-Spot", Target{ID: "queue", ARN: queueARN, DeadLetterARN: deadARN, Input: fmt.Sprintf("%q", strings.Repeat("x", 2000))})
		return i.SetQueueAttributes(i.url, Queue{MaxMessageSize: 1024, RetentionSeconds: 300, VisibilitySeconds: 30})
	}, "must be shorter than 1024 bytes", "ERROR_FROM_TARGET"},
}

func TestWhatCannotBeDeliveredIsDeadLettered(t *testing.T) {
	for _, row := range undeliverable {
		t.Run(row.why, func(t *testing.T) {
			i := newInterruption(t)
			require.NoError(t, row.spoil(i))
			report := i.put(spotWarning)
			require.Len(t, report.Deliveries, 1)
			assert.Equal(t, DeadLettered, report.Deliveries[0].Outcome)
			assert.Equal(t, deadARN, report.Deliveries[0].Queue)
			assert.Contains(t, report.Deliveries[0].Reason, row.reason)

			messages := i.receive(i.dead)
			require.Len(t, messages, 1)
			assert.Equal(t, map[string]string{
				"RULE_ARN":   "arn:aws:events:ap-northeast-2:123456789012:rule/Interruption-Spot",
				"TARGET_ARN": queueARN, "ERROR_CODE": row.code, "ERROR_MESSAGE": report.Deliveries[0].Reason,
			}, messages[0].Attributes)
			metrics, err := i.GetRuleMetrics("Interruption-Spot")
			require.NoError(t, err)
			assert.Equal(t, RuleMetrics{MatchedEvents: 1, Invocations: 1, FailedInvocations: 1, InvocationsSentToDLQ: 1}, metrics)
		})
	}
}

func TestWhatNobodyGetsIsCounted(t *testing.T) {
	rows := []struct {
		why    string
		spoil  func(*interruption) error
		reason string
		failed int
	}{
		{"there is no dead-letter queue", func(i *interruption) error {
			return i.PutTarget("default", "Interruption-Spot", Target{ID: "queue", ARN: queueARN})
		}, "the queue", 0},
		{"the dead-letter queue is gone", func(i *interruption) error { return i.DeleteQueue(i.dead) }, "and the dead-letter queue: the queue", 1},
		{"the dead-letter queue lets nobody send", func(i *interruption) error { return i.SetQueuePolicy(i.dead, "") }, "and the dead-letter queue: denied: sqs:SendMessage", 1},
		{"the dead-letter queue's key lets nobody in", func(i *interruption) error {
			return i.PutKeyPolicy(i.deadKey, plainKeys, false)
		}, "and the dead-letter queue: denied: kms:GenerateDataKey", 1},
	}
	for _, row := range rows {
		t.Run(row.why, func(t *testing.T) {
			i := newInterruption(t)
			require.NoError(t, i.DeleteQueue(i.url))
			require.NoError(t, row.spoil(i))
			report := i.put(spotWarning)
			assert.Equal(t, 1, report.Count(Dropped))
			assert.Contains(t, report.Deliveries[0].Reason, row.reason)
			assert.Empty(t, report.Deliveries[0].Queue)
			metrics, err := i.GetRuleMetrics("Interruption-Spot")
			require.NoError(t, err)
			assert.Equal(t, RuleMetrics{MatchedEvents: 1, Invocations: 1, FailedInvocations: 1, InvocationsFailedToBeSentToDLQ: row.failed}, metrics)
		})
	}
}

func TestRulesThatDoNotMatch(t *testing.T) {
	i := newInterruption(t)
	require.NoError(t, i.DisableRule("default", "Interruption-Spot"))
	assert.Empty(t, i.put(spotWarning).Deliveries, "a disabled rule matches nothing")
	require.NoError(t, i.EnableRule("default", "Interruption-Spot"))
	assert.Len(t, i.put(spotWarning).Deliveries, 1)
	require.NoError(t, i.PutRule("default", Rule{Name: "Hourly", Schedule: "rate(1 hour)"}))
	assert.Len(t, i.put(spotWarning).Deliveries, 1, "a schedule matches no event")

	elsewhere, err := i.account.Client("eu-central-1")
	require.NoError(t, err)
	report, err := elsewhere.PutEvent(spotWarning)
	require.NoError(t, err)
	assert.Empty(t, report.Deliveries, "rules are of one region")
}

func TestSeveralRulesAndTargets(t *testing.T) {
	i := newInterruption(t)
	require.NoError(t, i.PutRule("default", Rule{Name: "Interruption-All", Pattern: `{"source":[{"prefix":"aws."}]}`}))
	i.target("Interruption-All", Target{ID: "b", ARN: deadARN})
	i.target("Interruption-All", Target{ID: "a", ARN: queueARN})
	var order []string
	for _, delivery := range i.put(spotWarning).Deliveries {
		order = append(order, delivery.Rule+"/"+delivery.Target)
	}
	assert.Equal(t, []string{"Interruption-All/a", "Interruption-All/b", "Interruption-Spot/queue"}, order)
	assert.Len(t, i.receive(i.url), 2)
	assert.Len(t, i.receive(i.dead), 1)
}

func TestEventsThatAreRefused(t *testing.T) {
	rows := []struct {
		why    string
		event  Event
		target Target
		want   string
	}{
		{"no source", Event{DetailType: "x", Detail: "{}"}, Target{}, "InvalidArgument: Parameter Source is not valid."},
		{"no detail type", Event{Source: "x", Detail: "{}"}, Target{}, "InvalidArgument: Parameter DetailType is not valid."},
		{"no detail", Event{Source: "x", DetailType: "x"}, Target{}, "InvalidArgument: Parameter Detail is not valid."},
		{"a detail that is no object", Event{Source: "x", DetailType: "x", Detail: "[]"}, Target{}, "MalformedDetail"},
		{"a target that is no queue", spotWarning, Target{ARN: "arn:aws:lambda:ap-northeast-2:123456789012:function:x"}, "to SQS queues alone"},
		{"a queue of another account", spotWarning, Target{ARN: "arn:aws:sqs:ap-northeast-2:210987654321:x"}, "within one account and region"},
		{"a queue of another region", spotWarning, Target{ARN: "arn:aws:sqs:eu-central-1:123456789012:x"}, "within one account and region"},
		{"a FIFO queue", spotWarning, Target{ARN: queueARN + ".fifo"}, "FIFO"},
		{"a FIFO dead-letter queue", spotWarning, Target{ARN: queueARN, DeadLetterARN: deadARN + ".fifo"}, "is a standard queue"},
		{"a part of the event", spotWarning, Target{ARN: queueARN, InputPath: "$.detail"}, "without an input path or transformer"},
		{"another text", spotWarning, Target{ARN: queueARN, InputTemplate: `"x"`}, "without an input path or transformer"},
		{"a role to deliver by", spotWarning, Target{ARN: queueARN, RoleARN: nodesARN}, "in EventBridge's own name"},
	}
	for _, row := range rows {
		t.Run(row.why, func(t *testing.T) {
			i := newInterruption(t)
			if row.target.ARN != "" {
				row.target.ID = "z"
				i.target("Interruption-Spot", row.target)
			}
			_, err := i.PutEvent(row.event)
			require.ErrorContains(t, err, row.want)
			assert.Empty(t, i.receive(i.url), "nothing is delivered")
		})
	}
}

func TestTrafficIsNoPartOfTheAccount(t *testing.T) {
	i := newInterruption(t)
	before := string(i.account.Dump())
	i.put(spotWarning)
	require.NoError(t, i.account.Advance(time.Second))
	assert.Equal(t, before, string(i.account.Dump()))
	encoded, err := json.Marshal(i.put(rebalance))
	require.NoError(t, err)
	assert.Contains(t, string(encoded), `"outcome":"delivered"`, "a report is evidence")
}
