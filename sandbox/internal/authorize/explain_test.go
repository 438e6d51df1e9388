package authorize_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/sandbox/internal/authorize"
)

func TestDecisionsExplainThemselves(t *testing.T) {
	t.Parallel()
	const (
		instance = "arn:aws:ec2:eu-central-1:111122223333:instance/i-1"
		request  = "ec2:TerminateInstances on " + instance + " for " + theARN
	)
	deletion := policy("NodeLifecycle", `{"Sid":"AllowScopedDeletion","Effect":"Allow","Action":"ec2:TerminateInstances","Resource":"*","Condition":{
		"StringEquals":{"aws:ResourceTag/kubernetes.io/cluster/shop":"owned"},"StringLike":{"aws:ResourceTag/karpenter.sh/nodepool":"*"}}}`)
	unnamed := policy("Extra", `{"Effect":"Allow","Action":"ec2:*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalTag/team":["red","${aws:PrincipalTag/none, 'blue'}"]}}}`,
		`{"Effect":"Allow","Action":"ec2:*","Resource":"*","Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}}}`)
	ours := map[string][]string{"aws:ResourceTag/kubernetes.io/cluster/shop": {"owned"}, "aws:ResourceTag/karpenter.sh/nodepool": {""}}
	theirs := map[string][]string{"aws:ResourceTag/kubernetes.io/cluster/shop": {"other"}, "aws:TagKeys": {"a", "c"}}
	rows := []struct {
		context  map[string][]string
		policies authorize.Policies
		line     string
	}{
		{ours, authorize.Policies{Identity: list(deletion)}, "allowed: " + request + ", by NodeLifecycle/AllowScopedDeletion"},
		{theirs, authorize.Policies{Identity: list(deletion)}, "denied: " + request + `, no statement allows it; nearest: NodeLifecycle/AllowScopedDeletion: ` +
			`StringEquals aws:ResourceTag/kubernetes.io/cluster/shop wants "owned", got "other"`},
		{nil, authorize.Policies{Identity: list(deletion)}, "denied: " + request + `, no statement allows it; nearest: NodeLifecycle/AllowScopedDeletion: ` +
			`StringEquals aws:ResourceTag/kubernetes.io/cluster/shop wants "owned", got nothing`},
		{theirs, authorize.Policies{Identity: list(unnamed)}, "denied: " + request + `, no statement allows it; nearest: Extra/statement 1: ` +
			`StringNotEquals aws:PrincipalTag/team wants none of "red", "blue", got "red"; Extra/statement 2: ` +
			`ForAllValues:StringEquals aws:TagKeys wants one of "a", "b", got "a", "c"`},
		{nil, authorize.Policies{}, "denied: " + request + ", no statement allows it"},
		{ours, authorize.Policies{Identity: list(deletion, policy("Freeze", identity("Frozen", "Deny", "ec2:*", "*")))}, "denied: " + request + ", by Freeze/Frozen"},
		{ours, authorize.Policies{Identity: list(deletion), Boundary: policy("boundary B", `{"Sid":"Home","Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}}`)}, "denied: " + request +
			`, NodeLifecycle/AllowScopedDeletion allows it, but the permissions boundary does not; nearest: boundary B/Home: StringEquals aws:RequestedRegion wants "eu-west-1", got nothing`},
		{ours, authorize.Policies{Kind: authorize.Key, Identity: list(deletion)}, "denied: " + request +
			", NodeLifecycle/AllowScopedDeletion allows it, but the resource's own policy does not let the account's policies decide"},
	}
	for _, row := range rows {
		decision, err := authorize.Decide(authorize.Request{
			Partition: "aws", Principal: session(), Action: "ec2:TerminateInstances", Resource: instance, Context: row.context,
		}, row.policies)
		require.NoError(t, err)
		assert.Equal(t, row.line, decision.String())
	}
}

func TestDecisionsNameEveryKindOfPrincipal(t *testing.T) {
	t.Parallel()
	rows := map[string]authorize.Principal{
		"events.amazonaws.com": {Kind: authorize.Service, Names: []string{"events.amazonaws.com"}},
		"anonymous":            {},
		"provider":             {Kind: authorize.Federated, Provider: "provider"},
		theARN:                 session(),
	}
	for name, who := range rows {
		decision, err := authorize.Decide(authorize.Request{Partition: "aws", Principal: who, Action: "sqs:SendMessage", Resource: queue}, authorize.Policies{})
		require.NoError(t, err)
		assert.Equal(t, "denied: sqs:SendMessage on "+queue+" for "+name+", no statement allows it", decision.String())
	}
	decision, err := authorize.Decide(authorize.Request{
		Partition: "aws", Principal: authorize.Principal{Kind: authorize.Root, RootARN: theRoot}, Action: "sqs:SendMessage", Resource: queue,
	}, authorize.Policies{})
	require.NoError(t, err)
	assert.Equal(t, "allowed: sqs:SendMessage on "+queue+" for "+theRoot+", by being the account's root user", decision.String())
}

