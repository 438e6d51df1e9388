// Package base is what the sandbox's providers have in common towards their
// engines, whatever their resources are.
package base

import (
	"context"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil/rpcerror"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"

	"github.com/grafanix/eks-karpenter/sandbox/internal/interrupt"
)

// Provider is the part of a provider that is the same for all.
type Provider struct {
	plugin.UnimplementedProvider
	Version semver.Version // of the plugin that the provider stands for
	Signal  *interrupt.Signal
}

// New returns the part for a provider that follows that release of its plugin.
func New(version string) Provider {
	return Provider{Version: semver.MustParse(version), Signal: interrupt.New()}
}

// Attach takes part in the engine's way of using a provider that runs already.
func (p *Provider) Attach(string) error { return nil }

// Close has nothing to release.
func (p *Provider) Close() error { return nil }

// GetPluginInfo returns the version of the plugin that the provider stands for.
func (p *Provider) GetPluginInfo(context.Context) (plugin.PluginInfo, error) {
	return plugin.PluginInfo{Version: &p.Version}, nil
}

// GetMapping has none to give.
func (p *Provider) GetMapping(context.Context, plugin.GetMappingRequest) (plugin.GetMappingResponse, error) {
	return plugin.GetMappingResponse{}, nil
}

// SignalCancellation ends the operations that hang.
func (p *Provider) SignalCancellation(context.Context) error {
	p.Signal.Give()
	return nil
}

// Incomplete is the error of a resource that exists but is not as asked for, or
// not known to be: the engine keeps it in its state, to be mended or deleted.
func Incomplete(id string, state, inputs resource.PropertyMap, cause error) error {
	options := plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true}
	current, err := plugin.MarshalProperties(state, options)
	if err != nil {
		return cause
	}
	asked, err := plugin.MarshalProperties(inputs, options)
	if err != nil {
		return cause
	}
	return rpcerror.WithDetails(rpcerror.New(codes.Unknown, cause.Error()), &pulumirpc.ErrorResourceInitFailed{
		Id: id, Properties: current, Inputs: asked, Reasons: []string{cause.Error()},
	})
}
