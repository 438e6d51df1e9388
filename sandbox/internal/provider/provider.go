// Package provider is the Pulumi resource provider for aws over an account in
// memory: it behaves as the bridged Terraform provider does, and asks a
// [cloud.Client] where that one asks AWS.
//
// What a resource type is, is data: see [resourceType] and the tables in the
// files named after AWS's services. What the protocol asks of every type is
// code, once: check.go, diff.go and crud.go.
package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"

	"github.com/grafanix/eks-karpenter/sandbox/internal/base"
	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

// version is the release of pulumi-aws whose schemas the tables follow.
const version = "6.83.4"

// Provider serves one account in one region.
type Provider struct {
	base.Provider
	account *cloud.Account

	mu     sync.Mutex
	client *cloud.Client // of the configured region
}

var _ plugin.GrpcProvider = (*Provider)(nil)

// New returns a provider for an account.
func New(account *cloud.Account) *Provider {
	return &Provider{Provider: base.New(version), account: account}
}

// Handshake tells the engine what the provider takes: plain values, and names
// proposed by the engine's autonaming.
func (p *Provider) Handshake(context.Context, plugin.ProviderHandshakeRequest) (*plugin.ProviderHandshakeResponse, error) {
	return &plugin.ProviderHandshakeResponse{SupportsAutonamingConfiguration: true}, nil
}

// begin returns a client for one operation on a resource, which ends with the
// request or at the engine's signal. The caller calls done at the end.
func (p *Provider) begin(ctx context.Context, resource cloud.Call) (client *cloud.Client, done func(), err error) {
	client, err = p.configured()
	if err != nil {
		return nil, nil, err
	}
	ctx, done = p.Signal.Context(ctx)
	return client.For(ctx, resource), done, nil
}

// settings are the provider's configuration keys: true where the sandbox
// follows them, false where it has no use for them, as for credentials.
// Any other key is refused.
var settings = map[string]bool{
	"region":                    true,
	"allowedAccountIds":         true,
	"accessKey":                 false,
	"secretKey":                 false,
	"token":                     false,
	"profile":                   false,
	"maxRetries":                false,
	"retryMode":                 false,
	"skipCredentialsValidation": false,
	"skipMetadataApiCheck":      false,
	"skipRegionValidation":      false,
	"skipRequestingAccountId":   false,
	"version":                   false,
	"pluginDownloadURL":         false,
}

// CheckConfig refuses settings that the sandbox does not have.
func (p *Provider) CheckConfig(_ context.Context, req plugin.CheckConfigRequest) (plugin.CheckConfigResponse, error) {
	var failures []plugin.CheckFailure
	for _, key := range slices.Sorted(maps.Keys(req.News)) {
		if _, ok := settings[string(key)]; !ok && !resource.IsInternalPropertyKey(key) {
			failures = append(failures, plugin.CheckFailure{Property: key, Reason: fmt.Sprintf("the sandbox does not model the provider setting aws:%s", key)})
		}
	}
	if region := req.News["region"]; region.IsString() {
		if _, err := p.account.In(region.StringValue()); err != nil {
			failures = append(failures, plugin.CheckFailure{Property: "region", Reason: err.Error()})
		}
	}
	return plugin.CheckConfigResponse{Properties: req.News, Failures: failures}, nil
}

// DiffConfig replaces a provider, and all of its resources, in another region.
func (p *Provider) DiffConfig(_ context.Context, req plugin.DiffConfigRequest) (plugin.DiffConfigResponse, error) {
	if req.OldInputs["region"].DeepEquals(req.NewInputs["region"]) {
		return plugin.DiffResult{Changes: plugin.DiffNone}, nil
	}
	return plugin.DiffResult{
		Changes:      plugin.DiffSome,
		ReplaceKeys:  []resource.PropertyKey{"region"},
		ChangedKeys:  []resource.PropertyKey{"region"},
		DetailedDiff: map[string]plugin.PropertyDiff{"region": {Kind: plugin.DiffUpdateReplace, InputDiff: true}},
	}, nil
}

// Configure sets the region, once.
func (p *Provider) Configure(_ context.Context, req plugin.ConfigureRequest) (plugin.ConfigureResponse, error) {
	config := known(req.Inputs)
	region := config.text("region")
	if region == "" {
		return plugin.ConfigureResponse{}, errors.New("missing required configuration key \"aws:region\": the region where AWS operations will take place. Set it with `pulumi config set aws:region <region>`")
	}
	if err := p.checkAccount(config); err != nil {
		return plugin.ConfigureResponse{}, err
	}
	client, err := p.account.In(region)
	if err != nil {
		return plugin.ConfigureResponse{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.client != nil && p.client.Region != region {
		return plugin.ConfigureResponse{}, fmt.Errorf("a sandbox server serves one region: it serves %s already and cannot serve %s", p.client.Region, region)
	}
	p.client = client
	return plugin.ConfigureResponse{}, nil
}

// checkAccount follows allowedAccountIds. Engines send lists in the
// configuration as JSON texts.
func (p *Provider) checkAccount(config values) error {
	allowed := config.texts("allowedAccountIds")
	if encoded := config.text("allowedAccountIds"); encoded != "" {
		if err := json.Unmarshal([]byte(encoded), &allowed); err != nil {
			return fmt.Errorf("aws:allowedAccountIds is no list: %w", err)
		}
	}
	if len(allowed) > 0 && !slices.Contains(allowed, p.account.ID()) {
		return fmt.Errorf("AWS account ID not allowed: %s", p.account.ID())
	}
	return nil
}

// configured returns the client of the region, or why there is none.
func (p *Provider) configured() (*cloud.Client, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.client == nil {
		return nil, errors.New("the aws provider is not configured")
	}
	return p.client, nil
}

// typeOf finds a resource type by its token.
func typeOf(token string) (resourceType, error) {
	t, ok := resourceTypes[token]
	if !ok {
		return resourceType{}, fmt.Errorf("the sandbox does not have the resource type %s", token)
	}
	return t, nil
}
