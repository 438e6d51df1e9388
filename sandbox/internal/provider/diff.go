package provider

import (
	"context"
	"encoding/json"
	"maps"
	"reflect"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// Diff compares what AWS has, the old outputs, with what the program wants.
func (p *Provider) Diff(_ context.Context, req plugin.DiffRequest) (plugin.DiffResult, error) {
	t, err := typeOf(string(req.Type))
	if err != nil {
		return plugin.DiffResult{}, err
	}
	result := plugin.DiffResult{Changes: plugin.DiffNone, DetailedDiff: map[string]plugin.PropertyDiff{}}
	for _, name := range t.properties.names() {
		property, key := t.properties[name], resource.PropertyKey(name)
		if property.mode == computed {
			continue
		}
		changes := map[string]plugin.PropertyDiff{}
		property.diff(resource.PropertyPath{name}, req.OldOutputs[key], req.NewInputs[key], changes)
		if len(changes) == 0 {
			continue
		}
		result.Changes = plugin.DiffSome
		result.ChangedKeys = append(result.ChangedKeys, key)
		if replaces(changes) {
			result.ReplaceKeys = append(result.ReplaceKeys, key)
		}
		maps.Copy(result.DetailedDiff, changes)
	}
	result.DeleteBeforeReplace = len(result.ReplaceKeys) > 0 && t.keepsName(req)
	return result, nil
}

// replaces tells whether one of the changes needs a new resource.
func replaces(changes map[string]plugin.PropertyDiff) bool {
	for _, change := range changes {
		if change.Kind.IsReplace() {
			return true
		}
	}
	return false
}

// keepsName tells whether old and new resource would bear the same name, one
// that the program chose, so that the two cannot exist side by side.
func (t resourceType) keepsName(req plugin.DiffRequest) bool {
	for name, property := range t.properties {
		key := resource.PropertyKey(name)
		if property.autoname == 0 || isFilled(req.NewInputs, name) {
			continue
		}
		if value, given := req.NewInputs[key]; given {
			return value.DeepEquals(req.OldOutputs[key])
		}
	}
	return false
}

// diff adds a property's changes, those of maps by key, those of objects by
// field.
func (p property) diff(path resource.PropertyPath, old, new resource.PropertyValue, changes map[string]plugin.PropertyDiff) {
	if p.kind == textMap && old.IsObject() && new.IsObject() {
		diffEntries(path, old.ObjectValue(), new.ObjectValue(), changes)
		return
	}
	if before, after, ok := p.objectsOf(old, new); ok && !isEmpty(old) && !isEmpty(new) {
		for _, name := range p.fields.names() {
			field, key := p.fields[name], resource.PropertyKey(name)
			field.diff(append(slices.Clone(path), name), before[key], after[key], changes)
		}
		return
	}
	if kind, changed := p.change(old, new); changed {
		if p.replace || p.forGood && kind == plugin.DiffDelete {
			kind = kind.AsReplace()
		}
		changes[path.String()] = plugin.PropertyDiff{Kind: kind, InputDiff: true}
	}
}

// diffEntries adds the changes of a map, where an empty text is an entry too.
// No map here makes AWS replace a thing.
func diffEntries(path resource.PropertyPath, old, new resource.PropertyMap, changes map[string]plugin.PropertyDiff) {
	record := func(key resource.PropertyKey, kind plugin.DiffKind) {
		changes[append(slices.Clone(path), string(key)).String()] = plugin.PropertyDiff{Kind: kind, InputDiff: true}
	}
	for key, value := range new {
		before, had := old[key]
		switch {
		case !had:
			record(key, plugin.DiffAdd)
		case !before.DeepEquals(value):
			record(key, plugin.DiffUpdate)
		}
	}
	for key := range old {
		if _, stays := new[key]; !stays {
			record(key, plugin.DiffDelete)
		}
	}
}

// change compares two values of a property as Terraform does: absent and
// empty are one, and where AWS gives a value the program need not.
func (p property) change(old, new resource.PropertyValue) (plugin.DiffKind, bool) {
	switch {
	case p.mode == computed, new.IsNull() && p.mode == optionalComputed:
		return 0, false
	case new.ContainsUnknowns():
		if isEmpty(old) {
			return plugin.DiffAdd, true
		}
		return plugin.DiffUpdate, true
	case isEmpty(old) && isEmpty(new):
		return 0, false
	case isEmpty(new):
		return plugin.DiffDelete, true
	case isEmpty(old):
		return plugin.DiffAdd, true
	case p.same(old, new):
		return 0, false
	}
	return plugin.DiffUpdate, true
}

// same tells whether two known values mean the same.
func (p property) same(old, new resource.PropertyValue) bool {
	if old.DeepEquals(new) {
		return true
	}
	switch {
	case p.document != noDocument && old.IsString() && new.IsString():
		return p.document.same(old.StringValue(), new.StringValue())
	case p.alike != nil && old.IsString() && new.IsString():
		return p.alike(old.StringValue(), new.StringValue())
	case p.kind == texts && p.unordered && old.IsArray() && new.IsArray():
		return slices.Equal(sortedTexts(old), sortedTexts(new))
	case p.kind == object && old.IsObject() && new.IsObject():
		return p.fields.same(old.ObjectValue(), new.ObjectValue())
	case p.kind == objects && old.IsArray() && new.IsArray():
		return p.fields.sameSet(old.ArrayValue(), new.ArrayValue())
	}
	return false
}

func (s schema) same(old, new resource.PropertyMap) bool {
	for name, property := range s {
		key := resource.PropertyKey(name)
		if _, changed := property.change(old[key], new[key]); changed {
			return false
		}
	}
	return true
}

// sameSet compares lists of objects whose order means nothing.
func (s schema) sameSet(old, new []resource.PropertyValue) bool {
	if len(old) != len(new) {
		return false
	}
	for _, element := range new {
		if !slices.ContainsFunc(old, func(o resource.PropertyValue) bool { return s.same(o.ObjectValue(), element.ObjectValue()) }) {
			return false
		}
	}
	return true
}

func sortedTexts(list resource.PropertyValue) []string {
	sorted := values{"": knownValue(list)}.texts("")
	slices.Sort(sorted)
	return sorted
}

// same compares JSON texts by meaning.
func (k documentKind) same(a, b string) bool {
	var x, y any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return a == b
	}
	if k == policyJSON {
		x, y = normal(x), normal(y)
	}
	return reflect.DeepEqual(x, y)
}

// normal is a policy's form for comparison.
func normal(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for key, element := range value {
			value[key] = normal(element)
		}
	case []any:
		for i, element := range value {
			value[i] = normal(element)
		}
		if len(value) == 1 {
			return value[0]
		}
		slices.SortFunc(value, func(a, b any) int { return slices.Compare(encoded(a), encoded(b)) })
	}
	return value
}

func encoded(value any) []byte {
	out, err := json.Marshal(value)
	if err != nil {
		return nil
	}
	return out
}
