package components

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// ControllerNodesArgs are the inputs of ControllerNodes.
type ControllerNodesArgs struct {
	// ClusterName is the EKS cluster's name.
	ClusterName string `pulumi:"clusterName"`
	// Cluster holds the cluster's facts; looked up by name where left out.
	Cluster *ClusterFacts `pulumi:"cluster,optional"`
	// Namespace is that of Karpenter's service account, where Fargate looks for the controller's pods.
	// Default: kube-system.
	Namespace *string `pulumi:"namespace,optional"`
	// Options shape the nodes further.
	Options *ControllerNodesOptions `pulumi:"options,optional"`
}

// ControllerNodesOptions shape ControllerNodes. The zero value is a managed node group of two x86 nodes on demand, in the
// cluster's private subnets, with encrypted volumes and IMDSv2 alone.
type ControllerNodesOptions struct {
	// Fargate runs the controller on Fargate in place of nodes. Its role then takes IRSA: Fargate has no agent of EKS Pod
	// Identity. Default: false.
	Fargate *bool `pulumi:"fargate,optional"`
	// SubnetIds are the subnets of the nodes, or of the pods on Fargate, which takes private ones only; needed where the
	// cluster's VPC or subnets are not known yet. Left out, the VPC's route tables are looked up. Default: those of the
	// cluster's subnets whose route table does not lead to an internet gateway.
	SubnetIds pulumi.StringArrayInput `pulumi:"subnetIds,optional"`
	// Name is the name of the node group or of the Fargate profile, at most 63 characters. A node group with a name of
	// yours is deleted before another takes its place; one without gets a name of its own each time, so that its successor
	// is there first. Default: karpenter-controller.
	Name *string `pulumi:"name,optional"`
	// RoleName is the role's name, at most 64 characters. Default: KarpenterControllerNodeRole-<cluster>, and
	// KarpenterControllerFargateRole-<cluster> on Fargate.
	RoleName *string `pulumi:"roleName,optional"`
	// PermissionsBoundary is the ARN of the policy that bounds the role.
	PermissionsBoundary pulumi.StringPtrInput `pulumi:"permissionsBoundary,optional"`
	// CniPolicy attaches AmazonEKS_CNI_Policy or, on an IPv6 cluster, the account's own AmazonEKS_CNI_IPv6_Policy, which
	// must exist. Turn it off where the VPC CNI has a role of its own. Default: true.
	CniPolicy *bool `pulumi:"cniPolicy,optional"`
	// SsmPolicy attaches AmazonSSMManagedInstanceCore. Default: false.
	SsmPolicy *bool `pulumi:"ssmPolicy,optional"`
	// AdditionalPolicyArns are further managed policies to attach to the role; AWS attaches ten in all.
	AdditionalPolicyArns pulumi.StringArrayInput `pulumi:"additionalPolicyArns,optional"`
	// DesiredSize is how many nodes there are, minSize to maxSize. Default: 2.
	DesiredSize *int `pulumi:"desiredSize,optional"`
	// MinSize is the least number of nodes, 1 to 450. Default: 2.
	MinSize *int `pulumi:"minSize,optional"`
	// MaxSize is the greatest number of nodes, 1 to 450. Default: 3.
	MaxSize *int `pulumi:"maxSize,optional"`
	// MaxUnavailable is how many nodes an update takes away at once, 1 to 100. Default: 1.
	MaxUnavailable *int `pulumi:"maxUnavailable,optional"`
	// InstanceTypes are at most 20 instance types of amiType's architecture, tried in order. Default: m6i.large and
	// m5.large, or on Arm m7g.large and m6g.large: 2 vCPUs, 8 GiB.
	InstanceTypes []string `pulumi:"instanceTypes,optional"`
	// AmiType is AL2023_x86_64_STANDARD, AL2023_ARM_64_STANDARD, BOTTLEROCKET_x86_64, BOTTLEROCKET_ARM_64,
	// BOTTLEROCKET_x86_64_FIPS or BOTTLEROCKET_ARM_64_FIPS. Default: AL2023_x86_64_STANDARD.
	AmiType *string `pulumi:"amiType,optional"`
	// Version is the nodes' Kubernetes version, such as 1.34. EKS does not update nodes by itself. Default: the cluster's
	// when the group is made.
	Version *string `pulumi:"version,optional"`
	// ReleaseVersion is the AMI's release, such as 1.34.1-20251002. Default: the latest when the group is made or its
	// version changes.
	ReleaseVersion *string `pulumi:"releaseVersion,optional"`
	// CapacityType is ON_DEMAND or SPOT. Default: ON_DEMAND.
	CapacityType *string `pulumi:"capacityType,optional"`
	// DiskSize is the size of each node's volume in GiB, 20 to 16384. Default: 20.
	DiskSize *int `pulumi:"diskSize,optional"`
	// KmsKeyArn is a customer managed KMS key to encrypt the volumes under. Its own policy must let the service-linked role
	// AWSServiceRoleForAutoScaling use it, or no node starts. Default: the account's default key for EBS.
	KmsKeyArn pulumi.StringPtrInput `pulumi:"kmsKeyArn,optional"`
	// MetadataHopLimit is how many network hops an answer of the instance metadata service survives, 1 to 64. With 1 it
	// does not reach pods that have no host network. Default: 1.
	MetadataHopLimit *int `pulumi:"metadataHopLimit,optional"`
	// Labels are put on the nodes besides karpenter.sh/controller = true.
	Labels map[string]string `pulumi:"labels,optional"`
	// CriticalAddonsOnly keeps the nodes for pods that tolerate the taint CriticalAddonsOnly = true, as Karpenter's chart
	// does. Default: false.
	CriticalAddonsOnly *bool `pulumi:"criticalAddonsOnly,optional"`
	// Tags are put on every resource that takes tags, on the nodes and on their volumes.
	Tags map[string]string `pulumi:"tags,optional"`
}

