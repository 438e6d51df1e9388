package provider

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

// changes tells whether new inputs change one of some properties.
func (s schema) changes(old, new values, which func(name string) bool) bool {
	for name, property := range s {
		if _, changed := property.change(resource.NewPropertyValue(old[name]), resource.NewPropertyValue(new[name])); changed && which(name) {
			return true
		}
	}
	return false
}

func templateVersion(in values) cloud.TemplateVersion {
	profile := in.object("iamInstanceProfile")
	version := cloud.TemplateVersion{
		Description:    in.text("description"),
		ImageID:        in.text("imageId"),
		InstanceType:   in.text("instanceType"),
		KeyName:        in.text("keyName"),
		EBSOptimized:   in.text("ebsOptimized"),
		ProfileARN:     profile.text("arn"),
		ProfileName:    profile.text("name"),
		Monitoring:     in.object("monitoring").flagPtr("enabled"),
		GroupIDs:       in.texts("vpcSecurityGroupIds"),
		UserData:       in.text("userData"),
		ShutdownAction: in.text("instanceInitiatedShutdownBehavior"),
	}
	if metadata := in.object("metadataOptions"); len(metadata) > 0 {
		version.Metadata = &cloud.MetadataOptions{
			Endpoint:     metadata.text("httpEndpoint"),
			ProtocolIPv6: metadata.text("httpProtocolIpv6"),
			HopLimit:     metadata.number("httpPutResponseHopLimit"),
			Tokens:       metadata.text("httpTokens"),
			Tags:         metadata.text("instanceMetadataTags"),
		}
	}
	for _, device := range in.objects("blockDeviceMappings") {
		version.BlockDevices = append(version.BlockDevices, blockDevice(device, device.object("ebs")))
	}
	for _, spec := range in.objects("tagSpecifications") {
		version.TagSpecs = append(version.TagSpecs, cloud.TemplateTagSpec{ResourceType: spec.text("resourceType"), Tags: spec.tags()})
	}
	return version
}

func blockDevice(device, ebs values) cloud.BlockDevice {
	return cloud.BlockDevice{
		DeviceName:          device.text("deviceName"),
		NoDevice:            device.text("noDevice"),
		VirtualName:         device.text("virtualName"),
		DeleteOnTermination: ebs.text("deleteOnTermination"),
		Encrypted:           ebs.text("encrypted"),
		KMSKeyID:            ebs.text("kmsKeyId"),
		SnapshotID:          ebs.text("snapshotId"),
		VolumeType:          ebs.text("volumeType"),
		VolumeSize:          ebs.number("volumeSize"),
		IOPS:                ebs.number("iops"),
		Throughput:          ebs.number("throughput"),
	}
}

func readTemplate(c *cloud.Client, id string, _ values) (found, error) {
	template, err := c.DescribeLaunchTemplate(id)
	if err != nil {
		return found{}, unlessCode(err, cloud.NoTemplate)
	}
	latest := template.Versions[len(template.Versions)-1]
	state := values{
		"arn":                               c.ARN("ec2", "launch-template/"+template.ID),
		"blockDeviceMappings":               deviceStates(latest.BlockDevices),
		"defaultVersion":                    template.DefaultVersion,
		"description":                       latest.Description,
		"ebsOptimized":                      latest.EBSOptimized,
		"iamInstanceProfile":                given(map[string]any{"arn": latest.ProfileARN, "name": latest.ProfileName}),
		"imageId":                           latest.ImageID,
		"instanceInitiatedShutdownBehavior": latest.ShutdownAction,
		"instanceType":                      latest.InstanceType,
		"keyName":                           latest.KeyName,
		"latestVersion":                     len(template.Versions),
		"name":                              template.Name,
		"tagSpecifications":                 tagSpecStates(latest.TagSpecs),
		"userData":                          latest.UserData,
		"vpcSecurityGroupIds":               latest.GroupIDs,
	}
	if metadata := latest.Metadata; metadata != nil {
		state["metadataOptions"] = given(map[string]any{
			"httpEndpoint":            metadata.Endpoint,
			"httpProtocolIpv6":        metadata.ProtocolIPv6,
			"httpPutResponseHopLimit": metadata.HopLimit,
			"httpTokens":              metadata.Tokens,
			"instanceMetadataTags":    metadata.Tags,
		})
	}
	if latest.Monitoring != nil {
		state["monitoring"] = map[string]any{"enabled": *latest.Monitoring}
	}
	return found{id, state.withTags(template.Tags)}, nil
}

// given are the fields of an object that are set.
func given(fields map[string]any) map[string]any {
	set := map[string]any{}
	for name, value := range fields {
		if value != "" && value != 0 {
			set[name] = value
		}
	}
	return set
}

func deviceStates(devices []cloud.BlockDevice) []any {
	all := []any{}
	for _, device := range devices {
		state := given(map[string]any{"deviceName": device.DeviceName, "noDevice": device.NoDevice, "virtualName": device.VirtualName})
		ebs := given(map[string]any{
			"deleteOnTermination": device.DeleteOnTermination,
			"encrypted":           device.Encrypted,
			"iops":                device.IOPS,
			"kmsKeyId":            device.KMSKeyID,
			"snapshotId":          device.SnapshotID,
			"throughput":          device.Throughput,
			"volumeSize":          device.VolumeSize,
			"volumeType":          device.VolumeType,
		})
		if len(ebs) > 0 {
			state["ebs"] = ebs
		}
		all = append(all, state)
	}
	return all
}

func tagSpecStates(specs []cloud.TemplateTagSpec) []any {
	all := []any{}
	for _, spec := range specs {
		state := map[string]any{"resourceType": spec.ResourceType}
		if len(spec.Tags) > 0 {
			state["tags"] = map[string]string(spec.Tags)
		}
		all = append(all, state)
	}
	return all
}
