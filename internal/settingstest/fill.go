// Package settingstest helps tests to reach every setting of a stack, those added later too.
package settingstest

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

// Fill sets everything in settings, a pointer to a struct, save what is of the types left out. It gives what configuration
// says so.
func Fill(t *testing.T, settings any, leftOut ...reflect.Type) map[string]any {
	t.Helper()
	return fillFields(t, reflect.ValueOf(settings).Elem(), leftOut)
}

func fillFields(t *testing.T, structure reflect.Value, leftOut []reflect.Type) map[string]any {
	t.Helper()
	object := map[string]any{}
	for i := range structure.NumField() {
		field := structure.Type().Field(i)
		property, options, _ := strings.Cut(field.Tag.Get("pulumi"), ",")
		var more map[string]any
		switch {
		case slices.Contains(leftOut, field.Type):
		case options == "squash":
			more = fillFields(t, structure.Field(i), leftOut)
		default:
			require.NotEmpty(t, property, "%s.%s has a setting's name", structure.Type(), field.Name)
			more = map[string]any{property: fill(t, structure.Field(i), property, leftOut)}
		}
		for key := range more {
			require.NotContains(t, object, key, "a setting's name is taken once")
		}
		maps.Copy(object, more)
	}
	return object
}

func fill(t *testing.T, value reflect.Value, name string, leftOut []reflect.Type) any {
	t.Helper()
	switch value.Type() {
	case reflect.TypeFor[pulumi.StringInput](), reflect.TypeFor[pulumi.StringPtrInput]():
		value.Set(reflect.ValueOf(pulumi.String(name)))
		return name
	case reflect.TypeFor[pulumi.StringArrayInput]():
		value.Set(reflect.ValueOf(pulumi.StringArray{pulumi.String(name), pulumi.String("second")}))
		return []any{name, "second"}
	case reflect.TypeFor[map[string]any]():
		value.Set(reflect.ValueOf(map[string]any{name: []any{name, true, json.Number("7")}}))
		return map[string]any{name: []any{name, true, 7}}
	}
	switch value.Kind() {
	case reflect.Pointer:
		value.Set(reflect.New(value.Type().Elem()))
		return fill(t, value.Elem(), name, leftOut)
	case reflect.Struct:
		return fillFields(t, value, leftOut)
	case reflect.Slice:
		value.Set(reflect.MakeSlice(value.Type(), 1, 1))
		return []any{fill(t, value.Index(0), name, leftOut)}
	case reflect.Map:
		value.Set(reflect.ValueOf(map[string]string{"key of " + name: name}))
		return map[string]any{"key of " + name: name}
	case reflect.String:
		value.SetString(name)
		return name
	case reflect.Bool:
		value.SetBool(true)
		return true
	case reflect.Int:
		value.SetInt(7)
		return 7
	}
	require.Fail(t, "configuration cannot hold it", "%s", value.Type())
	return nil
}
