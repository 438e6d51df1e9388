package components

import "testing"

const (
	keyARN   = "arn:aws:kms:ap-northeast-2:111122223333:key/11111111-2222-3333-4444-555555555555"
	otherKey = "arn:aws:kms:ap-northeast-2:111122223333:key/mrk-0123456789abcdef0123456789abcdef"
)

func TestWhatControllerRoleOptionsChange(t *testing.T) {
	t.Parallel()
	with := func(options ControllerRoleOptions) constructor {
		return of(NewControllerRole, "controller-role", &ControllerRoleArgs{
			ClusterName: "shop", NodeRoleArns: list(nodeRoleARN), QueueArn: given(queueARN), Options: &options,
		})
	}
	withArgs := func(args ControllerRoleArgs) constructor {
		args.ClusterName = "shop"
		return of(NewControllerRole, "controller-role", &args)
	}
	assertChanges(t, "controllerrole", []change{
		{name: "name", why: "the role alone is renamed", with: with(ControllerRoleOptions{Name: new("shop-karpenter")})},
		{name: "path", why: "the role alone goes under the path", with: with(ControllerRoleOptions{Path: new("/platform/")})},
		{name: "policyPath", why: "the policies alone go under the path", with: with(ControllerRoleOptions{PolicyPath: new("/platform/")})},
		{name: "description", why: "the role is described in the user's words", with: with(ControllerRoleOptions{Description: new("Launches nodes")})},
		{
			name: "permissionsBoundary", why: "accounts may allow new roles within a boundary only",
			with: with(ControllerRoleOptions{PermissionsBoundary: given("arn:aws:iam::111122223333:policy/Boundary")}),
		},
		{name: "maxSessionDuration", why: "sessions may last half a day", with: with(ControllerRoleOptions{MaxSessionDuration: new(43200)})},
		{name: "namespace", why: "the trust names the namespace", with: with(ControllerRoleOptions{Namespace: new("karpenter")})},
		{name: "serviceAccount", why: "the trust names the service account", with: with(ControllerRoleOptions{ServiceAccount: new("node-launcher")})},
		{
			name: "podIdentity", why: "Pod Identity trusts its own principal and needs an association, but no provider and no annotation",
			with: with(ControllerRoleOptions{PodIdentity: new(true)}),
		},
		{
			name: "podIdentity-of-another-serviceAccount", why: "trust and association name the same service account",
			with: with(ControllerRoleOptions{
				PodIdentity: new(true), Namespace: new("karpenter"), ServiceAccount: new("node-launcher"),
				Tags: map[string]string{"team": "shop"},
			}),
		},
		{
			name: "podIdentity-without-issuer", why: "Pod Identity needs no issuer",
			with: with(ControllerRoleOptions{PodIdentity: new(true)}), on: func(a *account) { a.issuer = "" },
		},
		{
			name: "oidcProviderArn", why: "the trusted provider is the given one, but the keys are still the issuer's",
			with: with(ControllerRoleOptions{OidcProviderArn: given("arn:aws:iam::111122223333:oidc-provider/proxy.example.com")}),
		},
		{
			name: "createOidcProvider", why: "the provider is made for the issuer and trusted",
			with: with(ControllerRoleOptions{CreateOidcProvider: new(true), Tags: map[string]string{"team": "shop"}}),
		},
		{
			name: "inlinePolicy", why: "one inline policy in place of six managed ones and their attachments",
			with: with(ControllerRoleOptions{InlinePolicy: new(true)}),
		},
		{
			name: "inlinePolicy-with-everything", why: "what else the role may do goes inline as well",
			with: with(ControllerRoleOptions{
				InlinePolicy: new(true), VolumeKmsKeyArns: list(keyARN),
				AdditionalStatements: []PolicyStatement{{Actions: []string{"ec2:DescribeVpcs"}, Resources: []string{"*"}}},
			}),
		},
		{
			name: "policyNames", why: "one policy is renamed, whatever the prefix",
			with: with(ControllerRoleOptions{PolicyNames: map[string]string{"ZonalShift": "zones"}}),
		},
		{name: "policyNamePrefix", why: "all policies are renamed", with: with(ControllerRoleOptions{PolicyNamePrefix: new("Shop-")})},
		{
			name: "additionalNodeRoleArns", why: "PassRole covers them besides the first",
			with: with(ControllerRoleOptions{AdditionalNodeRoleArns: list("arn:aws:iam::111122223333:role/gpu-nodes")}),
		},
		{
			name: "additionalPolicyArns", why: "four more fit: ten in all",
			with: with(ControllerRoleOptions{AdditionalPolicyArns: list(
				"arn:aws:iam::aws:policy/A", "arn:aws:iam::aws:policy/B", "arn:aws:iam::aws:policy/C", "arn:aws:iam::111122223333:policy/team/D",
			)}),
		},
		{
			name: "additionalStatements", why: "the user's statements are a seventh policy, word for word, Allow where they do not say",
			with: with(ControllerRoleOptions{AdditionalStatements: []PolicyStatement{
				{Actions: []string{"ec2:DescribeVpcs", "ec2:DescribeDhcpOptions"}, Resources: []string{"*"}},
				{
					Sid: new("DenyOther"), Effect: new("Deny"), Actions: []string{"ec2:*"}, Resources: []string{"*"},
					Conditions: []PolicyCondition{
						{Test: "StringNotEquals", Variable: "aws:RequestedRegion", Values: []string{"ap-northeast-2"}},
						{Test: "StringNotEquals", Variable: "aws:PrincipalTag/team", Values: []string{"shop", "platform"}},
						{Test: "Bool", Variable: "aws:ViaAWSService", Values: []string{"false"}},
					},
				},
			}}),
		},
		{
			name: "ssmParameterArns", why: "private AMIs are named by the account's parameters besides AWS's",
			with: with(ControllerRoleOptions{SsmParameterArns: []string{"arn:aws:ssm:ap-northeast-2:111122223333:parameter/amis/*"}}),
		},
		{
			name: "volumeKmsKeyArns", why: "volumes under customer keys need the keys and grants on them, through EC2 alone",
			with: with(ControllerRoleOptions{VolumeKmsKeyArns: list(keyARN, otherKey)}),
		},
		{
			name: "volumeKmsKeyArns-none", why: "no keys are no policy",
			with: with(ControllerRoleOptions{VolumeKmsKeyArns: list()}),
		},
		{
			name: "tags", why: "the role and its policies take tags; attachments do not",
			with: with(ControllerRoleOptions{Tags: map[string]string{"team": "shop"}}),
		},
		{name: "no-queue", why: "without a queue there is no permission for one", with: withArgs(ControllerRoleArgs{NodeRoleArns: list(nodeRoleARN)})},
		{
			name: "queueKmsKeyArn", why: "messages under a customer key have to be decrypted",
			with: withArgs(ControllerRoleArgs{NodeRoleArns: list(nodeRoleARN), QueueArn: given(queueARN), QueueKmsKeyArn: given(keyARN)}),
		},
		{
			name: "nodeRoleArns", why: "several roles may be passed",
			with: withArgs(ControllerRoleArgs{NodeRoleArns: list(nodeRoleARN, "arn:aws:iam::111122223333:role/gpu-nodes"), QueueArn: given(queueARN)}),
		},
		{
			name: "nodeRoleArns-among-the-options-alone", why: "one list is enough, whichever it is",
			with: withArgs(ControllerRoleArgs{
				QueueArn: given(queueARN),
				Options:  &ControllerRoleOptions{AdditionalNodeRoleArns: list("arn:aws:iam::111122223333:role/gpu-nodes")},
			}),
		},
	})
}
