package cloud

import (
	"maps"
	"slices"
)

// Instance is an EC2 instance that runs, such as a node of a node group.
type Instance struct {
	ID               string   `json:"id"`
	Region           string   `json:"region"`
	Type             string   `json:"type"`
	ImageID          string   `json:"imageId,omitempty"`
	SubnetID         string   `json:"subnetId"`
	SecurityGroupIDs []string `json:"securityGroupIds"`  // of its network interface
	Profile          string   `json:"profile,omitempty"` // an instance profile's name
	LaunchTemplateID string   `json:"launchTemplateId,omitempty"`
	PrivateDNSName   string   `json:"privateDnsName"`
	Lifecycle        string   `json:"lifecycle,omitempty"` // spot, or nothing
	Tags             Tags     `json:"tags,omitempty"`
}

// spotLifecycle marks a spot instance.
const spotLifecycle = "spot"

// DescribeInstances returns the instances that pass the filters.
func (c *Client) DescribeInstances(filters []Filter) ([]Instance, error) {
	return read(c, ec2Service, "DescribeInstances", func(st *State) ([]Instance, error) {
		found, err := describe(st.Instances, c.Region, filters, func(i *Instance) (string, Tags, attributes) {
			return i.Region, i.Tags, table(map[string][]string{
				"instance-id":         {i.ID},
				"instance-type":       {i.Type},
				"instance-lifecycle":  {i.Lifecycle},
				"instance-state-name": {"running"},
				"subnet-id":           {i.SubnetID},
				"vpc-id":              {st.Subnets[i.SubnetID].VPCID},
				"instance.group-id":   slices.Clone(i.SecurityGroupIDs),
				"private-dns-name":    {i.PrivateDNSName},
			})
		})
		return clone(found), err
	})
}

// spotInstances are the ids of the account's spot instances, in order.
func (st *State) spotInstances() []string {
	var ids []string
	for _, id := range slices.Sorted(maps.Keys(st.Instances)) {
		if st.Instances[id].Lifecycle == spotLifecycle {
			ids = append(ids, id)
		}
	}
	return ids
}
