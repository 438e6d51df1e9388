package karpenter

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

// condition is a status condition.
type condition struct {
	kind, status, reason, message string
}

func isTrue(kind string) condition { return condition{kind: kind, status: "True", reason: kind} }

func isFalse(kind, reason, message string) condition {
	return condition{kind, "False", reason, message}
}

// isUnknown is the condition of what failed. Karpenter says nothing of the
// failure there and only logs it; here its words stand in the condition.
func isUnknown(kind string, err error) condition {
	return condition{kind, "Unknown", "AwaitingReconciliation", "object is awaiting reconciliation: " + err.Error()}
}

// judged is the condition that a step's outcome gives.
func judged(kind string, err error) condition {
	if err != nil {
		return isUnknown(kind, err)
	}
	return isTrue(kind)
}

// ready adds the root condition that follows from the others
// (status.ConditionSet of operatorpkg).
func ready(conditions []condition) []condition {
	var unhealthy []string
	status, reason := "Unknown", "ReconcilingDependents"
	for _, c := range conditions {
		if c.status == "True" {
			continue
		}
		unhealthy = append(unhealthy, fmt.Sprintf("%s=%s", c.kind, c.status))
		if c.status == "False" {
			status, reason = "False", "UnhealthyDependents"
		}
	}
	if len(unhealthy) == 0 {
		return append(conditions, isTrue("Ready"))
	}
	return append(conditions, condition{"Ready", status, reason, strings.Join(unhealthy, ", ")})
}

// setConditions puts conditions into an object's status.
func setConditions(object cloud.Object, conditions []condition) {
	list := make([]any, len(conditions))
	for i, c := range conditions {
		list[i] = map[string]any{
			"type": c.kind, "status": c.status, "reason": c.reason, "message": c.message,
			"lastTransitionTime": cloud.Beginning.Format(time.RFC3339), "observedGeneration": object.At("metadata", "generation"),
		}
	}
	object.Set(list, "status", "conditions")
}

// conditionOf finds a condition in an object's status.
func conditionOf(object cloud.Object, kind string) condition {
	list, _ := object.At("status", "conditions").([]any)
	at := slices.IndexFunc(list, func(element any) bool {
		fields, _ := element.(map[string]any)
		return fields["type"] == kind
	})
	if at < 0 {
		return condition{kind: kind, status: "Unknown"}
	}
	fields, _ := list[at].(map[string]any)
	o := cloud.Object(fields)
	return condition{kind, o.Text("status"), o.Text("reason"), o.Text("message")}
}
