package cloud

import (
	"encoding/json"
	"regexp"
	"strings"

	"github.com/grafanix/eks-karpenter/sandbox/internal/policydoc"
)

// defaultReuseSeconds is how long SQS uses a data key again.
const defaultReuseSeconds = 300

var queueName = regexp.MustCompile(`^([\w-]{1,80}|[\w-]{1,75}\.fifo)$`)

// attributeRange is the range of one numeric attribute:
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
type attributeRange struct {
	attribute string
	min, max  int
	value     func(Queue) int
}

var queueRanges = []attributeRange{
	{"DelaySeconds", 0, 900, func(q Queue) int { return q.DelaySeconds }},
	{"MaximumMessageSize", 1024, 1048576, func(q Queue) int { return q.MaxMessageSize }},
	{"MessageRetentionPeriod", 60, 1209600, func(q Queue) int { return q.RetentionSeconds }},
	{"ReceiveMessageWaitTimeSeconds", 0, 20, func(q Queue) int { return q.ReceiveWaitSeconds }},
	{"VisibilityTimeout", 0, 43200, func(q Queue) int { return q.VisibilitySeconds }},
}

// badAttribute is SQS's error for an attribute; the reason is the sandbox's.
func badAttribute(attribute, reason string) error {
	return refuse("InvalidAttributeValue", "Invalid value for the parameter %s. Reason: %s", attribute, reason)
}

func (st *State) checkQueue(region string, q Queue) error {
	if !queueName.MatchString(q.Name) || strings.HasSuffix(q.Name, ".fifo") != q.Fifo {
		return refuse("InvalidParameterValue", "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
	}
	for _, r := range queueRanges {
		if v := r.value(q); v < r.min || v > r.max {
			return refuse("InvalidAttributeValue", "Invalid value for the parameter %s.", r.attribute)
		}
	}
	return firstError(
		func() error { return st.checkEncryption(region, q) },
		func() error { return st.checkQueuePolicy(q.Policy) },
		func() error { return st.checkRedrive(q) },
		func() error { return checkTags(sqsService, q.Tags, nil) },
	)
}

func (st *State) checkEncryption(region string, q Queue) error {
	if q.KMSKey == "" {
		return nil
	}
	if *q.ManagedSSE {
		return refuse("InvalidAttributeValue", "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.")
	}
	if q.KMSReuseSeconds < 60 || q.KMSReuseSeconds > 86400 {
		return badAttribute("KmsDataKeyReusePeriodSeconds", "Must be from 60 to 86400 seconds.")
	}
	if st.findKey(region, q.KMSKey) == nil && !strings.HasSuffix(q.KMSKey, "alias/aws/sqs") {
		return badAttribute("KmsMasterKeyId", "The key "+q.KMSKey+" does not exist.")
	}
	return nil
}

func (st *State) checkQueuePolicy(document string) error {
	if document == "" {
		return nil
	}
	parsed, err := policydoc.Parse(document)
	if err == nil {
		err = parsed.Check(policydoc.Rules{
			Principal: policydoc.Required,
			Resource:  policydoc.Required,
			Actions:   onlySQS,
			Partition: st.Partition,
			Known:     st.knownPrincipal,
		})
	}
	if err != nil {
		return badAttribute("Policy", err.Error())
	}
	return nil
}

func onlySQS(action string) error {
	if action != "*" && !strings.HasPrefix(strings.ToLower(action), "sqs:") {
		return &policydoc.Problem{Message: "The policy of a queue may only name actions of SQS, not " + action + "."}
	}
	return nil
}

// redrive is the document of a redrive policy. Counts may be written as text.
type redrive struct {
	Target string      `json:"deadLetterTargetArn"`
	Count  json.Number `json:"maxReceiveCount"`
}

func (st *State) checkRedrive(q Queue) error {
	if q.RedriveAllowPolicy != "" && !json.Valid([]byte(q.RedriveAllowPolicy)) {
		return badAttribute("RedriveAllowPolicy", "Amazon SQS can't create the redrive allow policy, as it's in an unsupported format.")
	}
	if q.RedrivePolicy == "" {
		return nil
	}
	bad := func(reason string) error {
		return refuse("InvalidParameterValue", "Value %s for parameter RedrivePolicy is invalid. Reason: %s", q.RedrivePolicy, reason)
	}
	var policy redrive
	if err := json.Unmarshal([]byte(strings.ReplaceAll(q.RedrivePolicy, "\n", " ")), &policy); err != nil {
		return bad("Redrive policy is not a valid JSON map.")
	}
	if policy.Target == "" {
		return bad("Redrive policy does not contain mandatory attribute: deadLetterTargetArn.")
	}
	if count, err := policy.Count.Int64(); err != nil || count < 1 || count > 1000 {
		return bad("Invalid value for maxReceiveCount: " + policy.Count.String() + ", valid values are from 1 to 1000 both inclusive.")
	}
	target, exists := st.Queues[policy.Target]
	if !exists {
		return bad("Dead letter target does not exist.")
	}
	if target.Fifo != q.Fifo {
		return bad("Dead-letter queue must be same type of queue as the source.")
	}
	return nil
}
