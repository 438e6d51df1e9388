package install

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// NodeClassOptions are the spec of an EC2NodeClass, under Karpenter's own names. Source: "NodeClasses", Karpenter
// documentation.
type NodeClassOptions struct {
	// Role is the bare name of the nodes' role, NodeRoleName of components.Karpenter. Either it or InstanceProfile is
	// required.
	Role pulumi.StringPtrInput `pulumi:"role,optional"`
	// InstanceProfile is the name of an instance profile to use in place of one that Karpenter makes for Role.
	InstanceProfile pulumi.StringPtrInput `pulumi:"instanceProfile,optional"`
	// AmiFamily is AL2, AL2023, Bottlerocket, Custom, Windows2019, Windows2022 or Windows2025. Default: that of the alias.
	AmiFamily *string `pulumi:"amiFamily,optional"`
	// AmiSelectorTerms find the nodes' image, at most 30. Default: the newest of amiFamily, such as al2023@latest; nodes are
	// then replaced whenever AWS releases an image, so pin one in production.
	AmiSelectorTerms []AmiSelectorTerm `pulumi:"amiSelectorTerms,optional"`
	// SubnetSelectorTerms find the nodes' subnets, at most 30. Default: those tagged karpenter.sh/discovery = <cluster>.
	SubnetSelectorTerms []SubnetSelectorTerm `pulumi:"subnetSelectorTerms,optional"`
	// SecurityGroupSelectorTerms find the nodes' security groups, at most 30. Default: those tagged karpenter.sh/discovery =
	// <cluster>.
	SecurityGroupSelectorTerms []SecurityGroupSelectorTerm `pulumi:"securityGroupSelectorTerms,optional"`
	// CapacityReservationSelectorTerms find capacity reservations, at most 30. Since Karpenter 1.3.
	CapacityReservationSelectorTerms []CapacityReservationSelectorTerm `pulumi:"capacityReservationSelectorTerms,optional"`
	// PlacementGroupSelector finds a placement group. Since Karpenter 1.11.
	PlacementGroupSelector *PlacementGroupSelector `pulumi:"placementGroupSelector,optional"`
	// AssociatePublicIPAddress decides whether nodes get public addresses. Default: as their subnets say.
	AssociatePublicIPAddress *bool `pulumi:"associatePublicIPAddress,optional"`
	// IpPrefixCount is how many prefixes a node's interface gets. Since Karpenter 1.8.
	IpPrefixCount *int `pulumi:"ipPrefixCount,optional"`
	// BlockDeviceMappings are the nodes' volumes, at most 50. Default: as Karpenter has it for the family.
	BlockDeviceMappings []BlockDeviceMapping `pulumi:"blockDeviceMappings,optional"`
	// InstanceStorePolicy can be RAID0, which makes the node's own disks its ephemeral storage.
	InstanceStorePolicy *string `pulumi:"instanceStorePolicy,optional"`
	// UserData is merged by Karpenter into what a node of the family runs first.
	UserData pulumi.StringPtrInput `pulumi:"userData,optional"`
	// Kubelet sets what the nodes' kubelets run with.
	Kubelet *Kubelet `pulumi:"kubelet,optional"`
	// MetadataOptions say who reaches a node's metadata. Default: IMDSv2 only, over IPv4, not from pods.
	MetadataOptions *MetadataOptions `pulumi:"metadataOptions,optional"`
	// NetworkInterfaces are the nodes' interfaces, at most 150. Since Karpenter 1.11.
	NetworkInterfaces []NetworkInterface `pulumi:"networkInterfaces,optional"`
	// ConnectionTracking is when idle connections are forgotten. Since Karpenter 1.13.
	ConnectionTracking *ConnectionTracking `pulumi:"connectionTracking,optional"`
	// CpuOptions choose instances by what their processors can do. Since Karpenter 1.13.
	CpuOptions *CpuOptions `pulumi:"cpuOptions,optional"`
	// DetailedMonitoring turns on EC2's detailed monitoring. Default: false.
	DetailedMonitoring *bool `pulumi:"detailedMonitoring,optional"`
	// Context is a field that EC2 reserves, for CreateFleet.
	Context *string `pulumi:"context,optional"`
	// Tags are put on instances, volumes and interfaces.
	Tags map[string]string `pulumi:"tags,optional"`
}

