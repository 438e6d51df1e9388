package authorize

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// operator is a condition operator, without set operator and IfExists.
type operator struct {
	// negated operators are met where compare is false for every value.
	negated bool
	// compare tests a value of the policy against one of the request.
	compare func(v variables, want, got string) (bool, error)
	// form is the form that values of a policy must have.
	form func(value string) error
}

// errUnresolved says that a variable has no value.
var errUnresolved = errors.New("a policy variable has no value")

// operators are those of
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
// but for Null, which asks for presence alone.
var operators = map[string]operator{
	"StringEquals":              {compare: equal, form: anyForm},
	"StringNotEquals":           {compare: equal, form: anyForm, negated: true},
	"StringEqualsIgnoreCase":    {compare: equalFold, form: anyForm},
	"StringNotEqualsIgnoreCase": {compare: equalFold, form: anyForm, negated: true},
	"StringLike":                {compare: like, form: anyForm},
	"StringNotLike":             {compare: like, form: anyForm, negated: true},
	"ArnEquals":                 {compare: arnLike, form: arnForm},
	"ArnLike":                   {compare: arnLike, form: arnForm},
	"ArnNotEquals":              {compare: arnLike, form: arnForm, negated: true},
	"ArnNotLike":                {compare: arnLike, form: arnForm, negated: true},
	"Bool":                      {compare: boolean, form: boolForm},
	"BinaryEquals":              {compare: binary, form: formOf(base64.StdEncoding.DecodeString)},
	"IpAddress":                 {compare: within, form: formOf(parseRange)},
	"NotIpAddress":              {compare: within, form: formOf(parseRange), negated: true},
	"NumericEquals":             {compare: number(func(c int) bool { return c == 0 }), form: formOf(parseNumber)},
	"NumericNotEquals":          {compare: number(func(c int) bool { return c == 0 }), form: formOf(parseNumber), negated: true},
	"NumericLessThan":           {compare: number(func(c int) bool { return c < 0 }), form: formOf(parseNumber)},
	"NumericLessThanEquals":     {compare: number(func(c int) bool { return c <= 0 }), form: formOf(parseNumber)},
	"NumericGreaterThan":        {compare: number(func(c int) bool { return c > 0 }), form: formOf(parseNumber)},
	"NumericGreaterThanEquals":  {compare: number(func(c int) bool { return c >= 0 }), form: formOf(parseNumber)},
	"DateEquals":                {compare: date(func(c int) bool { return c == 0 }), form: formOf(parseDate)},
	"DateNotEquals":             {compare: date(func(c int) bool { return c == 0 }), form: formOf(parseDate), negated: true},
	"DateLessThan":              {compare: date(func(c int) bool { return c < 0 }), form: formOf(parseDate)},
	"DateLessThanEquals":        {compare: date(func(c int) bool { return c <= 0 }), form: formOf(parseDate)},
	"DateGreaterThan":           {compare: date(func(c int) bool { return c > 0 }), form: formOf(parseDate)},
	"DateGreaterThanEquals":     {compare: date(func(c int) bool { return c >= 0 }), form: formOf(parseDate)},
}

func anyForm(string) error { return nil }

func formOf[T any](parse func(string) (T, error)) func(string) error {
	return func(value string) error {
		_, err := parse(value)
		return err
	}
}

func equal(v variables, want, got string) (bool, error) {
	text, ok := v.expand(want)
	if !ok {
		return false, errUnresolved
	}
	return text == got, nil
}

func equalFold(v variables, want, got string) (bool, error) {
	text, ok := v.expand(want)
	if !ok {
		return false, errUnresolved
	}
	return strings.EqualFold(text, got), nil
}

func like(v variables, want, got string) (bool, error) {
	p, ok := v.pattern(want)
	if !ok {
		return false, errUnresolved
	}
	return p.match(got), nil
}

