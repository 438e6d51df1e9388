package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// defaultsKey lists, among a resource's inputs, those that Check filled in. It
// is how the bridge tells a name it made up from one the program chose.
const defaultsKey = "__defaults"

// problem is why an input is refused before AWS is asked.
type problem struct {
	property string
	reason   string
}

// Check judges inputs and fills in names and defaults.
func (p *Provider) Check(_ context.Context, req plugin.CheckRequest) (plugin.CheckResponse, error) {
	t, err := typeOf(string(req.Type))
	if err != nil {
		return plugin.CheckResponse{}, err
	}
	inputs := req.News.Copy()
	delete(inputs, defaultsKey)
	t.flatten(inputs)
	problems := t.judgeGiven(inputs)
	filled, failed := t.fill(inputs, req)
	problems = append(problems, failed...)
	problems = append(problems, t.judgeAbsent(inputs)...)
	if len(problems) == 0 && t.plan != nil {
		problems = t.plan(known(inputs), func(property string) bool {
			_, given := inputs[resource.PropertyKey(property)]
			return given
		})
	}
	inputs[defaultsKey] = resource.NewPropertyValue(filled)
	response := plugin.CheckResponse{Properties: inputs}
	for _, problem := range problems {
		response.Failures = append(response.Failures, plugin.CheckFailure{
			Property: resource.PropertyKey(problem.property), Reason: problem.reason,
		})
	}
	return response, nil
}

// flatten turns documents given as objects into JSON texts, and drops nulls.
func (t resourceType) flatten(inputs resource.PropertyMap) {
	for name, value := range inputs {
		if value.IsNull() {
			delete(inputs, name)
			continue
		}
		if t.properties[string(name)].document == noDocument || value.ContainsUnknowns() || !value.IsObject() {
			continue
		}
		if encoded, err := json.Marshal(knownValue(value)); err == nil {
			inputs[name] = resource.NewPropertyValue(string(encoded))
		}
	}
}

// judgeGiven judges every input that the program gives.
func (t resourceType) judgeGiven(inputs resource.PropertyMap) []problem {
	var problems []problem
	for _, name := range inputs.StableKeys() {
		property, ok := t.properties[string(name)]
		var reasons []string
		switch {
		case !ok || property.mode == computed:
			reasons = []string{fmt.Sprintf("an unexpected argument: %s has no input %q", t.token, name)}
		case property.unmodelled:
			reasons = []string{fmt.Sprintf("the sandbox does not model %q of %s", name, t.token)}
		default:
			reasons = property.judge(string(name), inputs[name])
			reasons = append(reasons, property.clashes(string(name), inputs)...)
		}
		for _, reason := range reasons {
			problems = append(problems, problem{property: string(name), reason: reason})
		}
	}
	return problems
}

// clashes returns a reason for every property given that this one excludes.
func (p property) clashes(name string, inputs resource.PropertyMap) []string {
	var reasons []string
	for _, other := range p.conflicts {
		if _, given := inputs[resource.PropertyKey(other)]; given {
			reasons = append(reasons, fmt.Sprintf("%q: conflicts with %s", snake(name), snake(other)))
		}
	}
	return reasons
}

// judge returns why a value is refused: its kind, its fields, its checks.
// Unknown values pass.
func (p property) judge(name string, value resource.PropertyValue) []string {
	if value.ContainsUnknowns() {
		return nil
	}
	if !p.kind.holds(value) {
		return []string{fmt.Sprintf("expected %s to be a %s, got %s", snake(name), p.kind, value.TypeString())}
	}
	plain := knownValue(value)
	var reasons []string
	switch p.kind {
	case object:
		reasons = p.fields.judgeObject(name, value.ObjectValue())
	case objects:
		for _, element := range value.ArrayValue() {
			reasons = append(reasons, p.fields.judgeObject(name, element.ObjectValue())...)
		}
	}
	for _, check := range p.checks {
		if reason := check(snake(name), plain); reason != "" {
			reasons = append(reasons, reason)
		}
	}
	return reasons
}

