package components

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/internal/policy"
)

func TestTheDefaultVersionIsTheNewestKnown(t *testing.T) {
	t.Parallel()
	version, known, err := policy.ParseVersion(DefaultKarpenterVersion)
	require.NoError(t, err)
	assert.True(t, known)
	assert.Equal(t, policy.Newest, version)
}

// One warning for one cluster, whichever component is told the version.
func TestAVersionThatIsNotKnownIsWarnedOf(t *testing.T) {
	t.Parallel()
	const told = "karpenterVersion: what Karpenter 1.99.0 needs is not known, only what 1.0 to 1.14 need: " +
		"it gets the permissions and rules of 1.14, the nearest"
	unknown := new("1.99.0")
	for name, construct := range map[string]constructor{
		"karpenter": of(NewKarpenter, "karpenter", &KarpenterArgs{ClusterName: "shop", KarpenterVersion: unknown}),
		"queue":     of(NewInterruptionQueue, "queue", &InterruptionQueueArgs{ClusterName: "shop", KarpenterVersion: unknown}),
		"role": of(NewControllerRole, "role", &ControllerRoleArgs{
			ClusterName: "shop", KarpenterVersion: unknown, NodeRoleArns: pulumi.StringArray{pulumi.String(nodeRoleARN)},
		}),
	} {
		log := &warnings{}
		require.NoError(t, newAccount().run(func(ctx *pulumi.Context) error {
			ctx.Log = log
			_, err := construct(ctx)
			return err
		}), name)
		assert.Equal(t, []string{name + ": " + told}, log.texts)
	}
}

// warnings is a log that keeps the warnings.
type warnings struct {
	pulumi.Log
	texts []string
}

func (w *warnings) Warn(text string, _ *pulumi.LogArgs) error {
	w.texts = append(w.texts, text)
	return nil
}
