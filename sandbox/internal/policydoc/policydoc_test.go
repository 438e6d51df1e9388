package policydoc

import (
	"errors"
	"testing"
)

func TestParseMakesListsOfEverything(t *testing.T) {
	doc, err := Parse(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"s3:*",` +
		`"Resource":["a","b"],"Condition":{"Bool":{"aws:SecureTransport":false},"NumericEquals":{"k:n":[1,2.5]}}}}`)
	if err != nil {
		t.Fatal(err)
	}
	s := doc.Statements[0]
	if len(s.Actions) != 1 || len(s.Resources) != 2 || s.Principal.ByKind["AWS"][0] != "*" {
		t.Errorf("got %+v", s)
	}
	if c := s.Conditions; len(c) != 2 || c[0].Values[0] != "false" || c[1].Values[1] != "2.5" {
		t.Errorf("got %+v", s.Conditions)
	}
}

// TestConditions: what differs between the services' policies is tested where
// the services are; conditions are all the same.
func TestConditions(t *testing.T) {
	cases := map[string]bool{
		"StringEquals": true, "StringLikeIfExists": true, "ForAllValues:StringLike": true, "ForAnyValue:ArnLikeIfExists": true,
		"Null": true, "IpAddress": true, "NullIfExists": false, "ForSomeValues:StringEquals": false, "stringsame": false,
	}
	for operator, ok := range cases {
		doc, err := Parse(`{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"` + operator + `":{"aws:x":"y"}}}]}`)
		if err == nil {
			err = doc.Check(Rules{Resource: Required, Partition: "aws"})
		}
		if ok != (err == nil) {
			t.Errorf("%s: %v", operator, err)
		}
	}
}

func TestPrincipals(t *testing.T) {
	known := func(arn string) bool { return arn == "arn:aws-cn:iam::123456789012:role/known" }
	cases := map[string]bool{
		`"*"`:                                   true,
		`"x"`:                                   false,
		`{}`:                                    false,
		`{"Service":"ec2.amazonaws.com"}`:       true,
		`{"Service":"ec2.amazonaws.com.cn"}`:    true,
		`{"Service":"events.amazonaws.com"}`:    true,
		`{"Service":"events.amazonaws.com.cn"}`: false,
		`{"Service":"pods.eks.amazonaws.com"}`:  true,
		`{"Person":"me"}`:                       false,
		`{"AWS":"123456789012"}`:                true,
		`{"AWS":"arn:aws-cn:iam::123456789012:role/known"}`:            true,
		`{"AWS":"arn:aws-cn:iam::123456789012:role/unknown"}`:          false,
		`{"AWS":"arn:aws:iam::123456789012:role/known"}`:               false,
		`{"Federated":"arn:aws-cn:iam::123456789012:oidc-provider/x"}`: true,
		`{"Federated":"arn:aws:iam::123456789012:oidc-provider/x"}`:    false,
		`{"Federated":"accounts.google.com"}`:                          true,
	}
	for principal, ok := range cases {
		doc, err := Parse(`{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":` + principal + `}]}`)
		if err == nil {
			err = doc.Check(Rules{Principal: Required, Partition: "aws-cn", Known: known})
		}
		if ok != (err == nil) {
			t.Errorf("%s: %v", principal, err)
		}
	}
}

func TestSize(t *testing.T) {
	if got := Size("{ \"a\":\n\t1 }"); got != 7 {
		t.Errorf("got %d", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"s3:*","Resource":"*"}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		doc, err := Parse(text)
		if err == nil {
			err = doc.Check(Rules{Principal: Required, Resource: Required, PlainSids: true, Partition: "aws"})
		}
		var problem *Problem
		if err != nil && !errors.As(err, &problem) {
			t.Errorf("%q: every refusal is a problem, got %v", text, err)
		}
	})
}
