package cloud

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Object is a Kubernetes object as its API gives it: texts, numbers as
// float64, bools, []any and map[string]any.
type Object map[string]any

// At is the value at a path of names, nil where there is none.
func (o Object) At(path ...string) any {
	var value any = map[string]any(o)
	for _, name := range path {
		fields, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = fields[name]
	}
	return value
}

// Text is the text at a path, empty where there is none.
func (o Object) Text(path ...string) string {
	text, _ := o.At(path...).(string)
	return text
}

// Set puts a value at a path, and makes what is missing on the way.
func (o Object) Set(value any, path ...string) {
	fields := map[string]any(o)
	for _, name := range path[:len(path)-1] {
		inner, ok := fields[name].(map[string]any)
		if !ok {
			inner = map[string]any{}
			fields[name] = inner
		}
		fields = inner
	}
	fields[path[len(path)-1]] = value
}

// Name is metadata.name.
func (o Object) Name() string { return o.Text("metadata", "name") }

// Namespace is metadata.namespace, empty for objects of the cluster.
func (o Object) Namespace() string { return o.Text("metadata", "namespace") }

// Kind is the object's kind.
func (o Object) Kind() string { return o.Text("kind") }

// UID is metadata.uid.
func (o Object) UID() string { return o.Text("metadata", "uid") }

// Deleting tells whether the object is to go once its finalizers are gone.
func (o Object) Deleting() bool { return o.Text("metadata", "deletionTimestamp") != "" }

// Finalizers are those that keep the object.
func (o Object) Finalizers() []string {
	list, _ := o.At("metadata", "finalizers").([]any)
	finalizers := make([]string, 0, len(list))
	for _, element := range list {
		if text, ok := element.(string); ok {
			finalizers = append(finalizers, text)
		}
	}
	return finalizers
}

// AddFinalizer adds a finalizer that is not there yet.
func (o Object) AddFinalizer(name string) {
	if all := o.Finalizers(); !slices.Contains(all, name) {
		o.setFinalizers(append(all, name))
	}
}

// RemoveFinalizer removes a finalizer.
func (o Object) RemoveFinalizer(name string) {
	o.setFinalizers(slices.DeleteFunc(o.Finalizers(), func(f string) bool { return f == name }))
}

func (o Object) setFinalizers(names []string) {
	if len(names) == 0 {
		delete(o.metadata(), "finalizers")
		return
	}
	list := make([]any, len(names))
	for i, name := range names {
		list[i] = name
	}
	o.Set(list, "metadata", "finalizers")
}

func (o Object) metadata() map[string]any {
	fields, _ := o["metadata"].(map[string]any)
	return fields
}

// is tells whether an object is of a kind.
func (o Object) is(kind Kind) bool {
	return o.Text("apiVersion") == kind.APIVersion && o.Kind() == kind.Name
}

// owned tells whether another object owns this one.
func (o Object) owned(uid string) bool { return slices.Contains(o.owners(), uid) }

func (o Object) owners() []string {
	list, _ := o.At("metadata", "ownerReferences").([]any)
	var owners []string
	for _, element := range list {
		reference, _ := element.(map[string]any)
		owners = append(owners, Object(reference).Text("uid"))
	}
	return owners
}

// born gives a new object what the API server gives it. Its uid follows from
// what it names, so that the same deployment gives the same cluster.
func (o Object) born(cluster string, kind Kind) {
	o.Set(UUID("object "+cluster+"/"+kind.key(o.Namespace(), o.Name())), "metadata", "uid")
	o.Set(Beginning.Format(time.RFC3339), "metadata", "creationTimestamp")
	o.Set("1", "metadata", "resourceVersion")
	if kind.Custom || kind.Name == definition {
		o.Set(1.0, "metadata", "generation")
	}
	if kind.Name == "Namespace" {
		o.Set(o.Name(), "metadata", "labels", "kubernetes.io/metadata.name")
		o.Set([]any{"kubernetes"}, "spec", "finalizers")
		o.Set("Active", "status", "phase")
	}
}

// changed gives an object the marks of a change since before, if there is one.
// A new specification is a new generation.
func (o Object) changed(before Object) bool {
	if reflect.DeepEqual(map[string]any(o), map[string]any(before)) {
		return false
	}
	count, _ := strconv.Atoi(before.Text("metadata", "resourceVersion"))
	o.Set(strconv.Itoa(count+1), "metadata", "resourceVersion")
	if generation, counted := before.At("metadata", "generation").(float64); counted && !reflect.DeepEqual(o["spec"], before["spec"]) {
		o.Set(generation+1, "metadata", "generation")
	}
	return true
}

// lacking are the required paths that an object does not have.
func (o Object) lacking(kind Kind) []string {
	return slices.DeleteFunc(slices.Clone(kind.Required), func(path string) bool {
		return o.At(strings.Split(path, ".")...) != nil
	})
}

// merge brings fields to what an owner of some of them wants now: what it
// wanted before and wants no more goes, all others' fields stay. Lists are
// replaced, as the API server replaces those that are not sets.
func merge(fields, before, now map[string]any) map[string]any {
	merged := maps.Clone(fields)
	if merged == nil {
		merged = map[string]any{}
	}
	for name, value := range before {
		if _, wanted := now[name]; wanted {
			continue
		}
		earlier, wasObject := value.(map[string]any)
		present, isObject := merged[name].(map[string]any)
		if left := merge(present, earlier, nil); wasObject && isObject && len(left) > 0 {
			merged[name] = left
		} else {
			delete(merged, name)
		}
	}
	for name, value := range now {
		wanted, isObject := value.(map[string]any)
		if !isObject {
			merged[name] = value
			continue
		}
		present, _ := merged[name].(map[string]any)
		earlier, _ := before[name].(map[string]any)
		merged[name] = merge(present, earlier, wanted)
	}
	return merged
}
