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

// checkpoint is an object's state: what the cluster has, and the inputs that
// made it.
func checkpoint(live cloud.Object, inputs resource.PropertyMap) resource.PropertyMap {
	state := properties(live)
	keepSecrets(state, inputs)
	kept := inputs.Copy()
	state[inputsKey] = resource.NewPropertyValue(kept)
	state["__initialApiVersion"] = resource.NewPropertyValue(live.Text("apiVersion"))
	state["__fieldManager"] = resource.NewPropertyValue("pulumi-kubernetes")
	return state
}

// id is namespace/name, or the name of an object of the cluster.
func id(namespace, name string) string {
	if namespace == "" {
		return name
	}
	return namespace + "/" + name
}

func parseID(id string) (namespace, name string) {
	namespace, name, found := strings.Cut(id, "/")
	if !found {
		return "", id
	}
	return namespace, name
}

// Create makes an object or a release; a preview of an object whose cluster
// and kind are there is a dry run.
func (p *Provider) Create(ctx context.Context, req plugin.CreateRequest) (plugin.CreateResponse, error) {
	kind, err := kindOf(string(req.Type))
	isRelease := string(req.Type) == releaseToken
	if err != nil && !isRelease {
		return plugin.CreateResponse{}, err
	}
	if req.Preview {
		if isRelease {
			return plugin.CreateResponse{Properties: foretellRelease(req.Properties)}, nil
		}
		return plugin.CreateResponse{Properties: req.Properties}, p.dryRun(ctx, kind, req)
	}
	op, done, err := p.begin(ctx, cloud.Call{URN: string(req.URN), Type: string(req.Type), Action: "create"})
	if err != nil {
		return plugin.CreateResponse{}, err
	}
	defer done()
	if isRelease {
		return op.createRelease(req)
	}
	return op.create(kind, req)
}

// dryRun asks the API server what it would refuse. What an earlier step of the
// same update may still change is no refusal yet.
func (p *Provider) dryRun(ctx context.Context, kind cloud.Kind, req plugin.CreateRequest) error {
	target := p.target(ctx)
	if target.unreachable != "" || req.Properties.ContainsUnknowns() {
		return nil
	}
	_, err := target.api.DryRun().Create(object(req.Properties))
	if err == nil || cloud.IsStatus(err, cloud.NotFound, cloud.NoMatch, cloud.AlreadyExists) {
		return nil
	}
	return creating(kind, req.URN, err)
}

// creating is the provider's word on a failed creation.
func creating(kind cloud.Kind, urn resource.URN, err error) error {
	if cloud.IsStatus(err, cloud.NoMatch) {
		return fmt.Errorf("creation of resource %q with kind %s/%s failed because the Kubernetes API server reported that the apiVersion for this resource does not exist. "+
			"Verify that any required CRDs have been created: %w", urn, kind.APIVersion, kind.Name, err)
	}
	return fmt.Errorf("resource %q was not successfully created by the Kubernetes API server: %w", urn, err)
}

func (op operation) create(kind cloud.Kind, req plugin.CreateRequest) (plugin.CreateResponse, error) {
	wanted := object(req.Properties)
	var made cloud.Object
	name, err := op.Client().Step(func() (string, error) {
		var err error
		if made, err = op.Kubernetes.Create(wanted); err != nil {
			return "", err
		}
		// What runs in the cluster has seen it by now.
		current, err := op.Get(made.Text("apiVersion"), made.Kind(), made.Namespace(), made.Name())
		if err == nil {
			made = current
		}
		return id(made.Namespace(), made.Name()), err
	})
	if err != nil {
		err = creating(kind, req.URN, err)
		if name == "" {
			return plugin.CreateResponse{}, err
		}
		return plugin.CreateResponse{}, base.Incomplete(name, checkpoint(made, req.Properties), req.Properties, err)
	}
	return plugin.CreateResponse{ID: resource.ID(name), Properties: checkpoint(made, req.Properties)}, nil
}
