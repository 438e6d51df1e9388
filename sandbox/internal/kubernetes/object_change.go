package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

// Update applies new inputs; a preview is a dry run.
func (p *Provider) Update(ctx context.Context, req plugin.UpdateRequest) (plugin.UpdateResponse, error) {
	_, err := kindOf(string(req.Type))
	isRelease := string(req.Type) == releaseToken
	switch {
	case err != nil && !isRelease:
		return plugin.UpdateResponse{}, err
	case req.Preview && isRelease:
		return plugin.UpdateResponse{Properties: foretellRelease(req.NewInputs)}, nil
	case req.Preview && (p.target(ctx).unreachable != "" || req.NewInputs.ContainsUnknowns()):
		return plugin.UpdateResponse{Properties: req.NewInputs}, nil
	}
	op, done, err := p.begin(ctx, cloud.Call{URN: string(req.URN), Type: string(req.Type), Action: "update", ID: string(req.ID)})
	if err != nil {
		return plugin.UpdateResponse{}, err
	}
	defer done()
	if isRelease {
		return op.updateRelease(req)
	}
	var live cloud.Object
	old, _ := plain(req.OldOutputs[inputsKey]).(map[string]any)
	apply := func() (string, error) {
		wanted := object(req.NewInputs)
		if live, err = op.Apply(old, wanted); err != nil || req.Preview {
			return "", err
		}
		live, err = op.Get(wanted.Text("apiVersion"), wanted.Kind(), live.Namespace(), live.Name())
		return string(req.ID), err
	}
	if req.Preview {
		op.Kubernetes = op.DryRun()
		_, err = apply()
	} else {
		_, err = op.Client().Step(apply)
	}
	if err != nil {
		return plugin.UpdateResponse{}, fmt.Errorf("update of resource %q failed: %w", req.URN, err)
	}
	return plugin.UpdateResponse{Properties: checkpoint(live, req.NewInputs)}, nil
}

// Delete asks for a resource to go and waits until it is gone.
func (p *Provider) Delete(ctx context.Context, req plugin.DeleteRequest) (plugin.DeleteResponse, error) {
	kind, err := kindOf(string(req.Type))
	isRelease := string(req.Type) == releaseToken
	if err != nil && !isRelease {
		return plugin.DeleteResponse{}, err
	}
	op, done, err := p.begin(ctx, cloud.Call{URN: string(req.URN), Type: string(req.Type), Action: "delete", ID: string(req.ID)})
	if err != nil {
		if p.target(ctx).forget && !isRelease {
			return plugin.DeleteResponse{}, nil
		}
		if isRelease {
			err = fmt.Errorf("can't delete Helm Release with unreachable cluster: %w", err)
		}
		return plugin.DeleteResponse{}, err
	}
	defer done()
	_, err = op.Client().Step(func() (string, error) {
		if isRelease {
			return "", op.deleteRelease(object(req.Outputs))
		}
		namespace, name := parseID(string(req.ID))
		return "", op.delete(kind, namespace, name)
	})
	return plugin.DeleteResponse{}, err
}

// delete waits as long as something happens. Real clusters are given ten
// minutes.
func (op operation) delete(kind cloud.Kind, namespace, name string) error {
	gone := func(err error) bool { return cloud.IsStatus(err, cloud.NotFound, cloud.NoMatch) }
	if err := op.Kubernetes.Delete(kind.APIVersion, kind.Name, namespace, name); err != nil {
		if gone(err) {
			return nil
		}
		return err
	}
	var left cloud.Object
	var failed error
	if op.await(func() bool {
		left, failed = op.Get(kind.APIVersion, kind.Name, namespace, name)
		return failed != nil
	}) {
		if gone(failed) {
			return nil
		}
		return failed
	}
	if op.ctx.Err() != nil {
		return context.Cause(op.ctx)
	}
	return errors.New("timed out waiting for the condition: finalizers might be preventing deletion (" + strings.Join(left.Finalizers(), ", ") + ")")
}
