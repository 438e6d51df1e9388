package cloud

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

const kubernetesService = "Kubernetes"

// KubernetesState is what a cluster's API server keeps. A cluster in which
// nobody made anything has none.
type KubernetesState struct {
	Objects  map[string]Object   `json:"objects,omitempty"`  // by apiVersion/kind/namespace/name
	Releases map[string]*Release `json:"releases,omitempty"` // by namespace/name
}

// Kubernetes is the API of one cluster. Its operations are named as clients of
// Kubernetes and Helm name them, and refuse in the API server's words, by a
// [*StatusError].
type Kubernetes struct {
	client  *Client
	dryRun  bool
	Cluster Cluster
}

// Kubernetes returns the API of a cluster of the client's region.
func (c *Client) Kubernetes(cluster string) (*Kubernetes, error) {
	found, err := c.DescribeCluster(cluster)
	if err != nil {
		return nil, err
	}
	return &Kubernetes{client: c, Cluster: found}, nil
}

// For returns the API as a provider uses it in one operation on a resource;
// see [Client.For].
func (k *Kubernetes) For(client *Client) *Kubernetes {
	return &Kubernetes{client: client, dryRun: k.dryRun, Cluster: k.Cluster}
}

// DryRun returns the API whose Create and Apply change nothing, and only tell
// what would come of it.
func (k *Kubernetes) DryRun() *Kubernetes {
	return &Kubernetes{client: k.client, dryRun: true, Cluster: k.Cluster}
}

// Client is the client of the account that the API is asked through.
func (k *Kubernetes) Client() *Client { return k.client }

// StatusError is an API server's refusal.
type StatusError struct {
	Code    int
	Reason  string // such as NotFound
	Message string
}

func (e *StatusError) Error() string { return e.Message }

func status(code int, reason, format string, args ...any) *StatusError {
	return &StatusError{code, reason, fmt.Sprintf(format, args...)}
}

// The reasons of refusals that callers tell apart. NoMatch is no reason of an
// API server's: its clients say so of a kind that it does not serve.
const (
	NotFound      = "NotFound"
	AlreadyExists = "AlreadyExists"
	NoMatch       = "NoMatch"
)

// IsStatus tells whether an operation was refused for one of the reasons.
func IsStatus(err error, reasons ...string) bool {
	var refused *StatusError
	return errors.As(err, &refused) && slices.Contains(reasons, refused.Reason)
}

// Kind is a kind of object that clusters here may have.
type Kind struct {
	APIVersion string
	Name       string
	Plural     string
	Namespaced bool
	// Custom: served only while its CustomResourceDefinition is there.
	Custom bool
	// Required are the paths that the API server finds missing.
	Required []string
}

// kinds are all kinds of object.
var kinds = []Kind{
	{APIVersion: "v1", Name: "Namespace", Plural: "namespaces"},
	{APIVersion: "v1", Name: "ConfigMap", Plural: "configmaps", Namespaced: true},
	{APIVersion: "v1", Name: "Node", Plural: "nodes"},
	{APIVersion: "apiextensions.k8s.io/v1", Name: definition, Plural: "customresourcedefinitions"},
	{APIVersion: "karpenter.k8s.aws/v1", Name: "EC2NodeClass", Plural: "ec2nodeclasses", Custom: true, Required: []string{
		"spec", "spec.amiSelectorTerms", "spec.securityGroupSelectorTerms", "spec.subnetSelectorTerms",
	}},
	{APIVersion: "karpenter.sh/v1", Name: "NodePool", Plural: "nodepools", Custom: true, Required: []string{
		"spec", "spec.template", "spec.template.spec", "spec.template.spec.nodeClassRef", "spec.template.spec.requirements",
	}},
	{APIVersion: "karpenter.sh/v1", Name: "NodeClaim", Plural: "nodeclaims", Custom: true},
}

// definition is the kind of the objects that bring custom kinds.
const definition = "CustomResourceDefinition"

