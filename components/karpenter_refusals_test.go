package components

import (
	"fmt"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func TestKarpenterRefuses(t *testing.T) {
	t.Parallel()
	with := func(args KarpenterArgs) constructor {
		args.ClusterName = "shop"
		return of(NewKarpenter, "karpenter", &args)
	}
	assertRefused(t, []refusal{
		{
			why: "no cluster name", with: of(NewKarpenter, "karpenter", &KarpenterArgs{}),
			says: "karpenter: clusterName: required: the EKS cluster's name",
		},
		{
			why: "a version that is no release", with: with(KarpenterArgs{KarpenterVersion: new("v1.14.1")}),
			says: `karpenter: karpenterVersion: "v1.14.1" is not a release of Karpenter: three numbers, such as 1.14.1`,
		},
		{
			why: "zonal shift before Karpenter knew it", with: with(KarpenterArgs{KarpenterVersion: new("1.8.0"), EnableZonalShift: new(true)}),
			says: "karpenter: enableZonalShift: Karpenter 1.8 knows no zonal shift, which came with 1.12: raise karpenterVersion, or leave it out",
		},
		{
			why: "an isolated VPC without an instance profile",
			with: with(KarpenterArgs{
				IsolatedVpc: new(true), SkipNodeRole: new(true),
				ControllerRole: &ControllerRoleOptions{AdditionalNodeRoleArns: list(nodeRoleARN)},
			}),
			says: "karpenter: isolatedVpc: needs an instance profile, and skipNodeRole leaves it out: leave out one of the two",
		},
		{
			why: "controller nodes that are shaped and not made", with: with(KarpenterArgs{ControllerNodes: &ControllerNodesOptions{}}),
			says: "karpenter: controllerNodes: shapes nodes that are not made: set createControllerNodes, or leave it out",
		},
		{
			why: "a label that Karpenter's own nodes bear",
			with: with(KarpenterArgs{
				CreateControllerNodes: new(true), ControllerNodes: &ControllerNodesOptions{Labels: map[string]string{"karpenter.sh/nodepool": "default"}},
			}),
			says: `karpenter: controllerNodes.labels: "karpenter.sh/nodepool" is reserved: it marks Karpenter's own nodes, on which its controller does not run; choose another key`,
		},
		{
			why: "Pod Identity on Fargate",
			with: with(KarpenterArgs{
				CreateControllerNodes: new(true), ControllerNodes: &ControllerNodesOptions{Fargate: new(true)},
				ControllerRole: &ControllerRoleOptions{PodIdentity: new(true)},
			}),
			says: "karpenter: controllerNodes.fargate: has no agent of EKS Pod Identity, so the controller could not assume its role: leave out one of the two, or use IRSA",
		},
		{
			why: "facts of another cluster", with: with(KarpenterArgs{Cluster: &ClusterFacts{Arn: pulumi.String("arn:aws:eks:us-east-1:111122223333:cluster/s")}}),
			says: `karpenter: cluster.arn: "arn:aws:eks:us-east-1:111122223333:cluster/s" is the ARN of cluster "s", but clusterName is "shop"`,
		},
		{
			why:  "a controller role that is left out and given",
			with: with(KarpenterArgs{SkipControllerRole: new(true), ControllerRoleArn: given(nodeRoleARN)}),
			says: "karpenter: skipControllerRole: leaves out what controllerRoleArn names: leave out one of the two",
		},
		{
			why: "a controller role by its name", with: with(KarpenterArgs{ControllerRoleArn: given("controller")}),
			says: `karpenter: controllerRoleArn: "controller" is not valid: the ARN of an IAM role`,
		},
		{
			why: "a node role that is left out and shaped",
			with: with(KarpenterArgs{
				SkipNodeRole: new(true), NodeRole: &NodeRoleOptions{},
				ControllerRole: &ControllerRoleOptions{AdditionalNodeRoleArns: list(nodeRoleARN)},
			}),
			says: "karpenter: skipNodeRole: leaves out what nodeRole shapes: leave out one of the two",
		},
		{
			why: "a controller without a role for its nodes", with: with(KarpenterArgs{SkipNodeRole: new(true)}),
			says: "karpenter: skipNodeRole: leaves the controller no role for its nodes: name one in controllerRole.additionalNodeRoleArns",
		},
		{
			why: "an empty list of roles for the controller's nodes",
			with: with(KarpenterArgs{
				SkipNodeRole: new(true), ControllerRole: &ControllerRoleOptions{AdditionalNodeRoleArns: pulumi.StringArray{}},
			}),
			says: "karpenter: skipNodeRole: leaves the controller no role for its nodes: name one in controllerRole.additionalNodeRoleArns",
		},
		{
			why: "a role for the controller's nodes that is none",
			with: with(KarpenterArgs{
				SkipNodeRole: new(true), ControllerRole: &ControllerRoleOptions{AdditionalNodeRoleArns: pulumi.StringArray{nil}},
			}),
			says: "karpenter: controllerRole.additionalNodeRoleArns[0]: nothing is given: give a value, or leave the element out",
		},
		{
			why:  "a queue that is left out and shaped",
			with: with(KarpenterArgs{SkipInterruptionQueue: new(true), InterruptionQueue: &InterruptionQueueOptions{}}),
			says: "karpenter: skipInterruptionQueue: leaves out what interruptionQueue shapes: leave out one of the two",
		},
		{
			why:  "a queue that is left out and given",
			with: with(KarpenterArgs{SkipInterruptionQueue: new(true), InterruptionQueueArn: given(queueARN)}),
			says: "karpenter: skipInterruptionQueue: leaves out what interruptionQueueArn names: leave out one of the two",
		},
		{
			why:  "a queue that is given and shaped",
			with: with(KarpenterArgs{InterruptionQueueArn: given(queueARN), InterruptionQueue: &InterruptionQueueOptions{}}),
			says: "karpenter: interruptionQueueArn: replaces what interruptionQueue shapes: leave out one of the two",
		},
		{
			why: "a queue by its name", with: with(KarpenterArgs{InterruptionQueueArn: given("events")}),
			says: `karpenter: interruptionQueueArn: "events" is not valid: the ARN of an SQS queue`,
		},
		{
			why: "the key of a queue that is not given", with: with(KarpenterArgs{InterruptionQueueKmsKeyArn: given(keyARN)}),
			says: "karpenter: interruptionQueueKmsKeyArn: is the key of a queue that exists: give interruptionQueueArn, or set interruptionQueue.kmsKeyArn",
		},
		{
			why:  "the key of a queue by its alias",
			with: with(KarpenterArgs{InterruptionQueueArn: given(queueARN), InterruptionQueueKmsKeyArn: given("alias/events")}),
			says: `karpenter: interruptionQueueKmsKeyArn: "alias/events" is not valid: the ARN of a KMS key (an alias will not do)`,
		},
		{
			why:  "tags that are left out and shaped",
			with: with(KarpenterArgs{SkipClusterTags: new(true), ClusterTags: &ClusterTagsOptions{}}),
			says: "karpenter: skipClusterTags: leaves out what clusterTags shapes: leave out one of the two",
		},
		{
			why: "IRSA where the cluster has no issuer", with: with(KarpenterArgs{}), on: func(a *account) { a.issuer = "" },
			says: "karpenter: cluster.issuer: required for IRSA: give the cluster's OIDC issuer URL, or set podIdentity",
		},
		{
			why: "a cluster that does not tell whether it takes access entries", with: with(KarpenterArgs{}),
			on:   func(a *account) { a.authenticationMode = "" },
			says: "karpenter: cluster.authenticationMode: required to know whether the nodes join by an access entry: give it, or set accessEntry",
		},
		{
			why:  "an access entry for a cluster that takes none",
			with: with(KarpenterArgs{NodeRole: &NodeRoleOptions{AccessEntry: new(true)}}), on: func(a *account) { a.authenticationMode = "CONFIG_MAP" },
			says: "karpenter: nodeRole.accessEntry: the cluster's authentication mode is CONFIG_MAP, which takes no access entries: " +
				"change the mode to API_AND_CONFIG_MAP, or leave accessEntry out and put the output awsAuth into the aws-auth ConfigMap",
		},
		{
			why: "two owned security groups", with: with(KarpenterArgs{}), on: func(a *account) { a.owned = []string{primaryGroup, nodeGroup} },
			says: "karpenter: clusterTags.ownedSecurityGroupId: 2 security groups of the cluster's VPC bear kubernetes.io/cluster/shop = owned, " +
				"and exactly one may: " + primaryGroup + ", " + nodeGroup + "; take the tag off all but one, or name here the one to keep",
		},
		{
			why: "no owned security group", with: with(KarpenterArgs{}), on: func(a *account) { a.owned = nil },
			says: "karpenter: clusterTags.ownedSecurityGroupId: no security group of the cluster's VPC bears kubernetes.io/cluster/shop = owned, " +
				"and exactly one must: name here the one that is to bear it",
		},
		{
			why: "a cluster of which much is wrong at once", with: with(KarpenterArgs{}),
			on: func(a *account) { a.issuer, a.authenticationMode, a.subnets, a.owned = "", "", nil, nil },
			says: `karpenter: 4 problems:
  - cluster.issuer: required for IRSA: give the cluster's OIDC issuer URL, or set podIdentity
  - cluster.authenticationMode: required to know whether the nodes join by an access entry: give it, or set accessEntry
  - clusterTags.subnetIds: required: the cluster's facts name no subnets, so name those for nodes
  - clusterTags.ownedSecurityGroupId: no security group of the cluster's VPC bears kubernetes.io/cluster/shop = owned, ` +
				"and exactly one must: name here the one that is to bear it",
		},
	})
}

// A part bears its own tags and those of the whole, and AWS counts them together.
func TestKarpenterRefusesTagsThatAreTooManyTogether(t *testing.T) {
	t.Parallel()
	tags := func(prefix string, count int) map[string]string {
		all := map[string]string{}
		for i := range count {
			all[fmt.Sprint(prefix, i)] = ""
		}
		return all
	}
	const tooMany = ": 51 tags with those of all resources are too many: at most 50"
	assertRefused(t, []refusal{{
		why: "one too many for each part",
		with: of(NewKarpenter, "karpenter", &KarpenterArgs{
			ClusterName: "shop", Tags: tags("a", 30),
			ControllerRole:    &ControllerRoleOptions{Tags: tags("b", 21)},
			NodeRole:          &NodeRoleOptions{Tags: tags("b", 21)},
			InterruptionQueue: &InterruptionQueueOptions{Tags: tags("b", 21)},
		}),
		says: "karpenter: 3 problems:\n  - controllerRole.tags" + tooMany + "\n  - nodeRole.tags" + tooMany + "\n  - interruptionQueue.tags" + tooMany,
	}, {
		why:  "too many for the whole alone",
		with: of(NewKarpenter, "karpenter", &KarpenterArgs{ClusterName: "shop", Tags: tags("a", 51)}),
		says: "karpenter: tags: 51 tags are too many: at most 50",
	}})
	deploy(t, newAccount(), of(NewKarpenter, "karpenter", &KarpenterArgs{
		ClusterName: "shop", Tags: tags("a", 30), NodeRole: &NodeRoleOptions{Tags: tags("a", 50)},
	})) // tags of the same keys count once
}

// What is wrong with the options of a part is told under the part's property: one problem of each part shows the way.
func TestKarpenterTellsTheProblemsOfItsPartsUnderTheirProperties(t *testing.T) {
	t.Parallel()
	assertRefused(t, []refusal{{
		why: "one problem of each part",
		with: of(NewKarpenter, "karpenter", &KarpenterArgs{
			ClusterName:       "shop",
			ControllerRole:    &ControllerRoleOptions{AdditionalStatements: []PolicyStatement{{Actions: []string{"*"}}}},
			NodeRole:          &NodeRoleOptions{RoleArn: given("nodes")},
			InterruptionQueue: &InterruptionQueueOptions{RetryPolicy: &EventRetryPolicy{MaximumRetryAttempts: new(200)}},
			ClusterTags:       &ClusterTagsOptions{SecurityGroupIds: list("nodes")},
		}),
		says: `karpenter: 4 problems:
  - controllerRole.additionalStatements[0].resources: required: name at least one ARN, or "*"
  - nodeRole.roleArn: "nodes" is not valid: the ARN of an IAM role
  - interruptionQueue.retryPolicy.maximumRetryAttempts: 200 is out of range: 0 to 185 attempts
  - clusterTags.securityGroupIds: "nodes" is not valid: the id of a security group, sg-...`,
	}})
}
