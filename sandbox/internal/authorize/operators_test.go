package authorize_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/sandbox/internal/authorize"
)

type values = []string

const (
	theRole = "arn:aws:iam::111122223333:role/platform/Karpenter"
	theARN  = "arn:aws:sts::111122223333:assumed-role/Karpenter/pod"
	theRoot = "arn:aws:iam::111122223333:root"
)

// session is the principal that most tests are about.
func session() authorize.Principal {
	return authorize.Principal{
		Kind: authorize.RoleSession, RoleARN: theRole, RoleID: "AROAEXAMPLEEXAMPLE12", SessionName: "pod",
		Tags: map[string]string{"team": "red"},
	}
}

// text is any value as JSON.
func text(t testing.TB, value any) string {
	t.Helper()
	encoded, err := json.Marshal(value)
	require.NoError(t, err)
	return string(encoded)
}

// conditioned is a policy that allows everything under a condition.
func conditioned(t testing.TB, operator string, key string, wants any) authorize.Policy {
	t.Helper()
	return authorize.Policy{Name: "P", Document: fmt.Sprintf(
		`{"Version":"2012-10-17","Statement":[{"Sid":"S","Effect":"Allow","Action":"*","Resource":"*","Condition":{%q:{%q:%s}}}]}`,
		operator, key, text(t, wants))}
}

// decideWith decides a request with one key, or none, under one condition.
func decideWith(t testing.TB, operator string, wants any, got values) (authorize.Decision, error) {
	t.Helper()
	request := authorize.Request{Partition: "aws", Principal: session(), Action: "s3:GetObject", Resource: "*"}
	if got != nil {
		request.Context = map[string][]string{"App:Key": got}
	}
	return authorize.Decide(request, authorize.Policies{Identity: []authorize.Policy{conditioned(t, operator, "app:key", wants)}})
}

// operatorRow is an operator, the policy's values, the request's (nil where
// the key is missing), and whether the condition is met.
type operatorRow struct {
	operator string
	wants    any
	got      values
	met      bool
	why      string
}

func TestOperatorsOfTexts(t *testing.T) {
	t.Parallel()
	checkOperators(t, []operatorRow{
		{"StringEquals", "a", values{"a"}, true, "equal"},
		{"StringEquals", "a", values{"A"}, false, "case counts"},
		{"StringEquals", "a*", values{"ab"}, false, "no wildcards here"},
		{"StringEquals", values{"a", "b"}, values{"b"}, true, "values are alternatives"},
		{"StringEquals", "", values{""}, true, "an empty value is a value"},
		{"StringNotEquals", "a", values{"b"}, true, "another"},
		{"StringNotEquals", values{"a", "b"}, values{"b"}, false, "it must be none of them"},
		{"StringEqualsIgnoreCase", "Ab", values{"aB"}, true, "case does not count"},
		{"StringEqualsIgnoreCase", "Ab", values{"b"}, false, "another"},
		{"StringNotEqualsIgnoreCase", "Ab", values{"aB"}, false, "case does not count"},
		{"StringNotEqualsIgnoreCase", "Ab", values{"c"}, true, "another"},
		{"StringLike", "*", values{""}, true, "a * matches nothing too"},
		{"StringLike", "a*c?", values{"abbbcd"}, true, "wildcards"},
		{"StringLike", "a*c?", values{"abbbc"}, false, "a ? is one letter"},
		{"StringLike", "a.c", values{"abc"}, false, "a dot is a dot"},
		{"StringLike", "?", values{"é"}, true, "letters, not bytes"},
		{"StringLike", "a", values{"A"}, false, "case counts"},
		{"StringNotLike", "a*", values{"ab"}, false, "like it"},
		{"StringNotLike", "a*", values{"b"}, true, "not like it"},
		{"ArnLike", "arn:aws:events:*:111122223333:rule/*", values{"arn:aws:events:r:111122223333:rule/x"}, true, "part by part"},
		{"ArnLike", "arn:aws:s:*:111122223333:finance/*", values{"arn:aws:s:r:999999999999:store/abc:111122223333:finance/doc"}, false, "a * stays in its part"},
		{"StringLike", "arn:aws:s:*:111122223333:finance/*", values{"arn:aws:s:r:999999999999:store/abc:111122223333:finance/doc"}, true, "not so with strings"},
		{"ArnEquals", "arn:aws:events:*:1*:rule/?", values{"arn:aws:events:r:111122223333:rule/x"}, true, "ArnEquals takes wildcards too"},
		{"ArnEquals", "arn:aws:logs:r:1:log-group:*", values{"arn:aws:logs:r:1:log-group:a:b"}, true, "the last part may hold colons"},
		{"ArnLike", "arn:*:*:*:*:*", values{"nonsense"}, false, "no ARN is like none"},
		{"ArnNotEquals", "arn:aws:s:r:1:x", values{"arn:aws:s:r:1:x"}, false, "the same"},
		{"ArnNotLike", "arn:aws:s:r:1:x*", values{"arn:aws:s:r:1:y"}, true, "another"},
		{"ArnNotLike", "arn:*:*:*:*:*", values{"nonsense"}, true, "no ARN is unlike all"},
	})
}

