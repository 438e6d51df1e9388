package components

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
)

func TestNamesOfAttachmentsStayApart(t *testing.T) {
	t.Parallel()
	for why, policies := range map[string]pulumi.StringArray{
		"a policy of AWS's and the account's of the same name": {
			pulumi.String("arn:aws:iam::aws:policy/Logs"), pulumi.String("arn:aws:iam::111122223333:policy/Logs"),
		},
		"a path that reads like a name": {
			pulumi.String("arn:aws:iam::111122223333:policy/a/Logs"), pulumi.String("arn:aws:iam::111122223333:policy/a-Logs"),
		},
		"a name that reads like a place": {
			pulumi.String("arn:aws:iam::111122223333:policy/Logs").ToStringOutput(), pulumi.String("arn:aws:iam::111122223333:policy/0"),
		},
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			a := newAccount()
			deploy(t, a, of(NewNodeRole, "node-role", &NodeRoleArgs{ClusterName: "shop", Options: &NodeRoleOptions{AdditionalPolicyArns: policies}}))
			assertNamed(t, a)
		})
	}
}

// On IPv6 the component attaches the account's own CNI policy, so AWS's may be added.
func TestAPolicyThatIsNotAttachedMayBeAdded(t *testing.T) {
	t.Parallel()
	a := newAccount()
	a.ipFamily = "ipv6"
	deploy(t, a, of(NewNodeRole, "node-role", &NodeRoleArgs{
		ClusterName: "shop", Options: &NodeRoleOptions{AdditionalPolicyArns: list("arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy")},
	}))
	assert.Len(t, a.registered, 10)
}

func TestATypeForAnAccessEntryThatTheClusterDoesNotTakeIsRefused(t *testing.T) {
	t.Parallel()
	a := newAccount()
	a.authenticationMode = "CONFIG_MAP"
	refused(t, a, of(NewNodeRole, "node-role", &NodeRoleArgs{ClusterName: "shop", Options: &NodeRoleOptions{AccessEntryType: new("EC2_WINDOWS")}}))
}
