// Package policy holds every document that Karpenter's AWS side is made of, IAM policies, resource policies and event
// patterns, as plain values: pure functions of names and ARNs, with nothing of Pulumi and nothing of the network in them.
package policy

import (
	"maps"
	"slices"
	"unicode"
)

// Size limits of documents in characters, white space not counted. Source: "IAM and AWS STS quotas", IAM User Guide.
const (
	MaxManagedPolicySize  = 6144
	MaxInlinePoliciesSize = 10240 // all inline policies of one role together
	MaxTrustPolicySize    = 2048
	MaxAttachedPolicies   = 10 // managed policies attached to one role
	MaxTagsPerResource    = 50
	version               = "2012-10-17"
	accountRoot           = "root"
)

// Document is an IAM policy document: an identity policy, a trust policy or a resource policy.
type Document struct {
	Version    string
	ID         string
	Statements []Statement
}

// Statement is one statement of a Document. Effect is "Allow" or "Deny".
type Statement struct {
	Sid       string
	Effect    string
	Principal *Principal
	Actions   Values
	Resources Values
	Condition Condition
}

// Condition maps an operator to condition keys and their values.
type Condition map[string]map[string]Values

// Principal is who a trust or resource policy speaks of. The zero value is everyone, written "*".
type Principal struct {
	AWS       string
	Federated string
	Service   string
}

// Values is a list that is written bare when it has one element, as IAM lets it.
type Values []string

// JSON is the document as AWS takes it: compact, keys in order, the same bytes for the same value.
func (d Document) JSON() string {
	w := writer{out: make([]byte, 0, 4096)}
	w.object(func() {
		w.text("Version", d.Version)
		w.text("Id", d.ID)
		w.key("Statement")
		w.list(len(d.Statements), func(i int) { d.Statements[i].write(&w) })
	})
	return string(w.out)
}

// Size is the document's length as IAM counts it, without white space.
func (d Document) Size() int { return Size(d.JSON()) }

// Size is the length of a document's JSON as IAM counts it, without white space.
func Size(document string) int {
	size := 0
	for _, r := range document {
		if !unicode.IsSpace(r) {
			size++
		}
	}
	return size
}

func document(statements ...Statement) Document {
	return Document{Version: version, Statements: statements}
}

func (s Statement) write(w *writer) {
	w.object(func() {
		w.text("Sid", s.Sid)
		w.text("Effect", s.Effect)
		if s.Principal != nil {
			w.key("Principal")
			s.Principal.write(w)
		}
		w.key("Action")
		s.Actions.write(w)
		if len(s.Resources) > 0 {
			w.key("Resource")
			s.Resources.write(w)
		}
		if len(s.Condition) > 0 {
			w.key("Condition")
			s.Condition.write(w)
		}
	})
}

func (p Principal) write(w *writer) {
	if p == (Principal{}) {
		w.string("*")
		return
	}
	w.object(func() {
		w.text("AWS", p.AWS)
		w.text("Federated", p.Federated)
		w.text("Service", p.Service)
	})
}

func (c Condition) write(w *writer) {
	w.object(func() {
		for _, operator := range slices.Sorted(maps.Keys(c)) {
			w.key(operator)
			w.object(func() {
				for _, key := range slices.Sorted(maps.Keys(c[operator])) {
					w.key(key)
					c[operator][key].write(w)
				}
			})
		}
	})
}

func (v Values) write(w *writer) {
	if len(v) == 1 {
		w.string(v[0])
		return
	}
	w.list(len(v), func(i int) { w.string(v[i]) })
}
