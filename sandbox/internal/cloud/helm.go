package cloud

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Release is a Helm release in a cluster.
type Release struct {
	Name      string         `json:"name"`
	Namespace string         `json:"namespace"`
	Chart     string         `json:"chart"` // its name
	Version   string         `json:"version"`
	Revision  int            `json:"revision"`
	Status    string         `json:"status"` // deployed, or failed
	Values    map[string]any `json:"values,omitempty"`
}

// Install is how a release is made.
type Install struct {
	Release
	CreateNamespace bool
	SkipCRDs        bool
}

func (r Release) key() string { return r.Namespace + "/" + r.Name }

// Install makes a release, in Helm's words where it cannot. A namespace that
// it makes is never removed by it, and neither are definitions of a chart that
// has them beside its manifests.
func (k *Kubernetes) Install(in Install) (Release, error) {
	made := clone(in.Release)
	made.Revision, made.Status = 1, "deployed"
	err := k.write("install "+in.Chart, func(s *KubernetesState) error {
		if _, taken := s.Releases[in.key()]; taken {
			return errors.New("cannot re-use a name that is still in use")
		}
		if err := s.installable(k.Cluster.ARN, in); err != nil {
			return err
		}
		if _, exists := s.namespace(k.Cluster.ARN, in.Namespace); !exists {
			s.make(k.Cluster.ARN, kinds[0], Object{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": in.Namespace}})
		}
		switch {
		case charts[in.Chart].definitions:
			s.define(k.Cluster.ARN, &in.Release)
		case !in.SkipCRDs:
			s.define(k.Cluster.ARN, nil)
		}
		kept := clone(made)
		s.record(&kept)
		return nil
	})
	return made, err
}

func (s *KubernetesState) record(release *Release) {
	if s.Releases == nil {
		s.Releases = map[string]*Release{}
	}
	s.Releases[release.key()] = release
}

// installable judges where a release goes and what is there already.
func (s *KubernetesState) installable(cluster string, in Install) error {
	if _, exists := s.namespace(cluster, in.Namespace); !exists && !in.CreateNamespace {
		return fmt.Errorf("create: failed to create: %w", kinds[0].notFound(in.Namespace))
	}
	if !charts[in.Chart].definitions {
		return nil
	}
	for _, name := range definitionNames {
		present, exists := s.Objects[definitions.key("", name)]
		if !exists {
			continue
		}
		if reason := foreign(present, in.Release); reason != "" {
			return status(409, "Conflict", "Unable to continue with install: CustomResourceDefinition %q in namespace \"\" exists and cannot be imported into the current release: "+
				"invalid ownership metadata; %s", name, reason)
		}
	}
	return nil
}

// The marks of what a release made.
const (
	releaseName      = "meta.helm.sh/release-name"
	releaseNamespace = "meta.helm.sh/release-namespace"
)

// foreign says why an object is not a release's own.
func foreign(object Object, release Release) string {
	name, namespace := object.Text("metadata", "annotations", releaseName), object.Text("metadata", "annotations", releaseNamespace)
	switch {
	case name == "":
		return fmt.Sprintf("label validation error: missing key \"app.kubernetes.io/managed-by\": must be set to \"Helm\"; "+
			"annotation validation error: missing key %q: must be set to %q; annotation validation error: missing key %q: must be set to %q",
			releaseName, release.Name, releaseNamespace, release.Namespace)
	case name != release.Name:
		return fmt.Sprintf("annotation validation error: key %q must equal %q: current value is %q", releaseName, release.Name, name)
	case namespace != release.Namespace:
		return fmt.Sprintf("annotation validation error: key %q must equal %q: current value is %q", releaseNamespace, release.Namespace, namespace)
	}
	return ""
}

// define makes Karpenter's definitions that are missing, as a release's own or
// nobody's.
func (s *KubernetesState) define(cluster string, owner *Release) {
	for _, name := range definitionNames {
		if _, exists := s.Objects[definitions.key("", name)]; exists {
			continue
		}
		object := Object{"apiVersion": definitions.APIVersion, "kind": definitions.Name, "metadata": map[string]any{"name": name}}
		if owner != nil {
			object.Set("Helm", "metadata", "labels", "app.kubernetes.io/managed-by")
			object.Set(owner.Name, "metadata", "annotations", releaseName)
			object.Set(owner.Namespace, "metadata", "annotations", releaseNamespace)
		}
		object.AddFinalizer(cleanup)
		s.make(cluster, definitions, object)
	}
}

func (s *KubernetesState) make(cluster string, kind Kind, object Object) {
	object.born(cluster, kind)
	s.put(kind, clone(object))
}

// errNoRelease is what Helm says of a release that is not there.
var errNoRelease = &StatusError{Code: 404, Reason: NotFound, Message: "release: not found"}

// Upgrade brings a release to another version and values.
func (k *Kubernetes) Upgrade(in Release) (Release, error) {
	upgraded := clone(in)
	err := k.write("upgrade "+in.Chart, func(s *KubernetesState) error {
		present, ok := s.Releases[in.key()]
		if !ok {
			return fmt.Errorf("%q has no deployed releases", in.Name)
		}
		upgraded.Revision, upgraded.Status = present.Revision+1, "deployed"
		kept := clone(upgraded)
		s.record(&kept)
		return nil
	})
	return upgraded, err
}

// GetRelease returns a release.
func (k *Kubernetes) GetRelease(namespace, name string) (Release, error) {
	return readAPI(k, "get release", func(s *KubernetesState) (Release, error) {
		found, ok := s.Releases[Release{Name: name, Namespace: namespace}.key()]
		if !ok {
			return Release{}, errNoRelease
		}
		return clone(*found), nil
	})
}

// Releases are all releases of the cluster, by namespace and name.
func (k *Kubernetes) Releases() ([]Release, error) {
	return readAPI(k, "list releases", func(s *KubernetesState) ([]Release, error) {
		var all []Release
		for _, key := range slices.Sorted(maps.Keys(s.Releases)) {
			all = append(all, clone(*s.Releases[key]))
		}
		return all, nil
	})
}

// SetReleaseStatus records how waiting for a release ended.
func (k *Kubernetes) SetReleaseStatus(namespace, name, status string) error {
	return k.write("record release", func(s *KubernetesState) error {
		if found, ok := s.Releases[Release{Name: name, Namespace: namespace}.key()]; ok {
			found.Status = status
		}
		return nil
	})
}

// Uninstall removes a release and asks for what its manifests made to go.
func (k *Kubernetes) Uninstall(namespace, name string) error {
	return k.write("uninstall "+name, func(s *KubernetesState) error {
		release, ok := s.Releases[Release{Name: name, Namespace: namespace}.key()]
		if !ok {
			return fmt.Errorf("uninstall: Release not loaded: %s: %w", name, errNoRelease)
		}
		delete(s.Releases, release.key())
		if !charts[release.Chart].definitions {
			return nil
		}
		for _, object := range s.ofKind(definitions) {
			if foreign(object, *release) == "" {
				s.condemn(definitions, object, false)
			}
		}
		return nil
	})
}

// Remains are the objects of a release's manifests that are still there, once
// it was uninstalled.
func (k *Kubernetes) Remains(release Release) ([]string, error) {
	return readAPI(k, "await deletion", func(s *KubernetesState) ([]string, error) {
		var left []string
		for _, object := range s.ofKind(definitions) {
			if foreign(object, release) == "" {
				left = append(left, definition+"/"+object.Name())
			}
		}
		return left, nil
	})
}
