package authorize

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Context are condition keys with their values. Keys are in lower case, for
// their case does not count; a key without values is as good as absent.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
type Context map[string][]string

// NewContext copies keys as they come. Two keys that differ by case alone are
// an error, unless their values are the same.
func NewContext(given map[string][]string) (Context, error) {
	context := Context{}
	for _, key := range slices.Sorted(maps.Keys(given)) {
		lower := strings.ToLower(key)
		if present, twice := context[lower]; twice && !slices.Equal(present, given[key]) {
			return nil, fmt.Errorf("the request has two values for the condition key %s: condition keys have no case", key)
		}
		context[lower] = slices.Clone(given[key])
	}
	return context, nil
}

// Default sets a key that is not there yet.
func (c Context) Default(key string, values ...string) {
	lower := strings.ToLower(key)
	if _, given := c[lower]; !given {
		c[lower] = values
	}
}

// lookup returns a key's values; there is at least one if it is present.
func (c Context) lookup(key string) ([]string, bool) {
	values := c[strings.ToLower(key)]
	return values, len(values) > 0
}

// multivalued are the keys that may have several values. Conditions on them
// need a set operator, and they are no variables.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
var multivalued = map[string]bool{
	"aws:calledvia":                 true,
	"aws:principalorgpaths":         true,
	"aws:principalservicenameslist": true,
	"aws:resourceorgpaths":          true,
	"aws:sourceorgpaths":            true,
	"aws:tagkeys":                   true,
	"sts:transitivetagkeys":         true,
}

// single returns the value of a key that has one.
func (c Context) single(key string) (string, bool) {
	values, present := c.lookup(key)
	if !present || len(values) > 1 || multivalued[strings.ToLower(key)] {
		return "", false
	}
	return values[0], true
}
