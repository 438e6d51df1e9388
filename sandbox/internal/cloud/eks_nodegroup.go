package cloud

import (
	"maps"
	"slices"
)

// NodeGroup is an EKS managed node group.
type NodeGroup struct {
	Name           string            `json:"name"`
	ARN            string            `json:"arn"`
	Cluster        string            `json:"cluster"`
	RoleARN        string            `json:"roleArn"`
	SubnetIDs      []string          `json:"subnetIds"`
	Scaling        Scaling           `json:"scaling"`
	InstanceTypes  []string          `json:"instanceTypes,omitempty"`
	CapacityType   string            `json:"capacityType"`
	AMIType        string            `json:"amiType"`
	DiskSize       int               `json:"diskSize,omitempty"` // GiB
	Version        string            `json:"version"`
	ReleaseVersion string            `json:"releaseVersion"`
	Labels         map[string]string `json:"labels,omitempty"`
	Taints         []Taint           `json:"taints,omitempty"`
	LaunchTemplate *TemplateRef      `json:"launchTemplate,omitempty"`
	Update         UpdateLimit       `json:"update"`
	Repair         bool              `json:"repair,omitempty"`
	ASG            string            `json:"asg"`     // the Auto Scaling group's name
	Profile        string            `json:"profile"` // the instance profile's name
	Tags           Tags              `json:"tags,omitempty"`
}

// Scaling is how many nodes a group has.
type Scaling struct {
	Desired int `json:"desired"`
	Min     int `json:"min"`
	Max     int `json:"max"`
}

// UpdateLimit is how many nodes an update may take away at a time: a number or
// a percentage.
type UpdateLimit struct {
	MaxUnavailable           int `json:"maxUnavailable,omitempty"`
	MaxUnavailablePercentage int `json:"maxUnavailablePercentage,omitempty"`
}

// Taint is a taint of a group's nodes.
type Taint struct {
	Key    string `json:"key"`
	Value  string `json:"value,omitempty"`
	Effect string `json:"effect"` // NO_SCHEDULE, NO_EXECUTE or PREFER_NO_SCHEDULE
}

// TemplateRef names a version of a launch template.
type TemplateRef struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Version string `json:"version"`
}

// CreateNodegroup makes a node group, with what EKS makes for it: an instance
// profile, instances, and an access entry of its role where the cluster takes
// access entries and has none of the role.
// https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html
func (c *Client) CreateNodegroup(in NodeGroup) error {
	return c.write(eksService, "CreateNodegroup", func(st *State) error {
		cluster, err := st.cluster(c.Region, in.Cluster)
		if err != nil {
			return err
		}
		in.ARN = st.nodeGroupARN(c.Region, in.Cluster, in.Name)
		if _, exists := st.NodeGroups[in.ARN]; exists {
			return refuse("ResourceInUseException", "NodeGroup already exists with name %s and cluster name %s", in.Name, in.Cluster)
		}
		template, err := c.checkNodeGroup(st, cluster, &in)
		if err != nil {
			return err
		}
		id := UUID("nodes of " + in.ARN)
		in.ASG, in.Profile = "eks-"+in.Name+"-"+id, "eks-"+id
		in.own()
		st.NodeGroups[in.ARN] = &in
		st.makeProfile(in.Profile, st.roleByARN(in.RoleARN).Name)
		st.admit(c.Region, cluster, in.RoleARN, in.entryType())
		st.launch(cluster, &in, template)
		return nil
	})
}

// own makes the group's lists its own.
func (g *NodeGroup) own() {
	g.SubnetIDs, g.InstanceTypes, g.Taints = slices.Clone(g.SubnetIDs), slices.Clone(g.InstanceTypes), slices.Clone(g.Taints)
	g.Labels, g.Tags = maps.Clone(g.Labels), maps.Clone(g.Tags)
	if g.LaunchTemplate != nil {
		named := *g.LaunchTemplate
		g.LaunchTemplate = &named
	}
}

func (st *State) nodeGroupARN(region, cluster, name string) string {
	return st.ARN("eks", region, "nodegroup/"+cluster+"/"+name+"/"+UUID("nodegroup "+region+cluster+"/"+name))
}

func (st *State) makeProfile(name, role string) {
	arn := st.ARN("iam", "", "instance-profile/"+name)
	st.InstanceProfiles[name] = &InstanceProfile{Name: name, Path: "/", ARN: arn, ID: UniqueID("AIPA", arn), Role: role}
}

