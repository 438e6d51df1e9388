package sandbox

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// mail is a queue and what is done with it.
type mail struct {
	*Client
	t       *testing.T
	account *Account
	url     string
}

func newMail(t *testing.T, edits ...func(*Queue)) *mail {
	t.Helper()
	account, err := NewAccount(DefaultSpec())
	require.NoError(t, err)
	client, err := account.Client("ap-northeast-2")
	require.NoError(t, err)
	m := &mail{Client: client, t: t, account: account}
	m.url = m.queue("events", edits...)
	return m
}

func (m *mail) queue(name string, edits ...func(*Queue)) string {
	m.t.Helper()
	q := Queue{Name: name, MaxMessageSize: 1024, RetentionSeconds: 300, VisibilitySeconds: 30}
	for _, edit := range edits {
		edit(&q)
	}
	url, err := m.CreateQueue(q)
	require.NoError(m.t, err)
	return url
}

func (m *mail) send(bodies ...string) {
	m.t.Helper()
	for _, body := range bodies {
		id, err := m.SendMessage(m.url, body, nil)
		require.NoError(m.t, err)
		require.NotEmpty(m.t, id)
	}
}

// get returns up to ten messages, and get1 the only one.
func (m *mail) get(url string) []Message {
	m.t.Helper()
	messages, err := m.ReceiveMessage(url, Receive{Max: 10})
	require.NoError(m.t, err)
	return messages
}

func (m *mail) get1() Message {
	m.t.Helper()
	messages := m.get(m.url)
	require.Len(m.t, messages, 1)
	return messages[0]
}

func (m *mail) wait(d time.Duration) {
	m.t.Helper()
	require.NoError(m.t, m.account.Advance(d))
}

func (m *mail) counts(visible, inFlight, delayed int) {
	m.t.Helper()
	counts, err := m.CountMessages(m.url)
	require.NoError(m.t, err)
	assert.Equal(m.t, MessageCounts{Visible: visible, InFlight: inFlight, Delayed: delayed}, counts)
}

func TestAMessageIsHiddenUntilItsTimeout(t *testing.T) {
	m := newMail(t)
	m.send("a")
	m.counts(1, 0, 0)
	first := m.get1()
	assert.Equal(t, "a", first.Body)
	assert.Equal(t, 1, first.Receives)
	m.counts(0, 1, 0)
	m.wait(29 * time.Second)
	assert.Empty(t, m.get(m.url), "in flight")
	m.wait(time.Second)
	again := m.get1()
	assert.Equal(t, first.ID, again.ID)
	assert.Equal(t, 2, again.Receives)
	assert.NotEqual(t, first.ReceiptHandle, again.ReceiptHandle)

	require.NoError(t, m.DeleteMessage(m.url, first.ReceiptHandle), "an old handle is no error")
	m.counts(0, 1, 0)
	require.NoError(t, m.DeleteMessage(m.url, again.ReceiptHandle))
	m.counts(0, 0, 0)
	require.NoError(t, m.DeleteMessage(m.url, again.ReceiptHandle), "once more is no error")
	require.ErrorContains(t, m.DeleteMessage(m.url, "nonsense"), "operation error SQS: DeleteMessage, https response error StatusCode: 400, "+
		"RequestID: 00000000-0000-0000-0000-000000000000, ReceiptHandleIsInvalid: The input receipt handle is invalid.")
}

func TestAReceiverChoosesTheTimeout(t *testing.T) {
	m := newMail(t)
	m.send("a")
	messages, err := m.ReceiveMessage(m.url, Receive{VisibilitySeconds: new(0), WaitSeconds: 20})
	require.NoError(t, err)
	require.Len(t, messages, 1)
	got := m.get1()
	require.NoError(t, m.ChangeMessageVisibility(m.url, got.ReceiptHandle, 60))
	m.wait(59 * time.Second)
	assert.Empty(t, m.get(m.url))
	require.NoError(t, m.ChangeMessageVisibility(m.url, got.ReceiptHandle, 0), "back at once")
	got = m.get1()
	m.wait(30 * time.Second)
	require.ErrorContains(t, m.ChangeMessageVisibility(m.url, got.ReceiptHandle, 60), "MessageNotInflight")
	got = m.get1()
	m.wait(time.Second)
	require.ErrorContains(t, m.ChangeMessageVisibility(m.url, got.ReceiptHandle, 43200), "beyond the limit [43200 seconds]")
}

func TestMessagesExpire(t *testing.T) {
	m := newMail(t)
	m.send("old")
	m.wait(200 * time.Second)
	m.send("new")
	m.wait(100 * time.Second)
	assert.Equal(t, "new", m.get1().Body, "300 seconds are the queue's retention")
	m.wait(200 * time.Second)
	m.counts(0, 0, 0)
}

