package sandbox_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/components"
	"github.com/grafanix/eks-karpenter/sandbox"
)

// onComponents deploys Karpenter with nothing but what the components give.
func onComponents(config string) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		surroundings, err := components.NewKarpenter(ctx, "karpenter", &components.KarpenterArgs{ClusterName: theName})
		if err != nil {
			return err
		}
		var target pulumi.ProviderResourceState
		if err := ctx.RegisterResource("pulumi:providers:kubernetes", "cluster", pulumi.Map{"kubeconfig": pulumi.String(config)}, &target); err != nil {
			return err
		}
		last := pulumi.Resource(surroundings)
		add := func(token, name string, inputs pulumi.Map) error {
			var made thing
			err := ctx.RegisterResource(token, name, inputs, &made, pulumi.Provider(&target), pulumi.DependsOn([]pulumi.Resource{last}))
			last = &made
			return err
		}
		part := func(object pulumi.MapOutput, apiVersion, kind string) pulumi.Map {
			return pulumi.Map{
				"apiVersion": pulumi.String(apiVersion), "kind": pulumi.String(kind),
				"metadata": object.MapIndex(pulumi.String("metadata")), "spec": object.MapIndex(pulumi.String("spec")),
			}
		}
		release := func(chart string, values pulumi.Input) pulumi.Map {
			return pulumi.Map{
				"name": pulumi.String(chart), "namespace": pulumi.String("kube-system"), "version": pulumi.String("1.14.0"),
				"chart": pulumi.String("oci://public.ecr.aws/karpenter/" + chart), "skipCrds": pulumi.Bool(true), "values": values,
			}
		}
		for _, step := range []struct {
			token, name string
			inputs      pulumi.Map
		}{
			{"kubernetes:helm.sh/v3:Release", "definitions", release("karpenter-crd", pulumi.Map{})},
			{"kubernetes:helm.sh/v3:Release", "controller", release("karpenter", surroundings.HelmValues)},
			{"kubernetes:karpenter.k8s.aws/v1:EC2NodeClass", "class", part(surroundings.NodeClass, "karpenter.k8s.aws/v1", "EC2NodeClass")},
			{"kubernetes:karpenter.sh/v1:NodePool", "pool", part(surroundings.NodePool, "karpenter.sh/v1", "NodePool")},
		} {
			if err := add(step.token, step.name, step.inputs); err != nil {
				return err
			}
		}
		return nil
	}
}

// TestKarpenterWorksOnTheComponents holds the components' roles, queue, tags
// and manifests against what Karpenter asks for.
func TestKarpenterWorksOnTheComponents(t *testing.T) {
	account, err := sandbox.NewAccount(sandbox.DefaultSpec())
	require.NoError(t, err)
	start := string(account.Dump())
	stack := deployment(t, account, onComponents(kubeconfig(t, account)))
	_, err = stack.Preview(t.Context())
	require.NoError(t, err)
	_, err = stack.Up(t.Context())
	require.NoError(t, err)

	api, err := account.Kubernetes(theRegion, theName)
	require.NoError(t, err)
	assert.Empty(t, api.KarpenterLog())
	nodes, err := api.List("v1", "Node")
	require.NoError(t, err)
	assert.Len(t, nodes, 1, "a node has joined")

	_, err = stack.Destroy(t.Context())
	require.NoError(t, err)
	assert.Equal(t, start, string(account.Dump()), "destroyed, the account is as it was")
}
