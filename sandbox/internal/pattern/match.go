package pattern

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Matches tells whether an event matches a pattern; both are JSON texts. The
// pattern must be one that [Check] accepts.
//
// As in EventBridge, all fields of a pattern must match and any value of a
// field suffices; an array in the event stands for any of its elements, and
// fields that a pattern names side by side must come from the same element.
// Only leaves count: an empty array or object is nothing at all, and a dot in
// a key is the same as nesting.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern.html
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns-arrays.html
func Matches(pattern, event string) (bool, error) {
	if err := Check(pattern); err != nil {
		return false, err
	}
	wanted, err := object(pattern)
	if err != nil {
		return false, err
	}
	given, err := object(event)
	if err != nil {
		return false, fmt.Errorf("reading the event: %w", err)
	}
	m := matcher{fields: map[string][]field{}}
	m.flatten("", given, nil)
	return m.solve(goals("", wanted), nil), nil
}

// object reads a JSON object and keeps its numbers as they are written.
func object(text string) (map[string]any, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var fields map[string]any
	if err := decoder.Decode(&fields); err != nil {
		return nil, err
	}
	if fields == nil {
		return nil, errors.New("null is no JSON object")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is text after the JSON object")
	}
	return fields, nil
}

// field is one leaf of an event, with the place it has in every array around
// it.
type field struct {
	value  any // a string, json.Number, bool or nil
	places places
}

// places are elements of arrays: the index by the array's path, in which the
// indexes of outer arrays are written out.
type places map[string]int

// with returns both places, or false when they are in different elements of
// one array.
func (p places) with(more places) (places, bool) {
	for array, index := range more {
		if present, ok := p[array]; ok && present != index {
			return nil, false
		}
	}
	both := maps.Clone(p)
	if both == nil {
		both = places{}
	}
	maps.Copy(both, more)
	return both, true
}

// matcher holds an event as its leaves, by their paths.
type matcher struct {
	fields map[string][]field
}

func (m matcher) flatten(path string, value any, at places) {
	switch value := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			m.flatten(join(path, key), value[key], at)
		}
	case []any:
		array := fmt.Sprintf("%s%v", path, at)
		for i, element := range value {
			inside, _ := at.with(places{array: i})
			m.flatten(path, element, inside)
		}
	default:
		m.fields[path] = append(m.fields[path], field{value, at})
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// goal is one thing a pattern demands: a field with one of several values, or
// one of several alternatives.
type goal struct {
	path         string
	values       []any
	alternatives [][]goal
}

func goals(path string, pattern map[string]any) []goal {
	var all []goal
	for _, key := range slices.Sorted(maps.Keys(pattern)) {
		switch value := pattern[key].(type) {
		case map[string]any:
			all = append(all, goals(join(path, key), value)...)
		case []any:
			if key != "$or" {
				all = append(all, goal{path: join(path, key), values: value})
				continue
			}
			var choice goal
			for _, alternative := range value {
				fields, _ := alternative.(map[string]any)
				choice.alternatives = append(choice.alternatives, goals(path, fields))
			}
			all = append(all, choice)
		}
	}
	return all
}

// solve tells whether all goals are met by leaves of which no two are in
// different elements of one array.
func (m matcher) solve(wanted []goal, at places) bool {
	if slices.ContainsFunc(wanted, m.hopeless) {
		return false
	}
	if len(wanted) == 0 {
		return true
	}
	first, rest := wanted[0], wanted[1:]
	for _, alternative := range first.alternatives {
		if m.solve(slices.Concat(alternative, rest), at) {
			return true
		}
	}
	candidates := m.fields[first.path]
	if len(candidates) == 0 && slices.ContainsFunc(first.values, wantsNothing) {
		return m.solve(rest, at)
	}
	for _, candidate := range candidates {
		together, ok := at.with(candidate.places)
		switch {
		case !ok || !slices.ContainsFunc(first.values, candidate.is):
		case len(together) == len(at): // no other leaf would bind the rest less
			return m.solve(rest, at)
		case m.solve(rest, together):
			return true
		}
	}
	return false
}

// hopeless tells whether no leaf at all meets a goal.
func (m matcher) hopeless(g goal) bool {
	if g.path == "" {
		return false
	}
	candidates := m.fields[g.path]
	if len(candidates) == 0 {
		return !slices.ContainsFunc(g.values, wantsNothing)
	}
	return !slices.ContainsFunc(candidates, func(f field) bool { return slices.ContainsFunc(g.values, f.is) })
}

// wantsNothing tells whether a value of a pattern matches where there is no
// leaf.
func wantsNothing(value any) bool {
	filter, ok := value.(map[string]any)
	return ok && filter["exists"] == false
}
