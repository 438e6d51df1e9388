package cloud

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Finalizers that the control plane itself sets and takes away.
const (
	foreground = "foregroundDeletion"
	cleanup    = "customresourcecleanup.apiextensions.k8s.io"
)

// Serves tells whether the API server serves a kind now.
func (k *Kubernetes) Serves(apiVersion, kind string) (bool, error) {
	_, err := readAPI(k, "discover "+kind, func(s *KubernetesState) (Kind, error) { return s.served(apiVersion, kind) })
	if IsStatus(err, NoMatch) {
		return false, nil
	}
	return err == nil, err
}

// Create makes an object.
func (k *Kubernetes) Create(object Object) (Object, error) {
	made := clone(object)
	err := k.writeUnlessDry("create "+object.Kind(), func(s *KubernetesState) error {
		kind, err := s.served(made.Text("apiVersion"), made.Kind())
		if err != nil {
			return err
		}
		if err := s.admit(k.Cluster.ARN, kind, made); err != nil {
			return err
		}
		made.born(k.Cluster.ARN, kind)
		if !k.dryRun {
			s.put(kind, clone(made))
		}
		return nil
	})
	return made, err
}

func (k *Kubernetes) writeUnlessDry(operation string, operate func(*KubernetesState) error) error {
	if !k.dryRun {
		return k.write(operation, operate)
	}
	_, err := readAPI(k, operation, func(s *KubernetesState) (struct{}, error) { return struct{}{}, operate(s) })
	return err
}

// admit judges an object to be made.
func (s *KubernetesState) admit(cluster string, kind Kind, object Object) error {
	name, namespace := object.Name(), object.Namespace()
	if len(name) > maxSubdomain || !dnsSubdomain.MatchString(name) || (kind.Name == "Namespace" && !dnsLabel.MatchString(name)) {
		return status(422, "Invalid", "%s %q is invalid: metadata.name: Invalid value: %q: a lowercase RFC 1123 name must consist of "+
			"lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character", kind.Name, name, name)
	}
	if kind.Namespaced {
		home, exists := s.namespace(cluster, namespace)
		switch {
		case !exists:
			return kinds[0].notFound(namespace)
		case home.Deleting():
			return status(403, "Forbidden", "%s %q is forbidden: unable to create new content in namespace %s because it is being terminated", kind.resource(), name, namespace)
		}
	}
	_, exists := s.Objects[kind.key(namespace, name)]
	if kind.Name == "Namespace" {
		_, exists = s.namespace(cluster, name)
	}
	if exists {
		return status(409, AlreadyExists, "%s %q already exists", kind.resource(), name)
	}
	if kind.Custom && s.definitionOf(kind).Deleting() {
		return status(405, "MethodNotAllowed", "create not allowed while custom resource definition is terminating")
	}
	return judge(kind, object)
}

// judge refuses an object that lacks what its kind must have.
func judge(kind Kind, object Object) error {
	var reasons []string
	for _, path := range object.lacking(kind) {
		reasons = append(reasons, path+": Required value")
	}
	if kind.Name == "EC2NodeClass" && (object.Text("spec", "role") == "") == (object.Text("spec", "instanceProfile") == "") {
		reasons = append(reasons, `spec: Invalid value: "object": must specify exactly one of ['role', 'instanceProfile']`)
	}
	if len(reasons) == 0 {
		return nil
	}
	text := reasons[0]
	if len(reasons) > 1 {
		text = "[" + strings.Join(reasons, ", ") + "]"
	}
	return status(422, "Invalid", "%s.%s %q is invalid: %s", kind.Name, kind.group(), object.Name(), text)
}

func (s *KubernetesState) put(kind Kind, object Object) {
	if s.Objects == nil {
		s.Objects = map[string]Object{}
	}
	s.Objects[kind.key(object.Namespace(), object.Name())] = object
}

// find finds an object that is there.
func (s *KubernetesState) find(cluster, apiVersion, kindName, namespace, name string) (Object, Kind, error) {
	kind, err := s.served(apiVersion, kindName)
	if err != nil {
		return nil, kind, err
	}
	if kind.Name == "Namespace" {
		if found, ok := s.namespace(cluster, name); ok {
			return found, kind, nil
		}
	}
	found, ok := s.Objects[kind.key(namespace, name)]
	if !ok {
		return nil, kind, kind.notFound(name)
	}
	return found, kind, nil
}