func TestRequestsWithoutADecision(t *testing.T) {
	t.Parallel()
	good := authorize.Request{Partition: "aws", Principal: session(), Action: "sqs:SendMessage", Resource: queue}
	rows := []struct {
		edit func(*authorize.Request)
		err  string
	}{
		{func(r *authorize.Request) { r.Action = "SendMessage" }, `"SendMessage" is not an action, such as sqs:SendMessage`},
		{func(r *authorize.Request) { r.Action = "sqs:*" }, `"sqs:*" is not an action, such as sqs:SendMessage`},
		{func(r *authorize.Request) { r.Resource = "shop" }, `"shop" is neither an ARN nor *`},
		{func(r *authorize.Request) { r.Partition = "" }, "the request names no partition"},
		{func(r *authorize.Request) { r.Principal = authorize.Principal{Kind: authorize.Service} }, "a service principal needs a name"},
		{func(r *authorize.Request) { r.Principal = authorize.Principal{Kind: authorize.Federated} }, "a federated principal needs a provider"},
		{func(r *authorize.Request) { r.Principal = authorize.Principal{Kind: 9} }, "unknown kind of principal"},
		{func(r *authorize.Request) { r.Principal.SessionName = "" }, `a role session needs a role's ARN and a name, got "` + theRole + `" and ""`},
		{func(r *authorize.Request) { r.Principal = authorize.Principal{Kind: authorize.Root} }, `"" is not the ARN of a root user`},
		{func(r *authorize.Request) { r.Context = map[string][]string{"aws:x": {"1"}, "AWS:X": {"2"}} }, "the request has two values for the condition key aws:x: condition keys have no case"},
		{func(r *authorize.Request) { r.Resource = "arn:aws:sqs:r:999999999999:q" }, "P/A allows sqs:SendMessage, but arn:aws:sqs:r:999999999999:q is another account's, and its policy is not known"},
	}
	policies := authorize.Policies{Identity: list(policy("P", identity("A", "Allow", "*", "*")))}
	for _, row := range rows {
		request := good
		row.edit(&request)
		decision, err := authorize.Decide(request, policies)
		require.EqualError(t, err, row.err)
		assert.False(t, decision.Allowed)
	}
}

// allowing are documents that would allow, but for one thing that is wrong.
func TestMalformedPoliciesAllowNothing(t *testing.T) {
	t.Parallel()
	const rest = `"Action":"*","Resource":"*"`
	statement := func(elements string) string { return `{"Version":"2012-10-17","Statement":[{` + elements + `}]}` }
	rows := map[string]string{
		``:    "P: This policy contains invalid Json",
		`{}`:  "P: Syntax errors in policy.",
		`[1]`: "P: This policy contains invalid Json",
		statement(`"Effect":"Allow","Effect":"Allow",` + rest):                                                           "P: an element stands twice in one object, against the policy grammar",
		statement(`"Effect":"Allow","Condition":null,` + rest):                                                           "P: null is no value of the policy grammar",
		statement(`"Effect":"Allow","Condition":{"Bool":null},` + rest):                                                  "P: null is no value of the policy grammar",
		statement(`"Effect":"allow",` + rest):                                                                            "P: Invalid effect: allow",
		statement(`"effect":"Allow",` + rest):                                                                            "P: Syntax errors in policy.",
		statement(`"Effect":"Allow","Action":"*"`):                                                                       "P: Policy statement must contain resources.",
		statement(`"Effect":"Allow","Resource":"*"`):                                                                     "P: Policy statement must contain actions.",
		statement(`"Effect":"Allow","NotAction":"a:b",` + rest):                                                          "P: Policy statement must contain actions.",
		statement(`"Effect":"Allow","NotResource":"*",` + rest):                                                          "P: Syntax errors in policy.",
		statement(`"Effect":"Allow","Principal":"*",` + rest):                                                            "P: Policy document should not specify a principal.",
		statement(`"Effect":"Allow","Action":"*","Resource":"arn:aws-cn:sqs:r:1:q"`):                                     `P: Partition "aws-cn" is not valid for resource "arn:aws-cn:sqs:r:1:q".`,
		statement(`"Effect":"Allow","Action":"*","Resource":"shop"`):                                                     `P: Resource shop must be in ARN format or "*".`,
		statement(`"Effect":"Allow","Action":"*","Resource":"arn:aws:sqs:r:${aws:PrincipalAccount}:q"`):                  "P: statement 1: the resource arn:aws:sqs:r:${aws:PrincipalAccount}:q has a variable before its fifth colon, where IAM takes none",
		strings.Replace(statement(`"Effect":"Allow",`+rest), "2012", "2013", 1):                                          "P: The policy must contain a valid version string",
		statement(`"Effect":"Allow","Condition":{"StringEquals":{"nocolon":"x"}},` + rest):                               "P: Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
		statement(`"Effect":"Deny","Condition":{"StringMatches":{"aws:x":"y"}},` + rest + `},{"Effect":"Allow",` + rest): "P: Invalid Condition type : StringMatches.",
	}
	for document, words := range rows {
		decision, err := authorize.Decide(
			authorize.Request{Partition: "aws", Principal: session(), Action: "sqs:SendMessage", Resource: queue},
			authorize.Policies{Identity: []authorize.Policy{{Name: "P", Document: document}}},
		)
		require.EqualError(t, err, words, document)
		assert.False(t, decision.Allowed, document)
	}
}

func TestNotPrincipalIsRefused(t *testing.T) {
	t.Parallel()
	for _, effect := range []string{"Allow", "Deny"} {
		q := policy("Q", `{"Effect":"`+effect+`","NotPrincipal":{"AWS":"`+theRoot+`"},"Action":"*","Resource":"*"}`)
		_, err := authorize.Decide(authorize.Request{Partition: "aws", Principal: session(), Action: "sqs:SendMessage", Resource: queue}, authorize.Policies{Resource: q})
		require.EqualError(t, err, "Q: statement 1: NotPrincipal is not supported")
	}
}
