package components

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const start = "controller-role: options."

func TestControllerRoleRefuses(t *testing.T) {
	t.Parallel()
	withArgs := func(args ControllerRoleArgs) constructor {
		args.ClusterName = "shop"
		return of(NewControllerRole, "controller-role", &args)
	}
	assertRefused(t, []refusal{
		{
			why: "no node role", with: withArgs(ControllerRoleArgs{}),
			says: "controller-role: nodeRoleArns: required: name the role that Karpenter's nodes bear",
		},
		{
			why:  "no node role in a list for them",
			with: withArgs(ControllerRoleArgs{Options: &ControllerRoleOptions{AdditionalNodeRoleArns: pulumi.StringArray{}}}),
			says: "controller-role: nodeRoleArns: required: name the role that Karpenter's nodes bear",
		},
		{
			why: "node roles of unknown number", with: withArgs(ControllerRoleArgs{NodeRoleArns: pulumi.StringArray{}.ToStringArrayOutput()}),
			says: "controller-role: nodeRoleArns: the number of elements must be known before anything is deployed: " +
				"give a pulumi.StringArray, whose elements may be outputs",
		},
		{
			why: "a node role by its name", with: withArgs(ControllerRoleArgs{NodeRoleArns: list("nodes")}),
			says: `controller-role: nodeRoleArns: "nodes" is not valid: the ARN of an IAM role`,
		},
		{
			why: "a node role under a path", with: withArgs(ControllerRoleArgs{NodeRoleArns: list("arn:aws:iam::111122223333:role/team/nodes")}),
			says: "controller-role: nodeRoleArns: role arn:aws:iam::111122223333:role/team/nodes is under a path, " +
				"and Karpenter compares a node's role with the bare role name: use a role under /",
		},
		{
			why: "a queue by its URL", with: withArgs(ControllerRoleArgs{NodeRoleArns: list(nodeRoleARN), QueueArn: given("https://sqs/1/q")}),
			says: `controller-role: queueArn: "https://sqs/1/q" is not valid: the ARN of an SQS queue`,
		},
		{
			why: "a key by its alias", with: withArgs(ControllerRoleArgs{NodeRoleArns: list(nodeRoleARN), QueueKmsKeyArn: given("alias/queue")}),
			says: `controller-role: queueKmsKeyArn: "alias/queue" is not valid: the ARN of a KMS key (an alias will not do)`,
		},
		{
			why: "IRSA where the cluster has no issuer", with: withArgs(ControllerRoleArgs{NodeRoleArns: list(nodeRoleARN)}),
			on:   func(a *account) { a.issuer = "" },
			says: "controller-role: cluster.issuer: required for IRSA: give the cluster's OIDC issuer URL, or set podIdentity",
		},
		{
			why: "IRSA where the facts given lack the issuer",
			with: withArgs(ControllerRoleArgs{
				NodeRoleArns: list(nodeRoleARN), Cluster: &ClusterFacts{Arn: pulumi.String("arn:aws:eks:us-east-1:111122223333:cluster/shop")},
			}),
			says: "controller-role: cluster.issuer: required for IRSA: give the cluster's OIDC issuer URL, or set podIdentity",
		},
	})
}

