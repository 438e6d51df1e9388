package sandbox

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/sandbox/internal/kubernetes"
)

// The tokens of the kubernetes provider's types.
const (
	namespaceType = "kubernetes:core/v1:Namespace"
	configMapType = "kubernetes:core/v1:ConfigMap"
	releaseType   = "kubernetes:helm.sh/v3:Release"
	classType     = "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass"
	poolType      = "kubernetes:karpenter.sh/v1:NodePool"
)

// briefly is how long these tests wait for what does not come.
const briefly = 10 * time.Millisecond

const karpenterHome = "oci://public.ecr.aws/karpenter/"

// kubeSettings are a provider's settings for a cluster of the account, with
// changes to its kubeconfig.
func kubeSettings(t *testing.T, account *Account, edits ...string) inputs {
	t.Helper()
	client, err := account.Client("ap-northeast-2")
	require.NoError(t, err)
	cluster, err := client.DescribeCluster(theCluster)
	require.NoError(t, err)
	named := func(kind string, value any) []any { return []any{map[string]any{"name": "it", kind: value}} }
	text, err := json.Marshal(map[string]any{
		"current-context": "it",
		"contexts":        named("context", map[string]any{"cluster": "it", "user": "it"}),
		"clusters":        named("cluster", map[string]any{"server": cluster.Endpoint, "certificate-authority-data": cluster.CertificateData}),
		"users":           named("user", map[string]any{"exec": map[string]any{"args": []string{"eks", "get-token", "--cluster-name", theCluster}}}),
	})
	require.NoError(t, err)
	return inputs{"kubeconfig": strings.NewReplacer(edits...).Replace(string(text))}
}

func (e *engine) configure(settings inputs) {
	e.t.Helper()
	_, err := e.p.Configure(context.Background(), plugin.ConfigureRequest{Inputs: resource.NewPropertyMapFromMap(settings)})
	require.NoError(e.t, err)
}

// newKubernetes serves the first cluster of a fresh account.
func newKubernetes(t *testing.T) *engine {
	t.Helper()
	account, err := NewAccount(DefaultSpec())
	require.NoError(t, err)
	e := &engine{t: t, p: kubernetes.New(account.cloud, briefly), account: account}
	e.configure(kubeSettings(t, account))
	return e
}

func (e *engine) api() Kubernetes {
	e.t.Helper()
	api, err := e.account.Kubernetes("ap-northeast-2", theCluster)
	require.NoError(e.t, err)
	return api
}

func ofKind(apiVersion, kind, name string, more inputs) inputs {
	return inputs{"apiVersion": apiVersion, "kind": kind, "metadata": map[string]any{"name": name}}.with(more)
}

func namespace(name string) inputs { return ofKind("v1", "Namespace", name, nil) }

// nodeClass is a class of nodes in the default account.
func nodeClass(name string) inputs {
	return ofKind("karpenter.k8s.aws/v1", "EC2NodeClass", name, inputs{"spec": map[string]any{
		"role":                       nodesRole,
		"amiSelectorTerms":           []any{map[string]any{"alias": "al2023@latest"}},
		"subnetSelectorTerms":        []any{map[string]any{"tags": map[string]any{"kubernetes.io/role/internal-elb": "1", "Name": theCluster + "*"}}},
		"securityGroupSelectorTerms": []any{map[string]any{"id": "sg-06e4c1a85d7f2b930"}},
	}})
}

