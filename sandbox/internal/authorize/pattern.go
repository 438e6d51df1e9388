package authorize

import (
	"regexp"
	"strings"
)

// tokenKind is what one token of a pattern matches.
type tokenKind int

const (
	letter tokenKind = iota // itself
	star                    // any text, * in a policy
	one                     // any letter, ? in a policy
)

// token is one token of a pattern. What comes out of a variable is letters
// that are fixed: neither wildcards nor the colons of an ARN.
type token struct {
	kind   tokenKind
	letter rune
	fixed  bool
	// inside keeps a wildcard within its part of an ARN.
	inside bool
}

func (t token) colon() bool { return t.kind == letter && t.letter == ':' && !t.fixed }

type pattern []token

// literalPattern reads wildcards, and no variables.
func literalPattern(text string) pattern {
	p := make(pattern, 0, len(text))
	for _, r := range text {
		switch r {
		case '*':
			p = append(p, token{kind: star})
		case '?':
			p = append(p, token{kind: one})
		default:
			p = append(p, token{letter: r})
		}
	}
	return p
}

// match tells whether the whole text fits. It walks the pattern once and keeps
// the set of places it may have come to in the text.
func (p pattern) match(text string) bool {
	letters := []rune(text)
	at := make([]bool, len(letters)+1)
	at[0] = true
	for _, t := range p {
		next := make([]bool, len(letters)+1)
		if t.kind == star {
			next[0] = at[0]
		}
		for i, r := range letters {
			crosses := t.inside && r == ':'
			switch t.kind {
			case letter:
				next[i+1] = at[i] && r == t.letter
			case one:
				next[i+1] = at[i] && !crosses
			case star:
				next[i+1] = at[i+1] || next[i] && !crosses
			}
		}
		at = next
	}
	return at[len(letters)]
}

// variables reads the values of policies, with the policy variables in them.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
type variables struct {
	on      bool // false in documents of the version before there were any
	context Context
}

// variable is ${key}, or ${key, 'default'}.
var variable = regexp.MustCompile(`\$\{([^{}']*?)(?:\s*,\s*'([^']*)')?\}`)

// pattern reads a value. It is false where a variable has neither a value nor
// a default: then nothing matches.
func (v variables) pattern(text string) (pattern, bool) {
	if !v.on {
		return literalPattern(text), true
	}
	var p pattern
	rest := 0
	for _, found := range variable.FindAllStringSubmatchIndex(text, -1) {
		value, ok := v.value(text, found)
		if !ok {
			return nil, false
		}
		p = append(p, literalPattern(text[rest:found[0]])...)
		for _, r := range value {
			p = append(p, token{letter: r, fixed: true})
		}
		rest = found[1]
	}
	return append(p, literalPattern(text[rest:])...), true
}

// expand reads a value in which * and ? are nothing special.
func (v variables) expand(text string) (string, bool) {
	if !v.on {
		return text, true
	}
	var expanded strings.Builder
	rest := 0
	for _, found := range variable.FindAllStringSubmatchIndex(text, -1) {
		value, ok := v.value(text, found)
		if !ok {
			return "", false
		}
		expanded.WriteString(text[rest:found[0]])
		expanded.WriteString(value)
		rest = found[1]
	}
	expanded.WriteString(text[rest:])
	return expanded.String(), true
}

// value is what a variable, found in a text, stands for.
func (v variables) value(text string, found []int) (string, bool) {
	name := strings.TrimSpace(text[found[2]:found[3]])
	switch name {
	case "*", "?", "$":
		return name, true
	}
	if value, ok := v.context.single(name); ok {
		return value, true
	}
	if found[4] < 0 {
		return "", false
	}
	return text[found[4]:found[5]], true
}

// anyResource tells whether a resource is among those of a statement, and
// whether all of their variables have values.
func (v variables) anyResource(values []string, resource string) (inside, resolved bool) {
	resolved = true
	for _, value := range values {
		if value == "*" {
			inside = true
			continue
		}
		p, ok := v.pattern(value)
		if !ok {
			resolved = false
			continue
		}
		inside = inside || p.inARN().match(resource)
	}
	return inside, resolved
}

// inARN keeps wildcards before the fifth colon within their parts of the ARN,
// but for a * that ends its part, which may go on.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
func (p pattern) inARN() pattern {
	colons := 0
	for i, t := range p {
		if t.colon() {
			colons++
		}
		ends := t.kind == star && i+1 < len(p) && p[i+1].colon()
		p[i].inside = colons < 5 && t.kind != letter && !ends
	}
	return p
}

// parts splits the pattern of an ARN into its six parts.
func (p pattern) parts() ([]pattern, bool) {
	var parts []pattern
	start := 0
	for i, t := range p {
		if t.colon() && len(parts) < 5 {
			parts = append(parts, p[start:i])
			start = i + 1
		}
	}
	return append(parts, p[start:]), len(parts) == 5
}

// hasEarlyVariable tells whether a variable stands before an ARN's fifth
// colon. The colons in variables are not the ARN's.
func hasEarlyVariable(resource string) bool {
	const mark = "\x00"
	parts := strings.SplitN(variable.ReplaceAllLiteralString(resource, mark), ":", 6)
	return strings.Contains(strings.Join(parts[:min(5, len(parts))], ":"), mark)
}
