package ekscomponent

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
)

// parts are what a cluster is made of; nil is what it goes without.
type parts struct {
	partition     partition
	role          *role
	beforeCluster []pulumi.Resource // what the control plane needs to start
	subnets       pulumi.Input
	group         *other // of the control plane
	cluster       *cluster
	kubeconfig    pulumi.MapOutput
	kubernetes    *access
	instanceRoles []*role
	configMap     *other
	entries       []pulumi.Resource
	cni           *component
	issuer        *other
	nodes         *other // the security group of nodes
	ingress       *groupRule
}

// newCluster registers the component and its children, in pulumi-eks's order.
func newCluster(ctx *pulumi.Context, name string, given args, options pulumi.ResourceOption) (*provider.ConstructResult, error) {
	var made component
	if err := ctx.RegisterComponentResource(clusterToken, name, &made, options); err != nil {
		return nil, err
	}
	b := &builder{Context: ctx, args: given, name: name, parent: &made}
	var p parts
	p.partition = b.findPartition()
	p.subnets = b.subnets()
	b.addRole(&p)
	b.addControlGroup(&p)
	b.addControlPlane(&p)
	b.addKubeProxy(&p)
	b.addKubernetes(&p)
	b.findInstanceRoles(&p)
	b.addConfigMap(&p)
	b.addEntries(&p)
	b.addCNI(&p)
	b.addCoreDNS(&p)
	b.addIssuer(&p)
	b.addNodeGroup(&p)
	if b.err != nil {
		return nil, b.err
	}
	state := b.state(&p)
	b.outputs(&made, state)
	return &provider.ConstructResult{URN: made.URN(), State: state}, b.err
}

// partition is where the account is.
type partition struct {
	Name   string `pulumi:"partition"`
	Suffix string `pulumi:"dnsSuffix"`
}

func (b *builder) findPartition() partition {
	var found partition
	if b.err == nil {
		b.err = b.Invoke("aws:index/getPartition:getPartition", nil, &found, pulumi.Parent(b.parent), pulumi.Version(aws))
	}
	return found
}

// subnets are the control plane's: those given, or the public and the private
// ones.
func (b *builder) subnets() pulumi.Input {
	if b.has("subnetIds") {
		return b.flows("subnetIds")
	}
	return pulumi.All(b.orNothing("publicSubnetIds"), b.orNothing("privateSubnetIds")).ApplyT(func(both []any) []string {
		return slices.Concat(texts(both[0]), texts(both[1]))
	}).(pulumi.StringArrayOutput)
}

func texts(value any) []string {
	switch value := value.(type) {
	case []string:
		return value
	case []any:
		var list []string
		for _, element := range value {
			if text, ok := element.(string); ok {
				list = append(list, text)
			}
		}
		return list
	}
	return nil
}

func (b *builder) addControlPlane(p *parts) {
	network := pulumi.Map{"subnetIds": p.subnets}
	for _, name := range []string{"endpointPrivateAccess", "endpointPublicAccess", "publicAccessCidrs"} {
		if input := b.flows(name); input != nil {
			network[name] = input
		}
	}
	if p.group != nil {
		network["securityGroupIds"] = pulumi.Array{p.group.ID()}
	}
	inputs := pulumi.Map{
		"name":                    b.flows("name"),
		"roleArn":                 p.role.ARN,
		"kubernetesNetworkConfig": b.services(),
		"vpcConfig":               network,
		"version":                 b.flows("version"),
		"enabledClusterLogTypes":  b.flows("enabledClusterLogTypes"),
		"encryptionConfig":        b.encryption(),
		"tags":                    tagged(pulumi.StringMap{"Name": pulumi.String(b.name + "-eksCluster")}, b.orNothing("clusterTags"), b.orNothing("tags")),
	}
	if mode := b.text("authenticationMode"); mode != "" {
		inputs["accessConfig"] = pulumi.Map{
			"authenticationMode": pulumi.String(mode), "bootstrapClusterCreatorAdminPermissions": pulumi.Bool(true),
		}
	}
	p.cluster = &cluster{}
	b.add("aws:eks/cluster:Cluster", b.name+"-eksCluster", inputs, p.cluster, pulumi.DependsOn(p.beforeCluster),
		pulumi.IgnoreChanges([]string{"accessConfig.bootstrapClusterCreatorAdminPermissions", "bootstrapSelfManagedAddons"}))
}

// encryption is that of Kubernetes's secrets, where the program gives a key.
func (b *builder) encryption() pulumi.Input {
	if !b.has("encryptionConfigKeyArn") {
		return nil
	}
	return pulumi.Map{"provider": pulumi.Map{"keyArn": b.flows("encryptionConfigKeyArn")}, "resources": pulumi.ToStringArray([]string{"secrets"})}
}

// services are the IP family and the addresses of services, where one is set.
func (b *builder) services() pulumi.Input {
	if !b.has("ipFamily") && !b.has("kubernetesServiceIpAddressRange") {
		return nil
	}
	return pulumi.All(b.orNothing("ipFamily"), b.orNothing("kubernetesServiceIpAddressRange")).ApplyT(func(both []any) map[string]any {
		family, _ := both[0].(string)
		if family == "" {
			family = "ipv4"
		}
		services := map[string]any{"ipFamily": family}
		if addresses, ok := both[1].(string); ok && family == "ipv4" {
			services["serviceIpv4Cidr"] = addresses
		}
		return services
	}).(pulumi.MapOutput)
}

// eksThumbprint is that of the authority that signed the certificates of EKS's
// issuers; pulumi-eks asks the issuer for it. AWS itself does not look at it.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc_verify-thumbprint.html
const eksThumbprint = "9e99a48a9960b14926bb7f3b02e22da2b0ab7280"

func (b *builder) addIssuer(p *parts) {
	if !b.flag("createOidcProvider") {
		return
	}
	p.issuer = &other{}
	b.add("aws:iam/openIdConnectProvider:OpenIdConnectProvider", b.name+"-oidcProvider", pulumi.Map{
		"clientIdLists":   pulumi.ToStringArray([]string{"sts.amazonaws.com"}),
		"url":             p.cluster.issuer(),
		"thumbprintLists": pulumi.ToStringArray([]string{eksThumbprint}),
	}, p.issuer)
}

// issuer is the URL of the cluster's OIDC issuer.
func (c *cluster) issuer() pulumi.StringOutput {
	return c.Identities.ApplyT(func(identities []any) string {
		for _, identity := range identities {
			oidcs, _ := object(identity)["oidcs"].([]any)
			for _, oidc := range oidcs {
				url, _ := object(oidc)["issuer"].(string)
				return url
			}
		}
		return ""
	}).(pulumi.StringOutput)
}

// primaryGroup is the security group that EKS made.
func (c *cluster) primaryGroup() pulumi.StringOutput {
	return c.Network.ApplyT(func(network map[string]any) string {
		id, _ := network["clusterSecurityGroupId"].(string)
		return id
	}).(pulumi.StringOutput)
}