const (
	defaultDesiredSize      = 2
	defaultMinSize          = 2
	defaultMaxSize          = 3
	defaultDiskSize         = 20
	defaultMetadataHopLimit = 1
)

// amiTypes are those on which Karpenter's controller runs and that support what the launch template asks for. Source:
// Nodegroup, EKS API Reference.
var amiTypes = []string{
	"AL2023_x86_64_STANDARD", "AL2023_ARM_64_STANDARD",
	"BOTTLEROCKET_x86_64", "BOTTLEROCKET_ARM_64", "BOTTLEROCKET_x86_64_FIPS", "BOTTLEROCKET_ARM_64_FIPS",
}

func (a *ControllerNodesArgs) options() *ControllerNodesOptions { return orZero(a.Options) }

func (o *ControllerNodesOptions) fargate() bool { return or(o.Fargate, false) }

func (o *ControllerNodesOptions) amiType() string { return or(o.AmiType, amiTypes[0]) }

func (o *ControllerNodesOptions) onArm() bool { return strings.Contains(o.amiType(), "_ARM_64") }

func (o *ControllerNodesOptions) onBottlerocket() bool {
	return strings.HasPrefix(o.amiType(), "BOTTLEROCKET_")
}

// instanceTypes are two by default, for zones that lack the first.
func (o *ControllerNodesOptions) instanceTypes() []string {
	switch {
	case len(o.InstanceTypes) > 0:
		return o.InstanceTypes
	case o.onArm():
		return []string{"m7g.large", "m6g.large"}
	default:
		return []string{"m6i.large", "m5.large"}
	}
}

// policies are the managed policies that the role needs: those of nodes, or the one of pods on Fargate. Source: "Amazon EKS
// Pod execution IAM role", Amazon EKS User Guide.
func (o *ControllerNodesOptions) policies(ipv6 bool) []nodePolicy {
	if o.fargate() {
		return []nodePolicy{fargatePolicy}
	}
	nodes := NodeRoleOptions{CniPolicy: o.CniPolicy, SsmPolicy: new(or(o.SsmPolicy, false)), CloudWatchPolicy: new(false)}
	return nodes.policies(ipv6)
}

// instanceTags are the tags of nodes and their volumes: what finds the cluster's instances finds these. Without
// karpenter.sh/nodepool Karpenter may neither adopt nor terminate them.
func (o *ControllerNodesOptions) instanceTags(clusterName string) map[string]string {
	return merged(merged(map[string]string{"Name": controllerNodesName(clusterName)}, o.Tags), map[string]string{
		ownershipTag(clusterName): "owned",
		clusterNameTag:            clusterName,
	})
}
