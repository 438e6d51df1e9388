package sandbox

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	theRegion   = "ap-northeast-2"
	theIssuer   = "https://oidc.eks.ap-northeast-2.amazonaws.com/id/5F1C0A7E93B84D26A1E47C908D3B62F5"
	otherIssuer = "https://oidc.eks.ap-northeast-2.amazonaws.com/id/C27E9B4106FD4A83B5D019E6738A4CF2"
	clusterARN  = "arn:aws:eks:ap-northeast-2:123456789012:cluster/grafanix-comic"
	ruleARN     = "arn:aws:events:ap-northeast-2:123456789012:rule/spot"
	controller  = "system:serviceaccount:kube-system:karpenter"
	webARN      = "arn:aws:sts::123456789012:assumed-role/Controller/web-identity"
)

// world is an account with a controller's role, made by the account's own
// operations.
type world struct {
	t       *testing.T
	account *Account
	client  *Client
}

func newWorld(t *testing.T, edits ...func(*Spec)) world {
	t.Helper()
	spec := DefaultSpec()
	for _, edit := range edits {
		edit(&spec)
	}
	account, err := NewAccount(spec)
	require.NoError(t, err)
	client, err := account.Client(spec.Clusters[0].Region)
	require.NoError(t, err)
	return world{t: t, account: account, client: client}
}

func document(statements ...string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

// irsaTrust trusts one service account of one issuer.
func irsaTrust(issuer string) string {
	host := strings.TrimPrefix(issuer, "https://")
	return document(fmt.Sprintf(`{"Sid":"Pods","Effect":"Allow","Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/%s"},`+
		`"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"%s:aud":"sts.amazonaws.com","%s:sub":%q}}}`, host, host, host, controller))
}

// podTrust trusts EKS Pod Identity for one service account of one cluster.
func podTrust(actions string) string {
	return document(`{"Sid":"Pods","Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":` + actions + `,"Condition":{"StringEquals":{` +
		`"aws:RequestTag/eks-cluster-arn":"` + clusterARN + `","aws:RequestTag/kubernetes-namespace":"kube-system","aws:RequestTag/kubernetes-service-account":"karpenter"},` +
		`"ForAllValues:StringEquals":{"aws:TagKeys":["eks-cluster-arn","eks-cluster-name","kubernetes-namespace","kubernetes-service-account","kubernetes-pod-name","kubernetes-pod-uid"]},` +
		`"ArnEquals":{"aws:SourceArn":"` + clusterARN + `"}}}`)
}

func (w world) role(name, trust string) string {
	w.t.Helper()
	require.NoError(w.t, w.client.CreateRole(Role{Name: name, Path: "/", TrustPolicy: trust, MaxSession: 3600, Tags: Tags{"team": "red"}}))
	role, err := w.client.GetRole(name)
	require.NoError(w.t, err)
	return role.ARN
}

func (w world) associate(namespace, serviceAccount, role string) {
	w.t.Helper()
	_, err := w.client.CreatePodIdentityAssociation(Association{Cluster: theCluster, Namespace: namespace, ServiceAccount: serviceAccount, RoleARN: role})
	require.NoError(w.t, err)
}

func (w world) inline(role, name string, statements ...string) {
	w.t.Helper()
	require.NoError(w.t, w.client.PutRolePolicy(role, name, document(statements...)))
}

func (w world) webSession(role string) Session {
	w.t.Helper()
	session, err := w.client.AssumeRoleWithWebIdentity(role, WebIdentity{Issuer: theIssuer, Subject: controller, Audience: "sts.amazonaws.com"})
	require.NoError(w.t, err)
	return session
}

// line is a decision in one line.
func (w world) line(who Principal, action, resource string, context map[string][]string) string {
	w.t.Helper()
	decision, err := w.client.Authorize(who, action, resource, context)
	require.NoError(w.t, err)
	return decision.String()
}

func TestWebIdentities(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	role := w.role("Controller", irsaTrust(theIssuer))
	good := WebIdentity{Issuer: theIssuer, Subject: controller, Audience: "sts.amazonaws.com"}
	const (
		head   = "operation error STS: AssumeRoleWithWebIdentity, https response error StatusCode: "
		denied = head + "403, RequestID: 00000000-0000-0000-0000-000000000000, api error AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity"
		lost   = head + "400, RequestID: 00000000-0000-0000-0000-000000000000, InvalidIdentityToken: "
	)
	rows := []struct {
		edit func(*WebIdentity)
		role string
		err  string
		why  string
	}{
		{func(*WebIdentity) {}, role, "", "the controller's own token"},
		{func(i *WebIdentity) { i.Subject = "system:serviceaccount:kube-system:other" }, role, denied, "another service account"},
		{func(i *WebIdentity) { i.Subject = "system:serviceaccount:default:karpenter" }, role, denied, "another namespace"},
		{func(i *WebIdentity) { i.Issuer = otherIssuer }, role, denied, "another cluster's issuer, which the account has"},
		{func(i *WebIdentity) { i.Issuer = theIssuer + "0" }, role, lost + "No OpenIDConnect provider found in your account for " + theIssuer + "0", "an issuer it does not have"},
		{func(i *WebIdentity) { i.Audience = "kubernetes" }, role, lost + "Incorrect token audience", "a token for somebody else"},
		{func(*WebIdentity) {}, nodesARN, denied, "a role for instances"},
		{func(*WebIdentity) {}, role + "2", denied, "no role at all"},
	}
	for _, row := range rows {
		identity := good
		row.edit(&identity)
		session, err := w.client.AssumeRoleWithWebIdentity(row.role, identity)
		if row.err != "" {
			require.EqualError(t, err, row.err, row.why)
			continue
		}
		require.NoError(t, err, row.why)
		assert.Equal(t, webARN, session.ARN())
		assert.Equal(t, role, session.RoleARN())
		assert.Empty(t, session.Tags())
	}
}

func TestARefusalHoldsTheDecisionBehindIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	role := w.role("Controller", irsaTrust(theIssuer))
	_, err := w.client.AssumeRoleWithWebIdentity(role, WebIdentity{Issuer: theIssuer, Subject: "x", Audience: "sts.amazonaws.com"})
	var denied *DeniedError
	require.ErrorAs(t, err, &denied)
	host := strings.TrimPrefix(theIssuer, "https://")
	assert.Equal(t, "denied: sts:AssumeRoleWithWebIdentity on "+role+" for arn:aws:iam::123456789012:oidc-provider/"+host+
		", no statement allows it; nearest: trust policy of role Controller/Pods: StringEquals "+host+`:sub wants "`+controller+`", got "x"`, denied.Decision.String())
}

