package stack

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func knownSettings() []setting { return known(reflect.TypeFor[Settings]()) }

// fill sets everything in a value, and gives what configuration says so.
func fill(t *testing.T, value reflect.Value, name string) any {
	t.Helper()
	switch value.Type() {
	case reflect.TypeFor[pulumi.StringInput](), reflect.TypeFor[pulumi.StringPtrInput]():
		value.Set(reflect.ValueOf(pulumi.String(name)))
		return name
	case reflect.TypeFor[pulumi.StringArrayInput]():
		value.Set(reflect.ValueOf(pulumi.StringArray{pulumi.String(name), pulumi.String("second")}))
		return []any{name, "second"}
	}
	switch value.Kind() {
	case reflect.Pointer:
		value.Set(reflect.New(value.Type().Elem()))
		return fill(t, value.Elem(), name)
	case reflect.Struct:
		object := map[string]any{}
		for i := range value.NumField() {
			property, options, _ := strings.Cut(value.Type().Field(i).Tag.Get("pulumi"), ",")
			if options == "squash" {
				for key, inner := range fill(t, value.Field(i), name).(map[string]any) {
					object[key] = inner
				}
				continue
			}
			require.NotEmpty(t, property, "%s.%s has a setting's name", value.Type(), value.Type().Field(i).Name)
			require.NotContains(t, object, property, "a setting's name is taken once")
			object[property] = fill(t, value.Field(i), property)
		}
		return object
	case reflect.Slice:
		value.Set(reflect.MakeSlice(value.Type(), 1, 1))
		return []any{fill(t, value.Index(0), name)}
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

// Every property of every component can be set per stack: a property added later is covered as it stands.
func TestEverySettingIsReachedFromConfiguration(t *testing.T) {
	t.Parallel()
	var want Settings
	all := fill(t, reflect.ValueOf(&want).Elem(), "").(map[string]any)
	configuration := map[string]string{}
	for name, value := range all {
		text, isText := value.(string)
		if !isText {
			encoded, err := json.Marshal(value)
			require.NoError(t, err)
			text = string(encoded)
		}
		configuration["eks-karpenter:"+name] = text
	}
	assertFull(t, reflect.ValueOf(want), "settings")

	got, err := load(configuration)
	require.NoError(t, err)
	assert.Equal(t, want, *got)
}

// assertFull asserts that nothing within a value is zero.
func assertFull(t *testing.T, value reflect.Value, path string) {
	t.Helper()
	for value.Kind() == reflect.Pointer || value.Kind() == reflect.Interface {
		value = value.Elem()
	}
	if !assert.True(t, value.IsValid() && !value.IsZero(), path) {
		return
	}
	switch value.Kind() {
	case reflect.Struct:
		for i := range value.NumField() {
			assertFull(t, value.Field(i), path+"."+value.Type().Field(i).Name)
		}
	case reflect.Slice:
		for i := range value.Len() {
			assertFull(t, value.Index(i), path)
		}
	}
}
