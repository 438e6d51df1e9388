package stack

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumierrors "github.com/pulumi/pulumi/sdk/v3/go/pulumi/errors"
	"github.com/texttheater/golang-levenshtein/levenshtein"
)

// setting is one setting: its name, what Go type it has, and what that type is beneath pointers.
type setting struct {
	name string
	typ  reflect.Type
	kind reflect.Kind
}

// known are the settings that a struct takes, in the order of its fields.
func known(structure reflect.Type) []setting {
	var settings []setting
	for _, field := range reflect.VisibleFields(structure) {
		name, options, _ := strings.Cut(field.Tag.Get("pulumi"), ",")
		typ := field.Type
		for typ.Kind() == reflect.Pointer {
			typ = typ.Elem()
		}
		if options == "squash" {
			settings = append(settings, known(typ)...)
		} else if name != "" {
			settings = append(settings, setting{name: name, typ: typ, kind: typ.Kind()})
		}
	}
	return settings
}

// decode fills in settings from parsed configuration, strictly: no unknown names, no conversions, names in their case.
func decode[S any](raw map[string]any) (*S, error) {
	var settings S
	decoder, err := mapstructure.NewDecoder(&mapstructure.DecoderConfig{
		TagName:    "pulumi",
		Result:     &settings,
		MatchName:  func(key, field string) bool { return key == field },
		DecodeHook: mapstructure.ComposeDecodeHookFunc(refuseNumbers, toInput),
	})
	if err != nil {
		return nil, err
	}
	problems := unknown(raw, reflect.TypeFor[S](), "")
	if err := decoder.Decode(raw); err != nil {
		for _, leaf := range leaves(err) {
			problems = append(problems, explain(leaf))
		}
	}
	if err := invalid(problems); err != nil {
		return nil, err
	}
	return &settings, nil
}

// unknown finds the names in a parsed value that its type does not have, and says which known one is nearest to each.
func unknown(value any, typ reflect.Type, path string) []pulumierrors.InputPropertyErrorDetails {
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	var problems []pulumierrors.InputPropertyErrorDetails
	switch value := value.(type) {
	case []any:
		for i, element := range value {
			if typ.Kind() == reflect.Slice {
				problems = append(problems, unknown(element, typ.Elem(), fmt.Sprintf("%s[%d]", path, i))...)
			}
		}
	case map[string]any:
		if typ.Kind() != reflect.Struct {
			return nil
		}
		settings := known(typ)
		for _, name := range slices.Sorted(maps.Keys(value)) {
			at := strings.TrimPrefix(path+"."+name, ".")
			i := slices.IndexFunc(settings, func(s setting) bool { return s.name == name })
			if i >= 0 {
				problems = append(problems, unknown(value[name], settings[i].typ, at)...)
				continue
			}
			nearest := slices.MinFunc(settings, func(a, b setting) int { return distance(name, a.name) - distance(name, b.name) })
			problems = append(problems, pulumierrors.InputPropertyErrorDetails{
				PropertyPath: at,
				Reason:       "no such setting; the nearest is " + strings.TrimPrefix(path+"."+nearest.name, "."),
			})
		}
	}
	return problems
}

// refuseNumbers keeps a number from passing for text: 007 and 1e3 would change on their way.
func refuseNumbers(from, to reflect.Value) (any, error) {
	if number, ok := from.Interface().(json.Number); ok && to.Kind() == reflect.String {
		return nil, fmt.Errorf("expected a string, got %s: put it in quotes", number)
	}
	return from.Interface(), nil
}

// toInput gives a plain value the form of a Pulumi input where the setting takes one.
func toInput(from, to reflect.Value) (any, error) {
	switch to.Type() {
	case reflect.TypeFor[pulumi.StringInput](), reflect.TypeFor[pulumi.StringPtrInput]():
		if text, ok := from.Interface().(string); ok {
			return pulumi.String(text), nil
		}
		return nil, fmt.Errorf("expected a string, got %v", from.Interface())
	case reflect.TypeFor[pulumi.StringArrayInput]():
		list, ok := from.Interface().([]any)
		if !ok {
			return nil, fmt.Errorf("expected a list of strings, got %v", from.Interface())
		}
		array := make(pulumi.StringArray, len(list))
		for i, element := range list {
			text, ok := element.(string)
			if !ok {
				return nil, fmt.Errorf("expected a list of strings, got %v in it", element)
			}
			array[i] = pulumi.String(text)
		}
		return array, nil
	}
	return from.Interface(), nil
}

// explain puts a decoder's error into words under the setting that has it.
func explain(err error) pulumierrors.InputPropertyErrorDetails {
	problem := pulumierrors.InputPropertyErrorDetails{Reason: err.Error()}
	var located *mapstructure.DecodeError
	if errors.As(err, &located) {
		problem.PropertyPath, problem.Reason = located.Name(), located.Unwrap().Error()
	}
	var mistyped *mapstructure.UnconvertibleTypeError
	if errors.As(err, &mistyped) {
		problem.Reason = fmt.Sprintf("expected %s, got %v", mistyped.Expected.Type(), mistyped.Value)
	}
	return problem
}

func distance(a, b string) int {
	return levenshtein.DistanceForStrings([]rune(strings.ToLower(a)), []rune(strings.ToLower(b)), levenshtein.DefaultOptions)
}