func TestPodIdentities(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	role := w.role("Controller", podTrust(`["sts:AssumeRole","sts:TagSession"]`))
	untagged := w.role("Untagged", podTrust(`"sts:AssumeRole"`))
	w.associate("kube-system", "karpenter", role)
	w.associate("default", "karpenter", role)
	const (
		head   = "operation error EKS Auth: AssumeRoleForPodIdentity, https response error StatusCode: "
		denied = head + "400, RequestID: 00000000-0000-0000-0000-000000000000, AccessDeniedException: Unauthorized Exception! EKS does not have permissions to assume the associated role."
		lost   = head + "404, RequestID: 00000000-0000-0000-0000-000000000000, ResourceNotFoundException: "
	)
	rows := []struct{ cluster, namespace, account, err, why string }{
		{theCluster, "kube-system", "karpenter", "", "associated and trusted"},
		{theCluster, "default", "karpenter", denied, "associated, not trusted"},
		{theCluster, "kube-system", "other", lost + "The token included in the request has no service account role association for it.", "not associated"},
		{"grafanix-comic-prod", "kube-system", "karpenter", lost + "The token included in the request has no service account role association for it.", "in another cluster"},
		{"nowhere", "kube-system", "karpenter", lost + "No cluster found for name: nowhere.", "in no cluster"},
	}
	for _, row := range rows {
		session, err := w.client.AssumeRoleForPodIdentity(row.cluster, row.namespace, row.account)
		if row.err != "" {
			require.EqualError(t, err, row.err, row.why)
			continue
		}
		require.NoError(t, err, row.why)
		tags := session.Tags()
		assert.Len(t, tags, 6)
		assert.Equal(t, clusterARN, tags["eks-cluster-arn"])
		assert.Regexp(t, `^karpenter-[a-z0-9]{5}$`, tags["kubernetes-pod-name"])
		assert.Contains(t, session.ARN(), ":assumed-role/Controller/eks-grafanix-comic-karpenter-")
	}
	w.associate("kube-system", "untagged", untagged)
	_, err := w.client.AssumeRoleForPodIdentity(theCluster, "kube-system", "untagged")
	require.EqualError(t, err, denied, "a role that may be assumed but not tagged")
}

