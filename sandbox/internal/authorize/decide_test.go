package authorize_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/sandbox/internal/authorize"
)

const (
	queue  = "arn:aws:sqs:eu-central-1:111122223333:shop"
	theKey = "arn:aws:kms:eu-central-1:111122223333:key/1"
)

// policy is a document of statements, under a name.
func policy(name string, statements ...string) *authorize.Policy {
	return &authorize.Policy{Name: name, Document: fmt.Sprintf(`{"Version":"2012-10-17","Statement":[%s]}`, strings.Join(statements, ","))}
}

// identity is a statement of a policy of identities.
func identity(sid, effect, action, resource string) string {
	return fmt.Sprintf(`{"Sid":%q,"Effect":%q,"Action":%q,"Resource":%q}`, sid, effect, action, resource)
}

// resource is a statement of a queue's or key's policy.
func resource(sid, effect, principal, action string) string {
	return fmt.Sprintf(`{"Sid":%q,"Effect":%q,"Principal":%s,"Action":%q,"Resource":"*"}`, sid, effect, principal, action)
}

// trust is a statement of a trust policy.
func trust(sid, effect, principal, action string) string {
	return fmt.Sprintf(`{"Sid":%q,"Effect":%q,"Principal":%s,"Action":%q}`, sid, effect, principal, action)
}

func list(policies ...*authorize.Policy) []authorize.Policy {
	var all []authorize.Policy
	for _, p := range policies {
		all = append(all, *p)
	}
	return all
}

func TestActionsAndResources(t *testing.T) {
	t.Parallel()
	rows := []struct {
		statement        string
		action, resource string
		allowed          bool
		why              string
	}{
		{`"Action":"sqs:SendMessage","Resource":"*"`, "SQS:sendmessage", queue, true, "the case of actions does not count"},
		{`"Action":"sqs:*Message","Resource":"*"`, "sqs:ReceiveMessage", queue, true, "wildcards in actions"},
		{`"Action":"sqs:?endMessage","Resource":"*"`, "sqs:SendMessage", queue, true, "wildcards in actions"},
		{`"Action":"sqs:Send*","Resource":"*"`, "sqs:ReceiveMessage", queue, false, "another action"},
		{`"Action":"sqs:Send*","Resource":"*"`, "sns:SendMessage", queue, false, "another service"},
		{`"Action":"*","Resource":"*"`, "sns:Publish", queue, true, "everything"},
		{`"Action":["sns:*","sqs:*"],"Resource":["arn:aws:sqs:*:*:other","` + queue + `"]`, "sqs:SendMessage", queue, true, "any of a list"},
		{`"Action":"*","Resource":"arn:aws:sqs:*:111122223333:shop"`, "sqs:SendMessage", queue, true, "a region of any name"},
		{`"Action":"*","Resource":"arn:aws:sqs:*:111122223333:SHOP"`, "sqs:SendMessage", queue, false, "the case of resources counts"},
		{`"Action":"*","Resource":"arn:aws:sqs:eu-*1:111122223333:sho?"`, "sqs:SendMessage", queue, true, "wildcards within a part"},
		{`"Action":"*","Resource":"arn:aws:ec2:eu-*1:*:instance/i-1"`, "ec2:RunInstances", "arn:aws:ec2:eu-central-1:111122223333:instance/i-1", true, "parts by parts"},
		{`"Action":"*","Resource":"arn:aws:ec2:e*1:image/i:*"`, "ec2:RunInstances", "arn:aws:ec2:eu:111122223331:image/i:x", false, "a * within a part stays there"},
		{`"Action":"*","Resource":"arn:aws:ssm:*:parameter/x:*"`, "ssm:GetParameter", "arn:aws:ssm:r:111122223333:parameter/x:1", true, "a * that ends its part may go on"},
		{`"Action":"*","Resource":"arn:aws:ec2:*:*:instance/*"`, "ec2:DescribeInstances", "*", false, "an action without resources needs *"},
		{`"Action":"*","Resource":"*"`, "ec2:DescribeInstances", "*", true, "* is all there is"},
		{`"NotAction":"sqs:*","Resource":"*"`, "sqs:SendMessage", queue, false, "the exception"},
		{`"NotAction":"sqs:*","Resource":"*"`, "sns:Publish", queue, true, "all but the exception"},
		{`"NotAction":["sqs:*","sns:*"],"Resource":"*"`, "sns:Publish", queue, false, "one of the exceptions"},
		{`"Action":"*","NotResource":"` + queue + `"`, "sqs:SendMessage", queue, false, "the exception"},
		{`"Action":"*","NotResource":"arn:aws:sqs:*:*:other"`, "sqs:SendMessage", queue, true, "all but the exception"},
		{`"Action":"*","NotResource":"*"`, "sqs:SendMessage", queue, false, "all are excepted"},
		{`"Action":"*","NotResource":["arn:aws:sqs:*:*:${aws:PrincipalTag/none}"]`, "sqs:SendMessage", queue, false, "an exception nobody knows spoils the statement"},
		{`"Action":"*","Resource":"arn:aws:sqs:*:*:shop${aws:PrincipalTag/none}"`, "sqs:SendMessage", queue, false, "so does a resource nobody knows"},
		{`"Action":"*","Resource":["arn:aws:sqs:*:*:${aws:PrincipalTag/none}","` + queue + `"]`, "sqs:SendMessage", queue, true, "but not the other resources"},
	}
	for _, row := range rows {
		p := policy("P", `{"Effect":"Allow",`+row.statement+`}`)
		decision, err := authorize.Decide(authorize.Request{
			Partition: "aws", Principal: session(), Action: row.action, Resource: row.resource,
		}, authorize.Policies{Identity: list(p)})
		if assert.NoError(t, err, row.statement) {
			assert.Equal(t, row.allowed, decision.Allowed, "%s: %s %s: %s", row.statement, row.action, row.resource, row.why)
		}
	}
}

