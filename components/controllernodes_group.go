package components

import (
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumix"
)

// templateVersion is the launch template's version that the node group uses.
type templateVersion struct{ id, version pulumi.StringOutput }

// launchTemplate makes what EKS takes from no other place: the metadata service's, the volumes' and the tags' settings.
// Source: "Customize managed nodes with launch templates", Amazon EKS User Guide.
func (b *controllerNodesBuilder) launchTemplate() error {
	tags := pulumi.ToStringMap(b.options.instanceTags(b.args.ClusterName))
	template, err := ec2.NewLaunchTemplate(b.ctx, b.name, &ec2.LaunchTemplateArgs{
		Name:                 pulumi.String(controllerNodesName(b.args.ClusterName)),
		Description:          pulumi.String("Nodes of Karpenter's controller on EKS cluster " + b.args.ClusterName),
		UpdateDefaultVersion: pulumi.Bool(true),
		MetadataOptions:      b.metadata(),
		BlockDeviceMappings:  b.volumes(),
		TagSpecifications: ec2.LaunchTemplateTagSpecificationArray{
			ec2.LaunchTemplateTagSpecificationArgs{ResourceType: pulumi.String("instance"), Tags: tags},
			ec2.LaunchTemplateTagSpecificationArgs{ResourceType: pulumi.String("volume"), Tags: tags},
		},
		Tags: stringMap(b.options.Tags),
	}, b.parent)
	if err != nil {
		return fmt.Errorf("launch template: %w", err)
	}
	b.template = templateVersion{
		id:      template.ID().ToStringOutput(),
		version: stringOutput(pulumix.Apply(template.LatestVersion, strconv.Itoa)),
	}
	b.component.LaunchTemplateId = b.template.id
	return nil
}

// metadata has the instance metadata service answer to session tokens alone.
func (b *controllerNodesBuilder) metadata() *ec2.LaunchTemplateMetadataOptionsArgs {
	metadata := &ec2.LaunchTemplateMetadataOptionsArgs{
		HttpEndpoint:            pulumi.String("enabled"),
		HttpTokens:              pulumi.String("required"),
		HttpPutResponseHopLimit: pulumi.Int(or(b.options.MetadataHopLimit, defaultMetadataHopLimit)),
	}
	if b.facts.ipv6() {
		metadata.HttpProtocolIpv6 = pulumi.String("enabled")
	}
	return metadata
}

// volumes are the root volume or, on Bottlerocket, the one of the operating system, in its own size, and the one of
// images and pods. Source: "Default volumes", Bottlerocket documentation.
func (b *controllerNodesBuilder) volumes() ec2.LaunchTemplateBlockDeviceMappingArray {
	volume := func(device string, size pulumi.IntPtrInput) ec2.LaunchTemplateBlockDeviceMappingArgs {
		return ec2.LaunchTemplateBlockDeviceMappingArgs{
			DeviceName: pulumi.String(device),
			Ebs: &ec2.LaunchTemplateBlockDeviceMappingEbsArgs{
				VolumeType: pulumi.String("gp3"), VolumeSize: size,
				Encrypted: pulumi.String("true"), KmsKeyId: b.options.KmsKeyArn, DeleteOnTermination: pulumi.String("true"),
			},
		}
	}
	size := pulumi.Int(or(b.options.DiskSize, defaultDiskSize))
	if b.options.onBottlerocket() {
		return ec2.LaunchTemplateBlockDeviceMappingArray{volume("/dev/xvda", nil), volume("/dev/xvdb", size)}
	}
	return ec2.LaunchTemplateBlockDeviceMappingArray{volume("/dev/xvda", size)}
}

// nodeGroup makes the nodes. Nothing scales them but this program, so that a desired size which somebody changes is set
// back.
func (b *controllerNodesBuilder) nodeGroup() error {
	args := &eks.NodeGroupArgs{
		ClusterName:   b.facts.name(b.args.ClusterName),
		NodeRoleArn:   b.component.RoleArn,
		SubnetIds:     b.subnets,
		AmiType:       pulumi.String(b.options.amiType()),
		CapacityType:  pulumi.String(or(b.options.CapacityType, "ON_DEMAND")),
		InstanceTypes: pulumi.ToStringArray(b.options.instanceTypes()),
		LaunchTemplate: &eks.NodeGroupLaunchTemplateArgs{
			Id: b.template.id.ToStringPtrOutput(), Version: b.template.version,
		},
		ScalingConfig: &eks.NodeGroupScalingConfigArgs{
			DesiredSize: pulumi.Int(or(b.options.DesiredSize, defaultDesiredSize)),
			MinSize:     pulumi.Int(or(b.options.MinSize, defaultMinSize)),
			MaxSize:     pulumi.Int(or(b.options.MaxSize, defaultMaxSize)),
		},
		UpdateConfig:   &eks.NodeGroupUpdateConfigArgs{MaxUnavailable: pulumi.Int(or(b.options.MaxUnavailable, 1))},
		Version:        pulumi.StringPtrFromPtr(b.options.Version),
		ReleaseVersion: pulumi.StringPtrFromPtr(b.options.ReleaseVersion),
		Labels:         pulumi.ToStringMap(merged(map[string]string{controllerLabel: "true"}, b.options.Labels)),
		Tags:           stringMap(b.options.Tags),
	}
	if or(b.options.CriticalAddonsOnly, false) {
		args.Taints = eks.NodeGroupTaintArray{eks.NodeGroupTaintArgs{
			Key: pulumi.String("CriticalAddonsOnly"), Value: pulumi.String("true"), Effect: pulumi.String("NO_SCHEDULE"),
		}}
	}
	options := []pulumi.ResourceOption{b.parent, pulumi.DependsOn(b.attached)}
	if b.options.Name != nil {
		args.NodeGroupName = pulumi.StringPtrFromPtr(b.options.Name)
		options = append(options, pulumi.DeleteBeforeReplace(true)) // a cluster has one group of a name
	} else {
		args.NodeGroupNamePrefix = pulumi.String(controllerNodesPhysical + "-")
	}
	group, err := eks.NewNodeGroup(b.ctx, b.name, args, options...)
	if err != nil {
		return fmt.Errorf("node group: %w", err)
	}
	b.component.NodeGroup = group
	b.component.NodeGroupName, b.component.NodeGroupArn = group.NodeGroupName, group.Arn
	return nil
}
