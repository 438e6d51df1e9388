package kubernetes

import (
	"maps"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

// plain turns a property into a plain Go value, secrets revealed; unknown ones
// are nil.
func plain(value resource.PropertyValue) any {
	switch {
	case value.IsNull(), value.IsComputed(), value.IsOutput() && !value.OutputValue().Known:
		return nil
	case value.IsOutput():
		return plain(value.OutputValue().Element)
	case value.IsSecret():
		return plain(value.SecretValue().Element)
	case value.IsArray():
		list := []any{}
		for _, element := range value.ArrayValue() {
			list = append(list, plain(element))
		}
		return list
	case value.IsObject():
		return map[string]any(object(value.ObjectValue()))
	default:
		return value.V
	}
}

// object turns a property map into an object, without what is unknown or null.
func object(properties resource.PropertyMap) cloud.Object {
	fields := cloud.Object{}
	for name, value := range properties {
		if v := plain(value); v != nil {
			fields[string(name)] = v
		}
	}
	return fields
}

// properties turns an object into a property map.
func properties(o map[string]any) resource.PropertyMap {
	return resource.NewPropertyMapFromMap(o)
}

// field is a property at a path; secrets on the way are opened.
func field(in resource.PropertyMap, path ...resource.PropertyKey) resource.PropertyValue {
	value := in[path[0]]
	for value.IsSecret() {
		value = value.SecretValue().Element
	}
	if len(path) == 1 {
		return value
	}
	if !value.IsObject() {
		return resource.PropertyValue{}
	}
	return field(value.ObjectValue(), path[1:]...)
}

// with returns a property map with a text at a path; the given one stays.
func with(in resource.PropertyMap, text string, path ...resource.PropertyKey) resource.PropertyMap {
	out := maps.Clone(in)
	if out == nil {
		out = resource.PropertyMap{}
	}
	if len(path) == 1 {
		out[path[0]] = resource.NewPropertyValue(text)
		return out
	}
	inner, secret := in[path[0]], in[path[0]].IsSecret()
	if secret {
		inner = inner.SecretValue().Element
	}
	var fields resource.PropertyMap
	if inner.IsObject() {
		fields = inner.ObjectValue()
	}
	made := resource.NewPropertyValue(with(fields, text, path[1:]...))
	if secret {
		made = resource.MakeSecret(made)
	}
	out[path[0]] = made
	return out
}

// keepSecrets marks as secret, in what a cluster has, what the program gave as
// a secret.
func keepSecrets(out, given resource.PropertyMap) {
	for name, value := range given {
		present, has := out[name]
		switch {
		case !has:
		case value.IsSecret() && !present.IsSecret():
			out[name] = resource.MakeSecret(present)
		case value.IsObject() && present.IsObject():
			keepSecrets(present.ObjectValue(), value.ObjectValue())
		}
	}
}

// prune is what a value has of the shape of another: of objects the fields
// that the other names, of anything else the whole.
func prune(value, shape map[string]any) map[string]any {
	pruned := map[string]any{}
	for name, wanted := range shape {
		present, has := value[name]
		if !has {
			continue
		}
		inner, isObject := present.(map[string]any)
		outline, wantsObject := wanted.(map[string]any)
		if isObject && wantsObject {
			present = prune(inner, outline)
		}
		pruned[name] = present
	}
	return pruned
}