func TestVariables(t *testing.T) {
	t.Parallel()
	rows := []struct {
		version, operator, want string
		got                     string
		met                     bool
		why                     string
	}{
		{"2012-10-17", "StringEquals", "${aws:PrincipalTag/team}", "red", true, "a tag of the principal"},
		{"2012-10-17", "StringEquals", "${AWS:principaltag/TEAM}", "red", true, "keys have no case"},
		{"2012-10-17", "StringEquals", "x-${aws:PrincipalTag/team}-y", "x-red-y", true, "within a text"},
		{"2012-10-17", "StringEquals", "${aws:PrincipalTag/none}", "", false, "no value matches nothing"},
		{"2012-10-17", "StringNotEquals", "${aws:PrincipalTag/none}", "red", false, "nor is anything known to differ from it"},
		{"2012-10-17", "StringEquals", "${aws:PrincipalTag/none, 'blue'}", "blue", true, "a default"},
		{"2012-10-17", "StringEquals", "${aws:PrincipalTag/team, 'blue'}", "blue", false, "a value comes before the default"},
		{"2012-10-17", "StringEquals", "${aws:username}", "red", false, "sessions have no user name"},
		{"2012-10-17", "StringEquals", "${aws:userid}", "AROAEXAMPLEEXAMPLE12:pod", true, "but an id"},
		{"2012-10-17", "StringLike", "${aws:PrincipalArn}", theRole, true, "the role, not the session"},
		{"2012-10-17", "StringLike", "a${*}c", "a*c", true, "a real asterisk"},
		{"2012-10-17", "StringLike", "a${*}c", "abc", false, "is no wildcard"},
		{"2012-10-17", "StringLike", "a${?}${$}", "a?$", true, "nor are a real ? and $"},
		{"2012-10-17", "StringEquals", "a${*}c", "a*c", true, "in equality too"},
		{"2012-10-17", "StringLike", "${app:star}", "*", true, "a value with a wildcard"},
		{"2012-10-17", "StringLike", "${app:star}", "anything", false, "is not one itself"},
		{"2012-10-17", "StringEquals", "${aws:TagKeys}", "a", false, "keys of several values are no variables"},
		{"2012-10-17", "StringEquals", "${aws:PrincipalTag/team", "${aws:PrincipalTag/team", true, "an open brace is text"},
		{"2012-10-17", "ArnLike", "${app:arn}", "arn:aws:s:r:1:x", false, "the colons of a value are not the ARN's"},
		{"2012-10-17", "Bool", "${aws:ViaAWSService}", "false", true, "for Bool too"},
		{"2008-10-17", "StringEquals", "${aws:PrincipalTag/team}", "red", false, "the old version has none"},
		{"2008-10-17", "StringEquals", "${aws:PrincipalTag/team}", "${aws:PrincipalTag/team}", true, "there it is text"},
	}
	for _, row := range rows {
		p := conditioned(t, row.operator, "app:key", row.want)
		p.Document = strings.Replace(p.Document, "2012-10-17", row.version, 1)
		if row.operator == "ArnLike" {
			p.Document = strings.Replace(p.Document, `"${app:arn}"`, `"arn:aws:s:r:1:${app:colons}"`, 1)
		}
		decision, err := authorize.Decide(authorize.Request{
			Partition: "aws", Principal: session(), Action: "s3:GetObject", Resource: "*",
			Context: map[string][]string{"app:key": {row.got}, "app:star": {"*"}, "aws:TagKeys": {"a"}, "app:colons": {"a:b"}},
		}, authorize.Policies{Identity: []authorize.Policy{p}})
		if assert.NoError(t, err, row.want) {
			assert.Equal(t, row.met, decision.Allowed, "%s %s %s %s: %s", row.version, row.operator, row.want, row.got, row.why)
		}
	}
}

