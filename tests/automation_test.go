package tests

import (
	"context"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/program/stack"
	"github.com/grafanix/eks-karpenter/sandbox"
)

// deployCluster is what README shows to those who embed the program: one stack for each cluster.
func deployCluster(ctx context.Context, cluster, region string, opts ...auto.LocalWorkspaceOption) (auto.UpResult, error) {
	s, err := auto.UpsertStackInlineSource(ctx, cluster, "eks-karpenter", stack.Deploy, opts...)
	if err != nil {
		return auto.UpResult{}, err
	}
	err = s.SetAllConfig(ctx, auto.ConfigMap{
		"aws:region":                {Value: region},
		"eks-karpenter:clusterName": {Value: cluster},
		"eks-karpenter:nodeRole":    {Value: `{"cloudWatchPolicy": false}`},
	})
	if err != nil {
		return auto.UpResult{}, err
	}
	return s.Up(ctx)
}

// TestAutomationAPI deploys two clusters into one account the way README shows it.
func TestAutomationAPI(t *testing.T) {
	t.Parallel()
	requirePulumi(t)
	account, err := sandbox.NewAccount(sandbox.DefaultSpec())
	require.NoError(t, err)
	server, err := sandbox.Start(account)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	env := server.Env()
	env["PULUMI_BACKEND_URL"], env["PULUMI_HOME"] = "file://"+t.TempDir(), t.TempDir()

	for _, cluster := range []string{"grafanix-comic", "grafanix-comic-prod"} {
		result, err := deployCluster(t.Context(), cluster, "ap-northeast-2", auto.EnvVars(env))
		require.NoError(t, err)
		assert.Equal(t, "KarpenterNodeRole-"+cluster, result.Outputs["nodeRoleName"].Value)
		assert.Equal(t, 43, (*result.Summary.ResourceChanges)["create"], "all but one attachment, and the stack itself")
	}
}
