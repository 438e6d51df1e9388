package sandbox

import (
	"fmt"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// between makes two security groups and a rule that lets the second into the
// first.
func between(e *engine, more inputs) (one, two, rule made) {
	one = e.create(group, inputs{"name": "one", "vpcId": scratchVPC})
	two = e.create(group, inputs{"name": "two", "vpcId": scratchVPC}.with(more))
	rule = e.create(groupRule, inputs{
		"type": "ingress", "securityGroupId": string(one.id), "sourceSecurityGroupId": string(two.id), "protocol": "-1", "fromPort": 0, "toPort": 0,
	})
	return one, two, rule
}

func TestAGroupHasTheProgramsRulesAlone(t *testing.T) {
	e := newEngine(t)
	one, _, rule := between(e, nil)
	rules, err := e.client(t).DescribeSecurityGroupRules(string(one.id))
	require.NoError(t, err)
	require.Len(t, rules, 1, "what lets everything out is taken away")
	assert.Equal(t, rules[0].ID, rule.output("securityGroupRuleId"))
	assert.Equal(t, plugin.DiffNone, e.diff(rule, rule.inputs).Changes)
	assert.Equal(t, rule.outputs, e.read(rule).Outputs)
}

func TestAGroupThatAnotherNamesStays(t *testing.T) {
	e := newEngine(t)
	start := string(e.account.Dump())
	one, two, rule := between(e, nil)
	require.ErrorContains(t, e.tryDelete(two), "DependencyViolation: resource "+string(two.id)+" has a dependent object")
	e.delete(one)
	assert.Empty(t, e.read(rule).ID, "its rules went with it")
	require.NoError(t, e.tryDelete(rule))
	e.delete(two)
	assert.Equal(t, start, string(e.account.Dump()))
}

func TestAGroupMayBeToldToRevokeItsRules(t *testing.T) {
	e := newEngine(t)
	_, two, rule := between(e, inputs{"revokeRulesOnDelete": true})
	e.delete(two)
	assert.Empty(t, e.read(rule).ID, "the rule that named it is revoked")
}

func TestAGroupOfAClusterStays(t *testing.T) {
	e := newEngine(t)
	ours := e.create(group, inputs{"name": "ours", "vpcId": scratchVPC, "revokeRulesOnDelete": true})
	m := shop(e, inputs{"vpcConfig": inScratch(inputs{"securityGroupIds": []any{string(ours.id)}})})
	require.ErrorContains(t, e.tryDelete(ours), "DependencyViolation")
	e.delete(m)
	e.delete(ours)
}

func TestEKSKeepsItsGroupWhileAnotherNamesIt(t *testing.T) {
	e := newEngine(t)
	m := shop(e, nil)
	primary := m.outputs["vpcConfig"].ObjectValue()["clusterSecurityGroupId"].StringValue()
	ours := e.create(group, inputs{"name": "ours", "vpcId": scratchVPC})
	e.create(groupRule, inputs{"type": "egress", "securityGroupId": string(ours.id), "sourceSecurityGroupId": primary, "protocol": "tcp", "fromPort": 443, "toPort": 443})
	e.delete(m)
	_, err := e.client(t).DescribeSecurityGroup(primary)
	require.NoError(t, err)
}

func TestSixtyOneRulesAreOneTooMany(t *testing.T) {
	e := newEngine(t)
	blocks := []any{}
	for i := range 61 {
		blocks = append(blocks, fmt.Sprintf("10.%d.0.0/16", i))
	}
	_, err := e.tryCreate(groupRule, sampleOf(groupRule).in.with(inputs{"cidrBlocks": blocks}))
	require.ErrorContains(t, err, "RulesPerSecurityGroupLimitExceeded: The maximum number of rules per security group has been reached.")
	_, err = e.tryCreate(groupRule, sampleOf(groupRule).in.with(inputs{"cidrBlocks": blocks[:60]}))
	require.NoError(t, err)
}

func TestAnUpdateMakesAVersionOfATemplate(t *testing.T) {
	e := newEngine(t)
	s := sampleOf(template)
	m := e.create(template, s.in)
	steps := []struct {
		in               inputs
		latest, standard float64
	}{
		{inputs{"tags": map[string]any{"a": "1"}}, 1, 1},
		{inputs{"userData": "IyEvYmluL3No"}, 2, 1},
		{inputs{"userData": "IyEvYmluL3No", "updateDefaultVersion": true}, 2, 2},
		{inputs{"imageId": "ami-1", "updateDefaultVersion": true}, 3, 3},
		{inputs{"imageId": "ami-1", "defaultVersion": 2}, 3, 2},
	}
	for _, step := range steps {
		news := e.checked(template, m.inputs, s.in.with(step.in))
		foreseen := e.update(m, news, true).outputs["latestVersion"]
		assert.Equal(t, step.latest != m.outputs["latestVersion"].NumberValue(), foreseen.IsComputed(), "a preview knows that there will be a version, and not which")
		m = e.update(m, news, false)
		assert.InDelta(t, step.latest, m.outputs["latestVersion"].NumberValue(), 0)
		assert.InDelta(t, step.standard, m.outputs["defaultVersion"].NumberValue(), 0)
		assert.Equal(t, plugin.DiffNone, e.diff(m, m.inputs).Changes)
	}
	_, err := e.tryUpdate(m, e.checked(template, m.inputs, s.in.with(inputs{"imageId": "ami-1", "defaultVersion": 9})))
	require.ErrorContains(t, err, "Could not find the specified version 9")
	_, err = e.tryCreate(template, s.in)
	require.ErrorContains(t, err, "InvalidLaunchTemplateName.AlreadyExistsException: Launch template name already in use.")
}

func TestAVersionThatOthersMadeIsMendedByAnother(t *testing.T) {
	e := newEngine(t)
	m := e.create(template, sampleOf(template).in)
	_, err := e.client(t).CreateLaunchTemplateVersion(string(m.id), TemplateVersion{ImageID: "ami-1"})
	require.NoError(t, err)
	refreshed := e.read(m)
	drifted := made{token: template, id: m.id, inputs: refreshed.Inputs, outputs: refreshed.Outputs}
	assert.Equal(t, "ami-1", drifted.output("imageId"))
	mended := e.update(drifted, m.inputs, false)
	assert.InDelta(t, 3, mended.outputs["latestVersion"].NumberValue(), 0)
	assert.Equal(t, m.outputs["blockDeviceMappings"], mended.outputs["blockDeviceMappings"])
	assert.Equal(t, plugin.DiffNone, e.diff(mended, m.inputs).Changes)
}

func TestAServicesRoleIsTheServices(t *testing.T) {
	e := newEngine(t)
	s := sampleOf(linkedRole)
	m := e.create(linkedRole, s.in)
	_, err := e.tryCreate(linkedRole, s.in)
	require.ErrorContains(t, err, "creating IAM Service Linked Role (spot.amazonaws.com): operation error IAM: CreateServiceLinkedRole, https response error StatusCode: 400, "+
		"RequestID: 00000000-0000-0000-0000-000000000000, InvalidInput: Service role name AWSServiceRoleForEC2Spot has been taken in this account, please try a different suffix.")
	_, err = e.tryCreate(attachment, inputs{"role": "AWSServiceRoleForEC2Spot", "policyArn": ssmPolicy})
	require.ErrorContains(t, err, "UnmodifiableEntity: Cannot perform the operation on the protected role 'AWSServiceRoleForEC2Spot' - this role is only modifiable by AWS")

	nodes := e.create(nodeGroup, sampleOf(nodeGroup).in.with(inputs{"capacityType": "SPOT"}))
	require.ErrorContains(t, e.tryDelete(m), "DeleteConflict: There are resources that use the role: i-0")
	e.delete(nodes)
	e.delete(m)
	suffixed := e.create(linkedRole, inputs{"awsServiceName": "autoscaling.amazonaws.com", "customSuffix": "team"})
	assert.Equal(t, "AWSServiceRoleForAutoScaling_team", suffixed.output("name"))
}
