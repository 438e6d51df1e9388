package install

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/whole/internal/account"
)

// something is a resource that others can wait for.
func something(ctx *pulumi.Context, name string) (pulumi.Resource, error) {
	var made struct{ pulumi.CustomResourceState }
	return &made, ctx.RegisterResource("test:index:Something", name, pulumi.Map{}, &made)
}

// refusal is what a constructor must not take, and the whole text of its error.
type refusal struct {
	why  string
	with func(*pulumi.Context) error
	says string
}

// assertRefused asserts that each is refused in these words, before anything is registered.
func assertRefused(t *testing.T, refusals []refusal) {
	t.Helper()
	for _, refusal := range refusals {
		t.Run(refusal.why, func(t *testing.T) {
			t.Parallel()
			a := &account.Account{}
			var refused error
			err := a.Run(nil, func(ctx *pulumi.Context) error {
				refused = refusal.with(ctx)
				return refused
			})
			require.Error(t, refused)
			require.ErrorIs(t, err, refused, "the program ends with the error")
			assert.Equal(t, refusal.says, refused.Error())
			assert.Empty(t, a.Registered, "nothing is registered")
		})
	}
}
