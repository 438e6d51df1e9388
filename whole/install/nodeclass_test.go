package install

import (
	"maps"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/whole/internal/account"
)

const classToken = "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass"

func nodeClass(args *NodeClassArgs) func(*pulumi.Context) error {
	return func(ctx *pulumi.Context) error {
		_, err := NewNodeClass(ctx, "class", args)
		return err
	}
}

func TestANodeClassFindsWhatTheClusterTagged(t *testing.T) {
	t.Parallel()
	a := &account.Account{}
	require.NoError(t, a.Run(nil, nodeClass(&NodeClassArgs{ClusterName: new("shop"), Options: &NodeClassOptions{Role: pulumi.String("nodes")}})))

	require.Len(t, a.Registered, 2)
	assert.Equal(t, map[string]any{"clusterName": "shop", "options": map[string]any{"role": "nodes"}},
		a.Of("eks-karpenter:index:NodeClass", "class").Inputs)
	discovered := []any{map[string]any{"tags": map[string]any{"karpenter.sh/discovery": "shop"}}}
	assert.Equal(t, account.Registration{
		Token: classToken, Name: "class", Parent: "eks-karpenter:index:NodeClass::class", DeleteTimeout: "30m",
		Inputs: map[string]any{
			"apiVersion": "karpenter.k8s.aws/v1",
			"kind":       "EC2NodeClass",
			"metadata":   map[string]any{"name": "default", "annotations": map[string]any{"pulumi.com/waitFor": "condition=Ready"}},
			"spec": map[string]any{
				"role":                       "nodes",
				"amiSelectorTerms":           []any{map[string]any{"alias": "al2023@latest"}},
				"subnetSelectorTerms":        discovered,
				"securityGroupSelectorTerms": discovered,
				"metadataOptions": map[string]any{
					"httpEndpoint": "enabled", "httpProtocolIPv6": "disabled", "httpPutResponseHopLimit": 1.0, "httpTokens": "required",
				},
			},
		},
	}, a.Of(classToken, "class"))
}

// everyNodeClassOption sets every option of a NodeClass, be it one that excludes another.
func everyNodeClassOption() *NodeClassOptions {
	return &NodeClassOptions{
		InstanceProfile: pulumi.String("nodes"), AmiFamily: new("Bottlerocket"),
		AmiSelectorTerms: []AmiSelectorTerm{
			{Id: pulumi.String("ami-0123456789abcdef0")},
			{SsmParameter: new("/images/nodes")},
			{Name: new("nodes-*"), Owner: new("self"), Tags: map[string]string{"team": "*"}},
		},
		SubnetSelectorTerms: []SubnetSelectorTerm{{Id: pulumi.String("subnet-0123456789abcdef0")}, {Tags: map[string]string{"tier": "nodes"}}},
		SecurityGroupSelectorTerms: []SecurityGroupSelectorTerm{
			{Id: pulumi.String("sg-0123456789abcdef0")}, {Name: new("nodes")}, {Tags: map[string]string{"tier": "nodes"}},
		},
		CapacityReservationSelectorTerms: []CapacityReservationSelectorTerm{
			{Id: pulumi.String("cr-0123456789abcdef0")},
			{InstanceMatchCriteria: new("open"), OwnerId: new("111122223333"), Tags: map[string]string{"team": "shop"}},
		},
		PlacementGroupSelector:   &PlacementGroupSelector{Name: new("close")},
		AssociatePublicIPAddress: new(false), IpPrefixCount: new(2),
		BlockDeviceMappings: []BlockDeviceMapping{
			{DeviceName: new("/dev/xvda"), RootVolume: new(true), Ebs: &BlockDevice{
				VolumeSize: new("100Gi"), VolumeType: new("gp3"), Iops: new(3000), Throughput: new(125), DeleteOnTermination: new(true),
				Encrypted: new(true), KmsKeyId: pulumi.String("alias/nodes"), SnapshotId: pulumi.String("snap-0123456789abcdef0"),
				VolumeInitializationRate: new(100),
			}},
		},
		InstanceStorePolicy: new("RAID0"), UserData: pulumi.String("[settings]"),
		Kubelet: &Kubelet{
			ClusterDNS: []string{"10.100.0.10", "fd00::a"}, MaxPods: new(58), PodsPerCore: new(8),
			SystemReserved: map[string]string{"cpu": "100m"}, KubeReserved: map[string]string{"memory": "1Gi"},
			EvictionHard: map[string]string{"memory.available": "5%"}, EvictionSoft: map[string]string{"nodefs.available": "10Gi"},
			EvictionSoftGracePeriod: map[string]string{"nodefs.available": "2m"}, EvictionMaxPodGracePeriod: new(60),
			ImageGCHighThresholdPercent: new(85), ImageGCLowThresholdPercent: new(80), CpuCFSQuota: new(false),
		},
		MetadataOptions: &MetadataOptions{
			HttpEndpoint: new("enabled"), HttpProtocolIPv6: new("enabled"), HttpPutResponseHopLimit: new(2), HttpTokens: new("required"),
		},
		NetworkInterfaces: []NetworkInterface{
			{NetworkCardIndex: 0, DeviceIndex: 0, InterfaceType: "interface"}, {NetworkCardIndex: 1, DeviceIndex: 1, InterfaceType: "efa-only"},
		},
		ConnectionTracking: &ConnectionTracking{TcpEstablishedTimeout: new(350), UdpStreamTimeout: new(180), UdpTimeout: new(30)},
		CpuOptions:         &CpuOptions{NestedVirtualization: new("enabled")}, DetailedMonitoring: new(true),
		Context: new("c-0123"), Tags: map[string]string{"team": "shop"},
	}
}

