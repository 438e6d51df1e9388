package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"

	"github.com/grafanix/eks-karpenter/sandbox/internal/base"
	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

// Create makes a resource; a preview foretells it, with what only AWS knows
// left unknown.
func (p *Provider) Create(ctx context.Context, req plugin.CreateRequest) (plugin.CreateResponse, error) {
	t, err := typeOf(string(req.Type))
	if err != nil {
		return plugin.CreateResponse{}, err
	}
	if req.Preview {
		return plugin.CreateResponse{Properties: t.foretell(req.Properties)}, nil
	}
	client, done, err := p.begin(ctx, cloud.Call{URN: string(req.URN), Type: t.token, Action: "create"})
	if err != nil {
		return plugin.CreateResponse{}, err
	}
	defer done()
	inputs := known(req.Properties)
	id, err := client.Step(func() (string, error) { return t.create(client, inputs) })
	if err != nil {
		err = fmt.Errorf("%s: %w", t.creating(inputs), err)
		if id == "" {
			return plugin.CreateResponse{}, err
		}
		return plugin.CreateResponse{}, t.incomplete(client, id, inputs, req.Properties, err)
	}
	current, err := t.current(client, id, inputs)
	if err != nil {
		return plugin.CreateResponse{}, t.incomplete(client, id, inputs, req.Properties, err)
	}
	return plugin.CreateResponse{ID: resource.ID(current.id), Properties: t.outputs(current.state, inputs)}, nil
}

// current reads a resource that must exist.
func (t resourceType) current(client *cloud.Client, id string, state values) (found, error) {
	current, err := t.read(client, id, state)
	if err != nil {
		return found{}, fmt.Errorf("reading %s (%s): %w", t.noun, id, err)
	}
	if current.state == nil {
		return found{}, fmt.Errorf("reading %s (%s): couldn't find resource", t.noun, id)
	}
	return current, nil
}

// incomplete is the error of a resource that exists but is not as asked for.
// What cannot be read is taken to be as asked for.
func (t resourceType) incomplete(client *cloud.Client, id string, inputs values, given resource.PropertyMap, cause error) error {
	current, err := t.read(client, id, inputs)
	switch {
	case err != nil:
		current.state = inputs
	case current.state == nil:
		return cause
	}
	return base.Incomplete(id, t.outputs(current.state, inputs), given, cause)
}

// foretell is a new resource's state as far as it can be known before.
func (t resourceType) foretell(inputs resource.PropertyMap) resource.PropertyMap {
	state := inputs.Copy()
	delete(state, defaultsKey)
	for name, property := range t.properties {
		key := resource.PropertyKey(name)
		if value, given := state[key]; given {
			state[key] = property.foretold(value, resource.PropertyValue{})
			continue
		}
		if property.unmodelled {
			continue
		}
		if property.mode == computed || property.mode == optionalComputed {
			state[key] = resource.MakeComputed(resource.NewPropertyValue(""))
		}
	}
	t.foretellTags(state)
	return state
}

// foretellTags sets tagsAll, which the provider knows when it knows the tags.
func (t resourceType) foretellTags(state resource.PropertyMap) {
	if _, has := t.properties["tagsAll"]; !has {
		return
	}
	state["tagsAll"] = state["tags"]
	if state["tags"].IsNull() {
		state["tagsAll"] = resource.NewPropertyValue(map[string]any{})
	}
}

// outputs are a resource's state: what AWS has, in the words of the program
// where they mean the same, and what only Pulumi keeps.
func (t resourceType) outputs(state, given values) resource.PropertyMap {
	outputs := state.properties()
	for name, property := range t.properties {
		key := resource.PropertyKey(name)
		if value := property.worded(outputs[key], resource.NewPropertyValue(given[name])); !value.IsNull() {
			outputs[key] = value
		}
	}
	return outputs
}

// Read returns what AWS has of a resource; one that is gone has no id. Without
// inputs it is an import, and the inputs are those a program would give.
func (p *Provider) Read(ctx context.Context, req plugin.ReadRequest) (plugin.ReadResponse, error) {
	t, err := typeOf(string(req.Type))
	if err != nil {
		return plugin.ReadResponse{}, err
	}
	client, done, err := p.begin(ctx, cloud.Call{URN: string(req.URN), Type: t.token, Action: "read", ID: string(req.ID)})
	if err != nil {
		return plugin.ReadResponse{}, err
	}
	defer done()
	var current found
	_, err = client.Step(func() (id string, err error) {
		current, err = t.read(client, string(req.ID), known(req.State))
		return current.id, err
	})
	if err != nil {
		return plugin.ReadResponse{}, fmt.Errorf("reading %s (%s): %w", t.noun, req.ID, err)
	}
	if current.state == nil {
		return plugin.ReadResponse{}, nil
	}
	local, importing := known(req.State), len(req.Inputs) == 0
	if importing {
		local = t.localDefaults()
	}
	outputs := t.outputs(current.state, local)
	var inputs resource.PropertyMap
	if importing {
		inputs = t.importInputs(outputs)
	} else {
		inputs = t.refreshInputs(req.Inputs, outputs)
	}
	return plugin.ReadResponse{ReadResult: plugin.ReadResult{ID: resource.ID(current.id), Inputs: inputs, Outputs: outputs}}, nil
}

