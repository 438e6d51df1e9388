package cloud

import (
	"maps"
	"slices"
	"strings"
)

// FargateProfile tells EKS which pods run on Fargate. Only its tags change.
type FargateProfile struct {
	Name      string            `json:"name"`
	ARN       string            `json:"arn"`
	Cluster   string            `json:"cluster"`
	RoleARN   string            `json:"roleArn"` // the pods' execution role
	SubnetIDs []string          `json:"subnetIds"`
	Selectors []FargateSelector `json:"selectors"`
	Tags      Tags              `json:"tags,omitempty"`
}

// FargateSelector matches pods of a namespace that bear all labels.
type FargateSelector struct {
	Namespace string            `json:"namespace"`
	Labels    map[string]string `json:"labels,omitempty"`
}

// The limits of Fargate profiles:
// https://docs.aws.amazon.com/eks/latest/userguide/fargate-profile.html
const (
	maxSelectors      = 5
	maxSelectorLabels = 5
)

// fargateName is the form of a Fargate profile's name:
// https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateFargateProfile.html
var fargateName = constraint{"fargateProfileName", `[0-9A-Za-z][A-Za-z0-9\-_]*`, 100}

// CreateFargateProfile makes a profile, and an access entry of its role where
// the cluster takes access entries and has none of the role.
func (c *Client) CreateFargateProfile(in FargateProfile) error {
	return c.write(eksService, "CreateFargateProfile", func(st *State) error {
		cluster, err := st.cluster(c.Region, in.Cluster)
		if err != nil {
			return err
		}
		in.ARN = st.fargateARN(c.Region, in.Cluster, in.Name)
		if _, exists := st.FargateProfiles[in.ARN]; exists {
			return refuse("ResourceInUseException", "A Fargate Profile already exists with this name in this cluster.")
		}
		err = firstError(
			in.check,
			func() error { return c.checkPodRole(st, in.RoleARN, in.ARN) },
			func() error { return st.checkPodSubnets(c.Region, cluster, in.SubnetIDs) },
			func() error { return checkTags(eksService, in.Tags, nil) },
		)
		if err != nil {
			return err
		}
		in.own()
		st.FargateProfiles[in.ARN] = &in
		st.admit(c.Region, cluster, in.RoleARN, "FARGATE_LINUX")
		return nil
	})
}

// own makes the profile's lists its own.
func (p *FargateProfile) own() {
	p.SubnetIDs, p.Selectors, p.Tags = slices.Clone(p.SubnetIDs), slices.Clone(p.Selectors), maps.Clone(p.Tags)
}

func (st *State) fargateARN(region, cluster, name string) string {
	return st.ARN("eks", region, "fargateprofile/"+cluster+"/"+name+"/"+UUID("fargate profile "+region+cluster+"/"+name))
}

func (p *FargateProfile) check() error {
	if err := fargateName.check("InvalidParameterException", p.Name); err != nil {
		return err
	}
	if strings.HasPrefix(strings.ToLower(p.Name), "eks-") {
		return refuse("InvalidParameterException", "The Fargate Profile name cannot start with the reserved prefix eks-")
	}
	if len(p.Selectors) > maxSelectors {
		return refuse("InvalidParameterException", "Fargate Profile cannot have more than %d selectors", maxSelectors)
	}
	for _, selector := range p.Selectors {
		if len(selector.Labels) > maxSelectorLabels {
			return refuse("InvalidParameterException", "Fargate Profile selector cannot have more than %d labels", maxSelectorLabels)
		}
	}
	return nil
}

func (c *Client) checkPodRole(st *State, arn, profile string) error {
	role := st.roleByARN(arn)
	if role == nil {
		return refuse("InvalidParameterException", "Role %s does not exist", arn)
	}
	trusted, err := c.trusts(st, role, profile, "eks-fargate-pods.amazonaws.com", "eks-fargate-pods."+DNSSuffix(st.Partition))
	if err == nil && !trusted {
		err = refuse("InvalidParameterException", "Misconfigured PodExecutionRole Trust Policy; Please add the eks-fargate-pods.amazonaws.com Service Principal")
	}
	return err
}

// checkPodSubnets takes private subnets of the cluster's VPC: those whose
// route table leads to no internet gateway.
func (st *State) checkPodSubnets(region string, cluster *Cluster, ids []string) error {
	if err := st.checkNodeSubnets(region, cluster, ids); err != nil {
		return err
	}
	for _, id := range ids {
		if strings.HasPrefix(st.gatewayOf(id), "igw-") {
			return refuse("InvalidParameterException", "Subnet %s provided in Fargate Profile is not a private subnet", id)
		}
	}
	return nil
}

// gatewayOf is where a subnet's default route leads: by its own route table or
// the VPC's main one.
func (st *State) gatewayOf(subnet string) string {
	gateway := ""
	for _, table := range st.RouteTables {
		if slices.Contains(table.SubnetIDs, subnet) {
			return table.Gateway
		}
		if table.Main && table.VPCID == st.Subnets[subnet].VPCID {
			gateway = table.Gateway
		}
	}
	return gateway
}

// DescribeFargateProfile returns a profile.
func (c *Client) DescribeFargateProfile(cluster, name string) (FargateProfile, error) {
	return read(c, eksService, "DescribeFargateProfile", func(st *State) (FargateProfile, error) {
		profile, err := st.fargateProfile(c.Region, cluster, name)
		if err != nil {
			return FargateProfile{}, err
		}
		found := *profile
		found.own()
		return found, nil
	})
}

func (st *State) fargateProfile(region, cluster, name string) (*FargateProfile, error) {
	profile, ok := st.FargateProfiles[st.fargateARN(region, cluster, name)]
	if !ok {
		return nil, refuse("ResourceNotFoundException", "No Fargate Profile found with name: %s.", name)
	}
	return profile, nil
}

// TagFargateProfile makes tags the profile's only ones.
func (c *Client) TagFargateProfile(cluster, name string, tags Tags) error {
	return c.write(eksService, "TagResource", func(st *State) error {
		profile, err := st.fargateProfile(c.Region, cluster, name)
		if err != nil {
			return err
		}
		if err := checkTags(eksService, tags, profile.Tags); err != nil {
			return err
		}
		profile.Tags = maps.Clone(tags)
		return nil
	})
}

// DeleteFargateProfile removes a profile. The access entry of its role stays.
func (c *Client) DeleteFargateProfile(cluster, name string) error {
	return c.write(eksService, "DeleteFargateProfile", func(st *State) error {
		profile, err := st.fargateProfile(c.Region, cluster, name)
		if err != nil {
			return err
		}
		delete(st.FargateProfiles, profile.ARN)
		return nil
	})
}
