package authorize_test

import (
	"testing"

	"github.com/grafanix/eks-karpenter/sandbox/internal/authorize"
)

// BenchmarkDecide: a few hundred decisions make a test, so one may take a
// millisecond at most.
func BenchmarkDecide(b *testing.B) {
	var policies authorize.Policies
	for range 6 {
		policies.Identity = append(policies.Identity, *policy("P", identity("A", "Allow", "ec2:*", "arn:aws:ec2:*:*:subnet/*"),
			identity("B", "Allow", "ec2:Run*", "arn:aws:ec2:*:*:instance/*"), identity("C", "Deny", "iam:*", "*"), identity("D", "Allow", "sqs:*", "*")))
	}
	b.ReportAllocs()
	for b.Loop() {
		decision, err := authorize.Decide(authorize.Request{Partition: "aws", Principal: session(), Action: "sqs:SendMessage", Resource: queue}, policies)
		if err != nil || !decision.Allowed {
			b.Fatal(decision, err)
		}
	}
}
