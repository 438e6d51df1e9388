package cloud

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// The charts that there are.
const (
	karpenterChart     = "karpenter"
	karpenterCRDsChart = "karpenter-crd"
)

// chart is what a chart of Karpenter's makes, as far as it matters here.
type chart struct {
	// definitions: its manifests hold Karpenter's CustomResourceDefinitions.
	// The other chart has them beside its manifests: Helm makes those that are
	// missing, and never changes or removes one.
	definitions bool
	// names are the objects of its manifests, by kind; {name} is the release's
	// full name, {namespace} its namespace.
	names map[string][]string
}

// charts are all charts, as of Karpenter 1.14 with its default values.
var charts = map[string]chart{
	karpenterCRDsChart: {definitions: true, names: map[string][]string{"CustomResourceDefinition.apiextensions.k8s.io/apiextensions.k8s.io/v1": definitionNames}},
	karpenterChart: {names: map[string][]string{
		"PodDisruptionBudget.policy/policy/v1": {"{namespace}/{name}"},
		"ServiceAccount/v1":                    {"{namespace}/{name}"},
		"ClusterRole.rbac.authorization.k8s.io/rbac.authorization.k8s.io/v1":        {"{name}-admin", "{name}-core", "{name}"},
		"ClusterRoleBinding.rbac.authorization.k8s.io/rbac.authorization.k8s.io/v1": {"{name}-core", "{name}"},
		"Role.rbac.authorization.k8s.io/rbac.authorization.k8s.io/v1":               {"{namespace}/{name}", "kube-system/{name}-dns", "kube-node-lease/{name}-lease"},
		"RoleBinding.rbac.authorization.k8s.io/rbac.authorization.k8s.io/v1":        {"{namespace}/{name}", "kube-system/{name}-dns", "kube-node-lease/{name}-lease"},
		"Service/v1":              {"{namespace}/{name}"},
		"Deployment.apps/apps/v1": {"{namespace}/{name}"},
	}},
}

// definitionNames are the CustomResourceDefinitions of Karpenter.
var definitionNames = []string{
	"capacitybuffers.autoscaling.x-k8s.io", "ec2nodeclasses.karpenter.k8s.aws",
	"nodeclaims.karpenter.sh", "nodeoverlays.karpenter.sh", "nodepools.karpenter.sh",
}

// chartVersion is the form of the versions of Karpenter's charts since 1.0.
var chartVersion = regexp.MustCompile(`^[1-9]\d*\.\d+\.\d+(-[0-9A-Za-z.-]+)?$`)

// FindChart finds a chart by where it is, oci://…/karpenter/karpenter or a
// mirror of it, and its version. Every version of the right form exists.
func FindChart(reference, version string) (name string, err error) {
	parts := strings.Split(strings.TrimPrefix(reference, "oci://"), "/")
	name = parts[len(parts)-1]
	known := strings.HasPrefix(reference, "oci://") && len(parts) > 2 && slices.Contains(parts[1:len(parts)-1], "karpenter")
	switch _, ok := charts[name]; {
	case !ok || !known:
		return "", fmt.Errorf("the sandbox has no chart %q: it has oci://…/karpenter/karpenter and oci://…/karpenter/karpenter-crd", reference)
	case version == "":
		return "", fmt.Errorf("the sandbox does not know the newest version of the chart %q: give its version", reference)
	case !chartVersion.MatchString(version):
		return "", fmt.Errorf("failed to perform \"FetchReference\" on source: %s:%s: not found", strings.TrimPrefix(reference, "oci://"), version)
	}
	return name, nil
}

// ResourceNames are the objects in a release's manifests, by kind.
func (r Release) ResourceNames() map[string][]string {
	fill := strings.NewReplacer("{name}", r.FullName(), "{namespace}", r.Namespace)
	all := map[string][]string{}
	for kind, names := range charts[r.Chart].names {
		for _, name := range names {
			all[kind] = append(all[kind], fill.Replace(name))
		}
	}
	return all
}

// FullName is the name of what the chart makes, by its template of that name.
func (r Release) FullName() string {
	values := Object(r.Values)
	if name := values.Text("fullnameOverride"); name != "" {
		return name
	}
	name := values.Text("nameOverride")
	if name == "" {
		name = r.Chart
	}
	if strings.Contains(r.Name, name) {
		return r.Name
	}
	return r.Name + "-" + name
}

// ServiceAccount is the name of the service account of Karpenter's pods.
func (r Release) ServiceAccount() string {
	values := Object(r.Values)
	if name := values.Text("serviceAccount", "name"); name != "" {
		return name
	}
	if made, given := values.At("serviceAccount", "create").(bool); given && !made {
		return "default"
	}
	return r.FullName()
}

// RunsKarpenter tells whether a release runs Karpenter's controller.
func (r Release) RunsKarpenter() bool { return r.Chart == karpenterChart }