func TestInstances(t *testing.T) {
	t.Parallel()
	rows := map[string]struct{ partition, region, service string }{
		"aws":        {"aws", theRegion, "ec2.amazonaws.com"},
		"China":      {"aws-cn", "cn-north-1", "ec2.amazonaws.com.cn"},
		"also China": {"aws-cn", "cn-north-1", "ec2.amazonaws.com"},
	}
	for name, row := range rows {
		w := newWorld(t, func(s *Spec) {
			s.Partition = row.partition
			for i := range s.Clusters {
				s.Clusters[i].Region = row.region
			}
		})
		w.role("Nodes", document(`{"Effect":"Allow","Principal":{"Service":"`+row.service+`"},"Action":"sts:AssumeRole"}`))
		require.NoError(t, w.client.AttachRolePolicy("Nodes", "arn:"+row.partition+":iam::aws:policy/AmazonEKS_CNI_Policy"))
		require.NoError(t, w.client.CreateInstanceProfile(InstanceProfile{Name: "Nodes", Path: "/"}))
		_, err := w.client.AssumeRoleForInstance("Nodes", "i-1")
		require.ErrorContains(t, err, "Instance Profile does not contain a role.", name)
		require.NoError(t, w.client.AddRoleToInstanceProfile("Nodes", "Nodes"))
		session, err := w.client.AssumeRoleForInstance("Nodes", "i-1")
		require.NoError(t, err, name)
		decision, err := w.client.Authorize(session, "ec2:CreateTags", "arn:"+row.partition+":ec2:"+row.region+":123456789012:network-interface/eni-1", nil)
		require.NoError(t, err)
		assert.True(t, decision.Allowed, "%s: AWS's own policies are of the partition: %s", name, decision)
	}
	w := newWorld(t)
	_, err := w.client.AssumeRoleForInstance("Nodes", "i-1")
	require.ErrorContains(t, err, "InstanceProfileNotFound: Instance Profile Nodes cannot be found.")
	w.role("Controller", podTrust(`"sts:AssumeRole"`))
	require.NoError(t, w.client.CreateInstanceProfile(InstanceProfile{Name: "Nodes", Path: "/"}))
	require.NoError(t, w.client.AddRoleToInstanceProfile("Nodes", "Controller"))
	_, err = w.client.AssumeRoleForInstance("Nodes", "i-1")
	require.ErrorContains(t, err, "AssumeRoleUnauthorizedAccess: EC2 cannot assume the role Controller.")
}

