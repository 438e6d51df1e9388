package cloud

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Beginning is the time on an account's clock when it is made. The clock moves
// only when it is told to, see [Account.Advance].
var Beginning = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

// traffic is what passes through an account and is no part of it: the time,
// the messages in its queues and what became of its events.
type traffic struct {
	Now       time.Time               `json:"now"`
	Count     int                     `json:"count"` // of events and messages so far
	Mailboxes map[string]*mailbox     `json:"mailboxes"`
	Rules     map[string]*RuleMetrics `json:"rules"`
	changed   bool
}

func newTraffic() *traffic {
	return &traffic{Now: Beginning, Mailboxes: map[string]*mailbox{}, Rules: map[string]*RuleMetrics{}}
}

// next is an id that no event or message had.
func (t *traffic) next(kind string) string {
	t.Count++
	t.changed = true
	return UUID(fmt.Sprint(kind, " ", t.Count))
}

// mailbox is where a queue's messages are.
func (t *traffic) mailbox(queueARN string) *mailbox {
	box, ok := t.Mailboxes[queueARN]
	if !ok {
		box = &mailbox{}
		t.Mailboxes[queueARN] = box
	}
	return box
}

// forget drops a queue's messages.
func (t *traffic) forget(queueARN string) {
	delete(t.Mailboxes, queueARN)
	t.changed = true
}

// metrics are a rule's counters.
func (t *traffic) metrics(ruleARN string) *RuleMetrics {
	metrics, ok := t.Rules[ruleARN]
	if !ok {
		metrics = &RuleMetrics{}
		t.Rules[ruleARN] = metrics
	}
	t.changed = true
	return metrics
}

// KeepTraffic brings back the traffic that was saved, if any, and has every
// change of it saved from now on.
func (a *Account) KeepTraffic(saved []byte, save func([]byte) error) error {
	kept := newTraffic()
	if len(saved) > 0 {
		if err := json.Unmarshal(saved, kept); err != nil {
			return fmt.Errorf("reading an account's traffic: %w", err)
		}
	}
	ensure(&kept.Mailboxes)
	ensure(&kept.Rules)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.state.traffic, a.saveTraffic = kept, save
	return nil
}

// keepTraffic saves the traffic where it changed, and wakes who waits for that.
func (a *Account) keepTraffic() error {
	if !a.state.traffic.changed {
		return nil
	}
	a.wake()
	if a.saveTraffic != nil {
		encoded, err := json.MarshalIndent(a.state.traffic, "", "  ")
		if err == nil {
			err = a.saveTraffic(append(encoded, '\n'))
		}
		if err != nil {
			return err
		}
	}
	a.state.traffic.changed = false
	return nil
}

// Now is the time on the account's clock.
func (a *Account) Now() time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.state.traffic.Now
}

// Advance moves the account's clock on: messages become visible again, or
// expire. Time does not go back.
func (a *Account) Advance(by time.Duration) error {
	if by < 0 {
		return errors.New("an account's clock does not go back")
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.state.traffic.Now = a.state.traffic.Now.Add(by)
	a.state.traffic.changed = true
	return a.keepTraffic()
}
