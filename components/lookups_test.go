package components

import (
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
)

const (
	getCluster        = "aws:eks/getCluster:getCluster"
	getSecurityGroups = "aws:ec2/getSecurityGroups:getSecurityGroups"
	getRouteTables    = "aws:ec2/getRouteTables:getRouteTables"
	getRouteTable     = "aws:ec2/getRouteTable:getRouteTable"
)

func TestOneLookupTellsAll(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string][]string{
		"controllerrole":    {getCluster},
		"noderole":          {getCluster},
		"interruptionqueue": {getCluster},
		"clustertags":       {getCluster, getSecurityGroups},
		"controllernodes":   {getCluster, getRouteTables},
		"karpenter":         {getCluster, getSecurityGroups},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			a := newAccount()
			deploy(t, a, defaults(nil)[kind])
			assert.Equal(t, want, a.tokens())
		})
	}
}

func TestWhoHasTheFactsLooksUpNothing(t *testing.T) {
	t.Parallel()
	for kind := range defaults(nil) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			looking, knowing := newAccount(), newAccount()
			looked := deploy(t, looking, defaults(nil)[kind])
			knew := deploy(t, knowing, defaults(knowing.knownFacts())[kind])

			assert.Empty(t, knowing.calls)
			assert.Equal(t, outputs(t, looked), outputs(t, knew))
			assert.ElementsMatch(t, identities(looking), identities(knowing), "the same is deployed")
		})
	}
}

func TestTheOwnershipLookupIsTheOnlyOneWithoutTheOwnedGroup(t *testing.T) {
	t.Parallel()
	a := newAccount()
	facts := a.knownFacts()
	facts.OwnedSecurityGroupIds = nil
	deploy(t, a, defaults(facts)["karpenter"])

	assert.Equal(t, []string{getSecurityGroups}, a.tokens())
	assert.Equal(t, map[string]any{
		"filters": []any{map[string]any{"name": "vpc-id", "values": []any{vpc}}},
		"tags":    map[string]any{"kubernetes.io/cluster/shop": "owned"},
	}, a.calls[0].Args.Mappable(), "only groups of the cluster's VPC that own the cluster are asked for")
}

func TestAnOwnedGroupThatComesLateIsNotLookedUp(t *testing.T) {
	t.Parallel()
	a := newAccount()
	facts := a.knownFacts()
	facts.OwnedSecurityGroupIds = pulumi.StringArray{pulumi.String(nodeGroup).ToStringOutput()}
	component := deploy(t, a, defaults(facts)["clustertags"])

	assert.Empty(t, a.calls)
	assert.Equal(t, nodeGroup, outputs(t, component)["ownedSecurityGroupId"])
}

func TestNothingIsLookedUpForPartsThatAreLeftOut(t *testing.T) {
	t.Parallel()
	a := newAccount()
	deploy(t, a, of(NewKarpenter, "karpenter", &KarpenterArgs{ClusterName: "shop", SkipClusterTags: new(true)}))
	assert.Equal(t, []string{getCluster}, a.tokens())
}

// A provider is given to the component alone: its children and its look-ups take it from there.
func TestLookupsAndChildrenUseTheComponentsProvider(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"Provider", "Providers"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			a := newAccount()
			deploy(t, a, func(ctx *pulumi.Context, _ ...pulumi.ResourceOption) (pulumi.ComponentResource, error) {
				provider, err := aws.NewProvider(ctx, "seoul", &aws.ProviderArgs{Region: pulumi.String("ap-northeast-2")})
				if err != nil {
					return nil, err
				}
				var option pulumi.ResourceOption = pulumi.Provider(provider)
				if way == "Providers" {
					option = pulumi.Providers(provider)
				}
				return NewKarpenter(ctx, "karpenter", &KarpenterArgs{ClusterName: "shop"}, option)
			})
			const reference = "pulumi:providers:aws::seoul::provider"
			for _, call := range a.calls {
				assert.Equal(t, reference, short(call.Provider), call.Token)
			}
			assert.Equal(t, []string{getCluster, getSecurityGroups}, a.tokens())
			for _, one := range a.registered {
				if one.custom && one.name != "seoul" {
					assert.Equal(t, reference, one.provider, one.urn)
				}
			}
		})
	}
}

// A component within a user's own component inherits the provider from there.
func TestLookupsUseTheProviderOfTheParent(t *testing.T) {
	t.Parallel()
	a := newAccount()
	deploy(t, a, func(ctx *pulumi.Context, _ ...pulumi.ResourceOption) (pulumi.ComponentResource, error) {
		provider, err := aws.NewProvider(ctx, "seoul", nil)
		if err != nil {
			return nil, err
		}
		platform := &struct{ pulumi.ResourceState }{}
		if err := ctx.RegisterComponentResource("platform:index:Platform", "platform", platform, pulumi.Providers(provider)); err != nil {
			return nil, err
		}
		return NewKarpenter(ctx, "karpenter", &KarpenterArgs{ClusterName: "shop"}, pulumi.Parent(platform))
	})
	for _, call := range a.calls {
		assert.Equal(t, "pulumi:providers:aws::seoul::provider", short(call.Provider), call.Token)
	}
	assert.Len(t, a.calls, 2)
}
