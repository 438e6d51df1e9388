package components

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
)

// What a user says of a component holds for all that is in it.
func TestProtectionReachesEveryResource(t *testing.T) {
	t.Parallel()
	a := newAccount()
	deploy(t, a, everything("shop"), pulumi.Protect(true))
	for _, one := range a.registered {
		assert.Contains(t, one.options, "protect", one.urn)
	}
}

// Only those resources are replaced before their successors are there of which AWS takes no two.
func TestDeletionComesFirstWhereAWSTakesNoTwo(t *testing.T) {
	t.Parallel()
	a := newAccount()
	deploy(t, a, everything("shop"))
	kinds := map[string]bool{}
	for _, one := range a.registered {
		for _, option := range one.options {
			kinds[option+" "+one.token] = true
		}
	}
	assert.Equal(t, map[string]bool{
		"deleteBeforeReplace aws:eks/accessEntry:AccessEntry":                   true,
		"deleteBeforeReplace aws:iam/rolePolicyAttachment:RolePolicyAttachment": true,
		"retainOnDelete aws:ec2/tag:Tag":                                        true,
		"ignoreChanges description aws:iam/policy:Policy":                       true,
	}, kinds)
}
