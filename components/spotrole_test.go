package components

import (
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
)

const getRoles = "aws:iam/getRoles:getRoles"

var spotRole = of(NewSpotRole, "spot", (*SpotRoleArgs)(nil))

func TestTheSpotRoleIsMadeOrImported(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		golden    string
		partition string
		roles     []string
	}{
		{"none", "aws", nil},
		{"exists", "aws", []string{spotRoleName}},
		{"none-aws-cn", "aws-cn", nil},
		{"exists-aws-cn", "aws-cn", []string{spotRoleName}},
		{"exists-aws-us-gov", "aws-us-gov", []string{spotRoleName}},
	} {
		t.Run(row.golden, func(t *testing.T) {
			t.Parallel()
			a := newAccountIn(row.partition, "region-1", "amazonaws.com")
			a.roles = row.roles
			component := deploy(t, a, spotRole)
			golden(t, "spotrole/"+row.golden+".golden", a.text())
			golden(t, "spotrole/"+row.golden+".outputs", pretty(outputs(t, component))+"\n")
			assert.Equal(t, []string{getRoles}, a.tokens())
			assert.Equal(t, map[string]any{"pathPrefix": "/aws-service-role/spot.amazonaws.com/"}, a.calls[0].Args.Mappable(),
				"the account's other roles are not read")
			assert.Equal(t, 2, a.completed, "the component, and the stack, registers its outputs")
		})
	}
}

// A second deployment finds the role of the first. The engine takes an import of the id that the stack holds for no import,
// so the id must be that under which the provider made it, and nothing else may change.
func TestASecondDeploymentKeepsTheSpotRoleInTheStack(t *testing.T) {
	t.Parallel()
	first, second := newAccount(), newAccount()
	deploy(t, first, spotRole)
	second.roles = []string{spotRoleName}
	deploy(t, second, spotRole)

	assertNamed(t, first)
	assert.Equal(t, identities(first), identities(second))
	made, _, err := first.computed("aws:iam/serviceLinkedRole:ServiceLinkedRole", "spot", func(string) string { return spotService })
	assert.NoError(t, err)
	assert.Equal(t, "~ eks-karpenter:index:SpotRole$aws:iam/serviceLinkedRole:ServiceLinkedRole::spot\n    + option import "+made+"\n",
		difference(first.registered, second.registered))
}

func TestTheSpotRoleIsRefusedWhereRolesMayNotBeListed(t *testing.T) {
	t.Parallel()
	assertRefused(t, []refusal{{
		why: "without iam:ListRoles", with: spotRole, on: func(a *account) { a.failing = getRoles },
		says: "spot: roles under /aws-service-role/spot.amazonaws.com/, to see whether the account can launch spot instances; " +
			"the credentials need iam:ListRoles: AccessDeniedException: not authorized",
	}})
}

func TestTheSpotRoleUsesTheComponentsProvider(t *testing.T) {
	t.Parallel()
	a := newAccount()
	deploy(t, a, func(ctx *pulumi.Context, _ ...pulumi.ResourceOption) (pulumi.ComponentResource, error) {
		provider, err := aws.NewProvider(ctx, "seoul", nil)
		if err != nil {
			return nil, err
		}
		return spotRole(ctx, pulumi.Provider(provider))
	})
	assert.Equal(t, "pulumi:providers:aws::seoul::provider", short(a.calls[0].Provider))
	for _, one := range a.registered[2:] {
		assert.Equal(t, "pulumi:providers:aws::seoul::provider", one.provider, one.urn)
	}
}
