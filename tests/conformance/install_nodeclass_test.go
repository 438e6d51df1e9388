package conformance

import (
	"slices"
	"testing"

	ec2nodeclassv1 "github.com/aws/karpenter-provider-aws/pkg/apis/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/whole/install"
)

// nodeClassArgs are the args of a NodeClass of the cluster shop.
func nodeClassArgs(options *install.NodeClassOptions) installArgs {
	if options.Role == nil && options.InstanceProfile == nil {
		options.Role = pulumi.String("nodes")
	}
	return &install.NodeClassArgs{ClusterName: new("shop"), Options: options}
}

// everyNodeClassOption sets every option of a NodeClass, be it one that excludes another.
func everyNodeClassOption() *install.NodeClassOptions {
	team := map[string]string{"team": "shop"}
	return &install.NodeClassOptions{
		Role: pulumi.String("nodes"), InstanceProfile: pulumi.String("nodes"), AmiFamily: new("AL2023"),
		AmiSelectorTerms: []install.AmiSelectorTerm{
			{Alias: new("al2023@v20260701")},
			{Id: pulumi.String("ami-0123456789abcdef0")},
			{SsmParameter: new("/images/nodes")},
			{Name: new("nodes-*"), Owner: new("self"), Tags: map[string]string{"team": "*"}},
		},
		SubnetSelectorTerms:        []install.SubnetSelectorTerm{{Id: pulumi.String("subnet-0123456789abcdef0")}, {Tags: team}},
		SecurityGroupSelectorTerms: []install.SecurityGroupSelectorTerm{{Id: pulumi.String("sg-0123456789abcdef0")}, {Name: new("nodes")}, {Tags: team}},
		CapacityReservationSelectorTerms: []install.CapacityReservationSelectorTerm{
			{Id: pulumi.String("cr-0123456789abcdef0")}, {InstanceMatchCriteria: new("open"), OwnerId: new("111122223333"), Tags: team},
		},
		PlacementGroupSelector:   &install.PlacementGroupSelector{Id: pulumi.String("pg-0123456789abcdef0"), Name: new("close")},
		AssociatePublicIPAddress: new(true), IpPrefixCount: new(2),
		BlockDeviceMappings: []install.BlockDeviceMapping{{DeviceName: new("/dev/xvda"), RootVolume: new(true), Ebs: &install.BlockDevice{
			VolumeSize: new("100Gi"), VolumeType: new("gp3"), Iops: new(3000), Throughput: new(125), Encrypted: new(true),
			KmsKeyId: pulumi.String("alias/nodes"), DeleteOnTermination: new(true), SnapshotId: pulumi.String("snap-0123456789abcdef0"),
			VolumeInitializationRate: new(300),
		}}},
		InstanceStorePolicy: new("RAID0"), UserData: pulumi.String("#!/bin/sh"),
		Kubelet: &install.Kubelet{
			ClusterDNS: []string{"10.100.0.10", "fd00::a"}, MaxPods: new(58), PodsPerCore: new(8),
			SystemReserved: map[string]string{"cpu": "100m", "pid": "1e3"}, KubeReserved: map[string]string{"memory": "1Gi", "ephemeral-storage": ".5Ti"},
			EvictionHard: map[string]string{"memory.available": "5%"}, EvictionSoft: map[string]string{"nodefs.available": "10Gi"},
			EvictionSoftGracePeriod: map[string]string{"nodefs.available": "2m"}, EvictionMaxPodGracePeriod: new(60),
			ImageGCHighThresholdPercent: new(100), ImageGCLowThresholdPercent: new(80), CpuCFSQuota: new(true),
		},
		MetadataOptions: &install.MetadataOptions{
			HttpEndpoint: new("disabled"), HttpProtocolIPv6: new("enabled"), HttpPutResponseHopLimit: new(64), HttpTokens: new("optional"),
		},
		NetworkInterfaces:  []install.NetworkInterface{{InterfaceType: "interface"}, {NetworkCardIndex: 1, DeviceIndex: 1, InterfaceType: "efa-only"}},
		ConnectionTracking: &install.ConnectionTracking{TcpEstablishedTimeout: new(432000), UdpStreamTimeout: new(180), UdpTimeout: new(30)},
		CpuOptions:         &install.CpuOptions{NestedVirtualization: new("enabled")}, DetailedMonitoring: new(true),
		Context: new("c-0123"), Tags: team,
	}
}

