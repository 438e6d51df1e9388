package authorize

import (
	"fmt"
	"strings"
)

// Effect is how a decision came about.
type Effect string

// The effects of a decision.
const (
	Allow        Effect = "explicit allow"
	ExplicitDeny Effect = "explicit deny"
	ImplicitDeny Effect = "implicit deny"
)

// Decision is what IAM would decide, and why.
type Decision struct {
	Allowed bool
	Effect  Effect
	// By is the statement that decided; nil for an implicit deny.
	By *Ref
	// Reason says why there is no allow; empty where By says it.
	Reason string
	// Nearest are the Allow statements that cover principal, action and
	// resource of an implicitly denied request, with what they lack.
	Nearest []Near

	Principal string
	Action    string
	Resource  string
}

// Ref names a statement of a policy.
type Ref struct {
	Policy string
	// Sid is the statement's, or its number where it has none.
	Sid string
}

// String is policy/Sid.
func (r Ref) String() string {
	if r.Sid == "" {
		return r.Policy
	}
	return r.Policy + "/" + r.Sid
}

// Near is an Allow statement that would apply but for a condition.
type Near struct {
	Ref    Ref
	Failed Failure
}

// Failure is the first condition of a statement that was not met.
type Failure struct {
	Operator string
	Key      string
	// Wants are the policy's values, variables replaced.
	Wants []string
	// Got are the request's values; none where it lacks the key.
	Got []string
}

// String is one line, such as
//
//	StringEquals aws:RequestedRegion wants "eu-central-1", got "us-east-1"
func (f Failure) String() string {
	wants := "wants " + quoted(f.Wants)
	if len(f.Wants) > 1 {
		wants = "wants one of " + quoted(f.Wants)
	}
	if base := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(f.Operator, forAll), forAny), ifExists); operators[base].negated {
		wants = "wants none of " + quoted(f.Wants)
	}
	got := "nothing"
	if len(f.Got) > 0 {
		got = quoted(f.Got)
	}
	return fmt.Sprintf("%s %s %s, got %s", f.Operator, f.Key, wants, got)
}

func quoted(values []string) string {
	quotes := make([]string, len(values))
	for i, value := range values {
		quotes[i] = fmt.Sprintf("%q", value)
	}
	return strings.Join(quotes, ", ")
}

// String is the decision in one line.
func (d Decision) String() string {
	request := fmt.Sprintf("%s on %s for %s", d.Action, d.Resource, d.Principal)
	switch d.Effect {
	case Allow:
		return fmt.Sprintf("allowed: %s, by %s", request, d.By)
	case ExplicitDeny:
		return fmt.Sprintf("denied: %s, by %s", request, d.By)
	}
	line := fmt.Sprintf("denied: %s, %s", request, d.Reason)
	for i, near := range d.Nearest {
		if i == 0 {
			line += "; nearest:"
		} else {
			line += ";"
		}
		line += fmt.Sprintf(" %s: %s", near.Ref, near.Failed)
	}
	return line
}
