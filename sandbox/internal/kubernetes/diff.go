package kubernetes

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

// inputsKey keeps, in a resource's state, the inputs that made it.
const inputsKey = "__inputs"

// before is a resource's last state as a difference sees it: what the cluster
// had, of the shape of the inputs then.
func before(state resource.PropertyMap) (pruned map[string]any, live cloud.Object) {
	live = object(state)
	inputs, _ := plain(state[inputsKey]).(map[string]any)
	return prune(live, inputs), live
}

// Diff compares what the cluster had with what the program wants.
func (p *Provider) Diff(ctx context.Context, req plugin.DiffRequest) (plugin.DiffResult, error) {
	old, live := before(req.OldOutputs)
	if string(req.Type) == releaseToken {
		return difference(old, req.NewInputs, []string{"name", "namespace"}), nil
	}
	kind, err := kindOf(string(req.Type))
	if err != nil {
		return plugin.DiffResult{}, err
	}
	wanted := object(req.NewInputs)
	if metadata, ok := old["metadata"].(map[string]any); ok && wanted.Name() != "" {
		metadata["name"] = live.Name()
	}
	forced := []string{"metadata.name", "metadata.namespace"}
	if kind.Name == "ConfigMap" && (!p.target(ctx).mutable || live["immutable"] == true) {
		forced = append(forced, "data", "binaryData")
	}
	result := difference(old, req.NewInputs, forced)
	chosen := wanted.Text("metadata", "annotations", autonamed) != "true"
	result.DeleteBeforeReplace = len(result.ReplaceKeys) > 0 && chosen && wanted.Name() == live.Name() && wanted.Namespace() == live.Namespace()
	return result, nil
}

// difference lists the changes from plain values to inputs by their paths.
// Those at or under a forced path need a new resource.
func difference(old map[string]any, inputs resource.PropertyMap, forced []string) plugin.DiffResult {
	result := plugin.DiffResult{Changes: plugin.DiffNone, DetailedDiff: map[string]plugin.PropertyDiff{}}
	compare(nil, properties(old), inputs, func(path resource.PropertyPath, kind plugin.DiffKind) {
		first, _ := path[0].(string)
		key := resource.PropertyKey(first)
		name := path.String()
		if slices.ContainsFunc(forced, func(f string) bool {
			return name == f || strings.HasPrefix(name, f+".") || strings.HasPrefix(name, f+"[")
		}) {
			kind = kind.AsReplace()
			result.ReplaceKeys = appendNew(result.ReplaceKeys, key)
		}
		result.Changes = plugin.DiffSome
		result.ChangedKeys = appendNew(result.ChangedKeys, key)
		result.DetailedDiff[name] = plugin.PropertyDiff{Kind: kind, InputDiff: true}
	})
	return result
}

func appendNew(keys []resource.PropertyKey, key resource.PropertyKey) []resource.PropertyKey {
	if slices.Contains(keys, key) {
		return keys
	}
	return append(keys, key)
}

// compare reports the differences of two property maps, of objects in them
// field by field.
func compare(path resource.PropertyPath, old, new resource.PropertyMap, report func(resource.PropertyPath, plugin.DiffKind)) {
	names := maps.Clone(old)
	maps.Copy(names, new)
	for _, name := range names.StableKeys() {
		at := append(slices.Clone(path), string(name))
		was, wanted := old[name], new[name]
		for wanted.IsSecret() {
			wanted = wanted.SecretValue().Element
		}
		switch {
		case wanted.IsNull() && was.IsNull():
		case wanted.IsNull():
			report(at, plugin.DiffDelete)
		case was.IsNull():
			report(at, plugin.DiffAdd)
		case wanted.IsObject() && was.IsObject():
			compare(at, was.ObjectValue(), wanted.ObjectValue(), report)
		case wanted.ContainsUnknowns() || !was.DeepEquals(resource.NewPropertyValue(plain(wanted))):
			report(at, plugin.DiffUpdate)
		}
	}
}
