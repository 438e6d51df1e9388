package kubernetes

import (
	"errors"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"

	"github.com/grafanix/eks-karpenter/sandbox/internal/base"
	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
	"github.com/grafanix/eks-karpenter/sandbox/internal/karpenter"
)

// foretellRelease is a release's state before it is made.
func foretellRelease(inputs resource.PropertyMap) resource.PropertyMap {
	state := inputs.Copy()
	state[inputsKey] = resource.MakeSecret(resource.NewPropertyValue(inputs))
	for _, name := range []resource.PropertyKey{"resourceNames", "status"} {
		state[name] = resource.MakeComputed(resource.NewPropertyValue(""))
	}
	return state
}

// releaseState is a release's state: its inputs, with what the cluster has.
func releaseState(release cloud.Release, inputs resource.PropertyMap) resource.PropertyMap {
	state := inputs.Copy()
	names := map[string]any{}
	for kind, list := range release.ResourceNames() {
		names[kind] = slices.Clone(list)
	}
	if len(release.Values) > 0 {
		values := resource.NewPropertyValue(release.Values)
		if given, has := inputs["values"]; has {
			kept := resource.PropertyMap{"values": values}
			keepSecrets(kept, resource.PropertyMap{"values": given})
			values = kept["values"]
		}
		state["values"] = values
	}
	state["version"] = resource.NewPropertyValue(release.Version)
	state["resourceNames"] = resource.NewPropertyValue(names)
	state["status"] = resource.NewPropertyValue(map[string]any{
		"appVersion": release.Version, "chart": release.Chart, "name": release.Name, "namespace": release.Namespace,
		"revision": float64(release.Revision), "status": release.Status, "version": release.Version,
	})
	state[inputsKey] = resource.MakeSecret(resource.NewPropertyValue(inputs))
	return state
}

func (op operation) createRelease(req plugin.CreateRequest) (plugin.CreateResponse, error) {
	inputs := object(req.Properties)
	wanted, err := asked(inputs)
	if err != nil {
		return plugin.CreateResponse{}, err
	}
	var made cloud.Release
	var failed error
	name, err := op.Client().Step(func() (string, error) {
		in := cloud.Install{Release: wanted, CreateNamespace: inputs["createNamespace"] == true, SkipCRDs: inputs["skipCrds"] == true}
		var err error
		if made, err = op.Install(in); err != nil {
			return "", err
		}
		made, failed = op.awaitRelease(inputs, made)
		return id(wanted.Namespace, wanted.Name), nil
	})
	switch {
	case err != nil && name == "":
		return plugin.CreateResponse{}, err
	case failed != nil && inputs["atomic"] == true:
		err := op.Uninstall(wanted.Namespace, wanted.Name)
		return plugin.CreateResponse{}, errors.Join(fmt.Errorf("release %s failed, and has been uninstalled due to atomic being set: %w", wanted.Name, failed), err)
	case failed != nil:
		err = &unready{name, "was created, but failed", failed}
	}
	if err != nil {
		return plugin.CreateResponse{}, base.Incomplete(name, releaseState(made, req.Properties), req.Properties, err)
	}
	return plugin.CreateResponse{ID: resource.ID(name), Properties: releaseState(made, req.Properties)}, nil
}

// unready is the error of a release whose pods do not run.
type unready struct {
	name, how string
	cause     error
}

func (e *unready) Error() string {
	return fmt.Sprintf("Helm release %q %s to initialize completely. Use Helm CLI to investigate: "+
		"failed to become available within allocated timeout. Error: Helm Release %s: %s", e.name, e.how, e.name, e.cause)
}

func (e *unready) Unwrap() error { return e.cause }

// awaitRelease waits until Karpenter's pods run, unless told not to. They do
// when the controller can start.
func (op operation) awaitRelease(inputs cloud.Object, release cloud.Release) (cloud.Release, error) {
	if inputs["skipAwait"] == true || !release.RunsKarpenter() {
		return release, nil
	}
	var cause error
	if op.await(func() bool {
		cause = karpenter.Starts(op.ctx, op.Kubernetes, release)
		return cause == nil
	}) {
		return release, nil
	}
	release.Status = "failed"
	err := op.SetReleaseStatus(release.Namespace, release.Name, release.Status)
	return release, errors.Join(fmt.Errorf("context deadline exceeded: Karpenter does not start: %w", cause), err)
}