// effectRow is who does what on what, by which policies, and what becomes of it.
type effectRow struct {
	who      authorize.Principal
	action   string
	resource string
	policies authorize.Policies
	effect   authorize.Effect
	why      string
}

func checkEffects(t *testing.T, rows []effectRow) {
	t.Helper()
	for _, row := range rows {
		decision, err := authorize.Decide(authorize.Request{Partition: "aws", Principal: row.who, Action: row.action, Resource: row.resource}, row.policies)
		if assert.NoError(t, err, row.why) {
			assert.Equal(t, row.effect, decision.Effect, "%s: %s", row.why, decision)
			assert.Equal(t, row.effect == authorize.Allow, decision.Allowed, row.why)
		}
	}
}

// Who the tests are about, besides the session, and what policies say of them.
var (
	events = authorize.Principal{Kind: authorize.Service, Names: []string{"events.amazonaws.com"}}
	pods   = authorize.Principal{Kind: authorize.Federated, Provider: "arn:aws:iam::111122223333:oidc-provider/issuer"}
	root   = authorize.Principal{Kind: authorize.Root, RootARN: theRoot}
	nobody = authorize.Principal{}

	all    = identity("All", "Allow", "*", "*")
	narrow = policy("B", identity("Narrow", "Allow", "sns:*", "*"))
)

const (
	role    = `{"AWS":"` + theRole + `"}`
	assumed = `{"AWS":"` + theARN + `"}`
	account = `{"AWS":"` + theRoot + `"}`
)

func TestIdentitiesAndDenies(t *testing.T) {
	t.Parallel()
	checkEffects(t, []effectRow{
		{session(), "sqs:SendMessage", queue, authorize.Policies{}, authorize.ImplicitDeny, "nothing allows"},
		{session(), "sqs:SendMessage", queue, authorize.Policies{Identity: list(policy("A", all))}, authorize.Allow, "the role's policy does"},
		{session(), "sqs:SendMessage", queue, authorize.Policies{Identity: list(policy("A", all), policy("D", identity("No", "Deny", "sqs:*", "*")))}, authorize.ExplicitDeny, "a deny comes first"},
		{session(), "sqs:SendMessage", queue, authorize.Policies{Identity: list(policy("A", all)), Boundary: policy("B", all, identity("No", "Deny", "sqs:*", "*"))}, authorize.ExplicitDeny, "a boundary's too"},
		{session(), "sqs:SendMessage", queue, authorize.Policies{Identity: list(policy("A", all)), Resource: policy("Q", resource("No", "Deny", `"*"`, "sqs:*"))}, authorize.ExplicitDeny, "a queue's too"},
		{session(), "sqs:SendMessage", queue, authorize.Policies{Identity: list(policy("A", all)), Resource: policy("Q", resource("No", "Deny", account, "sqs:*"))}, authorize.ExplicitDeny, "denying the account denies its sessions"},
		{session(), "sqs:SendMessage", queue, authorize.Policies{Identity: list(policy("A", all)), Resource: policy("Q", resource("No", "Deny", `{"AWS":"arn:aws:iam::111122223333:role/Other"}`, "sqs:*"))}, authorize.Allow, "denying another role does not"},
		{session(), "sqs:SendMessage", queue, authorize.Policies{Identity: list(policy("A", all)), Boundary: narrow}, authorize.ImplicitDeny, "beyond the boundary"},
		{session(), "sns:Publish", "*", authorize.Policies{Identity: list(policy("A", all)), Boundary: narrow}, authorize.Allow, "within it"},
		{session(), "sns:Publish", "*", authorize.Policies{Boundary: narrow}, authorize.ImplicitDeny, "a boundary grants nothing"},
	})
}

