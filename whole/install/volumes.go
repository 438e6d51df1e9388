package install

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/grafanix/eks-karpenter/internal/component"
)

// BlockDeviceMapping is a volume of a node.
type BlockDeviceMapping struct {
	// DeviceName is where the node finds it, such as /dev/xvda. Required.
	DeviceName *string `pulumi:"deviceName,optional"`
	// Ebs is the volume.
	Ebs *BlockDevice `pulumi:"ebs,optional"`
	// RootVolume marks the volume that holds the kubelet's directory; at most one does. Default: false.
	RootVolume *bool `pulumi:"rootVolume,optional"`
}

// BlockDevice is an EBS volume. Sources: "Amazon EBS volume types"; EbsBlockDevice, EC2 API Reference.
type BlockDevice struct {
	// VolumeSize is in Gi, G, Ti or T. Either it or SnapshotId is required.
	VolumeSize *string `pulumi:"volumeSize,optional"`
	// VolumeType is gp3, gp2, io1, io2, st1, sc1 or standard.
	VolumeType *string `pulumi:"volumeType,optional"`
	// Iops is for io1, io2 and gp3.
	Iops *int `pulumi:"iops,optional"`
	// Throughput is for gp3, in MiB/s, 125 or more.
	Throughput *int `pulumi:"throughput,optional"`
	// Encrypted encrypts the volume. Default: as the account has it.
	Encrypted *bool `pulumi:"encrypted,optional"`
	// KmsKeyId is the key that encrypts it, by id, ARN or alias. Its policy, or the controller's, must allow its use.
	KmsKeyId pulumi.StringPtrInput `pulumi:"kmsKeyID,optional"`
	// DeleteOnTermination deletes the volume with its node. Default: as EC2 has it.
	DeleteOnTermination *bool `pulumi:"deleteOnTermination,optional"`
	// SnapshotId is a snapshot that the volume begins with.
	SnapshotId pulumi.StringPtrInput `pulumi:"snapshotID,optional"`
	// VolumeInitializationRate is how fast the snapshot arrives, in MiB/s, 100 to 300. Since Karpenter 1.5.
	VolumeInitializationRate *int `pulumi:"volumeInitializationRate,optional"`
}

func checkVolumes(p problems, property string, volumes []BlockDeviceMapping) {
	p.AtMost(property, len(volumes), 50)
	roots := 0
	seen := map[string]bool{}
	for i, volume := range volumes {
		path := component.Indexed(property, i)
		name := component.Or(volume.DeviceName, "")
		if name == "" {
			p.Addf(path+".deviceName", "required: where the node finds the volume, such as /dev/xvda")
		} else if seen[name] {
			p.Addf(path+".deviceName", "%q is listed twice: list it once", name)
		}
		seen[name] = true
		if volume.Ebs != nil {
			volume.Ebs.check(p, path+".ebs")
		}
		if component.Or(volume.RootVolume, false) {
			roots++
		}
	}
	if roots > 1 {
		p.Addf(property, "%d volumes are marked as rootVolume: mark one", roots)
	}
}

func (d *BlockDevice) check(outer problems, path string) {
	p := outer.In(path)
	if d.VolumeSize == nil && d.SnapshotId == nil {
		outer.Addf(path, "has no size: give volumeSize or snapshotID")
	}
	p.Matches("volumeSize", d.VolumeSize, volumeSizeForm)
	p.MatchesKnown("snapshotID", d.SnapshotId, snapshotForm)
	p.OneOf("volumeType", d.VolumeType, "gp3", "gp2", "io1", "io2", "st1", "sc1", "standard")
	volumeType := component.Or(d.VolumeType, "")
	if d.Iops != nil && volumeType != "io1" && volumeType != "io2" && volumeType != "gp3" {
		p.Addf("iops", "only for io1, io2 and gp3: set volumeType, or leave it out")
	}
	if d.Iops == nil && (volumeType == "io1" || volumeType == "io2") {
		p.Addf("iops", "required for %s", volumeType)
	}
	if d.Iops != nil && *d.Iops < 100 {
		p.Addf("iops", "%d is too small: 100 or more", *d.Iops)
	}
	if d.Throughput != nil && volumeType != "gp3" {
		p.Addf("throughput", "only for gp3: set volumeType, or leave it out")
	}
	if d.Throughput != nil && *d.Throughput < 125 {
		p.Addf("throughput", "%d is too small: 125 or more MiB/s", *d.Throughput)
	}
	if d.KmsKeyId != nil && !component.Or(d.Encrypted, false) {
		p.Addf("kmsKeyID", "encrypts nothing: set encrypted, or leave it out")
	}
	p.Between("volumeInitializationRate", d.VolumeInitializationRate, 100, 300, "MiB/s")
	if d.VolumeInitializationRate != nil && d.SnapshotId == nil {
		p.Addf("volumeInitializationRate", "is that of a snapshot: give snapshotID, or leave it out")
	}
}
