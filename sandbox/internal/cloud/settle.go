package cloud

import (
	"context"
	"slices"
	"sync"
	"time"
)

// settling is how what runs in an account, such as a controller in a cluster,
// follows its changes.
type settling struct {
	acting sync.Mutex
	act    func(context.Context)
	mu     sync.Mutex
	change chan struct{} // closed at the next change
	logs   map[string][]string
}

// SetLog keeps the last lines that a controller logs of a cluster, by ARN. They
// are no part of the account.
func (a *Account) SetLog(cluster string, lines []string) {
	a.settling.mu.Lock()
	defer a.settling.mu.Unlock()
	if a.settling.logs == nil {
		a.settling.logs = map[string][]string{}
	}
	a.settling.logs[cluster] = lines
}

// Log is what [Account.SetLog] kept.
func (a *Account) Log(cluster string) []string {
	a.settling.mu.Lock()
	defer a.settling.mu.Unlock()
	return slices.Clone(a.settling.logs[cluster])
}

// OnChange has act called after every operation that may have changed the
// account, but for those of clients that act for [Client.Within]. Act returns
// when there is nothing left to do for it.
func (a *Account) OnChange(act func(context.Context)) { a.settling.act = act }

// Within returns the client of what acts on changes: its operations are no
// changes to act on again, and what it reads is no call that a fault could
// strike, for it looks again and again. What hangs ends with the context.
func (c *Client) Within(ctx context.Context) *Client {
	same := *c
	same.ctx, same.within = ctx, true
	return &same
}

// settle lets what runs in the account follow a change.
func (a *Account) settle(c *Client) {
	if act := a.settling.act; act != nil && !c.within {
		a.settling.acting.Lock()
		act(c.ctx)
		a.settling.acting.Unlock()
	}
	a.settling.mu.Lock()
	defer a.settling.mu.Unlock()
	if a.settling.change != nil {
		close(a.settling.change)
		a.settling.change = nil
	}
}

// changed is closed when the account changes next.
func (a *Account) changed() <-chan struct{} {
	a.settling.mu.Lock()
	defer a.settling.mu.Unlock()
	if a.settling.change == nil {
		a.settling.change = make(chan struct{})
	}
	return a.settling.change
}

// Await waits until something holds, and tells whether it does. It gives up
// when nothing in the account has changed for a while, or with the context.
func (a *Account) Await(ctx context.Context, quiet time.Duration, holds func() bool) bool {
	for {
		changed := a.changed()
		if holds() {
			return true
		}
		select {
		case <-changed:
		case <-time.After(quiet):
			return false
		case <-ctx.Done():
			return false
		}
	}
}