func TestQueues(t *testing.T) {
	t.Parallel()
	checkEffects(t, []effectRow{
		{session(), "sqs:SendMessage", queue, authorize.Policies{Resource: policy("Q", resource("Yes", "Allow", role, "sqs:*"))}, authorize.Allow, "the queue lets the role"},
		{session(), "sqs:SendMessage", queue, authorize.Policies{Resource: policy("Q", resource("Yes", "Allow", `{"AWS":"AROAEXAMPLEEXAMPLE12"}`, "sqs:*"))}, authorize.Allow, "by its id"},
		{session(), "sqs:SendMessage", queue, authorize.Policies{Resource: policy("Q", resource("Yes", "Allow", role, "sqs:*")), Boundary: narrow}, authorize.ImplicitDeny, "a boundary limits the role"},
		{session(), "sqs:SendMessage", queue, authorize.Policies{Resource: policy("Q", resource("Yes", "Allow", assumed, "sqs:*")), Boundary: narrow}, authorize.Allow, "but not what the session itself is granted"},
		{session(), "sqs:SendMessage", queue, authorize.Policies{Resource: policy("Q", resource("Yes", "Allow", `"*"`, "sqs:*")), Boundary: narrow}, authorize.Allow, "nor what everyone is"},
		{session(), "sqs:SendMessage", queue, authorize.Policies{Resource: policy("Q", resource("Yes", "Allow", account, "sqs:*"))}, authorize.ImplicitDeny, "the account is not its sessions"},
		{session(), "sqs:SendMessage", queue, authorize.Policies{Resource: policy("Q", resource("Yes", "Allow", `{"Service":"events.amazonaws.com"}`, "sqs:*"))}, authorize.ImplicitDeny, "somebody else"},
	})
}

func TestServicesAndStrangers(t *testing.T) {
	t.Parallel()
	checkEffects(t, []effectRow{
		{events, "sqs:SendMessage", queue, authorize.Policies{Resource: policy("Q", resource("Yes", "Allow", `{"Service":"events.amazonaws.com"}`, "sqs:*"))}, authorize.Allow, "a service that is named"},
		{events, "sqs:SendMessage", queue, authorize.Policies{Resource: policy("Q", resource("Yes", "Allow", `{"Service":"sns.amazonaws.com"}`, "sqs:*"))}, authorize.ImplicitDeny, "another is named"},
		{events, "sqs:SendMessage", queue, authorize.Policies{Resource: policy("Q", resource("Yes", "Allow", account, "sqs:*"))}, authorize.ImplicitDeny, "services are of no account"},
		{events, "sqs:SendMessage", queue, authorize.Policies{Resource: policy("Q", resource("Yes", "Allow", `{"AWS":"*"}`, "sqs:*"))}, authorize.Allow, "everyone"},
		{events, "sqs:SendMessage", queue, authorize.Policies{}, authorize.ImplicitDeny, "a queue without a policy is closed"},
		{nobody, "sqs:SendMessage", queue, authorize.Policies{Resource: policy("Q", resource("Yes", "Allow", `"*"`, "sqs:*"))}, authorize.Allow, "open to the world"},
		{nobody, "sqs:SendMessage", queue, authorize.Policies{Resource: policy("Q", resource("Yes", "Allow", account, "sqs:*"))}, authorize.ImplicitDeny, "not open to the world"},
		{root, "sqs:SendMessage", queue, authorize.Policies{}, authorize.Allow, "root may"},
		{root, "sqs:SendMessage", queue, authorize.Policies{Resource: policy("Q", resource("No", "Deny", `"*"`, "sqs:*"))}, authorize.ExplicitDeny, "until denied"},
	})
}

