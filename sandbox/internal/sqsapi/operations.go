package sqsapi

import (
	"context"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

// none is the answer of operations that have none.
type none struct{}

type queueName struct {
	QueueName string
}

type queueURL struct {
	QueueURL string `json:"QueueUrl"`
}

func getQueueURL(_ context.Context, client *cloud.Client, in queueName) (queueURL, error) {
	url, err := client.GetQueueURL(in.QueueName)
	return queueURL{url}, err
}

type sending struct {
	queueURL

	MessageBody       string
	MessageAttributes map[string]attribute
}

type sent struct {
	MessageID              string `json:"MessageId"`
	MD5OfMessageBody       string
	MD5OfMessageAttributes string `json:",omitempty"`
}

func sendMessage(_ context.Context, client *cloud.Client, in sending) (sent, error) {
	texts, err := textsOf(in.MessageAttributes)
	if err != nil {
		return sent{}, err
	}
	id, err := client.SendMessage(in.QueueURL, in.MessageBody, texts)
	return sent{id, hexMD5([]byte(in.MessageBody)), attributesMD5(texts)}, err
}

type receiving struct {
	queueURL

	MaxNumberOfMessages         int
	VisibilityTimeout           *int
	WaitTimeSeconds             *int
	AttributeNames              []string // the older name of the next
	MessageSystemAttributeNames []string
	MessageAttributeNames       []string
}

type received struct {
	Messages []message `json:",omitempty"`
}

type message struct {
	MessageID              string `json:"MessageId"`
	ReceiptHandle          string
	Body                   string
	MD5OfBody              string
	Attributes             map[string]string    `json:",omitempty"`
	MessageAttributes      map[string]attribute `json:",omitempty"`
	MD5OfMessageAttributes string               `json:",omitempty"`
}

// receiveMessage waits where it is asked to, or where the queue is to have its
// receivers wait: a request that says to wait 0 seconds does not.
func receiveMessage(ctx context.Context, client *cloud.Client, in receiving) (received, error) {
	system, err := systemAttributes(append(in.AttributeNames, in.MessageSystemAttributeNames...))
	if err != nil {
		return received{}, err
	}
	ask := cloud.Receive{Max: in.MaxNumberOfMessages, VisibilitySeconds: in.VisibilityTimeout}
	receive := client.ReceiveMessage
	if in.WaitTimeSeconds == nil || *in.WaitTimeSeconds != 0 {
		receive = func(url string, ask cloud.Receive) ([]cloud.Message, error) {
			return client.AwaitMessage(ctx, url, ask)
		}
	}
	if in.WaitTimeSeconds != nil {
		ask.WaitSeconds = *in.WaitTimeSeconds
	}
	found, err := receive(in.QueueURL, ask)
	var out received
	for _, m := range found {
		texts := chosen(m.Attributes, in.MessageAttributeNames)
		out.Messages = append(out.Messages, message{
			MessageID: m.ID, ReceiptHandle: m.ReceiptHandle, Body: m.Body, MD5OfBody: hexMD5([]byte(m.Body)), Attributes: system(m),
			MessageAttributes: attributesOf(texts), MD5OfMessageAttributes: attributesMD5(texts),
		})
	}
	return out, err
}

type receipt struct {
	queueURL

	ReceiptHandle string
}

func deleteMessage(_ context.Context, client *cloud.Client, in receipt) (none, error) {
	return none{}, client.DeleteMessage(in.QueueURL, in.ReceiptHandle)
}

type hiding struct {
	receipt

	VisibilityTimeout int
}

func changeMessageVisibility(_ context.Context, client *cloud.Client, in hiding) (none, error) {
	return none{}, client.ChangeMessageVisibility(in.QueueURL, in.ReceiptHandle, in.VisibilityTimeout)
}
