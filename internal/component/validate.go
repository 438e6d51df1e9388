package component

import (
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Form is what a value must look like: a pattern, and the words that tell a person.
type Form struct {
	pattern *regexp.Regexp
	words   string
}

// NewForm is the form of a pattern, which must compile.
func NewForm(pattern, words string) Form { return Form{regexp.MustCompile(pattern), words} }

// Matches tells whether a text is of the form.
func (f Form) Matches(text string) bool { return f.pattern.MatchString(text) }

// Matches records a problem where a plain value is set and not of the form.
func (p Problems) Matches(property string, value *string, form Form) {
	if value != nil && !form.Matches(*value) {
		p.Addf(property, "%q is not valid: %s", *value, form.words)
	}
}

// MatchesKnown is Matches for an input, where its value is known before anything is deployed.
func (p Problems) MatchesKnown(property string, input pulumi.Input, form Form) {
	if value, ok := Known(input); ok {
		p.Matches(property, &value, form)
	}
}

// Each gives the elements of a list, and records a list of unknown length and an element listed twice.
func (p Problems) Each(property string, list pulumi.StringArrayInput) []pulumi.StringInput {
	all, err := Elements(list)
	if err != nil {
		p.Addf(property, "%v", err)
	}
	seen := map[string]bool{}
	for i, element := range all {
		value, ok := Known(element)
		if element == nil {
			p.Addf(Indexed(property, i), "nothing is given: give a value, or leave the element out")
		}
		if ok && seen[value] {
			p.Addf(property, "%q is listed twice: list it once", value)
		}
		seen[value] = ok
	}
	return all
}

// Between records a problem where a number is set and out of its range.
func (p Problems) Between(property string, value *int, least, most int, unit string) {
	if value != nil && (*value < least || *value > most) {
		p.Addf(property, "%d is out of range: %d to %d %s", *value, least, most, unit)
	}
}

// OneOf records a problem where a value is set and not one of those allowed.
func (p Problems) OneOf(property string, value *string, allowed ...string) {
	if value != nil && !slices.Contains(allowed, *value) {
		p.Addf(property, "%q is not valid: one of %s", *value, strings.Join(allowed, ", "))
	}
}

// AtMost records a problem where a list or a map is longer than allowed.
func (p Problems) AtMost(property string, length, most int) {
	if length > most {
		p.Addf(property, "%d are too many: at most %d", length, most)
	}
}