// FindKind finds a kind, whether a cluster serves it or not.
func FindKind(apiVersion, name string) (Kind, bool) {
	at := slices.IndexFunc(kinds, func(k Kind) bool { return k.APIVersion == apiVersion && k.Name == name })
	if at < 0 {
		return Kind{}, false
	}
	return kinds[at], true
}

// group is the API group, empty for the core one.
func (k Kind) group() string {
	group, _, ok := strings.Cut(k.APIVersion, "/")
	if !ok {
		return ""
	}
	return group
}

// resource is the kind as refusals name it, such as nodepools.karpenter.sh.
func (k Kind) resource() string {
	if group := k.group(); group != "" {
		return k.Plural + "." + group
	}
	return k.Plural
}

func (k Kind) key(namespace, name string) string {
	return strings.Join([]string{k.APIVersion, k.Name, namespace, name}, "/")
}

func (k Kind) notFound(name string) *StatusError {
	return status(404, NotFound, "%s %q not found", k.resource(), name)
}

// noMatch is what clients say of a kind that no API server here serves now.
func (k Kind) noMatch() *StatusError {
	return status(404, NoMatch, "no matches for kind %q in version %q", k.Name, k.APIVersion)
}

// api is a cluster's state, which may be nil where it is only looked at.
func (st *State) api(cluster string) *KubernetesState {
	if found, ok := st.Kubernetes[cluster]; ok {
		return found
	}
	return &KubernetesState{}
}

// served finds a kind that the API server serves now.
func (s *KubernetesState) served(apiVersion, name string) (Kind, error) {
	kind, ok := FindKind(apiVersion, name)
	if !ok || (kind.Custom && s.definitionOf(kind) == nil) {
		return kind, Kind{APIVersion: apiVersion, Name: name}.noMatch()
	}
	return kind, nil
}

func (s *KubernetesState) definitionOf(kind Kind) Object {
	return s.Objects[definitions.key("", kind.resource())]
}

var definitions, _ = FindKind("apiextensions.k8s.io/v1", definition)

// ofKind are the objects of a kind in the order of their keys.
func (s *KubernetesState) ofKind(kind Kind) []Object {
	var found []Object
	for _, key := range slices.Sorted(maps.Keys(s.Objects)) {
		if s.Objects[key].is(kind) {
			found = append(found, s.Objects[key])
		}
	}
	return found
}

// ownNamespaces are those that every cluster has, and keeps.
var ownNamespaces = []string{"default", "kube-node-lease", "kube-public", "kube-system"}

// namespace finds a namespace: one that was made, or one of the cluster's own.
func (s *KubernetesState) namespace(cluster, name string) (Object, bool) {
	kind := kinds[0]
	if made, ok := s.Objects[kind.key("", name)]; ok {
		return made, true
	}
	if !slices.Contains(ownNamespaces, name) {
		return nil, false
	}
	own := Object{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name}}
	own.born(cluster, kind)
	return own, true
}

// write runs an operation on the API and then lets the control plane finish
// what it has begun.
func (k *Kubernetes) write(operation string, operate func(*KubernetesState) error) error {
	return k.client.write(kubernetesService, operation, func(st *State) error {
		api := st.api(k.Cluster.ARN)
		if err := operate(api); err != nil {
			return err
		}
		api.collect()
		delete(st.Kubernetes, k.Cluster.ARN)
		if len(api.Objects)+len(api.Releases) > 0 {
			st.Kubernetes[k.Cluster.ARN] = api
		}
		return nil
	})
}

func readAPI[T any](k *Kubernetes, operation string, find func(*KubernetesState) (T, error)) (T, error) {
	return read(k.client, kubernetesService, operation, func(st *State) (T, error) { return find(st.api(k.Cluster.ARN)) })
}

// clone copies a value that JSON holds whole.
func clone[T any](value T) T {
	var copied T
	encoded, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(encoded, &copied)
	}
	if err != nil {
		return value // never: all that is kept came from JSON
	}
	return copied
}
