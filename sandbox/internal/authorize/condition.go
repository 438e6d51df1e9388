package authorize

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/grafanix/eks-karpenter/sandbox/internal/policydoc"
)

const (
	forAll   = "ForAllValues:"
	forAny   = "ForAnyValue:"
	ifExists = "IfExists"
	null     = "Null"
)

// condition is one key of one operator.
type condition struct {
	operator string // as the policy writes it
	set      string // forAll, forAny or ""
	ifExists bool
	test     operator // not for Null
	key      string
	values   []string
}

func compileCondition(raw policydoc.Condition) (condition, error) {
	c := condition{operator: raw.Operator, key: raw.Key, values: raw.Values}
	base := raw.Operator
	for _, set := range []string{forAll, forAny} {
		if rest, found := strings.CutPrefix(base, set); found && c.set == "" {
			base, c.set = rest, set
		}
	}
	if len(c.values) == 0 {
		return condition{}, fmt.Errorf("%s %s has no values", raw.Operator, raw.Key)
	}
	if base == null {
		return c, c.checkNull()
	}
	base, c.ifExists = strings.CutSuffix(base, ifExists)
	test, known := operators[base]
	if !known {
		return condition{}, fmt.Errorf("unknown condition operator %s", raw.Operator)
	}
	c.test = test
	for _, value := range c.values {
		if err := test.form(value); err != nil {
			return condition{}, fmt.Errorf("%s %s: %w", raw.Operator, raw.Key, err)
		}
	}
	return c, nil
}

func (c condition) checkNull() error {
	if c.set != "" {
		return fmt.Errorf("unknown condition operator %s", c.operator)
	}
	for _, value := range c.values {
		if _, err := parseBool(value); err != nil {
			return fmt.Errorf("%s %s: %w", c.operator, c.key, err)
		}
	}
	return nil
}

var (
	errManyValues = errors.New("a key of several values needs ForAllValues or ForAnyValue")
	errOpen       = errors.New("AWS leaves open what IfExists means after ForAnyValue for a missing key")
)

// met tells whether the request meets the condition.
//
// A missing key meets only the operators that deny something, those with
// IfExists, and ForAllValues:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
func (c condition) met(v variables) (bool, error) {
	got, present := v.context.lookup(c.key)
	switch {
	case c.test.compare == nil:
		return slices.ContainsFunc(c.values, func(value string) bool {
			return strings.EqualFold(value, strconv.FormatBool(!present))
		}), nil
	case c.set == forAll:
		return c.allMet(v, got)
	case c.set == forAny && !present && c.ifExists:
		return false, errOpen
	case c.set == forAny:
		return c.anyMet(v, got)
	case !present:
		return c.ifExists || c.test.negated, nil
	case len(got) > 1 || multivalued[strings.ToLower(c.key)]:
		return false, errManyValues
	}
	return c.one(v, got[0])
}

// allMet is true for no values, and for the empty string alone, which AWS
// counts as none:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
func (c condition) allMet(v variables, got []string) (bool, error) {
	if len(got) == 1 && got[0] == "" {
		return true, nil
	}
	for _, value := range got {
		if ok, err := c.one(v, value); err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

func (c condition) anyMet(v variables, got []string) (bool, error) {
	met := false
	for _, value := range got {
		ok, err := c.one(v, value)
		if err != nil {
			return false, err
		}
		met = met || ok
	}
	return met, nil
}

// one tests one value of the request against those of the policy: any of them
// for most operators, none of them for those that deny. A value whose
// variables have none themselves matches nothing and fails a denial.
func (c condition) one(v variables, got string) (bool, error) {
	equal := false
	for _, want := range c.values {
		ok, err := c.test.compare(v, want, got)
		if errors.Is(err, errUnresolved) {
			if c.test.negated {
				return false, nil
			}
			continue
		}
		if err != nil {
			return false, err
		}
		equal = equal || ok
	}
	return equal != c.test.negated, nil
}

// shown are the policy's values with their variables replaced, where they can
// be.
func (c condition) shown(v variables) []string {
	shown := make([]string, len(c.values))
	for i, value := range c.values {
		shown[i] = value
		if expanded, ok := v.expand(value); ok {
			shown[i] = expanded
		}
	}
	return shown
}
