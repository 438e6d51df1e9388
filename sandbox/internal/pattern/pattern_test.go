package pattern

import "testing"

func TestCheck(t *testing.T) {
	cases := map[string]string{
		// What EventBridge takes.
		`{"source":["aws.ec2"],"detail-type":["EC2 Spot Instance Interruption Warning"]}`: "",
		`{"detailType":["a key nothing has is no error"]}`:                                "",
		`{"detail":{"state":["stopping",{"prefix":"shut"}],"n":[1,true,null]}}`:           "",
		`{"detail":{"a":[{"anything-but":["x","y"]},{"anything-but":{"prefix":"z"}}]}}`:   "",
		`{"detail":{"n":[{"numeric":[">",0,"<=",5]}],"e":[{"exists":false}]}}`:            "",
		`{"$or":[{"source":["a"]},{"source":[{"suffix":"b"}]}]}`:                          "",
		`{"a":[{"wildcard":"x*"},{"equals-ignore-case":"Y"},{"cidr":"10.0.0.0/8"}]}`:      "",
		// What it refuses.
		`{`:                                "Could not parse the event pattern: unexpected end of JSON input",
		`[]`:                               "Filter is not an object",
		`{}`:                               "Empty objects are not allowed",
		`{"source":"aws.ec2"}`:             `"source" must be an object or an array`,
		`{"source":[]}`:                    "Empty arrays are not allowed",
		`{"source":[["a"]]}`:               "Match value must be String, number, true, false, or null",
		`{"detail":{}}`:                    "Empty objects are not allowed",
		`{"a":[{"like":"x"}]}`:             "Unrecognized match type like",
		`{"a":[{"prefix":"x","b":"y"}]}`:   "Only one key allowed in match expression",
		`{"a":[{"prefix":1}]}`:             "prefix: match pattern must be a string",
		`{"a":[{"exists":"yes"}]}`:         "exists: match pattern must be either true or false",
		`{"a":[{"numeric":["~",1]}]}`:      "numeric: unrecognized numeric range operator: ~",
		`{"a":[{"numeric":["=","1"]}]}`:    "numeric: value of numeric match must be numeric",
		`{"a":[{"anything-but":[]}]}`:      "anything-but: value must be a string, a number, a list of strings, a list of numbers or one nested match",
		`{"a":[{"anything-but":["x",1]}]}`: "anything-but: value must be a string, a number, a list of strings, a list of numbers or one nested match",
		`{"a":[{"anything-but":{"cidr":"10.0.0.0/8"}}]}`: "anything-but: value must be a string, a number, a list of strings, a list of numbers or one nested match",
		`{"a":[{"anything-but":{"prefix":[]}}]}`:         "anything-but: value must be a string, a number, a list of strings, a list of numbers or one nested match",
		`{"a":[{"anything-but":{"prefix":[1]}}]}`:        "anything-but: match pattern must be a string",
		`{"a":[{"wildcard":"a**b"}]}`:                    "wildcard: Consecutive wildcard characters are not allowed",
		`{"a":[{"wildcard":"a\\b"}]}`:                    "wildcard: Invalid escape character: a backslash may stand only before * or \\",
		`{"a":[{"cidr":"10.0.0.0"}]}`:                    "cidr: Malformed CIDR, one '/' required",
		`{"a":[{"numeric":["=",1,"<",2]}]}`:              "numeric: Too many elements in numeric expression",
		`{"a":[{"numeric":[">",0,"<",6e9]}]}`:            "numeric: Value must be between -5.0E9 and 5.0E9, inclusive",
		`{"$or":[{"source":["a"]}]}`:                     "There must have at least 2 Objects in $or relationship",
		`{"$or":["a","b"]}`:                              "Only objects are allowed in $or relationship",
		`{"$or":[{"a":["x"]},{"b":"x"}]}`:                `"b" must be an object or an array`,
	}
	for text, want := range cases {
		got := ""
		if err := Check(text); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

func FuzzCheck(f *testing.F) {
	f.Add(`{"source":[{"prefix":"aws"}]}`)
	f.Fuzz(func(_ *testing.T, text string) { _ = Check(text) }) // whatever comes, it answers
}