func TestInstallMakesANodeClassOfEveryOptionThatKarpenterTakes(t *testing.T) {
	t.Parallel()
	const amis, volumes, kubelet = "amiSelectorTerms.", "blockDeviceMappings.", "kubelet."
	onVolume := func(paths ...string) []string { return append(paths, volumes+"deviceName", volumes+"ebs.volumeSize") }
	gp3 := volumes + "ebs.volumeType"
	assertEvery(t, everyNodeClassOption(), map[string][]string{
		amis + "id":           {"amiFamily"},
		amis + "name":         {"amiFamily"},
		amis + "owner":        {"amiFamily", amis + "name"},
		amis + "ssmParameter": {"amiFamily"},
		amis + "tags":         {"amiFamily"},

		"capacityReservationSelectorTerms.ownerID": {"capacityReservationSelectorTerms.tags"},

		volumes + "rootVolume":                   onVolume(),
		volumes + "ebs.volumeSize":               onVolume(),
		volumes + "ebs.snapshotID":               {volumes + "deviceName"},
		volumes + "ebs.volumeType":               onVolume(),
		volumes + "ebs.iops":                     onVolume(gp3),
		volumes + "ebs.throughput":               onVolume(gp3),
		volumes + "ebs.encrypted":                onVolume(),
		volumes + "ebs.kmsKeyID":                 onVolume(volumes + "ebs.encrypted"),
		volumes + "ebs.deleteOnTermination":      onVolume(),
		volumes + "ebs.volumeInitializationRate": onVolume(volumes + "ebs.snapshotID"),

		kubelet + "evictionSoft":            {kubelet + "evictionSoftGracePeriod"},
		kubelet + "evictionSoftGracePeriod": {kubelet + "evictionSoft"},
	}, map[string][]string{
		"with an alias and a role": {
			"instanceProfile", amis + "id", amis + "name", amis + "owner", amis + "ssmParameter", amis + "tags", "placementGroupSelector.id",
		},
		"with images and an instance profile": {"role", amis + "alias", "placementGroupSelector.name"},
	}, nodeClassArgs)
}

func TestInstallMakesANodeClassWithoutOptionsThatKarpenterTakes(t *testing.T) {
	t.Parallel()
	args := nodeClassArgs(&install.NodeClassOptions{})
	assertTaken(t, args)
	nodeClass := &ec2nodeclassv1.EC2NodeClass{}
	decodeKarpenter(t, args.Object(), nodeClass)
	assert.Equal(t, ec2nodeclassv1.AMIFamilyAL2023, nodeClass.AMIFamily())
	assert.Equal(t, "latest", nodeClass.Alias().Version)
	found := map[string]string{"karpenter.sh/discovery": "shop"}
	assert.Equal(t, []ec2nodeclassv1.SubnetSelectorTerm{{Tags: found}}, nodeClass.Spec.SubnetSelectorTerms)
	assert.Equal(t, []ec2nodeclassv1.SecurityGroupSelectorTerm{{Tags: found}}, nodeClass.Spec.SecurityGroupSelectorTerms)
	assertTaken(t, &install.NodeClassArgs{Options: &install.NodeClassOptions{
		Role: pulumi.String("nodes"), SubnetSelectorTerms: everyNodeClassOption().SubnetSelectorTerms,
		SecurityGroupSelectorTerms: everyNodeClassOption().SecurityGroupSelectorTerms,
	}})
}

func TestInstallRefusesEveryTagThatKarpenterKeepsForItself(t *testing.T) {
	t.Parallel()
	own := []string{
		"kubernetes.io/cluster/shop", ec2nodeclassv1.NodePoolTagKey, ec2nodeclassv1.EKSClusterNameTagKey, ec2nodeclassv1.NodeClassTagKey,
		ec2nodeclassv1.NodeClaimTagKey,
	}
	for _, pattern := range ec2nodeclassv1.RestrictedTagPatterns {
		assert.True(t, slices.ContainsFunc(own, pattern.MatchString), "%s: a tag of this pattern is missing here", pattern)
	}
	for _, key := range own {
		args := nodeClassArgs(&install.NodeClassOptions{Tags: map[string]string{key: "x"}})
		require.ErrorContains(t, args.Check("class"), "is Karpenter's own tag", key)
		assert.NotEmpty(t, karpenterProblems(t, args.Object()), key)
	}
}
