package cloud

import (
	"regexp"
	"slices"
	"strings"
)

// nodeGroupName is the form of a node group's name:
// https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html
var nodeGroupName = constraint{"nodegroupName", `[0-9A-Za-z][A-Za-z0-9\-_]*`, 63}

const (
	customAMI    = "CUSTOM"
	defaultDisk  = 20
	defaultType  = "t3.medium"
	releaseOfAMI = ".1-20251112"
)

// checkNodeGroup sets what EKS chooses for a group, judges the whole, and
// returns the launch template's version that the group names.
func (c *Client) checkNodeGroup(st *State, cluster *Cluster, in *NodeGroup) (TemplateVersion, error) {
	template, err := st.templateOf(c.Region, in)
	if err != nil {
		return template, err
	}
	if err := in.agree(template); err != nil {
		return template, err
	}
	in.chooseDefaults(cluster, template)
	return template, firstError(
		func() error { return nodeGroupName.check("InvalidParameterException", in.Name) },
		in.Scaling.check,
		func() error { return in.checkNodeVersion(cluster) },
		func() error { return c.checkNodeRole(st, in.RoleARN) },
		func() error { return st.checkNodeSubnets(c.Region, cluster, in.SubnetIDs) },
		func() error { return in.checkTypes(template) },
		in.checkLabels,
		func() error { return st.checkTemplateGroups(c.Region, template) },
		func() error { return checkTags(eksService, in.Tags, nil) },
	)
}

// templateOf finds the version of the launch template that a group names, by
// id or by name, and completes the reference.
func (st *State) templateOf(region string, in *NodeGroup) (TemplateVersion, error) {
	if in.LaunchTemplate == nil {
		return TemplateVersion{}, nil
	}
	named := *in.LaunchTemplate
	template := st.LaunchTemplates[named.ID]
	if named.ID == "" {
		template = st.templateNamed(region, named.Name)
	}
	if template == nil || template.Region != region {
		return TemplateVersion{}, refuse("InvalidRequestException", "Launch template %s%s not found.", named.ID, named.Name)
	}
	in.LaunchTemplate = &TemplateRef{ID: template.ID, Name: template.Name, Version: named.Version}
	version, err := template.version(named.Version)
	if err != nil {
		return TemplateVersion{}, refuse("InvalidParameterException", "Could not find the specified version %s for the launch template with ID %s.", named.Version, template.ID)
	}
	return version, nil
}

// agree refuses what a launch template may not say, or what it and the group
// both say.
// https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html
func (g *NodeGroup) agree(template TemplateVersion) error {
	if g.LaunchTemplate == nil {
		return nil
	}
	switch {
	case template.ProfileARN != "" || template.ProfileName != "":
		return refuse("InvalidParameterException", "Launch template %s should not specify an instance profile. The noderole in your request will be used to construct an instance profile.", g.LaunchTemplate.Name)
	case template.ShutdownAction != "":
		return refuse("InvalidParameterException", "Launch template %s should not specify an instance initiated shutdown behavior.", g.LaunchTemplate.Name)
	case g.DiskSize != 0:
		return refuse("InvalidParameterException", "Disk size must be specified within the launch template.")
	case template.InstanceType != "" && len(g.InstanceTypes) > 0:
		return refuse("InvalidParameterException", "Cannot specify instance types in launch template and API request")
	case template.ImageID != "" && g.AMIType != "" && g.AMIType != customAMI:
		return refuse("InvalidParameterException", "You cannot specify an AMI Type other than CUSTOM, when specifying an image id in your launch template.")
	}
	return nil
}

func (g *NodeGroup) chooseDefaults(cluster *Cluster, template TemplateVersion) {
	if g.Version == "" {
		g.Version = cluster.Version
	}
	if g.CapacityType == "" {
		g.CapacityType = "ON_DEMAND"
	}
	if len(g.InstanceTypes) == 0 && template.InstanceType == "" {
		g.InstanceTypes = []string{defaultType}
	}
	switch {
	case template.ImageID != "":
		g.AMIType = customAMI
	case g.AMIType == "" && isARM(slices.Concat(g.InstanceTypes, []string{template.InstanceType})[0]):
		g.AMIType = "AL2023_ARM_64_STANDARD"
	case g.AMIType == "":
		g.AMIType = "AL2023_x86_64_STANDARD"
	}
	if g.ReleaseVersion == "" {
		if g.ReleaseVersion = template.ImageID; g.ReleaseVersion == "" {
			g.ReleaseVersion = g.Version + releaseOfAMI
		}
	}
	if g.DiskSize == 0 && g.LaunchTemplate == nil {
		g.DiskSize = defaultDisk
	}
	if g.Update == (UpdateLimit{}) {
		g.Update.MaxUnavailable = 1
	}
}

