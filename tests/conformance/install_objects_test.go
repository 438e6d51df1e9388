package conformance

import (
	"context"
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	ec2nodeclassv1 "github.com/aws/karpenter-provider-aws/pkg/apis/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	karpenterv1 "sigs.k8s.io/karpenter/pkg/apis/v1"

	"github.com/grafanix/eks-karpenter/components"
)

// installArgs are the args of an object of Karpenter's.
type installArgs interface {
	Check(name string) error
	Object() map[string]any
}

// installRow is one thing that a user may ask for.
type installRow struct {
	why  string
	args installArgs
}

// karpenterProblems are all that Karpenter has against an object: what its CRDs refuse, what its own types cannot hold, and
// what it finds itself and then leaves the object aside.
func karpenterProblems(t testing.TB, object map[string]any) []string {
	t.Helper()
	problems := validate(t, object)
	nodePool := &karpenterv1.NodePool{}
	into := map[any]any{"EC2NodeClass": &ec2nodeclassv1.EC2NodeClass{}, "NodePool": nodePool}[object["kind"]]
	require.NotNil(t, into)
	text, err := json.Marshal(object)
	require.NoError(t, err)
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return append(problems, err.Error())
	}
	if err := nodePool.RuntimeValidate(context.Background()); err != nil {
		problems = append(problems, err.Error())
	}
	return problems
}

// assertTaken asserts that both we and Karpenter take what a user asks for.
func assertTaken(t *testing.T, args installArgs) {
	t.Helper()
	require.NoError(t, args.Check("object"))
	assert.Empty(t, karpenterProblems(t, args.Object()))
}

// stricter is a rule that Karpenter does not have, known by what is said of its breach, and why it is there.
type stricter struct{ says, why string }

// assertAgreed asserts that we take what Karpenter takes, and nothing else, except for the rules; each of them must be needed.
func assertAgreed(t *testing.T, rows []installRow, rules []stricter) {
	t.Helper()
	needed := map[stricter]bool{}
	for _, row := range rows {
		object := row.args.Object()
		err, problems := row.args.Check("object"), karpenterProblems(t, object)
		if err == nil {
			assert.Empty(t, problems, "%s: we take it, and Karpenter does not: %v", row.why, object)
			continue
		}
		var invalid *components.InvalidArgsError
		require.ErrorAs(t, err, &invalid, row.why)
		for _, problem := range invalid.Problems {
			if len(problems) > 0 {
				continue
			}
			said := problem.PropertyPath + ": " + problem.Reason
			i := slices.IndexFunc(rules, func(rule stricter) bool { return regexp.MustCompile(rule.says).MatchString(said) })
			if assert.GreaterOrEqual(t, i, 0, "%s: Karpenter takes it, and no rule is that we do not: %s", row.why, said) {
				needed[rules[i]] = true
			}
		}
	}
	for _, rule := range rules {
		assert.NotEmpty(t, rule.why, rule.says)
		assert.True(t, needed[rule], "nothing needs the rule that %s: Karpenter has it, too, or no row breaks it", rule.says)
	}
}

// optionsOf are the options of a struct by their paths, of all structs in it. A struct with required fields is an option, too.
func optionsOf(structure reflect.Type, under string) (paths []string) {
	for i := range structure.NumField() {
		name, rest, _ := strings.Cut(structure.Field(i).Tag.Get("pulumi"), ",")
		inner := structure.Field(i).Type
		for inner.Kind() == reflect.Pointer || inner.Kind() == reflect.Slice {
			inner = inner.Elem()
		}
		switch isStruct := inner.Kind() == reflect.Struct; {
		case rest != "optional":
			if !slices.Contains(paths, under) {
				paths = append(paths, under)
			}
		case isStruct && under == "":
			paths = append(paths, optionsOf(inner, name)...)
		case isStruct:
			paths = append(paths, optionsOf(inner, under+"."+name)...)
		default:
			paths = append(paths, strings.TrimPrefix(under+"."+name, "."))
		}
	}
	return paths
}

// onlyOptions are options with nothing set but what is at the paths, and required fields beside it.
func onlyOptions[T any](options *T, paths ...string) *T {
	only, _ := onlyAt(reflect.ValueOf(options).Elem(), "", paths)
	return new(only.Interface().(T))
}

// onlyAt is onlyOptions of a value at a path, and whether anything is left of it.
func onlyAt(value reflect.Value, at string, paths []string) (only reflect.Value, left bool) {
	only = reflect.New(value.Type()).Elem()
	switch kind := value.Kind(); {
	case value.Type().Implements(reflect.TypeFor[pulumi.Input]()):
	case kind == reflect.Pointer && value.Type().Elem().Kind() == reflect.Struct && !value.IsNil():
		inner, left := onlyAt(value.Elem(), at, paths)
		if left {
			only.Set(reflect.New(inner.Type()))
			only.Elem().Set(inner)
		}
		return only, left
	case kind == reflect.Slice && value.Type().Elem().Kind() == reflect.Struct:
		for i := range value.Len() {
			if inner, left := onlyAt(value.Index(i), at, paths); left {
				only = reflect.Append(only, inner)
			}
		}
		return only, only.Len() > 0
	case kind == reflect.Struct:
		left = slices.Contains(paths, at)
		for i := range value.NumField() {
			name, rest, _ := strings.Cut(value.Type().Field(i).Tag.Get("pulumi"), ",")
			inner, found := value.Field(i), false
			if rest == "optional" {
				inner, found = onlyAt(value.Field(i), strings.TrimPrefix(at+"."+name, "."), paths)
			}
			only.Field(i).Set(inner)
			left = left || found
		}
		return only, left
	}
	if slices.Contains(paths, at) {
		only.Set(value)
	}
	return only, !only.IsZero()
}

// assertEvery asserts that of each path alone, with what it cannot go without, and of all paths but some at once, an object is
// made that Karpenter takes, and that each path has a value at all.
func assertEvery[T any](t *testing.T, every *T, needs map[string][]string, atOnce map[string][]string, args func(*T) installArgs) {
	t.Helper()
	paths := optionsOf(reflect.TypeFor[T](), "")
	for _, path := range paths {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			require.False(t, reflect.ValueOf(onlyOptions(every, path)).Elem().IsZero(), "the case of this option is missing")
			assertTaken(t, args(onlyOptions(every, append([]string{path}, needs[path]...)...)))
		})
	}
	seen := map[string]bool{}
	for why, without := range atOnce {
		together := slices.DeleteFunc(slices.Clone(paths), func(path string) bool { return slices.Contains(without, path) })
		for _, path := range together {
			seen[path] = true
		}
		t.Run("all at once "+why, func(t *testing.T) {
			t.Parallel()
			assertTaken(t, args(onlyOptions(every, together...)))
		})
	}
	assert.Len(t, seen, len(paths), "each option is there in one of them")
}
