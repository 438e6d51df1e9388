package provider

import (
	"maps"
	"slices"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

// kind is the type of a property's value.
type kind string

// The kinds of properties.
const (
	text    kind = "string"
	number  kind = "number"
	flag    kind = "bool"
	texts   kind = "list of strings"
	textMap kind = "map of strings"
	object  kind = "object"
	objects kind = "list of objects"
)

// mode says who gives a property its value.
type mode int

// The modes of properties, as Terraform has them.
const (
	optional         mode = iota // the program, or nobody
	required                     // the program
	optionalComputed             // the program, or else AWS
	computed                     // AWS alone: no input
)

// documentKind is how JSON texts compare.
type documentKind int

// The kinds of documents.
const (
	noDocument documentKind = iota
	plainJSON               // by value
	policyJSON              // as policies: lists have no order, one element may stand alone
)

// property is one row of a type's schema.
type property struct {
	kind kind
	mode mode
	// otherwise is the value Check fills in where the program gives none.
	otherwise any
	// replace: a change needs a new resource.
	replace bool
	// forGood: what was set can only be taken away by a new resource.
	forGood bool
	// document: a JSON text, equal when it means the same; objects are taken too.
	document documentKind
	// alike tells whether two different texts mean the same.
	alike func(a, b string) bool
	// unordered: a list whose order means nothing.
	unordered bool
	// local: AWS does not keep it, only Pulumi's state does.
	local bool
	// imported: an import takes AWS's value for the program's, though AWS might
	// have chosen it itself (optionalComputed only).
	imported bool
	// autoname is the longest name that is made up where none is given; 0: none is.
	autoname int
	// fields are an object's properties.
	fields schema
	// checks are what the provider refuses before it asks AWS.
	checks []check
	// movedBy tells which other properties' change makes AWS change this one.
	movedBy func(name string) bool
	// conflicts are properties that may not be given beside this one.
	conflicts []string
	// unmodelled: the aws provider has it, the sandbox does not.
	unmodelled bool
}

// schema is a type's properties by name.
type schema map[string]property

func (s schema) names() []string { return slices.Sorted(maps.Keys(s)) }

// with returns a schema with further properties.
func (s schema) with(more schema) schema {
	all := maps.Clone(s)
	maps.Copy(all, more)
	return all
}

// tagged are the two properties of types with tags.
var tagged = schema{
	"tags":    {kind: textMap},
	"tagsAll": {kind: textMap, mode: computed},
}

// resourceType is one type of resource: its schema, and how AWS is asked for
// it. The generic protocol around it is in crud.go.
type resourceType struct {
	token string
	// noun is the resource in Terraform's error messages.
	noun       string
	properties schema
	// plan are checks across properties; given tells which the program gives,
	// known or not.
	plan func(in values, given func(property string) bool) []problem
	// affixes are what AWS demands before and after a name that is made up.
	affixes func(values) (prefix, suffix string)
	// creating begins a failed creation's message, such as "creating IAM Role (x)".
	creating func(values) string
	// create makes the resource and returns its id. An id beside an error means
	// that the resource exists but is not complete.
	create func(*cloud.Client, values) (string, error)
	// read returns a resource's whole state, nil when it does not exist. The
	// state is empty on import, when the id is all there is.
	read func(c *cloud.Client, id string, state values) (found, error)
	// update brings a resource from its old state to new inputs; nil where
	// every change replaces.
	update func(c *cloud.Client, id string, old, new values) error
	remove func(c *cloud.Client, id string, state values) error
}

// found is what a read returns: the id, which an import may have to complete,
// and the state.
type found struct {
	id    string
	state values
}

// resourceTypes are all types the sandbox has, by token.
var resourceTypes = index([]resourceType{
	roleType, policyType, rolePolicyAttachmentType, rolePolicyType, instanceProfileType, openIDConnectProviderType, serviceLinkedRoleType,
	accessEntryType, podIdentityAssociationType, clusterType, nodeGroupType, fargateProfileType, addonType,
	queueType, queuePolicyType,
	eventRuleType, eventTargetType,
	keyType, aliasType,
	tagType, launchTemplateType, securityGroupType, securityGroupRuleType,
})

func index(types []resourceType) map[string]resourceType {
	byToken := make(map[string]resourceType, len(types))
	for _, t := range types {
		byToken[t.token] = t
	}
	return byToken
}

// Names are the names of a type's properties.
type Names struct {
	Inputs, Outputs []string
}

// Schemas are the property names of every type, by token: also of those that
// the sandbox knows but refuses.
func Schemas() map[string]Names {
	all := map[string]Names{}
	for token, t := range resourceTypes {
		var names Names
		for _, name := range t.properties.names() {
			names.Outputs = append(names.Outputs, name)
			if t.properties[name].mode != computed {
				names.Inputs = append(names.Inputs, name)
			}
		}
		all[token] = names
	}
	return all
}