func TestAuthorizeGathersWhatTheRoleHas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	role := w.role("Controller", irsaTrust(theIssuer))
	session := w.webSession(role)
	who := " for " + webARN + ", "
	assert.Equal(t, "denied: ec2:DescribeImages on *"+who+"no statement allows it", w.line(session, "ec2:DescribeImages", "*", nil))

	managed, err := w.client.CreatePolicy(Policy{Name: "Reads", Path: "/", Document: document(
		`{"Sid":"Here","Effect":"Allow","Action":"ec2:Describe*","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"ap-northeast-2"}}}`)})
	require.NoError(t, err)
	require.NoError(t, w.client.AttachRolePolicy("Controller", managed))
	assert.Equal(t, "allowed: ec2:DescribeImages on *"+who+"by Reads/Here", w.line(session, "ec2:DescribeImages", "*", nil), "a policy attached later counts at once")
	assert.Equal(t, "denied: ec2:DescribeImages on *"+who+`no statement allows it; nearest: Reads/Here: StringEquals aws:RequestedRegion wants "ap-northeast-2", got "us-east-1"`,
		w.line(session, "ec2:DescribeImages", "*", map[string][]string{"aws:RequestedRegion": {"us-east-1"}}))
	elsewhere, err := w.account.Client("eu-central-1")
	require.NoError(t, err)
	decision, err := elsewhere.Authorize(session, "ec2:DescribeImages", "*", nil)
	require.NoError(t, err)
	assert.False(t, decision.Allowed, "the client's region is the requested one")

	w.inline("Controller", "profiles", `{"Sid":"Home","Effect":"Allow","Action":"iam:*","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}}`)
	assert.Equal(t, "allowed: iam:ListInstanceProfiles on *"+who+"by profiles/Home", w.line(session, "iam:ListInstanceProfiles", "*", nil), "IAM is at home in one region")

	require.NoError(t, w.client.PutRolePermissionsBoundary("Controller", boundary))
	assert.Equal(t, "denied: iam:CreateUser on *"+who+"by boundary PlatformBoundary/DenyUsers", w.line(session, "iam:CreateUser", "*", nil))

	require.NoError(t, w.client.AttachRolePolicy("Controller", "arn:aws:iam::aws:policy/AdministratorAccess"))
	_, err = w.client.Authorize(session, "ec2:DescribeImages", "*", nil)
	require.EqualError(t, err, "no decision: the document of the policy arn:aws:iam::aws:policy/AdministratorAccess is not known here")
}

func TestAuthorizeKnowsTags(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	session := w.webSession(w.role("Controller", irsaTrust(theIssuer)))
	w.inline(
		"Controller", "P",
		`{"Sid":"Ours","Effect":"Allow","Action":["ec2:RunInstances","sqs:ReceiveMessage","iam:AddRoleToInstanceProfile","iam:PassRole","eks:DescribeCluster"],"Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}}}`,
		`{"Sid":"Tagging","Effect":"Allow","Action":"ec2:CreateTags","Resource":"*","Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":"Name"},"Null":{"aws:TagKeys":"false"}}}`,
	)
	subnet := "arn:aws:ec2:ap-northeast-2:123456789012:subnet/" + theSubnet
	allowed := func(action, resource string, context map[string][]string) bool {
		decision, err := w.client.Authorize(session, action, resource, context)
		require.NoError(t, err)
		return decision.Allowed
	}
	assert.False(t, allowed("ec2:RunInstances", subnet, nil))
	require.NoError(t, w.client.CreateTags(theSubnet, "team", "red"))
	assert.True(t, allowed("ec2:RunInstances", subnet, nil), "the account's own tags")
	assert.False(t, allowed("ec2:RunInstances", subnet, map[string][]string{"aws:ResourceTag/team": {"blue"}}), "given ones come first")
	assert.True(t, allowed("ec2:RunInstances", "arn:aws:ec2:ap-northeast-2:123456789012:launch-template/lt-1", map[string][]string{"aws:ResourceTag/team": {"red"}}), "for what is not in the account")

	tags := Tags{"team": "red"}
	_, err := w.client.CreateQueue(Queue{Name: "events", MaxMessageSize: 1024, RetentionSeconds: 60, Tags: tags})
	require.NoError(t, err)
	require.NoError(t, w.client.CreateInstanceProfile(InstanceProfile{Name: "Nodes", Path: "/", Tags: tags}))
	assert.True(t, allowed("sqs:ReceiveMessage", queueARN, nil))
	assert.True(t, allowed("iam:AddRoleToInstanceProfile", "arn:aws:iam::123456789012:instance-profile/Nodes", nil))
	assert.False(t, allowed("eks:DescribeCluster", clusterARN, nil))
	assert.False(t, allowed("iam:PassRole", "arn:aws:iam::123456789012:role/Controller", nil), "the tags of a role do not count when it is passed")

	assert.True(t, allowed("ec2:CreateTags", subnet, map[string][]string{"aws:RequestTag/Name": {"x"}}), "the keys of the tags follow from the tags")
	assert.False(t, allowed("ec2:CreateTags", subnet, map[string][]string{"aws:RequestTag/Name": {"x"}, "aws:RequestTag/team": {"x"}}))
}