// Get returns an object; namespace is empty for objects of the cluster.
func (k *Kubernetes) Get(apiVersion, kind, namespace, name string) (Object, error) {
	return readAPI(k, "get "+kind, func(s *KubernetesState) (Object, error) {
		found, _, err := s.find(k.Cluster.ARN, apiVersion, kind, namespace, name)
		return clone(found), err
	})
}

// List returns the objects of a kind that were made, ordered by name; none of a
// kind that the API server does not serve.
func (k *Kubernetes) List(apiVersion, kind string) ([]Object, error) {
	return readAPI(k, "list "+kind, func(s *KubernetesState) ([]Object, error) {
		found, _ := FindKind(apiVersion, kind)
		return clone(s.ofKind(found)), nil
	})
}

// Objects are all objects that were made in the cluster, in the order of
// apiVersion, kind, namespace and name.
func (k *Kubernetes) Objects() ([]Object, error) {
	return readAPI(k, "list everything", func(s *KubernetesState) ([]Object, error) {
		all := []Object{}
		for _, key := range slices.Sorted(maps.Keys(s.Objects)) {
			all = append(all, clone(s.Objects[key]))
		}
		return all, nil
	})
}

// Apply brings an object from what its owner wanted before to what it wants
// now. What others set stays, unless the owner wants something else: who owns
// which field is not kept, so there are no conflicts.
func (k *Kubernetes) Apply(before, now Object) (Object, error) {
	var applied Object
	err := k.change("apply "+now.Kind(), now, func(object Object) error {
		applied = merge(object, before, clone(now))
		kind, _ := FindKind(now.Text("apiVersion"), now.Kind())
		if err := judge(kind, applied); err != nil {
			return err
		}
		clear(object)
		maps.Copy(object, applied)
		return nil
	}, &applied)
	return applied, err
}

// Patch changes an object that is there, as a controller does: its status, its
// finalizers. One that is gone is no error, and nil.
func (k *Kubernetes) Patch(object Object, edit func(Object)) (Object, error) {
	current, err := k.Get(object.Text("apiVersion"), object.Kind(), object.Namespace(), object.Name())
	if IsStatus(err, NotFound, NoMatch) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	edited := clone(current)
	edit(edited)
	if !clone(edited).changed(current) {
		return current, nil
	}
	var patched Object
	err = k.change("patch "+object.Kind(), object, func(o Object) error {
		edit(o)
		return nil
	}, &patched)
	if IsStatus(err, NotFound, NoMatch) {
		return nil, nil
	}
	return patched, err
}

// change edits an object and returns it as it is then.
func (k *Kubernetes) change(operation string, named Object, edit func(Object) error, result *Object) error {
	return k.writeUnlessDry(operation, func(s *KubernetesState) error {
		current, kind, err := s.find(k.Cluster.ARN, named.Text("apiVersion"), named.Kind(), named.Namespace(), named.Name())
		if err != nil {
			return err
		}
		edited := clone(current)
		if err := edit(edited); err != nil {
			return err
		}
		edited = clone(edited)
		if edited.changed(current) && !k.dryRun {
			s.put(kind, edited)
		}
		*result = clone(edited)
		return nil
	})
}

// Delete asks for an object to go, after all that it owns. It is gone when it
// and they have no finalizers any more.
func (k *Kubernetes) Delete(apiVersion, kind, namespace, name string) error {
	return k.write("delete "+kind, func(s *KubernetesState) error {
		object, of, err := s.find(k.Cluster.ARN, apiVersion, kind, namespace, name)
		if err != nil {
			return err
		}
		if of.Name == "Namespace" && slices.Contains(ownNamespaces, name) {
			return status(403, "Forbidden", "namespaces %q is forbidden: this namespace may not be deleted", name)
		}
		s.condemn(of, object, true)
		return nil
	})
}

// condemn marks an object to go. Others may hold it, so it is replaced.
func (s *KubernetesState) condemn(kind Kind, object Object, inForeground bool) {
	if object.Deleting() {
		return
	}
	condemned := clone(object)
	condemned.Set(Beginning.Format(time.RFC3339), "metadata", "deletionTimestamp")
	condemned.Set(0.0, "metadata", "deletionGracePeriodSeconds")
	if inForeground {
		condemned.AddFinalizer(foreground)
	}
	condemned.changed(object)
	s.put(kind, condemned)
}
