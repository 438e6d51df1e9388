package ekscomponent

import (
	"maps"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// The children, with the outputs that others need.
type (
	role struct {
		pulumi.CustomResourceState
		ARN  pulumi.StringOutput `pulumi:"arn"`
		Name pulumi.StringOutput `pulumi:"name"`
	}
	cluster struct {
		pulumi.CustomResourceState
		ARN         pulumi.StringOutput `pulumi:"arn"`
		Name        pulumi.StringOutput `pulumi:"name"`
		Endpoint    pulumi.StringOutput `pulumi:"endpoint"`
		Version     pulumi.StringOutput `pulumi:"version"`
		Certificate pulumi.MapOutput    `pulumi:"certificateAuthority"`
		Identities  pulumi.ArrayOutput  `pulumi:"identities"`
		Network     pulumi.MapOutput    `pulumi:"vpcConfig"`
	}
	groupRule struct {
		pulumi.CustomResourceState
		RuleID pulumi.StringOutput `pulumi:"securityGroupRuleId"`
	}
	other struct {
		pulumi.CustomResourceState
		ARN pulumi.StringOutput `pulumi:"arn"`
	}
	component struct{ pulumi.ResourceState }
	access    struct{ pulumi.ProviderResourceState }
)

// builder registers a component's children. It keeps the first error, and
// registers nothing after it.
type builder struct {
	*pulumi.Context
	args
	name   string
	parent pulumi.Resource
	err    error
}

// below is a builder of the children of another component.
func (b *builder) below(parent pulumi.Resource) *builder {
	same := *b
	same.parent = parent
	return &same
}

// add registers a resource of AWS.
func (b *builder) add(token, name string, inputs pulumi.Map, into pulumi.CustomResource, opts ...pulumi.ResourceOption) {
	b.register(token, name, inputs, into, append(opts, pulumi.Version(aws))...)
}

func (b *builder) register(token, name string, inputs pulumi.Map, into pulumi.CustomResource, opts ...pulumi.ResourceOption) {
	if b.err != nil {
		return
	}
	set := maps.Clone(inputs)
	maps.DeleteFunc(set, func(_ string, input pulumi.Input) bool { return input == nil })
	b.err = b.RegisterResource(token, name, set, into, append(opts, pulumi.Parent(b.parent))...)
}

// component registers a component within the component.
func (b *builder) component(token, name string, opts ...pulumi.ResourceOption) *component {
	var made component
	if b.err == nil {
		b.err = b.RegisterComponentResource(token, name, &made, append(opts, pulumi.Parent(b.parent))...)
	}
	return &made
}

// outputs ends a component.
func (b *builder) outputs(of pulumi.Resource, outputs pulumi.Map) {
	if b.err == nil {
		b.err = b.RegisterResourceOutputs(of, outputs)
	}
}

// found is a role that exists already, by its URN.
func (b *builder) found(urn string) *role {
	var existing role
	if b.err == nil {
		b.err = b.RegisterResource("aws:iam/role:Role", b.name, nil, &existing, pulumi.URN_(urn))
	}
	return &existing
}

// tagged are tags made of several sets; the later ones go before.
func tagged(sets ...any) pulumi.StringMapOutput {
	return pulumi.All(sets...).ApplyT(func(sets []any) map[string]string {
		all := map[string]string{}
		for _, set := range sets {
			for key, value := range object(set) {
				all[key], _ = value.(string)
			}
		}
		return all
	}).(pulumi.StringMapOutput)
}

// object is a value's fields, whichever way the SDK reads it.
func object(value any) map[string]any {
	switch value := value.(type) {
	case map[string]any:
		return value
	case map[string]string:
		fields := map[string]any{}
		for key, field := range value {
			fields[key] = field
		}
		return fields
	}
	return nil
}

// reference is a resource as a value.
func reference(of pulumi.Resource) pulumi.Input { return pulumi.NewResourceOutput(of) }
