package kubernetes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"gopkg.in/yaml.v3"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

// target is what a connection is configured for.
type target struct {
	api *cloud.Kubernetes
	// unreachable is why the cluster cannot be asked; empty when it can.
	unreachable string
	// namespace is where objects go that name none.
	namespace string
	// mutable: the data of a ConfigMap is updated in place.
	mutable bool
	// forget: what an unreachable cluster had is taken to be gone.
	forget bool
}

// settings are the provider's configuration keys: true where the sandbox
// follows them, false where it has no use for them. Any other is refused.
var settings = map[string]bool{
	"kubeconfig": true, "context": true, "cluster": true, "namespace": true,
	"enableConfigMapMutable": true, "deleteUnreachable": true, "enableServerSideApply": true,
	"clusterIdentifier": false, "enableSecretMutable": false, "helmReleaseSettings": false, "kubeClientSettings": false,
	"suppressDeprecationWarnings": false, "suppressHelmHookWarnings": false, "version": false, "pluginDownloadURL": false,
}

// CheckConfig refuses settings that the sandbox does not have.
func (p *Provider) CheckConfig(_ context.Context, req plugin.CheckConfigRequest) (plugin.CheckConfigResponse, error) {
	var failures []plugin.CheckFailure
	for _, key := range slices.Sorted(maps.Keys(req.News)) {
		_, known := settings[string(key)]
		off := key == "enableServerSideApply" && isOff(req.News[key])
		if (!known && !resource.IsInternalPropertyKey(key)) || off {
			failures = append(failures, plugin.CheckFailure{Property: key, Reason: fmt.Sprintf("the sandbox does not model the provider setting kubernetes:%s=%v", key, plain(req.News[key]))})
		}
	}
	return plugin.CheckConfigResponse{Properties: req.News, Failures: failures}, nil
}

// Engines send flags in the configuration as texts, too.
func isOn(value resource.PropertyValue) bool {
	known := plain(value)
	return known == true || known == "true"
}

func isOff(value resource.PropertyValue) bool {
	known := plain(value)
	return known == false || known == "false"
}

// DiffConfig replaces a provider, and all of its resources, where the cluster
// may be another.
func (p *Provider) DiffConfig(_ context.Context, req plugin.DiffConfigRequest) (plugin.DiffConfigResponse, error) {
	result := plugin.DiffResult{Changes: plugin.DiffNone, DetailedDiff: map[string]plugin.PropertyDiff{}}
	diff := req.OldInputs.Diff(req.NewInputs)
	if diff == nil {
		return result, nil
	}
	before, failedBefore := activeCluster(req.OldInputs)
	now, failed := activeCluster(req.NewInputs)
	other := failedBefore == nil && failed == nil && before.Server != now.Server
	result.Changes = plugin.DiffSome
	for _, key := range diff.ChangedKeys() {
		kind := plugin.DiffUpdate
		chooses := slices.Contains([]resource.PropertyKey{"kubeconfig", "context", "cluster"}, key)
		if chooses && (other || req.NewInputs[key].ContainsUnknowns()) {
			kind = plugin.DiffUpdateReplace
			result.ReplaceKeys = append(result.ReplaceKeys, key)
		}
		result.ChangedKeys = append(result.ChangedKeys, key)
		result.DetailedDiff[string(key)] = plugin.PropertyDiff{Kind: kind, InputDiff: true}
	}
	return result, nil
}