func (s Scaling) check() error {
	switch {
	case s.Min > s.Desired:
		return refuse("InvalidParameterException", "Minimum capacity %d can't be greater than desired size %d", s.Min, s.Desired)
	case s.Desired > s.Max:
		return refuse("InvalidParameterException", "desired capacity %d can't be greater than max size %d", s.Desired, s.Max)
	}
	return nil
}

func (g *NodeGroup) checkNodeVersion(cluster *Cluster) error {
	if err := checkVersion(g.Version); err != nil {
		return err
	}
	if compareVersions(g.Version, cluster.Version) > 0 {
		return refuse("InvalidParameterException", "Nodegroup Kubernetes version %s is newer than the cluster's version %s", g.Version, cluster.Version)
	}
	if strings.HasPrefix(g.AMIType, "AL2_") && compareVersions(g.Version, "1.32") > 0 {
		return refuse("InvalidParameterException", "AMI Type %s is only supported for kubernetes versions 1.32 or earlier", g.AMIType)
	}
	return nil
}

func (c *Client) checkNodeRole(st *State, arn string) error {
	role := st.roleByARN(arn)
	if role == nil {
		return refuse("InvalidParameterException", "The role with name %s cannot be found.", arn[strings.LastIndex(arn, "/")+1:])
	}
	service := "ec2." + DNSSuffix(st.Partition) // in China, no other will do
	trusted, err := c.trusts(st, role, "", service)
	if err == nil && !trusted {
		err = refuse("InvalidParameterException", "Following required service principals [%s] were not found in the trust relationships of nodeRole %s", service, arn)
	}
	return err
}

func (st *State) checkNodeSubnets(region string, cluster *Cluster, ids []string) error {
	if _, err := st.checkSubnets(region, ids); err != nil {
		return err
	}
	if len(ids) == 0 {
		return refuse("InvalidParameterException", "Subnets cannot be empty")
	}
	if vpc := st.Subnets[ids[0]].VPCID; vpc != cluster.VPCID {
		return refuse("InvalidParameterException", "Subnets %v are in %s, not in the VPC %s of the cluster", ids, vpc, cluster.VPCID)
	}
	return nil
}

// armType are the types of instances with AWS's own processors, and the first
// one, a1.
// https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
var armType = regexp.MustCompile(`^([a-z]+\d+g[a-z-]*|a1)\.`)

func isARM(instanceType string) bool { return armType.MatchString(instanceType) }

// checkTypes refuses instance types of another processor than the AMI's.
func (g *NodeGroup) checkTypes(template TemplateVersion) error {
	if g.AMIType == customAMI {
		return nil
	}
	for _, instanceType := range append(slices.Clone(g.InstanceTypes), template.InstanceType) {
		if instanceType != "" && isARM(instanceType) != strings.Contains(g.AMIType, "ARM_64") {
			return refuse("InvalidParameterException", "[%s] is not a valid instance type for requested amiType %s", instanceType, g.AMIType)
		}
	}
	return nil
}

// reservedLabels may not begin a label that a group gives its nodes.
// https://docs.aws.amazon.com/eks/latest/userguide/create-managed-node-group.html
var reservedLabels = []string{"kubernetes.io/", "k8s.io/", "eks.amazonaws.com/"}

func (g *NodeGroup) checkLabels() error {
	for label := range g.Labels {
		for _, prefix := range reservedLabels {
			if strings.HasPrefix(label, prefix) {
				return refuse("InvalidParameterException", "Label cannot contain reserved prefixes [%s]", strings.Join(reservedLabels, ", "))
			}
		}
	}
	return nil
}

func (st *State) checkTemplateGroups(region string, template TemplateVersion) error {
	for _, id := range template.GroupIDs {
		if _, err := st.group(region, id); err != nil {
			return refuse("InvalidParameterException", "The security group '%s' does not exist", id)
		}
	}
	return nil
}
