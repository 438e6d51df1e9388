package provider

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

// values are a resource's properties as plain Go values: string, float64,
// bool, []any and map[string]any. Unknown ones are absent.
type values map[string]any

// known turns a property map into values, without what is unknown or null.
func known(properties resource.PropertyMap) values {
	plain := values{}
	for name, value := range properties {
		if v := knownValue(value); v != nil {
			plain[string(name)] = v
		}
	}
	return plain
}

func knownValue(value resource.PropertyValue) any {
	switch {
	case value.IsNull(), value.IsComputed():
		return nil
	case value.IsSecret():
		return knownValue(value.SecretValue().Element)
	case value.IsOutput():
		if output := value.OutputValue(); output.Known {
			return knownValue(output.Element)
		}
		return nil
	case value.IsArray():
		list := []any{}
		for _, element := range value.ArrayValue() {
			if v := knownValue(element); v != nil {
				list = append(list, v)
			}
		}
		return list
	case value.IsObject():
		return map[string]any(known(value.ObjectValue()))
	default:
		return value.V
	}
}

func (v values) text(name string) string {
	s, _ := v[name].(string)
	return s
}

func (v values) number(name string) int {
	n, _ := v[name].(float64)
	return int(n)
}

// numberPtr is nil where the property is absent.
func (v values) numberPtr(name string) *int {
	if _, ok := v[name]; !ok {
		return nil
	}
	n := v.number(name)
	return &n
}

func (v values) flag(name string) bool {
	b, _ := v[name].(bool)
	return b
}

// flagPtr is nil where the property is absent.
func (v values) flagPtr(name string) *bool {
	if _, ok := v[name]; !ok {
		return nil
	}
	b := v.flag(name)
	return &b
}

func (v values) texts(name string) []string {
	var list []string
	elements, _ := v[name].([]any)
	for _, element := range elements {
		if s, ok := element.(string); ok {
			list = append(list, s)
		}
	}
	return list
}

func (v values) textMap(name string) map[string]string {
	entries, _ := v[name].(map[string]any)
	if len(entries) == 0 {
		return nil
	}
	all := make(map[string]string, len(entries))
	for key, value := range entries {
		all[key], _ = value.(string)
	}
	return all
}

func (v values) tags() cloud.Tags { return v.textMap("tags") }

// object is an object property, empty where it is absent.
func (v values) object(name string) values {
	fields, _ := v[name].(map[string]any)
	return fields
}

// objects is a list of objects.
func (v values) objects(name string) []values {
	var list []values
	elements, _ := v[name].([]any)
	for _, element := range elements {
		if fields, ok := element.(map[string]any); ok {
			list = append(list, fields)
		}
	}
	return list
}

// withTags adds both properties of a thing's tags to its state. Those of AWS
// itself are left out, as the provider does.
func (v values) withTags(tags cloud.Tags) values {
	own := map[string]string{}
	for key, value := range tags {
		if len(key) < 4 || key[:4] != "aws:" {
			own[key] = value
		}
	}
	v["tags"], v["tagsAll"] = own, own
	return v
}

// properties turns state into a property map: absent are texts, lists and
// maps that are empty, but for tagsAll, which AWS always has.
func (v values) properties() resource.PropertyMap {
	all := resource.PropertyMap{}
	for name, value := range v {
		property := resource.NewPropertyValue(value)
		if name == "tagsAll" || !isEmpty(property) {
			all[resource.PropertyKey(name)] = property
		}
	}
	return all
}

// isEmpty tells whether a value is as good as absent to Terraform.
func isEmpty(value resource.PropertyValue) bool {
	switch {
	case value.IsNull():
		return true
	case value.IsString():
		return value.StringValue() == ""
	case value.IsArray():
		return len(value.ArrayValue()) == 0
	case value.IsObject():
		return len(value.ObjectValue()) == 0
	default:
		return false
	}
}
