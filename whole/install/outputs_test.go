package install

import (
	"context"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/internals"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/whole/internal/account"
)

func TestOutputsAreWhatTheClusterHas(t *testing.T) {
	t.Parallel()
	a := &account.Account{}
	var charts *Charts
	var class *NodeClass
	var pool *NodePool
	require.NoError(t, a.Run(nil, func(ctx *pulumi.Context) (err error) {
		if charts, err = NewCharts(ctx, "charts", &ChartsArgs{HelmValues: called(), KarpenterVersion: new("1.13.0"), Namespace: new("karpenter")}); err != nil {
			return err
		}
		if class, err = NewNodeClass(ctx, "class", &NodeClassArgs{
			Name: new("batch"), ClusterName: new("shop"), Options: &NodeClassOptions{Role: pulumi.String("nodes")},
		}); err != nil {
			return err
		}
		pool, err = NewNodePool(ctx, "pool", &NodePoolArgs{Name: new("spot"), NodeClassName: class.Name.ToStringPtrOutput()})
		return err
	}))
	for output, want := range map[pulumi.StringOutput]string{
		charts.KarpenterVersion: "1.13.0", charts.Namespace: "karpenter", class.Name: "batch", pool.Name: "spot",
	} {
		result, err := internals.UnsafeAwaitOutput(context.Background(), output)
		require.NoError(t, err)
		assert.Equal(t, want, result.Value)
	}
	spec := a.Of(poolToken, "pool").Inputs["spec"].(map[string]any)
	ref := spec["template"].(map[string]any)["spec"].(map[string]any)["nodeClassRef"]
	assert.Equal(t, map[string]any{"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "batch"}, ref)
	assert.Equal(t, 4, a.Completed, "every component, and the stack, registers its outputs")
}