func TestOperatorsOfOtherTypes(t *testing.T) {
	t.Parallel()
	checkOperators(t, []operatorRow{
		{"Bool", "false", values{"false"}, true, "equal"},
		{"Bool", true, values{"True"}, true, "bare values and any case"},
		{"Bool", "true", values{"false"}, false, "the opposite"},
		{"BinaryEquals", "QmluYXJ5", values{"Binary"}, true, "the bytes that base64 encodes"},
		{"BinaryEquals", "QmluYXJ5", values{"binary"}, false, "other bytes"},
		{"NumericEquals", "10", values{"10.0"}, true, "numbers, not texts"},
		{"NumericEquals", 10, values{"11"}, false, "another"},
		{"NumericNotEquals", "10", values{"11"}, true, "another"},
		{"NumericNotEquals", "10", values{"10"}, false, "the same"},
		{"NumericLessThan", "10", values{"9"}, true, "9 < 10, though not as texts"},
		{"NumericLessThan", "10", values{"10"}, false, "not less"},
		{"NumericLessThanEquals", "10", values{"10"}, true, "or equal"},
		{"NumericLessThanEquals", "10", values{"10.01"}, false, "more"},
		{"NumericGreaterThan", "-1", values{"0"}, true, "signs"},
		{"NumericGreaterThan", "10", values{"10"}, false, "not more"},
		{"NumericGreaterThanEquals", "10", values{"10"}, true, "or equal"},
		{"NumericGreaterThanEquals", "10", values{"9.99"}, false, "less"},
		{"DateEquals", "2026-01-02T00:00:00Z", values{"2026-01-02"}, true, "days begin at midnight"},
		{"DateEquals", "2026-01-02T00:00:00Z", values{"1767312000"}, true, "epoch seconds"},
		{"DateEquals", "2026-01-02T01:00+01:00", values{"2026-01-02T00:00:00Z"}, true, "time zones"},
		{"DateNotEquals", "2026-01-02", values{"2026-01-03"}, true, "another"},
		{"DateNotEquals", "2026-01-02", values{"2026-01-02"}, false, "the same"},
		{"DateLessThan", "2026-01-02", values{"2026-01-01"}, true, "before"},
		{"DateLessThan", "2026-01-02", values{"2026-01-02"}, false, "not before"},
		{"DateLessThanEquals", "2026-01-02", values{"2026-01-02"}, true, "or equal"},
		{"DateLessThanEquals", "2026-01-02", values{"2026-01-03"}, false, "after"},
		{"DateGreaterThan", "2026-01-02", values{"2026-01-02T00:00:00.5Z"}, true, "after, by half a second"},
		{"DateGreaterThan", "2026-01-02", values{"2026-01-02"}, false, "not after"},
		{"DateGreaterThanEquals", "2026-01-02", values{"2026-01-02"}, true, "or equal"},
		{"DateGreaterThanEquals", "2026-01-02", values{"2026-01-01"}, false, "before"},
		{"IpAddress", "203.0.113.0/24", values{"203.0.113.9"}, true, "in the range"},
		{"IpAddress", "203.0.113.9/24", values{"203.0.113.1"}, true, "host bits do not count"},
		{"IpAddress", "203.0.113.9", values{"203.0.113.9"}, true, "a range of one"},
		{"IpAddress", "203.0.113.0/24", values{"203.0.114.1"}, false, "outside"},
		{"IpAddress", values{"203.0.113.0/24", "2001:DB8:1234:5678::/64"}, values{"2001:db8:1234:5678::1"}, true, "version 6"},
		{"NotIpAddress", "203.0.113.0/24", values{"203.0.113.9"}, false, "in the range"},
		{"NotIpAddress", "203.0.113.0/24", values{"10.0.0.1"}, true, "outside"},
	})
}

