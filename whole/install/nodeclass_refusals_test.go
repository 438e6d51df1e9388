package install

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
)

// classWith refuses or takes one option beside those that are required.
func classWith(options NodeClassOptions) func(*pulumi.Context) error {
	if options.Role == nil && options.InstanceProfile == nil {
		options.Role = pulumi.String("nodes")
	}
	return nodeClass(&NodeClassArgs{ClusterName: new("shop"), Options: &options})
}

func TestANodeClassRefusesWhatKarpenterWould(t *testing.T) {
	t.Parallel()
	images := func(terms ...AmiSelectorTerm) func(*pulumi.Context) error {
		return classWith(NodeClassOptions{AmiSelectorTerms: terms})
	}
	volume := func(ebs BlockDevice) func(*pulumi.Context) error {
		return classWith(NodeClassOptions{BlockDeviceMappings: []BlockDeviceMapping{{DeviceName: new("/dev/xvda"), Ebs: &ebs}}})
	}
	assertRefused(t, []refusal{
		{why: "nothing at all", with: nodeClass(nil), says: `class: 2 problems:
  - clusterName: required: the EKS cluster's name, by which subnets and security groups are found; or give options.subnetSelectorTerms and options.securityGroupSelectorTerms
  - options.role: required: the bare name of the nodes' role, or else instanceProfile`},
		{why: "names that are none", with: nodeClass(&NodeClassArgs{
			ClusterName: new("my shop"), Name: new("My"), KarpenterVersion: new("next"), DeleteTimeout: new("soon"),
			Options: &NodeClassOptions{Role: pulumi.String("nodes")},
		}), says: `class: 4 problems:
  - clusterName: "my shop" is not valid: 1 to 100 letters, digits, hyphens and underscores, a letter or digit first
  - name: "My" is not valid: 1 to 63 small letters, digits, hyphens and dots, a letter or digit at both ends and beside each dot
  - karpenterVersion: "next" is not a release of Karpenter: three numbers, such as 1.14.1
  - deleteTimeout: "soon" is not valid: a time such as 90s, 30m or 1h30m`},
		{
			why: "a role's ARN", with: classWith(NodeClassOptions{Role: pulumi.String("arn:aws:iam::111122223333:role/nodes")}),
			says: `class: options.role: "arn:aws:iam::111122223333:role/nodes" is an ARN or has a path: give the role's bare name, "nodes"`,
		},
		{
			why: "a role with a path", with: classWith(NodeClassOptions{Role: pulumi.String("team/nodes")}),
			says: `class: options.role: "team/nodes" is an ARN or has a path: give the role's bare name, "nodes"`,
		},
		{
			why: "two identities", with: classWith(NodeClassOptions{Role: pulumi.String("nodes"), InstanceProfile: pulumi.String("nodes")}),
			says: "class: options.instanceProfile: a role is given in role: leave out one of the two",
		},
		{
			why: "an alias of another family", with: classWith(NodeClassOptions{
				AmiFamily: new("Bottlerocket"), AmiSelectorTerms: []AmiSelectorTerm{{Alias: new("al2023@latest")}},
			}),
			says: `class: options.amiFamily: "Bottlerocket" is another family than that of "al2023@latest": leave it out`,
		},
		{why: "images that are wrong in every way", with: images(
			AmiSelectorTerm{Alias: new("al2023")}, AmiSelectorTerm{Owner: new("self")},
			AmiSelectorTerm{Id: pulumi.String("i-1"), Name: new("x")}, AmiSelectorTerm{Tags: map[string]string{"a": ""}},
			AmiSelectorTerm{Alias: new("windows2022@v1"), Owner: new("self")},
		), says: `class: 8 problems:
  - options.amiSelectorTerms[0].alias: "al2023" is not valid: family@version with al2, al2023 or bottlerocket, or windows2019@latest, windows2022@latest or windows2025@latest
  - options.amiSelectorTerms[1]: selects nothing: give one of tags, id, name, alias, ssmParameter
  - options.amiSelectorTerms[2].id: stands alone: give the rest a term of its own, or leave it out
  - options.amiSelectorTerms[2].id: "i-1" is not valid: the id of an AMI, ami-...
  - options.amiSelectorTerms[3].tags: "a" = "" selects nothing: give a key and a value, * for any
  - options.amiSelectorTerms[4].alias: stands alone: give the rest a term of its own, or leave it out
  - options.amiSelectorTerms[4].alias: "windows2022@v1" is not valid: family@version with al2, al2023 or bottlerocket, or windows2019@latest, windows2022@latest or windows2025@latest
  - options.amiSelectorTerms: an alias goes with no other term: leave the others out, or the alias`},
		{
			why: "an image of no family", with: images(AmiSelectorTerm{Name: new("nodes")}),
			says: "class: options.amiFamily: required: no alias in amiSelectorTerms implies it",
		},
		{
			why: "a custom family without an image", with: classWith(NodeClassOptions{AmiFamily: new("Custom")}),
			says: "class: options.amiSelectorTerms: required: amiFamily Custom has no image of its own",
		},
		{why: "selectors that select nothing", with: classWith(NodeClassOptions{
			SubnetSelectorTerms:              []SubnetSelectorTerm{},
			SecurityGroupSelectorTerms:       []SecurityGroupSelectorTerm{{Name: new("nodes"), Tags: map[string]string{"a": "b"}}, {Tags: map[string]string{}}},
			CapacityReservationSelectorTerms: []CapacityReservationSelectorTerm{{OwnerId: new("me")}},
			PlacementGroupSelector:           &PlacementGroupSelector{},
		}), says: `class: 6 problems:
  - options.subnetSelectorTerms: is empty: give a term, or leave it out
  - options.securityGroupSelectorTerms[0].name: stands alone: give the rest a term of its own, or leave it out
  - options.securityGroupSelectorTerms[1].tags: is empty: give a tag, or leave it out
  - options.capacityReservationSelectorTerms[0]: selects nothing: give one of tags, id, instanceMatchCriteria
  - options.capacityReservationSelectorTerms[0].ownerID: "me" is not valid: an AWS account's 12 digits
  - options.placementGroupSelector: give either name or id`},
		{why: "a volume without a size, of no type", with: volume(BlockDevice{VolumeType: new("ssd"), Iops: new(1), Throughput: new(1)}), says: `class: 6 problems:
  - options.blockDeviceMappings[0].ebs: has no size: give volumeSize or snapshotID
  - options.blockDeviceMappings[0].ebs.volumeType: "ssd" is not valid: one of gp3, gp2, io1, io2, st1, sc1, standard
  - options.blockDeviceMappings[0].ebs.iops: only for io1, io2 and gp3: set volumeType, or leave it out
  - options.blockDeviceMappings[0].ebs.iops: 1 is too small: 100 or more
  - options.blockDeviceMappings[0].ebs.throughput: only for gp3: set volumeType, or leave it out
  - options.blockDeviceMappings[0].ebs.throughput: 1 is too small: 125 or more MiB/s`},
		{why: "a volume that lacks what its options need", with: volume(BlockDevice{
			VolumeSize: new("100GB"), VolumeType: new("io2"), KmsKeyId: pulumi.String("key"), VolumeInitializationRate: new(99),
		}), says: `class: 5 problems:
  - options.blockDeviceMappings[0].ebs.volumeSize: "100GB" is not valid: a size in Gi, G, Ti or T, such as 100Gi
  - options.blockDeviceMappings[0].ebs.iops: required for io2
  - options.blockDeviceMappings[0].ebs.kmsKeyID: encrypts nothing: set encrypted, or leave it out
  - options.blockDeviceMappings[0].ebs.volumeInitializationRate: 99 is out of range: 100 to 300 MiB/s
  - options.blockDeviceMappings[0].ebs.volumeInitializationRate: is that of a snapshot: give snapshotID, or leave it out`},
		{
			why: "a volume of a snapshot without an id", with: volume(BlockDevice{SnapshotId: pulumi.String(""), VolumeInitializationRate: new(100)}),
			says: `class: options.blockDeviceMappings[0].ebs.snapshotID: "" is not valid: the id of a snapshot, snap-...`,
		},
		{why: "volumes in no place, and two roots", with: classWith(NodeClassOptions{BlockDeviceMappings: []BlockDeviceMapping{
			{RootVolume: new(true)}, {DeviceName: new("/dev/xvda"), RootVolume: new(true)}, {DeviceName: new("/dev/xvda")},
		}}), says: `class: 3 problems:
  - options.blockDeviceMappings[0].deviceName: required: where the node finds the volume, such as /dev/xvda
  - options.blockDeviceMappings[2].deviceName: "/dev/xvda" is listed twice: list it once
  - options.blockDeviceMappings: 2 volumes are marked as rootVolume: mark one`},
		{why: "a kubelet that would not start", with: classWith(NodeClassOptions{Kubelet: &Kubelet{
			ClusterDNS: []string{"dns"}, MaxPods: new(-1), KubeReserved: map[string]string{"gpu": "1", "cpu": "-1"},
			EvictionHard: map[string]string{"memory.available": "120%"}, EvictionSoft: map[string]string{"pid.available": "5%"},
			EvictionSoftGracePeriod:     map[string]string{"memory.available": "soon", "nodefs.available": "2562048h"},
			ImageGCHighThresholdPercent: new(80), ImageGCLowThresholdPercent: new(80),
		}}), says: `class: 11 problems:
  - options.kubelet.clusterDNS[0]: "dns" is not valid: an IP address
  - options.kubelet.maxPods: -1 is out of range: 0 to 2147483647 pods
  - options.kubelet.kubeReserved.cpu: "-1" is not valid: a quantity that is not negative, such as 500m or 2Gi
  - options.kubelet.kubeReserved: "gpu" is not valid: one of cpu, memory, ephemeral-storage, pid
  - options.kubelet.evictionHard.memory.available: "120%" is not valid: a percentage up to 100%, or a quantity such as 500Mi
  - options.kubelet.evictionSoftGracePeriod.memory.available: "soon" is not valid: a time such as 90s, 30m or 1h30m
  - options.kubelet.evictionSoftGracePeriod.memory.available: is of no signal in evictionSoft: add the signal, or leave it out
  - options.kubelet.evictionSoftGracePeriod.nodefs.available: "2562048h" is too long: at most 2562047h
  - options.kubelet.evictionSoftGracePeriod.nodefs.available: is of no signal in evictionSoft: add the signal, or leave it out
  - options.kubelet.evictionSoft.pid.available: has no grace period: add one to evictionSoftGracePeriod
  - options.kubelet.imageGCHighThresholdPercent: 80 is not more than imageGCLowThresholdPercent, 80`},
		{why: "words and numbers that EC2 does not know", with: classWith(NodeClassOptions{
			IpPrefixCount: new(-1), InstanceStorePolicy: new("RAID1"),
			MetadataOptions:    &MetadataOptions{HttpTokens: new("none"), HttpPutResponseHopLimit: new(65)},
			ConnectionTracking: &ConnectionTracking{}, CpuOptions: &CpuOptions{NestedVirtualization: new("on")},
		}), says: `class: 6 problems:
  - options.ipPrefixCount: -1 is out of range: 0 to 2147483647 prefixes
  - options.instanceStorePolicy: "RAID1" is not valid: one of RAID0
  - options.metadataOptions.httpPutResponseHopLimit: 65 is out of range: 1 to 64 hops
  - options.metadataOptions.httpTokens: "none" is not valid: one of required, optional
  - options.connectionTracking: is empty: give tcpEstablishedTimeout, udpStreamTimeout or udpTimeout
  - options.cpuOptions.nestedVirtualization: "on" is not valid: one of enabled, disabled`},
		{why: "interfaces without a primary one", with: classWith(NodeClassOptions{NetworkInterfaces: []NetworkInterface{
			{0, 0, "efa-only"}, {0, 1, "efa-only"}, {0, 0, "interface"}, {-1, 0, "efa"},
		}}), says: `class: 5 problems:
  - options.networkInterfaces[1]: card 0 has an interface of type efa-only: a card takes one
  - options.networkInterfaces[2]: another interface is at card 0 and device 0: choose another place
  - options.networkInterfaces[3].interfaceType: "efa" is not valid: one of interface, efa-only
  - options.networkInterfaces[3]: an index is out of range: 0 to 2147483647
  - options.networkInterfaces: no primary one: add one of type interface at card 0 and device 0`},
		{why: "tags that are Karpenter's or AWS's", with: classWith(NodeClassOptions{Tags: map[string]string{
			"eks:eks-cluster-name": "x", "karpenter.sh/nodepool": "x", "karpenter.sh/nodeclaim": "x", "karpenter.k8s.aws/ec2nodeclass": "x",
			"kubernetes.io/cluster/shop": "owned", "aws:x": "x", "": "x",
		}}), says: `class: 7 problems:
  - options.tags: "" is not valid: a key has 1 to 128 characters
  - options.tags: "aws:x" is not valid: the prefix aws: is reserved by AWS
  - options.tags: "eks:eks-cluster-name" is Karpenter's own tag: choose another key
  - options.tags: "karpenter.k8s.aws/ec2nodeclass" is Karpenter's own tag: choose another key
  - options.tags: "karpenter.sh/nodeclaim" is Karpenter's own tag: choose another key
  - options.tags: "karpenter.sh/nodepool" is Karpenter's own tag: choose another key
  - options.tags: "kubernetes.io/cluster/shop" is Karpenter's own tag: choose another key`},
	})
}