// AmiSelectorTerm finds images; what it names must all fit. Alias and id each stand alone.
type AmiSelectorTerm struct {
	// Alias is an image of AWS's, family@version; with it there is no other term.
	Alias *string `pulumi:"alias,optional"`
	// Id is an image's id.
	Id pulumi.StringPtrInput `pulumi:"id,optional"`
	// Name is an image's name, with * for any text.
	Name *string `pulumi:"name,optional"`
	// Owner is an account, self, amazon or aws-marketplace.
	Owner *string `pulumi:"owner,optional"`
	// SsmParameter is the name or ARN of a parameter with an image's id. Since Karpenter 1.4.
	SsmParameter *string `pulumi:"ssmParameter,optional"`
	// Tags are the image's, at most 20; * is any value.
	Tags map[string]string `pulumi:"tags,optional"`
}

// SubnetSelectorTerm finds subnets, by an id or by tags.
type SubnetSelectorTerm struct {
	// Id is a subnet's id.
	Id pulumi.StringPtrInput `pulumi:"id,optional"`
	// Tags are the subnet's, at most 20; * is any value.
	Tags map[string]string `pulumi:"tags,optional"`
}

// SecurityGroupSelectorTerm finds security groups, by an id, a name or tags.
type SecurityGroupSelectorTerm struct {
	// Id is a security group's id.
	Id pulumi.StringPtrInput `pulumi:"id,optional"`
	// Name is a security group's name, with * for any text.
	Name *string `pulumi:"name,optional"`
	// Tags are the security group's, at most 20; * is any value.
	Tags map[string]string `pulumi:"tags,optional"`
}

// CapacityReservationSelectorTerm finds capacity reservations; what it names must all fit. An id stands alone.
type CapacityReservationSelectorTerm struct {
	// Id is a reservation's id.
	Id pulumi.StringPtrInput `pulumi:"id,optional"`
	// InstanceMatchCriteria is open or targeted. Since Karpenter 1.8.
	InstanceMatchCriteria *string `pulumi:"instanceMatchCriteria,optional"`
	// OwnerId is the account that owns the reservation.
	OwnerId *string `pulumi:"ownerID,optional"`
	// Tags are the reservation's, at most 20; * is any value.
	Tags map[string]string `pulumi:"tags,optional"`
}

// PlacementGroupSelector finds a placement group, by its name or its id.
type PlacementGroupSelector struct {
	// Id is a placement group's id.
	Id pulumi.StringPtrInput `pulumi:"id,optional"`
	// Name is a placement group's name.
	Name *string `pulumi:"name,optional"`
}

// MetadataOptions say who reaches a node's metadata.
type MetadataOptions struct {
	// HttpEndpoint is enabled or disabled. Default: enabled.
	HttpEndpoint *string `pulumi:"httpEndpoint,optional"`
	// HttpProtocolIPv6 is enabled or disabled. Default: disabled.
	HttpProtocolIPv6 *string `pulumi:"httpProtocolIPv6,optional"`
	// HttpPutResponseHopLimit is how far an answer travels, 1 to 64; pods are a hop further than the node. Default: 1.
	HttpPutResponseHopLimit *int `pulumi:"httpPutResponseHopLimit,optional"`
	// HttpTokens is required, which is IMDSv2, or optional. Default: required.
	HttpTokens *string `pulumi:"httpTokens,optional"`
}

// NetworkInterface is an interface of a node.
type NetworkInterface struct {
	// NetworkCardIndex and DeviceIndex say where it is. The primary interface is at 0 and 0.
	NetworkCardIndex int `pulumi:"networkCardIndex"`
	DeviceIndex      int `pulumi:"deviceIndex"`
	// InterfaceType is interface, or efa-only, of which a card takes one.
	InterfaceType string `pulumi:"interfaceType"`
}

// ConnectionTracking is when idle connections are forgotten, in seconds. One of the three is required.
type ConnectionTracking struct {
	// TcpEstablishedTimeout is for TCP, 60 to 432000.
	TcpEstablishedTimeout *int `pulumi:"tcpEstablishedTimeout,optional"`
	// UdpStreamTimeout is for UDP with more than one request answered, 60 to 180.
	UdpStreamTimeout *int `pulumi:"udpStreamTimeout,optional"`
	// UdpTimeout is for all other UDP, 30 to 60.
	UdpTimeout *int `pulumi:"udpTimeout,optional"`
}

// CpuOptions choose instances by what their processors can do.
type CpuOptions struct {
	// NestedVirtualization is enabled or disabled.
	NestedVirtualization *string `pulumi:"nestedVirtualization,optional"`
}