func nodePool(name string) inputs {
	return ofKind("karpenter.sh/v1", "NodePool", name, inputs{"spec": map[string]any{"template": map[string]any{"spec": map[string]any{
		"nodeClassRef": map[string]any{"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "default"},
		"requirements": []any{},
	}}}})
}

func release(chart string) inputs {
	return inputs{"name": chart, "namespace": "kube-system", "chart": karpenterHome + chart, "version": "1.14.0"}
}

var definitions = sample{token: releaseType, in: release("karpenter-crd")}

// kubernetesSamples are one resource of every type of a cluster.
var kubernetesSamples = []sample{
	{
		token: namespaceType, id: "shop", in: namespace("shop"),
		update: inputs{"metadata": map[string]any{"name": "shop", "labels": map[string]any{"team": "web"}}},
	},
	{
		token: configMapType, id: "default/settings",
		in:     ofKind("v1", "ConfigMap", "settings", inputs{"data": map[string]any{"a": "1"}}),
		update: inputs{"metadata": map[string]any{"name": "settings", "labels": map[string]any{"team": "web"}}},
	},
	{
		token: releaseType, id: "kube-system/karpenter-crd", unknown: []string{"status", "resourceNames"},
		in: release("karpenter-crd"), update: inputs{"version": "1.14.1", "values": map[string]any{"a": 1}},
	},
	{
		token: classType, needs: []sample{definitions}, id: "default",
		in: nodeClass("default"), update: inputs{"spec": nodeClass("other")["spec"].(map[string]any), "metadata": map[string]any{"name": "default", "labels": map[string]any{"a": "1"}}},
	},
	{
		token: poolType, needs: []sample{definitions}, id: "default",
		in: nodePool("default"), update: inputs{"metadata": map[string]any{"name": "default", "annotations": map[string]any{"a": "1"}}},
	},
}

// TestLifecycleOfEveryTypeOfACluster makes, reads, updates and deletes one
// resource of every type of a cluster.
func TestLifecycleOfEveryTypeOfACluster(t *testing.T) {
	for _, s := range kubernetesSamples {
		t.Run(s.token, func(t *testing.T) {
			e := newKubernetes(t)
			for _, need := range s.needs {
				e.create(need.token, need.in)
			}
			start := string(e.account.Dump())
			foreseen := e.preview(s.token, e.checked(s.token, nil, s.in))
			for _, name := range s.unknown {
				assert.True(t, foreseen[resource.PropertyKey(name)].IsComputed(), "%s is unknown in a preview", name)
			}
			assert.Equal(t, start, string(e.account.Dump()), "a preview changes nothing")

			m := e.create(s.token, s.in)
			assert.Equal(t, s.id, string(m.id))
			s.steady(t, e, m)
			news := e.checked(s.token, m.inputs, s.in.with(s.update))
			result := e.diff(m, news)
			require.Equal(t, plugin.DiffSome, result.Changes)
			assert.Empty(t, result.ReplaceKeys)
			m = e.update(m, news, false)
			s.steady(t, e, m)

			e.delete(m)
			assert.Equal(t, start, string(e.account.Dump()), "deleted, the account is as before")
			assert.Empty(t, e.read(m).ID, "what is gone has no id")
		})
	}
}

// steady: a refresh changes nothing, and neither does the program.
func (s sample) steady(t *testing.T, e *engine, m made) {
	t.Helper()
	refreshed := e.read(m)
	assert.Equal(t, m.outputs, refreshed.Outputs)
	assert.Equal(t, m.inputs, refreshed.Inputs)
	assert.Equal(t, plugin.DiffNone, e.diff(m, m.inputs).Changes)
	assert.Equal(t, m.id, e.imported(s.token, string(m.id)).id)
}

func TestClustersRefuse(t *testing.T) {
	cases := []struct {
		name, token string
		in          inputs
		want        string
	}{
		{"a taken name", namespaceType, namespace("kube-system"), `namespaces "kube-system" already exists`},
		{"a bad name", namespaceType, namespace("Shop"), `Namespace "Shop" is invalid: metadata.name: Invalid value: "Shop"`},
		{
			"a namespace that is not there", configMapType,
			inputs{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "a", "namespace": "shop"}},
			`namespaces "shop" not found`,
		},
		{"a kind without its definition", poolType, nodePool("default"), `no matches for kind "NodePool" in version "karpenter.sh/v1"`},
		{"a release into no namespace", releaseType, release("karpenter").with(inputs{"namespace": "shop"}), `create: failed to create: namespaces "shop" not found`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			e := newKubernetes(t)
			start := string(e.account.Dump())
			_, err := e.tryCreate(c.token, c.in)
			require.ErrorContains(t, err, c.want)
			assert.Equal(t, start, string(e.account.Dump()))
		})
	}
}

func TestDefinitionsJudgeTheirObjects(t *testing.T) {
	e := newKubernetes(t)
	e.create(releaseType, release("karpenter-crd"))
	_, err := e.tryCreate(classType, ofKind("karpenter.k8s.aws/v1", "EC2NodeClass", "default", inputs{"spec": map[string]any{"role": "a", "instanceProfile": "b"}}))
	require.ErrorContains(t, err, `EC2NodeClass.karpenter.k8s.aws "default" is invalid: [spec.amiSelectorTerms: Required value, `)
	require.ErrorContains(t, err, "must specify exactly one of ['role', 'instanceProfile']")
	e.create(poolType, nodePool("default"))
	_, err = e.tryCreate(poolType, nodePool("default"))
	require.ErrorContains(t, err, `nodepools.karpenter.sh "default" already exists`)
}

func TestNamesOfObjects(t *testing.T) {
	e := newKubernetes(t)
	unnamed := inputs{"apiVersion": "v1", "kind": "Namespace"}
	first := e.checked(namespaceType, nil, unnamed)
	name := first["metadata"].ObjectValue()["name"].StringValue()
	assert.Regexp(t, `^thing-[0-9a-f]{8}$`, name)
	assert.Equal(t, first, e.checked(namespaceType, first, unnamed), "an update keeps the name")

	m := e.create(namespaceType, namespace("shop"))
	result := e.diff(m, e.checked(namespaceType, m.inputs, namespace("store")))
	assert.Equal(t, []resource.PropertyKey{"metadata"}, result.ReplaceKeys)
	assert.False(t, result.DeleteBeforeReplace, "both can be there at a time")
	settings := ofKind("v1", "ConfigMap", "settings", inputs{"data": map[string]any{"a": "1"}})
	m = e.create(configMapType, settings)
	result = e.diff(m, e.checked(configMapType, m.inputs, settings.with(inputs{"data": map[string]any{"a": "2"}})))
	assert.Equal(t, []resource.PropertyKey{"data"}, result.ReplaceKeys, "data of a ConfigMap does not change")
	assert.True(t, result.DeleteBeforeReplace, "under the same name")
}

