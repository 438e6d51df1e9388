// Package cloud is one AWS account in memory: the services iam, eks, sqs,
// events, kms and ec2, as far as a cluster's surroundings need them, and the
// clusters' own Kubernetes APIs.
//
// It knows nothing of Pulumi or Terraform. A caller asks for a [Client] of one
// region and calls operations named as AWS names them; a refused operation
// returns an [*Error] in AWS's words and changes nothing.
package cloud

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// Account is one AWS account. It is safe for concurrent use.
type Account struct {
	gate        gate
	mu          sync.Mutex
	state       State
	save        func([]byte) error
	saveTraffic func([]byte) error
	stir        chan struct{} // closed when the traffic next changes; nil: nobody waits
	settling    settling
}

// New returns an account that starts with state. After every operation that
// changes it, save gets the account's whole state, unless save is nil.
func New(state State, save func([]byte) error) *Account {
	state.init()
	return &Account{state: state, save: save}
}

// Dump is the account in canonical form: equal dumps are equal accounts. KMS
// keys that wait for their deletion are left out, since AWS never removes a
// key at once.
func (a *Account) Dump() ([]byte, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.state.withoutDeletedKeys().marshal()
}

// Encode is the account's whole state, to be read by [Decode].
func (a *Account) Encode() ([]byte, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.state.marshal()
}

// Partition is the partition that the account belongs to.
func (a *Account) Partition() string { return a.state.Partition }

// ID is the account's 12-digit number.
func (a *Account) ID() string { return a.state.AccountID }

// call names one operation on the account.
type call struct {
	service   string
	operation string
	writes    bool
	// checked: the operation asks the policies whether the client's principal
	// may.
	checked bool
	client  *Client
}

// do is the one way to the account's state: every operation of every service
// passes here.
func (a *Account) do(c call, operate func(*State) error) error {
	if c.client.principal != nil && !c.checked {
		return fmt.Errorf("the sandbox does not run %s: %s on behalf of a principal: ask Authorize", c.service, c.operation)
	}
	if c.client.within && !c.writes {
		return a.perform(c, operate)
	}
	passing := c.client.origin
	passing.Service, passing.Operation = c.service, c.operation
	a.gate.add(passing)
	err := a.gate.pass(c.client.ctx, passing, c.client.attempts, func() error { return a.perform(c, operate) })
	if c.writes {
		a.settle(c.client)
	}
	return err
}

// perform runs operations one at a time and saves what they change.
func (a *Account) perform(c call, operate func(*State) error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := operate(&a.state); err != nil {
		var refusal *Error
		if errors.As(err, &refusal) {
			refusal.Service, refusal.Operation = c.service, c.operation
		}
		return err
	}
	if err := errors.Join(a.keep(c.writes), a.keepTraffic()); err != nil {
		return fmt.Errorf("saving the account after %s: %s: %w", c.service, c.operation, err)
	}
	return nil
}

func (a *Account) keep(changed bool) error {
	if !changed || a.save == nil {
		return nil
	}
	encoded, err := a.state.marshal()
	if err != nil {
		return err
	}
	return a.save(encoded)
}

// How often clients try a throttled operation:
// https://docs.aws.amazon.com/sdk-for-go/v2/developer-guide/configure-retries-timeouts.html
// The aws provider of Terraform, argument max_retries.
const (
	sdkAttempts      = 3
	providerAttempts = 25
)

// Client calls an account's services in one region.
type Client struct {
	account   *Account
	Region    string
	ctx       context.Context // ends what hangs
	attempts  int
	origin    Call      // the resource a provider works on
	principal Principal // on whose behalf; nil: the account's own
	within    bool      // of what acts on changes; see Within
}

// In returns a client for a region of the account's partition.
func (a *Account) In(region string) (*Client, error) {
	partition, err := PartitionOf(region)
	if err != nil {
		return nil, err
	}
	if partition != a.Partition() {
		return nil, fmt.Errorf("region %s belongs to partition %s, but the account is in %s", region, partition, a.Partition())
	}
	return &Client{account: a, Region: region, ctx: context.Background(), attempts: sdkAttempts}, nil
}

// For returns the client that a provider uses in one operation on a resource:
// it is patient when throttled, and what hangs ends with the context.
func (c *Client) For(ctx context.Context, resource Call) *Client {
	same := *c
	same.ctx, same.attempts, same.origin = ctx, providerAttempts, resource
	return &same
}

// Step runs the operation on a resource that [Client.For] named. Its result is
// the resource's id, which may be there beside an error.
func (c *Client) Step(operate func() (id string, err error)) (id string, err error) {
	kept := c.account.gate.add(c.origin)
	err = c.account.gate.pass(c.ctx, c.origin, c.attempts, func() error {
		id, err = operate()
		return err
	})
	if id != "" {
		c.account.gate.identify(kept, id)
	}
	return id, err
}

// Account is the account the client calls.
func (c *Client) Account() *Account { return c.account }

func (c *Client) write(service, operation string, operate func(*State) error) error {
	return c.account.do(call{service: service, operation: operation, writes: true, client: c}, operate)
}

// read runs an operation that changes nothing and returns what it found.
func read[T any](c *Client, service, operation string, find func(*State) (T, error)) (T, error) {
	var found T
	err := c.account.do(call{service: service, operation: operation, client: c}, func(st *State) error {
		var err error
		found, err = find(st)
		return err
	})
	return found, err
}

// ARN is the ARN of a thing in the client's region.
func (c *Client) ARN(service, resource string) string {
	return c.account.state.ARN(service, c.Region, resource)
}

// GlobalARN is the ARN of a thing that no region has, such as IAM's.
func (c *Client) GlobalARN(service, resource string) string {
	return c.account.state.ARN(service, "", resource)
}