func (s schema) judgeObject(name string, fields resource.PropertyMap) []string {
	var reasons []string
	for _, field := range fields.StableKeys() {
		property, ok := s[string(field)]
		if !ok || property.mode == computed {
			reasons = append(reasons, fmt.Sprintf("an unexpected argument: %s has no field %q", name, field))
			continue
		}
		if !fields[field].IsNull() {
			reasons = append(reasons, property.judge(name+"."+string(field), fields[field])...)
			for _, clash := range property.clashes(string(field), fields) {
				reasons = append(reasons, name+": "+clash)
			}
		}
	}
	for _, field := range s.names() {
		if _, given := fields[resource.PropertyKey(field)]; !given && s[field].mode == required {
			reasons = append(reasons, fmt.Sprintf("missing required field %q of %s", field, name))
		}
	}
	return reasons
}

// holds tells whether a value is of the kind.
func (k kind) holds(value resource.PropertyValue) bool {
	switch k {
	case text:
		return value.IsString()
	case number:
		return value.IsNumber()
	case flag:
		return value.IsBool()
	case texts:
		return value.IsArray() && every(value.ArrayValue(), resource.PropertyValue.IsString)
	case objects:
		return value.IsArray() && every(value.ArrayValue(), resource.PropertyValue.IsObject)
	case textMap:
		if !value.IsObject() {
			return false
		}
		for _, element := range value.ObjectValue() {
			if !element.IsString() {
				return false
			}
		}
		return true
	default:
		return value.IsObject()
	}
}

func every(list []resource.PropertyValue, ok func(resource.PropertyValue) bool) bool {
	for _, element := range list {
		if !ok(element) {
			return false
		}
	}
	return true
}

// judgeAbsent returns a problem for every required input that is missing.
func (t resourceType) judgeAbsent(inputs resource.PropertyMap) []problem {
	var problems []problem
	for _, name := range t.properties.names() {
		if _, given := inputs[resource.PropertyKey(name)]; !given && t.properties[name].mode == required {
			problems = append(problems, problem{property: name, reason: fmt.Sprintf("Missing required argument. The argument %q is required, but no definition was found.", snake(name))})
		}
	}
	return problems
}

// fill sets names and defaults where the program gives none, and returns the
// properties it set.
func (t resourceType) fill(inputs resource.PropertyMap, req plugin.CheckRequest) ([]any, []problem) {
	filled, problems := []any{}, []problem(nil)
	for _, name := range t.properties.names() {
		property, key := t.properties[name], resource.PropertyKey(name)
		if value, given := inputs[key]; given {
			inputs[key] = property.complete(value)
			continue
		}
		switch {
		case property.autoname > 0 && !prefixed(inputs, name):
			made, err := t.autoname(inputs, req, name)
			if err != nil {
				problems = append(problems, problem{property: name, reason: err.Error()})
				continue
			}
			inputs[key] = resource.NewPropertyValue(made)
		case property.otherwise != nil && !t.clashing(property, inputs):
			inputs[key] = resource.NewPropertyValue(property.otherwise)
		default:
			continue
		}
		filled = append(filled, name)
	}
	return filled, problems
}

// prefixed tells whether the program gives the beginning of a name.
func prefixed(inputs resource.PropertyMap, name string) bool {
	_, given := inputs[resource.PropertyKey(name+"Prefix")]
	return given
}

func (t resourceType) clashing(p property, inputs resource.PropertyMap) bool {
	return len(p.clashes("", inputs)) > 0
}

// snake is a property's name as Terraform writes it.
func snake(name string) string {
	var out strings.Builder
	for _, r := range name {
		if unicode.IsUpper(r) {
			out.WriteByte('_')
		}
		out.WriteRune(unicode.ToLower(r))
	}
	return out.String()
}
