package cloud

import (
	"regexp"
	"unicode/utf8"
)

// constraint is a parameter's form as AWS's API models state it.
type constraint struct {
	parameter string
	pattern   string
	max       int
}

// check returns AWS's validation error, under the code of the service.
func (c constraint) check(code, value string) error {
	const head = "1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: "
	if utf8.RuneCountInString(value) > c.max {
		return refuse(code, head+"Member must have length less than or equal to %d", value, c.parameter, c.max)
	}
	if !regexp.MustCompile(`^(?:` + c.pattern + `)$`).MatchString(value) {
		return refuse(code, head+"Member must satisfy regular expression pattern: %s", value, c.parameter, c.pattern)
	}
	return nil
}

// numberRange is a parameter's range.
type numberRange struct {
	parameter string
	min, max  int
}

func (r numberRange) check(code string, value int) error {
	switch {
	case value < r.min:
		return refuse(code, "1 validation error detected: Value '%d' at '%s' failed to satisfy constraint: Member must have value greater than or equal to %d", value, r.parameter, r.min)
	case value > r.max:
		return refuse(code, "1 validation error detected: Value '%d' at '%s' failed to satisfy constraint: Member must have value less than or equal to %d", value, r.parameter, r.max)
	}
	return nil
}
