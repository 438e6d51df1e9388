package components

import "github.com/grafanix/eks-karpenter/internal/component"

// InvalidArgsError lists everything that is wrong with the args of a component, each problem under the property that
// has it. It wraps a Pulumi errors.InputPropertiesError with the same details.
type InvalidArgsError = component.InvalidArgsError

// problems collects what is wrong with one args value before anything is registered.
type problems struct{ component.Problems }

func newProblems() problems { return problems{component.NewProblems()} }

// in collects into the same list, for properties of a nested struct.
func (p problems) in(property string) problems { return problems{p.In(property)} }
