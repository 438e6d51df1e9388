package pattern

import (
	"encoding/json"
	"net/netip"
	"slices"
	"strings"
)

// is tells whether a leaf matches one value of a pattern. A plain value matches
// as it is written: 300 and 300.0 are different numbers.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern.html
func (f field) is(wanted any) bool {
	filter, ok := wanted.(map[string]any)
	if !ok {
		return f.value == wanted
	}
	for name, argument := range filter {
		switch name {
		case "anything-but":
			return !isAny(f.value, argument)
		case "exists":
			return argument == true
		case "numeric":
			return inRange(f.value, argument)
		default:
			return textIs(f.value, name, argument)
		}
	}
	return false
}

// isAny tells whether a leaf is one of what an anything-but names: values, or
// one filter with a text or several. Numbers are compared as numbers.
func isAny(value, named any) bool {
	if filter, ok := named.(map[string]any); ok {
		for name, argument := range filter {
			is := func(one any) bool { return textIs(value, name, one) }
			return slices.ContainsFunc(asList(argument), is)
		}
	}
	return slices.ContainsFunc(asList(named), func(one any) bool {
		a, isNumber := number(value)
		b, namesNumber := number(one)
		return value == one || (isNumber && namesNumber && a == b)
	})
}

// asList makes a list of one value, and leaves a list.
func asList(value any) []any {
	if list, ok := value.([]any); ok {
		return list
	}
	return []any{value}
}

// textIs applies a filter that only texts pass.
func textIs(value any, filter string, argument any) bool {
	text, ok := value.(string)
	if !ok {
		return false
	}
	if nested, ok := argument.(map[string]any); ok { // ignoring case
		text, argument = strings.ToLower(text), nested["equals-ignore-case"]
		if wanted, ok := argument.(string); ok {
			argument = strings.ToLower(wanted)
		}
	}
	wanted, ok := argument.(string)
	if !ok {
		return false
	}
	switch filter {
	case "prefix":
		return strings.HasPrefix(text, wanted)
	case "suffix":
		return strings.HasSuffix(text, wanted)
	case "equals-ignore-case":
		return strings.EqualFold(text, wanted)
	case "wildcard":
		parts, err := wildcard(wanted)
		return err == nil && passes(text, parts)
	case "cidr":
		return inBlock(text, wanted)
	}
	return false
}

// numericLimit is the largest number that numeric matching knows; the least is
// its opposite.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html#filtering-numeric-matching
const numericLimit = 5e9

func number(value any) (float64, bool) {
	written, ok := value.(json.Number)
	if !ok {
		return 0, false
	}
	n, err := written.Float64()
	return n, err == nil
}

func inRange(value, terms any) bool {
	n, ok := number(value)
	if !ok || n > numericLimit || n < -numericLimit {
		return false
	}
	list := asList(terms)
	for i := 0; i+1 < len(list); i += 2 {
		limit, ok := number(list[i+1])
		if !ok || !compares(n, list[i], limit) {
			return false
		}
	}
	return true
}

func compares(n float64, operator any, limit float64) bool {
	switch operator {
	case "=":
		return n == limit
	case "<":
		return n < limit
	case "<=":
		return n <= limit
	case ">":
		return n > limit
	case ">=":
		return n >= limit
	}
	return false
}

func inBlock(text, block string) bool {
	address, err := netip.ParseAddr(text)
	if err != nil {
		return false
	}
	prefix, err := netip.ParsePrefix(block)
	return err == nil && prefix.Contains(address)
}

// wildcard splits a wildcard pattern at its asterisks. A backslash before an
// asterisk or a backslash takes its meaning away.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html#eb-filtering-wildcard-matching
func wildcard(text string) ([]string, error) {
	var parts []string
	var part strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '*' && i > 0 && part.Len() == 0 && len(parts) > 0:
			return nil, Refusal("Consecutive wildcard characters are not allowed")
		case c == '*':
			parts = append(parts, part.String())
			part.Reset()
		case c != '\\':
			part.WriteByte(c)
		case i+1 < len(text) && (text[i+1] == '*' || text[i+1] == '\\'):
			i++
			part.WriteByte(text[i])
		default:
			return nil, Refusal("Invalid escape character: a backslash may stand only before * or \\")
		}
	}
	return append(parts, part.String()), nil
}

// passes tells whether a text is made of the parts in order, with anything
// between them.
func passes(text string, parts []string) bool {
	last := len(parts) - 1
	if last == 0 {
		return text == parts[0]
	}
	text, ok := strings.CutPrefix(text, parts[0])
	if !ok {
		return false
	}
	for _, part := range parts[1:last] {
		at := strings.Index(text, part)
		if at < 0 {
			return false
		}
		text = text[at+len(part):]
	}
	return strings.HasSuffix(text, parts[last])
}
