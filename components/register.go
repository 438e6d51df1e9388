package components

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/grafanix/eks-karpenter/internal/component"
)

// register registers a component with its args as its inputs, which the state then records. It sets the component's
// tagged fields anew, so outputs are assigned after it.
func register(
	ctx *pulumi.Context, kind, name string, args any, resource pulumi.ComponentResource, opts []pulumi.ResourceOption,
) error {
	return component.Register(ctx, kind, name, args, resource, opts)
}

// inOrder runs the steps of a constructor, each once the one before has succeeded.
func inOrder(steps ...func() error) error { return component.InOrder(steps...) }

// registerOutputs records the component's tagged fields as its outputs.
func registerOutputs(ctx *pulumi.Context, resource pulumi.ComponentResource) error {
	return component.RegisterOutputs(ctx, resource)
}

// properties are the tagged fields of a struct, under the names that their pulumi tags give, without those not set.
func properties(structure any) pulumi.Map { return component.Properties(structure) }
