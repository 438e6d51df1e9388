package components

import "testing"

func TestWhatKarpenterOptionsChange(t *testing.T) {
	t.Parallel()
	const roleARN = "arn:aws:iam::111122223333:role/platform/controller"
	with := func(args KarpenterArgs) constructor {
		args.ClusterName = "shop"
		return of(NewKarpenter, "karpenter", &args)
	}
	assertChanges(t, "karpenter", []change{
		{
			name: "karpenterVersion-1.8", why: "no permission and no rule that came later",
			with: with(KarpenterArgs{KarpenterVersion: new("1.8.6")}),
		},
		{
			name: "karpenterVersion-1.0", why: "the permissions of the first official template",
			with: with(KarpenterArgs{KarpenterVersion: new("1.0.0")}),
		},
		{
			name: "karpenterVersion-unknown", why: "those of the nearest known version, here the newest",
			with: with(KarpenterArgs{KarpenterVersion: new("1.99.0")}),
		},
		{
			name: "enableZonalShift", why: "Helm is told; the permission is there already",
			with: with(KarpenterArgs{EnableZonalShift: new(true)}),
		},
		{
			name: "isolatedVpc", why: "Helm is told, the node class names the instance profile, and the endpoints are listed",
			with: with(KarpenterArgs{IsolatedVpc: new(true), EnableZonalShift: new(true)}),
		},
		{
			name: "isolatedVpc-with-podIdentity-without-queue", why: "what is not called needs no endpoint",
			with: with(KarpenterArgs{
				IsolatedVpc: new(true), SkipInterruptionQueue: new(true), ControllerRole: &ControllerRoleOptions{PodIdentity: new(true)},
			}),
		},
		{
			name: "createControllerNodes", why: "a node group of its own, with the tags of all and those of the part",
			with: with(KarpenterArgs{
				CreateControllerNodes: new(true), ControllerNodes: &ControllerNodesOptions{CriticalAddonsOnly: new(true), Tags: map[string]string{"team": "nodes"}},
				Tags: map[string]string{"team": "platform", "stage": "dev"},
			}),
		},
		{
			name: "createControllerNodes-fargate", why: "Fargate takes the controller's pods in its own namespace",
			with: with(KarpenterArgs{
				CreateControllerNodes: new(true), ControllerNodes: &ControllerNodesOptions{Fargate: new(true)},
				ControllerRole: &ControllerRoleOptions{Namespace: new("karpenter")},
			}),
		},
		{
			name: "createSpotServiceLinkedRole", why: "the account has none yet",
			with: with(KarpenterArgs{CreateSpotServiceLinkedRole: new(true)}),
		},
		{
			name: "controllerRole", why: "the options of a part reach the part, and those that Helm must know reach its values",
			with: with(KarpenterArgs{ControllerRole: &ControllerRoleOptions{ServiceAccount: new("node-launcher"), Name: new("shop-karpenter")}}),
		},
		{
			name: "podIdentity", why: "by Pod Identity the service account needs no annotation",
			with: with(KarpenterArgs{ControllerRole: &ControllerRoleOptions{PodIdentity: new(true)}}),
		},
		{
			name: "controllerRoleArn", why: "no controller role is made, and Helm is told of the one that exists",
			with: with(KarpenterArgs{ControllerRoleArn: given(roleARN)}),
		},
		{
			name: "controllerRoleArn-with-podIdentity", why: "Helm need not know of it",
			with: with(KarpenterArgs{
				ControllerRoleArn: given(roleARN),
				ControllerRole:    &ControllerRoleOptions{PodIdentity: new(true), ServiceAccount: new("node-launcher")},
			}),
		},
		{name: "skipControllerRole", why: "someone else makes it, and nothing is said of it", with: with(KarpenterArgs{SkipControllerRole: new(true)})},
		{
			name: "nodeRole", why: "the name reaches the role, the node class and PassRole",
			with: with(KarpenterArgs{NodeRole: &NodeRoleOptions{Name: new("shopNodes")}}),
		},
		{
			name: "nodeRole-that-exists", why: "the given role is passed and named in the node class",
			with: with(KarpenterArgs{NodeRole: &NodeRoleOptions{RoleArn: given(nodeRoleARN)}}),
		},
		{
			name: "skipNodeRole", why: "the first of the other roles is the one of the node class",
			with: with(KarpenterArgs{
				SkipNodeRole: new(true),
				ControllerRole: &ControllerRoleOptions{AdditionalNodeRoleArns: list(
					nodeRoleARN, "arn:aws:iam::111122223333:role/gpu-nodes",
				)},
			}),
		},
		{
			name: "skipNodeRole-and-skipControllerRole", why: "with no role there is no node class",
			with: with(KarpenterArgs{SkipNodeRole: new(true), SkipControllerRole: new(true)}),
		},
		{
			name: "cluster-configMap", why: "the output says what aws-auth needs",
			with: with(KarpenterArgs{}), on: func(a *account) { a.authenticationMode = "CONFIG_MAP" },
		},
		{
			name: "interruptionQueue-createKmsKey", why: "the controller may decrypt with the new key",
			with: with(KarpenterArgs{InterruptionQueue: &InterruptionQueueOptions{CreateKmsKey: new(true)}}),
		},
		{
			name: "interruptionQueue-kmsKeyArn", why: "the controller may decrypt with the given key",
			with: with(KarpenterArgs{InterruptionQueue: &InterruptionQueueOptions{KmsKeyArn: given(keyARN), Name: new("events")}}),
		},
		{
			name: "interruptionQueueArn", why: "no queue is made; name and URL are read from the ARN, and the controller may read it",
			with: with(KarpenterArgs{InterruptionQueueArn: given(queueARN)}),
		},
		{
			name: "interruptionQueueKmsKeyArn", why: "the controller may decrypt with the key of the queue that exists",
			with: with(KarpenterArgs{InterruptionQueueArn: given(queueARN), InterruptionQueueKmsKeyArn: given(keyARN)}),
		},
		{
			name: "skipInterruptionQueue", why: "no queue, no permission for one, no word of one to Helm",
			with: with(KarpenterArgs{SkipInterruptionQueue: new(true)}),
		},
		{
			name: "clusterTags", why: "the options of the part reach the part",
			with: with(KarpenterArgs{ClusterTags: &ClusterTagsOptions{SubnetIds: list(privateSubnet)}}),
		},
		{name: "skipClusterTags", why: "nothing is tagged", with: with(KarpenterArgs{SkipClusterTags: new(true)})},
		{
			name: "skipClusterTags-where-two-are-owned", why: "nothing is checked",
			with: with(KarpenterArgs{SkipClusterTags: new(true)}), on: func(a *account) { a.owned = []string{primaryGroup, nodeGroup} },
		},
		{
			name: "tags", why: "the tags of a part go before those of the whole, and the cluster's own resources get neither",
			with: with(KarpenterArgs{
				Tags:     map[string]string{"team": "platform", "stage": "dev"},
				NodeRole: &NodeRoleOptions{Tags: map[string]string{"team": "shop"}},
			}),
		},
	})
}
