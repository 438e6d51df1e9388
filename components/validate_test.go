package components

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/grafanix/eks-karpenter/internal/component"
)

func TestTheFormsOfNamesAndARNs(t *testing.T) {
	t.Parallel()
	long := func(text string, count int) string { return strings.Repeat(text, count) }
	for _, row := range []struct {
		what   string
		form   component.Form
		takes  []string
		leaves map[string]string // and why
	}{
		{
			what: "cluster name", form: clusterNameForm,
			takes:  []string{"a", "7", "My_cluster-1", long("a", 100)},
			leaves: map[string]string{"": "none", "-a": "hyphen first", "_a": "underscore first", "a.b": "dot", long("a", 101): "101", "a\n": "line end"},
		},
		{
			what: "role name", form: roleNameForm,
			takes:  []string{"a", "_+=,.@-", long("a", 64)},
			leaves: map[string]string{"": "none", "a/b": "slash", "ä": "not ASCII", long("a", 65): "65", "a\n": "line end"},
		},
		{
			what: "instance profile name", form: profileNameForm,
			takes:  []string{"a", long("a", 128)},
			leaves: map[string]string{"": "none", "a b": "blank", long("a", 129): "129"},
		},
		{
			what: "role path", form: rolePathForm,
			takes:  []string{"/", "/a/", "/a/b/", "/" + long("a", 510) + "/"},
			leaves: map[string]string{"": "none", "a/": "no slash first", "/a": "no slash last", "/a b/": "blank", "/" + long("a", 511) + "/": "513"},
		},
		{
			what: "queue name", form: queueNameForm,
			takes:  []string{"a", "A_b-1", long("a", 80)},
			leaves: map[string]string{"": "none", "a.fifo": "FIFO", long("a", 81): "81"},
		},
		{
			what: "rule name prefix", form: rulePrefixForm,
			takes:  []string{"a", "._-", long("a", 28)},
			leaves: map[string]string{"": "none", "a/b": "slash", long("a", 29): "29"},
		},
		{
			what: "namespace", form: namespaceForm,
			takes:  []string{"a", "1", "kube-system", long("a", 63)},
			leaves: map[string]string{"": "none", "A": "capital", "a-": "hyphen last", "-a": "hyphen first", "a.b": "dot", long("a", 64): "64"},
		},
		{
			what: "service account", form: serviceAccountForm,
			takes:  []string{"a", "1", "karpenter.v1", long("a", 253)},
			leaves: map[string]string{"": "none", "A": "capital", "a.": "dot last", "a:b": "colon", long("a", 254): "254"},
		},
		{
			what: "issuer", form: issuerForm,
			takes:  []string{"https://oidc.eks.us-east-1.amazonaws.com/id/0", "https://issuer.example", "https://issuer.example/"},
			leaves: map[string]string{"http://a": "plain HTTP", "https://": "no host", "https:///a": "no host", "https://a b": "blank", "a": "no scheme"},
		},
		{
			what: "action", form: actionForm,
			takes:  []string{"*", "ec2:DescribeVpcs", "ec2:Describe*", "arc-zonal-shift:Get?anagedResource"},
			leaves: map[string]string{"": "none", "ec2": "no action", "ec2:": "no action", ":Run": "no service", "ec2:A B": "blank"},
		},
		{
			what: "subnet", form: subnetIDForm,
			takes:  []string{"subnet-12345678", "subnet-0123456789abcdef0"},
			leaves: map[string]string{"subnet-1234567": "7", "subnet-0123456789abcdef01": "18", "subnet-1234567g": "no digit", "sg-12345678": "other kind"},
		},
		{
			what: "security group", form: securityGroupIDForm,
			takes:  []string{"sg-12345678", "sg-0123456789abcdef0"},
			leaves: map[string]string{"sg-1234567": "7", "sg-0123456789abcdef01": "18", "SG-12345678": "capitals"},
		},
		{
			what: "policy", form: policyARNForm,
			takes: []string{
				"arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws-cn:iam::aws:policy/service-role/A", "arn:aws-us-gov:iam::111122223333:policy/a/b",
			},
			leaves: map[string]string{
				"arn:aws:iam::111122223333:role/a": "role", "arn:aws:iam::1:policy/a": "account", "arn:aws:iam::aws:policy/": "name",
				"arn:aws:iam:us-east-1:aws:policy/a": "region", " arn:aws:iam::aws:policy/a": "blank first",
			},
		},
		{
			what: "role", form: roleARNForm,
			takes:  []string{nodeRoleARN, "arn:aws-cn:iam::111122223333:role/a/b"},
			leaves: map[string]string{"arn:aws:iam::aws:role/a": "AWS has none", "arn:aws:sts::111122223333:assumed-role/a/b": "session", "a": "name"},
		},
		{
			what: "OIDC provider", form: oidcARNForm,
			takes:  []string{"arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/0"},
			leaves: map[string]string{"arn:aws:iam::111122223333:saml-provider/a": "SAML", "https://a": "URL"},
		},
		{
			what: "queue", form: queueARNForm,
			takes:  []string{queueARN, "arn:aws-us-gov:sqs:us-gov-west-1:111122223333:a_b-c"},
			leaves: map[string]string{"arn:aws:sqs:us-east-1:111122223333:a.fifo": "FIFO", "arn:aws:sqs::111122223333:a": "region", "arn:aws:sns:us-east-1:111122223333:a": "topic"},
		},
		{
			what: "key", form: keyARNForm,
			takes:  []string{keyARN, otherKey},
			leaves: map[string]string{"alias/a": "alias", "arn:aws:kms:us-east-1:111122223333:alias/a": "alias", "11111111-2222-3333-4444-555555555555": "id"},
		},
		{
			what: "SSM parameter", form: ssmARNForm,
			takes: []string{
				"arn:aws:ssm:us-east-1:111122223333:parameter/a/*", "arn:aws:ssm:us-east-1::parameter/aws/service/*", "arn:aws:ssm:*:111122223333:parameter/a",
			},
			leaves: map[string]string{"/a": "name", "arn:aws:ssm:us-east-1:111122223333:document/a": "document"},
		},
	} {
		for _, value := range row.takes {
			assert.True(t, row.form.Matches(value), "%s: %q", row.what, value)
		}
		for value, why := range row.leaves {
			assert.False(t, row.form.Matches(value), "%s: %s", row.what, why)
		}
	}
}

