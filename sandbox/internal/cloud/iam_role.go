package cloud

import (
	"maps"
	"slices"
	"strings"

	"github.com/grafanix/eks-karpenter/sandbox/internal/policydoc"
)

const iamService = "IAM"

// Quotas of roles:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const (
	maxTrustPolicy     = 2048
	maxInlinePolicies  = 10240
	maxAttached        = 10
	minSessionSeconds  = 3600
	maxSessionSeconds  = 43200
	maxRoleDescription = 1000
)

// Role is an IAM role.
type Role struct {
	Name        string            `json:"name"`
	Path        string            `json:"path"`
	ARN         string            `json:"arn"`
	ID          string            `json:"id"`
	Description string            `json:"description,omitempty"`
	TrustPolicy string            `json:"trustPolicy"`
	MaxSession  int               `json:"maxSession"`
	Boundary    string            `json:"boundary,omitempty"`
	Attached    []string          `json:"attached,omitempty"` // managed policies' ARNs, sorted
	Inline      map[string]string `json:"inline,omitempty"`   // documents by name
	Tags        Tags              `json:"tags,omitempty"`
}

// The forms of IAM names and paths:
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
const iamNamePattern = `[\w+=,.@-]+`

var (
	roleName        = constraint{"roleName", iamNamePattern, 64}
	iamPath         = constraint{"path", `(/)|(/[!-\x7F]+/)`, 512}
	roleDescription = constraint{"description", `[\x{0009}\x{000A}\x{000D}\x{0020}-\x{007E}\x{00A1}-\x{00FF}]*`, maxRoleDescription}
	sessionRange    = numberRange{"maxSessionDuration", minSessionSeconds, maxSessionSeconds}
)

// CreateRole makes a role; its ARN and id are AWS's to give.
func (c *Client) CreateRole(in Role) error {
	return c.write(iamService, "CreateRole", func(st *State) error {
		if err := st.checkRole(in); err != nil {
			return err
		}
		if taken(st.Roles, in.Name) {
			return refuse("EntityAlreadyExists", "Role with name %s already exists.", in.Name)
		}
		in.ARN = st.ARN("iam", "", "role"+in.Path+in.Name)
		in.ID = UniqueID("AROA", in.ARN)
		in.Tags = maps.Clone(in.Tags)
		in.Attached, in.Inline = nil, nil
		st.Roles[in.Name] = &in
		return nil
	})
}

func (st *State) checkRole(in Role) error {
	return firstError(
		func() error { return roleName.check("ValidationError", in.Name) },
		func() error { return iamPath.check("ValidationError", in.Path) },
		func() error { return roleDescription.check("ValidationError", in.Description) },
		func() error { return sessionRange.check("ValidationError", in.MaxSession) },
		func() error { return checkTags(iamService, in.Tags, nil) },
		func() error { return st.checkTrust(in.TrustPolicy) },
		func() error { return st.checkBoundary(in.Boundary) },
	)
}

// taken tells whether a name is used: IAM's names differ by more than case.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
func taken[T any](byName map[string]*T, name string) bool {
	for used := range byName {
		if strings.EqualFold(used, name) {
			return true
		}
	}
	return false
}