// localDefaults are what an import takes for the properties AWS does not keep.
func (t resourceType) localDefaults() values {
	defaults := values{}
	for name, property := range t.properties {
		if property.local && property.otherwise != nil {
			defaults[name] = property.otherwise
		}
	}
	return defaults
}

// importInputs are the inputs that would make a resource as it is.
func (t resourceType) importInputs(outputs resource.PropertyMap) resource.PropertyMap {
	inputs, filled := resource.PropertyMap{}, []any{}
	for _, name := range t.properties.names() {
		property, key := t.properties[name], resource.PropertyKey(name)
		value, has := outputs[key]
		switch {
		case !has || property.mode == computed || t.clashing(property, inputs):
		case property.mode != optionalComputed || property.imported || property.autoname > 0:
			if value = property.asInput(value); isEmpty(value) {
				continue
			}
			inputs[key] = value
			if property.otherwise != nil && value.DeepEquals(resource.NewPropertyValue(property.otherwise)) {
				filled = append(filled, name)
			}
		}
	}
	inputs[defaultsKey] = resource.NewPropertyValue(filled)
	return inputs
}

// refreshInputs are the old inputs with what AWS has now, where that differs
// in meaning.
func (t resourceType) refreshInputs(before, outputs resource.PropertyMap) resource.PropertyMap {
	inputs := before.Copy()
	for key, old := range before {
		property, ok := t.properties[string(key)]
		if !ok {
			continue
		}
		now, has := outputs[key]
		switch {
		case !has && !isEmpty(old):
			delete(inputs, key)
		case has && !property.same(now, old):
			inputs[key] = property.asInput(now)
		}
	}
	return inputs
}

// Update brings a resource to new inputs; a preview foretells its state.
func (p *Provider) Update(ctx context.Context, req plugin.UpdateRequest) (plugin.UpdateResponse, error) {
	t, err := typeOf(string(req.Type))
	if err != nil {
		return plugin.UpdateResponse{}, err
	}
	if req.Preview {
		return plugin.UpdateResponse{Properties: t.foretellUpdate(req.OldOutputs, req.NewInputs)}, nil
	}
	client, done, err := p.begin(ctx, cloud.Call{URN: string(req.URN), Type: t.token, Action: "update", ID: string(req.ID)})
	if err != nil {
		return plugin.UpdateResponse{}, err
	}
	defer done()
	inputs := known(req.NewInputs)
	if _, err := client.Step(func() (string, error) {
		switch {
		case t.update != nil:
			return "", t.update(client, string(req.ID), known(req.OldOutputs), inputs)
		case req.OldInputs.DeepEquals(req.NewInputs): // the engine looks again after what was made in part
			return "", nil
		default:
			return "", errors.New("it cannot be updated in place")
		}
	}); err != nil {
		return plugin.UpdateResponse{}, fmt.Errorf("updating %s (%s): %w", t.noun, req.ID, err)
	}
	current, err := t.current(client, string(req.ID), inputs)
	if err != nil {
		return plugin.UpdateResponse{}, err
	}
	return plugin.UpdateResponse{Properties: t.outputs(current.state, inputs)}, nil
}

// foretellUpdate is a resource's state after an update, as far as it is known:
// what AWS gave stays.
func (t resourceType) foretellUpdate(old, inputs resource.PropertyMap) resource.PropertyMap {
	state := old.Copy()
	for name, property := range t.properties {
		key := resource.PropertyKey(name)
		value, given := inputs[key]
		switch {
		case given:
			state[key] = property.foretold(value, old[key])
		case property.movedBy != nil && t.moves(property, old, inputs):
			state[key] = resource.MakeComputed(resource.NewPropertyValue(""))
		case property.mode == optional || property.mode == required:
			delete(state, key)
		}
	}
	t.foretellTags(state)
	return state
}

// moves tells whether an update makes AWS change a property by itself.
func (t resourceType) moves(moved property, old, inputs resource.PropertyMap) bool {
	for name, property := range t.properties {
		key := resource.PropertyKey(name)
		if property.mode == computed || !moved.movedBy(name) {
			continue
		}
		if _, changed := property.change(old[key], inputs[key]); changed {
			return true
		}
	}
	return false
}

// Delete removes a resource; one that is gone already is no error.
func (p *Provider) Delete(ctx context.Context, req plugin.DeleteRequest) (plugin.DeleteResponse, error) {
	t, err := typeOf(string(req.Type))
	if err != nil {
		return plugin.DeleteResponse{}, err
	}
	client, done, err := p.begin(ctx, cloud.Call{URN: string(req.URN), Type: t.token, Action: "delete", ID: string(req.ID)})
	if err != nil {
		return plugin.DeleteResponse{}, err
	}
	defer done()
	_, err = client.Step(func() (string, error) {
		if err := t.remove(client, string(req.ID), known(req.Outputs)); !cloud.IsMissing(err) {
			return "", err
		}
		return "", nil
	})
	if err != nil {
		return plugin.DeleteResponse{}, fmt.Errorf("deleting %s (%s): %w", t.noun, req.ID, err)
	}
	return plugin.DeleteResponse{}, nil
}
