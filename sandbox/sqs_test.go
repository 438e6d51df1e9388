package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// answered is an answer over SQS's JSON protocol.
type answered struct {
	status     int
	queryError string
	body       string
}

// wire speaks SQS's JSON protocol to an endpoint that serves a queue.
type wire struct {
	*mail
	endpoint *SQSEndpoint
}

func newWire(t *testing.T, edits ...func(*Queue)) *wire {
	t.Helper()
	m := newMail(t, edits...)
	endpoint, err := ServeSQS(m.Client)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, endpoint.Close()) })
	return &wire{m, endpoint}
}

// ask sends a request, in which URL stands for the queue's.
func (w *wire) ask(ctx context.Context, target, body string) (answered, error) {
	body = strings.ReplaceAll(body, "URL", w.url)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.endpoint.URL(), strings.NewReader(body))
	if err != nil {
		return answered{}, err
	}
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	request.Header.Set("X-Amz-Target", target)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return answered{}, err
	}
	got, err := io.ReadAll(response.Body)
	return answered{response.StatusCode, response.Header.Get("x-amzn-query-error"), string(got)}, err
}

func (w *wire) must(target, body string) answered {
	w.t.Helper()
	got, err := w.ask(w.t.Context(), target, body)
	require.NoError(w.t, err)
	return got
}

// receivers counts the calls of ReceiveMessage so far.
func (w *wire) receivers() (count int) {
	for _, call := range w.account.Calls() {
		if call.Operation == "ReceiveMessage" {
			count++
		}
	}
	return count
}

// receiver asks for a message and waits for up to 20 seconds; it returns once
// the endpoint waits, with the answer to come.
func (w *wire) receiver(ctx context.Context) <-chan answered {
	w.t.Helper()
	before, answers := w.receivers(), make(chan answered, 1)
	go func() {
		got, _ := w.ask(ctx, "AmazonSQS.ReceiveMessage", `{"QueueUrl":"URL","WaitTimeSeconds":20}`)
		answers <- got
	}()
	require.Eventually(w.t, func() bool { return w.receivers() > before }, 5*time.Second, time.Millisecond)
	return answers
}

// bodies are the texts of the messages in an answer.
func (w *wire) bodies(got answered) (texts []string) {
	w.t.Helper()
	var received struct{ Messages []struct{ Body string } }
	require.NoError(w.t, json.Unmarshal([]byte(got.body), &received))
	for _, message := range received.Messages {
		texts = append(texts, message.Body)
	}
	return texts
}

func TestSQSServesAMessageFromSendToDelete(t *testing.T) {
	w := newWire(t)
	assert.Equal(t, answered{200, "", `{"QueueUrl":"https://sqs.ap-northeast-2.amazonaws.com/123456789012/events"}`},
		w.must("AmazonSQS.GetQueueUrl", `{"QueueName":"events"}`))

	const attributes = `{"General":{"DataType":"String","StringValue":"Kenobi"},"Hello":{"DataType":"String","StringValue":"There"}}`
	assert.Equal(t, answered{200, "", `{"MessageId":"b526aef1-a341-cfe6-e5c3-77ed4c222888","MD5OfMessageBody":"5d41402abc4b2a76b9719d911017c592","MD5OfMessageAttributes":"fca026605781cb4126a1e9044df24232"}`},
		w.must("AmazonSQS.SendMessage", `{"QueueUrl":"URL","MessageBody":"hello","MessageAttributes":`+attributes+`}`))
	w.wait(time.Second)

	const (
		id     = `{"MessageId":"b526aef1-a341-cfe6-e5c3-77ed4c222888",`
		text   = `"Body":"hello","MD5OfBody":"5d41402abc4b2a76b9719d911017c592",`
		handle = "AQEBb526aef1-a341-cfe6-e5c3-77ed4c222888/"
	)
	want := `{"Messages":[` + id + `"ReceiptHandle":"` + handle + `1",` + text + `"Attributes":{"ApproximateReceiveCount":"1","SentTimestamp":"1735689600000"},` +
		`"MessageAttributes":{"Hello":{"DataType":"String","StringValue":"There"}},"MD5OfMessageAttributes":"a311262e065454b75da111d535b8dacd"}]}`
	assert.Equal(t, answered{200, "", want},
		w.must("AmazonSQS.ReceiveMessage", `{"QueueUrl":"URL","MaxNumberOfMessages":10,"VisibilityTimeout":20,"AttributeNames":["All"],"MessageAttributeNames":["Hel.*"]}`))
	w.counts(0, 1, 0)
	w.wait(20 * time.Second)
	want = `{"Messages":[` + id + `"ReceiptHandle":"` + handle + `2",` + text + `"Attributes":{"ApproximateReceiveCount":"2"}}]}`
	assert.Equal(t, answered{200, "", want},
		w.must("AmazonSQS.ReceiveMessage", `{"QueueUrl":"URL","MessageSystemAttributeNames":["ApproximateReceiveCount"],"VisibilityTimeout":20}`))

	assert.Equal(t, answered{200, "", ""}, w.must("AmazonSQS.ChangeMessageVisibility", `{"QueueUrl":"URL","ReceiptHandle":"`+handle+`2","VisibilityTimeout":60}`))
	w.wait(59 * time.Second)
	assert.Equal(t, answered{200, "", "{}"}, w.must("AmazonSQS.ReceiveMessage", `{"QueueUrl":"URL"}`))
	assert.Equal(t, answered{200, "", ""}, w.must("AmazonSQS.DeleteMessage", `{"QueueUrl":"URL","ReceiptHandle":"`+handle+`2"}`))
	w.counts(0, 0, 0)
}

