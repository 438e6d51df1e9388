package kubernetes

import (
	"context"
	"fmt"
	"maps"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

// Read returns what the cluster has of a resource; one that is gone, or whose
// kind is, has no id.
func (p *Provider) Read(ctx context.Context, req plugin.ReadRequest) (plugin.ReadResponse, error) {
	kind, err := kindOf(string(req.Type))
	isRelease := string(req.Type) == releaseToken
	if err != nil && !isRelease {
		return plugin.ReadResponse{}, err
	}
	op, done, err := p.begin(ctx, cloud.Call{URN: string(req.URN), Type: string(req.Type), Action: "read", ID: string(req.ID)})
	if err != nil {
		if p.target(ctx).forget {
			return plugin.ReadResponse{}, nil
		}
		return plugin.ReadResponse{}, fmt.Errorf("failed to read resource state due to unreachable cluster: %w", err)
	}
	defer done()
	if isRelease {
		return op.readRelease(req)
	}
	var live cloud.Object
	_, err = op.Client().Step(func() (string, error) {
		namespace, name := parseID(string(req.ID))
		if kind.Namespaced && namespace == "" {
			namespace = op.target.namespace
		}
		var err error
		live, err = op.Get(kind.APIVersion, kind.Name, namespace, name)
		return string(req.ID), err
	})
	if cloud.IsStatus(err, cloud.NotFound, cloud.NoMatch) {
		return plugin.ReadResponse{}, nil
	}
	if err != nil {
		return plugin.ReadResponse{}, err
	}
	inputs := liveInputs(kind, live, req.Inputs)
	return plugin.ReadResponse{ReadResult: plugin.ReadResult{ID: req.ID, Inputs: inputs, Outputs: checkpoint(live, inputs)}}, nil
}

// imported are the fields that an import takes for the program's, by kind. Of
// custom kinds the provider has no schema, and takes none.
var imported = map[string][]string{"Namespace": {"metadata", "spec"}, "ConfigMap": {"metadata", "data", "binaryData", "immutable"}}

// liveInputs are a resource's inputs as the cluster has them now; without
// inputs so far it is an import.
func liveInputs(kind cloud.Kind, live cloud.Object, given resource.PropertyMap) resource.PropertyMap {
	if len(given) > 0 {
		inputs := properties(prune(live, object(given)))
		keepSecrets(inputs, given)
		return inputs
	}
	identity := map[string]any{"name": live.Name()}
	if live.Namespace() != "" {
		identity["namespace"] = live.Namespace()
	}
	inputs := cloud.Object{"apiVersion": kind.APIVersion, "kind": kind.Name, "metadata": identity}
	for _, name := range imported[kind.Name] {
		if value, has := live[name]; has {
			inputs[name] = value
		}
	}
	metadata, _ := inputs["metadata"].(map[string]any)
	metadata = maps.Clone(metadata)
	for _, name := range readOnly {
		delete(metadata, name)
	}
	inputs["metadata"] = metadata
	return properties(inputs)
}
