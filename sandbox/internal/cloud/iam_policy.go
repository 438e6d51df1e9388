package cloud

import (
	"maps"
	"slices"
	"strings"

	"github.com/grafanix/eks-karpenter/sandbox/internal/policydoc"
)

// maxManagedPolicy is the size of a managed policy, white space not counted:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const maxManagedPolicy = 6144

// Policy is a customer managed policy. Only its default version is kept: the
// callers here delete old versions before the limit of five.
type Policy struct {
	Name        string `json:"name"`
	Path        string `json:"path"`
	ARN         string `json:"arn"`
	ID          string `json:"id"`
	Description string `json:"description,omitempty"`
	Document    string `json:"document"`
	Tags        Tags   `json:"tags,omitempty"`
}

var (
	policyName        = constraint{"policyName", iamNamePattern, 128}
	policyDescription = constraint{"description", `(?s).*`, 1000}
)

// CreatePolicy makes a managed policy and returns its ARN.
func (c *Client) CreatePolicy(in Policy) (string, error) {
	err := c.write(iamService, "CreatePolicy", func(st *State) error {
		err := firstError(
			func() error { return policyName.check("ValidationError", in.Name) },
			func() error { return iamPath.check("ValidationError", in.Path) },
			func() error { return policyDescription.check("ValidationError", in.Description) },
			func() error { return checkTags(iamService, in.Tags, nil) },
			func() error { return st.checkManagedPolicy(in.Document) },
		)
		if err != nil {
			return err
		}
		for _, policy := range st.Policies {
			if strings.EqualFold(policy.Name, in.Name) {
				return refuse("EntityAlreadyExists", "A policy called %s already exists. Duplicate names are not allowed.", in.Name)
			}
		}
		in.ARN = st.ARN("iam", "", "policy"+in.Path+in.Name)
		in.ID = UniqueID("ANPA", in.ARN)
		in.Tags = maps.Clone(in.Tags)
		st.Policies[in.ARN] = &in
		return nil
	})
	return in.ARN, err
}

func (st *State) checkManagedPolicy(document string) error {
	if err := st.checkIdentityPolicy(document); err != nil {
		return err
	}
	if policydoc.Size(document) > maxManagedPolicy {
		return refuse("LimitExceeded", "Cannot exceed quota for PolicySize: %d", maxManagedPolicy)
	}
	return nil
}

func (st *State) checkIdentityPolicy(document string) error {
	return checkDocument("MalformedPolicyDocument", document, policydoc.Rules{
		Principal: policydoc.Forbidden,
		Resource:  policydoc.Required,
		PlainSids: true,
		Partition: st.Partition,
	})
}

// GetPolicy returns a managed policy and how many entities it is attached to.
func (c *Client) GetPolicy(arn string) (Policy, int, error) {
	attachments := 0
	policy, err := read(c, iamService, "GetPolicy", func(st *State) (Policy, error) {
		policy, err := st.policy(arn)
		if err != nil {
			return Policy{}, err
		}
		attachments = st.attachments(arn)
		found := *policy
		found.Tags = maps.Clone(policy.Tags)
		return found, nil
	})
	return policy, attachments, err
}

func (st *State) policy(arn string) (*Policy, error) {
	policy, ok := st.Policies[arn]
	if !ok {
		return nil, refuse("NoSuchEntity", "Policy %s was not found.", arn)
	}
	return policy, nil
}

func (st *State) attachments(arn string) int {
	count := 0
	for _, role := range st.Roles {
		if slices.Contains(role.Attached, arn) {
			count++
		}
	}
	return count
}

// CreatePolicyVersion sets a policy's document, as its default version.
func (c *Client) CreatePolicyVersion(arn, document string) error {
	return c.write(iamService, "CreatePolicyVersion", func(st *State) error {
		policy, err := st.policy(arn)
		if err != nil {
			return err
		}
		if err := st.checkManagedPolicy(document); err != nil {
			return err
		}
		policy.Document = document
		return nil
	})
}

// TagPolicy makes tags the policy's only ones.
func (c *Client) TagPolicy(arn string, tags Tags) error {
	return c.write(iamService, "TagPolicy", func(st *State) error {
		policy, err := st.policy(arn)
		if err != nil {
			return err
		}
		if err := checkTags(iamService, tags, policy.Tags); err != nil {
			return err
		}
		policy.Tags = maps.Clone(tags)
		return nil
	})
}

// DeletePolicy removes a policy that nothing has attached or as a boundary.
func (c *Client) DeletePolicy(arn string) error {
	return c.write(iamService, "DeletePolicy", func(st *State) error {
		if _, err := st.policy(arn); err != nil {
			return err
		}
		if st.attachments(arn) > 0 {
			return refuse("DeleteConflict", "Cannot delete a policy attached to entities.")
		}
		for _, role := range st.Roles {
			if role.Boundary == arn {
				return refuse("DeleteConflict", "Cannot delete a policy attached to entities.")
			}
		}
		delete(st.Policies, arn)
		return nil
	})
}

// checkAttachable judges a policy ARN that a role is to have.
func (st *State) checkAttachable(arn string) error {
	parts, ok := parseARN(arn)
	if !ok || parts.service != "iam" || !strings.HasPrefix(parts.resource, "policy/") || parts.partition != st.Partition {
		return refuse("InvalidInput", "ARN %s is not valid.", arn)
	}
	if parts.account == "aws" {
		if !slices.Contains(awsManagedPolicies, strings.TrimPrefix(parts.resource, "policy/")) {
			return refuse("NoSuchEntity", "Policy %s does not exist or is not attachable.", arn)
		}
		return nil
	}
	if _, exists := st.Policies[arn]; !exists {
		return refuse("NoSuchEntity", "Policy %s does not exist or is not attachable.", arn)
	}
	return nil
}

func (st *State) checkBoundary(arn string) error {
	if arn == "" {
		return nil
	}
	err := st.checkAttachable(arn)
	if IsMissing(err) {
		return refuse("NoSuchEntity", "Scope ARN: %s does not exist or is not attachable.", arn)
	}
	return err
}
