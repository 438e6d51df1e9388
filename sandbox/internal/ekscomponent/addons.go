package ekscomponent

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// addon registers an add-on in the version given, or the most recent one for
// the cluster's version of Kubernetes.
func (b *builder) addon(p *parts, name, addon, options, versionKey string, configuration pulumi.Input) *other {
	made := &other{}
	asked := b.fields(options)
	choice := func(key string, otherwise pulumi.Input) pulumi.Input {
		if asked[keyOf(key)].IsNull() {
			return otherwise
		}
		return b.within(options, key)
	}
	b.add("aws:eks/addon:Addon", name, pulumi.Map{
		"clusterName":              p.cluster.Name,
		"addonName":                pulumi.String(addon),
		"preserve":                 pulumi.Bool(true),
		"tags":                     b.flows("tags"),
		"resolveConflictsOnCreate": choice("resolveConflictsOnCreate", pulumi.String("OVERWRITE")),
		"resolveConflictsOnUpdate": choice("resolveConflictsOnUpdate", pulumi.String("OVERWRITE")),
		"addonVersion":             choice(versionKey, b.recent(p, addon)),
		"serviceAccountRoleArn":    choice("serviceAccountRoleArn", nil),
		"configurationValues":      configuration,
	}, made)
	return made
}

// recent is an add-on's most recent version.
func (b *builder) recent(p *parts, addon string) pulumi.Input {
	found := b.InvokeOutput("aws:eks/getAddonVersion:getAddonVersion", pulumi.Map{
		"addonName": pulumi.String(addon), "kubernetesVersion": p.cluster.Version, "mostRecent": pulumi.Bool(true),
	}, pulumi.MapOutput{}, pulumi.InvokeOutputOptions{InvokeOptions: []pulumi.InvokeOption{pulumi.Parent(b.parent), pulumi.Version(aws)}})
	return found.ApplyT(func(found map[string]any) string {
		version, _ := found["version"].(string)
		return version
	}).(pulumi.StringOutput)
}

// configuration is what the program gives an add-on, as JSON.
func (b *builder) configuration(options string) pulumi.Input {
	if b.fields(options)["configurationValues"].IsNull() {
		return nil
	}
	return pulumi.All(b.within(options, "configurationValues")).ApplyT(func(all []any) (string, error) { return encode(all[0]) }).(pulumi.StringOutput)
}

func (b *builder) addKubeProxy(p *parts) {
	if enabled := b.fields("kubeProxyAddonOptions")["enabled"]; enabled.IsBool() && !enabled.BoolValue() {
		return
	}
	b.addon(p, b.name+"-kube-proxy", "kube-proxy", "kubeProxyAddonOptions", "version", b.configuration("kubeProxyAddonOptions"))
}

// addCoreDNS makes the add-on where the program asks for it: a cluster without
// nodes has none to run it on.
func (b *builder) addCoreDNS(p *parts) {
	options := b.fields("corednsAddonOptions")
	asked := options["enabled"].IsBool() && options["enabled"].BoolValue()
	if asked || !options["configurationValues"].IsNull() {
		b.addon(p, b.name+"-coredns", "coredns", "corednsAddonOptions", "version", b.configuration("corednsAddonOptions"))
	}
}

func (b *builder) addCNI(p *parts) {
	if b.flag("useDefaultVpcCni") {
		return
	}
	ready := p.entries
	if p.configMap != nil {
		ready = append(ready, p.configMap)
	}
	name := b.name + "-vpc-cni"
	p.cni = b.component("eks:index:VpcCniAddon", name, pulumi.DependsOn(ready), pulumi.Providers(p.kubernetes))
	inner := b.below(p.cni)
	configuration := pulumi.All(b.orNothing("vpcCniOptions")).ApplyT(func(all []any) (string, error) {
		return encode(cniConfiguration(object(all[0])))
	}).(pulumi.StringOutput)
	addon := inner.addon(p, name, "vpc-cni", "vpcCniOptions", "addonVersion", configuration)
	inner.outputs(p.cni, pulumi.Map{"addon": reference(addon)})
	b.err = inner.err
}

