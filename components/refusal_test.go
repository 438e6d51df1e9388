package components

import (
	"errors"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumierrors "github.com/pulumi/pulumi/sdk/v3/go/pulumi/errors"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// refusal is what a constructor must not take, and the whole text of its error.
type refusal struct {
	why  string
	with constructor
	on   func(*account) // how the account differs, if it does
	says string
}

// assertRefused asserts that each is refused in these words, before anything is registered.
func assertRefused(t *testing.T, refusals []refusal) {
	t.Helper()
	for _, refusal := range refusals {
		t.Run(refusal.why, func(t *testing.T) {
			t.Parallel()
			a := newAccount()
			if refusal.on != nil {
				refusal.on(a)
			}
			err := refused(t, a, refusal.with)
			assert.Equal(t, refusal.says, err.Error())
		})
	}
}

// refused is the error of a constructor that is to fail, with nothing registered.
func refused(t *testing.T, a *account, construct constructor) error {
	t.Helper()
	var refusal error
	err := a.run(func(ctx *pulumi.Context) error {
		_, refusal = construct(ctx)
		return refusal
	})
	require.Error(t, refusal)
	require.ErrorIs(t, err, refusal, "the program ends with the error")
	assert.Empty(t, a.registered, "nothing is registered")
	return refusal
}

// Only what is wrong with the args goes without saying anything to AWS.
func TestWrongArgsAreRefusedBeforeAnythingIsLookedUp(t *testing.T) {
	t.Parallel()
	for name, construct := range map[string]constructor{
		"ControllerRole":    of(NewControllerRole, "controller-role", nil),
		"NodeRole":          of(NewNodeRole, "node-role", nil),
		"InterruptionQueue": of(NewInterruptionQueue, "queue", nil),
		"ClusterTags":       of(NewClusterTags, "tags", nil),
		"ControllerNodes":   of(NewControllerNodes, "controller-nodes", nil),
		"Karpenter":         of(NewKarpenter, "karpenter", nil),
	} {
		t.Run(name+" without args", func(t *testing.T) {
			t.Parallel()
			a := newAccount()
			err := refused(t, a, construct)
			assert.Contains(t, err.Error(), "clusterName: required: the EKS cluster's name")
			assert.Empty(t, a.calls, "nothing is looked up")
		})
	}
}

func TestAllProblemsAreToldTogetherEachUnderItsProperty(t *testing.T) {
	t.Parallel()
	a := newAccount()
	err := refused(t, a, of(NewKarpenter, "karpenter", &KarpenterArgs{
		ClusterName:    "my shop",
		ControllerRole: &ControllerRoleOptions{MaxSessionDuration: new(60)},
		NodeRole:       &NodeRoleOptions{Path: new("/nodes/")},
		InterruptionQueue: &InterruptionQueueOptions{
			MessageRetentionSeconds: new(5), KmsKeyArn: given("alias/aws/sqs"),
		},
		Tags: map[string]string{"karpenter.sh/nodepool": "x"},
	}))

	assert.Equal(t, `karpenter: 6 problems:
  - clusterName: "my shop" is not valid: 1 to 100 letters, digits, hyphens and underscores, a letter or digit first
  - controllerRole.maxSessionDuration: 60 is out of range: 3600 to 43200 seconds
  - nodeRole.path: "/nodes/" cannot work: Karpenter compares a node's role with the bare role name, so the path must be /
  - interruptionQueue.messageRetentionSeconds: 5 is out of range: 60 to 1209600 seconds
  - interruptionQueue.kmsKeyArn: "alias/aws/sqs" is AWS's own key, whose policy lets no EventBridge use it, so no event would arrive: `+
		`give a customer managed key, set createKmsKey, or leave both out for encryption by SQS
  - tags: "karpenter.sh/nodepool" is Karpenter's own tag: choose another key`, err.Error())
	assert.Empty(t, a.calls, "nothing is looked up")

	var invalid *InvalidArgsError
	require.ErrorAs(t, err, &invalid)
	var details *pulumierrors.InputPropertiesError
	require.ErrorAs(t, err, &details, "Pulumi finds the details it knows how to show")
	assert.Equal(t, invalid.Problems, details.Errors)
}

func TestALookupThatFailsIsToldWithTheWayOut(t *testing.T) {
	t.Parallel()
	const cluster, groups, tables = "aws:eks/getCluster:getCluster", "aws:ec2/getSecurityGroups:getSecurityGroups", "aws:ec2/getRouteTables:getRouteTables"
	fails := func(token string) func(*account) { return func(a *account) { a.failing = token } }
	unknown := `clusterName: EKS cluster "shop" was not found with the current credentials and region; check the name and aws:region: `
	refusals := []refusal{
		{
			why: "a cluster that does not exist", with: of(NewKarpenter, "karpenter", &KarpenterArgs{ClusterName: "shop"}),
			on:   func(a *account) { a.clusterName = "other" },
			says: "karpenter: " + unknown + "reading EKS Cluster (shop): couldn't find resource",
		},
		{
			why: "security groups that may not be listed", with: of(NewKarpenter, "karpenter", &KarpenterArgs{ClusterName: "shop"}), on: fails(groups),
			says: "karpenter: security groups of " + vpc + ": AccessDeniedException: not authorized",
		},
		{
			why: "security groups that may not be listed, by the part alone", with: defaults(nil)["clustertags"], on: fails(groups),
			says: "tags: security groups of " + vpc + ": AccessDeniedException: not authorized",
		},
		{
			why: "route tables that may not be listed", on: fails(tables),
			with: of(NewClusterTags, "tags", &ClusterTagsArgs{ClusterName: "shop", Options: &ClusterTagsOptions{ExcludePublicSubnets: new(true)}}),
			says: "tags: route tables of " + vpc + ": AccessDeniedException: not authorized",
		},
		{
			why: "a route table that may not be read",
			on: func(a *account) {
				a.routeTables, a.failing = []routeTable{{id: "rtb-1"}}, "aws:ec2/getRouteTable:getRouteTable"
			},
			with: of(NewClusterTags, "tags", &ClusterTagsArgs{ClusterName: "shop", Options: &ClusterTagsOptions{ExcludePublicSubnets: new(true)}}),
			says: "tags: route table rtb-1: AccessDeniedException: not authorized",
		},
	}
	for name, construct := range defaults(nil) {
		prefix := map[string]string{
			"controllerrole": "controller-role", "noderole": "node-role", "interruptionqueue": "queue", "clustertags": "tags", "karpenter": "karpenter",
			"controllernodes": "controller-nodes",
		}[name]
		refusals = append(refusals, refusal{
			why: "a cluster that may not be read, by " + name, with: construct, on: fails(cluster),
			says: prefix + ": " + unknown + "AccessDeniedException: not authorized",
		})
	}
	assertRefused(t, refusals)
}

func TestAnErrorOfALookupIsNoProblemOfTheArgs(t *testing.T) {
	t.Parallel()
	a := newAccount()
	a.failing = "aws:eks/getCluster:getCluster"
	var invalid *InvalidArgsError
	assert.False(t, errors.As(refused(t, a, defaults(nil)["karpenter"]), &invalid))
}
