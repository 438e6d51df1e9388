package components

import (
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// withOwnCluster makes a constructor from one that takes a cluster's facts: those of a cluster of the same program.
func withOwnCluster(kind string) constructor {
	return func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) (pulumi.ComponentResource, error) {
		facts, err := factsOfOwnCluster(ctx)
		if err != nil {
			return nil, err
		}
		return defaults(facts)[kind](ctx, opts...)
	}
}

// identities are the resources of an account without their inputs.
func identities(a *account) []string {
	urns := make([]string, len(a.registered))
	for i, one := range a.registered {
		urns[i] = one.urn + " of " + one.parent
	}
	return urns
}

func TestAPreviewOfAClusterThatIsNotThereYetShowsAllThatWillBe(t *testing.T) {
	t.Parallel()
	for kind := range defaults(nil) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			preview, up := newAccount(), newAccount()
			preview.preview = true
			deploy(t, preview, withOwnCluster(kind))
			component := deploy(t, up, withOwnCluster(kind))

			assert.ElementsMatch(t, identities(up), identities(preview))
			for property, value := range outputs(t, component) {
				assert.NotEqual(t, "<unknown>", value, "%s is known once the cluster is", property)
			}
		})
	}
}

func TestAPreviewShowsWhatIsKnownAlready(t *testing.T) {
	t.Parallel()
	a := newAccount()
	a.preview = true
	component := deploy(t, a, withOwnCluster("karpenter"))
	golden(t, "karpenter/preview.golden", a.text())
	golden(t, "karpenter/preview.outputs", pretty(outputs(t, component))+"\n")
}

func TestAnArgMayBeAnOutputOfTheSameProgram(t *testing.T) {
	t.Parallel()
	for _, preview := range []bool{true, false} {
		a := newAccount()
		a.preview = preview
		component := deploy(t, a, func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) (pulumi.ComponentResource, error) {
			role, err := iam.NewRole(ctx, "own", &iam.RoleArgs{AssumeRolePolicy: pulumi.String("{}")})
			if err != nil {
				return nil, err
			}
			boundary, err := iam.NewPolicy(ctx, "boundary", &iam.PolicyArgs{Policy: pulumi.String("{}")})
			if err != nil {
				return nil, err
			}
			queue, err := sqs.NewQueue(ctx, "own", nil)
			if err != nil {
				return nil, err
			}
			return NewKarpenter(ctx, "karpenter", &KarpenterArgs{
				ClusterName:          "shop",
				NodeRole:             &NodeRoleOptions{RoleArn: role.Arn},
				InterruptionQueueArn: queue.Arn,
				ControllerRole: &ControllerRoleOptions{
					PermissionsBoundary:    boundary.Arn,
					AdditionalNodeRoleArns: pulumi.StringArray{role.Arn},
					AdditionalPolicyArns:   pulumi.StringArray{boundary.Arn},
				},
			}, opts...)
		})
		name := map[bool]string{true: "preview", false: "up"}[preview]
		golden(t, "karpenter/outputs-as-args-"+name+".golden", a.text())
		golden(t, "karpenter/outputs-as-args-"+name+".outputs", pretty(outputs(t, component))+"\n")
	}
}

// A property of a resource that a component of another library gives is an output of an output.
func TestAnArgMayBeAnOutputOfAnOutput(t *testing.T) {
	t.Parallel()
	nested := func(value string) pulumi.StringOutput {
		return pulumi.Int(0).ToIntOutput().ApplyT(func(int) pulumi.StringOutput { return pulumi.String(value).ToStringOutput() }).(pulumi.StringOutput)
	}
	plain, given := newAccount(), newAccount()
	facts := func(text func(string) pulumi.StringOutput) *ClusterFacts {
		return &ClusterFacts{
			Arn: text(plain.arn("eks", plain.region, "cluster/shop")), Issuer: text("https://oidc.example.com/id/1"), AuthenticationMode: new("API"),
			VpcId: text("vpc-1"), SubnetIds: pulumi.StringArray{text(privateSubnet)}, ClusterSecurityGroupId: text(primaryGroup),
			OwnedSecurityGroupIds: pulumi.StringArray{text(primaryGroup)},
		}
	}
	args := func(text func(string) pulumi.StringOutput) *KarpenterArgs {
		return &KarpenterArgs{
			ClusterName: "shop", Cluster: facts(text), SkipNodeRole: new(true), InterruptionQueueArn: text(queueARN), InterruptionQueueKmsKeyArn: text(keyARN),
			ControllerRole: &ControllerRoleOptions{
				AdditionalNodeRoleArns: pulumi.StringArray{text(nodeRoleARN)}, VolumeKmsKeyArns: pulumi.StringArray{text(keyARN)}, OidcProviderArn: text(nodeRoleARN),
			},
		}
	}
	deploy(t, plain, of(NewKarpenter, "karpenter", args(func(value string) pulumi.StringOutput { return pulumi.String(value).ToStringOutput() })))
	deploy(t, given, of(NewKarpenter, "karpenter", args(nested)))
	assert.Equal(t, plain.text(), given.text())
}