func TestEveryOptionOfANodeClassStandsInItsSpecUnderKarpentersName(t *testing.T) {
	t.Parallel()
	a := &account.Account{}
	require.NoError(t, a.Run(nil, nodeClass(&NodeClassArgs{
		Name: new("batch"), Options: everyNodeClassOption(), SkipAwait: new(true), DeleteTimeout: new("1h30m"),
	})))
	made := a.Of(classToken, "class")
	assert.Equal(t, "1h30m", made.DeleteTimeout)
	assert.Equal(t, map[string]any{"name": "batch"}, made.Inputs["metadata"], "nothing is waited for")
	object := func(pairs ...any) map[string]any {
		result := map[string]any{}
		for i := 0; i < len(pairs); i += 2 {
			result[pairs[i].(string)] = pairs[i+1]
		}
		return result
	}
	assert.Equal(t, map[string]any{
		"instanceProfile": "nodes", "amiFamily": "Bottlerocket",
		"amiSelectorTerms": []any{
			object("id", "ami-0123456789abcdef0"), object("ssmParameter", "/images/nodes"),
			object("name", "nodes-*", "owner", "self", "tags", object("team", "*")),
		},
		"subnetSelectorTerms": []any{object("id", "subnet-0123456789abcdef0"), object("tags", object("tier", "nodes"))},
		"securityGroupSelectorTerms": []any{
			object("id", "sg-0123456789abcdef0"), object("name", "nodes"), object("tags", object("tier", "nodes")),
		},
		"capacityReservationSelectorTerms": []any{
			object("id", "cr-0123456789abcdef0"),
			object("instanceMatchCriteria", "open", "ownerID", "111122223333", "tags", object("team", "shop")),
		},
		"placementGroupSelector": object("name", "close"), "associatePublicIPAddress": false, "ipPrefixCount": 2.0,
		"blockDeviceMappings": []any{object("deviceName", "/dev/xvda", "rootVolume", true, "ebs", object(
			"volumeSize", "100Gi", "volumeType", "gp3", "iops", 3000.0, "throughput", 125.0, "deleteOnTermination", true, "encrypted", true,
			"kmsKeyID", "alias/nodes", "snapshotID", "snap-0123456789abcdef0", "volumeInitializationRate", 100.0,
		))},
		"instanceStorePolicy": "RAID0", "userData": "[settings]",
		"kubelet": object(
			"clusterDNS", []any{"10.100.0.10", "fd00::a"}, "maxPods", 58.0, "podsPerCore", 8.0,
			"systemReserved", object("cpu", "100m"), "kubeReserved", object("memory", "1Gi"),
			"evictionHard", object("memory.available", "5%"), "evictionSoft", object("nodefs.available", "10Gi"),
			"evictionSoftGracePeriod", object("nodefs.available", "2m"), "evictionMaxPodGracePeriod", 60.0,
			"imageGCHighThresholdPercent", 85.0, "imageGCLowThresholdPercent", 80.0, "cpuCFSQuota", false,
		),
		"metadataOptions": object("httpEndpoint", "enabled", "httpProtocolIPv6", "enabled", "httpPutResponseHopLimit", 2.0, "httpTokens", "required"),
		"networkInterfaces": []any{
			object("networkCardIndex", 0.0, "deviceIndex", 0.0, "interfaceType", "interface"),
			object("networkCardIndex", 1.0, "deviceIndex", 1.0, "interfaceType", "efa-only"),
		},
		"connectionTracking": object("tcpEstablishedTimeout", 350.0, "udpStreamTimeout", 180.0, "udpTimeout", 30.0),
		"cpuOptions":         object("nestedVirtualization", "enabled"), "detailedMonitoring": true, "context": "c-0123", "tags": object("team", "shop"),
	}, made.Inputs["spec"])
}

func TestAPreviewOfANodeClassShowsAllButTheRoleThatIsToBeMade(t *testing.T) {
	t.Parallel()
	specs := map[bool]map[string]any{}
	for _, preview := range []bool{false, true} {
		a := &account.Account{Preview: preview}
		require.NoError(t, a.Run(nil, func(ctx *pulumi.Context) error {
			role, err := something(ctx, "nodes")
			if err != nil {
				return err
			}
			id := role.(pulumi.CustomResource).ID().ToStringOutput()
			return nodeClass(&NodeClassArgs{ClusterName: new("shop"), Options: &NodeClassOptions{Role: id.ToStringPtrOutput()}})(ctx)
		}))
		made := a.Of(classToken, "class")
		specs[preview] = made.Inputs["spec"].(map[string]any)
		assert.Equal(t, []string{"test:index:Something::nodes"}, made.Waits)
	}
	assert.Equal(t, "nodes", specs[false]["role"])
	want := maps.Clone(specs[false])
	want["role"] = "<unknown>"
	assert.Equal(t, want, specs[true])
}

func TestTheNewestImageIsThatOfTheFamily(t *testing.T) {
	t.Parallel()
	for family, alias := range map[string]string{
		"AL2": "al2@latest", "AL2023": "al2023@latest", "Bottlerocket": "bottlerocket@latest", "Windows2022": "windows2022@latest",
	} {
		args := &NodeClassArgs{ClusterName: new("shop"), Options: &NodeClassOptions{Role: pulumi.String("nodes"), AmiFamily: &family}}
		require.NoError(t, args.Check("class"))
		spec := args.Object()["spec"].(map[string]any)
		assert.Equal(t, []any{map[string]any{"alias": alias}}, spec["amiSelectorTerms"])
		assert.Equal(t, family, spec["amiFamily"])
	}
}
