package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// statement is a document of one statement.
func statement(elements string) string {
	return `{"Version":"2012-10-17","Statement":[{` + elements + `}]}`
}

// long is an identity policy of n characters, with white space on top.
func long(n int) string {
	padded := func(n int) string {
		return statement(`"Effect":"Allow","Action":"ec2:*","Resource":"arn:aws:ec2:*:*:x` + strings.Repeat("x", n) + `"`)
	}
	return "  " + padded(n-len(padded(0)))
}

// manyTags are n tags.
func manyTags(n int) map[string]any {
	tags := map[string]any{}
	for i := range n {
		tags[fmt.Sprint("k", i)] = "v"
	}
	return tags
}

const allow = `"Effect":"Allow",`

// refusal is a request that AWS refuses, with its words. The base of the inputs
// is the type's sample when nil.
type refusal struct {
	token    string
	base, in inputs
	words    string
}

// refusedByAWS is the table of requests that AWS refuses.
var refusedByAWS = []refusal{
	{role, nil, inputs{"name": nodesRole}, "creating IAM Role (" + nodesRole + "): operation error IAM: CreateRole, https response error StatusCode: 409, RequestID: 00000000-0000-0000-0000-000000000000, EntityAlreadyExists: Role with name " + nodesRole + " already exists."},
	{role, nil, inputs{"name": strings.ToUpper(nodesRole)}, "already exists."},
	{role, nil, inputs{"path": "team"}, "api error ValidationError: 1 validation error detected: Value 'team' at 'path' failed to satisfy constraint"},
	{role, nil, inputs{"permissionsBoundary": boundary + "2"}, "NoSuchEntity: Scope ARN: " + boundary + "2 does not exist or is not attachable."},
	{role, nil, inputs{"permissionsBoundary": "arn:aws-cn:iam::123456789012:policy/PlatformBoundary"}, "InvalidInput: ARN arn:aws-cn:iam::123456789012:policy/PlatformBoundary is not valid."},
	{role, nil, inputs{"tags": map[string]any{"aws:x": "1"}}, "InvalidInput: aws: prefixed tag key names are not allowed for external use."},
	{role, nil, inputs{"tags": manyTags(51)}, "LimitExceeded: The number of tags has reached the maximum limit."},
	{role, nil, inputs{"tags": map[string]any{strings.Repeat("k", 129): "v"}}, "Tag key exceeds the maximum length of 128 characters"},
	{role, nil, inputs{"tags": map[string]any{"k": strings.Repeat("v", 257)}}, "Tag value exceeds the maximum length of 256 characters"},
	{role, nil, inputs{"assumeRolePolicy": `{"Version":"2012-10-17","Statement":[]}`}, "MalformedPolicyDocument: Syntax errors in policy."},
	{role, nil, inputs{"assumeRolePolicy": `[]`}, "MalformedPolicyDocument: This policy contains invalid Json"},
	{role, nil, inputs{"assumeRolePolicy": statement(allow + `"Action":"sts:AssumeRole"`)}, "MalformedPolicyDocument: Missing required field Principal"},
	{role, nil, inputs{"assumeRolePolicy": statement(allow + `"Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole","Resource":"*"`)}, "MalformedPolicyDocument: Has prohibited field Resource"},
	{role, nil, inputs{"assumeRolePolicy": statement(allow + `"Principal":{"Service":"ec2.amazonaws.com"},"Action":"ec2:RunInstances"`)}, "AssumeRole policy may only specify STS AssumeRole actions."},
	{role, nil, inputs{"assumeRolePolicy": statement(allow + `"Principal":{"Service":"nope.amazonaws.com"},"Action":"sts:AssumeRole"`)}, `Invalid principal in policy: "SERVICE":"nope.amazonaws.com"`},
	{role, nil, inputs{"assumeRolePolicy": statement(allow + `"Principal":{"AWS":"arn:aws:iam::123456789012:role/nobody"},"Action":"sts:AssumeRole"`)}, `Invalid principal in policy: "AWS":"arn:aws:iam::123456789012:role/nobody"`},
	{role, nil, inputs{"assumeRolePolicy": statement(allow + `"Principal":{"Federated":"oidc.example.com"},"Action":"sts:AssumeRoleWithWebIdentity"`)}, `Invalid principal in policy: "FEDERATED":"oidc.example.com"`},
	{role, nil, inputs{"assumeRolePolicy": statement(`"Sid":"` + strings.Repeat("a", 2048) + `",` + allow + `"Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"`)}, "LimitExceeded: Cannot exceed quota for ACLSizePerRole: 2048"},

	{policy, nil, inputs{"name": "PlatformBoundary"}, "EntityAlreadyExists: A policy called PlatformBoundary already exists. Duplicate names are not allowed."},
	{policy, nil, inputs{"policy": `{"Version":"2013-10-17","Statement":[]}`}, "The policy must contain a valid version string"},
	{policy, nil, inputs{"policy": statement(`"Action":"ec2:*","Resource":"*"`)}, "Missing required field Effect"},
	{policy, nil, inputs{"policy": statement(allow + `"Resource":"*"`)}, "Policy statement must contain actions."},
	{policy, nil, inputs{"policy": statement(allow + `"Action":"ec2:*"`)}, "Policy statement must contain resources."},
	{policy, nil, inputs{"policy": statement(allow + `"Action":"RunInstances","Resource":"*"`)}, "Actions/Conditions must be prefaced by a vendor"},
	{policy, nil, inputs{"policy": statement(allow + `"Principal":"*","Action":"ec2:*","Resource":"*"`)}, "Policy document should not specify a principal."},
	{policy, nil, inputs{"policy": statement(`"Sid":"no-dash",` + allow + `"Action":"ec2:*","Resource":"*"`)}, "Statement IDs (SID) must be alpha-numeric."},
	{policy, nil, inputs{"policy": `{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":"ec2:*","Resource":"*"},{"Sid":"A","Effect":"Allow","Action":"ec2:*","Resource":"*"}]}`}, "Statement IDs (SID) in a single policy must be unique."},
	{policy, nil, inputs{"policy": statement(allow + `"Action":"ec2:*","Resource":"vpc-1"`)}, `Resource vpc-1 must be in ARN format or "*".`},
	{policy, nil, inputs{"policy": statement(allow + `"Action":"ec2:*","Resource":"arn:aws-cn:ec2:*:*:instance/*"`)}, `Partition "aws-cn" is not valid for resource`},
	{policy, nil, inputs{"policy": statement(allow + `"Action":"ec2:*","Resource":"*","Condition":{"StringSame":{"aws:x":"y"}}`)}, "Invalid Condition type : StringSame."},
	{policy, nil, inputs{"policy": long(6145)}, "LimitExceeded: Cannot exceed quota for PolicySize: 6144"},

	{attachment, nil, inputs{"role": "nobody"}, "attaching IAM Policy (" + ssmPolicy + ") to IAM Role (nobody): operation error IAM: AttachRolePolicy, https response error StatusCode: 404, RequestID: 00000000-0000-0000-0000-000000000000, NoSuchEntity: The role with name nobody cannot be found."},
	{attachment, nil, inputs{"policyArn": "arn:aws:iam::aws:policy/AmazonEKS_CNI_IPv6_Policy"}, "NoSuchEntity: Policy arn:aws:iam::aws:policy/AmazonEKS_CNI_IPv6_Policy does not exist or is not attachable."},
	{attachment, nil, inputs{"policyArn": "arn:aws-us-gov:iam::aws:policy/AmazonSSMManagedInstanceCore"}, "InvalidInput: ARN arn:aws-us-gov:iam::aws:policy/AmazonSSMManagedInstanceCore is not valid."},
	{rolePolicy, nil, inputs{"policy": long(10241)}, "putting IAM Role (Nodes) Policy (reads): operation error IAM: PutRolePolicy, https response error StatusCode: 409, RequestID: 00000000-0000-0000-0000-000000000000, LimitExceeded: Maximum policy size of 10240 bytes exceeded for role Nodes"},
	{rolePolicy, nil, inputs{"role": "nobody"}, "NoSuchEntity: The role with name nobody cannot be found."},
	{profile, nil, inputs{"role": "nobody"}, "creating IAM Instance Profile (Nodes): operation error IAM: AddRoleToInstanceProfile"},
	{issuer, nil, inputs{"url": "https://oidc.eks.ap-northeast-2.amazonaws.com/id/5F1C0A7E93B84D26A1E47C908D3B62F5"}, "EntityAlreadyExists: Provider with url https://oidc.eks.ap-northeast-2.amazonaws.com/id/5F1C0A7E93B84D26A1E47C908D3B62F5 already exists."},

	{entry, nil, inputs{"clusterName": "nowhere"}, "ResourceNotFoundException: No cluster found for name: nowhere."},
	{entry, nil, inputs{"principalArn": nodesARN, "kubernetesGroups": nil}, "creating EKS Access Entry (" + theCluster + ":" + nodesARN + "): operation error EKS: CreateAccessEntry, https response error StatusCode: 409, RequestID: 00000000-0000-0000-0000-000000000000, ResourceInUseException: The specified access entry resource is already in use on this cluster."},
	{entry, nil, inputs{"principalArn": nodesARN + "2"}, "InvalidParameterException: The specified principalArn is invalid: invalid principal."},
	{entry, nil, inputs{"type": "EC2_LINUX"}, "InvalidParameterException: The kubernetesGroups parameter is not supported"},
	{entry, nil, inputs{"kubernetesGroups": []any{"system:masters"}}, "system:masters is invalid, it cannot start with system:"},
	{association, nil, inputs{"clusterName": "nowhere"}, "No cluster found for name: nowhere."},
	{association, nil, inputs{"roleArn": nodesARN + "2"}, "InvalidParameterException: Role provided in the request does not exist."},
	{association, nil, inputs{"serviceAccount": strings.Repeat("a", 254)}, "is not a valid Kubernetes service account name"},
	{association, nil, inputs{"namespace": "Kube"}, "is not a valid Kubernetes namespace name"},

	{queue, nil, inputs{"kmsMasterKeyId": "alias/missing"}, "InvalidAttributeValue: Invalid value for the parameter KmsMasterKeyId."},
	{queue, nil, inputs{"policy": statement(allow + `"Action":"sqs:*","Resource":"*"`)}, "InvalidAttributeValue: Invalid value for the parameter Policy."},
	{queue, nil, inputs{"redrivePolicy": `{"deadLetterTargetArn":"` + queueARN + `","maxReceiveCount":3}`}, "Reason: Dead letter target does not exist."},
	{queue, nil, inputs{"redrivePolicy": `{"maxReceiveCount":3}`}, "mandatory attribute: deadLetterTargetArn"},
	{queuePolicy, nil, inputs{"queueUrl": queueURL + "2"}, "AWS.SimpleQueueService.NonExistentQueue: The specified queue does not exist."},
	{queuePolicy, nil, inputs{"policy": statement(allow + `"Principal":{"Service":"events.amazonaws.com.cn"},"Action":"sqs:SendMessage","Resource":"*"`)}, "InvalidAttributeValue: Invalid value for the parameter Policy."},
	{queuePolicy, nil, inputs{"policy": statement(allow + `"Principal":"*","Action":"sns:Publish","Resource":"*"`)}, "InvalidAttributeValue: Invalid value for the parameter Policy."},

	{rule, nil, inputs{"eventPattern": `{"source":"aws.ec2"}`}, "creating EventBridge Rule (spot): operation error EventBridge: PutRule, https response error StatusCode: 400, RequestID: 00000000-0000-0000-0000-000000000000, InvalidEventPatternException: Event pattern is not valid. Reason: "},
	{rule, nil, inputs{"eventPattern": `{"source":[{"like":"aws"}]}`}, "Unrecognized match type like"},
	{rule, nil, inputs{"scheduleExpression": "daily"}, "Parameter ScheduleExpression is not valid."},
	{rule, nil, inputs{"eventBusName": "other"}, "ResourceNotFoundException: Event bus other does not exist."},
	{target, nil, inputs{"rule": "other"}, "creating EventBridge Target (other-queue): operation error EventBridge: PutTargets, https response error StatusCode: 400, RequestID: 00000000-0000-0000-0000-000000000000, ResourceNotFoundException: Rule other does not exist on EventBus default."},
	{target, nil, inputs{"arn": "arn:aws-cn:sqs:cn-north-1:123456789012:x"}, "Provided Arn is not in correct format."},
	{target, nil, inputs{"deadLetterConfig": map[string]any{"arn": "arn:aws:sns:ap-northeast-2:123456789012:x"}}, "is not an Amazon SQS queue"},
	{target, nil, inputs{"retryPolicy": map[string]any{"maximumEventAgeInSeconds": 30}}, "Member must have value greater than or equal to 60"},

	{key, nil, inputs{"policy": statement(allow + `"Principal":{"AWS":"` + nodesARN + `"},"Action":"kms:Decrypt","Resource":"*"`)}, "MalformedPolicyDocumentException: The new key policy will not allow you to update the key policy in the future."},
	{key, nil, inputs{"policy": statement(allow + `"Principal":{"AWS":"` + nodesARN + `2"},"Action":"kms:*","Resource":"*"`)}, "MalformedPolicyDocumentException: Policy contains a statement with one or more invalid principals."},
	{alias, inputs{"name": "alias/x", "targetKeyId": "0"}, nil, "creating KMS Alias (alias/x): operation error KMS: CreateAlias, https response error StatusCode: 400, RequestID: 00000000-0000-0000-0000-000000000000, NotFoundException: Key 'arn:aws:kms:ap-northeast-2:123456789012:key/0' does not exist"},
	{tag, nil, inputs{"resourceId": "subnet-00000000000000000"}, "creating EC2 resource (subnet-00000000000000000) tag (karpenter.sh/discovery): operation error EC2: CreateTags, https response error StatusCode: 400, RequestID: 00000000-0000-0000-0000-000000000000, api error InvalidSubnetID.NotFound: The subnet ID 'subnet-00000000000000000' does not exist"},
	{tag, nil, inputs{"resourceId": "nat-1"}, "InvalidID: The ID 'nat-1' is not valid"},
	{tag, nil, inputs{"key": "aws:x"}, "InvalidParameterValue: Tag keys starting with 'aws:' are reserved for internal use"},
}

