// Package policydoc reads IAM policy documents and judges their grammar, as
// the AWS services do before they store one.
//
// It knows documents only: no account, no service. What differs between the
// kinds of policies (identity, trust, queue, key) is data, see [Rules].
// Grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
package policydoc

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"unicode"
)

// Document is a policy document with every "one or many" made a list.
type Document struct {
	Version    string
	ID         string
	Statements []Statement
}

// Statement is one statement of a document. A nil list or nil principals mean
// that the element is absent.
type Statement struct {
	Sid          string
	Effect       string
	Principal    *Principals
	NotPrincipal *Principals
	Actions      []string
	NotActions   []string
	Resources    []string
	NotResources []string
	Conditions   []Condition
}

// Principals are the principals of one statement: everyone, or lists by kind
// ("AWS", "Service", "Federated", "CanonicalUser").
type Principals struct {
	Everyone bool
	ByKind   map[string][]string
}

// Condition is one key of one operator of a statement's conditions.
type Condition struct {
	Operator string
	Key      string
	Values   []string
}

// Problem is why a service refuses a document, in IAM's words.
type Problem struct {
	Message string
	// Principal is true when a principal is at fault; services other than
	// IAM have words of their own for that.
	Principal bool
}

func (p *Problem) Error() string { return p.Message }

// errSyntax is IAM's answer to everything its parser cannot read.
var errSyntax = &Problem{Message: "Syntax errors in policy."}

// Parse reads a document. Text that is no JSON, unknown elements and elements
// of a wrong type are a [Problem].
func Parse(text string) (Document, error) {
	var top map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &top); err != nil {
		return Document{}, &Problem{Message: "This policy contains invalid Json"}
	}
	var doc Document
	for name, raw := range top {
		var err error
		switch name {
		case "Version":
			err = json.Unmarshal(raw, &doc.Version)
		case "Id":
			err = json.Unmarshal(raw, &doc.ID)
		case "Statement":
			doc.Statements, err = parseStatements(raw)
		default:
			err = errSyntax
		}
		if err != nil {
			return Document{}, errSyntax
		}
	}
	return doc, nil
}

func parseStatements(raw json.RawMessage) ([]Statement, error) {
	var elements []map[string]json.RawMessage
	if raw = bytes.TrimSpace(raw); len(raw) > 0 && raw[0] == '{' {
		raw = slices.Concat([]byte("["), raw, []byte("]"))
	}
	if err := json.Unmarshal(raw, &elements); err != nil {
		return nil, err
	}
	statements := make([]Statement, 0, len(elements))
	for _, element := range elements {
		statement, err := parseStatement(element)
		if err != nil {
			return nil, err
		}
		statements = append(statements, statement)
	}
	return statements, nil
}

func parseStatement(elements map[string]json.RawMessage) (Statement, error) {
	var s Statement
	for name, raw := range elements {
		var err error
		switch name {
		case "Sid":
			err = json.Unmarshal(raw, &s.Sid)
		case "Effect":
			err = json.Unmarshal(raw, &s.Effect)
		case "Principal":
			s.Principal, err = parsePrincipals(raw)
		case "NotPrincipal":
			s.NotPrincipal, err = parsePrincipals(raw)
		case "Action":
			s.Actions, err = parseTexts(raw)
		case "NotAction":
			s.NotActions, err = parseTexts(raw)
		case "Resource":
			s.Resources, err = parseTexts(raw)
		case "NotResource":
			s.NotResources, err = parseTexts(raw)
		case "Condition":
			s.Conditions, err = parseConditions(raw)
		default:
			err = errSyntax
		}
		if err != nil {
			return Statement{}, err
		}
	}
	return s, nil
}

func parsePrincipals(raw json.RawMessage) (*Principals, error) {
	var everyone string
	if json.Unmarshal(raw, &everyone) == nil {
		if everyone != "*" {
			return nil, errSyntax
		}
		return &Principals{Everyone: true}, nil
	}
	var kinds map[string]json.RawMessage
	if err := json.Unmarshal(raw, &kinds); err != nil {
		return nil, err
	}
	principals := &Principals{ByKind: map[string][]string{}}
	for kind, list := range kinds {
		values, err := parseTexts(list)
		if err != nil {
			return nil, err
		}
		principals.ByKind[kind] = values
	}
	return principals, nil
}

func parseConditions(raw json.RawMessage) ([]Condition, error) {
	var operators map[string]map[string]json.RawMessage
	if err := json.Unmarshal(raw, &operators); err != nil {
		return nil, err
	}
	var conditions []Condition
	for operator, keys := range operators {
		for key, list := range keys {
			values, err := parseTexts(list)
			if err != nil {
				return nil, err
			}
			conditions = append(conditions, Condition{Operator: operator, Key: key, Values: values})
		}
	}
	slices.SortFunc(conditions, func(a, b Condition) int {
		return cmpPairs(a.Operator, b.Operator, a.Key, b.Key)
	})
	return conditions, nil
}

// parseTexts reads a string, number or boolean, or a list of them. The result
// is never nil, so that a present but empty list differs from an absent one.
func parseTexts(raw json.RawMessage) ([]string, error) {
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		return nil, err
	}
	items, many := value.([]any)
	if !many {
		items = []any{value}
	}
	texts := make([]string, 0, len(items))
	for _, item := range items {
		switch item := item.(type) {
		case string:
			texts = append(texts, item)
		case bool:
			texts = append(texts, strconv.FormatBool(item))
		case float64:
			texts = append(texts, strconv.FormatFloat(item, 'f', -1, 64))
		default:
			return nil, errSyntax
		}
	}
	return texts, nil
}

// Size is a document's length as IAM's quotas count it: characters, without
// white space.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
func Size(text string) int {
	size := 0
	for _, r := range text {
		if !unicode.IsSpace(r) {
			size++
		}
	}
	return size
}
