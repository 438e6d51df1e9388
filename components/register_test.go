package components

import (
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
)

func TestPropertiesAreTheTaggedFieldsThatAreSet(t *testing.T) {
	t.Parallel()
	structure := struct {
		Text     *string                `pulumi:"text,optional"`
		Number   *int                   `pulumi:"number,optional"`
		Off      *bool                  `pulumi:"off,optional"`
		Input    pulumi.StringInput     `pulumi:"input"`
		List     []string               `pulumi:"list,optional"`
		Tags     map[string]string      `pulumi:"tags,optional"`
		Nested   *PolicyStatement       `pulumi:"nested,optional"`
		Several  []PolicyCondition      `pulumi:"several,optional"`
		Empty    *PolicyStatement       `pulumi:"empty,optional"`
		Unset    *string                `pulumi:"unset,optional"`
		UnsetToo pulumi.StringInput     `pulumi:"unsetToo"`
		NoneOf   []string               `pulumi:"noneOf,optional"`
		Own      *ControllerRole        // not tagged
		Output   pulumi.StringMapOutput `pulumi:"output"`
	}{
		Text: new(""), Number: new(0), Off: new(false), Input: pulumi.String("in"), List: []string{"a", "b"}, Tags: map[string]string{"k": "v"},
		Nested:  &PolicyStatement{Sid: new("S"), Actions: []string{"*"}, Conditions: []PolicyCondition{{Test: "Bool", Values: []string{"true"}}}},
		Several: []PolicyCondition{{Variable: "v"}}, Empty: &PolicyStatement{}, Own: &ControllerRole{},
	}
	want := pulumi.Map{
		"text": pulumi.ToOutput(""), "number": pulumi.ToOutput(0), "off": pulumi.ToOutput(false), "input": pulumi.String("in"),
		"list": pulumi.Array{pulumi.ToOutput("a"), pulumi.ToOutput("b")}, "tags": pulumi.ToOutput(map[string]string{"k": "v"}),
		"nested": pulumi.Map{
			"sid": pulumi.ToOutput("S"), "actions": pulumi.Array{pulumi.ToOutput("*")},
			"conditions": pulumi.Array{pulumi.Map{"test": pulumi.ToOutput("Bool"), "values": pulumi.Array{pulumi.ToOutput("true")}}},
		},
		"several": pulumi.Array{pulumi.Map{"variable": pulumi.ToOutput("v")}}, "empty": pulumi.Map{},
	}
	assert.Equal(t, settled(t, want), settled(t, properties(structure)))
	assert.Equal(t, settled(t, want), settled(t, properties(&structure)), "a pointer is as good")
	assert.Equal(t, pulumi.Map{}, properties((*KarpenterArgs)(nil)))
}

// settled is a map of inputs as the engine gets it.
func settled(t *testing.T, inputs pulumi.Map) map[string]any {
	t.Helper()
	a := newAccount()
	assert.NoError(t, a.run(func(ctx *pulumi.Context) error {
		return ctx.RegisterComponentResourceV2("test:index:Test", "test", inputs, &struct{ pulumi.ResourceState }{})
	}))
	return a.registered[0].inputs
}

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
			tag, tagged := field.Tag.Lookup("pulumi")
			if !assert.True(t, tagged, "%s.%s has a property's name", structure, field.Name) {
				continue
			}
			assert.Regexp(t, camel, tag, "%s.%s", structure, field.Name)
			if field.Type.Kind() != reflect.Slice { // a list may be required
				assert.Equal(t, optional(field.Type), strings.HasSuffix(tag, ",optional"), "%s.%s says whether it can be left out", structure, field.Name)
			}
			if inner := underneath(field.Type); inner.Kind() == reflect.Struct {
				assert.NotRegexp(t, "Args$", inner.Name(), "generated SDKs append Args")
				visit(inner)
			}
		}
	}
	for _, args := range []any{KarpenterArgs{}, ControllerRoleArgs{}, NodeRoleArgs{}, InterruptionQueueArgs{}, ClusterTagsArgs{}, ControllerNodesArgs{}, SpotRoleArgs{}} {
		visit(reflect.TypeOf(args))
	}
	assert.Len(t, seen, 17, "all structs were seen")

	output := reflect.TypeFor[pulumi.Output]()
	for _, component := range []any{Karpenter{}, ControllerRole{}, NodeRole{}, InterruptionQueue{}, ClusterTags{}, ControllerNodes{}, SpotRole{}} {
		structure := reflect.TypeOf(component)
		for i := range structure.NumField() {
			field := structure.Field(i)
			if tag, tagged := field.Tag.Lookup("pulumi"); tagged {
				assert.Regexp(t, "^[a-z][A-Za-z0-9]*$", tag, "%s.%s", structure, field.Name)
				assert.True(t, field.Type.Implements(output), "%s.%s is an output", structure, field.Name)
			} else {
				assert.False(t, field.Type.Implements(output), "%s.%s is not recorded", structure, field.Name)
			}
		}
	}
}

// optional tells whether a property of that type can be left out: all can but texts, and inputs of texts, that are not
// pointers.
func optional(typ reflect.Type) bool {
	switch typ {
	case reflect.TypeFor[string](), reflect.TypeFor[pulumi.StringInput]():
		return false
	}
	return true
}

func underneath(typ reflect.Type) reflect.Type {
	for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
		typ = typ.Elem()
	}
	return typ
}
