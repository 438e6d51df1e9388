// Package pattern reads EventBridge event patterns, judges their grammar, as
// PutRule does, and matches events with them.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
package pattern

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
)

// Refusal is why EventBridge would not take a pattern, in its words.
type Refusal string

func (r Refusal) Error() string { return string(r) }

// filters are the content filters a leaf may hold, each with the check of its
// argument.
var filters = map[string]func(argument any) error{
	"anything-but":       checkAnythingBut,
	"cidr":               checkBlock,
	"equals-ignore-case": checkText,
	"exists":             checkBool,
	"numeric":            checkNumeric,
	"prefix":             checkTextOrIgnoreCase,
	"suffix":             checkTextOrIgnoreCase,
	"wildcard":           checkWildcard,
}

// Check returns why EventBridge would refuse a pattern. Any key may be matched
// upon: a misspelt one is a legal pattern that never matches.
func Check(text string) error {
	var root any
	if err := json.Unmarshal([]byte(text), &root); err != nil {
		return Refusal("Could not parse the event pattern: " + err.Error())
	}
	fields, ok := root.(map[string]any)
	if !ok {
		return Refusal("Filter is not an object")
	}
	return checkFields(fields)
}

func checkFields(fields map[string]any) error {
	if len(fields) == 0 {
		return Refusal("Empty objects are not allowed")
	}
	for key, value := range fields {
		var err error
		switch value := value.(type) {
		case map[string]any:
			err = checkFields(value)
		case []any:
			if key == "$or" {
				err = checkAlternatives(value)
			} else {
				err = checkLeaf(value)
			}
		default:
			err = fmt.Errorf("%q must be an object or an array", key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func checkAlternatives(alternatives []any) error {
	if len(alternatives) < 2 {
		return Refusal("There must have at least 2 Objects in $or relationship")
	}
	for _, alternative := range alternatives {
		fields, ok := alternative.(map[string]any)
		if !ok {
			return Refusal("Only objects are allowed in $or relationship")
		}
		if err := checkFields(fields); err != nil {
			return err
		}
	}
	return nil
}

func checkLeaf(values []any) error {
	if len(values) == 0 {
		return Refusal("Empty arrays are not allowed")
	}
	for _, value := range values {
		switch value := value.(type) {
		case []any:
			return Refusal("Match value must be String, number, true, false, or null")
		case map[string]any:
			if err := checkFilter(value); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkFilter(filter map[string]any) error {
	if len(filter) != 1 {
		return Refusal("Only one key allowed in match expression")
	}
	for name, argument := range filter {
		check, known := filters[name]
		if !known {
			return Refusal("Unrecognized match type " + name)
		}
		if err := check(argument); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func checkText(argument any) error {
	if _, ok := argument.(string); !ok {
		return Refusal("match pattern must be a string")
	}
	return nil
}

func checkBool(argument any) error {
	if _, ok := argument.(bool); !ok {
		return Refusal("match pattern must be either true or false")
	}
	return nil
}

func checkTextOrIgnoreCase(argument any) error {
	if nested, ok := argument.(map[string]any); ok && len(nested) == 1 {
		argument = nested["equals-ignore-case"]
	}
	return checkText(argument)
}

func checkBlock(argument any) error {
	text, _ := argument.(string)
	if _, err := netip.ParsePrefix(text); err != nil {
		return Refusal("Malformed CIDR, one '/' required")
	}
	return nil
}

func checkWildcard(argument any) error {
	text, ok := argument.(string)
	if !ok {
		return checkText(argument)
	}
	_, err := wildcard(text)
	return err
}

func checkAnythingBut(argument any) error {
	if filter, ok := argument.(map[string]any); ok {
		return checkNested(filter)
	}
	texts, numbers := 0, 0
	for _, value := range asList(argument) {
		switch value.(type) {
		case string:
			texts++
		case float64:
			numbers++
		}
	}
	if all := len(asList(argument)); all == 0 || (texts != all && numbers != all) {
		return Refusal("value must be a string, a number, a list of strings, a list of numbers or one nested match")
	}
	return nil
}

// checkNested judges the filter inside an anything-but: its argument is a text
// or a list of texts.
func checkNested(filter map[string]any) error {
	nested := map[string]func(any) error{
		"prefix": checkText, "suffix": checkText, "equals-ignore-case": checkText, "wildcard": checkWildcard,
	}
	if len(filter) != 1 {
		return Refusal("Only one key allowed in match expression")
	}
	for name, argument := range filter {
		check, known := nested[name]
		if !known || len(asList(argument)) == 0 {
			return Refusal("value must be a string, a number, a list of strings, a list of numbers or one nested match")
		}
		for _, value := range asList(argument) {
			if err := check(value); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkNumeric judges an equation, a limit or a range of two limits.
func checkNumeric(argument any) error {
	terms, ok := argument.([]any)
	if !ok || len(terms) == 0 || len(terms)%2 != 0 {
		return Refusal("value must be an array of operators and numbers")
	}
	var seen string
	for i := 0; i < len(terms); i += 2 {
		operator, _ := terms[i].(string)
		if !slices.Contains([]string{"=", "<", "<=", ">", ">="}, operator) {
			return fmt.Errorf("unrecognized numeric range operator: %v", terms[i])
		}
		if limit, number := terms[i+1].(float64); !number {
			return Refusal("value of numeric match must be numeric")
		} else if limit > numericLimit || limit < -numericLimit {
			return Refusal("Value must be between -5.0E9 and 5.0E9, inclusive")
		}
		if seen += operator[:1]; !slices.Contains([]string{"=", "<", ">", "<>", "><"}, seen) {
			return Refusal("Too many elements in numeric expression")
		}
	}
	return nil
}
