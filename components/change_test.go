package components

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// change is what one option, or one fact of the cluster, changes: everything that a component registers and puts out with
// it, against the same without it. testdata holds each as a difference, fact by fact.
type change struct {
	name string // of the file
	why  string // heads the file
	with constructor
	on   func(*account) // how the account differs, if it does
}

// assertChanges compares what each change does with its golden file.
func assertChanges(t *testing.T, kind string, changes []change) {
	t.Helper()
	seen := map[string]bool{}
	for _, change := range changes {
		if seen[change.name] {
			t.Fatalf("%s is named twice", change.name)
		}
		seen[change.name] = true
		t.Run(change.name, func(t *testing.T) {
			t.Parallel()
			before, after := newAccount(), newAccount()
			was := deploy(t, before, defaults(nil)[kind])
			if change.on != nil {
				change.on(after)
			}
			is := deploy(t, after, change.with)
			difference := difference(
				append(before.registered, registration{urn: "outputs", inputs: outputs(t, was)}),
				append(after.registered, registration{urn: "outputs", inputs: outputs(t, is)}),
			)
			golden(t, kind+"/"+change.name+".diff", "# "+change.why+"\n"+difference)
		})
	}
}

// Short forms for tables.
func given(s string) pulumi.StringPtrInput { return pulumi.StringPtr(s) }

func list(values ...string) pulumi.StringArrayInput { return pulumi.ToStringArray(values) }