func TestKeys(t *testing.T) {
	t.Parallel()
	checkEffects(t, []effectRow{
		{session(), "kms:Decrypt", theKey, authorize.Policies{Kind: authorize.Key, Identity: list(policy("A", all)), Resource: policy("K", resource("Account", "Allow", account, "kms:*"))}, authorize.Allow, "the key lets the account decide"},
		{session(), "kms:Decrypt", theKey, authorize.Policies{Kind: authorize.Key, Identity: list(policy("A", all)), Resource: policy("K", resource("Account", "Allow", `{"AWS":"111122223333"}`, "kms:*"))}, authorize.Allow, "by its number"},
		{session(), "kms:Decrypt", theKey, authorize.Policies{Kind: authorize.Key, Identity: list(policy("A", all)), Resource: policy("K", resource("Account", "Allow", account, "kms:Describe*"))}, authorize.ImplicitDeny, "but not about this"},
		{session(), "kms:Decrypt", theKey, authorize.Policies{Kind: authorize.Key, Identity: list(policy("A", all))}, authorize.ImplicitDeny, "no key policy, no use"},
		{session(), "kms:Decrypt", theKey, authorize.Policies{Kind: authorize.Key, Resource: policy("K", resource("Account", "Allow", account, "kms:*"))}, authorize.ImplicitDeny, "the account decides against"},
		{session(), "kms:Decrypt", theKey, authorize.Policies{Kind: authorize.Key, Resource: policy("K", resource("Role", "Allow", role, "kms:*"))}, authorize.Allow, "the key lets the role"},
		{root, "kms:Decrypt", theKey, authorize.Policies{Kind: authorize.Key, Resource: policy("K", resource("Role", "Allow", role, "kms:*"))}, authorize.ImplicitDeny, "a key may lock root out"},
		{root, "kms:Decrypt", theKey, authorize.Policies{Kind: authorize.Key, Resource: policy("K", resource("Account", "Allow", account, "kms:*"))}, authorize.Allow, "or in"},
	})
}

func TestRoles(t *testing.T) {
	t.Parallel()
	checkEffects(t, []effectRow{
		{events, "sts:AssumeRole", theRole, authorize.Policies{Kind: authorize.Role, Resource: policy("T", trust("Yes", "Allow", `{"Service":["ec2.amazonaws.com","events.amazonaws.com"]}`, "sts:AssumeRole"))}, authorize.Allow, "trusted"},
		{events, "sts:TagSession", theRole, authorize.Policies{Kind: authorize.Role, Resource: policy("T", trust("Yes", "Allow", `{"Service":"events.amazonaws.com"}`, "sts:AssumeRole"))}, authorize.ImplicitDeny, "but not with tags"},
		{pods, "sts:AssumeRoleWithWebIdentity", theRole, authorize.Policies{Kind: authorize.Role, Resource: policy("T", trust("Yes", "Allow", `{"Federated":"arn:aws:iam::111122223333:oidc-provider/issuer"}`, "sts:*"))}, authorize.Allow, "a provider that is named"},
		{pods, "sts:AssumeRoleWithWebIdentity", theRole, authorize.Policies{Kind: authorize.Role, Resource: policy("T", trust("Yes", "Allow", `{"Federated":"arn:aws:iam::111122223333:oidc-provider/other"}`, "sts:*"))}, authorize.ImplicitDeny, "another is"},
		{pods, "sts:AssumeRoleWithWebIdentity", theRole, authorize.Policies{Kind: authorize.Role, Resource: policy("T", trust("Yes", "Allow", `"*"`, "sts:*"))}, authorize.ImplicitDeny, "everyone is not every provider"},
		{session(), "sts:AssumeRole", theRole, authorize.Policies{Kind: authorize.Role, Identity: list(policy("A", all)), Resource: policy("T", trust("Yes", "Allow", account, "sts:AssumeRole"))}, authorize.Allow, "trust lets the account decide"},
		{session(), "sts:AssumeRole", theRole, authorize.Policies{Kind: authorize.Role, Resource: policy("T", trust("Yes", "Allow", account, "sts:AssumeRole"))}, authorize.ImplicitDeny, "which does not"},
		{session(), "sts:AssumeRole", theRole, authorize.Policies{Kind: authorize.Role, Identity: list(policy("A", all)), Resource: policy("T", trust("Yes", "Allow", `{"Service":"ec2.amazonaws.com"}`, "sts:AssumeRole"))}, authorize.ImplicitDeny, "only trust decides"},
		{session(), "sts:AssumeRole", theRole, authorize.Policies{Kind: authorize.Role, Resource: policy("T", trust("Yes", "Allow", role, "sts:AssumeRole"))}, authorize.Allow, "trust in the role suffices"},
		{root, "sts:AssumeRole", theRole, authorize.Policies{Kind: authorize.Role, Resource: policy("T", trust("Yes", "Allow", `"*"`, "sts:AssumeRole"))}, authorize.ImplicitDeny, "root assumes no role"},
	})
}

