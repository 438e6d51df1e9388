package sandbox

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/assert"
)

// diffs is the table of what AWS changes in place and what it replaces.
var diffs = []struct {
	name   string
	token  string
	change inputs
	want   map[string]plugin.DiffKind
	first  bool // the old one must go first
}{
	{"renamed role", role, inputs{"name": "Other"}, map[string]plugin.DiffKind{"name": plugin.DiffUpdateReplace}, false},
	{"role elsewhere", role, inputs{"path": "/team/"}, map[string]plugin.DiffKind{"path": plugin.DiffUpdateReplace}, true},
	{"role described", role, inputs{"description": "x"}, map[string]plugin.DiffKind{"description": plugin.DiffAdd}, false},
	{"role unbound", role, inputs{"permissionsBoundary": nil}, map[string]plugin.DiffKind{"permissionsBoundary": plugin.DiffDelete}, false},
	{"role retagged", role, inputs{"tags": map[string]any{"a": "2", "c.d/e": ""}}, map[string]plugin.DiffKind{
		"tags.a": plugin.DiffUpdate, "tags.b": plugin.DiffDelete, `tags["c.d/e"]`: plugin.DiffAdd,
	}, false},
	{"role untagged", role, inputs{"tags": nil}, map[string]plugin.DiffKind{"tags": plugin.DiffDelete}, false},
	{"policy rewritten, same meaning", policy, inputs{"policy": strings.ReplaceAll(reads, `,`, ",\n  ")}, nil, false},
	{"policy reordered, same meaning", policy, inputs{"policy": strings.Replace(reads, `"ec2:DescribeImages","ec2:DescribeSubnets"`, `"ec2:DescribeSubnets","ec2:DescribeImages"`, 1)}, nil, false},
	{"policy described", policy, inputs{"description": "x"}, map[string]plugin.DiffKind{"description": plugin.DiffAddReplace}, true},
	{"policy rewritten", policy, inputs{"policy": writes}, map[string]plugin.DiffKind{"policy": plugin.DiffUpdate}, false},
	{"another policy attached", attachment, inputs{"policyArn": boundary}, map[string]plugin.DiffKind{"policyArn": plugin.DiffUpdateReplace}, false},
	{"attached to another role", attachment, inputs{"role": nodesRole}, map[string]plugin.DiffKind{"role": plugin.DiffUpdateReplace}, false},
	{"inline policy renamed", rolePolicy, inputs{"name": "other"}, map[string]plugin.DiffKind{"name": plugin.DiffUpdateReplace}, false},
	{"profile elsewhere", profile, inputs{"path": "/x/"}, map[string]plugin.DiffKind{"path": plugin.DiffUpdateReplace}, true},
	{"profile with another role", profile, inputs{"role": nodesRole}, map[string]plugin.DiffKind{"role": plugin.DiffUpdate}, false},
	{"another issuer", issuer, inputs{"url": "https://other.example.com"}, map[string]plugin.DiffKind{"url": plugin.DiffUpdateReplace}, false},
	{"entry of another type", entry, inputs{"type": "EC2_LINUX"}, map[string]plugin.DiffKind{"type": plugin.DiffUpdateReplace}, false},
	{"association of another role", association, inputs{"roleArn": nodesARN + "2"}, map[string]plugin.DiffKind{"roleArn": plugin.DiffUpdate}, false},
	{"association of another account", association, inputs{"serviceAccount": "x"}, map[string]plugin.DiffKind{"serviceAccount": plugin.DiffUpdateReplace}, false},
	{"queue in order", queue, inputs{"name": "events.fifo", "fifoQueue": true}, map[string]plugin.DiffKind{"name": plugin.DiffUpdateReplace, "fifoQueue": plugin.DiffUpdateReplace}, false},
	{"queue kept longer", queue, inputs{"messageRetentionSeconds": 301}, map[string]plugin.DiffKind{"messageRetentionSeconds": plugin.DiffUpdate}, false},
	{"queue's default spelt out", queue, inputs{"visibilityTimeoutSeconds": 30}, nil, false},
	{"policy of another queue", queuePolicy, inputs{"queueUrl": queueURL + "2"}, map[string]plugin.DiffKind{"queueUrl": plugin.DiffUpdateReplace}, false},
	{"rule of another bus", rule, inputs{"eventBusName": "other"}, map[string]plugin.DiffKind{"eventBusName": plugin.DiffUpdateReplace}, true},
	{"pattern spaced", rule, inputs{"eventPattern": `{ "source" : [ "aws.ec2" ] }`}, nil, false},
	{"pattern widened", rule, inputs{"eventPattern": `{"source":["aws.ec2","aws.health"]}`}, map[string]plugin.DiffKind{"eventPattern": plugin.DiffUpdate}, false},
	{"target renamed", target, inputs{"targetId": "x"}, map[string]plugin.DiffKind{"targetId": plugin.DiffUpdateReplace}, false},
	{"target of another rule", target, inputs{"rule": "x"}, map[string]plugin.DiffKind{"rule": plugin.DiffUpdateReplace}, false},
	{"another queue", target, inputs{"arn": queueARN + "2"}, map[string]plugin.DiffKind{"arn": plugin.DiffUpdate}, false},
	{"key for signing", key, inputs{"multiRegion": true}, map[string]plugin.DiffKind{"multiRegion": plugin.DiffUpdateReplace}, false},
	{"key rotated", key, inputs{"enableKeyRotation": true}, map[string]plugin.DiffKind{"enableKeyRotation": plugin.DiffUpdate}, false},
	{"another tag", tag, inputs{"key": "x"}, map[string]plugin.DiffKind{"key": plugin.DiffUpdateReplace}, false},
	{"cluster renamed", cluster, inputs{"name": "other"}, map[string]plugin.DiffKind{"name": plugin.DiffUpdateReplace}, false},
	{"cluster of another role", cluster, inputs{"roleArn": controlARN + "2"}, map[string]plugin.DiffKind{"roleArn": plugin.DiffUpdateReplace}, true},
	{"cluster upgraded", cluster, inputs{"version": "1.34"}, map[string]plugin.DiffKind{"version": plugin.DiffUpdate}, false},
	{"cluster's defaults spelt out", cluster, inputs{"vpcConfig": inScratch(inputs{"endpointPublicAccess": true, "publicAccessCidrs": []any{"0.0.0.0/0"}})}, nil, false},
	{"cluster without an admin", cluster, inputs{"accessConfig": map[string]any{"bootstrapClusterCreatorAdminPermissions": false}}, map[string]plugin.DiffKind{
		"accessConfig.bootstrapClusterCreatorAdminPermissions": plugin.DiffUpdateReplace,
	}, true},
	{"cluster's subnets reordered", cluster, inputs{"vpcConfig": map[string]any{"subnetIds": []any{scratchC, scratchA}}}, nil, false},
	{"group scaled", nodeGroup, inputs{"scalingConfig": scale(3, 1, 3)}, map[string]plugin.DiffKind{"scalingConfig.desiredSize": plugin.DiffUpdate}, false},
	{"group of other instances", nodeGroup, inputs{"instanceTypes": []any{"m7i.large"}}, map[string]plugin.DiffKind{"instanceTypes": plugin.DiffUpdateReplace}, true},
	{"group tainted", nodeGroup, inputs{"taints": []any{map[string]any{"key": "a", "effect": "NO_EXECUTE"}}}, map[string]plugin.DiffKind{"taints": plugin.DiffAdd}, false},
	{"profile of other pods", fargate, inputs{"selectors": []any{map[string]any{"namespace": "x"}}}, map[string]plugin.DiffKind{"selectors": plugin.DiffUpdateReplace}, true},
	{"add-on of another name", addon, inputs{"addonName": "coredns"}, map[string]plugin.DiffKind{"addonName": plugin.DiffUpdateReplace}, false},
	{"add-on kept", addon, inputs{"preserve": true}, map[string]plugin.DiffKind{"preserve": plugin.DiffAdd}, false},
	{"template's tokens", template, inputs{"metadataOptions": map[string]any{"httpTokens": "optional"}}, map[string]plugin.DiffKind{"metadataOptions.httpTokens": plugin.DiffUpdate}, false},
	{"group described", group, inputs{"description": "x"}, map[string]plugin.DiffKind{"description": plugin.DiffUpdateReplace}, true},
	{"rule of another port", groupRule, inputs{"toPort": 444}, map[string]plugin.DiffKind{"toPort": plugin.DiffUpdateReplace}, false},
	{"rule's protocol by number", groupRule, inputs{"protocol": "6"}, nil, false},
	{"another service's role", linkedRole, inputs{"awsServiceName": "spotfleet.amazonaws.com"}, map[string]plugin.DiffKind{"awsServiceName": plugin.DiffUpdateReplace}, false},
	{"another value", tag, inputs{"value": "x"}, map[string]plugin.DiffKind{"value": plugin.DiffUpdate}, false},
}

