package cloud

import (
	"maps"
	"slices"

	"github.com/grafanix/eks-karpenter/sandbox/internal/policydoc"
)

var inlinePolicyName = constraint{"policyName", iamNamePattern, 128}

// AttachRolePolicy attaches a managed policy; again is no change.
func (c *Client) AttachRolePolicy(roleName, policyARN string) error {
	return c.changeRole("AttachRolePolicy", roleName, func(st *State, role *Role) error {
		if err := st.checkAttachable(policyARN); err != nil {
			return err
		}
		if slices.Contains(role.Attached, policyARN) {
			return nil
		}
		if len(role.Attached) >= maxAttached {
			return refuse("LimitExceeded", "Cannot exceed quota for PoliciesPerRole: %d", maxAttached)
		}
		role.Attached = append(slices.Clone(role.Attached), policyARN)
		slices.Sort(role.Attached)
		return nil
	})
}

// DetachRolePolicy detaches a managed policy.
func (c *Client) DetachRolePolicy(roleName, policyARN string) error {
	return c.changeRole("DetachRolePolicy", roleName, func(_ *State, role *Role) error {
		at := slices.Index(role.Attached, policyARN)
		if at < 0 {
			return refuse("NoSuchEntity", "Policy %s was not found.", policyARN)
		}
		role.Attached = slices.Delete(slices.Clone(role.Attached), at, at+1)
		return nil
	})
}

// PutRolePolicy sets one inline policy of a role.
func (c *Client) PutRolePolicy(roleName, name, document string) error {
	return c.changeRole("PutRolePolicy", roleName, func(st *State, role *Role) error {
		if err := inlinePolicyName.check("ValidationError", name); err != nil {
			return err
		}
		if err := st.checkIdentityPolicy(document); err != nil {
			return err
		}
		inline := maps.Clone(role.Inline)
		if inline == nil {
			inline = map[string]string{}
		}
		inline[name] = document
		size := 0
		for _, document := range inline {
			size += policydoc.Size(document)
		}
		if size > maxInlinePolicies {
			return refuse("LimitExceeded", "Maximum policy size of %d bytes exceeded for role %s", maxInlinePolicies, roleName)
		}
		role.Inline = inline
		return nil
	})
}

// GetRolePolicy returns the document of one inline policy.
func (c *Client) GetRolePolicy(roleName, name string) (string, error) {
	return read(c, iamService, "GetRolePolicy", func(st *State) (string, error) {
		role, err := st.role(roleName)
		if err != nil {
			return "", err
		}
		document, ok := role.Inline[name]
		if !ok {
			return "", refuse("NoSuchEntity", "The role policy with name %s cannot be found.", name)
		}
		return document, nil
	})
}

// DeleteRolePolicy removes one inline policy.
func (c *Client) DeleteRolePolicy(roleName, name string) error {
	return c.changeRole("DeleteRolePolicy", roleName, func(_ *State, role *Role) error {
		if _, ok := role.Inline[name]; !ok {
			return refuse("NoSuchEntity", "The role policy with name %s cannot be found.", name)
		}
		role.Inline = maps.Clone(role.Inline)
		delete(role.Inline, name)
		return nil
	})
}
