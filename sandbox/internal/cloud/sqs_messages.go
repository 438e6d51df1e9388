package cloud

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"
)

// Message is a message as a receiver gets it.
type Message struct {
	ID            string
	ReceiptHandle string
	Body          string
	Attributes    map[string]string
	SentAt        time.Time
	// Receives counts how often the message was received from this queue.
	Receives int
	// DeadLetterSource is the ARN of the queue that gave it up, if any.
	DeadLetterSource string
}

// letter is a message in a mailbox.
type letter struct {
	ID         string            `json:"id"`
	Body       string            `json:"body"`
	Attributes map[string]string `json:"attributes,omitempty"`
	Sent       time.Time         `json:"sent"`
	Visible    time.Time         `json:"visible"` // from then on
	Received   time.Time         `json:"received,omitzero"`
	Receives   int               `json:"receives,omitempty"`
	Source     string            `json:"source,omitempty"`
}

// mailbox is what is in a queue, oldest first.
type mailbox struct {
	Letters []*letter `json:"letters,omitempty"`
	Purged  time.Time `json:"purged,omitzero"`
}

// SQS's limits of messages:
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
const (
	maxReceived        = 10
	maxWaitSeconds     = 20
	maxVisibility      = 12 * time.Hour
	purgeEvery         = time.Minute
	maxMessageMetadata = 10 // attributes
)

// onMessages runs an operation on a queue's messages, as the client's
// principal: it needs the action on the queue, and the actions on its key.
func (c *Client) onMessages(operation, url, action string, keyActions []string, act func(*State, *Queue, *mailbox) error) error {
	return c.account.do(call{service: sqsService, operation: operation, client: c, checked: true}, func(st *State) error {
		queue, err := st.queue(c.Region, url)
		if err != nil {
			return err
		}
		if err := c.permit(st, action, queue.ARN, keyActions...); err != nil {
			return err
		}
		if queue.Fifo {
			return fmt.Errorf("the sandbox does not model the messages of FIFO queues: %s", queue.ARN)
		}
		box := st.traffic.mailbox(queue.ARN)
		if box.expire(st.traffic.Now, queue) {
			st.traffic.changed = true
		}
		return act(st, queue, box)
	})
}

// expire drops the messages that the queue has kept for long enough.
func (b *mailbox) expire(now time.Time, queue *Queue) bool {
	before := len(b.Letters)
	kept := time.Duration(queue.RetentionSeconds) * time.Second
	b.Letters = slices.DeleteFunc(b.Letters, func(l *letter) bool { return !now.Before(l.Sent.Add(kept)) })
	return len(b.Letters) != before
}

// put sends a message to a queue and returns its id.
func (st *State) put(queue *Queue, body string, attributes map[string]string) (string, error) {
	size := len(body)
	for name, value := range attributes {
		size += len(name) + len("String") + len(value)
	}
	switch {
	case body == "":
		return "", refuse("MissingParameter", "The request must contain the parameter MessageBody.")
	case size > queue.MaxMessageSize:
		return "", refuse("InvalidParameterValue", "One or more parameters are invalid. Reason: Message must be shorter than %d bytes.", queue.MaxMessageSize)
	case len(attributes) > maxMessageMetadata:
		return "", refuse("InvalidParameterValue", "Number of message attributes [%d] exceeds the allowed maximum [%d].", len(attributes), maxMessageMetadata)
	}
	box := st.traffic.mailbox(queue.ARN)
	sent := &letter{
		ID: st.traffic.next("message"), Body: body, Attributes: maps.Clone(attributes), Sent: st.traffic.Now,
		Visible: st.traffic.Now.Add(time.Duration(queue.DelaySeconds) * time.Second),
	}
	box.Letters = append(box.Letters, sent)
	return sent.ID, nil
}

// SendMessage puts a message into a queue and returns its id.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
func (c *Client) SendMessage(url, body string, attributes map[string]string) (id string, err error) {
	err = c.onMessages("SendMessage", url, "sqs:SendMessage", []string{"kms:GenerateDataKey", "kms:Decrypt"}, func(st *State, queue *Queue, _ *mailbox) error {
		id, err = st.put(queue, body, attributes)
		return err
	})
	return id, err
}

