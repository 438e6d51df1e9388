package provider

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// check judges a known value in Terraform's words and returns why it is
// refused, or nothing. The name is the one Terraform has for the property.
type check func(name string, value any) string

// length takes texts of min to max characters.
func length(shortest, longest int) check {
	return func(name string, value any) string {
		s, _ := value.(string)
		if n := utf8.RuneCountInString(s); n < shortest || n > longest {
			return fmt.Sprintf("expected length of %s to be in the range (%d - %d), got %s", name, shortest, longest, s)
		}
		return ""
	}
}

// between takes numbers of a range.
func between(least, most int) check {
	return func(name string, value any) string {
		n, _ := value.(float64)
		if int(n) < least || int(n) > most {
			return fmt.Sprintf("expected %s to be in the range (%d - %d), got %d", name, least, most, int(n))
		}
		return ""
	}
}

// form takes texts of a pattern.
func form(pattern, words string) check {
	expression := regexp.MustCompile(pattern)
	return func(name string, value any) string {
		if s, _ := value.(string); !expression.MatchString(s) {
			return fmt.Sprintf("invalid value for %s (%s)", name, words)
		}
		return ""
	}
}

// oneOf takes some texts.
func oneOf(choices ...string) check {
	return func(name string, value any) string {
		s, _ := value.(string)
		if !slices.Contains(choices, s) {
			return fmt.Sprintf("expected %s to be one of [%s], got %s", name, strings.Join(quoted(choices), " "), s)
		}
		return ""
	}
}

func quoted(all []string) []string {
	var out []string
	for _, s := range all {
		out = append(out, fmt.Sprintf("%q", s))
	}
	return out
}

// isJSON takes JSON texts.
func isJSON(name string, value any) string {
	s, _ := value.(string)
	var parsed any
	if err := json.Unmarshal([]byte(s), &parsed); err != nil {
		return fmt.Sprintf("%q contains an invalid JSON: %s", name, err)
	}
	return ""
}

// isPolicy takes JSON objects, as far as the provider itself looks.
func isPolicy(name string, value any) string {
	s, _ := value.(string)
	var parsed map[string]any
	if err := json.Unmarshal([]byte(s), &parsed); err != nil {
		return fmt.Sprintf("%q contains an invalid JSON policy: %s", name, err)
	}
	return ""
}

var arnForm = regexp.MustCompile(`^arn:aws[\w-]*:[a-zA-Z0-9][\w-]*:([a-z]{2}(-[a-z]+)+-\d)?:(\d{12}|aws|aws-managed)?:.+$`)

// isARN takes ARNs.
func isARN(name string, value any) string {
	s, _ := value.(string)
	switch {
	case !strings.HasPrefix(s, "arn:"):
		return fmt.Sprintf("%q (%s) is an invalid ARN: arn: invalid prefix", name, s)
	case strings.Count(s, ":") < 5:
		return fmt.Sprintf("%q (%s) is an invalid ARN: arn: not enough sections", name, s)
	case !arnForm.MatchString(s):
		return fmt.Sprintf("%q (%s) is an invalid ARN: invalid value (expecting to match regular expression: %s)", name, s, arnForm)
	}
	return ""
}

// each applies checks to every element of a list of texts.
func each(checks ...check) check {
	return func(name string, value any) string {
		elements, _ := value.([]any)
		for _, element := range elements {
			for _, check := range checks {
				if reason := check(name, element); reason != "" {
					return reason
				}
			}
		}
		return ""
	}
}
