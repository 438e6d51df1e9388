package components

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumix"
)

// tagged is what ClusterTags has chosen to tag, before anything is registered.
type tagged struct {
	subnets        []pulumi.StringInput
	securityGroups []pulumi.StringInput
	owned          pulumi.StringOutput
}

// chooseTagged finds what to tag. It records in p what the cluster's facts lack, and at the options what they should say;
// its error is that of a look-up.
func chooseTagged(
	ctx *pulumi.Context, clusterName string, options *ClusterTagsOptions, facts *ClusterFacts, p, at problems, opts []pulumi.ResourceOption,
) (*tagged, error) {
	lookup, err := invokeOptions(opts)
	if err != nil {
		return nil, err
	}
	chosen := &tagged{}
	if chosen.subnets, err = chooseSubnets(ctx, options, facts, p, at, lookup); err != nil {
		return nil, err
	}
	chosen.securityGroups = chooseSecurityGroups(options, facts, at)
	if chosen.owned, err = chooseOwned(ctx, clusterName, options, facts, p, at, lookup); err != nil {
		return nil, err
	}
	return chosen, nil
}

func chooseSubnets(
	ctx *pulumi.Context, options *ClusterTagsOptions, facts *ClusterFacts, p, at problems, lookup []pulumi.InvokeOption,
) ([]pulumi.StringInput, error) {
	if options.SubnetIds != nil {
		return elements(options.SubnetIds)
	}
	subnets := clusterSubnets(facts, p, at)
	if len(subnets) == 0 || !or(options.ExcludePublicSubnets, false) {
		return subnets, nil
	}
	return privateSubnets(ctx, facts, subnets, at, "excludePublicSubnets", lookup)
}

// clusterSubnets are the cluster's own subnets. It records where the facts do not tell them.
func clusterSubnets(facts *ClusterFacts, p, at problems) []pulumi.StringInput {
	subnets, err := elements(facts.SubnetIds)
	switch {
	case err != nil:
		p.Addf("cluster.subnetIds", "%v", err)
	case len(subnets) == 0:
		at.Addf("subnetIds", "required: the cluster's facts name no subnets, so name those for nodes")
	}
	return subnets
}

const notKnownYet = "the cluster's VPC and subnets are not known yet: name the private subnets in subnetIds instead"

// privateSubnets leaves out the public ones of a cluster's subnets. It records at the property that asks for it where that
// cannot be told yet, and where none is left; its error is that of a look-up.
func privateSubnets(
	ctx *pulumi.Context, facts *ClusterFacts, subnets []pulumi.StringInput, at problems, property string, lookup []pulumi.InvokeOption,
) ([]pulumi.StringInput, error) {
	vpc, vpcKnown := known(facts.VpcId)
	if _, all := plain(pulumi.StringArray(subnets)); !vpcKnown || !all {
		at.Addf(property, notKnownYet)
		return nil, nil
	}
	public, err := publicSubnets(ctx, vpc, lookup)
	if err != nil {
		return nil, err
	}
	private := slices.DeleteFunc(slices.Clone(subnets), func(subnet pulumi.StringInput) bool {
		id, _ := known(subnet)
		return public(id)
	})
	if len(private) == 0 {
		at.Addf(property, "all of the cluster's subnets are public: name the subnets for nodes in subnetIds")
	}
	return private, nil
}

// publicSubnets tells which subnets of a VPC are public: those whose route table leads to an internet gateway. A subnet
// of no table of its own uses the VPC's main one. Source: "Subnet types", Amazon VPC User Guide.
func publicSubnets(ctx *pulumi.Context, vpc string, lookup []pulumi.InvokeOption) (func(subnet string) bool, error) {
	tables, err := ec2.GetRouteTables(ctx, &ec2.GetRouteTablesArgs{VpcId: &vpc}, lookup...)
	if err != nil {
		return nil, fmt.Errorf("route tables of %s: %w", vpc, err)
	}
	public, mainIsPublic := map[string]bool{}, false
	for _, id := range tables.Ids {
		table, err := ec2.LookupRouteTable(ctx, &ec2.LookupRouteTableArgs{RouteTableId: &id}, lookup...)
		if err != nil {
			return nil, fmt.Errorf("route table %s: %w", id, err)
		}
		leadsOut := slices.ContainsFunc(table.Routes, func(route ec2.GetRouteTableRoute) bool {
			return strings.HasPrefix(route.GatewayId, "igw-")
		})
		for _, association := range table.Associations {
			if association.Main {
				mainIsPublic = leadsOut
			} else {
				public[association.SubnetId] = leadsOut
			}
		}
	}
	return func(subnet string) bool {
		isPublic, associated := public[subnet]
		return isPublic || !associated && mainIsPublic
	}, nil
}

func chooseSecurityGroups(options *ClusterTagsOptions, facts *ClusterFacts, at problems) []pulumi.StringInput {
	switch primary := facts.ClusterSecurityGroupId; {
	case options.SecurityGroupIds != nil:
		groups, _ := elements(options.SecurityGroupIds) // checked with the options
		return groups
	case primary == nil:
		at.Addf("securityGroupIds", "required: the cluster's facts name no primary security group, so name those for nodes")
		return nil
	default:
		if id, ok := known(primary); ok {
			return []pulumi.StringInput{pulumi.String(id)}
		}
		return []pulumi.StringInput{stringOutput(text(primary))}
	}
}

