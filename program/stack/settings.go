package stack

import (
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumierrors "github.com/pulumi/pulumi/sdk/v3/go/pulumi/errors"

	"github.com/grafanix/eks-karpenter/components"
)

// Settings are everything that a stack can be told: in its configuration, each under the name of its pulumi tag and in
// the project's namespace, or by a Go program that fills them in and calls Deploy.
type Settings struct {
	// Karpenter are the inputs of the Karpenter component, each of them a setting.
	Karpenter components.KarpenterArgs `pulumi:",squash"`
	// Protect has Pulumi refuse to delete any of the stack's resources until it is turned off. Default: false.
	Protect bool `pulumi:"protect,optional"`
}

// Load reads the settings of this program; see [LoadAs].
func Load(ctx *pulumi.Context) (*Settings, error) { return LoadAs[Settings](ctx) }

// LoadAs reads settings from the stack's configuration into a struct whose fields bear pulumi tags, as those of [Settings] do:
// programs that deploy more have more settings. Its error is a *components.InvalidArgsError that names every
// setting that is a secret, unknown, with the nearest known one, or of the wrong type.
//
// Pulumi shows a program only the settings it asks for, save in the environment of a program that the CLI runs: an
// unknown setting at the top level goes unnoticed in an inline program of the Automation API, which can have the Go
// compiler check them by filling in Settings itself.
func LoadAs[S any](ctx *pulumi.Context) (*S, error) {
	raw := map[string]any{}
	var secrets []pulumierrors.InputPropertyErrorDetails
	for _, setting := range known(reflect.TypeFor[S]()) {
		key := namespace + ":" + setting.name
		if value, ok := ctx.GetConfig(key); ok {
			raw[setting.name] = parse(value, setting.kind)
		}
		if ctx.IsConfigSecret(key) {
			secrets = append(secrets, pulumierrors.InputPropertyErrorDetails{
				PropertyPath: setting.name,
				Reason:       "is a secret, but names and ARNs end up in plain text in AWS and in the state: set it without --secret",
			})
		}
	}
	if err := invalid(secrets); err != nil {
		return nil, err
	}
	for _, name := range configured() {
		if _, isKnown := raw[name]; !isKnown {
			raw[name] = nil
		}
	}
	return decode[S](raw)
}

// namespace is that of all settings, whatever the project of a program is called that deploys this.
const namespace = "eks-karpenter"

// configured are the names of all settings, where the CLI has put them into the environment.
func configured() []string {
	var all map[string]string
	if err := json.Unmarshal([]byte(os.Getenv(pulumi.EnvConfig)), &all); err != nil {
		return nil
	}
	var names []string
	for key := range all {
		if name, ours := strings.CutPrefix(key, namespace+":"); ours {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// parse reads a setting the way Pulumi keeps it: text as it is, anything else as JSON. What stands for nothing in
// Pulumi.yaml, where every setting must have a default, is nothing here.
func parse(value string, kind reflect.Kind) any {
	if kind == reflect.String || kind == reflect.Interface {
		if value == "" {
			return nil
		}
		return value
	}
	decoder := json.NewDecoder(strings.NewReader(value))
	decoder.UseNumber()
	var parsed any
	if err := decoder.Decode(&parsed); err != nil {
		return value
	}
	if object, ok := parsed.(map[string]any); ok && len(object) == 0 {
		return nil
	}
	return parsed
}

// invalid is the error for settings that cannot be used.
func invalid(problems []pulumierrors.InputPropertyErrorDetails) error {
	if len(problems) == 0 {
		return nil
	}
	return &components.InvalidArgsError{Component: "stack configuration", Problems: problems}
}

// leaves are the single errors within joined ones.
func leaves(err error) []error {
	var joined interface{ Unwrap() []error }
	if !errors.As(err, &joined) {
		return []error{err}
	}
	var all []error
	for _, one := range joined.Unwrap() {
		all = append(all, leaves(one)...)
	}
	return all
}
