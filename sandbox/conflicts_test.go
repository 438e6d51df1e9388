package sandbox

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil/rpcerror"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestARoleDiesLast(t *testing.T) {
	e := newEngine(t)
	m := e.create(role, aRole.in)
	attached := e.create(attachment, inputs{"role": "Nodes", "policyArn": ssmPolicy})
	inline := e.create(rolePolicy, inputs{"role": "Nodes", "name": "x", "policy": reads})
	held := e.create(profile, inputs{"name": "Nodes", "role": "Nodes"})

	require.ErrorContains(t, e.tryDelete(m), "deleting IAM Role (Nodes): operation error IAM: DeleteRole, https response error StatusCode: 409, "+
		"RequestID: 00000000-0000-0000-0000-000000000000, DeleteConflict: Cannot delete entity, must remove roles from instance profile first.")
	e.delete(held)
	require.ErrorContains(t, e.tryDelete(m), "must detach all policies first.")
	e.delete(attached)
	require.ErrorContains(t, e.tryDelete(m), "must delete policies first.")
	e.delete(inline)
	e.delete(m)
}

func TestARoleMayBeForcedToDie(t *testing.T) {
	e := newEngine(t)
	m := e.create(role, aRole.in.with(inputs{"forceDetachPolicies": true}))
	e.create(attachment, inputs{"role": "Nodes", "policyArn": ssmPolicy})
	e.delete(m)
}

func TestARoleTakesItsOwnPoliciesAlong(t *testing.T) {
	e := newEngine(t)
	start := string(e.account.Dump())
	m := e.create(role, aRole.in.with(inputs{
		"managedPolicyArns": []any{ssmPolicy},
		"inlinePolicies":    []any{map[string]any{"name": "reads", "policy": reads}},
	}))
	assert.Equal(t, plugin.DiffNone, e.diff(m, m.inputs).Changes)
	news := e.checked(role, m.inputs, aRole.in.with(inputs{"managedPolicyArns": []any{boundary}, "inlinePolicies": []any{}}))
	assert.Equal(t, []resource.PropertyKey{"inlinePolicies", "managedPolicyArns"}, e.diff(m, news).ChangedKeys)
	m = e.update(m, news, false)
	assert.Equal(t, []any{boundary}, m.outputs["managedPolicyArns"].Mappable())
	assert.NotContains(t, m.outputs, resource.PropertyKey("inlinePolicies"))
	e.delete(m)
	assert.Equal(t, start, string(e.account.Dump()))
}

func TestElevenPoliciesAreOneTooMany(t *testing.T) {
	e := newEngine(t)
	e.create(role, aRole.in)
	for i := range 11 {
		p := e.create(policy, inputs{"name": fmt.Sprint("p", i), "policy": reads})
		_, err := e.tryCreate(attachment, inputs{"role": "Nodes", "policyArn": p.output("arn")})
		if i < 10 {
			require.NoError(t, err)
		} else {
			require.ErrorContains(t, err, "LimitExceeded: Cannot exceed quota for PoliciesPerRole: 10")
		}
	}
}

func TestAnAttachedPolicyStays(t *testing.T) {
	e := newEngine(t)
	m := e.create(policy, inputs{"name": "Reads", "policy": reads})
	attached := e.create(attachment, inputs{"role": nodesRole, "policyArn": m.output("arn")})
	require.ErrorContains(t, e.tryDelete(m), "DeleteConflict: Cannot delete a policy attached to entities.")
	e.delete(attached)
	e.delete(m)
}

func TestARuleWithTargetsStays(t *testing.T) {
	e := newEngine(t)
	m := e.create(rule, aRule.in)
	for i := range 6 {
		_, err := e.tryCreate(target, inputs{"rule": "spot", "targetId": fmt.Sprint(i), "arn": queueARN})
		if i < 5 {
			require.NoError(t, err)
		} else {
			require.ErrorContains(t, err, "LimitExceededException: The requested resource exceeds the maximum number allowed.")
		}
	}
	require.ErrorContains(t, e.tryDelete(m), "ValidationException: Rule can't be deleted since it has targets.")
}

