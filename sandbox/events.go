package sandbox

import "github.com/grafanix/eks-karpenter/sandbox/internal/cloud"

// What [Client.PutEvent] takes and returns.
type (
	Event       = cloud.Event
	Report      = cloud.Report
	Delivery    = cloud.Delivery
	Outcome     = cloud.Outcome
	RuleMetrics = cloud.RuleMetrics
)

// The outcomes of deliveries.
const (
	Delivered    = cloud.Delivered    // the queue has the event
	DeadLettered = cloud.DeadLettered // the dead-letter queue has it
	Dropped      = cloud.Dropped      // nobody has it
)

// What a [Client] takes and returns of messages.
type (
	Message       = cloud.Message
	Receive       = cloud.Receive
	MessageCounts = cloud.MessageCounts
)
