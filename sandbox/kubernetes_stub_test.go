package sandbox_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
)

// noKubernetes is a kubernetes provider that keeps nothing: it takes any object
// and says that it is there.
type noKubernetes struct{ plugin.UnimplementedProvider }

func (*noKubernetes) Attach(string) error { return nil }

func (*noKubernetes) Handshake(context.Context, plugin.ProviderHandshakeRequest) (*plugin.ProviderHandshakeResponse, error) {
	return &plugin.ProviderHandshakeResponse{}, nil
}

func (*noKubernetes) GetPluginInfo(context.Context) (plugin.PluginInfo, error) {
	version := semver.MustParse("4.19.0")
	return plugin.PluginInfo{Version: &version}, nil
}

func (*noKubernetes) CheckConfig(_ context.Context, req plugin.CheckConfigRequest) (plugin.CheckConfigResponse, error) {
	return plugin.CheckConfigResponse{Properties: req.News}, nil
}

func (*noKubernetes) DiffConfig(context.Context, plugin.DiffConfigRequest) (plugin.DiffConfigResponse, error) {
	return plugin.DiffResult{Changes: plugin.DiffNone}, nil
}

func (*noKubernetes) Configure(context.Context, plugin.ConfigureRequest) (plugin.ConfigureResponse, error) {
	return plugin.ConfigureResponse{}, nil
}

func (*noKubernetes) Check(_ context.Context, req plugin.CheckRequest) (plugin.CheckResponse, error) {
	return plugin.CheckResponse{Properties: req.News}, nil
}

func (*noKubernetes) Diff(_ context.Context, req plugin.DiffRequest) (plugin.DiffResult, error) {
	if req.OldInputs.DeepEquals(req.NewInputs) {
		return plugin.DiffResult{Changes: plugin.DiffNone}, nil
	}
	return plugin.DiffResult{Changes: plugin.DiffSome}, nil
}

func (*noKubernetes) Create(_ context.Context, req plugin.CreateRequest) (plugin.CreateResponse, error) {
	return plugin.CreateResponse{ID: resource.ID(req.URN.Name()), Properties: req.Properties}, nil
}

func (*noKubernetes) Read(_ context.Context, req plugin.ReadRequest) (plugin.ReadResponse, error) {
	return plugin.ReadResponse{ReadResult: plugin.ReadResult{ID: req.ID, Inputs: req.Inputs, Outputs: req.State}}, nil
}

func (*noKubernetes) Delete(context.Context, plugin.DeleteRequest) (plugin.DeleteResponse, error) {
	return plugin.DeleteResponse{}, nil
}

func (*noKubernetes) SignalCancellation(context.Context) error { return nil }

// serveKubernetes adds a kubernetes provider to an environment that has none.
func serveKubernetes(t *testing.T, env map[string]string) {
	t.Helper()
	const providers = "PULUMI_DEBUG_PROVIDERS"
	if strings.Contains(env[providers], "kubernetes:") {
		return
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer()
	pulumirpc.RegisterResourceProviderServer(server, plugin.NewProviderServer(&noKubernetes{}))
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.GracefulStop()
		assert.NoError(t, <-done)
	})
	env[providers] += fmt.Sprintf(",kubernetes:%d", listener.Addr().(*net.TCPAddr).Port)
}
