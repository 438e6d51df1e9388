package sandbox

import (
	"context"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/sandbox/internal/provider"
)

// inputs are a resource's inputs as a program gives them.
type inputs map[string]any

func (in inputs) with(more inputs) inputs {
	all := inputs{}
	for _, part := range []inputs{in, more} {
		for name, value := range part {
			all[name] = value
			if value == nil {
				delete(all, name)
			}
		}
	}
	return all
}

// engine talks to the provider as the Pulumi engine does, without its process.
type engine struct {
	t       *testing.T
	p       plugin.GrpcProvider
	account *Account
}

// made is a resource that the engine keeps in its state.
type made struct {
	token           string
	id              resource.ID
	inputs, outputs resource.PropertyMap
}

func (m made) output(name string) string {
	if v := m.outputs[resource.PropertyKey(name)]; v.IsString() {
		return v.StringValue()
	}
	return ""
}

// newEngine serves a fresh account, changed by the edits to its spec.
func newEngine(t *testing.T, edits ...func(*Spec)) *engine {
	t.Helper()
	spec := DefaultSpec()
	for _, edit := range edits {
		edit(&spec)
	}
	account, err := NewAccount(spec)
	require.NoError(t, err)
	return serveIn(t, account, spec.Clusters[0].Region)
}

// serve serves an account in the default region.
func serve(t *testing.T, account *Account) *engine {
	t.Helper()
	return serveIn(t, account, "ap-northeast-2")
}

func serveIn(t *testing.T, account *Account, region string) *engine {
	t.Helper()
	e := &engine{t: t, p: provider.New(account.cloud), account: account}
	_, err := e.p.Configure(context.Background(), plugin.ConfigureRequest{
		Inputs: resource.PropertyMap{"region": resource.NewPropertyValue(region)},
	})
	require.NoError(t, err)
	return e
}

func urn(token string) resource.URN {
	return resource.NewURN("dev", "test", "", tokens.Type(token), "thing")
}

// check runs Check; olds are the resource's inputs so far.
func (e *engine) check(token string, olds resource.PropertyMap, in inputs) plugin.CheckResponse {
	e.t.Helper()
	response, err := e.p.Check(context.Background(), plugin.CheckRequest{
		URN: urn(token), Type: tokens.Type(token), Olds: olds, News: resource.NewPropertyMapFromMap(in),
	})
	require.NoError(e.t, err)
	return response
}

// checked returns inputs that must pass Check.
func (e *engine) checked(token string, olds resource.PropertyMap, in inputs) resource.PropertyMap {
	e.t.Helper()
	response := e.check(token, olds, in)
	require.Empty(e.t, response.Failures)
	return response.Properties
}

func (e *engine) tryCreate(token string, in inputs) (made, error) {
	e.t.Helper()
	news := e.checked(token, nil, in)
	response, err := e.p.Create(context.Background(), plugin.CreateRequest{URN: urn(token), Type: tokens.Type(token), Properties: news})
	return made{token: token, id: response.ID, inputs: news, outputs: response.Properties}, err
}

func (e *engine) create(token string, in inputs) made {
	e.t.Helper()
	m, err := e.tryCreate(token, in)
	require.NoError(e.t, err)
	require.NotEmpty(e.t, m.id)
	return m
}

func (e *engine) preview(token string, in resource.PropertyMap) resource.PropertyMap {
	e.t.Helper()
	response, err := e.p.Create(context.Background(), plugin.CreateRequest{URN: urn(token), Type: tokens.Type(token), Properties: in, Preview: true})
	require.NoError(e.t, err)
	return response.Properties
}

func (e *engine) diff(m made, news resource.PropertyMap) plugin.DiffResult {
	e.t.Helper()
	result, err := e.p.Diff(context.Background(), plugin.DiffRequest{
		URN: urn(m.token), Type: tokens.Type(m.token), ID: m.id, OldInputs: m.inputs, OldOutputs: m.outputs, NewInputs: news,
	})
	require.NoError(e.t, err)
	return result
}

func (e *engine) updateRequest(m made, news resource.PropertyMap) plugin.UpdateRequest {
	return plugin.UpdateRequest{
		URN: urn(m.token), Type: tokens.Type(m.token), ID: m.id, OldInputs: m.inputs, OldOutputs: m.outputs, NewInputs: news,
	}
}

func (e *engine) update(m made, news resource.PropertyMap, preview bool) made {
	e.t.Helper()
	request := e.updateRequest(m, news)
	request.Preview = preview
	response, err := e.p.Update(context.Background(), request)
	require.NoError(e.t, err)
	return made{token: m.token, id: m.id, inputs: news, outputs: response.Properties}
}

func (e *engine) tryUpdate(m made, news resource.PropertyMap) (made, error) {
	e.t.Helper()
	response, err := e.p.Update(context.Background(), e.updateRequest(m, news))
	return made{token: m.token, id: m.id, inputs: news, outputs: response.Properties}, err
}

// read refreshes a resource.
func (e *engine) read(m made) plugin.ReadResponse {
	e.t.Helper()
	response, err := e.p.Read(context.Background(), plugin.ReadRequest{
		URN: urn(m.token), Type: tokens.Type(m.token), ID: m.id, Inputs: m.inputs, State: m.outputs,
	})
	require.NoError(e.t, err)
	return response
}

// imported reads a resource by nothing but its import id.
func (e *engine) imported(token, id string) made {
	e.t.Helper()
	response, err := e.p.Read(context.Background(), plugin.ReadRequest{URN: urn(token), Type: tokens.Type(token), ID: resource.ID(id)})
	require.NoError(e.t, err)
	return made{token: token, id: response.ID, inputs: response.Inputs, outputs: response.Outputs}
}

func (e *engine) tryDelete(m made) error {
	_, err := e.p.Delete(context.Background(), plugin.DeleteRequest{
		URN: urn(m.token), Type: tokens.Type(m.token), ID: m.id, Inputs: m.inputs, Outputs: m.outputs,
	})
	return err
}

func (e *engine) delete(m made) {
	e.t.Helper()
	require.NoError(e.t, e.tryDelete(m))
}

func (e *engine) invoke(token string, in inputs) (plugin.InvokeResponse, error) {
	return e.p.Invoke(context.Background(), plugin.InvokeRequest{
		Tok: tokens.ModuleMember(token), Args: resource.NewPropertyMapFromMap(in),
	})
}