func TestSQSWakesReceivers(t *testing.T) {
	t.Parallel()
	rows := []struct {
		why  string
		wake func(*wire)
	}{
		{"somebody sends a message", func(w *wire) { w.send("a") }},
		{"a message is visible again", func(w *wire) { w.wait(30 * time.Second) }},
	}
	for _, row := range rows {
		t.Run(row.why, func(t *testing.T) {
			t.Parallel()
			w := newWire(t)
			w.send("a")
			first := w.get1()
			if row.why == "somebody sends a message" {
				require.NoError(t, w.DeleteMessage(w.url, first.ReceiptHandle))
			}
			answers, began := w.receiver(t.Context()), time.Now()
			row.wake(w)
			assert.Equal(t, []string{"a"}, w.bodies(<-answers))
			assert.Less(t, time.Since(began), 10*time.Second, "it would wait 20 seconds for nothing")
		})
	}
}

func TestSQSReceiversEnd(t *testing.T) {
	t.Parallel()
	w := newWire(t, func(q *Queue) { q.ReceiveWaitSeconds = 1 })
	nothing := answered{200, "", "{}"}
	began := time.Now()
	assert.Equal(t, nothing, w.must("AmazonSQS.ReceiveMessage", `{"QueueUrl":"URL","WaitTimeSeconds":0}`))
	assert.Less(t, time.Since(began), time.Second, "whoever says so does not wait")
	assert.Equal(t, nothing, w.must("AmazonSQS.ReceiveMessage", `{"QueueUrl":"URL"}`))
	assert.GreaterOrEqual(t, time.Since(began), time.Second, "the queue has its receivers wait")

	began = time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	messages, err := w.AwaitMessage(ctx, w.url, Receive{WaitSeconds: 20})
	require.NoError(t, err)
	assert.Empty(t, messages)
	assert.Less(t, time.Since(began), 10*time.Second, "a receiver that is gone waits no longer")
	w.send("a")
	w.counts(1, 0, 0)
	require.NoError(t, w.PurgeQueue(w.url))

	deleted := w.receiver(t.Context())
	require.NoError(t, w.DeleteQueue(w.url))
	assert.Equal(t, 400, (<-deleted).status)

	w.queue("events")
	waiting := w.receiver(t.Context())
	require.NoError(t, w.endpoint.Close())
	assert.Equal(t, nothing, <-waiting)
	_, err = w.ask(t.Context(), "AmazonSQS.GetQueueUrl", `{"QueueName":"events"}`)
	require.Error(t, err, "nobody is there")
}

