package cloud

import (
	"maps"
	"slices"
)

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
