package components

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// discoveryTag is the tag by which an EC2NodeClass finds subnets and security groups. Source: "Getting Started with
// Karpenter", Karpenter documentation.
const discoveryTag = "karpenter.sh/discovery"

// ClusterTagsArgs are the inputs of ClusterTags.
type ClusterTagsArgs struct {
	// ClusterName is the EKS cluster's name.
	ClusterName string `pulumi:"clusterName"`
	// Cluster holds the cluster's facts; looked up by name where left out.
	Cluster *ClusterFacts `pulumi:"cluster,optional"`
	// Options choose what is tagged.
	Options *ClusterTagsOptions `pulumi:"options,optional"`
}

// ClusterTagsOptions choose what ClusterTags tags. The zero value is the cluster's own subnets and its primary security
// group.
type ClusterTagsOptions struct {
	// SubnetIds are the subnets for nodes. Its length must be known, its elements need not. Default: the cluster's.
	SubnetIds pulumi.StringArrayInput `pulumi:"subnetIds,optional"`
	// ExcludePublicSubnets leaves out those of the cluster's subnets whose route table leads to an internet gateway. It
	// looks up the VPC's route tables. Default: false.
	ExcludePublicSubnets *bool `pulumi:"excludePublicSubnets,optional"`
	// SecurityGroupIds are the security groups for nodes. Its length must be known, its elements need not. Default: the
	// cluster's primary security group.
	SecurityGroupIds pulumi.StringArrayInput `pulumi:"securityGroupIds,optional"`
	// OwnedSecurityGroupId is the security group that is to bear kubernetes.io/cluster/<name> = owned, where none or
	// several do. It is given the tag, and keeps it when the stack is destroyed; others that bear it are named in a
	// warning, since Pulumi removes no tag that it did not set.
	OwnedSecurityGroupId *string `pulumi:"ownedSecurityGroupId,optional"`
	// Tags are put on the same subnets and security groups.
	Tags map[string]string `pulumi:"tags,optional"`
}

// ClusterTags puts Karpenter's discovery tag on a cluster's subnets and security groups, and sees to it that exactly one
// security group of the cluster's VPC bears kubernetes.io/cluster/<name> = owned: with two, load balancers and the cloud
// controller fail.
type ClusterTags struct {
	pulumi.ResourceState

	// SubnetIds are the subnets tagged.
	SubnetIds pulumi.StringArrayOutput `pulumi:"subnetIds"`
	// SecurityGroupIds are the security groups tagged.
	SecurityGroupIds pulumi.StringArrayOutput `pulumi:"securityGroupIds"`
	// OwnedSecurityGroupId is the one security group that bears kubernetes.io/cluster/<name> = owned.
	OwnedSecurityGroupId pulumi.StringOutput `pulumi:"ownedSecurityGroupId"`
}

func (a *ClusterTagsArgs) options() *ClusterTagsOptions { return orZero(a.Options) }

func (a *ClusterTagsArgs) check(p problems) {
	checkCluster(p, a.ClusterName, a.Cluster)
	a.options().check(p.in("options"), a.ClusterName)
}

func (o *ClusterTagsOptions) check(p problems, clusterName string) {
	p.notEmpty("subnetIds", o.SubnetIds)
	p.eachMatches("subnetIds", o.SubnetIds, subnetIDForm)
	if o.SubnetIds != nil && or(o.ExcludePublicSubnets, false) {
		p.Addf("excludePublicSubnets", "chooses among the cluster's own subnets, but subnetIds names the subnets: leave out one of the two")
	}
	p.notEmpty("securityGroupIds", o.SecurityGroupIds)
	p.eachMatches("securityGroupIds", o.SecurityGroupIds, securityGroupIDForm)
	p.Matches("ownedSecurityGroupId", o.OwnedSecurityGroupId, securityGroupIDForm)
	p.tags("tags", o.Tags)
	for _, key := range []string{discoveryTag, ownershipTag(clusterName)} {
		if _, taken := o.Tags[key]; taken {
			p.Addf("tags", "%q is set by this component: choose another key", key)
		}
	}
}

// notEmpty records a list that is given and holds nothing.
func (p problems) notEmpty(property string, list pulumi.StringArrayInput) {
	if list != nil && isEmpty(list) {
		p.Addf(property, "nothing is listed: name at least one, or leave the list out for the cluster's own")
	}
}

func ownershipTag(clusterName string) string { return "kubernetes.io/cluster/" + clusterName }

// NewClusterTags tags a cluster's subnets and security groups. It returns an *InvalidArgsError, with nothing registered,
// where the args are wrong, and an error that lists them where none or several security groups are owned.
func NewClusterTags(
	ctx *pulumi.Context, name string, args *ClusterTagsArgs, opts ...pulumi.ResourceOption,
) (*ClusterTags, error) {
	args = orZero(args)
	var chosen *tagged
	choose := func(p problems, facts *ClusterFacts) (err error) {
		chosen, err = chooseTagged(ctx, args.ClusterName, args.options(), facts, p, p.in("options"), opts)
		return err
	}
	if _, err := settle(ctx, name, args.ClusterName, args.Cluster, opts, args.check, choose); err != nil {
		return nil, err
	}
	return newClusterTags(ctx, name, args, chosen, opts)
}

// newClusterTags is NewClusterTags once it is settled what to tag.
func newClusterTags(
	ctx *pulumi.Context, name string, args *ClusterTagsArgs, chosen *tagged, opts []pulumi.ResourceOption,
) (*ClusterTags, error) {
	component := &ClusterTags{}
	if err := register(ctx, "ClusterTags", name, args, component, opts); err != nil {
		return nil, err
	}
	if err := chosen.tag(ctx, name, args.ClusterName, args.options(), pulumi.Parent(component)); err != nil {
		return nil, err
	}
	component.SubnetIds = pulumi.StringArray(chosen.subnets).ToStringArrayOutput()
	component.SecurityGroupIds = pulumi.StringArray(chosen.securityGroups).ToStringArrayOutput()
	component.OwnedSecurityGroupId = chosen.owned
	return component, registerOutputs(ctx, component)
}