func TestSQSRefuses(t *testing.T) {
	w := newWire(t)
	refusal := func(status int, shape, code, message string) answered {
		var body bytes.Buffer
		encoder := json.NewEncoder(&body)
		require.NoError(t, encoder.Encode(map[string]string{"__type": shape, "message": message}))
		return answered{status, code, strings.TrimSpace(body.String())}
	}
	own := func(message string) answered {
		return refusal(400, "com.amazonaws.sqs#UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation;Sender", message)
	}
	missing := refusal(400, "com.amazonaws.sqs#QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue;Sender", "The specified queue does not exist.")
	rows := []struct {
		why, target, body string
		want              answered
	}{
		{"no such queue, by name", "AmazonSQS.GetQueueUrl", `{"QueueName":"x"}`, missing},
		{"no such queue, by URL", "AmazonSQS.ReceiveMessage", `{"QueueUrl":"URLx","WaitTimeSeconds":20}`, missing},
		{"nonsense for a handle", "AmazonSQS.DeleteMessage", `{"QueueUrl":"URL","ReceiptHandle":"x"}`, refusal(400, "com.amazonaws.sqs#ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid;Sender", "The input receipt handle is invalid.")},
		{"too many at a time", "AmazonSQS.ReceiveMessage", `{"QueueUrl":"URL","MaxNumberOfMessages":11}`, refusal(400, "com.amazonaws.sqs#InvalidParameterValue", "InvalidParameterValue;Sender", "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.")},
		{"an operation that is not served", "AmazonSQS.PurgeQueue", `{"QueueUrl":"URL"}`, own("the sandbox does not serve the operation PurgeQueue of SQS")},
		{"a parameter that is not known", "AmazonSQS.SendMessage", `{"QueueUrl":"URL","MessageBody":"x","DelaySeconds":5}`, own(`the sandbox does not take these parameters: json: unknown field "DelaySeconds"`)},
		{"an attribute that is not kept", "AmazonSQS.SendMessage", `{"QueueUrl":"URL","MessageBody":"x","MessageAttributes":{"n":{"DataType":"Number","StringValue":"1"}}}`, own("the sandbox keeps message attributes of the type String alone, not n of the type Number")},
		{"an attribute that is not known", "AmazonSQS.ReceiveMessage", `{"QueueUrl":"URL","AttributeNames":["SenderId"]}`, own("the sandbox knows no attribute SenderId of a message")},
		{"the older protocol", "", `Action=GetQueueUrl&QueueName=events`, own("the sandbox serves SQS by its JSON protocol alone: the header X-Amz-Target names no operation of it")},
	}
	for _, row := range rows {
		t.Run(row.why, func(t *testing.T) { assert.Equal(t, row.want, w.must(row.target, row.body)) })
	}
}

func TestSQSServesOnBehalfOfAPrincipal(t *testing.T) {
	w := newWire(t)
	endpoint, err := ServeSQS(w.As(Anonymous{}))
	require.NoError(t, err)
	defer func() { require.NoError(t, endpoint.Close()) }()
	stranger := &wire{w.mail, endpoint}
	got := stranger.must("AmazonSQS.ReceiveMessage", `{"QueueUrl":"URL","WaitTimeSeconds":20}`)
	assert.Equal(t, 403, got.status)
	assert.Equal(t, "AccessDenied;Sender", got.queryError)
	assert.Contains(t, got.body, `{"__type":"com.amazon.coral.service#AccessDeniedException","message":"User is not authorized to perform: sqs:receivemessage on resource: arn:aws:sqs:ap-northeast-2:123456789012:events`)
}

func TestSQSFaultsReachTheClient(t *testing.T) {
	w := newWire(t)
	rows := []struct {
		effect Effect
		want   answered
	}{
		{Throttle, answered{403, "RequestThrottled;Sender", `{"__type":"com.amazonaws.sqs#RequestThrottled","message":"Rate exceeded"}`}},
		{FailBefore, answered{500, "InternalFailure;Receiver", `{"__type":"com.amazonaws.sqs#InternalFailure","message":"the sandbox was told to fail this before it took effect"}`}},
	}
	for _, row := range rows {
		_, err := w.account.Inject(Fault{Effect: row.effect, Operation: "GetQueueUrl"})
		require.NoError(t, err)
		assert.Equal(t, row.want, w.must("AmazonSQS.GetQueueUrl", `{"QueueName":"events"}`), "an SDK tries again itself")
		assert.Equal(t, 200, w.must("AmazonSQS.GetQueueUrl", `{"QueueName":"events"}`).status)
	}
	_, err := w.account.Inject(Fault{Effect: HangBefore, Operation: "GetQueueUrl"})
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = w.ask(ctx, "AmazonSQS.GetQueueUrl", `{"QueueName":"events"}`)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}
