package components

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// registration is one resource as the engine is asked for it.
type registration struct {
	urn, parent string // without what all URNs here begin with
	token, name string
	custom      bool
	inputs      map[string]any       // unknown values and secrets are marked, JSON within text is taken apart
	needs       map[string][]string  // what each input waits for
	waits       []string             // what the whole resource waits for besides
	plain       resource.PropertyMap // the inputs as they came
	options     []string             // protect and the like
	provider    string
}

const urnStart = "urn:pulumi:test::eks-karpenter::"

func newRegistration(request *pulumirpc.RegisterResourceRequest) (registration, error) {
	inputs, err := plugin.UnmarshalProperties(request.GetObject(), plugin.MarshalOptions{
		KeepUnknowns: true, KeepSecrets: true, KeepResources: true,
	})
	if err != nil {
		return registration{}, err
	}
	parentType := tokens.Type("")
	if parent := resource.URN(request.GetParent()); parent != "" && parent.QualifiedType() != resource.RootStackType {
		parentType = parent.QualifiedType()
	}
	made := registration{
		urn:      short(string(resource.NewURN("test", "eks-karpenter", parentType, tokens.Type(request.GetType()), request.GetName()))),
		parent:   short(request.GetParent()),
		token:    request.GetType(),
		name:     request.GetName(),
		custom:   request.GetCustom(),
		inputs:   readable(resource.NewProperty(inputs)).(map[string]any),
		needs:    map[string][]string{},
		plain:    inputs,
		provider: short(request.GetProvider()),
	}
	needed := map[string]bool{}
	for property, dependencies := range request.GetPropertyDependencies() {
		for _, urn := range dependencies.GetUrns() {
			needed[urn] = true
			made.needs[property] = append(made.needs[property], short(urn))
		}
		slices.Sort(made.needs[property])
	}
	for _, urn := range request.GetDependencies() {
		if !needed[urn] {
			made.waits = append(made.waits, short(urn))
		}
	}
	slices.Sort(made.waits)
	if request.GetProtect() {
		made.options = append(made.options, "protect")
	}
	if request.GetDeleteBeforeReplace() {
		made.options = append(made.options, "deleteBeforeReplace")
	}
	if request.GetRetainOnDelete() {
		made.options = append(made.options, "retainOnDelete")
	}
	if ignored := request.GetIgnoreChanges(); len(ignored) > 0 {
		made.options = append(made.options, "ignoreChanges "+strings.Join(ignored, " "))
	}
	if id := request.GetImportId(); id != "" {
		made.options = append(made.options, "import "+id)
	}
	return made, nil
}

func short(urn string) string { return strings.TrimPrefix(urn, urnStart) }

// readable is a value for a person: marks in place of what is unknown or secret, and objects in place of JSON texts.
func readable(value resource.PropertyValue) any {
	switch {
	case value.IsComputed() || value.IsOutput():
		return "<unknown>"
	case value.IsSecret():
		return map[string]any{"<secret>": readable(value.SecretValue().Element)}
	case value.IsObject():
		object := map[string]any{}
		for key, element := range value.ObjectValue() {
			object[string(key)] = readable(element)
		}
		return object
	case value.IsArray():
		array := make([]any, len(value.ArrayValue()))
		for i, element := range value.ArrayValue() {
			array[i] = readable(element)
		}
		return array
	case value.IsString():
		var object map[string]any
		if json.Unmarshal([]byte(value.StringValue()), &object) == nil {
			return map[string]any{"<json>": object}
		}
		return value.StringValue()
	}
	return value.Mappable()
}

// text is the registration for a golden file.
func (r registration) text() string {
	var out strings.Builder
	fmt.Fprintf(&out, "=== %s\nparent: %s\n", r.urn, r.parent)
	if len(r.options) > 0 {
		fmt.Fprintf(&out, "options: %s\n", strings.Join(r.options, ", "))
	}
	if r.provider != "" {
		fmt.Fprintf(&out, "provider: %s\n", r.provider)
	}
	for _, property := range slices.Sorted(maps.Keys(r.needs)) {
		if len(r.needs[property]) > 0 {
			fmt.Fprintf(&out, "%s needs: %s\n", property, strings.Join(r.needs[property], ", "))
		}
	}
	for _, urn := range r.waits {
		fmt.Fprintf(&out, "waits for: %s\n", urn)
	}
	fmt.Fprintf(&out, "inputs: %s\n", pretty(r.inputs))
	return out.String()
}

// texts are all registrations for a golden file, in the order of their URNs.
func (a *account) text() string {
	texts := make([]string, len(a.registered))
	for i, one := range a.registered {
		texts[i] = one.text()
	}
	slices.Sort(texts)
	return strings.Join(texts, "\n")
}

func pretty(value any) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		panic(err)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// facts are the registration as one line for each fact, so that two of them can be compared.
func (r registration) facts() map[string]bool {
	facts := map[string]bool{}
	if r.parent != "" {
		facts["parent = "+r.parent] = true
	}
	if r.provider != "" {
		facts["provider = "+r.provider] = true
	}
	for _, option := range r.options {
		facts["option "+option] = true
	}
	for property, urns := range r.needs {
		for _, urn := range urns {
			facts[property+" needs "+urn] = true
		}
	}
	for _, urn := range r.waits {
		facts["waits for "+urn] = true
	}
	flatten("", r.inputs, facts)
	return facts
}

func flatten(path string, value any, facts map[string]bool) {
	switch value := value.(type) {
	case map[string]any:
		for key, element := range value {
			flatten(path+"."+key, element, facts)
		}
	case []any:
		for i, element := range value {
			flatten(fmt.Sprintf("%s[%d]", path, i), element, facts)
		}
	default:
		facts[strings.TrimPrefix(path, ".")+" = "+pretty(value)] = true
	}
}

// difference says, resource by resource and fact by fact, how a deployment differs from another.
func difference(from, to []registration) string {
	byURN := func(all []registration) map[string]registration {
		result := map[string]registration{}
		for _, one := range all {
			result[one.urn] = one
		}
		return result
	}
	before, after := byURN(from), byURN(to)
	urns := maps.Clone(before)
	maps.Copy(urns, after)
	var out strings.Builder
	for _, urn := range slices.Sorted(maps.Keys(urns)) {
		was, existed := before[urn]
		is, exists := after[urn]
		switch {
		case !exists:
			fmt.Fprintf(&out, "- %s\n", urn)
			continue
		case !existed:
			fmt.Fprintf(&out, "+ %s\n", urn)
			writeFacts(&out, "    + ", is.facts(), map[string]bool{})
			continue
		}
		var changes strings.Builder
		writeFacts(&changes, "    - ", was.facts(), is.facts())
		writeFacts(&changes, "    + ", is.facts(), was.facts())
		if changes.Len() > 0 {
			fmt.Fprintf(&out, "~ %s\n%s", urn, changes.String())
		}
	}
	return out.String()
}

func writeFacts(out *strings.Builder, sign string, facts, without map[string]bool) {
	for _, fact := range slices.Sorted(maps.Keys(facts)) {
		if !without[fact] {
			out.WriteString(sign + fact + "\n")
		}
	}
}