// firstError runs checks in order until one fails.
func firstError(checks ...func() error) error {
	for _, check := range checks {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (st *State) checkTrust(document string) error {
	rules := policydoc.Rules{
		Principal: policydoc.Required,
		Resource:  policydoc.Forbidden,
		Actions:   onlySTS,
		PlainSids: true,
		Partition: st.Partition,
		Known:     st.knownPrincipal,
	}
	if err := checkDocument("MalformedPolicyDocument", document, rules); err != nil {
		return err
	}
	if policydoc.Size(document) > maxTrustPolicy {
		return refuse("LimitExceeded", "Cannot exceed quota for ACLSizePerRole: %d", maxTrustPolicy)
	}
	return nil
}

func onlySTS(action string) error {
	if action == "*" || len(action) < 4 || action[:4] != "sts:" {
		return &policydoc.Problem{Message: "AssumeRole policy may only specify STS AssumeRole actions."}
	}
	return nil
}

// checkDocument judges a document under an error code of IAM's manner: the
// problem's words as they are.
func checkDocument(code, document string, rules policydoc.Rules) error {
	parsed, err := policydoc.Parse(document)
	if err == nil {
		err = parsed.Check(rules)
	}
	if err != nil {
		return refuse(code, "%s", err)
	}
	return nil
}

// GetRole returns a role.
func (c *Client) GetRole(name string) (Role, error) {
	return read(c, iamService, "GetRole", func(st *State) (Role, error) {
		role, err := st.role(name)
		if err != nil {
			return Role{}, err
		}
		found := *role
		found.Attached, found.Inline, found.Tags = slices.Clone(role.Attached), maps.Clone(role.Inline), maps.Clone(role.Tags)
		return found, nil
	})
}

func (st *State) role(name string) (*Role, error) {
	role, ok := st.Roles[name]
	if !ok {
		return nil, refuse("NoSuchEntity", "The role with name %s cannot be found.", name)
	}
	return role, nil
}

// changeRole runs an operation on a role that exists.
func (c *Client) changeRole(operation, name string, change func(*State, *Role) error) error {
	return c.write(iamService, operation, func(st *State) error {
		role, err := st.role(name)
		if err != nil {
			return err
		}
		if err := role.checkShapable(operation); err != nil {
			return err
		}
		return change(st, role)
	})
}

// UpdateRole sets a role's description and session duration.
func (c *Client) UpdateRole(name, description string, maxSession int) error {
	return c.changeRole("UpdateRole", name, func(_ *State, role *Role) error {
		if err := roleDescription.check("ValidationError", description); err != nil {
			return err
		}
		if err := sessionRange.check("ValidationError", maxSession); err != nil {
			return err
		}
		role.Description, role.MaxSession = description, maxSession
		return nil
	})
}

// UpdateAssumeRolePolicy sets a role's trust policy.
func (c *Client) UpdateAssumeRolePolicy(name, document string) error {
	return c.changeRole("UpdateAssumeRolePolicy", name, func(st *State, role *Role) error {
		if err := st.checkTrust(document); err != nil {
			return err
		}
		role.TrustPolicy = document
		return nil
	})
}

// PutRolePermissionsBoundary sets a role's boundary; an empty one removes it.
func (c *Client) PutRolePermissionsBoundary(name, policy string) error {
	return c.changeRole("PutRolePermissionsBoundary", name, func(st *State, role *Role) error {
		if err := st.checkBoundary(policy); err != nil {
			return err
		}
		role.Boundary = policy
		return nil
	})
}

// TagRole makes tags the role's only ones.
func (c *Client) TagRole(name string, tags Tags) error {
	return c.changeRole("TagRole", name, func(_ *State, role *Role) error {
		if err := checkTags(iamService, tags, role.Tags); err != nil {
			return err
		}
		role.Tags = maps.Clone(tags)
		return nil
	})
}

// DeleteRole removes a role that holds nothing and that no profile holds.
func (c *Client) DeleteRole(name string) error {
	return c.changeRole("DeleteRole", name, func(st *State, role *Role) error {
		for _, profile := range st.InstanceProfiles {
			if profile.Role == name {
				return refuse("DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.")
			}
		}
		if len(role.Attached) > 0 {
			return refuse("DeleteConflict", "Cannot delete entity, must detach all policies first.")
		}
		if len(role.Inline) > 0 {
			return refuse("DeleteConflict", "Cannot delete entity, must delete policies first.")
		}
		delete(st.Roles, name)
		return nil
	})
}

// knownPrincipal tells whether a principal's ARN can be trusted to exist:
// roles of this account must, other accounts' are beyond what is seen here.
func (st *State) knownPrincipal(arn string) bool {
	parts, ok := parseARN(arn)
	if !ok || parts.service != "iam" || parts.account != st.AccountID || parts.resource == "root" {
		return ok
	}
	return st.roleByARN(arn) != nil
}

func (st *State) roleByARN(arn string) *Role {
	for _, role := range st.Roles {
		if role.ARN == arn {
			return role
		}
	}
	return nil
}
