// Package pattern reads EventBridge event patterns and judges their grammar,
// as PutRule does.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
package pattern

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Refusal is why EventBridge would not take a pattern, in its words.
type Refusal string

func (r Refusal) Error() string { return string(r) }

// filters are the content filters a leaf may hold, each with the check of its
// argument.
var filters = map[string]func(argument any) error{
	"anything-but":       checkAnythingBut,
	"cidr":               checkText,
	"equals-ignore-case": checkText,
	"exists":             checkBool,
	"numeric":            checkNumeric,
	"prefix":             checkTextOrIgnoreCase,
	"suffix":             checkTextOrIgnoreCase,
	"wildcard":           checkText,
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

func checkAnythingBut(argument any) error {
	switch argument := argument.(type) {
	case string, float64:
		return nil
	case []any:
		if len(argument) > 0 {
			return nil
		}
	case map[string]any:
		nested := []string{"prefix", "suffix", "equals-ignore-case", "wildcard"}
		for name := range argument {
			if len(argument) == 1 && slices.Contains(nested, name) {
				return nil
			}
		}
	}
	return Refusal("value must be a string, a number, a list of them or one nested match")
}

func checkNumeric(argument any) error {
	terms, ok := argument.([]any)
	if !ok || len(terms) == 0 || len(terms)%2 != 0 {
		return Refusal("value must be an array of operators and numbers")
	}
	for i, term := range terms {
		if _, number := term.(float64); i%2 == 1 && !number {
			return Refusal("value of numeric match must be numeric")
		}
		if operator, _ := term.(string); i%2 == 0 && !slices.Contains([]string{"=", "<", "<=", ">", ">="}, operator) {
			return fmt.Errorf("unrecognized numeric range operator: %v", term)
		}
	}
	return nil
}
