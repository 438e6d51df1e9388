package pattern

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// matches is a table in the order of AWS's page on comparison operators, with
// the reason of every row.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
var matches = []struct {
	why     string
	pattern string
	event   string
	want    bool
}{
	{"and: both are so", `{"Location":["New York"],"Day":["Monday"]}`, `{"Location":"New York","Day":"Monday","more":1}`, true},
	{"and: one is not so", `{"Location":["New York"],"Day":["Monday"]}`, `{"Location":"New York","Day":"Sunday"}`, false},
	{"and: one is not there", `{"Location":["New York"],"Day":["Monday"]}`, `{"Location":"New York"}`, false},

	{"anything-but: another value", `{"state":[{"anything-but":"initializing"}]}`, `{"state":"running"}`, true},
	{"anything-but: that value", `{"state":[{"anything-but":"initializing"}]}`, `{"state":"initializing"}`, false},
	{"anything-but: nothing is not anything", `{"state":[{"anything-but":"initializing"}]}`, `{"other":"running"}`, false},
	{"anything-but: a number is no text", `{"state":[{"anything-but":"1"}]}`, `{"state":1}`, true},
	{"anything-but: null is a value", `{"state":[{"anything-but":"x"}]}`, `{"state":null}`, true},
	{"anything-but: another number", `{"x":[{"anything-but":123}]}`, `{"x":124}`, true},
	{"anything-but: numbers compare as numbers", `{"x":[{"anything-but":123}]}`, `{"x":1.23e2}`, false},
	{"anything-but: none of the list", `{"state":[{"anything-but":["stopped","overloaded"]}]}`, `{"state":"running"}`, true},
	{"anything-but: one of the list", `{"state":[{"anything-but":["stopped","overloaded"]}]}`, `{"state":"overloaded"}`, false},
	{"anything-but: none of the numbers", `{"x":[{"anything-but":[100,200,300]}]}`, `{"x":150}`, true},
	{"anything-but: one of the numbers", `{"x":[{"anything-but":[100,200,300]}]}`, `{"x":200}`, false},
	{"anything-but: one element of an array is another", `{"s":[{"anything-but":"a"}]}`, `{"s":["a","b"]}`, true},
	{"anything-but: all elements are that", `{"s":[{"anything-but":"a"}]}`, `{"s":["a","a"]}`, false},
	{"anything-but begins with: it does not", `{"Region":[{"anything-but":{"prefix":"us-"}}]}`, `{"Region":"eu-west-1"}`, true},
	{"anything-but begins with: it does", `{"Region":[{"anything-but":{"prefix":"us-"}}]}`, `{"Region":"us-east-1"}`, false},
	{"anything-but begins with: one of several", `{"Region":[{"anything-but":{"prefix":["eu-","us-"]}}]}`, `{"Region":"us-east-1"}`, false},
	{"anything-but ends with: it does not", `{"FileName":[{"anything-but":{"suffix":".png"}}]}`, `{"FileName":"a.jpg"}`, true},
	{"anything-but ends with: it does", `{"FileName":[{"anything-but":{"suffix":".png"}}]}`, `{"FileName":"a.png"}`, false},
	{"anything-but ignore case: another word", `{"state":[{"anything-but":{"equals-ignore-case":"initializing"}}]}`, `{"state":"running"}`, true},
	{"anything-but ignore case: other letters' case", `{"state":[{"anything-but":{"equals-ignore-case":"initializing"}}]}`, `{"state":"INITIALIZING"}`, false},
	{"anything-but ignore case: one of several", `{"state":[{"anything-but":{"equals-ignore-case":["initializing","stopped"]}}]}`, `{"state":"Stopped"}`, false},
	{"anything-but wildcard: elsewhere", `{"FilePath":[{"anything-but":{"wildcard":"*/lib/*"}}]}`, `{"FilePath":"/usr/bin/x"}`, true},
	{"anything-but wildcard: within", `{"FilePath":[{"anything-but":{"wildcard":"*/lib/*"}}]}`, `{"FilePath":"/usr/lib/x"}`, false},

	{"begins with: it does", `{"Region":[{"prefix":"us-"}]}`, `{"Region":"us-east-1"}`, true},
	{"begins with: it does not", `{"Region":[{"prefix":"us-"}]}`, `{"Region":"eu-us-1"}`, false},
	{"begins with: only texts do", `{"n":[{"prefix":"1"}]}`, `{"n":12}`, false},
	{"begins with: case counts", `{"Region":[{"prefix":"us-"}]}`, `{"Region":"US-east-1"}`, false},
	{"begins with ignore case", `{"service":[{"prefix":{"equals-ignore-case":"EventB"}}]}`, `{"service":"eventBRIDGE"}`, true},
	{"begins with ignore case: it does not", `{"service":[{"prefix":{"equals-ignore-case":"EventB"}}]}`, `{"service":"bridge"}`, false},
	{"empty: an empty text", `{"LastName":[""]}`, `{"LastName":""}`, true},
	{"empty: null is not empty", `{"LastName":[""]}`, `{"LastName":null}`, false},
	{"equals", `{"Name":["Alice"]}`, `{"Name":"Alice"}`, true},
	{"equals: case counts", `{"Name":["Alice"]}`, `{"Name":"alice"}`, false},
	{"equals ignore case", `{"Name":[{"equals-ignore-case":"alice"}]}`, `{"Name":"ALICE"}`, true},
	{"equals ignore case: all of it", `{"Name":[{"equals-ignore-case":"alice"}]}`, `{"Name":"alice b"}`, false},
	{"ends with", `{"FileName":[{"suffix":".png"}]}`, `{"FileName":"a.png"}`, true},
	{"ends with: it does not", `{"FileName":[{"suffix":".png"}]}`, `{"FileName":"a.png.txt"}`, false},
	{"ends with ignore case", `{"service":[{"suffix":{"equals-ignore-case":"tBridge"}}]}`, `{"service":"evenTBRIDGE"}`, true},

	{"exists: a leaf", `{"detail":{"n":[{"exists":true}]}}`, `{"detail":{"n":0}}`, true},
	{"exists: null is a leaf", `{"n":[{"exists":true}]}`, `{"n":null}`, true},
	{"exists: an object is no leaf", `{"n":[{"exists":true}]}`, `{"n":{"c1":100}}`, false},
	{"exists: an empty array has no leaf", `{"n":[{"exists":true}]}`, `{"n":[]}`, false},
	{"does not exist", `{"detail":{"n":[{"exists":false}]}}`, `{"detail":{"state":"x"}}`, true},
	{"does not exist: it does", `{"detail":{"n":[{"exists":false}]}}`, `{"detail":{"n":""}}`, false},
	{"does not exist: neither does its parent", `{"detail":{"n":[{"exists":false}]}}`, `{"source":"x"}`, true},
	{"does not exist: an object is no leaf", `{"detail":{"c-count":[{"exists":false}]}}`, `{"detail":{"c-count":{"c1":100}}}`, true},
	{"does not exist or has a value: absent", `{"n":[{"exists":false},"x"]}`, `{}`, true},
	{"does not exist or has a value: present", `{"n":[{"exists":false},"x"]}`, `{"n":"x"}`, true},
	{"does not exist or has a value: another", `{"n":[{"exists":false},"x"]}`, `{"n":"y"}`, false},

	{"not", `{"Weather":[{"anything-but":["Raining"]}]}`, `{"Weather":"Sunny"}`, true},
	{"null", `{"UserID":[null]}`, `{"UserID":null}`, true},
	{"null: absent is not null", `{"UserID":[null]}`, `{}`, false},
	{"null: a text is not null", `{"UserID":[null]}`, `{"UserID":"null"}`, false},
	{"true", `{"on":[true]}`, `{"on":true}`, true},
	{"true: a text is not true", `{"on":[true]}`, `{"on":"true"}`, false},
	{"a number as written", `{"n":[300]}`, `{"n":300}`, true},
	{"a number written otherwise", `{"n":[300]}`, `{"n":300.0}`, false},
	{"a number is no text", `{"n":[300]}`, `{"n":"300"}`, false},
	{"numeric equals", `{"Price":[{"numeric":["=",100]}]}`, `{"Price":1e2}`, true},
	{"numeric equals: another", `{"Price":[{"numeric":["=",100]}]}`, `{"Price":100.5}`, false},
	{"numeric range: inside", `{"Price":[{"numeric":[">",10,"<=",20]}]}`, `{"Price":20}`, true},
	{"numeric range: on the open end", `{"Price":[{"numeric":[">",10,"<=",20]}]}`, `{"Price":10}`, false},
	{"numeric range: above", `{"Price":[{"numeric":[">=",10,"<",20]}]}`, `{"Price":20}`, false},
	{"numeric: texts are no numbers", `{"Price":[{"numeric":["<",10]}]}`, `{"Price":"1"}`, false},
	{"numeric: beyond what it knows", `{"Price":[{"numeric":[">",10]}]}`, `{"Price":6e9}`, false},

	{"or: another value of the field", `{"PaymentType":["Credit","Debit"]}`, `{"PaymentType":"Debit"}`, true},
	{"or: no value of the field", `{"PaymentType":["Credit","Debit"]}`, `{"PaymentType":"Cash"}`, false},
	{"or of fields: the first", `{"$or":[{"Location":["New York"]},{"Day":["Monday"]}]}`, `{"Location":"New York"}`, true},
	{"or of fields: the second", `{"$or":[{"Location":["New York"]},{"Day":["Monday"]}]}`, `{"Day":"Monday"}`, true},
	{"or of fields: neither", `{"$or":[{"Location":["New York"]},{"Day":["Monday"]}]}`, `{"Day":"Sunday"}`, false},
	{"or of fields beside a field", `{"source":["a"],"detail":{"$or":[{"x":[1]},{"y":[2],"z":[3]}]}}`, `{"source":"a","detail":{"y":2,"z":3}}`, true},
	{"or of fields beside a field that differs", `{"source":["a"],"detail":{"$or":[{"x":[1]},{"y":[2],"z":[3]}]}}`, `{"source":"b","detail":{"x":1}}`, false},
	{"or within or", `{"$or":[{"a":[1]},{"b":[2],"$or":[{"c":[3]},{"d":[4]}]}]}`, `{"b":2,"d":4}`, true},
	{"or within or: half of it", `{"$or":[{"a":[1]},{"b":[2],"$or":[{"c":[3]},{"d":[4]}]}]}`, `{"d":4}`, false},

	{"wildcard: between", `{"FileName":[{"wildcard":"dir/*.png"}]}`, `{"FileName":"dir/a/b.png"}`, true},
	{"wildcard: nothing is enough", `{"FileName":[{"wildcard":"dir/*.png"}]}`, `{"FileName":"dir/.png"}`, true},
	{"wildcard: elsewhere", `{"FileName":[{"wildcard":"dir/*.png"}]}`, `{"FileName":"other/a.png"}`, false},
	{"wildcard: ends may not overlap", `{"n":[{"wildcard":"ab*ba"}]}`, `{"n":"aba"}`, false},
	{"wildcard: several", `{"n":[{"wildcard":"*a*b"}]}`, `{"n":"xaybzb"}`, true},
	{"wildcard: an asterisk itself", `{"n":[{"wildcard":"a\\*b"}]}`, `{"n":"a*b"}`, true},
	{"wildcard: an asterisk itself is no wildcard", `{"n":[{"wildcard":"a\\*b"}]}`, `{"n":"axb"}`, false},
	{"wildcard: a backslash itself", `{"n":[{"wildcard":"a\\\\*"}]}`, `{"n":"a\\b"}`, true},

	{"cidr: inside", `{"ip":[{"cidr":"10.0.0.0/24"}]}`, `{"ip":"10.0.0.33"}`, true},
	{"cidr: outside", `{"ip":[{"cidr":"10.0.0.0/24"}]}`, `{"ip":"10.0.1.33"}`, false},
	{"cidr: version 6", `{"ip":[{"cidr":"2001:db8::/32"}]}`, `{"ip":"2001:db8::1"}`, true},
	{"cidr: no address", `{"ip":[{"cidr":"10.0.0.0/24"}]}`, `{"ip":"ten"}`, false},

	{"arrays: any element", `{"resources":["b"]}`, `{"resources":["a","b"]}`, true},
	{"arrays: no element", `{"resources":["c"]}`, `{"resources":["a","b"]}`, false},
	{"arrays: of arrays", `{"resources":["b"]}`, `{"resources":[["a"],["b"]]}`, true},
	{"arrays: of objects", `{"e":{"first":["Anna"]}}`, `{"e":[{"first":"John"},{"first":"Anna"}]}`, true},
	{"arrays: fields of one element", `{"e":{"first":["Anna"],"last":["Smith"]}}`, `{"e":[{"first":"John","last":"Doe"},{"first":"Anna","last":"Smith"}]}`, true},
	{"arrays: fields of different elements", `{"e":{"first":["Anna"],"last":["Doe"]}}`, `{"e":[{"first":"John","last":"Doe"},{"first":"Anna","last":"Smith"}]}`, false},
	{"arrays: fields of different elements of inner arrays", `{"e":{"x":[1],"y":[2]}}`, `{"e":[[{"x":1},{"y":2}],[{"x":2,"y":1}]]}`, false},
	{"arrays: equal places of different arrays", `{"a":{"x":[1]},"b":{"y":[2]}}`, `{"a":[{"x":1}],"b":[{},{"y":2}]}`, true},
	{"nested: another depth", `{"state":["x"]}`, `{"detail":{"state":"x"}}`, false},
	{"nested: an object where a value is wanted", `{"detail":["x"]}`, `{"detail":{"x":"x"}}`, false},
	{"a dot is nesting", `{"detail":{"state.code":["x"]}}`, `{"detail":{"state":{"code":"x"}}}`, true},
	{"a misspelt key never matches", `{"detailType":["x"]}`, `{"detail-type":"x"}`, false},
}