func TestANodeClassHasNothingThatItsReleaseDoesNotHave(t *testing.T) {
	t.Parallel()
	refused := nodeClass(&NodeClassArgs{KarpenterVersion: new("1.2.3"), Options: everyNodeClassOption()})
	assertRefused(t, []refusal{{why: "an early release", with: refused, says: `class: 9 problems:
  - options.amiSelectorTerms.ssmParameter: Karpenter 1.2 does not have it: leave it out, or choose 1.4 or later
  - options.capacityReservationSelectorTerms: Karpenter 1.2 does not have it: leave it out, or choose 1.3 or later
  - options.capacityReservationSelectorTerms.instanceMatchCriteria: Karpenter 1.2 does not have it: leave it out, or choose 1.8 or later
  - options.placementGroupSelector: Karpenter 1.2 does not have it: leave it out, or choose 1.11 or later
  - options.ipPrefixCount: Karpenter 1.2 does not have it: leave it out, or choose 1.8 or later
  - options.blockDeviceMappings.ebs.volumeInitializationRate: Karpenter 1.2 does not have it: leave it out, or choose 1.5 or later
  - options.networkInterfaces: Karpenter 1.2 does not have it: leave it out, or choose 1.11 or later
  - options.connectionTracking: Karpenter 1.2 does not have it: leave it out, or choose 1.13 or later
  - options.cpuOptions: Karpenter 1.2 does not have it: leave it out, or choose 1.13 or later`}})
	for release, ok := range map[string]bool{"1.8.0": false, "1.9.0": true, "1.14.1": true, "1.20.0": true} {
		err := (&NodeClassArgs{
			ClusterName: new("shop"), KarpenterVersion: &release, Options: &NodeClassOptions{Role: pulumi.String("nodes"), AmiFamily: new("Windows2025")},
		}).Check("class")
		assert.Equal(t, ok, err == nil, "Windows2025 in %s: %v", release, err)
		err = (&NodeClassArgs{ClusterName: new("shop"), KarpenterVersion: &release, Options: &NodeClassOptions{
			Role: pulumi.String("nodes"), AmiSelectorTerms: []AmiSelectorTerm{{Alias: new("windows2025@latest")}},
		}}).Check("class")
		assert.Equal(t, ok, err == nil, "windows2025@latest in %s: %v", release, err)
	}
}
