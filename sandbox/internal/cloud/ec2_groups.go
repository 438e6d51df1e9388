package cloud

import (
	"maps"
	"slices"
	"strings"
)

// NoGroup is EC2's code for a security group that does not exist.
const NoGroup = "InvalidGroup.NotFound"

// The forms of a security group's name and description:
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
var (
	groupName        = constraint{"GroupName", `[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]+`, 255}
	groupDescription = constraint{"GroupDescription", `[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]+`, 255}
)

// CreateSecurityGroup makes a security group and returns its id. As in EC2 it
// lets everything out.
func (c *Client) CreateSecurityGroup(in SecurityGroup) (string, error) {
	err := c.write(ec2Service, "CreateSecurityGroup", func(st *State) error {
		if err := st.checkGroup(c.Region, in); err != nil {
			return err
		}
		in.Region = c.Region
		in.ID = "sg-0" + HexID("security group "+c.Region+in.VPCID+in.Name, 16)
		in.Tags = maps.Clone(in.Tags)
		st.SecurityGroups[in.ID] = &in
		st.letOut(&in)
		return nil
	})
	return in.ID, err
}

func (st *State) checkGroup(region string, in SecurityGroup) error {
	if in.VPCID == "" {
		return refuse("VPCIdNotSpecified", "No default VPC for this user")
	}
	if _, err := st.ec2Resource(region, in.VPCID); err != nil {
		return err
	}
	if in.Name == "default" {
		return refuse("InvalidParameterValue", "Cannot use reserved security group name: default")
	}
	if strings.HasPrefix(in.Name, "sg-") {
		return refuse("InvalidParameterValue", "Value (%s) for parameter GroupName is invalid. Group names may not be in the format sg-*", in.Name)
	}
	for _, group := range st.SecurityGroups {
		if group.VPCID == in.VPCID && group.Name == in.Name {
			return refuse("InvalidGroup.Duplicate", "The security group '%s' already exists for VPC '%s'", in.Name, in.VPCID)
		}
	}
	return firstError(
		func() error { return groupName.check("InvalidParameterValue", in.Name) },
		func() error { return groupDescription.check("InvalidParameterValue", in.Description) },
		func() error { return checkTags(ec2Service, in.Tags, nil) },
	)
}

// letOut adds the rule that a new group has.
func (st *State) letOut(group *SecurityGroup) {
	st.addRule(group, SecurityGroupRule{Egress: true, Protocol: anyProtocol, FromPort: -1, ToPort: -1, CIDRv4: everywhere})
}

// DescribeSecurityGroup returns a security group.
func (c *Client) DescribeSecurityGroup(id string) (SecurityGroup, error) {
	return read(c, ec2Service, "DescribeSecurityGroups", func(st *State) (SecurityGroup, error) {
		group, err := st.group(c.Region, id)
		if err != nil {
			return SecurityGroup{}, err
		}
		found := *group
		found.Tags = maps.Clone(group.Tags)
		return found, nil
	})
}

func (st *State) group(region, id string) (*SecurityGroup, error) {
	group, ok := st.SecurityGroups[id]
	if !ok || group.Region != region {
		return nil, refuse(NoGroup, "The security group '%s' does not exist", id)
	}
	return group, nil
}

// SetTags makes tags the only ones of a thing of EC2, but for those of AWS.
func (c *Client) SetTags(id string, tags Tags) error {
	return c.write(ec2Service, "CreateTags", func(st *State) error {
		resource, err := st.ec2Resource(c.Region, id)
		if err != nil {
			return err
		}
		if err := checkTags(ec2Service, tags, *resource.tags); err != nil {
			return err
		}
		all := maps.Clone(tags)
		for key, value := range *resource.tags {
			if strings.HasPrefix(key, "aws:") {
				all = with(all, key, value)
			}
		}
		*resource.tags = all
		return nil
	})
}

// with returns tags with one more.
func with(tags Tags, key, value string) Tags {
	more := maps.Clone(tags)
	if more == nil {
		more = Tags{}
	}
	more[key] = value
	return more
}

// DeleteSecurityGroup removes a security group that nothing uses, with its
// rules.
func (c *Client) DeleteSecurityGroup(id string) error {
	return c.write(ec2Service, "DeleteSecurityGroup", func(st *State) error {
		if _, err := st.group(c.Region, id); err != nil {
			return err
		}
		if st.groupInUse(id) {
			return refuse("DependencyViolation", "resource %s has a dependent object", id)
		}
		st.dropGroup(id)
		return nil
	})
}

func (st *State) dropGroup(id string) {
	maps.DeleteFunc(st.GroupRules, func(_ string, rule *SecurityGroupRule) bool { return rule.GroupID == id })
	delete(st.SecurityGroups, id)
}

// groupInUse tells whether a network interface has the group, or another
// group's rule names it. A cluster's control plane and its nodes have
// interfaces.
func (st *State) groupInUse(id string) bool {
	for _, cluster := range st.Clusters {
		if cluster.PrimaryGroupID == id || slices.Contains(cluster.SecurityGroupIDs, id) {
			return true
		}
	}
	for _, instance := range st.Instances {
		if slices.Contains(instance.SecurityGroupIDs, id) {
			return true
		}
	}
	for _, rule := range st.GroupRules {
		if rule.ReferencedGroupID == id && rule.GroupID != id {
			return true
		}
	}
	return false
}