// variable is an environment variable of the VPC CNI and the option that sets
// it; without a default it is left out where the option is.
type variable struct{ option, name, otherwise string }

// cniVariables are those of the CNI itself, cniInitVariables those of the
// container that prepares the node.
var (
	cniVariables = []variable{
		{"nodePortSupport", "AWS_VPC_CNI_NODE_PORT_SUPPORT", ""},
		{"warmEniTarget", "WARM_ENI_TARGET", "1"},
		{"warmIpTarget", "WARM_IP_TARGET", ""},
		{"warmPrefixTarget", "WARM_PREFIX_TARGET", ""},
		{"enablePrefixDelegation", "ENABLE_PREFIX_DELEGATION", ""},
		{"logLevel", "AWS_VPC_K8S_CNI_LOGLEVEL", "DEBUG"},
		{"logFile", "AWS_VPC_K8S_CNI_LOG_FILE", "/host/var/log/aws-routed-eni/ipamd.log"},
		{"vethPrefix", "AWS_VPC_K8S_CNI_VETHPREFIX", "eni"},
		{"eniMtu", "AWS_VPC_ENI_MTU", "9001"},
		{"eniConfigLabelDef", "ENI_CONFIG_LABEL_DEF", ""},
		{"pluginLogLevel", "AWS_VPC_K8S_PLUGIN_LOG_LEVEL", "DEBUG"},
		{"pluginLogFile", "AWS_VPC_K8S_PLUGIN_LOG_FILE", "/var/log/aws-routed-eni/plugin.log"},
		{"enablePodEni", "ENABLE_POD_ENI", "false"},
		{"cniConfigureRpfilter", "AWS_VPC_K8S_CNI_CONFIGURE_RPFILTER", ""},
		{"customNetworkConfig", "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", "false"},
		{"cniCustomNetworkCfg", "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", "false"}, // goes before the one above
		{"cniExternalSnat", "AWS_VPC_K8S_CNI_EXTERNALSNAT", "false"},
		{"externalSnat", "AWS_VPC_K8S_CNI_EXTERNALSNAT", ""},
	}
	cniInitVariables = []variable{{"disableTcpEarlyDemux", "DISABLE_TCP_EARLY_DEMUX", "false"}}
)

// environment are the variables that options set. A false option or one that
// is 0 sets nothing, and the default holds.
func environment(variables []variable, options map[string]any) map[string]any {
	set := map[string]any{}
	for _, v := range variables {
		switch value := options[v.option]; {
		case value != nil && (v.option == "warmEniTarget" || (value != false && value != 0.0 && value != "")):
			set[v.name] = fmt.Sprint(value)
		case v.otherwise != "":
			set[v.name] = v.otherwise
		}
	}
	return set
}

// cniConfiguration is the add-on's configuration: the program's own values go
// before the variables that options set.
func cniConfiguration(options map[string]any) map[string]any {
	given := object(options["configurationValues"])
	config := map[string]any{"env": merged(environment(cniVariables, options), object(given["env"]))}
	prepare := object(given["init"])
	config["init"] = merged(prepare, map[string]any{"env": merged(environment(cniInitVariables, options), object(prepare["env"]))})
	if policy, set := options["enableNetworkPolicy"]; set {
		config["enableNetworkPolicy"] = fmt.Sprint(policy)
	}
	for key, value := range given {
		if key != "env" && key != "init" {
			config[key] = value
		}
	}
	return config
}

// merged are two objects' fields; those of the second go before.
func merged(a, b map[string]any) map[string]any {
	all := map[string]any{}
	maps.Copy(all, a)
	maps.Copy(all, b)
	return all
}

// encode is a value's JSON with its keys in order.
func encode(value any) (string, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return string(bytes.TrimSpace(out.Bytes())), err
}
