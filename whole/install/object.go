package install

import (
	"reflect"
	"strings"

	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apiextensions"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/grafanix/eks-karpenter/internal/component"
)

type problems = component.Problems

// fields are the tagged fields of a struct, under the names that their pulumi tags give, without optional ones that are
// not set. Inputs stay as they are.
func fields(structure any) map[string]any {
	value := reflect.Indirect(reflect.ValueOf(structure))
	result := map[string]any{}
	for i := range value.NumField() {
		property, rest, _ := strings.Cut(value.Type().Field(i).Tag.Get("pulumi"), ",")
		if field := value.Field(i); rest != "optional" || !field.IsZero() {
			result[property] = plain(field)
		}
	}
	return result
}

// plain is a field's value as a Kubernetes object holds it.
func plain(field reflect.Value) any {
	if input, ok := field.Interface().(pulumi.Input); ok {
		return input
	}
	switch value := reflect.Indirect(field); value.Kind() {
	case reflect.Struct:
		return fields(value.Interface())
	case reflect.Slice:
		list := make([]any, value.Len())
		for i := range list {
			list[i] = plain(value.Index(i))
		}
		return list
	case reflect.Map:
		object := map[string]any{}
		for _, key := range value.MapKeys() {
			object[key.String()] = plain(value.MapIndex(key))
		}
		return object
	default:
		return value.Interface()
	}
}

// lifetime is how long Pulumi waits for an object of Karpenter's.
type lifetime struct {
	skipAwait     bool
	deleteTimeout string
}

// newObject registers a Kubernetes object of Karpenter's, which has but a name and a spec.
func newObject(
	ctx *pulumi.Context, name string, object map[string]any, wait lifetime, opts []pulumi.ResourceOption,
) (*apiextensions.CustomResource, error) {
	metadata := &metav1.ObjectMetaArgs{Name: pulumi.String(object["metadata"].(map[string]any)["name"].(string))}
	if !wait.skipAwait {
		metadata.Annotations = pulumi.StringMap{"pulumi.com/waitFor": pulumi.String("condition=Ready")}
	}
	return apiextensions.NewCustomResource(ctx, name, &apiextensions.CustomResourceArgs{
		ApiVersion:  pulumi.String(object["apiVersion"].(string)),
		Kind:        pulumi.String(object["kind"].(string)),
		Metadata:    metadata,
		OtherFields: kubernetes.UntypedArgs{"spec": component.Input(object["spec"])},
	}, append(opts, pulumi.Timeouts(&pulumi.CustomTimeouts{Delete: wait.deleteTimeout}))...)
}

// within are the options of what a component is made of: it waits for all that the component waits for.
func within(parent pulumi.Resource, opts []pulumi.ResourceOption) ([]pulumi.ResourceOption, error) {
	given, err := pulumi.NewResourceOptions(opts...)
	if err != nil {
		return nil, err
	}
	result := []pulumi.ResourceOption{pulumi.Parent(parent), pulumi.DependsOn(given.DependsOn)}
	for _, list := range given.DependsOnInputs {
		result = append(result, pulumi.DependsOnInputs(list))
	}
	return result, nil
}