func TestControllerRoleRefusesOptions(t *testing.T) {
	t.Parallel()
	with := func(options ControllerRoleOptions) constructor {
		return of(NewControllerRole, "controller-role", &ControllerRoleArgs{
			ClusterName: "shop", NodeRoleArns: list(nodeRoleARN), QueueArn: given(queueARN), Options: &options,
		})
	}
	long := strings.Repeat("s", 300)
	const path = " is not valid: begins and ends with a slash, at most 512 characters, no blanks"
	const unknownLength = ": the number of elements must be known before anything is deployed: give a pulumi.StringArray, whose elements may be outputs"
	const noPolicy = " is not valid: the ARN of an IAM policy"
	output := pulumi.StringArray{}.ToStringArrayOutput()
	assertRefused(t, []refusal{
		{
			why: "a name with a blank", with: with(ControllerRoleOptions{Name: new("my role")}),
			says: start + `name: "my role" is not valid: 1 to 64 letters, digits and any of _+=,.@-`,
		},
		{why: "a path that does not end", with: with(ControllerRoleOptions{Path: new("/team")}), says: start + `path: "/team"` + path},
		{why: "a path of policies that does not begin", with: with(ControllerRoleOptions{PolicyPath: new("team/")}), says: start + `policyPath: "team/"` + path},
		{
			why: "a description longer than IAM takes", with: with(ControllerRoleOptions{Description: new(strings.Repeat("d", 1001))}),
			says: start + "description: 1001 characters are too many: at most 1000",
		},
		{why: "a boundary by its name", with: with(ControllerRoleOptions{PermissionsBoundary: given("Boundary")}), says: start + `permissionsBoundary: "Boundary"` + noPolicy},
		{
			why: "a session shorter than IAM takes", with: with(ControllerRoleOptions{MaxSessionDuration: new(3599)}),
			says: start + "maxSessionDuration: 3599 is out of range: 3600 to 43200 seconds",
		},
		{
			why: "a session longer than IAM takes", with: with(ControllerRoleOptions{MaxSessionDuration: new(43201)}),
			says: start + "maxSessionDuration: 43201 is out of range: 3600 to 43200 seconds",
		},
		{
			why: "a namespace that the chart would write as a number", with: with(ControllerRoleOptions{Namespace: new("0x10")}),
			says: start + `namespace: "0x10" is read as another type of value in Karpenter's chart, which writes it without quotes: choose a name with more letters`,
		},
		{
			why: "a service account that the chart would write as a truth value", with: with(ControllerRoleOptions{ServiceAccount: new("on")}),
			says: start + `serviceAccount: "on" is read as another type of value in Karpenter's chart, which writes it without quotes: choose a name with more letters`,
		},
		{
			why: "a namespace of several labels", with: with(ControllerRoleOptions{Namespace: new("kube.system")}),
			says: start + `namespace: "kube.system" is not valid: a DNS label: 1 to 63 small letters, digits and hyphens, a letter or digit at both ends`,
		},
		{
			why:  "Pod Identity with a service account of 300 characters",
			with: with(ControllerRoleOptions{PodIdentity: new(true), ServiceAccount: &long}),
			says: start + `serviceAccount: "` + long + `" is not valid: a DNS subdomain: 1 to 253 small letters, digits, hyphens and dots, a letter or digit at both ends`,
		},
		{
			why: "a provider by its URL", with: with(ControllerRoleOptions{OidcProviderArn: given("https://oidc.example.com")}),
			says: start + `oidcProviderArn: "https://oidc.example.com" is not valid: the ARN of an IAM OIDC provider`,
		},
		{
			why: "a provider to be made that is given", with: with(ControllerRoleOptions{
				CreateOidcProvider: new(true), OidcProviderArn: given("arn:aws:iam::111122223333:oidc-provider/oidc.example.com"),
			}),
			says: start + "createOidcProvider: a provider is given in oidcProviderArn: leave out one of the two",
		},
		{
			why: "a provider to be made for Pod Identity", with: with(ControllerRoleOptions{CreateOidcProvider: new(true), PodIdentity: new(true)}),
			says: start + "podIdentity: needs no OIDC provider: leave out oidcProviderArn and createOidcProvider, or podIdentity",
		},
		{
			why: "a provider given for Pod Identity", with: with(ControllerRoleOptions{
				PodIdentity: new(true), OidcProviderArn: given("arn:aws:iam::111122223333:oidc-provider/oidc.example.com"),
			}),
			says: start + "podIdentity: needs no OIDC provider: leave out oidcProviderArn and createOidcProvider, or podIdentity",
		},
		{
			why: "a name for a policy of an unknown kind", with: with(ControllerRoleOptions{PolicyNames: map[string]string{"Node": "a"}}),
			says: start + `policyNames: "Node" is not valid: one of NodeLifecycle, IAMIntegration, EKSIntegration, Interruption, ZonalShift, ResourceDiscovery, Additional`,
		},
		{
			why: "a name that IAM does not take", with: with(ControllerRoleOptions{PolicyNames: map[string]string{"ZonalShift": "a/b"}}),
			says: start + `policyNames.ZonalShift: "a/b" is not valid: 1 to 128 letters, digits and any of _+=,.@-`,
		},
		{
			why: "a name for two policies, in two cases", with: with(ControllerRoleOptions{PolicyNames: map[string]string{"ZonalShift": "A", "Interruption": "a"}}),
			says: start + `policyNames: "A" is the name of both Interruption and ZonalShift: choose another for one of them`,
		},
		{
			why:  "a name that another policy has by default",
			with: with(ControllerRoleOptions{PolicyNames: map[string]string{"ZonalShift": "KarpenterControllerInterruptionPolicy-shop"}}),
			says: start + `policyNames: "KarpenterControllerInterruptionPolicy-shop" is the name of both Interruption and ZonalShift: choose another for one of them`,
		},
		{
			why:  "names for policies that are not made",
			with: with(ControllerRoleOptions{InlinePolicy: new(true), PolicyNames: map[string]string{"ZonalShift": "zones"}}),
			says: start + "policyNames: names managed policies, and inlinePolicy makes none: leave out one of the two",
		},
		{
			why: "a prefix that no policy's name takes", with: with(ControllerRoleOptions{PolicyNamePrefix: new("a/b")}),
			says: start + `policyNamePrefix: "a/b" is not valid: 1 to 64 letters, digits and any of _+=,.@-`,
		},
		{
			why: "another node role that is a user", with: with(ControllerRoleOptions{AdditionalNodeRoleArns: list("arn:aws:iam::111122223333:user/a")}),
			says: start + `additionalNodeRoleArns: "arn:aws:iam::111122223333:user/a" is not valid: the ARN of an IAM role`,
		},
		{
			why: "another node role under a path", with: with(ControllerRoleOptions{AdditionalNodeRoleArns: list("arn:aws:iam::111122223333:role/team/nodes")}),
			says: start + "additionalNodeRoleArns: role arn:aws:iam::111122223333:role/team/nodes is under a path, " +
				"and Karpenter compares a node's role with the bare role name: use a role under /",
		},
		{
			why: "another node role twice", with: with(ControllerRoleOptions{AdditionalNodeRoleArns: list(nodeRoleARN, nodeRoleARN)}),
			says: start + `additionalNodeRoleArns: "` + nodeRoleARN + `" is listed twice: list it once`,
		},
		{
			why: "other node roles of unknown number", with: with(ControllerRoleOptions{AdditionalNodeRoleArns: output}),
			says: start + "additionalNodeRoleArns" + unknownLength,
		},
		{
			why: "policies of unknown number", with: with(ControllerRoleOptions{AdditionalPolicyArns: output}),
			says: start + "additionalPolicyArns" + unknownLength,
		},
		{
			why: "volume keys of unknown number", with: with(ControllerRoleOptions{VolumeKmsKeyArns: output}),
			says: start + "volumeKmsKeyArns" + unknownLength,
		},
		{
			why: "a policy of an account that is none", with: with(ControllerRoleOptions{AdditionalPolicyArns: list("arn:aws:iam::42:policy/a")}),
			says: start + `additionalPolicyArns: "arn:aws:iam::42:policy/a"` + noPolicy,
		},
		{
			why: "eleven policies", with: with(ControllerRoleOptions{AdditionalPolicyArns: list(
				"arn:aws:iam::aws:policy/a", "arn:aws:iam::aws:policy/b", "arn:aws:iam::aws:policy/c", "arn:aws:iam::aws:policy/d", "arn:aws:iam::aws:policy/e",
			)}),
			says: start + "additionalPolicyArns: 11 policies are too many: AWS attaches at most 10 to a role, and 6 are the component's own; " +
				"set inlinePolicy, or put the permissions into additionalStatements",
		},
		{
			why: "eleven policies of which none is the component's own", with: with(ControllerRoleOptions{
				InlinePolicy: new(true),
				AdditionalPolicyArns: list(
					"arn:aws:iam::aws:policy/a", "arn:aws:iam::aws:policy/b", "arn:aws:iam::aws:policy/c", "arn:aws:iam::aws:policy/d",
					"arn:aws:iam::aws:policy/e", "arn:aws:iam::aws:policy/f", "arn:aws:iam::aws:policy/g", "arn:aws:iam::aws:policy/h",
					"arn:aws:iam::aws:policy/i", "arn:aws:iam::aws:policy/j", "arn:aws:iam::aws:policy/k",
				),
			}),
			says: start + "additionalPolicyArns: 11 policies are too many: AWS attaches at most 10 to a role, and 0 are the component's own; " +
				"set inlinePolicy, or put the permissions into additionalStatements",
		},
		{
			why: "a parameter by its name", with: with(ControllerRoleOptions{SsmParameterArns: []string{"/amis/latest"}}),
			says: start + `ssmParameterArns: "/amis/latest" is not valid: the ARN of an SSM parameter`,
		},
		{
			why: "parameters that no policy holds", with: with(ControllerRoleOptions{SsmParameterArns: []string{
				"arn:aws:ssm:us-east-1:111122223333:parameter/" + strings.Repeat("p", 6144),
			}}),
			says: start + "ssmParameterArns: the managed policy has 7154 characters and AWS takes 6144: " +
				"shorten the lists of ARNs and statements, or attach a policy of your own",
		},
		{
			why: "a volume key by its alias's ARN", with: with(ControllerRoleOptions{VolumeKmsKeyArns: list("arn:aws:kms:us-east-1:111122223333:alias/ebs")}),
			says: start + `volumeKmsKeyArns: "arn:aws:kms:us-east-1:111122223333:alias/ebs" is not valid: the ARN of a KMS key (an alias will not do)`,
		},
		{
			why: "a tag of AWS's", with: with(ControllerRoleOptions{Tags: map[string]string{"aws:cloudformation:stack-name": "x"}}),
			says: start + `tags: "aws:cloudformation:stack-name" is not valid: the prefix aws: is reserved by AWS`,
		},
	})
}

