package stack

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/internal/settingstest"
)

func knownSettings() []setting { return known(reflect.TypeFor[Settings]()) }

// Every property of every component can be set per stack: a property added later is covered as it stands.
func TestEverySettingIsReachedFromConfiguration(t *testing.T) {
	t.Parallel()
	var want Settings
	configuration := map[string]string{}
	for name, value := range settingstest.Fill(t, &want) {
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
