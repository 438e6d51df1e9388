package cloud

import (
	"context"
	"time"
)

// Once returns the client for one request of an SDK, which itself tries again:
// what is throttled is refused at once, and what hangs ends with the context.
func (c *Client) Once(ctx context.Context) *Client {
	same := *c
	same.ctx, same.attempts = ctx, 1
	return &same
}

// AwaitMessage is [Client.ReceiveMessage] with long polling: where no message
// is visible, it waits for one that somebody else sends, or that becomes
// visible on the account's clock. It waits in real time, for WaitSeconds or,
// where that is 0, for the queue's own ReceiveMessageWaitTimeSeconds, and ends
// with the context; no message is then no error.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html
func (c *Client) AwaitMessage(ctx context.Context, url string, in Receive) ([]Message, error) {
	received, err := c.ReceiveMessage(url, in)
	if err != nil || len(received) > 0 {
		return received, err
	}
	ctx, cancel := context.WithTimeout(ctx, c.account.waitAt(c.Region, url, in.WaitSeconds))
	defer cancel()
	for err == nil && len(received) == 0 && c.account.await(ctx, c.Region, url) {
		received, err = c.ReceiveMessage(url, in)
	}
	return received, err
}

// waitAt is how long a receiver waits at a queue that has nothing for it.
func (a *Account) waitAt(region, url string, seconds int) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	if queue, err := a.state.queue(region, url); err == nil && seconds == 0 {
		seconds = queue.ReceiveWaitSeconds
	}
	return time.Duration(seconds) * time.Second
}

// await tells whether it is worth to ask a queue for messages before the
// context ends, and returns as soon as it knows.
func (a *Account) await(ctx context.Context, region, url string) bool {
	for {
		worth, changed := a.worthAsking(region, url)
		if worth || ctx.Err() != nil {
			return ctx.Err() == nil
		}
		select {
		case <-ctx.Done():
			return false
		case <-changed:
		}
	}
}

// worthAsking tells whether a queue has something for a receiver now: a
// visible message, or the refusal of a queue that is gone. Where it does not,
// the channel is closed when that may be otherwise.
func (a *Account) worthAsking(region, url string) (worth bool, changed <-chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	queue, err := a.state.queue(region, url)
	if err != nil {
		return true, nil
	}
	for _, l := range a.state.traffic.mailbox(queue.ARN).Letters {
		if !l.Visible.After(a.state.traffic.Now) {
			return true, nil
		}
	}
	if a.stir == nil {
		a.stir = make(chan struct{})
	}
	return false, a.stir
}

// wake tells all who wait that the traffic has changed.
func (a *Account) wake() {
	if a.stir != nil {
		close(a.stir)
		a.stir = nil
	}
}
