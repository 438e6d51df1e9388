package components

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func TestNodeRoleRefuses(t *testing.T) {
	t.Parallel()
	with := func(options NodeRoleOptions) constructor {
		return of(NewNodeRole, "node-role", &NodeRoleArgs{ClusterName: "shop", Options: &options})
	}
	ten := []string{}
	for _, letter := range "abcdef" {
		ten = append(ten, "arn:aws:iam::aws:policy/"+string(letter))
	}
	const both = ": shapes a new role, but roleArn names one that exists: leave out one of the two"
	assertRefused(t, []refusal{
		{
			why: "a name longer than IAM takes", with: with(NodeRoleOptions{Name: new(strings.Repeat("n", 65))}),
			says: `node-role: options.name: "` + strings.Repeat("n", 65) + `" is not valid: 1 to 64 letters, digits and any of _+=,.@-`,
		},
		{
			why: "a name that is empty", with: with(NodeRoleOptions{Name: new("")}),
			says: `node-role: options.name: "" is not valid: 1 to 64 letters, digits and any of _+=,.@-`,
		},
		{
			why: "a path, which Karpenter would not match", with: with(NodeRoleOptions{Path: new("/platform/")}),
			says: `node-role: options.path: "/platform/" cannot work: Karpenter compares a node's role with the bare role name, so the path must be /`,
		},
		{
			why: "a description longer than IAM takes", with: with(NodeRoleOptions{Description: new(strings.Repeat("ü", 1001))}),
			says: "node-role: options.description: 1001 characters are too many: at most 1000",
		},
		{
			why: "a boundary that is no policy", with: with(NodeRoleOptions{PermissionsBoundary: given(nodeRoleARN)}),
			says: `node-role: options.permissionsBoundary: "` + nodeRoleARN + `" is not valid: the ARN of an IAM policy`,
		},
		{
			why: "a policy given by its name", with: with(NodeRoleOptions{AdditionalPolicyArns: list("AmazonS3ReadOnlyAccess")}),
			says: `node-role: options.additionalPolicyArns: "AmazonS3ReadOnlyAccess" is not valid: the ARN of an IAM policy`,
		},
		{
			why: "a policy given twice", with: with(NodeRoleOptions{AdditionalPolicyArns: list("arn:aws:iam::aws:policy/a", "arn:aws:iam::aws:policy/a")}),
			says: `node-role: options.additionalPolicyArns: "arn:aws:iam::aws:policy/a" is listed twice: list it once`,
		},
		{
			why:  "a policy that is attached already",
			with: with(NodeRoleOptions{AdditionalPolicyArns: list("arn:aws-cn:iam::aws:policy/AmazonSSMManagedInstanceCore")}),
			says: `node-role: options.additionalPolicyArns: "arn:aws-cn:iam::aws:policy/AmazonSSMManagedInstanceCore" is attached already: leave it out`,
		},
		{
			why: "a policy that is none", with: with(NodeRoleOptions{AdditionalPolicyArns: pulumi.StringArray{pulumi.String("arn:aws:iam::aws:policy/a"), nil}}),
			says: "node-role: options.additionalPolicyArns[1]: nothing is given: give a value, or leave the element out",
		},
		{
			why: "eleven policies", with: with(NodeRoleOptions{AdditionalPolicyArns: list(ten...)}),
			says: "node-role: options.additionalPolicyArns: 11 policies are too many: AWS attaches at most 10 to a role, and 5 are the component's own; " +
				"turn off cniPolicy, ssmPolicy or cloudWatchPolicy, or put the permissions into a policy of your own",
		},
		{
			why:  "policies of which nobody knows how many they are",
			with: with(NodeRoleOptions{AdditionalPolicyArns: pulumi.StringArray{}.ToStringArrayOutput()}),
			says: "node-role: options.additionalPolicyArns: the number of elements must be known before anything is deployed: " +
				"give a pulumi.StringArray, whose elements may be outputs",
		},
		{
			why: "a profile's name longer than IAM takes", with: with(NodeRoleOptions{InstanceProfileName: new(strings.Repeat("p", 129))}),
			says: `node-role: options.instanceProfileName: "` + strings.Repeat("p", 129) + `" is not valid: 1 to 128 letters, digits and any of _+=,.@-`,
		},
		{
			why: "a type of access entry that EKS does not have", with: with(NodeRoleOptions{AccessEntryType: new("ec2_linux")}),
			says: `node-role: options.accessEntryType: "ec2_linux" is not valid: one of EC2_LINUX, EC2_WINDOWS, EC2, HYBRID_LINUX, HYPERPOD_LINUX, STANDARD`,
		},
		{
			why:  "a type for an access entry that is turned off",
			with: with(NodeRoleOptions{AccessEntry: new(false), AccessEntryType: new("EC2_LINUX")}),
			says: "node-role: options.accessEntryType: there is no access entry to bear it: set accessEntry, or leave the type out",
		},
		{
			why:  "a type for an access entry that an existing role does not get",
			with: with(NodeRoleOptions{RoleArn: given(nodeRoleARN), AccessEntryType: new("EC2_WINDOWS")}),
			says: "node-role: options.accessEntryType: there is no access entry to bear it: set accessEntry, or leave the type out",
		},
		{
			why:  "an access entry for a cluster that takes none",
			with: with(NodeRoleOptions{AccessEntry: new(true)}), on: func(a *account) { a.authenticationMode = "CONFIG_MAP" },
			says: "node-role: options.accessEntry: the cluster's authentication mode is CONFIG_MAP, which takes no access entries: " +
				"change the mode to API_AND_CONFIG_MAP, or leave accessEntry out and put the output awsAuth into the aws-auth ConfigMap",
		},
		{
			why:  "a cluster that does not tell whether it takes access entries",
			with: with(NodeRoleOptions{}), on: func(a *account) { a.authenticationMode = "" },
			says: "node-role: cluster.authenticationMode: required to know whether the nodes join by an access entry: give it, or set accessEntry",
		},
		{
			why: "a tag that tells Karpenter's nodes", with: with(NodeRoleOptions{Tags: map[string]string{"eks:eks-cluster-name": "shop"}}),
			says: `node-role: options.tags: "eks:eks-cluster-name" is Karpenter's own tag: choose another key`,
		},
		{
			why: "an existing role that is no role", with: with(NodeRoleOptions{RoleArn: given("nodes")}),
			says: `node-role: options.roleArn: "nodes" is not valid: the ARN of an IAM role`,
		},
		{
			why: "an existing role under a path", with: with(NodeRoleOptions{RoleArn: given("arn:aws:iam::111122223333:role/team/nodes")}),
			says: "node-role: options.roleArn: role arn:aws:iam::111122223333:role/team/nodes is under a path, " +
				"and Karpenter compares a node's role with the bare role name: use a role under /",
		},
		{
			why: "an existing role that is to be shaped",
			with: with(NodeRoleOptions{
				RoleArn: given(nodeRoleARN), Name: new("a"), Description: new("b"), PermissionsBoundary: given("arn:aws:iam::aws:policy/c"),
				CniPolicy: new(true), SsmPolicy: new(true), CloudWatchPolicy: new(true), AdditionalPolicyArns: list("arn:aws:iam::aws:policy/d"),
			}),
			says: "node-role: 7 problems:\n  - options.name" + both + "\n  - options.description" + both +
				"\n  - options.permissionsBoundary" + both + "\n  - options.cniPolicy" + both + "\n  - options.ssmPolicy" + both +
				"\n  - options.cloudWatchPolicy" + both + "\n  - options.additionalPolicyArns" + both,
		},
	})
}
