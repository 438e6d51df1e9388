package cloud

import (
	"maps"
	"slices"
	"strings"
)

// InstanceProfile is an instance profile with at most one role.
type InstanceProfile struct {
	Name string `json:"name"`
	Path string `json:"path"`
	ARN  string `json:"arn"`
	ID   string `json:"id"`
	Role string `json:"role,omitempty"`
	Tags Tags   `json:"tags,omitempty"`
}

var profileName = constraint{"instanceProfileName", iamNamePattern, 128}

// CreateInstanceProfile makes an empty profile.
func (c *Client) CreateInstanceProfile(in InstanceProfile) error {
	return c.write(iamService, "CreateInstanceProfile", func(st *State) error {
		err := firstError(
			func() error { return profileName.check("ValidationError", in.Name) },
			func() error { return iamPath.check("ValidationError", in.Path) },
			func() error { return checkTags(iamService, in.Tags, nil) },
		)
		if err != nil {
			return err
		}
		if taken(st.InstanceProfiles, in.Name) {
			return refuse("EntityAlreadyExists", "Instance Profile %s already exists.", in.Name)
		}
		in.ARN = st.ARN("iam", "", "instance-profile"+in.Path+in.Name)
		in.ID = UniqueID("AIPA", in.ARN)
		in.Role = ""
		in.Tags = maps.Clone(in.Tags)
		st.InstanceProfiles[in.Name] = &in
		return nil
	})
}

// GetInstanceProfile returns a profile.
func (c *Client) GetInstanceProfile(name string) (InstanceProfile, error) {
	return read(c, iamService, "GetInstanceProfile", func(st *State) (InstanceProfile, error) {
		profile, err := st.instanceProfile(name)
		if err != nil {
			return InstanceProfile{}, err
		}
		found := *profile
		found.Tags = maps.Clone(profile.Tags)
		return found, nil
	})
}

// ListInstanceProfiles returns the profiles under a path, ordered by name.
func (c *Client) ListInstanceProfiles(pathPrefix string) ([]InstanceProfile, error) {
	return read(c, iamService, "ListInstanceProfiles", func(st *State) ([]InstanceProfile, error) {
		var found []InstanceProfile
		for _, name := range slices.Sorted(maps.Keys(st.InstanceProfiles)) {
			if profile := *st.InstanceProfiles[name]; strings.HasPrefix(profile.Path, pathPrefix) {
				profile.Tags = maps.Clone(profile.Tags)
				found = append(found, profile)
			}
		}
		return found, nil
	})
}

func (st *State) instanceProfile(name string) (*InstanceProfile, error) {
	profile, ok := st.InstanceProfiles[name]
	if !ok {
		return nil, refuse("NoSuchEntity", "Instance Profile %s cannot be found.", name)
	}
	return profile, nil
}

// AddRoleToInstanceProfile puts a role into an empty profile.
func (c *Client) AddRoleToInstanceProfile(name, role string) error {
	return c.changeProfile("AddRoleToInstanceProfile", name, func(st *State, profile *InstanceProfile) error {
		if _, err := st.role(role); err != nil {
			return err
		}
		if profile.Role != "" {
			return refuse("LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")
		}
		profile.Role = role
		return nil
	})
}

// RemoveRoleFromInstanceProfile takes the role out of a profile.
func (c *Client) RemoveRoleFromInstanceProfile(name, role string) error {
	return c.changeProfile("RemoveRoleFromInstanceProfile", name, func(_ *State, profile *InstanceProfile) error {
		if profile.Role != role {
			return refuse("NoSuchEntity", "Role %s in Instance Profile %s cannot be found.", role, name)
		}
		profile.Role = ""
		return nil
	})
}

// TagInstanceProfile makes tags the profile's only ones.
func (c *Client) TagInstanceProfile(name string, tags Tags) error {
	return c.changeProfile("TagInstanceProfile", name, func(_ *State, profile *InstanceProfile) error {
		if err := checkTags(iamService, tags, profile.Tags); err != nil {
			return err
		}
		profile.Tags = maps.Clone(tags)
		return nil
	})
}

// DeleteInstanceProfile removes an empty profile.
func (c *Client) DeleteInstanceProfile(name string) error {
	return c.changeProfile("DeleteInstanceProfile", name, func(st *State, profile *InstanceProfile) error {
		if profile.Role != "" {
			return refuse("DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.")
		}
		delete(st.InstanceProfiles, name)
		return nil
	})
}

func (c *Client) changeProfile(operation, name string, change func(*State, *InstanceProfile) error) error {
	return c.write(iamService, operation, func(st *State) error {
		profile, err := st.instanceProfile(name)
		if err != nil {
			return err
		}
		return change(st, profile)
	})
}
