package authorize

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/grafanix/eks-karpenter/sandbox/internal/policydoc"
)

// Kind is a kind of principal.
type Kind int

// The kinds of principals. The zero value is nobody in particular.
const (
	Anonymous Kind = iota
	RoleSession
	Service
	Federated
	Root
)

// Principal is who makes a request. Which fields count depends on the kind.
type Principal struct {
	Kind Kind
	// RoleARN, RoleID, SessionName and Tags make a role session; the tags are
	// those of the role and of the session together. Provider is the identity
	// provider's ARN where the session began with a web identity.
	RoleARN     string
	RoleID      string
	SessionName string
	Tags        map[string]string
	// Provider is also who a federated user comes from.
	Provider string
	// Names are those of a service: one, or more where partitions differ.
	Names []string
	// SourceARN and SourceAccount are on whose behalf a service acts.
	SourceARN     string
	SourceAccount string
	// RootARN is the root user's.
	RootARN string
}

func (p Principal) check() error {
	switch {
	case p.Kind == RoleSession && (roleName(p.RoleARN) == "" || p.SessionName == ""):
		return fmt.Errorf("a role session needs a role's ARN and a name, got %q and %q", p.RoleARN, p.SessionName)
	case p.Kind == Service && len(p.Names) == 0:
		return errors.New("a service principal needs a name")
	case p.Kind == Federated && p.Provider == "":
		return errors.New("a federated principal needs a provider")
	case p.Kind == Root && !strings.HasSuffix(p.RootARN, ":root"):
		return fmt.Errorf("%q is not the ARN of a root user", p.RootARN)
	case p.Kind < Anonymous || p.Kind > Root:
		return errors.New("unknown kind of principal")
	}
	return nil
}

// Account is the principal's own, or "".
func (p Principal) Account() string {
	return accountOf(p.RoleARN + p.RootARN)
}

// String is the principal as AWS's errors name it.
func (p Principal) String() string {
	switch p.Kind {
	case RoleSession:
		return p.SessionARN()
	case Service:
		return p.Names[0]
	case Federated:
		return p.Provider
	case Root:
		return p.RootARN
	default:
		return "anonymous"
	}
}

// SessionARN is the ARN of a role session: the role's path is not in it.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
func (p Principal) SessionARN() string {
	parts := strings.SplitN(p.RoleARN, ":", 6)
	if len(parts) < 6 {
		return ""
	}
	return fmt.Sprintf("arn:%s:sts::%s:assumed-role/%s/%s", parts[1], parts[4], roleName(p.RoleARN), p.SessionName)
}

// roleName is the name in a role's ARN, without its path.
func roleName(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[2] != "iam" || !strings.HasPrefix(parts[5], "role/") {
		return ""
	}
	return parts[5][strings.LastIndex(parts[5], "/")+1:]
}

// keys are the condition keys that follow from the principal alone.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func (p Principal) keys() map[string][]string {
	keys := map[string][]string{"aws:PrincipalIsAWSService": {"false"}}
	set := func(key, value string) {
		if value != "" {
			keys[key] = []string{value}
		}
	}
	switch p.Kind {
	case RoleSession:
		set("aws:PrincipalArn", p.RoleARN)
		set("aws:PrincipalAccount", p.Account())
		set("aws:PrincipalType", "AssumedRole")
		set("aws:FederatedProvider", p.Provider)
		set("aws:ViaAWSService", "false")
		if p.RoleID != "" {
			set("aws:userid", p.RoleID+":"+p.SessionName)
		}
		for key, value := range p.Tags {
			keys["aws:PrincipalTag/"+key] = []string{value}
		}
	case Root:
		set("aws:PrincipalArn", p.RootARN)
		set("aws:PrincipalAccount", p.Account())
		set("aws:PrincipalType", "Account")
		set("aws:userid", p.Account())
	case Service:
		set("aws:PrincipalIsAWSService", "true")
		set("aws:PrincipalServiceName", p.Names[0])
		keys["aws:PrincipalServiceNamesList"] = p.Names
		set("aws:SourceArn", p.SourceARN)
		set("aws:SourceAccount", p.SourceAccount)
	case Anonymous:
		set("aws:PrincipalType", "Anonymous")
		set("aws:userid", "anonymous")
	case Federated:
		set("aws:FederatedProvider", p.Provider)
	}
	return keys
}

// grade is how closely a statement names a principal.
type grade int

const (
	unnamed grade = iota
	byAccount
	byRole
	direct
)

// named grades a statement's Principal element. Everyone is not taken to mean
// federated users in an Allow: their provider must be named there.
func (p Principal) named(principals *policydoc.Principals, allow bool) grade {
	everyone := principals.Everyone || slices.Contains(principals.ByKind["AWS"], "*")
	if everyone && (p.Kind != Federated || !allow) {
		return direct
	}
	switch p.Kind {
	case Service:
		if slices.ContainsFunc(p.Names, func(name string) bool { return slices.Contains(principals.ByKind["Service"], name) }) {
			return direct
		}
	case Federated:
		if slices.Contains(principals.ByKind["Federated"], p.Provider) {
			return direct
		}
	case RoleSession, Root:
		return p.namedByARN(principals.ByKind["AWS"])
	case Anonymous:
	}
	return unnamed
}

func (p Principal) namedByARN(values []string) grade {
	best := unnamed
	for _, value := range values {
		switch {
		case p.Kind == RoleSession && value == p.SessionARN():
			return direct
		case p.Kind == RoleSession && (value == p.RoleARN || (p.RoleID != "" && value == p.RoleID)):
			best = max(best, byRole)
		case value == p.Account() || (strings.HasSuffix(value, ":iam::"+p.Account()+":root")):
			best = max(best, byAccount)
		}
	}
	return best
}