// chooseOwned finds the security group that owns the cluster: among those that the facts name, or else, by a look-up,
// among those of the VPC. What is known now is refused now; the rest once it is known.
func chooseOwned(
	ctx *pulumi.Context, clusterName string, options *ClusterTagsOptions, facts *ClusterFacts, p, at problems, lookup []pulumi.InvokeOption,
) (pulumi.StringOutput, error) {
	pick := func(owned []string) (string, error) {
		return pickOwned(ctx, clusterName, options.OwnedSecurityGroupId, owned)
	}
	pickNow := func(owned []string) pulumi.StringOutput {
		group, err := pick(owned)
		if err != nil {
			at.Addf("ownedSecurityGroupId", "%v", err)
		}
		return pulumi.String(group).ToStringOutput()
	}
	pickLater := func(owned pulumix.Output[[]string]) pulumi.StringOutput {
		return stringOutput(pulumix.ApplyErr(owned, func(owned []string) (string, error) {
			group, err := pick(owned)
			if err != nil {
				return "", fmt.Errorf("ownedSecurityGroupId: %w", err)
			}
			return group, nil
		}))
	}
	vpc, vpcKnown := known(facts.VpcId)
	switch {
	case facts.OwnedSecurityGroupIds != nil:
		if owned, all := plain(facts.OwnedSecurityGroupIds); all {
			return pickNow(owned), nil
		}
		return pickLater(texts(facts.OwnedSecurityGroupIds)), nil
	case facts.VpcId == nil:
		p.Addf("cluster.vpcId", "required to find the security group that bears %s = owned", ownershipTag(clusterName))
		return pulumi.StringOutput{}, nil
	case vpcKnown:
		found, err := ec2.GetSecurityGroups(ctx, &ec2.GetSecurityGroupsArgs{
			Filters: []ec2.GetSecurityGroupsFilter{{Name: "vpc-id", Values: []string{vpc}}},
			Tags:    map[string]string{ownershipTag(clusterName): "owned"},
		}, lookup...)
		if err != nil {
			return pulumi.StringOutput{}, fmt.Errorf("security groups of %s: %w", vpc, err)
		}
		return pickNow(found.Ids), nil
	default:
		found := ec2.GetSecurityGroupsOutput(ctx, ec2.GetSecurityGroupsOutputArgs{
			Filters: ec2.GetSecurityGroupsFilterArray{
				ec2.GetSecurityGroupsFilterArgs{Name: pulumi.String("vpc-id"), Values: pulumi.StringArray{stringOutput(text(facts.VpcId))}},
			},
			Tags: pulumi.StringMap{ownershipTag(clusterName): pulumi.String("owned")},
		}, lookup...)
		return pickLater(texts(found.Ids())), nil
	}
}

// pickOwned is the one security group of those that bear the ownership tag, or the one that the user keeps.
func pickOwned(ctx *pulumi.Context, clusterName string, keep *string, owned []string) (string, error) {
	owned = slices.Sorted(slices.Values(owned))
	tag := ownershipTag(clusterName)
	switch {
	case keep != nil:
		others := slices.DeleteFunc(owned, func(id string) bool { return id == *keep })
		if len(others) > 0 {
			return *keep, ctx.Log.Warn(fmt.Sprintf("%s = owned may stand on one security group only, and %s keeps it: "+
				"take it off the others, or load balancers and the cloud controller fail: aws ec2 delete-tags --resources %s --tags Key=%s",
				tag, *keep, strings.Join(others, " "), tag), nil)
		}
		return *keep, nil
	case len(owned) == 1:
		return owned[0], nil
	case len(owned) == 0:
		return "", fmt.Errorf("no security group of the cluster's VPC bears %s = owned, and exactly one must: name here the one that is to bear it", tag)
	default:
		return "", fmt.Errorf("%d security groups of the cluster's VPC bear %s = owned, and exactly one may: %s; take the tag off all but one, or name here the one to keep",
			len(owned), tag, strings.Join(owned, ", "))
	}
}

// tag makes one tag resource for each key on each subnet and security group, in order. Every value waits until it is
// settled which security group is owned: an error that only an output holds would go unnoticed.
func (t *tagged) tag(ctx *pulumi.Context, name, clusterName string, options *ClusterTagsOptions, parent pulumi.ResourceOption) error {
	tags := map[string]string{discoveryTag: clusterName}
	maps.Copy(tags, options.Tags)
	for _, kind := range []struct {
		name string
		ids  []pulumi.StringInput
	}{{"subnet", t.subnets}, {"security-group", t.securityGroups}} {
		for place, id := range kind.ids {
			resource := name + "-" + label(id, fmt.Sprintf("%s-%d", kind.name, place))
			for _, key := range sortedKeys(tags) {
				suffix := "-tag-" + key
				if key == discoveryTag {
					suffix = "-discovery"
				}
				settled := stringOutput(pulumix.Apply(t.owned, func(string) string { return tags[key] }))
				if err := newTag(ctx, resource+suffix, id, key, settled, parent); err != nil {
					return err
				}
			}
		}
	}
	if keep := options.OwnedSecurityGroupId; keep != nil {
		return newTag(ctx, name+"-owned", pulumi.String(*keep), ownershipTag(clusterName), pulumi.String("owned"), parent, pulumi.RetainOnDelete(true))
	}
	return nil
}

func newTag(
	ctx *pulumi.Context, name string, resource pulumi.StringInput, key string, value pulumi.StringInput, opts ...pulumi.ResourceOption,
) error {
	args := &ec2.TagArgs{ResourceId: resource, Key: pulumi.String(key), Value: value}
	if _, err := ec2.NewTag(ctx, name, args, opts...); err != nil {
		return fmt.Errorf("tag %s: %w", key, err)
	}
	return nil
}
