package components

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumix"

	"github.com/grafanix/eks-karpenter/internal/component"
)

// known is the plain string behind an input, where the program holds one already.
func known(input pulumi.Input) (string, bool) {
	return component.Known(input)
}

// elements are the inputs of a list whose length is known, though its elements may not be.
func elements(list pulumi.StringArrayInput) ([]pulumi.StringInput, error) {
	return component.Elements(list)
}

// plain is a list as plain strings, where the program holds them all already.
func plain(list pulumi.StringArrayInput) (values []string, all bool) {
	inputs, err := elements(list)
	if err != nil {
		return nil, false
	}
	for _, input := range inputs {
		value, ok := known(input)
		if !ok {
			return nil, false
		}
		values = append(values, value)
	}
	return values, true
}

// isEmpty tells that a list has no elements, now or later.
func isEmpty(list pulumi.StringArrayInput) bool {
	all, err := elements(list)
	return err == nil && len(all) == 0
}

// label names an element of a list in the name of its resource: by its value where that is known, so that order does
// not matter, else by its place. Of a policy's ARN it takes all that tells policies apart.
func label(element pulumi.StringInput, place string) string {
	value, ok := known(element)
	if !ok {
		return place
	}
	if _, policy, isPolicy := strings.Cut(value, ":iam::"); isPolicy {
		return policy
	}
	return value
}

// text is an optional string input as an output, "" where there is none.
func text(input pulumi.StringPtrInput) pulumix.Output[string] {
	if input == nil {
		return pulumix.Val("")
	}
	flat := input.ToStringPtrOutput().ApplyT(func(value *string) string { return or(value, "") })
	return pulumix.MustConvertTyped[string](flat)
}

// flat is an input as an output of a text, and never of an output of one: what a component of another library gives, such as a
// property of pulumi-eks's cluster, may be that, and pulumix panics on it.
func flat(input pulumi.StringInput) pulumi.StringOutput {
	return input.ToStringOutput().ApplyT(func(value string) string { return value }).(pulumi.StringOutput)
}

// texts is an optional list as an output, empty where there is none.
func texts(input pulumi.StringArrayInput) pulumix.Output[[]string] {
	if input == nil {
		return pulumix.Val[[]string](nil)
	}
	flat := input.ToStringArrayOutput().ApplyT(func(values []string) []string { return values })
	return pulumix.MustConvertTyped[[]string](flat)
}

// stringOutput gives a typed output the type that resources take.
func stringOutput(output pulumix.Output[string]) pulumi.StringOutput {
	return pulumix.Cast[pulumi.StringOutput](output)
}

// or is the value chosen, or else the default.
func or[T any](chosen *T, byDefault T) T { return component.Or(chosen, byDefault) }

// orZero is the options given, or else options that choose nothing.
func orZero[T any](options *T) *T { return component.OrZero(options) }

// stringMap is a map of tags as an input; nil where there is none, so that none is recorded.
func stringMap(tags map[string]string) pulumi.StringMapInput {
	if len(tags) == 0 {
		return nil
	}
	return pulumi.ToStringMap(tags)
}

func concat(a, b []string) []string { return slices.Concat(a, b) }

// indexed is the path of an element of a list.
func indexed(property string, place int) string { return component.Indexed(property, place) }

func sortedKeys[V any](m map[string]V) []string { return component.SortedKeys(m) }

func merged(whole, part map[string]string) map[string]string { return component.Merged(whole, part) }
