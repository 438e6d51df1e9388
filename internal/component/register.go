package component

import (
	"reflect"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Register registers a component with its args as its inputs, which the state then records. It sets the component's
// tagged fields anew, so outputs are assigned after it.
func Register(
	ctx *pulumi.Context, kind, name string, args any, component pulumi.ComponentResource, opts []pulumi.ResourceOption,
) error {
	return ctx.RegisterComponentResourceV2("eks-karpenter:index:"+kind, name, Properties(args), component, opts...)
}

// InOrder runs the steps of a constructor, each once the one before has succeeded.
func InOrder(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// RegisterOutputs records the component's tagged fields as its outputs.
func RegisterOutputs(ctx *pulumi.Context, component pulumi.ComponentResource) error {
	return ctx.RegisterResourceOutputs(component, Properties(component))
}

// Properties are the tagged fields of a struct, under the names that their pulumi tags give, without those not set.
func Properties(structure any) pulumi.Map {
	value := reflect.Indirect(reflect.ValueOf(structure))
	if value.Kind() != reflect.Struct {
		return pulumi.Map{}
	}
	result := pulumi.Map{}
	for i := range value.NumField() {
		tag, tagged := value.Type().Field(i).Tag.Lookup("pulumi")
		if !tagged || value.Field(i).IsZero() {
			continue
		}
		property, _, _ := strings.Cut(tag, ",")
		result[property] = asInput(value.Field(i))
	}
	return result
}

// asInput is a field's value as Pulumi takes it: inputs as they are, structs as maps, lists of structs as arrays.
func asInput(field reflect.Value) pulumi.Input {
	if input, ok := field.Interface().(pulumi.Input); ok {
		return input
	}
	switch value := reflect.Indirect(field); value.Kind() {
	case reflect.Struct:
		return Properties(value.Interface())
	case reflect.Slice:
		array := make(pulumi.Array, value.Len())
		for i := range array {
			array[i] = asInput(value.Index(i))
		}
		return array
	default:
		return pulumi.ToOutput(value.Interface())
	}
}
