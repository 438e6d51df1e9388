package kubernetes

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

// autonamed marks, among an object's annotations, a name that Check made up.
const autonamed = "pulumi.com/autonamed"

// readOnly are the fields of metadata that the API server alone sets.
var readOnly = []string{
	"creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "generation", "managedFields", "resourceVersion", "uid",
}

// Check judges inputs and fills in names and namespaces.
func (p *Provider) Check(ctx context.Context, req plugin.CheckRequest) (plugin.CheckResponse, error) {
	target := p.target(ctx)
	if string(req.Type) == releaseToken {
		return checkRelease(target, req)
	}
	kind, err := kindOf(string(req.Type))
	if err != nil {
		return plugin.CheckResponse{}, err
	}
	inputs, failures := req.News.Copy(), judgeKind(kind, req.News)
	for name, value := range inputs {
		if value.IsNull() {
			delete(inputs, name)
		}
	}
	if inputs["metadata"].IsComputed() || inputs["metadata"].IsOutput() {
		return plugin.CheckResponse{Properties: inputs, Failures: failures}, nil
	}
	if field(inputs, "metadata", "name").IsNull() {
		name, err := autoname(req)
		if err != nil {
			return plugin.CheckResponse{}, err
		}
		inputs = with(inputs, name, "metadata", "name")
		inputs = with(inputs, "true", "metadata", "annotations", autonamed)
	}
	if kind.Namespaced && target.namespace != "" && field(inputs, "metadata", "namespace").IsNull() {
		inputs = with(inputs, target.namespace, "metadata", "namespace")
	}
	return plugin.CheckResponse{Properties: inputs, Failures: failures}, nil
}

// judgeKind holds what an object says of itself against its token.
func judgeKind(kind cloud.Kind, inputs resource.PropertyMap) []plugin.CheckFailure {
	var failures []plugin.CheckFailure
	for _, wanted := range []struct {
		property resource.PropertyKey
		value    string
	}{{"apiVersion", kind.APIVersion}, {"kind", kind.Name}} {
		if given := plain(inputs[wanted.property]); given != wanted.value && !inputs[wanted.property].ContainsUnknowns() {
			failures = append(failures, plugin.CheckFailure{
				Property: wanted.property, Reason: fmt.Sprintf("%s must be %q, got %v", wanted.property, wanted.value, given),
			})
		}
	}
	metadata := field(inputs, "metadata")
	for _, name := range readOnly {
		if metadata.IsObject() && !metadata.ObjectValue()[resource.PropertyKey(name)].IsNull() {
			failures = append(failures, plugin.CheckFailure{Property: "metadata", Reason: "metadata." + name + " is the API server's to set"})
		}
	}
	return failures
}

// autoname makes a name for an object without one: the one it has already,
// else what the engine proposes, else its name in the program and some digits.
func autoname(req plugin.CheckRequest) (string, error) {
	before := field(req.Olds, "metadata", "name")
	if before.IsString() && plain(field(req.Olds, "metadata", "annotations", autonamed)) == "true" {
		return before.StringValue(), nil
	}
	if req.Autonaming != nil {
		switch req.Autonaming.Mode {
		case plugin.AutonamingModeDisabled:
			return "", fmt.Errorf("autonaming is disabled, resource requires the .metadata.name field to be set")
		case plugin.AutonamingModeEnforce, plugin.AutonamingModePropose:
			if req.Autonaming.ProposedName != "" {
				return req.Autonaming.ProposedName, nil
			}
		}
	}
	return uniqueName(req)
}

// uniqueName is a name of the resource and eight digits.
func uniqueName(req plugin.CheckRequest) (string, error) {
	seed := req.RandomSeed
	if len(seed) == 0 {
		seed = []byte(req.URN)
	}
	return resource.NewUniqueName(seed, req.URN.Name()+"-", 8, 0, nil)
}
