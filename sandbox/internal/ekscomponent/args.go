package ekscomponent

import (
	"errors"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// args are the component's inputs: as they were sent, for what shapes the
// graph, and as outputs, for what flows through.
type args struct {
	given resource.PropertyMap
	flow  pulumi.Map
}

// modelled are the inputs of eks:index:Cluster that the double follows.
var modelled = []string{
	"accessEntries", "authenticationMode", "clusterSecurityGroupTags", "clusterTags", "corednsAddonOptions", "createOidcProvider",
	"enableConfigMapMutable", "enabledClusterLogTypes", "encryptionConfigKeyArn", "endpointPrivateAccess", "endpointPublicAccess", "instanceRole", "instanceRoles",
	"ipFamily", "kubeProxyAddonOptions", "kubernetesServiceIpAddressRange", "name", "nodeSecurityGroupTags", "privateSubnetIds",
	"providerCredentialOpts", "publicAccessCidrs", "publicSubnetIds", "roleMappings", "serviceRole", "skipDefaultNodeGroup",
	"skipDefaultSecurityGroups", "subnetIds", "tags", "useDefaultVpcCni", "userMappings", "version", "vpcCniOptions", "vpcId",
}

// plain are the inputs that pulumi-eks takes as plain values alone.
var plain = []string{
	"accessEntries", "authenticationMode", "createOidcProvider", "corednsAddonOptions", "kubeProxyAddonOptions", "skipDefaultNodeGroup",
	"skipDefaultSecurityGroups", "useDefaultVpcCni", "vpcCniOptions",
}

// The ways into a cluster, as the AWS API names them.
const (
	byConfigMap       = "CONFIG_MAP"
	byAPIAndConfigMap = "API_AND_CONFIG_MAP"
	byAPI             = "API"
)

// check refuses what the double does not model and what pulumi-eks refuses,
// all at once.
func check(given resource.PropertyMap) error {
	a := args{given: given}
	var problems []error
	refuse := func(wrong bool, format string, words ...any) {
		if wrong {
			problems = append(problems, fmt.Errorf(format, words...))
		}
	}
	for _, name := range given.StableKeys() {
		refuse(a.has(string(name)) && !slices.Contains(modelled, string(name)), "the sandbox does not model the input %q", name)
	}
	for _, name := range plain {
		refuse(a.value(name).IsComputed(), "the input %q must be known before anything is made", name)
	}
	mode := a.text("authenticationMode")
	refuse(a.has("authenticationMode") && !slices.Contains([]string{byConfigMap, byAPIAndConfigMap, byAPI}, mode),
		"authenticationMode must be %s, %s or %s, got %q", byConfigMap, byAPIAndConfigMap, byAPI, mode)
	refuse(!a.flag("skipDefaultNodeGroup"), "the sandbox does not model the default node group: set skipDefaultNodeGroup")
	refuse(!a.has("vpcId"), "the sandbox has no default VPC: set vpcId")
	refuse(a.has("subnetIds") && (a.has("publicSubnetIds") || a.has("privateSubnetIds")), "subnetIds cannot be set beside publicSubnetIds and privateSubnetIds")
	refuse(a.has("instanceRole") && a.has("instanceRoles"), "instanceRole and instanceRoles cannot both be set")
	refuse(a.has("accessEntries") && !a.takesEntries(), "accessEntries need authenticationMode %s or %s", byAPI, byAPIAndConfigMap)
	for _, name := range []string{"roleMappings", "userMappings", "instanceRoles"} {
		mappings := a.value(name)
		refuse(!a.hasConfigMap() && mappings.IsArray() && len(mappings.ArrayValue()) > 0, "%s have no effect with authenticationMode %s", name, byAPI)
	}
	for key, entry := range a.fields("accessEntries") {
		refuse(entry.IsObject() && !entry.ObjectValue()["accessPolicies"].IsNull(), "the sandbox does not model accessEntries.%s.accessPolicies", key)
	}
	refuse(!a.fields("vpcCniOptions")["securityContextPrivileged"].IsNull(), "the sandbox does not model vpcCniOptions.securityContextPrivileged")
	return errors.Join(problems...)
}

// bare is a value without what the engine wraps it in.
func bare(value resource.PropertyValue) resource.PropertyValue {
	switch {
	case value.IsSecret():
		return bare(value.SecretValue().Element)
	case value.IsOutput() && value.OutputValue().Known:
		return bare(value.OutputValue().Element)
	case value.IsOutput():
		return resource.MakeComputed(resource.NewPropertyValue(""))
	}
	return value
}

func (a args) value(name string) resource.PropertyValue {
	return bare(a.given[resource.PropertyKey(name)])
}

func (a args) has(name string) bool { return !a.value(name).IsNull() }

func (a args) flag(name string) bool {
	value := a.value(name)
	return value.IsBool() && value.BoolValue()
}

func (a args) text(name string) string {
	if value := a.value(name); value.IsString() {
		return value.StringValue()
	}
	return ""
}

// fields are an object's, none where it is absent.
func (a args) fields(name string) resource.PropertyMap {
	fields := resource.PropertyMap{}
	if value := a.value(name); value.IsObject() {
		for key, field := range value.ObjectValue() {
			fields[key] = bare(field)
		}
	}
	return fields
}

// flows is an input's value for a child, nothing where it is absent.
func (a args) flows(name string) pulumi.Input {
	if !a.has(name) {
		return nil
	}
	return a.flow[name]
}

// orNothing is an input's value for an apply, nil where it is absent.
func (a args) orNothing(name string) any {
	if input := a.flows(name); input != nil {
		return input
	}
	return pulumi.Map{}
}

// references are the URNs of the resources that an input names, one or a list.
func (a args) references(name string) []string {
	value := a.value(name)
	list := []resource.PropertyValue{value}
	if value.IsArray() {
		list = value.ArrayValue()
	}
	var urns []string
	for _, element := range list {
		if element = bare(element); element.IsResourceReference() {
			urns = append(urns, string(element.ResourceReferenceValue().URN))
		}
	}
	return urns
}

// hasConfigMap tells whether roles get into the cluster by its ConfigMap
// aws-auth; they do where no mode is set.
func (a args) hasConfigMap() bool {
	mode := a.text("authenticationMode")
	return mode == "" || mode == byConfigMap || mode == byAPIAndConfigMap
}

// takesEntries tells whether the cluster takes access entries.
func (a args) takesEntries() bool {
	mode := a.text("authenticationMode")
	return mode == byAPI || mode == byAPIAndConfigMap
}
