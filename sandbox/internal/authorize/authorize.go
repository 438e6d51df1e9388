// Package authorize decides requests as IAM does, and says why.
//
// It is pure: a request and the policies that bear on it go in, a [Decision]
// comes out. It knows no account and looks nothing up. What it cannot decide
// as AWS would, it refuses with an error; a policy it cannot read is never an
// allow.
//
// The order of things is that of "Policy evaluation logic",
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
// without session policies and without the policies of an organization.
package authorize

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Request is one action on one resource. A call that touches several
// resources, as ec2:RunInstances does, is as many requests, each with the
// context keys of its own resource: so IAM judges them too.
type Request struct {
	// Partition is the one that the ARNs of the policies must name.
	Partition string
	Principal Principal
	// Action is a service's prefix and an operation, such as sqs:SendMessage.
	Action string
	// Resource is an ARN, or "*" for an action that has no resources.
	Resource string
	// Context are the request's condition keys; the case of a key does not
	// count. Those that follow from the principal need not be among them.
	Context map[string][]string
}

// Policy is a policy document under the name that a Decision calls it by.
type Policy struct {
	Name     string
	Document string
}

// ResourceKind is how a resource's policy and the policies of identities work
// together.
type ResourceKind int

const (
	// Ordinary resources may be opened by either.
	Ordinary ResourceKind = iota
	// Key is a KMS key: its policy must let the account in before policies of
	// identities count.
	// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
	Key
	// Role is a role to be assumed: its trust policy decides, as with keys.
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_compare-resource-policies.html
	Role
)

// Policies are all that bear on a request.
type Policies struct {
	// Identity are the principal's managed and inline policies.
	Identity []Policy
	// Boundary is the principal's permissions boundary, if it has one.
	Boundary *Policy
	// Resource is the resource's own policy, if it has one.
	Resource *Policy
	// Kind is the resource's.
	Kind ResourceKind
}

var (
	oneAction   = regexp.MustCompile(`^[A-Za-z0-9-]+:[A-Za-z0-9]+$`)
	oneResource = regexp.MustCompile(`^(\*|arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:(\d{12}|aws)?:.+)$`)
)

// Decide decides a request. An error means that there is no decision: the
// request or a policy is malformed, or AWS leaves open what would happen.
func Decide(request Request, policies Policies) (Decision, error) {
	if !oneAction.MatchString(request.Action) {
		return Decision{}, fmt.Errorf("%q is not an action, such as sqs:SendMessage", request.Action)
	}
	if !oneResource.MatchString(request.Resource) {
		return Decision{}, fmt.Errorf("%q is neither an ARN nor *", request.Resource)
	}
	if request.Partition == "" {
		return Decision{}, errors.New("the request names no partition")
	}
	if err := request.Principal.check(); err != nil {
		return Decision{}, err
	}
	context, err := NewContext(request.Context)
	if err != nil {
		return Decision{}, err
	}
	for key, values := range request.Principal.keys() {
		context.Default(key, values...)
	}
	e := evaluation{request: request, kind: policies.Kind, context: context}
	if err := e.judgeAll(policies); err != nil {
		return Decision{}, err
	}
	return e.decide()
}

// unconditional is the one action that no policy can deny:
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
const unconditional = "sts:GetCallerIdentity"

// evaluation is a request with what each kind of policy says of it.
type evaluation struct {
	request  Request
	kind     ResourceKind
	context  Context
	identity verdict
	boundary *verdict
	resource *verdict
}

func (e *evaluation) judgeAll(policies Policies) error {
	resourceGrammar := resourceRules
	if policies.Kind == Role {
		resourceGrammar = trustRules
	}
	for _, policy := range policies.Identity {
		if err := e.judge(policy, identityRules, &e.identity); err != nil {
			return err
		}
	}
	if policies.Boundary != nil {
		e.boundary = &verdict{}
		if err := e.judge(*policies.Boundary, identityRules, e.boundary); err != nil {
			return err
		}
	}
	if policies.Resource != nil {
		e.resource = &verdict{}
		return e.judge(*policies.Resource, resourceGrammar, e.resource)
	}
	return nil
}

