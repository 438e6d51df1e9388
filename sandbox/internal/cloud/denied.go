package cloud

import (
	"fmt"
	"strings"

	"github.com/grafanix/eks-karpenter/sandbox/internal/authorize"
)

// services are the names of the services, by the prefix of their actions.
var services = map[string]string{
	"ec2": ec2Service, "eks": eksService, "iam": iamService, "sqs": sqsService, "ssm": "SSM",
}

// Denied is the refusal of a call, such as ec2:CreateFleet, for what a decision
// denies of it, in the words of
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
func Denied(who Session, call string, decision authorize.Decision) *Error {
	prefix, operation, _ := strings.Cut(call, ":")
	refusal := &Error{Service: services[prefix], Operation: operation, Code: "AccessDenied"}
	if prefix == "ec2" {
		refusal.Code, refusal.Message = "UnauthorizedOperation", "You are not authorized to perform this operation. "
	}
	refusal.Message += fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s %s",
		who.ARN(), decision.Action, decision.Resource, whyDenied(decision))
	return refusal
}

// whyDenied is the kind of policy that denies, or that does not allow.
func whyDenied(decision authorize.Decision) string {
	boundary := strings.Contains(decision.Reason, "the permissions boundary does not")
	switch {
	case decision.By != nil && strings.HasPrefix(decision.By.Policy, "boundary "):
		return "with an explicit deny in a permissions boundary"
	case decision.By != nil:
		return "with an explicit deny in an identity-based policy"
	case boundary:
		return fmt.Sprintf("because no permissions boundary allows the %s action", decision.Action)
	}
	return fmt.Sprintf("because no identity-based policy allows the %s action", decision.Action)
}
