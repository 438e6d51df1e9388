package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"

	"github.com/grafanix/eks-karpenter/sandbox/internal/provider"
)

// maxMessage is the size of the engine's largest messages, as the engine
// itself sets it.
const maxMessage = 400 << 20

// Server serves an account to Pulumi engines, as the aws provider of one
// region: the one that the first program configures.
type Server struct {
	grpc     *grpc.Server
	provider *provider.Provider
	port     int
	done     chan error
}

// Start serves an account on a free port of the loopback interface, until
// Close.
func Start(account *Account) (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("starting the sandbox: %w", err)
	}
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		return nil, errors.Join(fmt.Errorf("starting the sandbox: no port in %s", listener.Addr()), listener.Close())
	}
	server := &Server{
		grpc:     grpc.NewServer(grpc.MaxRecvMsgSize(maxMessage), grpc.UnaryInterceptor(configureAlone())),
		provider: provider.New(account.cloud),
		port:     address.Port,
		done:     make(chan error, 1),
	}
	pulumirpc.RegisterResourceProviderServer(server.grpc, plugin.NewProviderServer(server.provider))
	go func() { server.done <- server.grpc.Serve(listener) }()
	return server, nil
}

// configureAlone lets no other call run while an engine introduces itself: what
// the two agree on, the SDK's server keeps without a lock. The signal to cancel
// waits for nobody: what it is to end may be what the others wait for.
func configureAlone() grpc.UnaryServerInterceptor {
	var agreed sync.RWMutex
	alone := []string{pulumirpc.ResourceProvider_Handshake_FullMethodName, pulumirpc.ResourceProvider_Configure_FullMethodName}
	return func(ctx context.Context, request any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
		switch {
		case info.FullMethod == pulumirpc.ResourceProvider_Cancel_FullMethodName:
		case slices.Contains(alone, info.FullMethod):
			agreed.Lock()
			defer agreed.Unlock()
		default:
			agreed.RLock()
			defer agreed.RUnlock()
		}
		return handle(ctx, request)
	}
}

// Env is the environment that a Pulumi command needs to deploy into the
// account and nowhere else.
func (s *Server) Env() map[string]string {
	return map[string]string{
		"PULUMI_DEBUG_PROVIDERS":                      fmt.Sprintf("aws:%d", s.port),
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
		"PULUMI_SKIP_UPDATE_CHECK":                    "true",
		"PULUMI_CONFIG_PASSPHRASE":                    "sandbox",
		"AWS_ACCESS_KEY_ID":                           "",
		"AWS_SECRET_ACCESS_KEY":                       "",
		"AWS_SESSION_TOKEN":                           "",
		"AWS_PROFILE":                                 "",
		"AWS_ROLE_ARN":                                "",
		"AWS_WEB_IDENTITY_TOKEN_FILE":                 "",
	}
}

// Close ends what hangs, stops serving and waits until every operation under
// way is done.
func (s *Server) Close() error {
	if err := s.provider.SignalCancellation(context.Background()); err != nil {
		return err
	}
	s.grpc.GracefulStop()
	return <-s.done
}
