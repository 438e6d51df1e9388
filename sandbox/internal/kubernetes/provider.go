// Package kubernetes is the Pulumi resource provider for Kubernetes over the
// APIs of an account's EKS clusters in memory: it behaves as pulumi-kubernetes
// does with server-side apply, and asks a [cloud.Kubernetes] where that one
// asks a cluster.
//
// Objects are in object.go, Helm releases in release.go, and what a connection
// is configured for in config.go.
package kubernetes

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"google.golang.org/grpc/peer"

	"github.com/grafanix/eks-karpenter/sandbox/internal/base"
	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

// version is the release of pulumi-kubernetes that the provider follows.
const version = "4.24.0"

// Provider serves the clusters of one account, each connection of an engine
// the one that it configured.
type Provider struct {
	base.Provider
	account  *cloud.Account
	patience time.Duration

	mu      sync.Mutex
	targets map[string]*target // by connection
}

var _ plugin.GrpcProvider = (*Provider)(nil)

// New returns a provider for an account's clusters. Patience is how long it
// waits for an object to go, or a release to be ready, while nothing in the
// account changes. It stands for minutes: what acts in the account acts at
// once, so only an engine's own further steps are awaited.
func New(account *cloud.Account, patience time.Duration) *Provider {
	return &Provider{Provider: base.New(version), account: account, patience: patience, targets: map[string]*target{}}
}

// releaseToken is the one type that is no object of Kubernetes.
const releaseToken = "kubernetes:helm.sh/v3:Release"

// objectTokens are the types of objects that programs may make.
var objectTokens = []string{
	"kubernetes:core/v1:Namespace", "kubernetes:core/v1:ConfigMap",
	"kubernetes:karpenter.sh/v1:NodePool", "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass",
}

// Has tells whether there is a resource type of that token.
func Has(token string) bool { return token == releaseToken || slices.Contains(objectTokens, token) }

// kindOf finds the kind of object that a token names.
func kindOf(token string) (cloud.Kind, error) {
	parts := strings.Split(token, ":")
	if !slices.Contains(objectTokens, token) {
		return cloud.Kind{}, fmt.Errorf("the sandbox does not have the resource type %s", token)
	}
	kind, _ := cloud.FindKind(strings.TrimPrefix(parts[1], "core/"), parts[2])
	return kind, nil
}

// Handshake tells the engine what the provider takes: plain values and
// secrets, and names proposed by the engine's autonaming.
func (p *Provider) Handshake(context.Context, plugin.ProviderHandshakeRequest) (*plugin.ProviderHandshakeResponse, error) {
	return &plugin.ProviderHandshakeResponse{AcceptSecrets: true, SupportsAutonamingConfiguration: true}, nil
}

// Invoke has no function to offer.
func (p *Provider) Invoke(_ context.Context, req plugin.InvokeRequest) (plugin.InvokeResponse, error) {
	return plugin.InvokeResponse{}, fmt.Errorf("the sandbox does not have the function %s", req.Tok)
}

// connection tells engines' providers apart: each has a connection of its own.
func connection(ctx context.Context) string {
	if from, ok := peer.FromContext(ctx); ok && from.Addr != nil {
		return from.Addr.String()
	}
	return ""
}

// target returns what the connection is configured for.
func (p *Provider) target(ctx context.Context) *target {
	p.mu.Lock()
	defer p.mu.Unlock()
	if found, ok := p.targets[connection(ctx)]; ok {
		return found
	}
	return &target{unreachable: "the provider is not configured"}
}

// operation is one operation on a resource in a cluster.
type operation struct {
	*cloud.Kubernetes
	target   *target
	ctx      context.Context
	patience time.Duration
}

// begin starts an operation, which ends with the request or at the engine's
// signal. The caller calls done at the end.
func (p *Provider) begin(ctx context.Context, resource cloud.Call) (op operation, done func(), err error) {
	target := p.target(ctx)
	if target.unreachable != "" {
		return operation{}, nil, fmt.Errorf("configured Kubernetes cluster is unreachable: %s", target.unreachable)
	}
	ctx, done = p.Signal.Context(ctx)
	return operation{target.api.For(target.api.Client().For(ctx, resource)), target, ctx, p.patience}, done, nil
}

// await waits until something holds.
func (op operation) await(holds func() bool) bool {
	return op.Client().Account().Await(op.ctx, op.patience, holds)
}
