package cloud

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// Call is one thing that was asked of the account. There are two kinds: an
// operation on a resource, as a provider runs it (Action is set, Operation is
// not), and an operation of AWS or of a cluster's API (Operation is set), which
// is part of the former when a provider asked for it.
type Call struct {
	// URN, Type and ID are the resource's, empty where no provider asks.
	URN, Type, ID string
	// Action is what is done with the resource: create, read, update, delete
	// or lookup.
	Action string
	// Service and Operation are AWS's, such as IAM and CreateRole, or those of a
	// cluster's API, such as Kubernetes and create NodePool.
	Service, Operation string
}

func (c Call) String() string {
	if c.Operation != "" {
		return c.Service + ": " + c.Operation
	}
	return fmt.Sprintf("%s of %s", c.Action, c.Type)
}

// Fault is the fault that strikes the next call like this one.
func (c Call) Fault(effect Effect) Fault {
	return Fault{Effect: effect, URN: c.URN, Type: c.Type, Action: c.Action, Service: c.Service, Operation: c.Operation}
}

// Effect is what a fault does to a call.
type Effect string

// The effects of faults.
const (
	// FailBefore fails a call that then has no effect.
	FailBefore Effect = "fail before"
	// FailAfter fails a call that has taken effect: its answer is lost.
	FailAfter Effect = "fail after"
	// Throttle refuses an operation of AWS because there are too many. Clients
	// try again at once, a bounded number of times.
	Throttle Effect = "throttle"
	// HangBefore holds a call before it takes effect, until the caller gives
	// up or the fault is removed.
	HangBefore Effect = "hang before"
	// HangAfter holds a call that has taken effect.
	HangAfter Effect = "hang after"
)

// Fault is something that goes wrong with some calls: those with all of the
// values that are not empty. Where neither Service nor Operation is given it is
// operations on resources that fail or hang; it is always operations of AWS
// that are throttled.
type Fault struct {
	Effect             Effect
	URN, Type, Action  string
	Service, Operation string
	// Nth is the first of the matching calls to strike, counted from the
	// injection; 0 is 1. Attempts count for Throttle, not calls.
	Nth int
	// Times is how many it strikes from then on; 0 is 1.
	Times int
}

func (f Fault) matches(c Call) bool {
	ofAWS := f.Service != "" || f.Operation != "" || f.Effect == Throttle
	same := func(wanted, given string) bool { return wanted == "" || wanted == given }
	return ofAWS == (c.Operation != "") && same(f.URN, c.URN) && same(f.Type, c.Type) && same(f.Action, c.Action) &&
		same(f.Service, c.Service) && same(f.Operation, c.Operation)
}

// Injected is a fault that lies in wait.
type Injected struct {
	fault   Fault
	gate    *gate
	met     int           // matching calls so far
	strikes int           // how many of them it struck
	struck  chan struct{} // closed at the first strike
	removed chan struct{} // closed when it is removed
}

// Struck is closed when the fault has struck for the first time.
func (i *Injected) Struck() <-chan struct{} { return i.struck }

// Strikes is how often the fault has struck.
func (i *Injected) Strikes() int {
	i.gate.mu.Lock()
	defer i.gate.mu.Unlock()
	return i.strikes
}

// Remove takes the fault away; calls that it holds go on.
func (i *Injected) Remove() {
	i.gate.mu.Lock()
	defer i.gate.mu.Unlock()
	if at := slices.Index(i.gate.faults, i); at >= 0 {
		i.gate.faults = slices.Delete(i.gate.faults, at, at+1)
		close(i.removed)
	}
}

// gate is what every call passes: it keeps their list and lets faults strike.
type gate struct {
	mu     sync.Mutex
	calls  []*Call
	faults []*Injected
}

// Inject adds a fault. It is an error where no call could ever be struck.
func (a *Account) Inject(fault Fault) (*Injected, error) {
	switch {
	case !slices.Contains([]Effect{FailBefore, FailAfter, Throttle, HangBefore, HangAfter}, fault.Effect):
		return nil, fmt.Errorf("there is no fault of the effect %q", fault.Effect)
	case fault.Nth < 0 || fault.Times < 0:
		return nil, errors.New("a fault's counts are not negative")
	}
	fault.Nth, fault.Times = max(fault.Nth, 1), max(fault.Times, 1)
	injected := &Injected{fault: fault, gate: &a.gate, struck: make(chan struct{}), removed: make(chan struct{})}
	a.gate.mu.Lock()
	defer a.gate.mu.Unlock()
	a.gate.faults = append(a.gate.faults, injected)
	return injected, nil
}

