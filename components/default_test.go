package components

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
)

const (
	nodeRoleARN = "arn:aws:iam::111122223333:role/nodes"
	queueARN    = "arn:aws:sqs:ap-northeast-2:111122223333:events"
)

// defaults are the components as a user makes them who sets nothing that is not required.
func defaults(facts *ClusterFacts) map[string]constructor {
	return map[string]constructor{
		"controllerrole": of(NewControllerRole, "controller-role", &ControllerRoleArgs{
			ClusterName: "shop", Cluster: facts,
			NodeRoleArns: pulumi.StringArray{pulumi.String(nodeRoleARN)}, QueueArn: pulumi.String(queueARN),
		}),
		"noderole":          of(NewNodeRole, "node-role", &NodeRoleArgs{ClusterName: "shop", Cluster: facts}),
		"interruptionqueue": of(NewInterruptionQueue, "queue", &InterruptionQueueArgs{ClusterName: "shop", Cluster: facts}),
		"clustertags":       of(NewClusterTags, "tags", &ClusterTagsArgs{ClusterName: "shop", Cluster: facts}),
		"controllernodes":   of(NewControllerNodes, "controller-nodes", controllerNodes(facts)),
		"karpenter":         of(NewKarpenter, "karpenter", &KarpenterArgs{ClusterName: "shop", Cluster: facts}),
	}
}

// controllerNodes are args as short as they can be: who gives the cluster's facts, which may not be known yet, tells which
// subnets are private.
func controllerNodes(facts *ClusterFacts) *ControllerNodesArgs {
	args := &ControllerNodesArgs{ClusterName: "shop", Cluster: facts}
	if facts != nil {
		args.Options = &ControllerNodesOptions{SubnetIds: facts.SubnetIds}
	}
	return args
}

// everything is Karpenter with every resource that it can make.
func everything(clusterName string) constructor {
	return of(NewKarpenter, "karpenter", &KarpenterArgs{
		ClusterName: clusterName,
		ControllerRole: &ControllerRoleOptions{
			CreateOidcProvider: new(true), VolumeKmsKeyArns: list(keyARN),
			AdditionalPolicyArns: list("arn:aws:iam::aws:policy/ReadOnlyAccess"),
		},
		NodeRole:          &NodeRoleOptions{AdditionalPolicyArns: list("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")},
		InterruptionQueue: &InterruptionQueueOptions{CreateKmsKey: new(true), DeadLetterQueue: new(true)},
		ClusterTags:       &ClusterTagsOptions{OwnedSecurityGroupId: new(primaryGroup), Tags: map[string]string{"team": "shop"}},
	})
}

func TestAComponentWithoutOptionsIsAsItsGoldenShows(t *testing.T) {
	t.Parallel()
	for name, construct := range defaults(nil) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAccount()
			component := deploy(t, a, construct)
			golden(t, name+"/default.golden", a.text())
			golden(t, name+"/default.outputs", pretty(outputs(t, component))+"\n")
			components := 0
			for _, one := range a.registered {
				if !one.custom {
					components++
				}
			}
			assert.Equal(t, components+1, a.completed, "every component, and the stack, registers its outputs")
		})
	}
}
