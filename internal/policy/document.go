// Package policy holds every document that Karpenter's AWS side is made of, IAM policies, resource policies and event
// patterns, as plain values: pure functions of names and ARNs, with nothing of Pulumi and nothing of the network in them.
package policy

import (
	"bytes"
	"encoding/json"
	"strings"
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
	Version    string      `json:"Version"`
	ID         string      `json:"Id,omitempty"`
	Statements []Statement `json:"Statement"`
}

// Statement is one statement of a Document. Effect is "Allow" or "Deny".
type Statement struct {
	Sid       string     `json:"Sid,omitempty"`
	Effect    string     `json:"Effect"`
	Principal *Principal `json:"Principal,omitempty"`
	Actions   Values     `json:"Action"`
	Resources Values     `json:"Resource,omitempty"`
	Condition Condition  `json:"Condition,omitempty"`
}

// Condition maps an operator to condition keys and their values; encoding/json writes its keys in order.
type Condition map[string]map[string]Values

// Principal is who a trust or resource policy speaks of. The zero value is everyone, written "*".
type Principal struct {
	AWS       string `json:"AWS,omitempty"`
	Federated string `json:"Federated,omitempty"`
	Service   string `json:"Service,omitempty"`
}

// Values is a list that IAM lets stand as a single string when it has one element.
type Values []string

// MarshalJSON writes a single element bare, and any other number as a list.
func (v Values) MarshalJSON() ([]byte, error) {
	if len(v) == 1 {
		return json.Marshal(v[0])
	}
	return json.Marshal([]string(v))
}

// MarshalJSON writes everyone as "*" and any other principal as an object.
func (p Principal) MarshalJSON() ([]byte, error) {
	if p == (Principal{}) {
		return []byte(`"*"`), nil
	}
	type plain Principal
	return json.Marshal(plain(p))
}

// JSON is the document as AWS takes it: compact, and the same bytes for the same value.
func (d Document) JSON() string { return compact(d) }

// Size is the document's length as IAM counts it, without white space.
func (d Document) Size() int {
	size := 0
	for _, r := range d.JSON() {
		if !unicode.IsSpace(r) {
			size++
		}
	}
	return size
}

func document(statements ...Statement) Document {
	return Document{Version: version, Statements: statements}
}

// compact encodes one of this package's own values, none of which can fail to encode.
func compact(value any) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return ""
	}
	return strings.TrimSuffix(out.String(), "\n")
}