func TestQueuesAndKeysDecideForThemselves(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ruleOnly := `"Condition":{"ArnEquals":{"aws:SourceArn":"` + ruleARN + `"}}}`
	id, err := w.client.CreateKey(Key{Policy: document(
		`{"Sid":"Account","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"kms:*","Resource":"*"}`,
		`{"Sid":"Events","Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":["kms:Decrypt","kms:GenerateDataKey"],"Resource":"*",`+ruleOnly)}, false)
	require.NoError(t, err)
	url, err := w.client.CreateQueue(Queue{Name: "events", MaxMessageSize: 1024, RetentionSeconds: 60})
	require.NoError(t, err)
	require.NoError(t, w.client.SetQueuePolicy(url, document(
		`{"Sid":"Rules","Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"`+queueARN+`",`+ruleOnly,
		`{"Sid":"DenyHTTP","Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"`+queueARN+`","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`)))
	key := "arn:aws:kms:ap-northeast-2:123456789012:key/" + id
	session := w.webSession(w.role("Controller", irsaTrust(theIssuer)))
	w.inline("Controller", "P", `{"Sid":"Queue","Effect":"Allow","Action":["sqs:ReceiveMessage","kms:Decrypt"],"Resource":["`+queueARN+`","`+key+`"]}`)

	ours := ServicePrincipal{Name: "events.amazonaws.com", SourceARN: ruleARN}
	theirs := ServicePrincipal{Name: "events.amazonaws.com", SourceARN: strings.Replace(ruleARN, "123456789012", "999999999999", 1)}
	plain := map[string][]string{"aws:SecureTransport": {"false"}}
	me := webARN
	rows := []struct {
		who     Principal
		action  string
		on      string
		context map[string][]string
		line    string
	}{
		{ours, "sqs:SendMessage", queueARN, nil, "allowed: sqs:SendMessage on " + queueARN + " for events.amazonaws.com, by policy of queue events/Rules"},
		{theirs, "sqs:SendMessage", queueARN, nil, "denied: sqs:SendMessage on " + queueARN + " for events.amazonaws.com, no statement allows it; nearest: policy of queue events/Rules: " +
			`ArnEquals aws:SourceArn wants "` + ruleARN + `", got "arn:aws:events:ap-northeast-2:999999999999:rule/spot"`},
		{ours, "sqs:SendMessage", queueARN, plain, "denied: sqs:SendMessage on " + queueARN + " for events.amazonaws.com, by policy of queue events/DenyHTTP"},
		{ours, "kms:GenerateDataKey", key, nil, "allowed: kms:GenerateDataKey on " + key + " for events.amazonaws.com, by policy of key " + id + "/Events"},
		{ours, "kms:ScheduleKeyDeletion", key, nil, "denied: kms:ScheduleKeyDeletion on " + key + " for events.amazonaws.com, no statement allows it"},
		{session, "sqs:ReceiveMessage", queueARN, nil, "allowed: sqs:ReceiveMessage on " + queueARN + " for " + me + ", by P/Queue"},
		{session, "sqs:ReceiveMessage", queueARN, plain, "denied: sqs:ReceiveMessage on " + queueARN + " for " + me + ", by policy of queue events/DenyHTTP"},
		{session, "sqs:SendMessage", queueARN, nil, "denied: sqs:SendMessage on " + queueARN + " for " + me + ", no statement allows it"},
		{session, "kms:Decrypt", key, nil, "allowed: kms:Decrypt on " + key + " for " + me + ", by P/Queue"},
		{Anonymous{}, "sqs:SendMessage", queueARN, nil, "denied: sqs:SendMessage on " + queueARN + " for anonymous, no statement allows it"},
		{Root{}, "sqs:PurgeQueue", queueARN, plain, "denied: sqs:PurgeQueue on " + queueARN + " for arn:aws:iam::123456789012:root, by policy of queue events/DenyHTTP"},
		{Root{}, "kms:Decrypt", key, nil, "allowed: kms:Decrypt on " + key + " for arn:aws:iam::123456789012:root, by policy of key " + id + "/Account"},
	}
	for _, row := range rows {
		assert.Equal(t, row.line, w.line(row.who, row.action, row.on, row.context))
	}
	require.NoError(t, w.client.PutKeyPolicy(id, document(`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"kms:Put*","Resource":"*"}`), true))
	assert.Equal(t, "denied: kms:Decrypt on "+key+" for "+me+", P/Queue allows it, but the resource's own policy does not let the account's policies decide", w.line(session, "kms:Decrypt", key, nil))
}