// arnLike compares the six parts of ARNs one by one. What is no ARN in the
// request is like none.
func arnLike(v variables, want, got string) (bool, error) {
	p, ok := v.pattern(want)
	if !ok {
		return false, errUnresolved
	}
	wants, ok := p.parts()
	gots := strings.SplitN(got, ":", 6)
	if !ok || len(gots) != 6 {
		return false, nil
	}
	for i, part := range wants {
		if !part.match(gots[i]) {
			return false, nil
		}
	}
	return true, nil
}

func arnForm(value string) error {
	parts := strings.SplitN(variable.ReplaceAllLiteralString(value, "x"), ":", 6)
	if len(parts) != 6 || parts[0] != "arn" {
		return fmt.Errorf("%q does not have the six parts of an ARN", value)
	}
	return nil
}

func boolean(v variables, want, got string) (bool, error) {
	text, ok := v.expand(want)
	if !ok {
		return false, errUnresolved
	}
	wants, err := parseBool(text)
	if err != nil {
		return false, err
	}
	gots, err := parseBool(got)
	return wants == gots, err
}

func boolForm(value string) error {
	if variable.MatchString(value) {
		return nil
	}
	_, err := parseBool(value)
	return err
}

func parseBool(value string) (bool, error) {
	switch strings.ToLower(value) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, fmt.Errorf("%q is neither true nor false", value)
}

// binary compares the bytes of the request with those that the policy encodes.
func binary(_ variables, want, got string) (bool, error) {
	wants, err := base64.StdEncoding.DecodeString(want)
	return bytes.Equal(wants, []byte(got)), err
}

func within(_ variables, want, got string) (bool, error) {
	wants, err := parseRange(want)
	if err != nil {
		return false, err
	}
	address, err := netip.ParseAddr(got)
	if err != nil {
		return false, fmt.Errorf("%q is not an IP address", got)
	}
	return wants.Contains(address.Unmap()), nil
}

// parseRange reads CIDR notation, or one address.
func parseRange(value string) (netip.Prefix, error) {
	if prefix, err := netip.ParsePrefix(value); err == nil {
		return prefix.Masked(), nil
	}
	address, err := netip.ParseAddr(value)
	if err != nil || address.Zone() != "" {
		return netip.Prefix{}, fmt.Errorf("%q is not an IP address or range", value)
	}
	address = address.Unmap()
	return netip.PrefixFrom(address, address.BitLen()), nil
}

// number compares the request's number with the policy's.
func number(holds func(comparison int) bool) func(variables, string, string) (bool, error) {
	return func(_ variables, want, got string) (bool, error) {
		wants, err := parseNumber(want)
		if err != nil {
			return false, err
		}
		gots, err := parseNumber(got)
		if err != nil {
			return false, err
		}
		return holds(gots.Cmp(wants)), nil
	}
}

var decimal = regexp.MustCompile(`^[+-]?\d{1,100}(\.\d{1,100})?$`)

func parseNumber(value string) (*big.Rat, error) {
	if decimal.MatchString(value) {
		if parsed, ok := new(big.Rat).SetString(value); ok {
			return parsed, nil
		}
	}
	return nil, fmt.Errorf("%q is not a number", value)
}

// date compares the request's time with the policy's.
func date(holds func(comparison int) bool) func(variables, string, string) (bool, error) {
	return func(_ variables, want, got string) (bool, error) {
		wants, err := parseDate(want)
		if err != nil {
			return false, err
		}
		gots, err := parseDate(got)
		if err != nil {
			return false, err
		}
		return holds(gots.Compare(wants)), nil
	}
}

// epoch is a time in seconds since 1970. Four digits would be a year.
var epoch = regexp.MustCompile(`^\d{5,12}$`)

// parseDate reads https://www.w3.org/TR/NOTE-datetime from days on, and epoch
// seconds.
func parseDate(value string) (time.Time, error) {
	if epoch.MatchString(value) {
		seconds, err := strconv.ParseInt(value, 10, 64)
		return time.Unix(seconds, 0), err
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", time.DateOnly} {
		if parsed, err := time.Parse(layout, value); err == nil {
			return parsed, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a date", value)
}
