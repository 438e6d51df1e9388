// Package interrupt ends what hangs in a provider when its engine cancels.
package interrupt

import (
	"context"
	"errors"
	"sync"
)

// errCancelled is why operations under way end at the engine's signal.
var errCancelled = errors.New("the operation was cancelled")

// Signal is an engine's signal to cancel. Once given, it can be given again: a
// provider outlives the engine that cancels, and serves the next one.
type Signal struct {
	mu      sync.Mutex
	current context.Context
	give    context.CancelCauseFunc
}

// New returns a signal that was not given yet.
func New() *Signal {
	s := &Signal{}
	s.current, s.give = context.WithCancelCause(context.Background())
	return s
}

// Give ends the contexts of all operations under way.
func (s *Signal) Give() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.give(errCancelled)
	s.current, s.give = context.WithCancelCause(context.Background())
}

// Context returns the context of one operation, which ends with its request or
// at the signal. The caller calls done at the end.
func (s *Signal) Context(request context.Context) (ctx context.Context, done func()) {
	s.mu.Lock()
	signal := s.current
	s.mu.Unlock()
	ctx, cancel := context.WithCancelCause(request)
	stop := context.AfterFunc(signal, func() { cancel(context.Cause(signal)) })
	return ctx, func() { stop(); cancel(nil) }
}