func checkOperators(t *testing.T, rows []operatorRow) {
	t.Helper()
	for _, row := range rows {
		name := fmt.Sprint(row.operator, " ", row.wants, " ", row.got)
		decision, err := decideWith(t, row.operator, row.wants, row.got)
		if assert.NoError(t, err, name) {
			assert.Equal(t, row.met, decision.Allowed, "%s: %s", name, row.why)
		}
	}
}

func TestMissingKeys(t *testing.T) {
	t.Parallel()
	var rows []operatorRow
	wants := map[string]string{"Arn": "arn:aws:s:r:1:x", "Bool": "true", "Bina": "QQ==", "Nume": "1", "Date": "2026-01-01", "IpAd": "10.0.0.1", "NotI": "10.0.0.1"}
	for _, operator := range []string{
		"StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike", "Bool", "BinaryEquals", "IpAddress", "NumericEquals",
		"NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals", "DateEquals", "DateLessThan",
		"DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals",
		"StringNotEquals", "StringNotEqualsIgnoreCase", "StringNotLike", "ArnNotEquals", "ArnNotLike", "NumericNotEquals", "DateNotEquals", "NotIpAddress",
	} {
		want := "*"
		for prefix, value := range wants {
			if strings.HasPrefix(operator, prefix) {
				want = value
			}
		}
		negated := strings.Contains(operator, "Not")
		rows = append(
			rows,
			operatorRow{operator, want, nil, negated, "only what denies is met"},
			operatorRow{operator + "IfExists", want, nil, true, "nothing to test"},
			operatorRow{"ForAllValues:" + operator, want, nil, true, "all of none"},
			operatorRow{"ForAllValues:" + operator + "IfExists", want, nil, true, "all of none"},
			operatorRow{"ForAnyValue:" + operator, want, nil, false, "any of none"},
			operatorRow{operator, want, values{}, negated, "no values are no key"},
		)
	}
	checkOperators(t, rows)
}

func TestPresenceAndSets(t *testing.T) {
	t.Parallel()
	checkOperators(t, []operatorRow{
		{"Null", "true", nil, true, "absent as wanted"},
		{"Null", "true", values{"x"}, false, "present"},
		{"Null", "false", values{""}, true, "an empty value is there"},
		{"Null", false, nil, false, "absent"},
		{"Null", values{"true", "false"}, nil, true, "either"},
		{"StringEqualsIfExists", "a", values{"b"}, false, "IfExists tests what exists"},
		{"StringNotEqualsIfExists", "a", values{"a"}, false, "IfExists tests what exists"},
		{"ForAllValues:StringEquals", values{"a", "b"}, values{"a", "b", "a"}, true, "all are among them"},
		{"ForAllValues:StringEquals", values{"a", "b"}, values{"a", "c"}, false, "one is not"},
		{"ForAllValues:StringEquals", "a", values{""}, true, "AWS counts the empty string as none"},
		{"ForAllValues:StringLike", "a*", values{"a1", "a2"}, true, "with wildcards"},
		{"ForAllValues:StringNotEquals", "a", values{"b", "c"}, true, "none is"},
		{"ForAllValues:StringNotEquals", "a", values{"a", "c"}, false, "one is"},
		{"ForAnyValue:StringEquals", values{"a", "b"}, values{"c", "b"}, true, "one is"},
		{"ForAnyValue:StringEquals", values{"a", "b"}, values{"c", "d"}, false, "none is"},
		{"ForAnyValue:StringNotEquals", "a", values{"a", "b"}, true, "one is another"},
		{"ForAnyValue:StringNotEquals", "a", values{"a"}, false, "all are"},
		{"ForAnyValue:StringEqualsIfExists", "a", values{"a"}, true, "present, so as ever"},
	})
}