func TestWhatOthersSetStays(t *testing.T) {
	e := newKubernetes(t)
	m := e.create(namespaceType, ofKind("v1", "Namespace", "shop", inputs{"metadata": map[string]any{"name": "shop", "labels": map[string]any{"mine": "1"}}}))
	live, err := e.api().Get("v1", "Namespace", "", "shop")
	require.NoError(t, err)
	_, err = e.api().Patch(live, func(o Object) {
		o.Set("theirs", "metadata", "labels", "other")
		o.Set("drifted", "metadata", "labels", "mine")
	})
	require.NoError(t, err)
	refreshed := e.read(m)
	m.outputs = refreshed.Outputs
	assert.Equal(t, plugin.DiffSome, e.diff(m, m.inputs).Changes, "drift shows")
	m = e.update(m, e.checked(namespaceType, m.inputs, namespace("shop")), false)
	live, err = e.api().Get("v1", "Namespace", "", "shop")
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"kubernetes.io/metadata.name": "shop", "other": "theirs"}, live.At("metadata", "labels"))
	e.delete(m)
}

func TestNamespacesTakeWhatIsInThem(t *testing.T) {
	e := newKubernetes(t)
	start := string(e.account.Dump())
	m := e.create(namespaceType, namespace("shop"))
	e.create(configMapType, inputs{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "a", "namespace": "shop"}})
	e.create(releaseType, release("karpenter").with(inputs{"namespace": "shop", "skipCrds": true, "skipAwait": true}))
	e.delete(m)
	assert.Equal(t, start, string(e.account.Dump()))
	require.ErrorContains(t, e.tryDelete(made{token: namespaceType, id: "kube-system"}), `namespaces "kube-system" is forbidden: this namespace may not be deleted`)
}

func TestEqualClustersWhateverTheOrder(t *testing.T) {
	dumps := map[string]bool{}
	for i := range 2 {
		e := newKubernetes(t)
		e.create(releaseType, release("karpenter-crd"))
		for j := range 2 {
			e.create(namespaceType, namespace(fmt.Sprint("ns-", (i+j)%2)))
		}
		dumps[string(e.account.Dump())] = true
	}
	assert.Len(t, dumps, 1)
}

func TestClustersAreKeptInTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "account.json")
	account, err := Open(path, DefaultSpec())
	require.NoError(t, err)
	e := &engine{t: t, p: kubernetes.New(account.cloud, briefly), account: account}
	e.configure(kubeSettings(t, account))
	e.create(releaseType, release("karpenter-crd"))
	e.create(poolType, nodePool("default"))
	again, err := Open(path, Spec{})
	require.NoError(t, err)
	assert.Equal(t, string(account.Dump()), string(again.Dump()))
}

// TestFaultsStrikeClusters: what a creation made before it failed is known to
// the engine, and what never happened is not there.
func TestFaultsStrikeClusters(t *testing.T) {
	e := newKubernetes(t)
	start := string(e.account.Dump())
	for _, c := range []struct {
		fault Fault
		want  string
		there bool
	}{
		{Fault{Effect: FailBefore, Service: "Kubernetes", Operation: "create Namespace"}, "Internal error occurred: ", false},
		{Fault{Effect: Throttle, Service: "Kubernetes", Operation: "create Namespace", Times: 99}, "the server has received too many requests", false},
		{Fault{Effect: FailBefore, Type: namespaceType, Action: "create"}, "the sandbox was told to fail", false},
		{Fault{Effect: FailAfter, Type: namespaceType, Action: "create"}, "the sandbox was told to fail", true},
	} {
		injected, err := e.account.Inject(c.fault)
		require.NoError(t, err)
		_, err = e.tryCreate(namespaceType, namespace("shop"))
		require.ErrorContains(t, err, c.want)
		assert.Equal(t, c.there, string(e.account.Dump()) != start)
		assert.Equal(t, c.there, len(detailsOf(err)) > 0, "the engine is told what exists")
		injected.Remove()
	}
}

func TestSecretsStaySecret(t *testing.T) {
	e := newKubernetes(t)
	in := resource.NewPropertyMapFromMap(ofKind("v1", "ConfigMap", "settings", nil))
	in["data"] = resource.NewPropertyValue(resource.PropertyMap{"a": resource.MakeSecret(resource.NewPropertyValue("1")), "b": resource.NewPropertyValue("2")})
	checked, err := e.p.Check(context.Background(), plugin.CheckRequest{URN: urn(configMapType), Type: configMapType, News: in})
	require.NoError(t, err)
	made, err := e.p.Create(context.Background(), plugin.CreateRequest{URN: urn(configMapType), Type: configMapType, Properties: checked.Properties})
	require.NoError(t, err)
	data := made.Properties["data"].ObjectValue()
	assert.True(t, data["a"].IsSecret())
	assert.False(t, data["b"].ContainsSecrets())
}