// decide weighs the verdicts: a deny anywhere ends the matter.
func (e *evaluation) decide() (Decision, error) {
	if e.request.Principal.Kind != Anonymous && strings.EqualFold(e.request.Action, unconditional) {
		return e.decision(Allow, &Ref{Policy: "needing no permission at all"}, ""), nil
	}
	for _, v := range []*verdict{&e.identity, e.boundary, e.resource} {
		if v != nil && v.deny != nil {
			return e.decision(ExplicitDeny, v.deny, ""), nil
		}
	}
	switch e.request.Principal.Kind {
	case RoleSession:
		return e.decideSession()
	case Root:
		return e.decideRoot(), nil
	default:
		// Services, federated users and strangers have no policies of their own.
		if grant := e.resource.best(direct); grant != nil {
			return e.decision(Allow, grant, ""), nil
		}
		return e.implicit("no statement allows it"), nil
	}
}

// decideRoot decides for the account's root user, who may do everything but
// assume roles and use keys whose policies leave it out.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user.html
func (e *evaluation) decideRoot() Decision {
	switch e.kind {
	case Role:
		return e.implicit("roles may not be assumed by root accounts")
	case Key:
		if grant := e.resource.best(byAccount); grant != nil {
			return e.decision(Allow, grant, "")
		}
		return e.implicit("no statement allows it")
	default:
		return e.decision(Allow, &Ref{Policy: "being the account's root user"}, "")
	}
}

// decideSession decides for a session of a role.
//
// A statement of a resource's policy that names the session, or everyone,
// grants to the session itself: no boundary limits that. One that names the
// role grants to the role, within its boundary. One that names the account
// grants nothing by itself; it lets the policies of identities count, where
// they do not count anyway.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles
func (e *evaluation) decideSession() (Decision, error) {
	identity := e.identity.best(direct)
	if e.foreign() {
		return e.decideForeign(identity)
	}
	if grant := e.resource.best(direct); grant != nil {
		return e.decision(Allow, grant, ""), nil
	}
	if grant := e.resource.best(byRole); grant != nil && e.withinBoundary() {
		return e.decision(Allow, grant, ""), nil
	}
	if identity == nil {
		return e.beyondBoundaryOr(e.resource.best(byRole), "no statement allows it"), nil
	}
	if e.kind != Ordinary && e.resource.best(byAccount) == nil {
		return e.implicit(identity.String() + " allows it, but the resource's own policy does not let the account's policies decide"), nil
	}
	return e.limited(identity), nil
}

// foreign tells whether the resource belongs to another account.
func (e *evaluation) foreign() bool {
	account := accountOf(e.request.Resource)
	return account != "" && account != "aws" && account != e.request.Principal.Account()
}

// decideForeign decides on another account's resource, which both sides must
// allow. EC2's resources have no policies: they are shared by RAM, unseen.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
func (e *evaluation) decideForeign(identity *Ref) (Decision, error) {
	switch {
	case identity == nil:
		return e.implicit("no statement allows it"), nil
	case e.resource == nil && strings.HasPrefix(e.request.Resource, "arn:"+e.request.Partition+":ec2:"):
		return e.limited(identity), nil
	case e.resource == nil:
		return Decision{}, fmt.Errorf("%s allows %s, but %s is another account's, and its policy is not known", identity, e.request.Action, e.request.Resource)
	case e.resource.best(byAccount) == nil:
		return e.implicit(identity.String() + " allows it, but the policy of the other account's resource does not"), nil
	}
	return e.limited(identity), nil
}

// limited allows what a statement grants, within the boundary.
func (e *evaluation) limited(grant *Ref) Decision {
	if e.withinBoundary() {
		return e.decision(Allow, grant, "")
	}
	return e.beyondBoundaryOr(grant, "")
}

func (e *evaluation) withinBoundary() bool {
	return e.boundary == nil || e.boundary.best(direct) != nil
}

// beyondBoundaryOr blames the boundary where a statement grants, and gives
// the other reason where none does.
func (e *evaluation) beyondBoundaryOr(grant *Ref, reason string) Decision {
	if grant == nil {
		return e.implicit(reason)
	}
	denied := e.decision(ImplicitDeny, nil, grant.String()+" allows it, but the permissions boundary does not")
	denied.Nearest = e.boundary.near
	return denied
}

func (e *evaluation) implicit(reason string) Decision {
	denied := e.decision(ImplicitDeny, nil, reason)
	denied.Nearest = append(denied.Nearest, e.identity.near...)
	if e.resource != nil {
		denied.Nearest = append(denied.Nearest, e.resource.near...)
	}
	return denied
}

func (e *evaluation) decision(effect Effect, by *Ref, reason string) Decision {
	return Decision{
		Allowed: effect == Allow, Effect: effect, By: by, Reason: reason,
		Principal: e.request.Principal.String(), Action: e.request.Action, Resource: e.request.Resource,
	}
}

// accountOf is the account in an ARN, or "".
func accountOf(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return ""
	}
	return parts[4]
}
