package stack

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
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
func decode(raw map[string]any) (*Settings, error) {
	var settings Settings
	var metadata mapstructure.Metadata
	decoder, err := mapstructure.NewDecoder(&mapstructure.DecoderConfig{
		TagName:    "pulumi",
		Metadata:   &metadata,
		Result:     &settings,
		MatchName:  func(key, field string) bool { return key == field },
		DecodeHook: mapstructure.DecodeHookFuncValue(toInput),
	})
	if err != nil {
		return nil, err
	}
	var problems []pulumierrors.InputPropertyErrorDetails
	if err := decoder.Decode(raw); err != nil {
		for _, leaf := range leaves(err) {
			problems = append(problems, explain(leaf))
		}
	}
	slices.Sort(metadata.Unused)
	for _, path := range metadata.Unused {
		problems = append(problems, pulumierrors.InputPropertyErrorDetails{PropertyPath: path, Reason: suggest(path)})
	}
	if err := invalid(problems); err != nil {
		return nil, err
	}
	return &settings, nil
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

// suggest says of an unknown setting which known one is nearest to it.
func suggest(path string) string {
	structure := reflect.TypeFor[Settings]()
	steps := strings.Split(indices.ReplaceAllString(path, ""), ".")
	for _, step := range steps[:len(steps)-1] {
		for _, candidate := range known(structure) {
			if candidate.name == step {
				structure = candidate.typ
			}
		}
		for structure.Kind() == reflect.Slice || structure.Kind() == reflect.Pointer {
			structure = structure.Elem()
		}
	}
	name := steps[len(steps)-1]
	nearest := slices.MinFunc(known(structure), func(a, b setting) int { return distance(name, a.name) - distance(name, b.name) })
	return fmt.Sprintf("no such setting; the nearest is %s", strings.Join(append(steps[:len(steps)-1], nearest.name), "."))
}

var indices = regexp.MustCompile(`\[\d+\]`)

func distance(a, b string) int {
	return levenshtein.DistanceForStrings([]rune(strings.ToLower(a)), []rune(strings.ToLower(b)), levenshtein.DefaultOptions)
}
