package component

import (
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
