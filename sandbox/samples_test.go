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
	linkedRole  = "aws:iam/serviceLinkedRole:ServiceLinkedRole"
	cluster     = "aws:eks/cluster:Cluster"
	nodeGroup   = "aws:eks/nodeGroup:NodeGroup"
	fargate     = "aws:eks/fargateProfile:FargateProfile"
	addon       = "aws:eks/addon:Addon"
	template    = "aws:ec2/launchTemplate:LaunchTemplate"
	group       = "aws:ec2/securityGroup:SecurityGroup"
	groupRule   = "aws:ec2/securityGroupRule:SecurityGroupRule"
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
	nodesGroup = "sg-07b9d36f2e8c5a014"
	controlARN = "arn:aws:iam::123456789012:role/grafanix-comic-cluster"
	otherSub   = "subnet-0c93f52a8e61d7b04"
	openSubnet = "subnet-0d48a6b1f7293c5e0"
	scratchVPC = "vpc-0c3e7a91f5d8b2640"
	scratchA   = "subnet-05a9c3e17b6d2f480"
	scratchC   = "subnet-06b1d7f4938ce5a20"
	queueURL   = "https://sqs.ap-northeast-2.amazonaws.com/123456789012/events"
	queueARN   = "arn:aws:sqs:ap-northeast-2:123456789012:events"
)

const (
	trust     = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	reads     = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ec2:DescribeImages","ec2:DescribeSubnets"],"Resource":"*"}]}`
	writes    = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:RunInstances","Resource":"*"}]}`
	trustTask = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"eks-fargate-pods.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
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
	aRole    = sample{token: role, in: inputs{"name": "Nodes", "assumeRolePolicy": trust}}
	aQueue   = sample{token: queue, in: inputs{"name": "events"}}
	aRule    = sample{token: rule, in: inputs{"name": "spot", "eventPattern": `{"source":["aws.ec2"]}`}}
	aPodRole = sample{token: role, in: inputs{"name": "Pods", "assumeRolePolicy": trustTask}}
	aCluster = sample{token: cluster, in: inputs{"name": "shop", "roleArn": controlARN, "vpcConfig": inScratch(nil)}}
	aKey     = sample{token: key, in: inputs{"description": "events"}}
)

// inScratch is a cluster's place in the VPC that has none, and more.
func inScratch(more inputs) map[string]any {
	return inputs{"subnetIds": []any{scratchA, scratchC}}.with(more)
}

// scale is how many nodes a group has.
func scale(desired, least, most int) map[string]any {
	return map[string]any{"desiredSize": desired, "minSize": least, "maxSize": most}
}

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
	{
		token: linkedRole, id: "arn:aws:iam::123456789012:role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot",
		unknown: []string{"arn", "name", "path", "uniqueId"},
		in:      inputs{"awsServiceName": "spot.amazonaws.com"},
		update:  inputs{"description": "of spot instances", "tags": map[string]any{"a": "1"}},
	},
	{
		token: cluster, id: "shop", unknown: []string{"arn", "certificateAuthority", "endpoint", "identities", "status", "kubernetesNetworkConfig", "accessConfig"},
		in: inputs{"name": "shop", "roleArn": controlARN, "version": "1.33", "vpcConfig": inScratch(nil)},
		update: inputs{
			"version": "1.34", "enabledClusterLogTypes": []any{"audit", "api"}, "accessConfig": map[string]any{"authenticationMode": "API_AND_CONFIG_MAP"},
			"vpcConfig":     inScratch(inputs{"endpointPrivateAccess": true, "publicAccessCidrs": []any{"203.0.113.0/24"}}),
			"upgradePolicy": map[string]any{"supportType": "STANDARD"}, "tags": map[string]any{"a": "1"},
		},
	},
	{
		token: nodeGroup, id: theCluster + ":system", unknown: []string{"arn", "amiType", "capacityType", "instanceTypes", "releaseVersion", "resources", "status", "version"},
		in: inputs{
			"clusterName": theCluster, "nodeGroupName": "system", "nodeRoleArn": nodesARN, "subnetIds": []any{theSubnet, otherSub},
			"scalingConfig": scale(2, 1, 3),
		},
		update: inputs{
			"scalingConfig": scale(3, 2, 6), "labels": map[string]any{"team": "platform"}, "updateConfig": map[string]any{"maxUnavailablePercentage": 50},
			"taints":           []any{map[string]any{"key": "CriticalAddonsOnly", "effect": "NO_SCHEDULE"}},
			"nodeRepairConfig": map[string]any{"enabled": true}, "tags": map[string]any{"a": "1"},
		},
	},
	{
		token: fargate, needs: []sample{aPodRole, aCluster}, id: "shop:karpenter", unknown: []string{"arn", "status"},
		in: inputs{
			"clusterName": "shop", "fargateProfileName": "karpenter", "podExecutionRoleArn": "arn:aws:iam::123456789012:role/Pods",
			"subnetIds": []any{scratchA, scratchC},
			"selectors": []any{map[string]any{"namespace": "kube-system", "labels": map[string]any{"app": "karpenter"}}, map[string]any{"namespace": "other"}},
		},
		update: inputs{"tags": map[string]any{"a": "1"}},
	},
	{
		token: addon, id: theCluster + ":vpc-cni", unknown: []string{"arn", "createdAt", "configurationValues"},
		in:     inputs{"clusterName": theCluster, "addonName": "vpc-cni", "addonVersion": "v1.20.1-eksbuild.3"},
		update: inputs{"addonVersion": "v1.20.4-eksbuild.2", "configurationValues": `{"env":{"ENABLE_PREFIX_DELEGATION":"true"}}`, "serviceAccountRoleArn": nodesARN},
	},
	{
		token: template, unknown: []string{"arn", "latestVersion", "defaultVersion"},
		in: inputs{
			"name": "nodes", "vpcSecurityGroupIds": []any{nodesGroup}, "metadataOptions": map[string]any{"httpTokens": "required", "httpPutResponseHopLimit": 1},
			"blockDeviceMappings": []any{map[string]any{"deviceName": "/dev/xvda", "ebs": map[string]any{"volumeSize": 50, "volumeType": "gp3", "encrypted": "true"}}},
			"tagSpecifications":   []any{map[string]any{"resourceType": "instance", "tags": map[string]any{"Name": "node"}}},
		},
		update: inputs{
			"description": "of nodes", "metadataOptions": map[string]any{"httpTokens": "required", "httpPutResponseHopLimit": 2},
			"monitoring": map[string]any{"enabled": true}, "userData": "IyEvYmluL3No", "tags": map[string]any{"a": "1"},
		},
	},
	{
		token: group, unknown: []string{"arn", "ownerId"},
		in: inputs{"name": "nodes", "vpcId": theVPC, "description": "of nodes"}, update: inputs{"tags": map[string]any{"a": "1"}},
	},
	{
		token: groupRule, id: "sgrule-2310313330", importID: nodesGroup + "_ingress_tcp_443_443_10.0.0.0/8_10.64.0.0/10", unknown: []string{"securityGroupRuleId"},
		in: inputs{
			"type": "ingress", "securityGroupId": nodesGroup, "protocol": "TCP", "fromPort": 443, "toPort": 443,
			"cidrBlocks": []any{"10.0.0.0/8", "10.64.0.0/10"},
		},
		update: inputs{"description": "from the offices"},
	},
}
