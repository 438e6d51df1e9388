// Package cloud is one AWS account in memory: the services iam, eks, sqs,
// events, kms and ec2, as far as a cluster's surroundings need them.
//
// It knows nothing of Pulumi or Terraform. A caller asks for a [Client] of one
// region and calls operations named as AWS names them; a refused operation
// returns an [*Error] in AWS's words and changes nothing.
package cloud

import (
	"errors"
	"fmt"
	"sync"
)

// Account is one AWS account. It is safe for concurrent use.
type Account struct {
	mu    sync.Mutex
	state State
	save  func([]byte) error
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
}

// do is the one way to the account's state: every operation of every service
// passes here, one at a time.
func (a *Account) do(c call, operate func(*State) error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := operate(&a.state); err != nil {
		var refusal *Error
		if errors.As(err, &refusal) {
			refusal.Service, refusal.Operation = c.service, c.operation
		}
		return err
	}
	if !c.writes || a.save == nil {
		return nil
	}
	encoded, err := a.state.marshal()
	if err == nil {
		err = a.save(encoded)
	}
	if err != nil {
		return fmt.Errorf("saving the account after %s: %s: %w", c.service, c.operation, err)
	}
	return nil
}

// Client calls an account's services in one region.
type Client struct {
	account *Account
	Region  string
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
	return &Client{account: a, Region: region}, nil
}

// Account is the account the client calls.
func (c *Client) Account() *Account { return c.account }

func (c *Client) write(service, operation string, operate func(*State) error) error {
	return c.account.do(call{service: service, operation: operation, writes: true}, operate)
}

// read runs an operation that changes nothing and returns what it found.
func read[T any](c *Client, service, operation string, find func(*State) (T, error)) (T, error) {
	var found T
	err := c.account.do(call{service: service, operation: operation}, func(st *State) error {
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