// Receive says what a receiver asks for.
type Receive struct {
	// Max is the greatest number of messages, 1 to 10; 0 is 1.
	Max int
	// VisibilitySeconds is how long the messages are hidden from others; nil
	// is the queue's own timeout.
	VisibilitySeconds *int
	// WaitSeconds is how long to wait for a message, which only
	// [Client.AwaitMessage] does: on a clock that stands still none comes.
	WaitSeconds int
}

// ReceiveMessage returns messages that are visible, the oldest first, and hides
// them. A message that was received as often as the queue's redrive policy
// allows goes to the dead-letter queue instead.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
func (c *Client) ReceiveMessage(url string, in Receive) ([]Message, error) {
	var received []Message
	err := c.onMessages("ReceiveMessage", url, "sqs:ReceiveMessage", []string{"kms:Decrypt"}, func(st *State, queue *Queue, box *mailbox) error {
		hidden := queue.VisibilitySeconds
		if in.VisibilitySeconds != nil {
			hidden = *in.VisibilitySeconds
		}
		if in.Max == 0 {
			in.Max = 1
		}
		if err := firstError(
			func() error { return messageRange("MaxNumberOfMessages", in.Max, 1, maxReceived) },
			func() error { return messageRange("WaitTimeSeconds", in.WaitSeconds, 0, maxWaitSeconds) },
			func() error { return messageRange("VisibilityTimeout", hidden, 0, int(maxVisibility.Seconds())) },
		); err != nil {
			return err
		}
		st.redrive(queue, box)
		for _, l := range box.Letters {
			if len(received) == in.Max {
				break
			}
			if !l.Visible.After(st.traffic.Now) {
				received = append(received, l.receive(st.traffic.Now, time.Duration(hidden)*time.Second))
				st.traffic.changed = true
			}
		}
		return nil
	})
	return received, err
}

func messageRange(parameter string, value, least, most int) error {
	if value < least || value > most {
		return refuse("InvalidParameterValue", "Value %d for parameter %s is invalid. Reason: Must be between %d and %d, if provided.", value, parameter, least, most)
	}
	return nil
}

// receive hides a message and gives it a new receipt handle.
func (l *letter) receive(now time.Time, hidden time.Duration) Message {
	l.Receives++
	l.Received, l.Visible = now, now.Add(hidden)
	return Message{
		ID: l.ID, ReceiptHandle: l.handle(), Body: l.Body, Attributes: maps.Clone(l.Attributes), SentAt: l.Sent,
		Receives: l.Receives, DeadLetterSource: l.Source,
	}
}

// redrive moves visible messages that were received often enough to the
// dead-letter queue. They keep the time at which they were sent.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
func (st *State) redrive(queue *Queue, box *mailbox) {
	var policy redrive
	if queue.RedrivePolicy == "" || json.Unmarshal([]byte(queue.RedrivePolicy), &policy) != nil {
		return
	}
	most, err := policy.Count.Int64()
	if _, exists := st.Queues[policy.Target]; err != nil || !exists {
		return
	}
	box.Letters = slices.DeleteFunc(box.Letters, func(l *letter) bool {
		if int64(l.Receives) < most || l.Visible.After(st.traffic.Now) {
			return false
		}
		dead := st.traffic.mailbox(policy.Target)
		dead.Letters = append(dead.Letters, &letter{
			ID: l.ID, Body: l.Body, Attributes: l.Attributes, Sent: l.Sent, Visible: st.traffic.Now, Source: queue.ARN,
		})
		st.traffic.changed = true
		return true
	})
}

// handle is the receipt handle of a message's last receipt.
func (l *letter) handle() string { return fmt.Sprintf("AQEB%s/%d", l.ID, l.Receives) }

var receiptHandle = regexp.MustCompile(`^AQEB([0-9a-f-]{36})/\d+$`)

