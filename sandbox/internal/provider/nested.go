package provider

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// What happens to a type's properties, happens to the fields of an object
// among them: defaults, what AWS gives, and the program's own words.

// objectsOf returns the fields of an object property's values; ok is false
// where one is no known object, or the property is of another kind.
func (p property) objectsOf(a, b resource.PropertyValue) (x, y resource.PropertyMap, ok bool) {
	if p.kind != object || !a.IsObject() || !b.IsObject() {
		return nil, nil, false
	}
	return a.ObjectValue(), b.ObjectValue(), true
}

// complete fills in the defaults of an object's fields.
func (p property) complete(value resource.PropertyValue) resource.PropertyValue {
	given, _, ok := p.objectsOf(value, value)
	if !ok {
		return value
	}
	fields := given.Copy()
	for name, field := range p.fields {
		key := resource.PropertyKey(name)
		switch {
		case !fields[key].IsNull():
			fields[key] = field.complete(fields[key])
		case field.otherwise != nil:
			fields[key] = resource.NewPropertyValue(field.otherwise)
		default:
			delete(fields, key)
		}
	}
	return resource.NewProperty(fields)
}

// foretold adds the fields that AWS will give: those it gave before, else
// unknown ones.
func (p property) foretold(value, before resource.PropertyValue) resource.PropertyValue {
	given, _, ok := p.objectsOf(value, value)
	if !ok {
		return value
	}
	fields, old := given.Copy(), resource.PropertyMap{}
	if before.IsObject() {
		old = before.ObjectValue()
	}
	for name, field := range p.fields {
		key := resource.PropertyKey(name)
		switch {
		case !fields[key].IsNull():
			fields[key] = field.foretold(fields[key], old[key])
		case field.mode != computed && field.mode != optionalComputed:
		case !old[key].IsNull():
			fields[key] = old[key]
		case !before.IsObject():
			fields[key] = resource.MakeComputed(resource.NewPropertyValue(""))
		}
	}
	return resource.NewProperty(fields)
}

// worded is what AWS has, in the words of the program where they mean the same.
func (p property) worded(has, given resource.PropertyValue) resource.PropertyValue {
	state, words, ok := p.objectsOf(has, given)
	switch {
	case given.IsNull():
		return has
	case ok:
		fields := state.Copy()
		for name, field := range p.fields {
			key := resource.PropertyKey(name)
			if fields[key] = field.worded(state[key], words[key]); isEmpty(fields[key]) && words[key].IsNull() {
				delete(fields, key)
			}
		}
		return resource.NewProperty(fields)
	case p.local || p.same(has, given):
		return given
	}
	return has
}

// asInput is a property's state as a program would write it: without the
// fields that are AWS's alone to give.
func (p property) asInput(value resource.PropertyValue) resource.PropertyValue {
	state, _, ok := p.objectsOf(value, value)
	if !ok {
		return value
	}
	fields := resource.PropertyMap{}
	for name, field := range p.fields {
		key := resource.PropertyKey(name)
		if asked := field.mode == optional || field.mode == required || field.imported; asked && !isEmpty(state[key]) {
			fields[key] = field.asInput(state[key])
		}
	}
	return resource.NewProperty(fields)
}
