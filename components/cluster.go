package components

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumix"

	"github.com/grafanix/eks-karpenter/internal/policy"
)

// Authentication modes of an EKS cluster. Source: CreateAccessConfigRequest, EKS API Reference.
const (
	authenticationModeAPI       = "API"
	authenticationModeBoth      = "API_AND_CONFIG_MAP"
	authenticationModeConfigMap = "CONFIG_MAP"
)

// ClusterFacts are what the components need to know of an EKS cluster. Left out of a component's args they are looked
// up, once, by the cluster's name. Give them for a cluster that the same program makes, or to save the look-up: outputs
// may be unknown until the cluster exists.
type ClusterFacts struct {
	// Arn is the cluster's ARN; partition, region and account are read from it.
	Arn pulumi.StringInput `pulumi:"arn"`
	// Issuer is the URL of the cluster's OIDC issuer, with https://. Needed for IRSA.
	Issuer pulumi.StringPtrInput `pulumi:"issuer,optional"`
	// IpFamily is the family of addresses, ipv4 or ipv6. Default: ipv4.
	IpFamily *string `pulumi:"ipFamily,optional"`
	// AuthenticationMode is API, API_AND_CONFIG_MAP or CONFIG_MAP. Needed to know whether the cluster takes an
	// access entry for its nodes.
	AuthenticationMode *string `pulumi:"authenticationMode,optional"`
	// VpcId is the cluster's VPC. Needed for ClusterTags.
	VpcId pulumi.StringPtrInput `pulumi:"vpcId,optional"`
	// SubnetIds are the cluster's subnets. Needed for ClusterTags unless it is told which subnets to tag. Its length
	// must be known, its elements need not.
	SubnetIds pulumi.StringArrayInput `pulumi:"subnetIds,optional"`
	// ClusterSecurityGroupId is the primary security group, which EKS makes. Needed for ClusterTags unless it is told
	// which security groups to tag.
	ClusterSecurityGroupId pulumi.StringPtrInput `pulumi:"clusterSecurityGroupId,optional"`
	// OwnedSecurityGroupIds are the security groups that bear kubernetes.io/cluster/<name> = owned. Looked up in the
	// VPC where left out.
	OwnedSecurityGroupIds pulumi.StringArrayInput `pulumi:"ownedSecurityGroupIds,optional"`
}

// LookupCluster asks EKS for the facts of a cluster, with one call. The error says so where there is no such cluster in
// the provider's account and region.
func LookupCluster(ctx *pulumi.Context, clusterName string, opts ...pulumi.InvokeOption) (*ClusterFacts, error) {
	found, err := eks.LookupCluster(ctx, &eks.LookupClusterArgs{Name: clusterName}, opts...)
	if err != nil {
		return nil, fmt.Errorf("clusterName: EKS cluster %q was not found with the current credentials and region; check the name and aws:region: %w", clusterName, err)
	}
	facts := &ClusterFacts{
		Arn:                    pulumi.String(found.Arn),
		VpcId:                  pulumi.String(found.VpcConfig.VpcId),
		SubnetIds:              pulumi.ToStringArray(slices.Sorted(slices.Values(found.VpcConfig.SubnetIds))),
		ClusterSecurityGroupId: pulumi.String(found.VpcConfig.ClusterSecurityGroupId),
	}
	for _, identity := range found.Identities {
		for _, oidc := range identity.Oidcs {
			facts.Issuer = pulumi.String(oidc.Issuer)
		}
	}
	for _, network := range found.KubernetesNetworkConfigs {
		facts.IpFamily = &network.IpFamily
	}
	for _, access := range found.AccessConfigs {
		facts.AuthenticationMode = &access.AuthenticationMode
	}
	return facts, nil
}

