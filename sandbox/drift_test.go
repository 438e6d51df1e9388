package sandbox

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// drifts are changes behind the provider's back.
var drifts = []struct {
	why     string
	token   string
	change  func(*Client, made) error
	changed []resource.PropertyKey // nil: the resource is gone
}{
	{"a policy is widened", policy, func(c *Client, m made) error { return c.CreatePolicyVersion(string(m.id), writes) }, []resource.PropertyKey{"policy"}},
	{"a trust is edited", role, func(c *Client, m made) error {
		return c.UpdateAssumeRolePolicy(string(m.id), `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"210987654321"},"Action":"sts:AssumeRole"}]}`)
	}, []resource.PropertyKey{"assumeRolePolicy"}},
	{"a boundary is taken away", role, func(c *Client, m made) error { return c.PutRolePermissionsBoundary(string(m.id), "") }, []resource.PropertyKey{"permissionsBoundary"}},
	{"a role is tagged anew", role, func(c *Client, m made) error { return c.TagRole(string(m.id), Tags{"a": "x"}) }, []resource.PropertyKey{"tags"}},
	{"a policy is detached", attachment, func(c *Client, m made) error {
		return c.DetachRolePolicy(m.output("role"), m.output("policyArn"))
	}, nil},
	{"a rule is disabled", rule, func(c *Client, m made) error { return c.DisableRule("default", string(m.id)) }, []resource.PropertyKey{"state"}},
	{"a target is removed", target, func(c *Client, m made) error {
		return c.RemoveTarget("default", m.output("rule"), m.output("targetId"))
	}, nil},
	{"a queue is deleted", queue, func(c *Client, m made) error { return c.DeleteQueue(string(m.id)) }, nil},
	{"a queue's policy is removed", queuePolicy, func(c *Client, m made) error { return c.SetQueuePolicy(string(m.id), "") }, nil},
	{"a key is disabled", key, func(c *Client, m made) error { return c.EnableKey(string(m.id), false) }, []resource.PropertyKey{"isEnabled"}},
	{"a tag is replaced", tag, func(c *Client, m made) error {
		return c.CreateTags(m.output("resourceId"), m.output("key"), "somebody else's")
	}, []resource.PropertyKey{"value"}},
	{"a tag is removed", tag, func(c *Client, m made) error {
		return c.DeleteTags(m.output("resourceId"), m.output("key"), m.output("value"))
	}, nil},
	{"an entry is deleted", entry, func(c *Client, m made) error {
		return c.DeleteAccessEntry(m.output("clusterName"), m.output("principalArn"))
	}, nil},
	{"a cluster is opened", cluster, func(c *Client, m made) error {
		return c.UpdateClusterAccess(string(m.id), ClusterAccess{Private: true, Public: true})
	}, []resource.PropertyKey{"vpcConfig"}},
	{"a cluster's logs are stopped", cluster, func(c *Client, m made) error {
		return c.UpdateClusterLogging(string(m.id), []string{"api"})
	}, []resource.PropertyKey{"enabledClusterLogTypes"}},
	{"a group is scaled", nodeGroup, func(c *Client, m made) error {
		group, err := c.DescribeNodegroup(theCluster, "system")
		if err != nil {
			return err
		}
		group.Scaling.Desired = 3
		return c.UpdateNodegroupConfig(group)
	}, []resource.PropertyKey{"scalingConfig"}},
	{"a group is deleted", nodeGroup, func(c *Client, _ made) error { return c.DeleteNodegroup(theCluster, "system") }, nil},
	{"a profile is deleted", fargate, func(c *Client, _ made) error { return c.DeleteFargateProfile("shop", "karpenter") }, nil},
	{"an add-on is updated", addon, func(c *Client, _ made) error {
		return c.UpdateAddon(Addon{Cluster: theCluster, Name: "vpc-cni", Version: "v1.20.4-eksbuild.2"})
	}, []resource.PropertyKey{"addonVersion"}},
	{"a group is tagged anew", group, func(c *Client, m made) error { return c.CreateTags(string(m.id), "a", "x") }, []resource.PropertyKey{"tags"}},
	{"a rule is described", groupRule, func(c *Client, m made) error {
		rules, err := c.DescribeSecurityGroupRules(nodesGroup)
		if err != nil {
			return err
		}
		for i := range rules {
			rules[i].Description = "somebody else's"
		}
		return c.UpdateSecurityGroupRuleDescriptions(rules)
	}, []resource.PropertyKey{"description"}},
	{"half of a rule is revoked", groupRule, func(c *Client, m made) error {
		rules, err := c.DescribeSecurityGroupRules(nodesGroup)
		if err != nil {
			return err
		}
		return c.RevokeSecurityGroup(rules[:1])
	}, nil},
	{"a service's role is deleted", linkedRole, func(c *Client, m made) error { return c.DeleteServiceLinkedRole(m.output("name")) }, nil},
}

// TestDriftIsSeen: a refresh tells of a change behind the provider's back, and
// an update by the program's inputs mends it.
func TestDriftIsSeen(t *testing.T) {
	for _, row := range drifts {
		t.Run(row.why, func(t *testing.T) {
			e := newEngine(t)
			s := sampleOf(row.token)
			for _, need := range s.needs {
				e.create(need.token, need.in)
			}
			m := e.create(s.token, s.in)
			client, err := e.account.Client("ap-northeast-2")
			require.NoError(t, err)
			require.NoError(t, row.change(client, m))

			refreshed := e.read(m)
			if row.changed == nil {
				assert.Empty(t, refreshed.ID)
				return
			}
			drifted := made{token: m.token, id: refreshed.ID, inputs: refreshed.Inputs, outputs: refreshed.Outputs}
			for _, property := range row.changed {
				assert.NotEqual(t, m.outputs[property], drifted.outputs[property])
			}
			if e.diff(drifted, m.inputs).Changes == plugin.DiffSome {
				drifted = e.update(drifted, m.inputs, false)
				assert.Equal(t, m.outputs, drifted.outputs, "mended")
			} else {
				assert.NotContains(t, m.inputs, row.changed[0], "what the program says is mended")
			}
		})
	}
}