func TestTagsThatAWSWouldRefuse(t *testing.T) {
	t.Parallel()
	many := map[string]string{}
	for i := range 51 {
		many[fmt.Sprint("key", i)] = ""
	}
	p := newProblems()
	p.tags("within", map[string]string{strings.Repeat("ü", 128): strings.Repeat("ü", 256), "awsome": ""})
	p.tags("many", many)
	p.tags("keys", map[string]string{"": "", strings.Repeat("k", 129): "", "Aws:x": "", "eks:eks-cluster-name": "", "karpenter.sh/nodepool": ""})
	p.tags("values", map[string]string{"a": strings.Repeat("v", 257)})

	assert.EqualError(t, p.Err("tags"), `tags: 7 problems:
  - many: 51 tags are too many: at most 50
  - keys: "" is not valid: a key has 1 to 128 characters
  - keys: "Aws:x" is not valid: the prefix aws: is reserved by AWS
  - keys: "eks:eks-cluster-name" is Karpenter's own tag: choose another key
  - keys: "karpenter.sh/nodepool" is Karpenter's own tag: choose another key
  - keys: "`+strings.Repeat("k", 129)+`" is not valid: a key has 1 to 128 characters
  - values: the value of "a" is too long: at most 256 characters`)
}

func TestNothingWrongIsNoError(t *testing.T) {
	t.Parallel()
	p := newProblems()
	p.Between("number", nil, 1, 2, "seconds")
	p.Between("number", new(1), 1, 2, "seconds")
	p.Between("number", new(2), 1, 2, "seconds")
	p.OneOf("choice", nil, "a")
	p.OneOf("choice", new("a"), "a")
	p.shorter("text", nil, 1)
	p.shorter("text", new("ü"), 1)
	p.Matches("name", nil, roleNameForm)
	p.attachable("policies", 6, 4, "")
	p.tags("tags", nil)
	assert.NoError(t, p.Err("component"))
}