func TestPutRuleTakesOverWithoutAWord(t *testing.T) {
	e := newEngine(t)
	e.create(rule, aRule.in.with(inputs{"tags": map[string]any{"owner": "first"}}))
	second := e.create(rule, aRule.in.with(inputs{"eventPattern": `{"source":["aws.health"]}`, "tags": map[string]any{"owner": "second"}}))
	assert.Equal(t, `{"source":["aws.health"]}`, second.output("eventPattern"))
	assert.Equal(t, map[string]any{"owner": "first"}, second.outputs["tags"].Mappable(), "tags of an existing rule stay")
}

func TestAQueueOfThatNameIsTakenOverIfItIsEqual(t *testing.T) {
	e := newEngine(t)
	e.create(queue, aQueue.in)
	e.create(queue, aQueue.in)
	_, err := e.tryCreate(queue, aQueue.in.with(inputs{"messageRetentionSeconds": 300}))
	require.ErrorContains(t, err, "QueueAlreadyExists: A queue already exists with the same name and a different value for attribute MessageRetentionPeriod")
}

func TestDuplicates(t *testing.T) {
	e := newEngine(t)
	in := sampleOf(association).in
	first := e.create(association, in)
	_, err := e.tryCreate(association, in)
	require.ErrorContains(t, err, "ResourceInUseException: Association already exists: "+string(first.id))
	k := e.create(key, aKey.in)
	e.create(alias, inputs{"name": "alias/x", "targetKeyId": k.output("keyId")})
	_, err = e.tryCreate(alias, inputs{"name": "alias/x", "targetKeyId": k.output("keyId")})
	require.ErrorContains(t, err, "AlreadyExistsException: An alias with the name arn:aws:kms:ap-northeast-2:123456789012:alias/x already exists")
}

func TestConfigMapClustersTakeNoEntries(t *testing.T) {
	e := newEngine(t, func(s *Spec) { s.Clusters[0].AuthenticationMode = "CONFIG_MAP" })
	_, err := e.tryCreate(entry, inputs{"clusterName": theCluster, "principalArn": nodesARN})
	require.ErrorContains(t, err, "InvalidRequestException: The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation.")
}

func TestTagsOfOthersAreOverwrittenButNotRemoved(t *testing.T) {
	e := newEngine(t)
	first := e.create(tag, inputs{"resourceId": theSubnet, "key": "k", "value": "1"})
	second := e.create(tag, inputs{"resourceId": theSubnet, "key": "k", "value": "2"})
	e.delete(first)
	assert.Equal(t, "2", e.read(second).Outputs["value"].StringValue())
}

func TestAHalfMadeResourceIsReported(t *testing.T) {
	e := newEngine(t)
	_, err := e.tryCreate(profile, inputs{"name": "Half", "role": "nobody"})
	require.ErrorContains(t, err, "cannot be found")
	details := rpcerror.Convert(err).Details()
	require.Len(t, details, 1, "the engine gets what exists beside the error")
	partial, ok := details[0].(*pulumirpc.ErrorResourceInitFailed)
	require.True(t, ok)
	assert.Equal(t, "Half", partial.GetId())
	assert.Equal(t, "Half", string(e.imported(profile, "Half").id))
}

func TestADeletedKeyIsNoPartOfTheAccount(t *testing.T) {
	e := newEngine(t)
	start := string(e.account.Dump())
	first := e.create(key, aKey.in)
	e.delete(first)
	assert.Equal(t, start, string(e.account.Dump()))
	second := e.create(key, aKey.in)
	assert.NotEqual(t, first.id, second.id, "AWS never gives an id twice")
	_, err := e.tryCreate(queue, aQueue.in.with(inputs{"kmsMasterKeyId": first.output("arn")}))
	require.ErrorContains(t, err, "KmsMasterKeyId")
	e.create(queue, aQueue.in.with(inputs{"kmsMasterKeyId": second.output("arn")}))
}

