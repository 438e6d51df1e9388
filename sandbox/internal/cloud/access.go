package cloud

import (
	"fmt"
	"strings"

	"github.com/grafanix/eks-karpenter/sandbox/internal/authorize"
)

// As returns a client that acts on behalf of a principal. Only operations on
// messages are checked; any other operation is an error then. Without it, the
// client acts for the account itself, and nothing is checked.
func (c *Client) As(who Principal) *Client {
	same := *c
	same.principal = who
	return &same
}

// verdict is what policies say of a use of a queue, and why.
type verdict struct {
	allowed bool
	reason  string
}

func verdictOf(decision authorize.Decision) verdict {
	return verdict{decision.Allowed, decision.String()}
}

// judge decides whether a principal may do something with a queue, and with
// the key that the queue is encrypted under. The first denial is the verdict;
// else it is that on the queue.
func (c *Client) judge(st *State, who Principal, action, queueARN string, keyActions ...string) (verdict, error) {
	found, err := who.identify(st)
	if err != nil {
		return verdict{}, err
	}
	decision, err := c.decide(st, found, action, queueARN, nil)
	if err != nil {
		return verdict{}, fmt.Errorf("deciding on %s on %s: %w", action, queueARN, err)
	}
	key, denied := st.keyOf(queueARN, found.principal.Kind == authorize.Service)
	switch {
	case !decision.Allowed || len(keyActions) == 0:
		return verdictOf(decision), nil
	case denied != "":
		return verdict{reason: denied}, nil
	case key == "":
		return verdictOf(decision), nil
	}
	for _, keyAction := range keyActions {
		use, err := c.decide(st, found, keyAction, key, c.byQueue(queueARN))
		if err != nil {
			return verdict{}, fmt.Errorf("deciding on %s on %s: %w", keyAction, key, err)
		}
		if !use.Allowed {
			return verdictOf(use), nil
		}
	}
	return verdictOf(decision), nil
}

// byQueue are the condition keys of KMS when SQS uses a key for a caller:
// https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
func (c *Client) byQueue(queueARN string) map[string][]string {
	return map[string][]string{
		"kms:ViaService":                    {fmt.Sprintf("sqs.%s.%s", c.Region, DNSSuffix(c.account.Partition()))},
		"kms:EncryptionContext:aws:sqs:arn": {queueARN},
	}
}

// keyOf is the ARN of the customer managed key that a queue is encrypted under,
// or why nobody can use it; both are empty where no key policy has a say. AWS's
// own key is for principals of the account, and for no service.
func (st *State) keyOf(queueARN string, service bool) (arn, denied string) {
	queue, ok := st.Queues[queueARN]
	if !ok || queue.KMSKey == "" {
		return "", ""
	}
	parts, _ := parseARN(queueARN)
	key := st.findKey(parts.region, queue.KMSKey)
	switch {
	case key != nil && key.Enabled:
		return key.ARN, ""
	case key != nil:
		return "", fmt.Sprintf("denied: the queue's key %s is disabled", key.ARN)
	case !strings.HasSuffix(queue.KMSKey, "alias/aws/sqs"):
		return "", fmt.Sprintf("denied: the queue's key %s does not exist", queue.KMSKey)
	case service:
		return "", "denied: the queue's key is alias/aws/sqs, whose policy lets no service but SQS use it and cannot be changed"
	}
	return "", ""
}

// permit returns SQS's refusal where the client's principal may not do
// something with a queue.
func (c *Client) permit(st *State, action, queueARN string, keyActions ...string) error {
	if c.principal == nil {
		return nil
	}
	said, err := c.judge(st, c.principal, action, queueARN, keyActions...)
	if err == nil && !said.allowed {
		err = refuse("AccessDenied", "User is not authorized to perform: %s on resource: %s (%s)", strings.ToLower(action), queueARN, said.reason)
	}
	return err
}