func TestMatches(t *testing.T) {
	for _, row := range matches {
		t.Run(row.why, func(t *testing.T) {
			got, err := Matches(row.pattern, row.event)
			require.NoError(t, err)
			assert.Equal(t, row.want, got, "%s\n%s", row.pattern, row.event)
		})
	}
}

func TestWhatCannotBeMatched(t *testing.T) {
	rows := []struct{ why, pattern, event, want string }{
		{"a pattern that PutRule refuses", `{}`, `{}`, "Empty objects are not allowed"},
		{"an event that is no JSON", `{"a":[1]}`, `{`, "reading the event"},
		{"an event that is no object", `{"a":[1]}`, `[]`, "reading the event"},
		{"an event that is null", `{"a":[1]}`, `null`, "null is no JSON object"},
		{"two events", `{"a":[1]}`, `{}{}`, "there is text after the JSON object"},
	}
	for _, row := range rows {
		t.Run(row.why, func(t *testing.T) {
			_, err := Matches(row.pattern, row.event)
			require.ErrorContains(t, err, row.want)
		})
	}
}

// FuzzMatches: whatever comes, it answers, and an event matches the pattern of
// its own texts.
func FuzzMatches(f *testing.F) {
	for _, row := range matches {
		f.Add(row.pattern, row.event, "text")
	}
	f.Fuzz(func(t *testing.T, pattern, event, text string) {
		_, _ = Matches(pattern, event)
		matched, err := Matches(fmt.Sprintf(`{"a":[%q]}`, text), fmt.Sprintf(`{"a":["",%q]}`, text))
		if err == nil && !matched { // %q is not always JSON
			t.Errorf("%q does not match itself", text)
		}
	})
}
