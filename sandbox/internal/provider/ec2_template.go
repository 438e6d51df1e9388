package provider

import (
	"fmt"
	"slices"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

// yesOrNo are the texts that Terraform has for flags that may be left open.
var yesOrNo = []check{oneOf("true", "false")}

// templateOwn are the properties of a launch template that are no part of its
// versions: a change of theirs makes no new one.
var templateOwn = []string{"defaultVersion", "name", "namePrefix", "tags", "updateDefaultVersion"}

// versioned tells whether a change of a property makes a new version.
func versioned(name string) bool { return !slices.Contains(templateOwn, name) }

var templateProperties = named(125).with(tagged).with(notOfTemplates).with(schema{
	"arn": {kind: text, mode: computed},
	"blockDeviceMappings": {kind: objects, fields: schema{
		"deviceName": {kind: text}, "noDevice": {kind: text}, "virtualName": {kind: text},
		"ebs": {kind: object, fields: schema{
			"deleteOnTermination": {kind: text, checks: yesOrNo}, "encrypted": {kind: text, checks: yesOrNo},
			"iops": {kind: number}, "kmsKeyId": {kind: text, checks: []check{isARN}}, "snapshotId": {kind: text},
			"throughput": {kind: number, checks: []check{between(125, 1000)}}, "volumeSize": {kind: number, checks: []check{between(1, 65536)}},
			"volumeType": {kind: text, checks: []check{oneOf("standard", "io1", "io2", "gp2", "sc1", "st1", "gp3")}},
		}},
	}},
	"defaultVersion":                    {kind: number, mode: optionalComputed, conflicts: []string{"updateDefaultVersion"}, movedBy: versioned},
	"description":                       {kind: text, checks: []check{length(0, 255)}},
	"ebsOptimized":                      {kind: text, checks: yesOrNo},
	"iamInstanceProfile":                {kind: object, fields: schema{"arn": {kind: text, conflicts: []string{"name"}, checks: []check{isARN}}, "name": {kind: text}}},
	"imageId":                           {kind: text},
	"instanceInitiatedShutdownBehavior": {kind: text, checks: []check{oneOf("stop", "terminate")}},
	"instanceType":                      {kind: text},
	"keyName":                           {kind: text},
	"latestVersion":                     {kind: number, mode: computed, movedBy: versioned},
	"metadataOptions": {kind: object, mode: optionalComputed, imported: true, fields: schema{
		"httpEndpoint":            {kind: text, mode: optionalComputed, imported: true, checks: []check{oneOf("enabled", "disabled")}},
		"httpProtocolIpv6":        {kind: text, mode: optionalComputed, imported: true, checks: []check{oneOf("enabled", "disabled")}},
		"httpPutResponseHopLimit": {kind: number, mode: optionalComputed, imported: true, checks: []check{between(1, 64)}},
		"httpTokens":              {kind: text, mode: optionalComputed, imported: true, checks: []check{oneOf("optional", "required")}},
		"instanceMetadataTags":    {kind: text, mode: optionalComputed, imported: true, checks: []check{oneOf("enabled", "disabled")}},
	}},
	"monitoring": {kind: object, fields: schema{"enabled": {kind: flag}}},
	"name":       {kind: text, mode: optionalComputed, replace: true, autoname: 125, checks: []check{length(3, 125), form(`^[0-9A-Za-z().\-/_]+$`, "name can only alphanumeric characters and ()/_.- symbols")}, conflicts: []string{"namePrefix"}},
	"tagSpecifications": {kind: objects, fields: schema{
		"resourceType": {kind: text}, "tags": {kind: textMap},
	}},
	"updateDefaultVersion": {kind: flag, local: true, conflicts: []string{"defaultVersion"}},
	"userData":             {kind: text},
	"vpcSecurityGroupIds":  {kind: texts, unordered: true},
})

var launchTemplateType = resourceType{
	token:      "aws:ec2/launchTemplate:LaunchTemplate",
	noun:       "EC2 Launch Template",
	properties: templateProperties,
	creating:   func(in values) string { return fmt.Sprintf("creating EC2 Launch Template (%s)", in.text("name")) },
	create: func(c *cloud.Client, in values) (string, error) {
		return emptyOn(c.CreateLaunchTemplate(cloud.LaunchTemplate{
			Name: in.text("name"), Versions: []cloud.TemplateVersion{templateVersion(in)}, Tags: in.tags(),
		}))
	},
	read:   readTemplate,
	update: updateTemplate,
	remove: func(c *cloud.Client, id string, _ values) error {
		return unlessCode(c.DeleteLaunchTemplate(id), cloud.NoTemplate)
	},
}

// notOfTemplates are the properties of launch templates that the sandbox
// refuses.
var notOfTemplates = schema{
	"capacityReservationSpecification": {kind: object, unmodelled: true},
	"cpuOptions":                       {kind: object, unmodelled: true},
	"creditSpecification":              {kind: object, unmodelled: true},
	"disableApiStop":                   {kind: flag, unmodelled: true},
	"disableApiTermination":            {kind: flag, unmodelled: true},
	"elasticGpuSpecifications":         {kind: objects, unmodelled: true},
	"elasticInferenceAccelerator":      {kind: object, unmodelled: true},
	"enclaveOptions":                   {kind: object, unmodelled: true},
	"hibernationOptions":               {kind: object, unmodelled: true},
	"instanceMarketOptions":            {kind: object, unmodelled: true},
	"instanceRequirements":             {kind: object, unmodelled: true},
	"kernelId":                         {kind: text, unmodelled: true},
	"licenseSpecifications":            {kind: objects, unmodelled: true},
	"maintenanceOptions":               {kind: object, unmodelled: true},
	"networkInterfaces":                {kind: objects, unmodelled: true},
	"placement":                        {kind: object, unmodelled: true},
	"privateDnsNameOptions":            {kind: object, unmodelled: true},
	"ramDiskId":                        {kind: text, unmodelled: true},
	"securityGroupNames":               {kind: texts, unmodelled: true},
}

// updateTemplate makes a new version of what changed, and the default version
// of it where the program wants that.
func updateTemplate(c *cloud.Client, id string, old, new values) error {
	latest := old.number("latestVersion")
	wanted := func() int {
		if new.flag("updateDefaultVersion") {
			return latest
		}
		return new.number("defaultVersion")
	}
	return inOrder(
		unless(!templateProperties.changes(old, new, versioned), func() (err error) {
			latest, err = c.CreateLaunchTemplateVersion(id, templateVersion(withKept(old, new)))
			return err
		}),
		func() error {
			if version := wanted(); version != 0 && version != old.number("defaultVersion") {
				return c.ModifyLaunchTemplate(id, version)
			}
			return nil
		},
		func() error { return c.SetTags(id, new.tags()) },
	)
}

// withKept are new inputs with what AWS gave where the program gives nothing.
func withKept(old, new values) values {
	all := values{}
	for name, value := range new {
		all[name] = value
	}
	if _, given := new["metadataOptions"]; !given {
		all["metadataOptions"] = old["metadataOptions"]
	}
	return all
}
