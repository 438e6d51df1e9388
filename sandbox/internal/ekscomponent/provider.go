// Package ekscomponent is a double of the plugin of pulumi-eks: it constructs
// eks:index:Cluster out of the resources of AWS and Kubernetes that pulumi-eks
// registers, under the same parents and names and with the same inputs. What
// it does not model, it refuses by name.
//
// It differs where pulumi-eks looks out of the account: it neither waits for
// the API server to answer nor asks the issuer for its certificate.
package ekscomponent

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// The releases that the double follows: of pulumi-eks, and of the providers
// whose resources pulumi-eks registers.
const (
	version    = "3.9.1"
	aws        = "6.79.1"
	kubernetes = "4.19.0"
)

// clusterToken is the only component that there is.
const clusterToken = "eks:index:Cluster"

// Server is the plugin. It serves one engine after another; what several at
// once are told in the course of their work, the last one shows.
type Server struct {
	pulumirpc.UnimplementedResourceProviderServer

	mu      sync.Mutex
	engines []*provider.HostClient // all that came
}

// New returns a plugin that no engine uses yet.
func New() *Server { return &Server{} }

// Attach tells the plugin of the engine that is going to use it.
func (s *Server) Attach(_ context.Context, req *pulumirpc.PluginAttach) (*emptypb.Empty, error) {
	engine, err := provider.NewHostClient(req.GetAddress())
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.engines = append(s.engines, engine)
	return &emptypb.Empty{}, nil
}

// Close parts from the engines. None is served any more.
func (s *Server) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var failed error
	for _, engine := range s.engines {
		failed = errors.Join(failed, engine.Close())
	}
	s.engines = nil
	return failed
}

// last is the engine that came last.
func (s *Server) last() (*provider.HostClient, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.engines) == 0 {
		return nil, status.Error(codes.FailedPrecondition, "no engine is attached")
	}
	return s.engines[len(s.engines)-1], nil
}

// GetPluginInfo returns the release of pulumi-eks.
func (s *Server) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: version}, nil
}

// GetSchema has none to give.
func (s *Server) GetSchema(context.Context, *pulumirpc.GetSchemaRequest) (*pulumirpc.GetSchemaResponse, error) {
	return &pulumirpc.GetSchemaResponse{Schema: "{}"}, nil
}

// CheckConfig takes any configuration: the provider eks has none.
func (s *Server) CheckConfig(_ context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	return &pulumirpc.CheckResponse{Inputs: req.GetNews()}, nil
}

// DiffConfig finds nothing that could change.
func (s *Server) DiffConfig(context.Context, *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	return &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}, nil
}

// Configure tells the engine what the plugin takes.
func (s *Server) Configure(context.Context, *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	return &pulumirpc.ConfigureResponse{AcceptSecrets: true, SupportsPreview: true, AcceptResources: true, AcceptOutputs: true}, nil
}

// Cancel has nothing to end: it is the resources that take time.
func (s *Server) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// Call refuses the component's methods.
func (s *Server) Call(_ context.Context, req *pulumirpc.CallRequest) (*pulumirpc.CallResponse, error) {
	return nil, status.Errorf(codes.Unimplemented, "the sandbox does not have the method %s", req.GetTok())
}

// Construct registers a cluster with all that belongs to it.
func (s *Server) Construct(ctx context.Context, req *pulumirpc.ConstructRequest) (*pulumirpc.ConstructResponse, error) {
	if req.GetType() != clusterToken {
		return nil, status.Errorf(codes.Unimplemented, "the sandbox does not have the component %s", req.GetType())
	}
	given, err := plugin.UnmarshalProperties(req.GetInputs(), plugin.MarshalOptions{
		KeepUnknowns: true, KeepSecrets: true, KeepResources: true, KeepOutputValues: true,
	})
	if err != nil {
		return nil, fmt.Errorf("reading the inputs of %s: %w", req.GetName(), err)
	}
	if err := check(given); err != nil {
		return nil, fmt.Errorf("%s (%s): %w", clusterToken, req.GetName(), err)
	}
	engine, err := s.last()
	if err != nil {
		return nil, err
	}
	return provider.Construct(ctx, req, engine.EngineConn(), func(
		ctx *pulumi.Context, _, name string, inputs provider.ConstructInputs, options pulumi.ResourceOption,
	) (*provider.ConstructResult, error) {
		outputs, err := inputs.Map()
		if err != nil {
			return nil, err
		}
		return newCluster(ctx, name, args{given, outputs}, options)
	})
}
