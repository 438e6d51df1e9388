package install

import (
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
)

// The same structs will be a schema for other languages, which holds them to some manners.
func TestPropertiesCanBecomeASchema(t *testing.T) {
	t.Parallel()
	camel := regexp.MustCompile(`^[a-z][A-Za-z0-9]*(,optional)?$`)
	seen := map[reflect.Type]bool{}
	var visit func(structure reflect.Type)
	visit = func(structure reflect.Type) {
		if seen[structure] {
			return
		}
		seen[structure] = true
		for i := range structure.NumField() {
			field := structure.Field(i)
			tag := field.Tag.Get("pulumi")
			assert.Regexp(t, camel, tag, "%s.%s", structure, field.Name)
			switch kind := field.Type.Kind(); {
			case kind == reflect.String || kind == reflect.Int:
				assert.NotContains(t, tag, ",optional", "%s.%s has no way to be left out", structure, field.Name)
			case field.Type != reflect.TypeFor[pulumi.MapInput]():
				assert.Contains(t, tag, ",optional", "%s.%s can be left out", structure, field.Name)
			}
			inner := field.Type
			for inner.Kind() == reflect.Pointer || inner.Kind() == reflect.Slice {
				inner = inner.Elem()
			}
			if inner.Kind() == reflect.Struct {
				assert.False(t, strings.HasSuffix(inner.Name(), "Args"), "%s: generated SDKs append Args", inner)
				visit(inner)
			}
		}
	}
	for _, args := range []any{ChartsArgs{}, NodeClassArgs{}, NodePoolArgs{}} {
		visit(reflect.TypeOf(args))
	}
	assert.Len(t, seen, 21, "all structs were seen")
}