// Calls are all calls so far, in the order in which they came. Throttled
// attempts are one call.
func (a *Account) Calls() []Call {
	a.gate.mu.Lock()
	defer a.gate.mu.Unlock()
	calls := make([]Call, 0, len(a.gate.calls))
	for _, call := range a.gate.calls {
		calls = append(calls, *call)
	}
	return calls
}

func (g *gate) add(call Call) *Call {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls = append(g.calls, &call)
	return &call
}

func (g *gate) identify(call *Call, id string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	call.ID = id
}

// strike counts a call with every fault it matches, and returns the first that
// strikes it.
func (g *gate) strike(call Call) *Injected {
	g.mu.Lock()
	defer g.mu.Unlock()
	var first *Injected
	for _, injected := range g.faults {
		if !injected.fault.matches(call) {
			continue
		}
		injected.met++
		due := injected.met >= injected.fault.Nth && injected.met < injected.fault.Nth+injected.fault.Times
		if due && first == nil {
			first = injected
			injected.strikes++
		}
	}
	return first
}

// pass runs a call, with what faults do to it.
func (g *gate) pass(ctx context.Context, call Call, attempts int, operate func() error) error {
	struck := g.strike(call)
	for attempt := 1; struck != nil && struck.fault.Effect == Throttle; attempt++ {
		struck.announce()
		if attempt >= attempts {
			return throttled(call, attempts)
		}
		struck = g.strike(call)
	}
	if struck == nil {
		return operate()
	}
	switch struck.fault.Effect {
	case FailBefore:
		struck.announce()
		return injectedError(call, "before it took effect")
	case HangBefore:
		if err := struck.hold(ctx, call); err != nil {
			return err
		}
	}
	if err := operate(); err != nil {
		return err
	}
	switch struck.fault.Effect {
	case FailAfter:
		struck.announce()
		return injectedError(call, "after it took effect")
	case HangAfter:
		return struck.hold(ctx, call)
	}
	return nil
}

func (i *Injected) announce() {
	i.gate.mu.Lock()
	defer i.gate.mu.Unlock()
	select {
	case <-i.struck:
	default:
		close(i.struck)
	}
}

// hold waits until the fault is removed, or the caller gives up.
func (i *Injected) hold(ctx context.Context, call Call) error {
	i.announce()
	select {
	case <-i.removed:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%s was given up: %w", call, context.Cause(ctx))
	}
}

// injectedError is a failure that was asked for: AWS's "internal failure" for
// its operations.
func injectedError(call Call, when string) error {
	if call.Operation == "" {
		return fmt.Errorf("the sandbox was told to fail the %s %s", call, when)
	}
	if call.Service == kubernetesService {
		return status(500, "InternalError", "Internal error occurred: the sandbox was told to fail this %s", when)
	}
	return &Error{
		Service: call.Service, Operation: call.Operation, Code: internalFailure,
		Message: "the sandbox was told to fail this " + when,
	}
}

// throttles are the services' codes for too many requests; ThrottlingException
// where a service is not named.
// https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html#API_SendMessage_Errors
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html#api-error-codes-table-server
var throttles = map[string]string{
	iamService: "Throttling", ec2Service: "RequestLimitExceeded", sqsService: "RequestThrottled",
}

func throttled(call Call, attempts int) error {
	if call.Service == kubernetesService {
		return status(429, "TooManyRequests", "the server has received too many requests and has asked us to try again later")
	}
	code, message := throttles[call.Service], "Rate exceeded"
	switch call.Service {
	case ec2Service:
		message = "Request limit exceeded."
	case iamService, sqsService:
	default:
		code = "ThrottlingException"
	}
	return &Error{Service: call.Service, Operation: call.Operation, Code: code, Message: message, Attempts: attempts}
}