func TestMessagesMayBeDelayed(t *testing.T) {
	m := newMail(t, func(q *Queue) { q.DelaySeconds = 10 })
	m.send("a")
	m.counts(0, 0, 1)
	assert.Empty(t, m.get(m.url))
	m.wait(10 * time.Second)
	m.get1()
}

func TestTenAtATimeOldestFirst(t *testing.T) {
	m := newMail(t)
	for n := range 12 {
		m.send(fmt.Sprint(n))
	}
	one, err := m.ReceiveMessage(m.url, Receive{})
	require.NoError(t, err)
	require.Len(t, one, 1, "one is the default")
	assert.Equal(t, "0", one[0].Body)
	assert.Len(t, m.get(m.url), 10)
	assert.Equal(t, "11", m.get1().Body)
}

func TestWhatIsReceivedTooOftenIsDead(t *testing.T) {
	m := newMail(t)
	dead := m.queue("dead")
	m.url = m.queue("alive", func(q *Queue) {
		q.RedrivePolicy = `{"deadLetterTargetArn":"arn:aws:sqs:ap-northeast-2:123456789012:dead","maxReceiveCount":2}`
	})
	m.send("poison")
	for range 2 {
		m.get1()
		assert.Empty(t, m.get(dead))
		m.wait(30 * time.Second)
	}
	assert.Empty(t, m.get(m.url))
	moved := m.get(dead)
	require.Len(t, moved, 1)
	assert.Equal(t, "poison", moved[0].Body)
	assert.Equal(t, "arn:aws:sqs:ap-northeast-2:123456789012:alive", moved[0].DeadLetterSource)
	m.wait(240 * time.Second)
	assert.Empty(t, m.get(dead), "it is as old as it was")

	require.NoError(t, m.DeleteQueue(dead))
	m.send("again")
	for range 3 {
		m.get1()
		m.wait(30 * time.Second)
	}
}

func TestPurgesAndQueuesThatGo(t *testing.T) {
	m := newMail(t)
	m.send("a", "b")
	require.NoError(t, m.PurgeQueue(m.url))
	m.counts(0, 0, 0)
	require.ErrorContains(t, m.PurgeQueue(m.url), "PurgeQueueInProgress: Only one PurgeQueue operation on events is allowed every 60 seconds.")
	m.wait(time.Minute)
	require.NoError(t, m.PurgeQueue(m.url))

	m.send("c")
	require.NoError(t, m.DeleteQueue(m.url))
	_, err := m.ReceiveMessage(m.url, Receive{})
	require.ErrorContains(t, err, "NonExistentQueue")
	_, err = m.GetQueueURL("events")
	require.ErrorContains(t, err, "NonExistentQueue")
	m.url = m.queue("events")
	m.counts(0, 0, 0)
	url, err := m.GetQueueURL("events")
	require.NoError(t, err)
	assert.Equal(t, m.url, url)
}

func TestMessagesThatAreRefused(t *testing.T) {
	m := newMail(t)
	attributes := map[string]string{}
	for n := range 11 {
		attributes[fmt.Sprint(n)] = "x"
	}
	fifo := m.queue("in-order.fifo", func(q *Queue) { q.Fifo = true })
	receives := func(in Receive) func() error {
		return func() error { _, err := m.ReceiveMessage(m.url, in); return err }
	}
	sends := func(url, body string, attributes map[string]string) func() error {
		return func() error { _, err := m.SendMessage(url, body, attributes); return err }
	}
	rows := []struct {
		why  string
		do   func() error
		want string
	}{
		{"no body", sends(m.url, "", nil), "MissingParameter"},
		{"too long", sends(m.url, strings.Repeat("x", 1025), nil), "Message must be shorter than 1024 bytes."},
		{"too long with its attributes", sends(m.url, strings.Repeat("x", 1020), map[string]string{"a": "b"}), "Message must be shorter than 1024 bytes."},
		{"too many attributes", sends(m.url, "x", attributes), "Number of message attributes [11] exceeds the allowed maximum [10]."},
		{"no such queue", sends(m.url+"x", "x", nil), "NonExistentQueue"},
		{"a FIFO queue", sends(fifo, "x", nil), "the sandbox does not model the messages of FIFO queues"},
		{"eleven at a time", receives(Receive{Max: 11}), "Value 11 for parameter MaxNumberOfMessages is invalid."},
		{"fewer than none", receives(Receive{Max: -1}), "MaxNumberOfMessages"},
		{"hidden for too long", receives(Receive{VisibilitySeconds: new(43201)}), "VisibilityTimeout"},
		{"waiting for too long", receives(Receive{WaitSeconds: 21}), "WaitTimeSeconds"},
		{"time does not go back", func() error { return m.account.Advance(-1) }, "does not go back"},
	}
	for _, row := range rows {
		t.Run(row.why, func(t *testing.T) { require.ErrorContains(t, row.do(), row.want) })
	}
}