func TestRefusedByAWS(t *testing.T) {
	for _, c := range slices.Concat(refusedByAWS, refusedByEKS) {
		t.Run(c.words, func(t *testing.T) {
			e := newEngine(t)
			if s := sampleOf(c.token); c.base == nil {
				c.base = s.in
				for _, need := range s.needs {
					e.create(need.token, need.in)
				}
			}
			_, err := e.tryCreate(c.token, c.base.with(c.in))
			require.ErrorContains(t, err, c.words)
		})
	}
}

func TestSizesDoNotCountWhiteSpace(t *testing.T) {
	e := newEngine(t)
	e.create(policy, inputs{"name": "full", "policy": long(6144)})
	e.create(role, aRole.in)
	e.create(rolePolicy, inputs{"role": "Nodes", "name": "most", "policy": long(10000)})
	e.create(rolePolicy, inputs{"role": "Nodes", "name": "rest", "policy": long(240)})
	_, err := e.tryCreate(rolePolicy, inputs{"role": "Nodes", "name": "more", "policy": reads})
	require.ErrorContains(t, err, "Maximum policy size of 10240 bytes exceeded", "the quota is of all together")
}

// TestRefusedBeforeAWS is the table of inputs that the provider itself
// refuses, in a preview already.
func TestRefusedBeforeAWS(t *testing.T) {
	cases := []struct {
		token    string
		in       inputs
		property string
		words    string
	}{
		{role, inputs{"name": strings.Repeat("x", 65)}, "name", "expected length of name to be in the range (1 - 64)"},
		{role, inputs{"name": "no/slash"}, "name", `invalid value for name (must match [\w+=,.@-])`},
		{role, inputs{"assumeRolePolicy": nil}, "assumeRolePolicy", `The argument "assume_role_policy" is required, but no definition was found.`},
		{role, inputs{"assumeRolePolicy": "{"}, "assumeRolePolicy", `"assume_role_policy" contains an invalid JSON`},
		{role, inputs{"maxSessionDuration": 60}, "maxSessionDuration", "expected max_session_duration to be in the range (3600 - 43200), got 60"},
		{role, inputs{"maxSessionDuration": "an hour"}, "maxSessionDuration", "expected max_session_duration to be a number, got string"},
		{role, inputs{"description": strings.Repeat("x", 1001)}, "description", "expected length of description to be in the range (0 - 1000)"},
		{role, inputs{"colour": "red"}, "colour", `has no input "colour"`},
		{role, inputs{"uniqueId": "AROA"}, "uniqueId", `has no input "uniqueId"`},
		{role, inputs{"name": nil, "namePrefix": "x"}, "namePrefix", `the sandbox does not model "namePrefix" of aws:iam/role:Role`},
		{policy, inputs{"policy": "x"}, "policy", `"policy" contains an invalid JSON policy`},
		{attachment, inputs{"policyArn": "ReadOnlyAccess"}, "policyArn", `"policy_arn" (ReadOnlyAccess) is an invalid ARN: arn: invalid prefix`},
		{issuer, inputs{"url": "http://oidc.example.com"}, "url", `"url" must start with https://`},
		{entry, inputs{"type": "EC2_MAC"}, "type", "expected type to be one of"},
		{entry, inputs{"clusterName": strings.Repeat("c", 101)}, "clusterName", "expected length of cluster_name to be in the range (1 - 100)"},
		{queue, inputs{"name": "a.b"}, "name", "invalid queue name: a.b"},
		{queue, inputs{"name": strings.Repeat("q", 81)}, "name", "invalid queue name"},
		{queue, inputs{"messageRetentionSeconds": 5}, "messageRetentionSeconds", "expected message_retention_seconds to be in the range (60 - 1209600), got 5"},
		{queue, inputs{"receiveWaitTimeSeconds": 21}, "receiveWaitTimeSeconds", "range (0 - 20)"},
		{queue, inputs{"visibilityTimeoutSeconds": 43201}, "visibilityTimeoutSeconds", "range (0 - 43200)"},
		{queue, inputs{"delaySeconds": 901}, "delaySeconds", "range (0 - 900)"},
		{queue, inputs{"sqsManagedSseEnabled": true, "kmsMasterKeyId": "x"}, "kmsMasterKeyId", `"kms_master_key_id": conflicts with sqs_managed_sse_enabled`},
		{rule, inputs{"name": strings.Repeat("r", 65)}, "name", "range (1 - 64)"},
		{rule, inputs{"eventPattern": nil}, "eventPattern", "one of `event_pattern,schedule_expression` must be specified"},
		{rule, inputs{"eventPattern": "x"}, "eventPattern", "contains an invalid JSON"},
		{target, inputs{"retryPolicy": map[string]any{"maximumRetryAttempts": 186}}, "retryPolicy", "range (0 - 185), got 186"},
		{target, inputs{"retryPolicy": map[string]any{"attempts": 1}}, "retryPolicy", `has no field "attempts"`},
		{target, inputs{"ecsTarget": map[string]any{}}, "ecsTarget", `the sandbox does not model "ecsTarget"`},
		{key, inputs{"deletionWindowInDays": 6}, "deletionWindowInDays", "range (7 - 30), got 6"},
		{alias, inputs{"name": "alias/aws/sqs", "targetKeyId": "x"}, "name", "cannot begin with reserved AWS CMK prefix 'alias/aws/'"},
		{alias, inputs{"name": "sqs", "targetKeyId": "x"}, "name", "must begin with 'alias/'"},
		{cluster, inputs{"name": "a.b"}, "name", "invalid value for name"},
		{cluster, inputs{"vpcConfig": map[string]any{"subnetIds": []any{}}}, "vpcConfig", "requires 1 item minimum"},
		{cluster, inputs{"vpcConfig": inScratch(inputs{"vpcId": theVPC})}, "vpcConfig", `vpcConfig has no field "vpcId"`},
		{cluster, inputs{"accessConfig": map[string]any{"authenticationMode": "IAM"}}, "accessConfig", "authentication_mode to be one of"},
		{cluster, inputs{"computeConfig": map[string]any{"enabled": true}}, "computeConfig", `the sandbox does not model "computeConfig"`},
		{nodeGroup, inputs{"scalingConfig": map[string]any{"desiredSize": 1, "maxSize": 1}}, "scalingConfig", `missing required field "minSize"`},
		{nodeGroup, inputs{"launchTemplate": map[string]any{"id": "lt-0", "name": "x", "version": "1"}}, "launchTemplate", `launchTemplate: "id": conflicts with name`},
		{nodeGroup, inputs{"taints": []any{map[string]any{"key": "a", "effect": "NoSchedule"}}}, "taints", "effect to be one of"},
		{nodeGroup, inputs{"remoteAccess": map[string]any{}}, "remoteAccess", `the sandbox does not model "remoteAccess"`},
		{fargate, inputs{"selectors": []any{}}, "selectors", "requires 1 item minimum"},
		{addon, inputs{"resolveConflictsOnCreate": "PRESERVE"}, "resolveConflictsOnCreate", "to be one of"},
		{template, inputs{"metadataOptions": map[string]any{"httpTokens": "always"}}, "metadataOptions", "http_tokens to be one of"},
		{template, inputs{"defaultVersion": 1, "updateDefaultVersion": true}, "defaultVersion", `"default_version": conflicts with update_default_version`},
		{group, inputs{"ingress": []any{}}, "ingress", `the sandbox does not model "ingress"`},
		{groupRule, inputs{"cidrBlocks": nil}, "cidrBlocks", "one of `cidr_blocks,ipv6_cidr_blocks,prefix_list_ids,self,source_security_group_id` must be specified"},
		{groupRule, inputs{"self": true}, "cidrBlocks", `"cidr_blocks": conflicts with self`},
		{groupRule, inputs{"type": "both"}, "type", "expected type to be one of"},
		{linkedRole, inputs{"awsServiceName": "spot"}, "awsServiceName", "must be a full service hostname"},
	}
	for _, c := range cases {
		t.Run(c.property+" "+c.words, func(t *testing.T) {
			response := newEngine(t).check(c.token, nil, sampleOf(c.token).in.with(c.in))
			require.NotEmpty(t, response.Failures)
			assert.Equal(t, c.property, string(response.Failures[0].Property))
			assert.Contains(t, response.Failures[0].Reason, c.words)
		})
	}
}