func TestControllerRoleRefusesStatements(t *testing.T) {
	t.Parallel()
	with := func(statements ...PolicyStatement) constructor {
		return of(NewControllerRole, "controller-role", &ControllerRoleArgs{
			ClusterName: "shop", NodeRoleArns: list(nodeRoleARN), Options: &ControllerRoleOptions{AdditionalStatements: statements},
		})
	}
	actions, all := []string{"ec2:DescribeVpcs"}, []string{"*"}
	assertRefused(t, []refusal{
		{
			why: "a statement that says nothing", with: with(PolicyStatement{}),
			says: "controller-role: 2 problems:\n  - options.additionalStatements[0].actions: required: name at least one action\n" +
				`  - options.additionalStatements[0].resources: required: name at least one ARN, or "*"`,
		},
		{
			why: "a Sid with a blank", with: with(PolicyStatement{Sid: new("my sid"), Actions: actions, Resources: all}),
			says: start + `additionalStatements[0].sid: "my sid" is not valid: letters and digits`,
		},
		{
			why: "a Sid twice", with: with(
				PolicyStatement{Sid: new("Once"), Actions: actions, Resources: all},
				PolicyStatement{Actions: actions, Resources: all},
				PolicyStatement{Actions: actions, Resources: all},
				PolicyStatement{Sid: new("Once"), Actions: actions, Resources: all},
			),
			says: start + `additionalStatements[3].sid: "Once" is taken by another statement of the document: choose another`,
		},
		{
			why: "a Sid of the statements for volume keys", with: with(PolicyStatement{Sid: new("AllowVolumeEncryption"), Actions: actions, Resources: all}),
			says: start + `additionalStatements[0].sid: "AllowVolumeEncryption" is taken by another statement of the document: choose another`,
		},
		{
			why: "a Sid of the template's, where all is one document", with: of(NewControllerRole, "controller-role", &ControllerRoleArgs{
				ClusterName: "shop", NodeRoleArns: list(nodeRoleARN), Options: &ControllerRoleOptions{
					InlinePolicy:         new(true),
					AdditionalStatements: []PolicyStatement{{Sid: new("AllowScopedDeletion"), Actions: actions, Resources: all}},
				},
			}),
			says: start + `additionalStatements[0].sid: "AllowScopedDeletion" is taken by another statement of the document: choose another`,
		},
		{
			why: "an effect that IAM does not have", with: with(PolicyStatement{Effect: new("allow"), Actions: actions, Resources: all}),
			says: start + `additionalStatements[0].effect: "allow" is not valid: one of Allow, Deny`,
		},
		{
			why: "an action without its service", with: with(PolicyStatement{Actions: []string{"DescribeVpcs"}, Resources: all}),
			says: start + `additionalStatements[0].actions: "DescribeVpcs" is not valid: an IAM action such as ec2:DescribeVpcs`,
		},
		{
			why: "conditions that lack something", with: with(PolicyStatement{Actions: actions, Resources: all, Conditions: []PolicyCondition{
				{Test: "Bool", Variable: "aws:SecureTransport", Values: []string{"true"}},
				{Variable: "aws:SecureTransport", Values: []string{"true"}},
				{Test: "Bool", Values: []string{"true"}},
				{Test: "Bool", Variable: "aws:SecureTransport"},
			}}),
			says: "controller-role: 3 problems:\n  - options.additionalStatements[0].conditions[1]: test, variable and values are all required\n" +
				"  - options.additionalStatements[0].conditions[2]: test, variable and values are all required\n" +
				"  - options.additionalStatements[0].conditions[3]: test, variable and values are all required",
		},
		{
			why: "a condition that a policy can hold once alone", with: with(PolicyStatement{Actions: actions, Resources: all, Conditions: []PolicyCondition{
				{Test: "StringNotEquals", Variable: "aws:RequestedRegion", Values: []string{"us-east-1"}},
				{Test: "StringNotEquals", Variable: "aws:PrincipalTag/team", Values: []string{"shop"}},
				{Test: "StringNotEquals", Variable: "aws:RequestedRegion", Values: []string{"us-east-2"}},
			}}),
			says: start + "additionalStatements[0].conditions[2]: StringNotEquals of aws:RequestedRegion is asked twice, and a policy holds it once: " +
				"list the values together",
		},
		{
			why: "statements that no policy holds", with: with(PolicyStatement{Actions: actions, Resources: []string{strings.Repeat("r", 6144)}}),
			says: start + "additionalStatements: the managed policy has 6243 characters and AWS takes 6144: " +
				"shorten the lists of ARNs and statements, or attach a policy of your own",
		},
	})
}
