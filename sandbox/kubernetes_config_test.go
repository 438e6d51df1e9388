package sandbox

import (
	"context"
	"net"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/peer"

	"github.com/grafanix/eks-karpenter/sandbox/internal/kubernetes"
)

// from is a request that comes over a connection of its own.
func from(port int) context.Context {
	return peer.NewContext(context.Background(), &peer.Peer{Addr: &net.TCPAddr{Port: port}})
}

func TestUnreachableClusters(t *testing.T) {
	cases := []struct{ name, old, new, want string }{
		{"another endpoint", ".gr7.", ".gr8.", "no such host"},
		{"another certificate", `"certificate-authority-data":"`, `"certificate-authority-data":"AAAA`, "certificate signed by unknown authority"},
		{"credentials of another cluster", `"` + theCluster + `"`, `"other"`, "the server has asked for the client to provide credentials"},
		{"no such context", `"current-context":"it"`, `"current-context":"that"`, `no configuration has been provided for the context "that"`},
		{"no kubeconfig", `{`, `[`, "failed to parse kubeconfig data"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			e := newKubernetes(t)
			e.configure(kubeSettings(t, e.account, c.old, c.new))
			assert.NotEmpty(t, e.preview(namespaceType, e.checked(namespaceType, nil, namespace("shop"))), "previews are complete")
			_, err := e.tryCreate(namespaceType, namespace("shop"))
			require.ErrorContains(t, err, "configured Kubernetes cluster is unreachable: ")
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestConnectionsHaveClustersOfTheirOwn(t *testing.T) {
	account, err := NewAccount(DefaultSpec())
	require.NoError(t, err)
	p := kubernetes.New(account.cloud, briefly)
	settings := kubeSettings(t, account)
	_, err = p.Configure(from(1), plugin.ConfigureRequest{Inputs: resource.NewPropertyMapFromMap(settings)})
	require.NoError(t, err)
	create := plugin.CreateRequest{URN: urn(namespaceType), Type: namespaceType, Properties: resource.NewPropertyMapFromMap(namespace("shop"))}
	_, err = p.Create(from(2), create)
	require.ErrorContains(t, err, "the provider is not configured")
	_, err = p.Create(from(1), create)
	require.NoError(t, err)
}

func TestAnotherClusterReplacesTheProvider(t *testing.T) {
	e := newKubernetes(t)
	settings := resource.NewPropertyMapFromMap(kubeSettings(t, e.account))
	for _, c := range []struct {
		name     string
		news     resource.PropertyMap
		replaces bool
	}{
		{"same", settings, false},
		{"another role", resource.NewPropertyMapFromMap(kubeSettings(t, e.account, `"--cluster-name"`, `"--role","it","--cluster-name"`)), false},
		{"another server", resource.NewPropertyMapFromMap(kubeSettings(t, e.account, ".gr7.", ".gr8.")), true},
		{"unknown", resource.PropertyMap{"kubeconfig": resource.MakeComputed(resource.NewPropertyValue(""))}, true},
	} {
		result, err := e.p.DiffConfig(context.Background(), plugin.DiffConfigRequest{OldInputs: settings, NewInputs: c.news})
		require.NoError(t, err)
		assert.Equal(t, c.replaces, len(result.ReplaceKeys) > 0, c.name)
	}
}

func TestSettingsThatAreNotThere(t *testing.T) {
	e := newKubernetes(t)
	for name, value := range map[string]any{"renderYamlToDirectory": "yaml", "enableServerSideApply": false, "skipUpdateUnreachable": true} {
		response, err := e.p.CheckConfig(context.Background(), plugin.CheckConfigRequest{
			News: resource.NewPropertyMapFromMap(kubeSettings(t, e.account).with(inputs{name: value, "namespace": "shop", "kubeClientSettings": map[string]any{"qps": 5}})),
		})
		require.NoError(t, err)
		require.Len(t, response.Failures, 1)
		assert.Contains(t, response.Failures[0].Reason, "the sandbox does not model the provider setting kubernetes:"+name)
	}
}

func TestTheProvidersNamespaceIsTheDefault(t *testing.T) {
	e := newKubernetes(t)
	e.configure(kubeSettings(t, e.account).with(inputs{"namespace": "kube-system"}))
	assert.Equal(t, "kube-system/settings", string(e.create(configMapType, ofKind("v1", "ConfigMap", "settings", nil)).id))
	assert.Equal(t, "kube-system/karpenter-crd", string(e.create(releaseType, release("karpenter-crd").with(inputs{"namespace": nil})).id))
	assert.Equal(t, "shop", string(e.create(namespaceType, namespace("shop")).id), "a namespace is in none")
}

func TestWhatUnreachableClustersHad(t *testing.T) {
	e := newKubernetes(t)
	m := e.create(namespaceType, namespace("shop"))
	gone := kubeSettings(t, e.account, ".gr7.", ".gr8.")
	e.configure(gone)
	require.ErrorContains(t, e.tryDelete(m), "configured Kubernetes cluster is unreachable")
	e.configure(gone.with(inputs{"deleteUnreachable": true}))
	assert.Empty(t, e.read(m).ID)
	e.delete(m)
}
