package cloud

import (
	"maps"
	"slices"
)

// Instance is an EC2 instance that runs. One that is terminated is no more.
type Instance struct {
	ID               string   `json:"id"`
	Region           string   `json:"region"`
	Type             string   `json:"type"`
	ImageID          string   `json:"imageId"`
	SubnetID         string   `json:"subnetId"`
	SecurityGroupIDs []string `json:"securityGroupIds"` // of its network interface
	Profile          string   `json:"profile"`          // an instance profile's name
	PrivateDNSName   string   `json:"privateDnsName"`
	Tags             Tags     `json:"tags,omitempty"`
}

// LaunchTemplate is a launch template, without what instances get from it.
type LaunchTemplate struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Region string `json:"region"`
	Tags   Tags   `json:"tags,omitempty"`
}

// CreateLaunchTemplate makes a launch template and returns its id.
func (c *Client) CreateLaunchTemplate(in LaunchTemplate) (string, error) {
	err := c.write(ec2Service, "CreateLaunchTemplate", func(st *State) error {
		in.ID, in.Region = "lt-0"+HexID("launch template "+c.Region+in.Name, 16), c.Region
		if _, exists := st.LaunchTemplates[in.ID]; exists {
			return refuse("InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use.")
		}
		if err := checkTags(ec2Service, in.Tags, nil); err != nil {
			return err
		}
		in.Tags = maps.Clone(in.Tags)
		st.LaunchTemplates[in.ID] = &in
		return nil
	})
	return in.ID, err
}

// DescribeLaunchTemplates returns the launch templates that pass the filters.
func (c *Client) DescribeLaunchTemplates(filters []Filter) ([]LaunchTemplate, error) {
	return read(c, ec2Service, "DescribeLaunchTemplates", func(st *State) ([]LaunchTemplate, error) {
		return describe(st.LaunchTemplates, c.Region, filters, func(t *LaunchTemplate) (string, Tags, attributes) {
			return t.Region, t.Tags, table(map[string][]string{"launch-template-name": {t.Name}})
		})
	})
}

// DeleteLaunchTemplate removes a launch template.
func (c *Client) DeleteLaunchTemplate(id string) error {
	return c.write(ec2Service, "DeleteLaunchTemplate", func(st *State) error {
		if template, ok := st.LaunchTemplates[id]; !ok || template.Region != c.Region {
			return refuse("InvalidLaunchTemplateId.NotFound", "The specified launch template, with template ID %s, does not exist.", id)
		}
		delete(st.LaunchTemplates, id)
		return nil
	})
}

// CreateFleet launches one instance and returns its id, which follows from the
// token of the request.
func (c *Client) CreateFleet(token string, in Instance) (string, error) {
	err := c.write(ec2Service, "CreateFleet", func(st *State) error {
		in.ID, in.Region = "i-0"+HexID("instance "+c.Region+token, 16), c.Region
		if _, running := st.Instances[in.ID]; running {
			return nil // the token was used: it is the answer of then
		}
		for _, id := range append([]string{in.SubnetID}, in.SecurityGroupIDs...) {
			if _, err := st.ec2Resource(c.Region, id); err != nil {
				return err
			}
		}
		if _, exists := st.InstanceProfiles[in.Profile]; !exists {
			return refuse("InvalidParameterValue", "Value (%s) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name", in.Profile)
		}
		if err := checkTags(ec2Service, in.Tags, nil); err != nil {
			return err
		}
		in.Tags, in.SecurityGroupIDs = maps.Clone(in.Tags), slices.Clone(in.SecurityGroupIDs)
		in.PrivateDNSName = in.ID + "." + c.Region + ".compute.internal"
		st.Instances[in.ID] = &in
		return nil
	})
	return in.ID, err
}

// DescribeInstances returns the instances that pass the filters.
func (c *Client) DescribeInstances(filters []Filter) ([]Instance, error) {
	return read(c, ec2Service, "DescribeInstances", func(st *State) ([]Instance, error) {
		found, err := describe(st.Instances, c.Region, filters, func(i *Instance) (string, Tags, attributes) {
			return i.Region, i.Tags, table(map[string][]string{
				"instance-id":         {i.ID},
				"subnet-id":           {i.SubnetID},
				"instance.group-id":   i.SecurityGroupIDs,
				"instance-state-name": {"running"},
			})
		})
		return clone(found), err
	})
}

// TerminateInstances ends an instance; its network interface goes with it.
func (c *Client) TerminateInstances(id string) error {
	return c.write(ec2Service, "TerminateInstances", func(st *State) error {
		if instance, ok := st.Instances[id]; !ok || instance.Region != c.Region {
			return refuse("InvalidInstanceID.NotFound", "The instance ID '%s' does not exist", id)
		}
		delete(st.Instances, id)
		return nil
	})
}

// DeleteSecurityGroup removes a security group that no instance is in and that
// is not a cluster's.
func (c *Client) DeleteSecurityGroup(id string) error {
	return c.write(ec2Service, "DeleteSecurityGroup", func(st *State) error {
		if _, err := st.ec2Resource(c.Region, id); err != nil {
			return err
		}
		used := func(groups []string) bool { return slices.Contains(groups, id) }
		for _, instance := range st.Instances {
			if used(instance.SecurityGroupIDs) {
				return refuse("DependencyViolation", "resource %s has a dependent object", id)
			}
		}
		for _, cluster := range st.Clusters {
			if used(append(slices.Clone(cluster.SecurityGroupIDs), cluster.PrimaryGroupID)) {
				return refuse("DependencyViolation", "resource %s has a dependent object", id)
			}
		}
		delete(st.SecurityGroups, id)
		return nil
	})
}
