package cluster

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/grafanix/eks-karpenter/internal/component"
)

// ClusterArgs are the inputs of a Cluster: a name, a VPC and its private subnets are required.
type ClusterArgs struct {
	// ClusterName is the cluster's name, 1 to 100 characters.
	ClusterName string `pulumi:"clusterName"`
	// VpcId is the VPC that the cluster is to be in.
	VpcId pulumi.StringInput `pulumi:"vpcId"`
	// PrivateSubnetIds are the VPC's private subnets, for the control plane and the nodes: two at least, in two zones. The
	// list's length must be known, its elements need not.
	PrivateSubnetIds pulumi.StringArrayInput `pulumi:"privateSubnetIds"`
	// Options shape the cluster further.
	Options *ClusterOptions `pulumi:"options,optional"`
}

// ClusterOptions shape a Cluster. The zero value is EKS's newest version, reached from everywhere, with access entries.
type ClusterOptions struct {
	// KubernetesVersion is the cluster's version, such as 1.34. Default: EKS's own when the cluster is made.
	KubernetesVersion *string `pulumi:"kubernetesVersion,optional"`
	// AuthenticationMode is API_AND_CONFIG_MAP or API: nodes join by access entries. Default: API_AND_CONFIG_MAP.
	AuthenticationMode *string `pulumi:"authenticationMode,optional"`
	// EndpointPublicAccess has the API server be reached from outside the VPC, too. Default: true.
	EndpointPublicAccess *bool `pulumi:"endpointPublicAccess,optional"`
	// PublicAccessCidrs are the networks that may reach the API server from outside. Default: all.
	PublicAccessCidrs []string `pulumi:"publicAccessCidrs,optional"`
	// IpFamily is the family of addresses, ipv4 or ipv6. Default: ipv4.
	IpFamily *string `pulumi:"ipFamily,optional"`
	// SecretsKmsKeyArn is a KMS key that encrypts Kubernetes secrets. Default: a key of AWS.
	SecretsKmsKeyArn pulumi.StringPtrInput `pulumi:"secretsKmsKeyArn,optional"`
	// EnabledLogTypes are what the control plane writes to CloudWatch: api, audit, authenticator, controllerManager, scheduler.
	// Default: none.
	EnabledLogTypes []string `pulumi:"enabledLogTypes,optional"`
	// VpcCniVersion is the version of the add-on vpc-cni, such as v1.20.4-eksbuild.2; pin it where nodes must not get another at
	// any deployment. Default: the newest at each deployment.
	VpcCniVersion *string `pulumi:"vpcCniVersion,optional"`
	// KubeProxyVersion is the version of the add-on kube-proxy, such as v1.34.1-eksbuild.2. Default: the newest at each
	// deployment.
	KubeProxyVersion *string `pulumi:"kubeProxyVersion,optional"`
	// Tags are put on every resource that takes tags.
	Tags map[string]string `pulumi:"tags,optional"`
}

// The forms of what a cluster takes. Sources: CreateCluster, EKS API Reference; "IP addresses", VPC User Guide.
var (
	versionForm = component.NewForm(`^1\.[0-9]{2}$`, "a version of Kubernetes, such as 1.34")
	addonForm   = component.NewForm(`^v[0-9]+\.[0-9]+\.[0-9]+-eksbuild\.[0-9]+$`, "a version of an add-on, such as v1.20.4-eksbuild.2")
	vpcForm     = component.NewForm(`^vpc-[0-9a-f]{8,17}$`, "the id of a VPC, vpc-...")
	cidrForm    = component.NewForm(`^[0-9a-f.:]+/[0-9]{1,3}$`, "a network, such as 203.0.113.0/24")
)

// logTypes are those of LogSetup, EKS API Reference.
var logTypes = []string{"api", "audit", "authenticator", "controllerManager", "scheduler"}

func (a *ClusterArgs) check(p component.Problems) {
	if a.ClusterName == "" {
		p.Addf("clusterName", "required: the EKS cluster's name")
	} else {
		p.Matches("clusterName", &a.ClusterName, component.ClusterNameForm)
	}
	if a.VpcId == nil {
		p.Addf("vpcId", "required: the VPC that the cluster is to be in")
	}
	p.MatchesKnown("vpcId", a.VpcId, vpcForm)
	a.checkSubnets(p)
	a.options().check(p.In("options"))
}

// Check lists what is wrong with the args, as NewCluster does, and registers nothing.
func (a *ClusterArgs) Check(name string) error {
	p := component.NewProblems()
	a.check(p)
	return p.Err(name)
}

func (o *ClusterOptions) check(p component.Problems) {
	p.Matches("kubernetesVersion", o.KubernetesVersion, versionForm)
	p.OneOf("authenticationMode", o.AuthenticationMode, "API_AND_CONFIG_MAP", "API")
	if len(o.PublicAccessCidrs) > 0 && !component.Or(o.EndpointPublicAccess, true) {
		p.Addf("publicAccessCidrs", "endpointPublicAccess is off, so none may reach the API server from outside: leave out one of the two")
	}
	for i, cidr := range o.PublicAccessCidrs {
		p.Matches(component.Indexed("publicAccessCidrs", i), &cidr, cidrForm)
	}
	p.Matches("vpcCniVersion", o.VpcCniVersion, addonForm)
	p.Matches("kubeProxyVersion", o.KubeProxyVersion, addonForm)
	p.OneOf("ipFamily", o.IpFamily, "ipv4", "ipv6")
	p.MatchesKnown("secretsKmsKeyArn", o.SecretsKmsKeyArn, component.KeyARNForm)
	for i, logType := range o.EnabledLogTypes {
		p.OneOf(component.Indexed("enabledLogTypes", i), &logType, logTypes...)
	}
}

// checkSubnets records subnets too few for EKS, whose control plane is in two zones.
func (a *ClusterArgs) checkSubnets(p component.Problems) {
	if subnets, err := component.Elements(a.PrivateSubnetIds); err == nil && len(subnets) < 2 {
		p.Addf("privateSubnetIds", "required: the VPC's private subnets, two at least, in two zones")
	}
	for i, subnet := range p.Each("privateSubnetIds", a.PrivateSubnetIds) {
		p.MatchesKnown(component.Indexed("privateSubnetIds", i), subnet, component.SubnetIDForm)
	}
}

func (a *ClusterArgs) options() *ClusterOptions { return component.OrZero(a.Options) }

// vpc is the VPC as facts hold it: plain where it is, so that it is known before the cluster is.
func (a *ClusterArgs) vpc() pulumi.StringPtrInput {
	if vpc, ok := a.VpcId.(pulumi.StringPtrInput); ok {
		return vpc
	}
	return a.VpcId.ToStringOutput().ToStringPtrOutput()
}

func (o *ClusterOptions) authenticationMode() string {
	return component.Or(o.AuthenticationMode, "API_AND_CONFIG_MAP")
}
