package component

import (
	"fmt"
	"strings"

	pulumierrors "github.com/pulumi/pulumi/sdk/v3/go/pulumi/errors"
)

// InvalidArgsError lists everything that is wrong with the args of a component, each problem under the property that
// has it. It wraps a Pulumi errors.InputPropertiesError with the same details.
type InvalidArgsError struct {
	// Component is the component's name in the program.
	Component string
	// Problems are in the order of the component's properties.
	Problems []pulumierrors.InputPropertyErrorDetails
}

// Error is a heading and one line for each problem.
func (e *InvalidArgsError) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s: ", e.Component)
	if len(e.Problems) == 1 {
		return text.String() + e.Problems[0].String()
	}
	fmt.Fprintf(&text, "%d problems:", len(e.Problems))
	for _, problem := range e.Problems {
		text.WriteString("\n  - " + problem.String())
	}
	return text.String()
}

// Unwrap gives Pulumi the details it knows how to show.
func (e *InvalidArgsError) Unwrap() error {
	return pulumierrors.NewInputPropertiesError(e.Component, e.Problems...)
}

// Problems collects what is wrong with one args value before anything is registered.
type Problems struct {
	under string // the path of the struct whose properties are being checked, with a trailing dot, or ""
	list  *[]pulumierrors.InputPropertyErrorDetails
}

// NewProblems has none yet.
func NewProblems() Problems {
	return Problems{list: &[]pulumierrors.InputPropertyErrorDetails{}}
}

// In collects into the same list, for properties of a nested struct.
func (p Problems) In(property string) Problems {
	return Problems{under: p.under + property + ".", list: p.list}
}

// Addf records a problem of a property; reason says what is wrong and what to do.
func (p Problems) Addf(property, reason string, args ...any) {
	*p.list = append(*p.list, pulumierrors.InputPropertyErrorDetails{
		PropertyPath: p.under + property,
		Reason:       fmt.Sprintf(reason, args...),
	})
}

// Err is nil where nothing is wrong.
func (p Problems) Err(component string) error {
	if len(*p.list) == 0 {
		return nil
	}
	return &InvalidArgsError{Component: component, Problems: *p.list}
}

// Invalid is one problem, for an error of a component that lists it among its own.
func Invalid(property, reason string) error {
	p := NewProblems()
	p.Addf(property, "%s", reason)
	return p.Err("")
}
