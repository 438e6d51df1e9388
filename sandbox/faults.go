package sandbox

import (
	"fmt"
	"slices"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
	"github.com/grafanix/eks-karpenter/sandbox/internal/kubernetes"
	"github.com/grafanix/eks-karpenter/sandbox/internal/provider"
)

// Call is one thing that was asked of the account: an operation on a resource,
// as Pulumi asks the provider for it, or an operation of AWS.
type Call = cloud.Call

// Fault is something that goes wrong with some calls.
type Fault = cloud.Fault

// Injected is a fault that lies in wait.
type Injected = cloud.Injected

// Effect is what a fault does to a call.
type Effect = cloud.Effect

// The effects of faults.
const (
	FailBefore = cloud.FailBefore // fails, without effect
	FailAfter  = cloud.FailAfter  // takes effect, and fails
	Throttle   = cloud.Throttle   // AWS refuses, since there are too many
	HangBefore = cloud.HangBefore // hangs until given up, without effect
	HangAfter  = cloud.HangAfter  // takes effect, and hangs until given up
)

// actions are what is done with resources.
var actions = []string{"", "create", "read", "update", "delete", "lookup"}

// Inject makes something go wrong. It is never saved, and ends with the process
// at the latest. A fault that could strike nothing is an error.
func (a *Account) Inject(fault Fault) (*Injected, error) {
	if fault.Type != "" && !provider.Has(fault.Type) && !kubernetes.Has(fault.Type) {
		return nil, fmt.Errorf("the sandbox has neither a resource type nor a lookup %s", fault.Type)
	}
	if !slices.Contains(actions, fault.Action) {
		return nil, fmt.Errorf("nothing %ss a resource", fault.Action)
	}
	return a.cloud.Inject(fault)
}

// Calls are all calls since the account was made or opened, in the order in
// which they came. Where several came at once, the URN and action of a call
// tell it from others, not its place.
func (a *Account) Calls() []Call { return a.cloud.Calls() }
