package conformance

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/grafanix/eks-karpenter/whole/install"
)

// volumeRows are about the nodes' volumes.
func volumeRows() []installRow {
	type volume = install.BlockDeviceMapping
	type disk = install.BlockDevice
	size, snapshot := new("100Gi"), pulumi.String("snap-1")
	var disks []disk
	for _, each := range []string{
		"1Gi", "9999Gi", "59000Gi", "59001Gi", "0Gi", "01Gi", "1G", "64000G", "64001G", "1Ti", "17Ti", "18Ti", "58Ti", "59Ti", "1T", "64T", "65T", "Ti", "T",
		"100", "100GB", "", "1.5Ti", "-1Gi",
	} {
		disks = append(disks, disk{VolumeSize: &each})
	}
	for _, kind := range []string{"gp3", "gp2", "io1", "io2", "st1", "sc1", "standard", "ssd", ""} {
		for _, iops := range []*int{nil, new(99), new(100), new(3000)} {
			disks = append(disks, disk{VolumeSize: size, VolumeType: &kind, Iops: iops})
		}
		for _, throughput := range []*int{new(124), new(125)} {
			disks = append(disks, disk{VolumeSize: size, VolumeType: &kind, Throughput: throughput, Iops: new(3000)})
		}
	}
	for _, rate := range ends(100, 300) {
		disks = append(disks, disk{SnapshotId: snapshot, VolumeInitializationRate: rate})
	}
	disks = append(disks,
		disk{}, disk{SnapshotId: snapshot}, disk{SnapshotId: pulumi.String("")}, disk{VolumeSize: size, SnapshotId: pulumi.String("vol-1")},
		disk{VolumeSize: size, VolumeInitializationRate: new(100)},
		disk{VolumeSize: size, SnapshotId: pulumi.String(""), VolumeInitializationRate: new(100)},
		disk{VolumeSize: size, KmsKeyId: pulumi.String("key")}, disk{VolumeSize: size, KmsKeyId: pulumi.String("key"), Encrypted: new(false)},
		disk{VolumeSize: size, KmsKeyId: pulumi.String("key"), Encrypted: new(true)}, disk{VolumeSize: size, Iops: new(3000)},
	)
	rows := classRows("volume", disks, func(ebs disk) install.NodeClassOptions {
		return install.NodeClassOptions{BlockDeviceMappings: []volume{{DeviceName: new("/dev/xvda"), Ebs: &ebs}}}
	})
	many := repeated(volume{}, 51)
	for i := range many {
		many[i].DeviceName = new("/dev/x" + strings.Repeat("a", i))
	}
	return append(rows, classRows("volumes", [][]volume{
		{},
		{{}},
		{{DeviceName: new("")}},
		{{DeviceName: new("/dev/xvda")}},
		{{DeviceName: new("/dev/xvda")}, {DeviceName: new("/dev/xvda")}},
		{{DeviceName: new("/dev/xvda"), RootVolume: new(true)}, {DeviceName: new("/dev/xvdb"), RootVolume: new(true)}},
		{{DeviceName: new("/dev/xvda"), RootVolume: new(true)}, {DeviceName: new("/dev/xvdb"), RootVolume: new(false)}},
		many[:50], many,
	}, func(volumes []volume) install.NodeClassOptions {
		return install.NodeClassOptions{BlockDeviceMappings: volumes}
	})...)
}

// interfaceRows are about the nodes' network interfaces.
func interfaceRows() []installRow {
	type card = install.NetworkInterface
	at := func(network, device int, kind string) card {
		return card{NetworkCardIndex: network, DeviceIndex: device, InterfaceType: kind}
	}
	first, many := at(0, 0, "interface"), repeated(at(0, 0, "interface"), 151)
	for i := range many {
		many[i].DeviceIndex = i
	}
	return classRows("interfaces", [][]card{
		{},
		{first},
		{first, first},
		{at(0, 0, "efa-only")},
		{at(0, 1, "interface")},
		{first, at(0, 1, "efa-only")},
		{first, at(0, 1, "efa-only"), at(0, 2, "efa-only")},
		{first, at(0, 1, "efa-only"), at(1, 0, "efa-only")},
		{first, at(1, 0, "interface"), at(1, 0, "efa-only")},
		{first, at(0, 1, "efa")},
		{first, at(0, 1, "")},
		{first, at(-1, 0, "interface")},
		{first, at(0, -1, "interface")},
		{first, at(1<<31-1, 1<<31-1, "interface")},
		{first, at(1<<31, 0, "interface")},
		{first, at(0, 1<<31, "interface")},
		many[:150], many,
	}, func(cards []card) install.NodeClassOptions { return install.NodeClassOptions{NetworkInterfaces: cards} })
}