func TestOtherAccountsAndExceptions(t *testing.T) {
	t.Parallel()
	checkEffects(t, []effectRow{
		{session(), "sts:GetCallerIdentity", "*", authorize.Policies{Identity: list(policy("D", identity("No", "Deny", "*", "*")))}, authorize.Allow, "nobody can deny that"},
		{session(), "ec2:RunInstances", "arn:aws:ec2:r:999999999999:subnet/s", authorize.Policies{Identity: list(policy("A", all))}, authorize.Allow, "subnets are shared"},
		{session(), "sqs:SendMessage", "arn:aws:sqs:r:999999999999:q", authorize.Policies{}, authorize.ImplicitDeny, "another account's, and not even ours allows"},
		{session(), "sqs:SendMessage", "arn:aws:sqs:r:999999999999:q", authorize.Policies{Identity: list(policy("A", all)), Resource: policy("Q", resource("Yes", "Allow", account, "sqs:*"))}, authorize.Allow, "both accounts allow"},
		{session(), "sqs:SendMessage", "arn:aws:sqs:r:999999999999:q", authorize.Policies{Resource: policy("Q", resource("Yes", "Allow", role, "sqs:*"))}, authorize.ImplicitDeny, "only the other does"},
		{session(), "sqs:SendMessage", "arn:aws:sqs:r:999999999999:q", authorize.Policies{Identity: list(policy("A", all)), Resource: policy("Q", resource("Yes", "Allow", `{"AWS":"999999999999"}`, "sqs:*"))}, authorize.ImplicitDeny, "only ours does"},
	})
}

func TestTheKeysOfPrincipals(t *testing.T) {
	t.Parallel()
	rows := []struct {
		who        authorize.Principal
		key, value string
	}{
		{session(), "aws:PrincipalArn", theRole},
		{session(), "aws:PrincipalAccount", "111122223333"},
		{session(), "aws:PrincipalType", "AssumedRole"},
		{session(), "aws:PrincipalTag/team", "red"},
		{session(), "aws:PrincipalIsAWSService", "false"},
		{authorize.Principal{Kind: authorize.RoleSession, RoleARN: theRole, SessionName: "s", Provider: "p"}, "aws:FederatedProvider", "p"},
		{authorize.Principal{Kind: authorize.Service, Names: []string{"events.amazonaws.com"}, SourceARN: "arn:x"}, "aws:SourceArn", "arn:x"},
		{authorize.Principal{Kind: authorize.Service, Names: []string{"events.amazonaws.com"}, SourceAccount: "1"}, "aws:SourceAccount", "1"},
		{authorize.Principal{Kind: authorize.Service, Names: []string{"events.amazonaws.com"}}, "aws:PrincipalServiceName", "events.amazonaws.com"},
		{authorize.Principal{Kind: authorize.Service, Names: []string{"events.amazonaws.com"}}, "aws:PrincipalIsAWSService", "true"},
		{authorize.Principal{Kind: authorize.Root, RootARN: theRoot}, "aws:PrincipalArn", theRoot},
		{authorize.Principal{}, "aws:PrincipalType", "Anonymous"},
	}
	for _, row := range rows {
		q := policy("Q", fmt.Sprintf(`{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"StringEquals":{%q:%q}}}`, row.key, row.value))
		request := authorize.Request{Partition: "aws", Principal: row.who, Action: "sqs:SendMessage", Resource: queue}
		decision, err := authorize.Decide(request, authorize.Policies{Resource: q})
		require.NoError(t, err, row.key)
		assert.Equal(t, authorize.ExplicitDeny, decision.Effect, row.key)
		request.Context = map[string][]string{row.key: {"given"}}
		decision, err = authorize.Decide(request, authorize.Policies{Resource: q})
		require.NoError(t, err, row.key)
		assert.NotEqual(t, authorize.ExplicitDeny, decision.Effect, "what is given comes first: %s", row.key)
	}
}