// What only the deployment knows is refused as soon as it is known.
func TestAWrongValueThatComesLateFailsTheDeployment(t *testing.T) {
	t.Parallel()
	later := func(value string) pulumi.StringOutput { return pulumi.String(value).ToStringOutput() }
	for _, row := range []struct {
		why  string
		with constructor
		on   func(*account)
		says string
	}{
		{
			why: "the ARN of another cluster",
			with: of(NewInterruptionQueue, "queue", &InterruptionQueueArgs{
				ClusterName: "shop", Cluster: &ClusterFacts{Arn: later("arn:aws:eks:us-east-1:111122223333:cluster/other")},
			}),
			says: `cluster.arn: "arn:aws:eks:us-east-1:111122223333:cluster/other" is the ARN of cluster "other", but clusterName is "shop"`,
		},
		{
			why: "an existing role under a path",
			with: of(NewNodeRole, "node-role", &NodeRoleArgs{
				ClusterName: "shop", Options: &NodeRoleOptions{RoleArn: later("arn:aws:iam::111122223333:role/team/nodes")},
			}),
			says: "role arn:aws:iam::111122223333:role/team/nodes is under a path, and Karpenter compares a node's role with the bare role name: use a role under /",
		},
		{
			why:  "two owned security groups of a cluster of the same program",
			with: withOwnCluster("karpenter"), on: func(a *account) { a.owned = []string{primaryGroup, nodeGroup} },
			says: "ownedSecurityGroupId: 2 security groups of the cluster's VPC bear kubernetes.io/cluster/shop = owned, and exactly one may: " +
				primaryGroup + ", " + nodeGroup + "; take the tag off all but one, or name here the one to keep",
		},
		{
			why: "two owned security groups, told by facts that come late",
			with: func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) (pulumi.ComponentResource, error) {
				facts := newAccount().knownFacts()
				facts.OwnedSecurityGroupIds = pulumi.StringArray{later(primaryGroup), later(nodeGroup)}
				return NewClusterTags(ctx, "tags", &ClusterTagsArgs{ClusterName: "shop", Cluster: facts}, opts...)
			},
			says: "ownedSecurityGroupId: 2 security groups of the cluster's VPC bear kubernetes.io/cluster/shop = owned, and exactly one may: ",
		},
		{
			why: "more node roles than a policy holds",
			with: of(NewControllerRole, "controller-role", &ControllerRoleArgs{
				ClusterName: "shop", NodeRoleArns: func() pulumi.StringArray {
					arns := make(pulumi.StringArray, 200)
					for i := range arns {
						arns[i] = later(nodeRoleARN)
					}
					return arns
				}(),
			}),
			says: "the managed policy has 9476 characters and AWS takes 6144: shorten the lists of ARNs and statements, or attach a policy of your own",
		},
		{
			why: "more than an inline policy holds",
			with: of(NewControllerRole, "controller-role", &ControllerRoleArgs{
				ClusterName: "shop", Options: &ControllerRoleOptions{InlinePolicy: new(true)}, NodeRoleArns: func() pulumi.StringArray {
					arns := make(pulumi.StringArray, 200)
					for i := range arns {
						arns[i] = later(nodeRoleARN)
					}
					return arns
				}(),
			}),
			says: "the inline policy has 13612 characters and AWS takes 10240: leave out inlinePolicy, so that each kind is a managed policy of its own",
		},
	} {
		t.Run(row.why, func(t *testing.T) {
			t.Parallel()
			a := newAccount()
			if row.on != nil {
				row.on(a)
			}
			err := a.run(func(ctx *pulumi.Context) error {
				_, err := row.with(ctx)
				return err
			})
			require.Error(t, err)
			assert.Contains(t, err.Error(), row.says)
		})
	}
}