func TestWhoMayWorkWithMessages(t *testing.T) {
	i := newInterruption(t)
	role := func(name, statements string) Principal {
		require.NoError(t, i.CreateRole(Role{Name: name, Path: "/", TrustPolicy: trust, MaxSession: 3600}))
		require.NoError(t, i.CreateInstanceProfile(InstanceProfile{Name: name, Path: "/"}))
		require.NoError(t, i.AddRoleToInstanceProfile(name, name))
		require.NoError(t, i.PutRolePolicy(name, "x", `{"Version":"2012-10-17","Statement":[`+statements+`]}`))
		session, err := i.AssumeRoleForInstance(name, "i-1234567890abcdef0")
		require.NoError(t, err)
		return session
	}
	const queueOnly = `{"Effect":"Allow","Action":["sqs:ReceiveMessage","sqs:DeleteMessage","sqs:GetQueueUrl"],"Resource":"` + queueARN + `"}`
	reader := role("reader", queueOnly+`,{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}`)
	keyless := role("keyless", queueOnly)
	i.put(spotWarning)

	rows := []struct {
		why  string
		who  Principal
		do   func(*Client) error
		want string
	}{
		{"a reader may not send", reader, func(c *Client) error { _, err := c.SendMessage(i.url, "x", nil); return err }, "AccessDenied: User is not authorized to perform: sqs:sendmessage"},
		{"a reader may not purge", reader, func(c *Client) error { return c.PurgeQueue(i.url) }, "sqs:purgequeue"},
		{"nobody reads what he cannot decrypt", keyless, func(c *Client) error { _, err := c.ReceiveMessage(i.url, Receive{}); return err }, "kms:Decrypt"},
		{"another queue", reader, func(c *Client) error { _, err := c.ReceiveMessage(i.dead, Receive{}); return err }, "sqs:receivemessage"},
		{"the internet", Anonymous{}, func(c *Client) error { _, err := c.ReceiveMessage(i.url, Receive{}); return err }, "sqs:receivemessage"},
		{"what is not checked is not run", reader, func(c *Client) error { return c.DeleteQueue(i.url) }, "ask Authorize"},
		{"a reader finds the queue", reader, func(c *Client) error { _, err := c.GetQueueURL("events"); return err }, ""},
		{"a reader reads and deletes", reader, func(c *Client) error {
			messages, err := c.ReceiveMessage(i.url, Receive{})
			if err != nil || len(messages) != 1 {
				return fmt.Errorf("%d messages: %w", len(messages), err)
			}
			return c.DeleteMessage(i.url, messages[0].ReceiptHandle)
		}, ""},
	}
	for _, row := range rows {
		t.Run(row.why, func(t *testing.T) {
			err := row.do(i.As(row.who))
			if row.want == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, row.want)
			}
		})
	}
	require.NoError(t, i.SetQueueAttributes(i.url, Queue{KMSKey: "alias/aws/sqs", MaxMessageSize: 262144, RetentionSeconds: 300, VisibilitySeconds: 30}))
	_, err := i.As(keyless).ReceiveMessage(i.url, Receive{})
	require.NoError(t, err, "AWS's own key is for all who may use the queue")
}

func TestMessagesSurvive(t *testing.T) {
	path := filepath.Join(t.TempDir(), "account.json")
	open := func() *mail {
		account, err := Open(path, DefaultSpec())
		require.NoError(t, err)
		client, err := account.Client("ap-northeast-2")
		require.NoError(t, err)
		return &mail{Client: client, t: t, account: account, url: queueURL}
	}
	m := open()
	m.queue("events")
	saved, err := os.ReadFile(path)
	require.NoError(t, err)
	m.send("a", "b")
	m.wait(time.Second)
	handle := m.get(m.url)[0].ReceiptHandle

	m = open()
	m.counts(0, 2, 0)
	require.NoError(t, m.DeleteMessage(m.url, handle))
	m.wait(29 * time.Second)
	m.counts(0, 1, 0)
	m = open()
	m.wait(time.Second)
	assert.Equal(t, "b", m.get1().Body)
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(saved), string(after), "messages are no part of the account's file")

	require.NoError(t, os.WriteFile(strings.Replace(path, ".json", ".traffic.json", 1), []byte("{"), 0o600))
	_, err = Open(path, DefaultSpec())
	require.ErrorContains(t, err, "reading an account's traffic")
}