// Configure finds the cluster of a connection. One that cannot be found is no
// error: only what needs the cluster fails.
func (p *Provider) Configure(ctx context.Context, req plugin.ConfigureRequest) (plugin.ConfigureResponse, error) {
	found := &target{namespace: "default", mutable: isOn(req.Inputs["enableConfigMapMutable"]), forget: isOn(req.Inputs["deleteUnreachable"])}
	if active, err := activeCluster(req.Inputs); err != nil {
		found.unreachable = err.Error()
	} else {
		if active.namespace != "" {
			found.namespace = active.namespace
		}
		if found.api, err = p.connect(active); err != nil {
			found.unreachable = "unable to load schema information from the API server: " + err.Error()
		}
	}
	if namespace, ok := plain(req.Inputs["namespace"]).(string); ok && namespace != "" {
		found.namespace = namespace
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.targets[connection(ctx)] = found
	return plugin.ConfigureResponse{}, nil
}

// kubeconfig is the part of a kubeconfig that tells the cluster and the user.
type kubeconfig struct {
	CurrentContext string `yaml:"current-context"`
	Contexts       []struct {
		Name    string
		Context struct{ Cluster, User, Namespace string }
	}
	Clusters []struct {
		Name    string
		Cluster clusterEntry
	}
	Users []struct {
		Name string
		User userEntry
	}
}

type clusterEntry struct {
	Server      string
	Certificate string `yaml:"certificate-authority-data"`
	Insecure    bool   `yaml:"insecure-skip-tls-verify"`
}

type userEntry struct {
	Token string
	Exec  struct{ Args []string }
}

// active is what a kubeconfig's current context chooses.
type active struct {
	clusterEntry
	userEntry
	namespace string
}

// activeCluster reads a provider's configuration.
func activeCluster(inputs resource.PropertyMap) (active, error) {
	text, ok := plain(inputs["kubeconfig"]).(string)
	if !ok {
		encoded, err := json.Marshal(plain(inputs["kubeconfig"]))
		if err != nil || string(encoded) == "null" {
			return active{}, errors.New("unable to load Kubernetes client configuration from kubeconfig file: the sandbox reads no files, give the provider a kubeconfig")
		}
		text = string(encoded)
	}
	var config kubeconfig
	if err := yaml.Unmarshal([]byte(text), &config); err != nil {
		return active{}, fmt.Errorf("failed to parse kubeconfig data in `kubernetes:config:kubeconfig`- %w", err)
	}
	chosen, _ := plain(inputs["context"]).(string)
	if chosen == "" {
		chosen = config.CurrentContext
	}
	cluster, _ := plain(inputs["cluster"]).(string)
	return config.choose(chosen, cluster)
}

// choose finds the parts that a context names.
func (k kubeconfig) choose(context, cluster string) (active, error) {
	var found active
	var user string
	for _, c := range k.Contexts {
		if c.Name == context {
			user, found.namespace = c.Context.User, c.Context.Namespace
			if cluster == "" {
				cluster = c.Context.Cluster
			}
		}
	}
	for _, c := range k.Clusters {
		if c.Name == cluster {
			found.clusterEntry = c.Cluster
		}
	}
	for _, u := range k.Users {
		if u.Name == user {
			found.userEntry = u.User
		}
	}
	if found.Server == "" {
		return active{}, fmt.Errorf("unable to load Kubernetes client configuration from kubeconfig file: invalid configuration: no configuration has been provided for the context %q", context)
	}
	return found, nil
}

// connect finds the cluster whose API server answers, and shows it the user's
// credentials.
func (p *Provider) connect(to active) (*cloud.Kubernetes, error) {
	cluster, ok := p.account.ClusterAt(to.Server)
	switch named := clusterArgument(to.Exec.Args); {
	case !ok:
		return nil, to.failed("dial tcp: lookup " + strings.TrimPrefix(to.Server, "https://") + ": no such host")
	case !to.Insecure && to.Certificate != cluster.CertificateData:
		return nil, to.failed("tls: failed to verify certificate: x509: certificate signed by unknown authority")
	case to.Token == "" && named != cluster.Name:
		return nil, errors.New("the server has asked for the client to provide credentials")
	}
	client, err := p.account.In(cluster.Region)
	if err != nil {
		return nil, err
	}
	return client.Kubernetes(cluster.Name)
}

// failed is how a client tells that a request did not get through.
func (a active) failed(why string) error {
	return &url.Error{Op: "Get", URL: a.Server + "/openapi/v2", Err: errors.New(why)}
}

// clusterArgument is the cluster that a token is asked for: by "aws eks
// get-token --cluster-name" or "aws-iam-authenticator token -i".
func clusterArgument(arguments []string) string {
	for i, argument := range arguments {
		if name, ok := strings.CutPrefix(argument, "--cluster-name="); ok {
			return name
		}
		if slices.Contains([]string{"--cluster-name", "--cluster-id", "-i"}, argument) && i+1 < len(arguments) {
			return arguments[i+1]
		}
	}
	return ""
}
