package kubernetes

import (
	"context"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"

	"github.com/grafanix/eks-karpenter/sandbox/internal/base"
	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

func (op operation) readRelease(req plugin.ReadRequest) (plugin.ReadResponse, error) {
	namespace, name := parseID(string(req.ID))
	if len(req.State) > 0 {
		state := object(req.State)
		namespace, name = state.Text("namespace"), state.Text("name")
	}
	var found cloud.Release
	_, err := op.Client().Step(func() (string, error) {
		var err error
		found, err = op.GetRelease(namespace, name)
		return string(req.ID), err
	})
	if cloud.IsStatus(err, cloud.NotFound) {
		return plugin.ReadResponse{}, nil
	}
	if err != nil {
		return plugin.ReadResponse{}, err
	}
	inputs := field(req.State, inputsKey)
	given := req.Inputs
	if inputs.IsObject() {
		given = inputs.ObjectValue()
	}
	if len(given) == 0 {
		given = properties(map[string]any{
			"name": name, "namespace": namespace, "chart": found.Chart, "version": found.Version, "timeout": defaultTimeout,
		})
		if len(found.Values) > 0 {
			given["values"] = resource.NewPropertyValue(found.Values)
		}
	}
	return plugin.ReadResponse{ReadResult: plugin.ReadResult{ID: req.ID, Inputs: given, Outputs: releaseState(found, given)}}, nil
}

func (op operation) updateRelease(req plugin.UpdateRequest) (plugin.UpdateResponse, error) {
	inputs := object(req.NewInputs)
	wanted, err := asked(inputs)
	if err != nil {
		return plugin.UpdateResponse{}, err
	}
	var made cloud.Release
	var failed error
	name, err := op.Client().Step(func() (string, error) {
		var err error
		if made, err = op.Upgrade(wanted); err != nil {
			return "", err
		}
		made, failed = op.awaitRelease(inputs, made)
		return string(req.ID), nil
	})
	if failed != nil {
		return plugin.UpdateResponse{}, base.Incomplete(name, releaseState(made, req.NewInputs), req.NewInputs, &unready{name, "failed", failed})
	}
	if err != nil {
		return plugin.UpdateResponse{}, err
	}
	return plugin.UpdateResponse{Properties: releaseState(made, req.NewInputs)}, nil
}

// deleteRelease uninstalls a release and, if so told, waits until what it made
// is gone. Helm has forgotten the release by then, whatever is left.
func (op operation) deleteRelease(state cloud.Object) error {
	release := cloud.Release{Name: state.Text("name"), Namespace: state.Text("namespace")}
	if err := op.Uninstall(release.Namespace, release.Name); err != nil {
		return err
	}
	if state["skipAwait"] == true && state["atomic"] != true {
		return nil
	}
	var left []string
	var failed error
	if op.await(func() bool {
		left, failed = op.Remains(release)
		return failed != nil || len(left) == 0
	}) {
		return failed
	}
	if op.ctx.Err() != nil {
		return context.Cause(op.ctx)
	}
	return fmt.Errorf("uninstallation completed with 1 error(s): context deadline exceeded: %s", strings.Join(left, ", "))
}
