package sandbox

import "strings"

// The tokens of all types.
const (
	role        = "aws:iam/role:Role"
	policy      = "aws:iam/policy:Policy"
	attachment  = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
	rolePolicy  = "aws:iam/rolePolicy:RolePolicy"
	profile     = "aws:iam/instanceProfile:InstanceProfile"
	issuer      = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
	entry       = "aws:eks/accessEntry:AccessEntry"
	association = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
	queue       = "aws:sqs/queue:Queue"
	queuePolicy = "aws:sqs/queuePolicy:QueuePolicy"
	rule        = "aws:cloudwatch/eventRule:EventRule"
	target      = "aws:cloudwatch/eventTarget:EventTarget"
	key         = "aws:kms/key:Key"
	alias       = "aws:kms/alias:Alias"
	tag         = "aws:ec2/tag:Tag"
)

// What the default account has.
const (
	theCluster = "grafanix-comic"
	theSubnet  = "subnet-0b7d1e94c2f83a561"
	theVPC     = "vpc-0a1f6c27d93be4085"
	nodesRole  = "grafanix-comic-system-nodes"
	nodesARN   = "arn:aws:iam::123456789012:role/grafanix-comic-system-nodes"
	boundary   = "arn:aws:iam::123456789012:policy/PlatformBoundary"
	ssmPolicy  = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
	queueURL   = "https://sqs.ap-northeast-2.amazonaws.com/123456789012/events"
	queueARN   = "arn:aws:sqs:ap-northeast-2:123456789012:events"
)

const (
	trust     = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	reads     = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ec2:DescribeImages","ec2:DescribeSubnets"],"Resource":"*"}]}`
	writes    = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:RunInstances","Resource":"*"}]}`
	trustPods = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]}]}`
	keepers   = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"kms:*","Resource":"*"},` +
		`{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":["kms:Decrypt","kms:GenerateDataKey"],"Resource":"*"}]}`
	sending = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"` + queueARN + `"}]}`
)

// sample is a resource that can be made in the default account once what it
// needs is there.
type sample struct {
	token string
	needs []sample
	in    inputs
	// update are inputs that change it in place, if any can.
	update inputs
	// id and importID are what Terraform has; importID is id where it is empty.
	id, importID string
	// unknown are outputs that only AWS knows.
	unknown []string
}

var (
	aRole  = sample{token: role, in: inputs{"name": "Nodes", "assumeRolePolicy": trust}}
	aQueue = sample{token: queue, in: inputs{"name": "events"}}
	aRule  = sample{token: rule, in: inputs{"name": "spot", "eventPattern": `{"source":["aws.ec2"]}`}}
	aKey   = sample{token: key, in: inputs{"description": "events"}}
)

// samples are one resource of every type.
var samples = []sample{
	{
		token: role, id: "Controller", unknown: []string{"arn", "uniqueId", "createDate", "managedPolicyArns"},
		in:     inputs{"name": "Controller", "assumeRolePolicy": trust, "permissionsBoundary": boundary, "tags": map[string]any{"a": "1", "b": ""}},
		update: inputs{"assumeRolePolicy": trustPods, "description": "of Karpenter", "maxSessionDuration": 7200, "permissionsBoundary": nil, "tags": map[string]any{"a": "2"}},
	},
	{
		token: policy, id: "arn:aws:iam::123456789012:policy/team/Reads", unknown: []string{"arn", "policyId"},
		in:     inputs{"name": "Reads", "path": "/team/", "policy": reads},
		update: inputs{"policy": writes, "tags": map[string]any{"a": "1"}},
	},
	{
		token: attachment, needs: []sample{aRole}, id: "Nodes-" + ssmPolicy, importID: "Nodes/" + ssmPolicy,
		in: inputs{"role": "Nodes", "policyArn": ssmPolicy},
	},
	{
		token: rolePolicy, needs: []sample{aRole}, id: "Nodes:reads",
		in: inputs{"role": "Nodes", "name": "reads", "policy": reads}, update: inputs{"policy": writes},
	},
	{
		token: profile, needs: []sample{aRole}, id: "Nodes", unknown: []string{"arn", "uniqueId"},
		in: inputs{"name": "Nodes", "role": "Nodes"}, update: inputs{"role": nodesRole},
	},
	{
		token: issuer, id: "arn:aws:iam::123456789012:oidc-provider/oidc.example.com/id/1", unknown: []string{"arn", "thumbprintLists"},
		in:     inputs{"url": "https://oidc.example.com/id/1", "clientIdLists": []any{"sts.amazonaws.com"}},
		update: inputs{"clientIdLists": []any{"sts.amazonaws.com", "other"}},
	},
	{
		token: entry, needs: []sample{aRole}, id: theCluster + ":arn:aws:iam::123456789012:role/Nodes", unknown: []string{"accessEntryArn", "userName"},
		in:     inputs{"clusterName": theCluster, "principalArn": "arn:aws:iam::123456789012:role/Nodes", "kubernetesGroups": []any{"viewers"}},
		update: inputs{"kubernetesGroups": []any{"viewers", "admins"}, "tags": map[string]any{"a": "1"}},
	},
	{
		token: association, unknown: []string{"associationId"}, importID: theCluster + ",",
		in:     inputs{"clusterName": theCluster, "namespace": "kube-system", "serviceAccount": "karpenter", "roleArn": nodesARN},
		update: inputs{"roleArn": "arn:aws:iam::123456789012:role/grafanix-comic-cluster"},
	},
	{
		token: queue, id: queueURL, unknown: []string{"arn", "url", "sqsManagedSseEnabled"},
		in:     inputs{"name": "events", "messageRetentionSeconds": 300},
		update: inputs{"messageRetentionSeconds": 600, "delaySeconds": 5, "tags": map[string]any{"a": "1"}},
	},
	{
		token: queuePolicy, needs: []sample{aQueue}, id: queueURL,
		in: inputs{"queueUrl": queueURL, "policy": sending}, update: inputs{"policy": strings.Replace(sending, "SendMessage", "*", 1)},
	},
	{
		token: rule, id: "spot", unknown: []string{"arn", "state"},
		in:     inputs{"name": "spot", "eventPattern": `{"source":["aws.ec2"]}`},
		update: inputs{"description": "Spot", "state": "DISABLED", "eventPattern": `{"source":["aws.health"]}`},
	},
	{
		token: target, needs: []sample{aQueue, aRule}, id: "spot-queue", importID: "spot/queue",
		in:     inputs{"rule": "spot", "targetId": "queue", "arn": queueARN},
		update: inputs{"retryPolicy": map[string]any{"maximumRetryAttempts": 3, "maximumEventAgeInSeconds": 60}, "deadLetterConfig": map[string]any{"arn": queueARN + "-dead"}},
	},
	{
		token: key, unknown: []string{"arn", "keyId", "policy"},
		in:     inputs{"description": "queues", "deletionWindowInDays": 7},
		update: inputs{"enableKeyRotation": true, "description": "events", "policy": keepers, "isEnabled": false},
	},
	{
		token: tag, id: theSubnet + ",karpenter.sh/discovery",
		in: inputs{"resourceId": theSubnet, "key": "karpenter.sh/discovery", "value": theCluster}, update: inputs{"value": "other"},
	},
}
