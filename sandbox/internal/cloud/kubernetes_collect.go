package cloud

import (
	"maps"
	"slices"
	"strings"
)

// collect does what the control plane does after every change, until there is
// nothing left to do: what an object that goes owns, goes first; what has no
// owner any more goes; what is to go and has no finalizers is gone.
// https://kubernetes.io/docs/concepts/architecture/garbage-collection/
func (s *KubernetesState) collect() {
	for again := true; again; {
		again = false
		for _, key := range slices.Sorted(maps.Keys(s.Objects)) {
			object := s.Objects[key]
			kind, _ := FindKind(object.Text("apiVersion"), object.Kind())
			switch {
			case !object.Deleting():
				if s.orphaned(object) {
					s.condemn(kind, object, false)
					again = true
				}
			case s.settled(kind, object):
				if object = s.free(kind, object); len(object.Finalizers()) == 0 {
					s.remove(kind, object)
					again = true
				}
			default:
				again = s.condemnAll(s.dependents(kind, object)) || again
			}
		}
	}
}

// orphaned tells whether all owners of an object are gone.
func (s *KubernetesState) orphaned(object Object) bool {
	owners := object.owners()
	for _, other := range s.Objects {
		if slices.Contains(owners, other.UID()) {
			return false
		}
	}
	return len(owners) > 0
}

// dependents are what must be gone before an object goes.
func (s *KubernetesState) dependents(kind Kind, object Object) []Object {
	var found []Object
	first := slices.Contains(object.Finalizers(), foreground)
	for _, key := range slices.Sorted(maps.Keys(s.Objects)) {
		other := s.Objects[key]
		of, _ := FindKind(other.Text("apiVersion"), other.Kind())
		if (first && other.owned(object.UID())) ||
			(kind.Name == definition && of.Custom && of.resource() == object.Name()) ||
			(kind.Name == "Namespace" && other.Namespace() == object.Name()) {
			found = append(found, other)
		}
	}
	return found
}

func (s *KubernetesState) settled(kind Kind, object Object) bool {
	return len(s.dependents(kind, object)) == 0
}

// condemnAll tells whether there was one that was not condemned yet.
func (s *KubernetesState) condemnAll(objects []Object) bool {
	fresh := false
	for _, object := range objects {
		if !object.Deleting() {
			kind, _ := FindKind(object.Text("apiVersion"), object.Kind())
			s.condemn(kind, object, false)
			fresh = true
		}
	}
	return fresh
}

// free takes away the control plane's own finalizers.
func (s *KubernetesState) free(kind Kind, object Object) Object {
	freed := clone(object)
	freed.RemoveFinalizer(foreground)
	freed.RemoveFinalizer(cleanup)
	if freed.changed(object) {
		s.put(kind, freed)
	}
	return freed
}

// remove drops an object; with a namespace, Helm's record of what was released
// into it goes, too.
func (s *KubernetesState) remove(kind Kind, object Object) {
	delete(s.Objects, kind.key(object.Namespace(), object.Name()))
	if kind.Name == "Namespace" {
		maps.DeleteFunc(s.Releases, func(key string, _ *Release) bool { return strings.HasPrefix(key, object.Name()+"/") })
	}
}
