package cloud

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// launch gives a group the nodes that it is to have, in its subnets by turns.
func (st *State) launch(cluster *Cluster, group *NodeGroup, template TemplateVersion) {
	st.terminate(group)
	for i := range group.Scaling.Desired {
		node := &Instance{
			ID: "i-0" + HexID(fmt.Sprint("node ", group.ARN, i), 16), Region: cluster.Region,
			Type: template.InstanceType, ImageID: template.ImageID,
			SubnetID: group.SubnetIDs[i%len(group.SubnetIDs)], SecurityGroupIDs: slices.Clone(template.GroupIDs),
			Profile: group.Profile,
			Tags:    group.nodeTags(template),
		}
		node.PrivateDNSName = node.ID + "." + cluster.Region + ".compute.internal"
		if len(node.SecurityGroupIDs) == 0 {
			node.SecurityGroupIDs = []string{cluster.PrimaryGroupID}
		}
		if len(group.InstanceTypes) > 0 {
			node.Type = group.InstanceTypes[0]
		}
		if group.CapacityType == "SPOT" {
			node.Lifecycle = spotLifecycle
		}
		if group.LaunchTemplate != nil {
			node.LaunchTemplateID = group.LaunchTemplate.ID
		}
		st.Instances[node.ID] = node
	}
}

// nodeTags are the tags of a group's nodes: those of its launch template, and
// those of EKS and EC2 Auto Scaling. Those of the group itself are not among
// them.
// https://docs.aws.amazon.com/eks/latest/userguide/eks-using-tags.html
func (g *NodeGroup) nodeTags(template TemplateVersion) Tags {
	tags := Tags{
		"aws:autoscaling:groupName":              g.ASG,
		"aws:eks:cluster-name":                   g.Cluster,
		"eks:cluster-name":                       g.Cluster,
		"eks:nodegroup-name":                     g.Name,
		"kubernetes.io/cluster/" + g.Cluster:     "owned",
		"k8s.io/cluster-autoscaler/enabled":      "true",
		"k8s.io/cluster-autoscaler/" + g.Cluster: "owned",
	}
	for _, spec := range template.TagSpecs {
		if spec.ResourceType == "instance" {
			maps.Copy(tags, spec.Tags)
		}
	}
	return tags
}

// terminate ends all of a group's nodes.
func (st *State) terminate(group *NodeGroup) {
	maps.DeleteFunc(st.Instances, func(_ string, instance *Instance) bool {
		return instance.Tags["aws:autoscaling:groupName"] == group.ASG
	})
}

// entryType is the type of the access entry that a group's nodes need.
func (g *NodeGroup) entryType() string {
	if strings.HasPrefix(g.AMIType, "WINDOWS_") {
		return "EC2_WINDOWS"
	}
	return "EC2_LINUX"
}
