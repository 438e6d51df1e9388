package authorize_test

import (
	"encoding/json"
	"testing"

	"github.com/grafanix/eks-karpenter/sandbox/internal/authorize"
	"github.com/grafanix/eks-karpenter/sandbox/internal/policydoc"
)

// FuzzDecide: whatever stands in a policy and a request, Decide returns, it
// allows nothing beside an error, nothing by a document that the services would
// not store, and nothing that a policy without any Allow says.
func FuzzDecide(f *testing.F) {
	f.Add(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`, "app:key", "x", queue)
	f.Add(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"arn:aws:sqs:*:*:${app:key, 'd'}"}]}`, "app:key", "shop", queue)
	f.Add(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","NotAction":"a:b","NotResource":"arn:aws:a:b:c:*?","Condition":{"ForAnyValue:ArnLikeIfExists":{"app:key":"arn:*:${*}:::"}}}}`, "app:key", "arn:::::", "*")
	f.Add(`{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"NumericLessThan":{"app:key":1e9},"Bool":{"aws:SecureTransport":false}}}]}`, "app:key", "1", queue)
	f.Add(`{"Statement":[{"Effect":"Allow","Effect":"Allow","Action":"*","Resource":"*","Condition":{"IpAddress":{"app:key":"::/0"},"DateEquals":{"app:key":"2026-01-01"}}}]}`, "app:key", "::1", queue)
	f.Fuzz(func(t *testing.T, document, key, value, resource string) {
		request := authorize.Request{
			Partition: "aws", Principal: session(), Action: "sqs:SendMessage", Resource: resource, Context: map[string][]string{key: {value}},
		}
		decision, err := authorize.Decide(request, authorize.Policies{Identity: []authorize.Policy{{Name: "P", Document: document}}})
		_ = decision.String()
		if !decision.Allowed {
			return
		}
		parsed, malformed := policydoc.Parse(document)
		if malformed == nil {
			malformed = parsed.Check(policydoc.Rules{Resource: policydoc.Required, PlainSids: true, Partition: "aws"})
		}
		allows := false
		for _, s := range parsed.Statements {
			allows = allows || s.Effect == "Allow"
		}
		if err != nil || malformed != nil || !json.Valid([]byte(document)) || !allows {
			t.Errorf("%q allows %q on %q: %v, %v", document, request.Action, resource, err, malformed)
		}
	})
}
