package components

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
)

// assertNamed asserts that everything registered is under a component, is named after it, and is registered once.
func assertNamed(t *testing.T, a *account) {
	t.Helper()
	parents := map[string]string{}
	for _, one := range a.registered {
		assert.NotContains(t, parents, one.urn, "registered twice")
		parents[one.urn] = one.parent
	}
	for _, one := range a.registered {
		if one.parent == "pulumi:pulumi:Stack::eks-karpenter-test" {
			assert.False(t, one.custom, "%s has a component", one.urn)
			continue
		}
		assert.Contains(t, parents, one.parent, "the parent of %s is registered", one.urn)
		_, parent, _ := strings.Cut(one.parent, "::")
		assert.True(t, one.name == parent || strings.HasPrefix(one.name, parent+"-"), "%s is named after %s", one.urn, parent)
	}
}

func TestChildrenAreNamedAfterTheirComponents(t *testing.T) {
	t.Parallel()
	all := defaults(nil)
	all["everything"] = everything("shop")
	for kind, construct := range all {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			a := newAccount()
			deploy(t, a, construct)
			assertNamed(t, a)
		})
	}
}

func TestNamesStayApartWhateverAUserCallsThings(t *testing.T) {
	t.Parallel()
	for why, construct := range map[string]constructor{
		"policies of the same name under two paths": of(NewNodeRole, "node-role", &NodeRoleArgs{ClusterName: "shop", Options: &NodeRoleOptions{
			AdditionalPolicyArns: list("arn:aws:iam::111122223333:policy/a/Logs", "arn:aws:iam::111122223333:policy/b/Logs"),
		}}),
		"a policy that is called as one of the controller's is": of(NewControllerRole, "controller-role", &ControllerRoleArgs{
			ClusterName: "shop", NodeRoleArns: list(nodeRoleARN),
			Options: &ControllerRoleOptions{AdditionalPolicyArns: list("arn:aws:iam::111122223333:policy/ZonalShift")},
		}),
		"tags whose keys end alike": of(NewClusterTags, "tags", &ClusterTagsArgs{ClusterName: "shop", Options: &ClusterTagsOptions{
			Tags: map[string]string{"a.example/owner": "x", "b.example/owner": "y"},
		}}),
		"a tag whose key ends as the discovery tag does": of(NewClusterTags, "tags", &ClusterTagsArgs{ClusterName: "shop", Options: &ClusterTagsOptions{
			Tags: map[string]string{"example.com/discovery": "x", "discovery": "y"},
		}}),
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			a := newAccount()
			deploy(t, a, construct)
			assertNamed(t, a)
		})
	}
}

// One program may serve several clusters.
func TestTwoOfAComponentInOneProgramDoNotCollide(t *testing.T) {
	t.Parallel()
	twice := map[string]func(ctx *pulumi.Context, name string, facts *ClusterFacts) error{
		"ControllerRole": func(ctx *pulumi.Context, name string, facts *ClusterFacts) error {
			_, err := NewControllerRole(ctx, name, &ControllerRoleArgs{ClusterName: name, Cluster: facts, NodeRoleArns: list(nodeRoleARN)})
			return err
		},
		"NodeRole": func(ctx *pulumi.Context, name string, facts *ClusterFacts) error {
			_, err := NewNodeRole(ctx, name, &NodeRoleArgs{ClusterName: name, Cluster: facts})
			return err
		},
		"InterruptionQueue": func(ctx *pulumi.Context, name string, facts *ClusterFacts) error {
			_, err := NewInterruptionQueue(ctx, name, &InterruptionQueueArgs{ClusterName: name, Cluster: facts})
			return err
		},
		"ClusterTags": func(ctx *pulumi.Context, name string, facts *ClusterFacts) error {
			_, err := NewClusterTags(ctx, name, &ClusterTagsArgs{ClusterName: name, Cluster: facts})
			return err
		},
		"ControllerNodes": func(ctx *pulumi.Context, name string, facts *ClusterFacts) error {
			_, err := NewControllerNodes(ctx, name, &ControllerNodesArgs{ClusterName: name, Cluster: facts})
			return err
		},
		"Karpenter": func(ctx *pulumi.Context, name string, facts *ClusterFacts) error {
			_, err := NewKarpenter(ctx, name, &KarpenterArgs{ClusterName: name, Cluster: facts})
			return err
		},
	}
	for kind, construct := range twice {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			a := newAccount()
			assert.NoError(t, a.run(func(ctx *pulumi.Context) error {
				for _, name := range []string{"blue", "green"} {
					facts := newAccount()
					facts.clusterName = name
					if err := construct(ctx, name, facts.knownFacts()); err != nil {
						return err
					}
				}
				return nil
			}))
			assertNamed(t, a)
			names := map[string]bool{}
			for _, one := range a.registered {
				if _, named := namesOf[one.token]; named {
					assert.NotContains(t, names, one.token+one.inputs["name"].(string), "AWS knows the name already")
					names[one.token+one.inputs["name"].(string)] = true
				}
			}
		})
	}
}
