package components

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"
)

// engine answers a Pulumi program over gRPC as Pulumi's own engine does, from an account: for programs that call
// pulumi.Run and know nothing of mocks, and for what mocks do not show, the outputs that are registered.
type engine struct {
	pulumirpc.UnimplementedResourceMonitorServer
	pulumirpc.UnimplementedEngineServer
	account *account
	address string

	mu      sync.Mutex
	outputs map[string]map[string]any // by URN
}

// startEngine serves an account until stop is called.
func startEngine(a *account) (e *engine, stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	e = &engine{account: a, address: listener.Addr().String(), outputs: map[string]map[string]any{}}
	server := grpc.NewServer()
	pulumirpc.RegisterResourceMonitorServer(server, e)
	pulumirpc.RegisterEngineServer(server, e)
	go server.Serve(listener) //nolint:errcheck // ends with Stop
	return e, server.Stop, nil
}

var keep = plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true, KeepResources: true}

func (e *engine) SupportsFeature(_ context.Context, in *pulumirpc.SupportsFeatureRequest) (*pulumirpc.SupportsFeatureResponse, error) {
	return &pulumirpc.SupportsFeatureResponse{HasSupport: in.GetId() == "secrets" || in.GetId() == "resourceReferences"}, nil
}

func (e *engine) Log(_ context.Context, in *pulumirpc.LogRequest) (*emptypb.Empty, error) {
	fmt.Fprintln(os.Stderr, in.GetMessage())
	return &emptypb.Empty{}, nil
}

func (e *engine) RegisterResource(_ context.Context, in *pulumirpc.RegisterResourceRequest) (*pulumirpc.RegisterResourceResponse, error) {
	if in.GetType() == string(resource.RootStackType) {
		return &pulumirpc.RegisterResourceResponse{Urn: urnStart + in.GetType() + "::" + in.GetName()}, nil
	}
	made, err := newRegistration(in)
	if err != nil {
		return nil, err
	}
	inputs, err := plugin.UnmarshalProperties(in.GetObject(), keep)
	if err != nil {
		return nil, err
	}
	id, outputs, err := e.account.NewResource(pulumi.MockResourceArgs{
		TypeToken: in.GetType(), Name: in.GetName(), Inputs: inputs, Custom: in.GetCustom(), RegisterRPC: in,
	})
	if err != nil {
		return nil, err
	}
	object, err := plugin.MarshalProperties(outputs, keep)
	return &pulumirpc.RegisterResourceResponse{Urn: urnStart + made.urn, Id: id, Object: object}, err
}

func (e *engine) Invoke(_ context.Context, in *pulumirpc.ResourceInvokeRequest) (*pulumirpc.ResourceInvokeResponse, error) {
	args, err := plugin.UnmarshalProperties(in.GetArgs(), keep)
	if err != nil {
		return nil, err
	}
	answer, err := e.account.Call(pulumi.MockCallArgs{Token: in.GetTok(), Args: args, Provider: in.GetProvider()})
	if err != nil {
		return nil, err
	}
	var object *structpb.Struct
	object, err = plugin.MarshalProperties(answer, keep)
	return &pulumirpc.ResourceInvokeResponse{Return: object}, err
}

// RegisterResourceOutputs prints the outputs of the stack, as pulumi up does at its end.
func (e *engine) RegisterResourceOutputs(_ context.Context, in *pulumirpc.RegisterResourceOutputsRequest) (*emptypb.Empty, error) {
	outputs, err := plugin.UnmarshalProperties(in.GetOutputs(), keep)
	if err != nil {
		return nil, err
	}
	values := readable(resource.NewProperty(outputs)).(map[string]any)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.outputs[short(in.GetUrn())] = values
	if strings.HasPrefix(short(in.GetUrn()), string(resource.RootStackType)) {
		for _, name := range slices.Sorted(maps.Keys(values)) {
			fmt.Printf("%s: %s\n", name, pretty(values[name]))
		}
	}
	return &emptypb.Empty{}, nil
}

// TestMain lets Example run as it stands: pulumi.Run finds an engine where the Pulumi CLI says it is. After all tests it
// looks for golden files that none of them read.
func TestMain(m *testing.M) {
	a := newAccount()
	a.clusterName = "my-cluster"
	e, _, err := startEngine(a)
	if err != nil {
		panic(err)
	}
	for name, value := range map[string]string{
		pulumi.EnvProject: "eks-karpenter", pulumi.EnvStack: "test", pulumi.EnvMonitor: e.address, pulumi.EnvEngine: e.address,
	} {
		if err := os.Setenv(name, value); err != nil {
			panic(err)
		}
	}
	code := m.Run()
	if flag.Lookup("test.run").Value.String() == "" && flag.Lookup("test.skip").Value.String() == "" {
		for _, name := range unusedGoldens() {
			fmt.Fprintf(os.Stderr, "testdata/%s is of no test any more: delete it\n", name)
			code = 1
		}
	}
	os.Exit(code)
}

func TestTheEngineLearnsTheOutputsOfEveryComponent(t *testing.T) {
	t.Parallel()
	a := newAccount()
	e, stop, err := startEngine(a)
	require.NoError(t, err)
	defer stop()
	var karpenter *Karpenter
	require.NoError(t, pulumi.RunErr(func(ctx *pulumi.Context) (err error) {
		karpenter, err = NewKarpenter(ctx, "karpenter", &KarpenterArgs{ClusterName: "shop"})
		return err
	}, func(info *pulumi.RunInfo) { info.MonitorAddr, info.EngineAddr = e.address, e.address }))

	const within = "eks-karpenter:index:Karpenter$eks-karpenter:index:"
	assert.Equal(t, map[string]map[string]any{
		"pulumi:pulumi:Stack::eks-karpenter-test":                  {},
		"eks-karpenter:index:Karpenter::karpenter":                 outputs(t, karpenter),
		within + "ControllerRole::karpenter-controller-role":       outputs(t, karpenter.ControllerRole),
		within + "NodeRole::karpenter-node-role":                   outputs(t, karpenter.NodeRole),
		within + "InterruptionQueue::karpenter-interruption-queue": outputs(t, karpenter.InterruptionQueue),
		within + "ClusterTags::karpenter-cluster-tags":             outputs(t, karpenter.ClusterTags),
	}, e.outputs)
}