func TestDiffs(t *testing.T) {
	for _, c := range diffs {
		t.Run(c.name, func(t *testing.T) {
			e := newEngine(t)
			s := sampleOf(c.token)
			for _, need := range s.needs {
				e.create(need.token, need.in)
			}
			m := e.create(s.token, s.in)
			result := e.diff(m, e.checked(s.token, m.inputs, s.in.with(c.change)))
			var got map[string]plugin.DiffKind
			for path, change := range result.DetailedDiff {
				if got == nil {
					got = map[string]plugin.DiffKind{}
				}
				got[path] = change.Kind
			}
			assert.Equal(t, c.want, got)
			assert.Equal(t, c.first, result.DeleteBeforeReplace)
		})
	}
}

func sampleOf(token string) sample {
	for _, s := range samples {
		if s.token == token {
			return s
		}
	}
	return sample{}
}

func TestReplacedUnderAMadeUpNameStaysUntilTheNewOneIs(t *testing.T) {
	e := newEngine(t)
	in := inputs{"assumeRolePolicy": trust}
	m := e.create(role, in)
	result := e.diff(m, e.checked(role, m.inputs, in.with(inputs{"path": "/team/"})))
	assert.NotEmpty(t, result.ReplaceKeys)
	assert.False(t, result.DeleteBeforeReplace)
}
