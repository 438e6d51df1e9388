package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
	"github.com/grafanix/eks-karpenter/sandbox/internal/ekscomponent"
	"github.com/grafanix/eks-karpenter/sandbox/internal/kubernetes"
	"github.com/grafanix/eks-karpenter/sandbox/internal/provider"
)

// maxMessage is the size of the engine's largest messages, as the engine
// itself sets it.
const maxMessage = 400 << 20

// patience is how long the kubernetes provider waits while nothing happens:
// longer than an engine takes from one step to the next.
const patience = time.Second

// providers are what a server serves, by the names of Pulumi's packages.
var providers = []struct {
	name string
	of   func(*cloud.Account) pulumirpc.ResourceProviderServer
}{
	{"aws", func(account *cloud.Account) pulumirpc.ResourceProviderServer {
		return plugin.NewProviderServer(provider.New(account))
	}},
	{"eks", func(*cloud.Account) pulumirpc.ResourceProviderServer { return ekscomponent.New() }},
	{"kubernetes", func(account *cloud.Account) pulumirpc.ResourceProviderServer {
		return plugin.NewProviderServer(kubernetes.New(account, patience))
	}},
}

// Server serves an account to Pulumi engines: as the aws provider of one
// region, the one that the first program configures, as the kubernetes provider
// of its clusters, and as the eks plugin, whose components are made of both.
type Server struct {
	served []*served
}

// served is one provider on a port of its own.
type served struct {
	name     string
	grpc     *grpc.Server
	provider pulumirpc.ResourceProviderServer
	port     int
	done     chan error
}

// Start serves an account on free ports of the loopback interface, until
// Close.
func Start(account *Account) (*Server, error) {
	server := &Server{}
	for _, p := range providers {
		one, err := listen(p.name, p.of(account.cloud))
		if err != nil {
			return nil, errors.Join(fmt.Errorf("starting the sandbox: %w", err), server.Close())
		}
		server.served = append(server.served, one)
	}
	return server, nil
}

func listen(name string, of pulumirpc.ResourceProviderServer) (*served, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		return nil, errors.Join(fmt.Errorf("no port in %s", listener.Addr()), listener.Close())
	}
	s := &served{
		name: name, provider: of, port: address.Port, done: make(chan error, 1),
		grpc: grpc.NewServer(grpc.MaxRecvMsgSize(maxMessage), grpc.UnaryInterceptor(configureAlone())),
	}
	pulumirpc.RegisterResourceProviderServer(s.grpc, of)
	go func() { s.done <- s.grpc.Serve(listener) }()
	return s, nil
}

// configureAlone lets no other call run while an engine introduces itself: what
// the two agree on, the SDK's server keeps without a lock. Two calls wait for
// nobody, and nobody for them: the signal to cancel, for what it is to end may
// be what the others wait for, and the construction of a component, which lasts
// until the engine has made all of its children.
func configureAlone() grpc.UnaryServerInterceptor {
	var agreed sync.RWMutex
	alone := []string{pulumirpc.ResourceProvider_Handshake_FullMethodName, pulumirpc.ResourceProvider_Configure_FullMethodName}
	free := []string{pulumirpc.ResourceProvider_Cancel_FullMethodName, pulumirpc.ResourceProvider_Construct_FullMethodName}
	return func(ctx context.Context, request any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
		switch {
		case slices.Contains(free, info.FullMethod):
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
	var ports []string
	for _, one := range s.served {
		ports = append(ports, fmt.Sprintf("%s:%d", one.name, one.port))
	}
	return map[string]string{
		"PULUMI_DEBUG_PROVIDERS":                      strings.Join(ports, ","),
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
	var failed error
	for _, one := range s.served {
		if _, err := one.provider.Cancel(context.Background(), &emptypb.Empty{}); err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		one.grpc.GracefulStop()
		failed = errors.Join(failed, <-one.done)
		if closing, ok := one.provider.(io.Closer); ok {
			failed = errors.Join(failed, closing.Close())
		}
	}
	return failed
}