// machineRows are about all the rest of a machine but its kubelet.
func machineRows() []installRow {
	type metadata = install.MetadataOptions
	rows := append(volumeRows(), interfaceRows()...)
	rows = append(rows, classRows("prefixes", ends(0, 16), func(count *int) install.NodeClassOptions {
		return install.NodeClassOptions{IpPrefixCount: count}
	})...)
	rows = append(rows, classRows("hops", ends(1, 64), func(hops *int) install.NodeClassOptions {
		return install.NodeClassOptions{MetadataOptions: &metadata{HttpPutResponseHopLimit: hops}}
	})...)
	rows = append(rows, classRows("word", []string{"enabled", "disabled", "required", "optional", "RAID0", "raid0", "on", ""}, func(word string) install.NodeClassOptions {
		return install.NodeClassOptions{InstanceStorePolicy: &word}
	})...)
	for _, word := range []string{"enabled", "disabled", "required", "optional", "on", ""} {
		rows = append(rows, classRows("word", []install.NodeClassOptions{
			{MetadataOptions: &metadata{HttpEndpoint: &word}},
			{MetadataOptions: &metadata{HttpProtocolIPv6: &word}},
			{MetadataOptions: &metadata{HttpTokens: &word}},
			{CpuOptions: &install.CpuOptions{NestedVirtualization: &word}},
		}, func(options install.NodeClassOptions) install.NodeClassOptions { return options })...)
	}
	type tracking = install.ConnectionTracking
	idle := []tracking{{}}
	for _, seconds := range append(ends(60, 432000), ends(30, 60)...) {
		idle = append(idle, tracking{TcpEstablishedTimeout: seconds}, tracking{UdpStreamTimeout: seconds}, tracking{UdpTimeout: seconds})
	}
	for _, seconds := range ends(60, 180) {
		idle = append(idle, tracking{UdpStreamTimeout: seconds})
	}
	rows = append(rows, classRows("connections", idle, func(idle tracking) install.NodeClassOptions {
		return install.NodeClassOptions{ConnectionTracking: &idle}
	})...)
	return append(rows, classRows("tag", []string{
		"team", "", "aws:x", "AWS:x", "kubernetes.io/cluster", "kubernetes.io/cluster/shop", "kubernetes.io/clusters", "eks:eks-cluster-name", "eks:x", "Name",
		"karpenter.sh/nodepool", "karpenter.sh/nodeclaim", "karpenter.sh/discovery", "karpenter.k8s.aws/ec2nodeclass", strings.Repeat("k", 128), strings.Repeat("k", 129),
	}, func(key string) install.NodeClassOptions {
		return install.NodeClassOptions{Tags: map[string]string{key: strings.Repeat("v", 2*len(key))}}
	})...)
}

// kubeletRows are about what kubelets run with.
func kubeletRows() []installRow {
	var kubelets []install.Kubelet
	for _, count := range ends(0, 100) {
		kubelets = append(kubelets,
			install.Kubelet{MaxPods: count}, install.Kubelet{PodsPerCore: count}, install.Kubelet{EvictionMaxPodGracePeriod: count},
			install.Kubelet{ImageGCHighThresholdPercent: count}, install.Kubelet{ImageGCLowThresholdPercent: count},
			install.Kubelet{ImageGCHighThresholdPercent: count, ImageGCLowThresholdPercent: new(0)},
		)
	}
	for _, quantity := range []string{"1", "0", "+1", "-1", "1Gi", "1.5G", ".5", "5.", "100m", "1e3", "1E+3", "1e-3", "1e1.5", "1k", "1K", "1 Gi", "", "x", "5%", "99.99%", "100%", "100.01%", "-5%"} {
		kubelets = append(kubelets, install.Kubelet{EvictionHard: map[string]string{"memory.available": quantity}})
		kubelets = append(kubelets, install.Kubelet{
			EvictionSoft: map[string]string{"memory.available": quantity}, EvictionSoftGracePeriod: map[string]string{"memory.available": "1m"},
		})
		kubelets = append(kubelets, install.Kubelet{KubeReserved: map[string]string{"cpu": quantity}}, install.Kubelet{SystemReserved: map[string]string{"cpu": quantity}})
	}
	for _, key := range []string{
		"cpu", "memory", "ephemeral-storage", "pid", "gpu", "memory.available", "nodefs.available", "nodefs.inodesFree", "imagefs.available",
		"imagefs.inodesFree", "pid.available", "allocatableMemory.available", "",
	} {
		one, time := map[string]string{key: "1"}, map[string]string{key: "1m"}
		kubelets = append(kubelets, install.Kubelet{KubeReserved: one}, install.Kubelet{SystemReserved: one}, install.Kubelet{EvictionHard: one},
			install.Kubelet{EvictionSoft: one, EvictionSoftGracePeriod: time}, install.Kubelet{EvictionSoft: one}, install.Kubelet{EvictionSoftGracePeriod: time})
	}
	for _, time := range append(times(), "100ms", "1.5h", "-1m") {
		kubelets = append(kubelets, install.Kubelet{
			EvictionSoft: map[string]string{"memory.available": "1Gi"}, EvictionSoftGracePeriod: map[string]string{"memory.available": time},
		})
	}
	for _, address := range []string{"10.100.0.10", "fd00::a", "dns", ""} {
		kubelets = append(kubelets, install.Kubelet{ClusterDNS: []string{address}})
	}
	return classRows("kubelet", append(kubelets, install.Kubelet{}), func(kubelet install.Kubelet) install.NodeClassOptions {
		return install.NodeClassOptions{Kubelet: &kubelet}
	})
}

// times are times that are, that are not, and that are too long for Go.
func times() []string {
	return []string{
		"0s", "90s", "30m", "1h30m", "1m1h", "720h", "2562047h", "2562048h", "99999999999999999999s", "2562047h2562047h", "30d", "1", "", "h", "Never", "never", " 1h",
	}
}
