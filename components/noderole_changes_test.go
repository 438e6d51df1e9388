package components

import "testing"

func TestWhatNodeRoleOptionsChange(t *testing.T) {
	t.Parallel()
	with := func(options NodeRoleOptions) constructor {
		return of(NewNodeRole, "node-role", &NodeRoleArgs{ClusterName: "shop", Options: &options})
	}
	mode := func(mode string) func(*account) { return func(a *account) { a.authenticationMode = mode } }
	assertChanges(t, "noderole", []change{
		{name: "name", why: "the role alone is renamed, and all that refers to it follows", with: with(NodeRoleOptions{Name: new("shopNodes")})},
		{name: "path", why: "the one path that works is no change", with: with(NodeRoleOptions{Path: new("/")})},
		{name: "description", why: "the role is described in the user's words", with: with(NodeRoleOptions{Description: new("Nodes of the shop")})},
		{
			name: "permissionsBoundary", why: "accounts may allow new roles within a boundary only",
			with: with(NodeRoleOptions{PermissionsBoundary: given("arn:aws:iam::111122223333:policy/Boundary")}),
		},
		{name: "cniPolicy", why: "the VPC CNI has a role of its own", with: with(NodeRoleOptions{CniPolicy: new(false)})},
		{name: "ssmPolicy", why: "nobody logs in to nodes", with: with(NodeRoleOptions{SsmPolicy: new(false)})},
		{name: "cloudWatchPolicy", why: "metrics go elsewhere", with: with(NodeRoleOptions{CloudWatchPolicy: new(false)})},
		{
			name: "additionalPolicyArns", why: "each policy is one attachment, named after it, whatever its path",
			with: with(NodeRoleOptions{AdditionalPolicyArns: list(
				"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess", "arn:aws:iam::111122223333:policy/team/Registry",
			)}),
		},
		{name: "instanceProfileName", why: "the profile alone is renamed", with: with(NodeRoleOptions{InstanceProfileName: new("shop-profile")})},
		{
			name: "accessEntry-off", why: "nodes join by the aws-auth ConfigMap, and the output says how",
			with: with(NodeRoleOptions{AccessEntry: new(false)}),
		},
		{name: "accessEntry-on", why: "on is the default of such a cluster", with: with(NodeRoleOptions{AccessEntry: new(true)})},
		{
			name: "accessEntryType", why: "Windows nodes join by an entry of their own type",
			with: with(NodeRoleOptions{AccessEntryType: new("EC2_WINDOWS")}),
		},
		{
			name: "tags", why: "role, profile and access entry take tags; attachments do not",
			with: with(NodeRoleOptions{Tags: map[string]string{"team": "shop", "cost": "42"}}),
		},
		{
			name: "roleArn", why: "no role, no attachments, no access entry: all that is made is a profile",
			with: with(NodeRoleOptions{RoleArn: given(nodeRoleARN)}),
		},
		{
			name: "roleArn-with-accessEntry", why: "an access entry for a role that exists is made when asked for",
			with: with(NodeRoleOptions{RoleArn: given(nodeRoleARN), AccessEntry: new(true)}),
		},
		{
			name: "cluster-ipv6", why: "AWS manages no CNI policy for IPv6: it is the account's own",
			with: with(NodeRoleOptions{}), on: func(a *account) { a.ipFamily = "ipv6" },
		},
		{
			name: "cluster-ipv6-without-cniPolicy", why: "turned off, it is off for IPv6 too",
			with: with(NodeRoleOptions{CniPolicy: new(false)}), on: func(a *account) { a.ipFamily = "ipv6" },
		},
		{name: "cluster-api", why: "mode API takes access entries as the default account's mode does", with: with(NodeRoleOptions{}), on: mode("API")},
		{
			name: "cluster-configMap", why: "such a cluster takes no access entry, so the output says what aws-auth needs",
			with: with(NodeRoleOptions{}), on: mode("CONFIG_MAP"),
		},
		{
			name: "cluster-modeless", why: "a cluster that tells no mode is believed what accessEntry says",
			with: with(NodeRoleOptions{AccessEntry: new(true)}), on: mode(""),
		},
	})
}