// TestConditionsWithoutADecision: where AWS would refuse, or nobody knows.
func TestConditionsWithoutADecision(t *testing.T) {
	t.Parallel()
	rows := []struct {
		operator string
		wants    any
		got      values
		err      string
	}{
		{"StringSame", "a", values{"a"}, `P: Invalid Condition type : StringSame.`},
		{"stringequals", "a", values{"a"}, `P: Invalid Condition type : stringequals.`},
		{"NullIfExists", "true", nil, `P: Invalid Condition type : NullIfExists.`},
		{"ForAllValues:Null", "true", nil, `P: S: unknown condition operator ForAllValues:Null`},
		{"ForAllValues:ForAnyValue:StringLike", "a", nil, `P: S: unknown condition operator ForAllValues:ForAnyValue:StringLike`},
		{"Null", "perhaps", nil, `P: S: Null app:key: "perhaps" is neither true nor false`},
		{"Bool", "yes", values{"true"}, `P: S: Bool app:key: "yes" is neither true nor false`},
		{"Bool", "true", values{"yes"}, `P/S: Bool app:key: "yes" is neither true nor false`},
		{"NumericEquals", "ten", values{"10"}, `P: S: NumericEquals app:key: "ten" is not a number`},
		{"NumericEquals", "1e999999999", values{"10"}, `P: S: NumericEquals app:key: "1e999999999" is not a number`},
		{"NumericEquals", "${aws:x}", values{"10"}, `P: S: NumericEquals app:key: "${aws:x}" is not a number`},
		{"NumericLessThan", "10", values{"few"}, `P/S: NumericLessThan app:key: "few" is not a number`},
		{"DateEquals", "2026", values{"2026-01-01"}, `P: S: DateEquals app:key: "2026" is not a date`},
		{"DateEquals", "2026-01-01", values{"today"}, `P/S: DateEquals app:key: "today" is not a date`},
		{"IpAddress", "10.0.0.0/33", values{"10.0.0.1"}, `P: S: IpAddress app:key: "10.0.0.0/33" is not an IP address or range`},
		{"IpAddress", "10.0.0.0/8", values{"here"}, `P/S: IpAddress app:key: "here" is not an IP address`},
		{"BinaryEquals", "?", values{"a"}, `P: S: BinaryEquals app:key: illegal base64 data at input byte 0`},
		{"ArnLike", "*", values{theARN}, `P: S: ArnLike app:key: "*" does not have the six parts of an ARN`},
		{"StringEquals", values{}, values{"a"}, `P: S: StringEquals app:key has no values`},
		{"StringEquals", "a", values{"a", "b"}, `P/S: StringEquals app:key: a key of several values needs ForAllValues or ForAnyValue`},
		{"ForAnyValue:StringEqualsIfExists", "a", nil, `P/S: ForAnyValue:StringEqualsIfExists app:key: AWS leaves open what IfExists means after ForAnyValue for a missing key`},
	}
	for _, row := range rows {
		decision, err := decideWith(t, row.operator, row.wants, row.got)
		require.EqualError(t, err, row.err)
		assert.False(t, decision.Allowed, row.operator)
	}
}