func TestSessionsEndWithTheirRole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	session := w.webSession(w.role("Controller", irsaTrust(theIssuer)))
	require.NoError(t, w.client.DeleteRole("Controller"))
	for _, who := range []Principal{session, Session{}} {
		_, err := w.client.Authorize(who, "ec2:DescribeImages", "*", nil)
		require.ErrorContains(t, err, "api error InvalidClientTokenId: The security token included in the request is invalid.")
	}
	_, err := w.client.Authorize(nil, "ec2:DescribeImages", "*", nil)
	require.EqualError(t, err, "a request needs a principal; nobody in particular is Anonymous")
}

func TestAskingChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	session := w.webSession(w.role("Controller", irsaTrust(theIssuer)))
	before := string(w.account.Dump())
	w.line(session, "sqs:SendMessage", queueARN, nil)
	w.line(Anonymous{}, "sqs:SendMessage", queueARN, nil)
	assert.Equal(t, before, string(w.account.Dump()))
}

// TestEveryManagedPolicyOfNodesIsReadable: AWS's documents, in all partitions.
func TestEveryManagedPolicyOfNodesIsReadable(t *testing.T) {
	t.Parallel()
	rows := map[string]string{
		"AmazonEKSWorkerNodePolicy": "eks-auth:AssumeRoleForPodIdentity", "AmazonEC2ContainerRegistryPullOnly": "ecr:BatchGetImage",
		"AmazonEKS_CNI_Policy": "ec2:AttachNetworkInterface", "AmazonSSMManagedInstanceCore": "ssmmessages:OpenDataChannel",
		"CloudWatchAgentServerPolicy": "cloudwatch:PutMetricData",
	}
	for name, action := range rows {
		w := newWorld(t)
		session := w.webSession(w.role("Nodes", irsaTrust(theIssuer)))
		require.NoError(t, w.client.AttachRolePolicy("Nodes", "arn:aws:iam::aws:policy/"+name))
		decision, err := w.client.Authorize(session, action, "*", nil)
		require.NoError(t, err, name)
		assert.True(t, decision.Allowed, decision.String())
		decision, err = w.client.Authorize(session, "ec2:TerminateInstances", "arn:aws:ec2:ap-northeast-2:123456789012:instance/i-1", nil)
		require.NoError(t, err, name)
		assert.False(t, decision.Allowed, decision.String())
	}
}

func TestSessionsKnowTheTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	role := w.role("Controller", irsaTrust(theIssuer))
	w.inline("Controller", "P", `{"Effect":"Allow","Action":"ec2:*","Resource":"*","Condition":{"DateLessThan":{"aws:CurrentTime":"2025-01-01T01:00:00Z"}}}`,
		`{"Effect":"Allow","Action":"sqs:*","Resource":"*","Condition":{"DateGreaterThan":{"aws:TokenIssueTime":"2025-01-01T01:00:00Z"}}}`)
	asked := func(session Session, action string) bool {
		decision, err := w.client.Authorize(session, action, "*", nil)
		require.NoError(t, err)
		return decision.Allowed
	}
	early := w.webSession(role)
	assert.True(t, asked(early, "ec2:DescribeImages"))
	require.NoError(t, w.account.Advance(2*time.Hour))
	assert.False(t, asked(early, "ec2:DescribeImages"), "it is too late")
	assert.False(t, asked(early, "sqs:ListQueues"), "the session is too old")
	assert.True(t, asked(w.webSession(role), "sqs:ListQueues"), "a new one is not")
}
