package component

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Known is the plain string behind an input, where the program holds one already.
func Known(input pulumi.Input) (string, bool) {
	value := reflect.Indirect(reflect.ValueOf(input))
	if value.Kind() != reflect.String {
		return "", false
	}
	return value.String(), true
}

// Elements are the inputs of a list whose length is known, though its elements may not be. Resources are made one for
// each element, and none may be made once a value arrives, so a list that is an output as a whole is refused.
func Elements(list pulumi.StringArrayInput) ([]pulumi.StringInput, error) {
	switch list := list.(type) {
	case nil:
		return nil, nil
	case pulumi.StringArray:
		return list, nil
	}
	return nil, errors.New("the number of elements must be known before anything is deployed: give a pulumi.StringArray, whose elements may be outputs")
}

// Input is a tree of plain values and inputs as Pulumi takes it, so that what is not known yet leaves the rest known.
// Configuration keeps its numbers as texts, so that none loses digits; here they become numbers.
func Input(value any) pulumi.Input {
	switch value := value.(type) {
	case nil:
		return nil
	case pulumi.Input:
		return value
	case map[string]any:
		object := pulumi.Map{}
		for key, element := range value {
			object[key] = Input(element)
		}
		return object
	case []any:
		list := make(pulumi.Array, len(value))
		for i, element := range value {
			list[i] = Input(element)
		}
		return list
	case json.Number:
		if whole, err := value.Int64(); err == nil {
			return pulumi.Int(whole)
		}
		if fraction, err := value.Float64(); err == nil {
			return pulumi.Float64(fraction)
		}
		return pulumi.String(value)
	case string:
		return pulumi.String(value)
	case bool:
		return pulumi.Bool(value)
	default:
		return pulumi.ToOutput(value)
	}
}

// Or is the value chosen, or else the default.
func Or[T any](chosen *T, byDefault T) T {
	if chosen == nil {
		return byDefault
	}
	return *chosen
}

// OrZero is the options given, or else options that choose nothing.
func OrZero[T any](options *T) *T {
	if options == nil {
		return new(T)
	}
	return options
}

// Indexed is the path of an element of a list.
func Indexed(property string, place int) string { return fmt.Sprintf("%s[%d]", property, place) }

// SortedKeys are a map's keys in an order that does not change.
func SortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// Merged are the tags, or labels, of a whole and of its part; where both have a key, the part's is taken.
func Merged(whole, part map[string]string) map[string]string {
	if len(whole) == 0 {
		return part
	}
	all := maps.Clone(whole)
	maps.Copy(all, part)
	return all
}
