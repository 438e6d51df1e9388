package provider

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// randomDigits are the hexadecimal digits that the bridge adds to a name.
const randomDigits = 7

// autoname makes a name for a resource without one: the one it has already,
// else what the engine proposes, else its name in the program and some digits.
func (t resourceType) autoname(inputs resource.PropertyMap, req plugin.CheckRequest, property string) (string, error) {
	if before, ok := filledBefore(req.Olds, property); ok {
		return before, nil
	}
	prefix, suffix := "", ""
	if t.affixes != nil {
		prefix, suffix = t.affixes(known(inputs))
	}
	longest := t.properties[property].autoname
	if req.Autonaming != nil {
		switch req.Autonaming.Mode {
		case plugin.AutonamingModeDisabled:
			return "", fmt.Errorf("automatic naming is disabled but no explicit name was provided for %s", req.URN)
		case plugin.AutonamingModeEnforce:
			return req.Autonaming.ProposedName, nil
		case plugin.AutonamingModePropose:
			if req.Autonaming.ProposedName != "" {
				return prefix + req.Autonaming.ProposedName + suffix, nil
			}
		}
	}
	seed := req.RandomSeed
	if len(seed) == 0 {
		seed = []byte(req.URN)
	}
	made, err := resource.NewUniqueName(seed, prefix+req.URN.Name()+"-", randomDigits, longest-len(suffix), nil)
	return made + suffix, err
}

// filledBefore returns the value that an earlier Check filled in.
func filledBefore(olds resource.PropertyMap, property string) (string, bool) {
	value, had := olds[resource.PropertyKey(property)]
	if !had || !value.IsString() {
		return "", false
	}
	return value.StringValue(), isFilled(olds, property)
}

// isFilled tells whether inputs have a property from Check, not the program.
func isFilled(inputs resource.PropertyMap, property string) bool {
	filled := inputs[defaultsKey]
	if !filled.IsArray() {
		return false
	}
	for _, name := range filled.ArrayValue() {
		if name.IsString() && name.StringValue() == property {
			return true
		}
	}
	return false
}
