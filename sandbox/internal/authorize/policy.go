package authorize

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/grafanix/eks-karpenter/sandbox/internal/policydoc"
)

// The grammars of the kinds of policies.
var (
	identityRules = policydoc.Rules{Principal: policydoc.Forbidden, Resource: policydoc.Required, PlainSids: true}
	resourceRules = policydoc.Rules{Principal: policydoc.Required, Resource: policydoc.Required}
	trustRules    = policydoc.Rules{Principal: policydoc.Required, Resource: policydoc.Forbidden, PlainSids: true}
)

// verdict is what policies of one kind say of a request.
type verdict struct {
	deny   *Ref
	allows [direct + 1]*Ref // the first statement of each grade
	near   []Near
}

// best is the statement that allows with a grade at least; of several, that
// of the highest grade. A policy that is not there allows nothing.
func (v *verdict) best(least grade) *Ref {
	if v == nil {
		return nil
	}
	for g := direct; g >= least; g-- {
		if v.allows[g] != nil {
			return v.allows[g]
		}
	}
	return nil
}

// judge adds what one policy says to a verdict.
func (e *evaluation) judge(policy Policy, rules policydoc.Rules, v *verdict) error {
	statements, err := parse(policy, rules, e.request.Partition)
	if err != nil {
		return fmt.Errorf("%s: %w", policy.Name, err)
	}
	for _, s := range statements {
		if err := e.weigh(s, v); err != nil {
			return fmt.Errorf("%s: %w", s.ref, err)
		}
	}
	return nil
}

// weigh adds what one statement says to a verdict.
func (e *evaluation) weigh(s statement, v *verdict) error {
	g := direct
	if s.principal != nil {
		g = e.request.Principal.named(s.principal, s.allow)
	}
	if g == unnamed || !s.covers(e.request, e.context) {
		return nil
	}
	failed, err := s.firstFailure(e.context)
	switch {
	case err != nil:
		return err
	case failed != nil && s.allow:
		v.near = append(v.near, Near{Ref: s.ref, Failed: *failed})
	case failed != nil:
	case !s.allow && v.deny == nil:
		v.deny = &s.ref
	case s.allow && v.allows[g] == nil:
		v.allows[g] = &s.ref
	}
	return nil
}

// parse reads a policy's statements, or says why none of it counts.
func parse(policy Policy, rules policydoc.Rules, partition string) ([]statement, error) {
	document, err := policydoc.Parse(policy.Document)
	if err == nil {
		err = plain(policy.Document)
	}
	if err != nil {
		return nil, err
	}
	rules.Partition = partition
	if err := document.Check(rules); err != nil {
		return nil, err
	}
	statements := make([]statement, 0, len(document.Statements))
	for i, raw := range document.Statements {
		ref := Ref{Policy: policy.Name, Sid: raw.Sid}
		if ref.Sid == "" {
			ref.Sid = "statement " + strconv.Itoa(i+1)
		}
		s, err := compile(raw, ref, document.Version == "2012-10-17")
		if err != nil {
			return nil, fmt.Errorf("%s: %w", ref.Sid, err)
		}
		statements = append(statements, s)
	}
	return statements, nil
}

var (
	errDuplicate = errors.New("an element stands twice in one object, against the policy grammar")
	errNull      = errors.New("null is no value of the policy grammar")
)

// plain refuses what JSON readers silently resolve: elements that stand twice,
// and nulls.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
func plain(document string) error {
	decoder := json.NewDecoder(bytes.NewBufferString(document))
	var open []map[string]bool // the keys of the objects around; nil for lists
	for isKey := false; ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case nil:
			return errNull
		case json.Delim:
			switch token {
			case '{':
				open = append(open, map[string]bool{})
			case '[':
				open = append(open, nil)
			default:
				open = open[:len(open)-1]
			}
			isKey = len(open) > 0 && open[len(open)-1] != nil
			continue
		case string:
			if isKey {
				keys := open[len(open)-1]
				if keys[token] {
					return errDuplicate
				}
				keys[token] = true
				isKey = false
				continue
			}
		}
		isKey = len(open) > 0 && open[len(open)-1] != nil
	}
}

// statement is one statement of a policy, ready to be asked.
type statement struct {
	ref          Ref
	allow        bool
	principal    *policydoc.Principals // nil in the policies of identities
	actions      []string
	notActions   []string
	resources    []string // both nil in trust policies
	notResources []string
	conditions   []condition
	variables    bool // the document's version has policy variables
}

func compile(raw policydoc.Statement, ref Ref, variables bool) (statement, error) {
	if raw.NotPrincipal != nil {
		// Whom it spares depends on the order in which a service looks at
		// account, role and session, says its page:
		// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
		return statement{}, errors.New("NotPrincipal is not supported")
	}
	s := statement{
		ref: ref, allow: raw.Effect == "Allow", principal: raw.Principal, variables: variables,
		actions: lowered(raw.Actions), notActions: lowered(raw.NotActions),
		resources: raw.Resources, notResources: raw.NotResources,
	}
	for _, list := range [][]string{raw.Resources, raw.NotResources} {
		for _, resource := range list {
			if variables && hasEarlyVariable(resource) {
				return statement{}, fmt.Errorf("the resource %s has a variable before its fifth colon, where IAM takes none", resource)
			}
		}
	}
	for _, c := range raw.Conditions {
		compiled, err := compileCondition(c)
		if err != nil {
			return statement{}, err
		}
		s.conditions = append(s.conditions, compiled)
	}
	return s, nil
}

func lowered(texts []string) []string {
	lower := make([]string, len(texts))
	for i, text := range texts {
		lower[i] = strings.ToLower(text)
	}
	return lower
}

// covers tells whether a statement is about the request's action and resource.
func (s statement) covers(request Request, context Context) bool {
	action := strings.ToLower(request.Action)
	named := func(patterns []string) bool {
		for _, p := range patterns {
			if literalPattern(p).match(action) {
				return true
			}
		}
		return false
	}
	if len(s.actions) > 0 && !named(s.actions) || len(s.notActions) > 0 && named(s.notActions) {
		return false
	}
	v := variables{on: s.variables, context: context}
	if s.notResources != nil {
		inside, resolved := v.anyResource(s.notResources, request.Resource)
		return resolved && !inside
	}
	if s.resources == nil {
		return true
	}
	inside, _ := v.anyResource(s.resources, request.Resource)
	return inside
}

// firstFailure is the first condition that the request does not meet.
func (s statement) firstFailure(context Context) (*Failure, error) {
	v := variables{on: s.variables, context: context}
	for _, c := range s.conditions {
		met, err := c.met(v)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", c.operator, c.key, err)
		}
		if !met {
			got, _ := context.lookup(c.key)
			return &Failure{Operator: c.operator, Key: c.key, Wants: c.shown(v), Got: got}, nil
		}
	}
	return nil, nil
}