func TestAQueueChangesItsEncryption(t *testing.T) {
	e := newEngine(t)
	k := e.create(key, aKey.in)
	m := e.create(queue, aQueue.in)
	steps := []struct {
		in      inputs
		managed bool
		key     string
	}{
		{inputs{"kmsMasterKeyId": k.output("arn")}, false, k.output("arn")},
		{inputs{"kmsMasterKeyId": k.output("arn"), "kmsDataKeyReusePeriodSeconds": 600}, false, k.output("arn")},
		{inputs{"sqsManagedSseEnabled": true}, true, ""},
		{inputs{"sqsManagedSseEnabled": false}, false, ""},
		{nil, false, ""},
	}
	for _, step := range steps {
		m = e.update(m, e.checked(queue, m.inputs, aQueue.in.with(step.in)), false)
		assert.Equal(t, step.managed, m.outputs["sqsManagedSseEnabled"].BoolValue())
		assert.Equal(t, step.key, m.output("kmsMasterKeyId"))
		assert.Equal(t, plugin.DiffNone, e.diff(m, m.inputs).Changes)
	}
}

func TestDocumentsMayBeObjects(t *testing.T) {
	e := newEngine(t)
	m := e.create(policy, inputs{"name": "Reads", "policy": map[string]any{
		"Version":   "2012-10-17",
		"Statement": []any{map[string]any{"Effect": "Allow", "Action": []any{"ec2:DescribeImages", "ec2:DescribeSubnets"}, "Resource": "*"}},
	}})
	assert.JSONEq(t, reads, m.output("policy"))
	assert.Equal(t, plugin.DiffNone, e.diff(m, e.checked(policy, m.inputs, inputs{"name": "Reads", "policy": reads})).Changes)
}

func TestManyAtOnce(t *testing.T) {
	e := newEngine(t)
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			m, err := e.tryCreate(queue, inputs{"name": fmt.Sprint("q", i)})
			assert.NoError(t, err)
			e.account.Dump()
			assert.NoError(t, e.tryDelete(m))
		})
	}
	all.Wait()
}

func TestWhatIsNotThereIsNamed(t *testing.T) {
	e := newEngine(t)
	ctx := context.Background()
	const token = "aws:s3/bucket:Bucket"
	_, err := e.p.Check(ctx, plugin.CheckRequest{URN: urn(token), Type: token})
	require.ErrorContains(t, err, "the sandbox does not have the resource type aws:s3/bucket:Bucket")
	_, err = e.invoke("aws:index/getCallerIdentity:getCallerIdentity", nil)
	require.ErrorContains(t, err, "the sandbox does not have the lookup aws:index/getCallerIdentity:getCallerIdentity")
	config, err := e.p.CheckConfig(ctx, plugin.CheckConfigRequest{News: resource.PropertyMap{"defaultTags": resource.NewPropertyValue("{}")}})
	require.NoError(t, err)
	require.Len(t, config.Failures, 1)
	assert.Equal(t, "the sandbox does not model the provider setting aws:defaultTags", config.Failures[0].Reason)
}

func TestOneServerServesOneRegion(t *testing.T) {
	e := newEngine(t)
	configure := func(region any) error {
		_, err := e.p.Configure(context.Background(), plugin.ConfigureRequest{Inputs: resource.NewPropertyMapFromMap(map[string]any{"region": region})})
		return err
	}
	require.NoError(t, configure("ap-northeast-2"))
	require.ErrorContains(t, configure("eu-west-1"), "it serves ap-northeast-2 already and cannot serve eu-west-1")
	require.ErrorContains(t, configure("cn-north-1"), "region cn-north-1 belongs to partition aws-cn, but the account is in aws")
	require.ErrorContains(t, configure("mars"), "invalid AWS Region: mars")
	require.ErrorContains(t, configure(""), "aws:region")
	_, err := e.p.Configure(context.Background(), plugin.ConfigureRequest{Inputs: resource.NewPropertyMapFromMap(map[string]any{
		"region": "ap-northeast-2", "allowedAccountIds": `["210987654321"]`,
	})})
	require.ErrorContains(t, err, "AWS account ID not allowed: 123456789012")
}