// find returns the message of a receipt handle; nil where it is gone or was
// received again since.
func (b *mailbox) find(handle string) (*letter, error) {
	match := receiptHandle.FindStringSubmatch(handle)
	if match == nil {
		return nil, refuse("ReceiptHandleIsInvalid", "The input receipt handle is invalid.")
	}
	for _, l := range b.Letters {
		if l.ID == match[1] && l.Receives > 0 && l.handle() == handle {
			return l, nil
		}
	}
	return nil, nil
}

// DeleteMessage removes a message that was received. As in SQS, the handle of
// an earlier receipt is no error, and deletes nothing.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html
func (c *Client) DeleteMessage(url, handle string) error {
	return c.onMessages("DeleteMessage", url, "sqs:DeleteMessage", nil, func(st *State, _ *Queue, box *mailbox) error {
		found, err := box.find(handle)
		if err != nil || found == nil {
			return err
		}
		box.Letters = slices.DeleteFunc(box.Letters, func(l *letter) bool { return l == found })
		st.traffic.changed = true
		return nil
	})
}

// ChangeMessageVisibility sets how long from now a message that was received
// stays hidden, 12 hours after its receipt at most.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html
func (c *Client) ChangeMessageVisibility(url, handle string, seconds int) error {
	return c.onMessages("ChangeMessageVisibility", url, "sqs:ChangeMessageVisibility", nil, func(st *State, _ *Queue, box *mailbox) error {
		if err := messageRange("VisibilityTimeout", seconds, 0, int(maxVisibility.Seconds())); err != nil {
			return err
		}
		found, err := box.find(handle)
		if err != nil {
			return err
		}
		until := st.traffic.Now.Add(time.Duration(seconds) * time.Second)
		switch {
		case found == nil || !found.Visible.After(st.traffic.Now):
			return refuse("MessageNotInflight", "The specified message isn't in flight.")
		case until.After(found.Received.Add(maxVisibility)):
			return refuse("InvalidParameterValue", "Value %d for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds].", seconds)
		}
		found.Visible = until
		st.traffic.changed = true
		return nil
	})
}

// PurgeQueue removes all messages, once a minute at most.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_PurgeQueue.html
func (c *Client) PurgeQueue(url string) error {
	return c.onMessages("PurgeQueue", url, "sqs:PurgeQueue", nil, func(st *State, queue *Queue, box *mailbox) error {
		if !box.Purged.IsZero() && st.traffic.Now.Before(box.Purged.Add(purgeEvery)) {
			return refuse("AWS.SimpleQueueService.PurgeQueueInProgress", "Only one PurgeQueue operation on %s is allowed every 60 seconds.", queue.Name)
		}
		box.Letters, box.Purged = nil, st.traffic.Now
		st.traffic.changed = true
		return nil
	})
}

// GetQueueURL returns the URL of a queue of the account.
func (c *Client) GetQueueURL(name string) (string, error) {
	var url string
	err := c.account.do(call{service: sqsService, operation: "GetQueueUrl", client: c, checked: true}, func(st *State) error {
		queue, err := st.queue(c.Region, st.queueURL(c.Region, name))
		if err != nil {
			return err
		}
		url = queue.URL
		return c.permit(st, "sqs:GetQueueUrl", queue.ARN)
	})
	return url, err
}

// MessageCounts are the numbers of a queue's messages; SQS calls them
// approximate, here they are exact.
type MessageCounts struct {
	Visible, InFlight, Delayed int
}

// CountMessages returns the attributes ApproximateNumberOfMessages,
// …NotVisible and …Delayed.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
func (c *Client) CountMessages(url string) (MessageCounts, error) {
	var counts MessageCounts
	err := c.onMessages("GetQueueAttributes", url, "sqs:GetQueueAttributes", nil, func(st *State, _ *Queue, box *mailbox) error {
		for _, l := range box.Letters {
			switch {
			case !l.Visible.After(st.traffic.Now):
				counts.Visible++
			case l.Receives > 0:
				counts.InFlight++
			default:
				counts.Delayed++
			}
		}
		return nil
	})
	return counts, err
}