// admit makes an access entry as EKS itself does.
// https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html
func (st *State) admit(region string, cluster *Cluster, roleARN, kind string) {
	if cluster.AuthenticationMode == byConfigMap || st.entry(region, cluster.Name, roleARN) != nil {
		return
	}
	entry := st.NewAccessEntry(region, AccessEntry{Cluster: cluster.Name, Principal: roleARN, Type: kind})
	st.AccessEntries[entry.ARN] = entry
}

// DescribeNodegroup returns a node group.
func (c *Client) DescribeNodegroup(cluster, name string) (NodeGroup, error) {
	return read(c, eksService, "DescribeNodegroup", func(st *State) (NodeGroup, error) {
		group, err := st.nodeGroup(c.Region, cluster, name)
		if err != nil {
			return NodeGroup{}, err
		}
		found := *group
		found.own()
		return found, nil
	})
}

// HasNodegroup tells whether there is a node group, without asking AWS.
func (a *Account) HasNodegroup(region, cluster, name string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	_, exists := a.state.NodeGroups[a.state.nodeGroupARN(region, cluster, name)]
	return exists
}

func (st *State) nodeGroup(region, cluster, name string) (*NodeGroup, error) {
	group, ok := st.NodeGroups[st.nodeGroupARN(region, cluster, name)]
	if !ok {
		return nil, refuse("ResourceNotFoundException", "No node group found for name: %s.", name)
	}
	return group, nil
}

// UpdateNodegroupConfig sets a group's scaling, labels, taints, update limit and
// repair.
func (c *Client) UpdateNodegroupConfig(in NodeGroup) error {
	return c.changeNodeGroup("UpdateNodegroupConfig", in.Cluster, in.Name, func(st *State, group *NodeGroup) error {
		next := *group
		next.Scaling, next.Labels, next.Taints, next.Update, next.Repair = in.Scaling, in.Labels, in.Taints, in.Update, in.Repair
		return c.change(st, group, next)
	})
}

// UpdateNodegroupVersion brings a group's nodes to a version of Kubernetes, a
// release or a version of the launch template; an empty one stays, and a new
// version of Kubernetes brings a release of its own.
func (c *Client) UpdateNodegroupVersion(cluster, name, version, release string, template *TemplateRef) error {
	return c.changeNodeGroup("UpdateNodegroupVersion", cluster, name, func(st *State, group *NodeGroup) error {
		next := *group
		if version != "" && version != group.Version {
			next.Version, next.ReleaseVersion = version, ""
		}
		if release != "" {
			next.ReleaseVersion = release
		}
		if (template == nil) != (group.LaunchTemplate == nil) {
			return refuse("InvalidParameterException", "You cannot add a launch template to or remove one from node group %s", name)
		}
		if template != nil {
			next.LaunchTemplate = &TemplateRef{ID: group.LaunchTemplate.ID, Version: template.Version}
		}
		return c.change(st, group, next)
	})
}

// change judges a group as it is to be, and replaces it and its nodes.
func (c *Client) change(st *State, group *NodeGroup, next NodeGroup) error {
	cluster, err := st.cluster(c.Region, group.Cluster)
	if err != nil {
		return err
	}
	template, err := c.checkNodeGroup(st, cluster, &next)
	if err != nil {
		return err
	}
	next.own()
	*group = next
	st.launch(cluster, group, template)
	return nil
}

// TagNodegroup makes tags the group's only ones. Its nodes do not get them.
func (c *Client) TagNodegroup(cluster, name string, tags Tags) error {
	return c.changeNodeGroup("TagResource", cluster, name, func(_ *State, group *NodeGroup) error {
		if err := checkTags(eksService, tags, group.Tags); err != nil {
			return err
		}
		group.Tags = maps.Clone(tags)
		return nil
	})
}

// DeleteNodegroup removes a group with its instances and instance profile. The
// access entry of its role stays: EKS documents no end of it but the cluster's.
func (c *Client) DeleteNodegroup(cluster, name string) error {
	return c.changeNodeGroup("DeleteNodegroup", cluster, name, func(st *State, group *NodeGroup) error {
		st.terminate(group)
		delete(st.InstanceProfiles, group.Profile)
		delete(st.NodeGroups, group.ARN)
		return nil
	})
}

func (c *Client) changeNodeGroup(operation, cluster, name string, change func(*State, *NodeGroup) error) error {
	return c.write(eksService, operation, func(st *State) error {
		group, err := st.nodeGroup(c.Region, cluster, name)
		if err != nil {
			return err
		}
		return change(st, group)
	})
}