// checkCluster records what is wrong with a cluster's name, and with its facts where a caller gave them.
func checkCluster(p problems, clusterName string, f *ClusterFacts) {
	if clusterName == "" {
		p.Addf("clusterName", "required: the EKS cluster's name")
	} else {
		p.Matches("clusterName", &clusterName, clusterNameForm)
	}
	if f == nil {
		return
	}
	p = p.in("cluster")
	if f.Arn == nil {
		p.Addf("arn", "required: the cluster's ARN, or leave out cluster to have it looked up")
	}
	if arn, ok := known(f.Arn); ok {
		if _, err := clusterScope(arn, clusterName); err != nil {
			p.Addf("arn", "%v", err)
		}
	}
	p.MatchesKnown("issuer", f.Issuer, issuerForm)
	p.OneOf("ipFamily", f.IpFamily, "ipv4", "ipv6")
	p.OneOf("authenticationMode", f.AuthenticationMode, authenticationModeAPI, authenticationModeBoth, authenticationModeConfigMap)
}

func (f *ClusterFacts) ipv6() bool { return or(f.IpFamily, "ipv4") == "ipv6" }

// scope is what the ARN tells, once it is known.
func (f *ClusterFacts) scope(clusterName string) pulumix.Output[policy.Cluster] {
	return pulumix.ApplyErr(flat(f.Arn), func(arn string) (policy.Cluster, error) {
		scope, err := clusterScope(arn, clusterName)
		if err != nil {
			return policy.Cluster{}, fmt.Errorf("cluster.arn: %w", err)
		}
		return scope, nil
	})
}

// name is the cluster's name as its ARN tells it: what takes it waits for a cluster that the same program makes.
func (f *ClusterFacts) name(clusterName string) pulumi.StringOutput {
	return stringOutput(pulumix.Apply(f.scope(clusterName), func(c policy.Cluster) string { return c.Name }))
}

func clusterScope(arn, clusterName string) (policy.Cluster, error) {
	scope, err := policy.ParseClusterARN(arn)
	if err == nil && scope.Name != clusterName {
		err = fmt.Errorf("%q is the ARN of cluster %q, but clusterName is %q", arn, scope.Name, clusterName)
	}
	return scope, err
}

// settle does what every constructor does before it registers anything: it checks the args, finds the cluster's facts, those
// given or else by a look-up, and checks the args against the facts. Its error is an *InvalidArgsError, or that of a look-up.
func settle(
	ctx *pulumi.Context, name, clusterName string, given *ClusterFacts, opts []pulumi.ResourceOption,
	check func(problems), checkFacts func(problems, *ClusterFacts) error,
) (*ClusterFacts, error) {
	p := newProblems()
	check(p)
	if err := p.Err(name); err != nil {
		return nil, err
	}
	facts, err := resolve(ctx, clusterName, given, opts)
	if err == nil {
		err = checkFacts(p, facts)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return facts, p.Err(name)
}

// noMoreChecks is for args that the cluster's facts cannot make wrong.
func noMoreChecks(problems, *ClusterFacts) error { return nil }

func resolve(
	ctx *pulumi.Context, clusterName string, given *ClusterFacts, opts []pulumi.ResourceOption,
) (*ClusterFacts, error) {
	if given != nil {
		return given, nil
	}
	lookup, err := invokeOptions(opts)
	if err != nil {
		return nil, err
	}
	return LookupCluster(ctx, clusterName, lookup...)
}

// invokeOptions let a look-up made before a component is registered use the provider that its children will use.
func invokeOptions(opts []pulumi.ResourceOption) ([]pulumi.InvokeOption, error) {
	options, err := pulumi.NewResourceOptions(opts...)
	if err != nil {
		return nil, err
	}
	var lookup []pulumi.InvokeOption
	if options.Parent != nil {
		lookup = append(lookup, pulumi.Parent(options.Parent))
	}
	for _, provider := range append(options.Providers, options.Provider) {
		if provider, ok := provider.(*aws.Provider); ok {
			lookup = append(lookup, pulumi.Provider(provider))
		}
	}
	return lookup, nil
}
