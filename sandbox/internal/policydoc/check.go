package policydoc

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Presence says whether a kind of policy takes an element.
type Presence int

// The presences of an element.
const (
	Forbidden Presence = iota
	Required
)

// Rules are what one kind of policy demands beyond the common grammar.
type Rules struct {
	Principal Presence
	Resource  Presence
	// Actions is a form every action must have; nil takes any.
	Actions func(action string) error
	// PlainSids is true where Sids are letters and digits only (IAM).
	PlainSids bool
	// Partition is the only one ARNs may name.
	Partition string
	// Known tells whether a principal of the account exists; nil takes any.
	Known func(arn string) bool
}

// Check judges a document by the common grammar and the rules, and returns
// the first [Problem].
func (d Document) Check(rules Rules) error {
	if d.Version != "" && d.Version != "2012-10-17" && d.Version != "2008-10-17" {
		return &Problem{Message: "The policy must contain a valid version string"}
	}
	if len(d.Statements) == 0 {
		return errSyntax
	}
	sids := map[string]bool{}
	for _, s := range d.Statements {
		if s.Sid != "" && sids[s.Sid] {
			return &Problem{Message: "Statement IDs (SID) in a single policy must be unique."}
		}
		sids[s.Sid] = true
		for _, check := range []func(Statement, Rules) error{checkHead, checkPrincipals, checkActions, checkResources, checkConditions} {
			if err := check(s, rules); err != nil {
				return err
			}
		}
	}
	return nil
}

var plainSid = regexp.MustCompile(`^[0-9A-Za-z]*$`)

func checkHead(s Statement, rules Rules) error {
	if rules.PlainSids && !plainSid.MatchString(s.Sid) {
		return &Problem{Message: "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"}
	}
	switch s.Effect {
	case "Allow", "Deny":
		return nil
	case "":
		return &Problem{Message: "Missing required field Effect"}
	default:
		return &Problem{Message: "Invalid effect: " + s.Effect}
	}
}

// vendorAction is an action with its service prefix, wildcards allowed.
var vendorAction = regexp.MustCompile(`^(\*|[a-zA-Z0-9-]+:[a-zA-Z0-9*?]+)$`)

func checkActions(s Statement, rules Rules) error {
	actions := slices.Concat(s.Actions, s.NotActions)
	if len(actions) == 0 || (s.Actions != nil && s.NotActions != nil) {
		return &Problem{Message: "Policy statement must contain actions."}
	}
	for _, action := range actions {
		if !vendorAction.MatchString(action) {
			return &Problem{Message: "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."}
		}
		if rules.Actions != nil {
			if err := rules.Actions(action); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkResources(s Statement, rules Rules) error {
	resources := slices.Concat(s.Resources, s.NotResources)
	present := s.Resources != nil || s.NotResources != nil
	switch {
	case rules.Resource == Forbidden && present:
		return &Problem{Message: "Has prohibited field Resource"}
	case rules.Resource == Required && len(resources) == 0:
		return &Problem{Message: "Policy statement must contain resources."}
	case s.Resources != nil && s.NotResources != nil:
		return errSyntax
	}
	for _, resource := range resources {
		if err := checkResource(resource, rules.Partition); err != nil {
			return err
		}
	}
	return nil
}

func checkResource(resource, partition string) error {
	if resource == "*" {
		return nil
	}
	parts := strings.SplitN(resource, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" || parts[5] == "" {
		return &Problem{Message: fmt.Sprintf("Resource %s must be in ARN format or \"*\".", resource)}
	}
	if !strings.ContainsAny(parts[1], "*?$") && parts[1] != partition {
		return &Problem{Message: fmt.Sprintf("Partition %q is not valid for resource %q.", parts[1], resource)}
	}
	if parts[2] == "iam" && parts[3] != "" && parts[3] != "*" {
		return &Problem{Message: fmt.Sprintf("IAM resource %s cannot contain region information.", resource)}
	}
	return nil
}

// operators are the condition operators without set prefix and IfExists.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
var operators = []string{
	"StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike",
	"NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals",
	"DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals",
	"Bool", "BinaryEquals", "IpAddress", "NotIpAddress",
	"ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "Null",
}

func checkConditions(s Statement, _ Rules) error {
	for _, condition := range s.Conditions {
		operator := condition.Operator
		for _, prefix := range []string{"ForAllValues:", "ForAnyValue:"} {
			operator = strings.TrimPrefix(operator, prefix)
		}
		if operator != "NullIfExists" {
			operator = strings.TrimSuffix(operator, "IfExists")
		}
		if !slices.Contains(operators, operator) {
			return &Problem{Message: "Invalid Condition type : " + condition.Operator + "."}
		}
		if !strings.Contains(condition.Key, ":") {
			return &Problem{Message: "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."}
		}
	}
	return nil
}

func cmpPairs(a1, b1, a2, b2 string) int {
	return cmp.Or(cmp.Compare(a1, b1), cmp.Compare(a2, b2))
}
