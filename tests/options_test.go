package tests

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/program/stack"
	"github.com/grafanix/eks-karpenter/sandbox"
)

// plainStack is the least that a stack can say.
const plainStack = `config:
  aws:region: ap-northeast-2
  eks-karpenter:clusterName: grafanix-comic
`

// An optionCase sets one option on a stack that is deployed without it.
type optionCase struct {
	why    string
	config string // one more line of the stack's configuration
	steps  string // what setting it does; taking it back does the reverse
}

// TestKarpenterVersion goes back to an older version and forth again.
func TestKarpenterVersion(t *testing.T) {
	t.Parallel()
	walk(t, []optionCase{
		{
			"what came since is taken away, and nothing else",
			`karpenterVersion: 1.8.6`,
			"delete EventRule interruption-queue-CapacityReservationInterruptionRule; delete EventTarget interruption-queue-CapacityReservationInterruptionRule; " +
				"delete Policy controller-role-ZonalShift; delete RolePolicyAttachment controller-role-ZonalShift; update Policy ×2; " +
				"update QueuePolicy interruption-queue",
		},
		{
			"nothing newer is known",
			`karpenterVersion: 1.15.0`,
			"",
		},
		{
			"Karpenter's setting alone",
			`enableZonalShift: true`,
			"",
		},
		{
			"Karpenter's setting, and the node class",
			`isolatedVpc: true`,
			"",
		},
	})
}

// TestControllerRoleOptions, and its siblings for the other parts, set one option after the other on a deployed stack and
// take each back: in place where AWS can, by replacement where it cannot, and nothing else is touched.
func TestControllerRoleOptions(t *testing.T) {
	t.Parallel()
	walk(t, []optionCase{
		{
			"a role's name is its identity, and an attachment's",
			`controllerRole: {name: other}`,
			"delete and replace RolePolicyAttachment ×6; replace Role controller-role",
		},
		{
			"so is its path; its name is taken until it is gone",
			`controllerRole: {path: /platform/}`,
			"delete and replace Role controller-role; delete and replace RolePolicyAttachment ×6",
		},
		{
			"the permissions are not touched",
			`controllerRole: {description: other}`,
			"update Role controller-role",
		},
		{
			"in place",
			`controllerRole: {permissionsBoundary: "arn:aws:iam::123456789012:policy/PlatformBoundary"}`,
			"update Role controller-role",
		},
		{
			"in place",
			`controllerRole: {maxSessionDuration: 7200}`,
			"update Role controller-role",
		},
		{
			"only the trust changes",
			`controllerRole: {namespace: karpenter, serviceAccount: other}`,
			"update Role controller-role",
		},
		{
			"the role changes its trust and stays",
			`controllerRole: {podIdentity: true}`,
			"create PodIdentityAssociation controller-role; update Role controller-role",
		},
		{
			"the new permissions come before the old ones go",
			`controllerRole: {inlinePolicy: true}`,
			"create RolePolicy controller-role; delete Policy ×6; delete RolePolicyAttachment ×6",
		},
		{
			"six new and six old policies are more than AWS attaches",
			`controllerRole: {policyNamePrefix: Other}`,
			"delete and replace RolePolicyAttachment ×6; replace Policy ×6",
		},
		{
			"one policy alone",
			`controllerRole: {policyNames: {Interruption: other}}`,
			"delete and replace RolePolicyAttachment controller-role-Interruption; replace Policy controller-role-Interruption",
		},
		{
			"a policy's path is its identity; its name is taken until it is gone",
			`controllerRole: {policyPath: /platform/}`,
			"delete and replace Policy ×6; delete and replace RolePolicyAttachment ×6",
		},
		{
			"one policy lists the roles",
			`controllerRole: {additionalNodeRoleArns: ["arn:aws:iam::123456789012:role/other"]}`,
			"update Policy controller-role-IAMIntegration",
		},
		{
			"attached beside ours",
			`controllerRole: {additionalPolicyArns: ["arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"]}`,
			"create RolePolicyAttachment controller-role-additional-aws:policy/AmazonSSMManagedInstanceCore",
		},
		{
			"a policy of its own, the official ones stay as they are",
			`controllerRole: {additionalStatements: [{sid: Own, actions: ["ec2:DescribeVpcs"], resources: ["*"]}]}`,
			"create Policy controller-role-Additional; create RolePolicyAttachment controller-role-Additional",
		},
		{
			"one policy reads parameters",
			`controllerRole: {ssmParameterArns: ["arn:aws:ssm:ap-northeast-2:123456789012:parameter/ami"]}`,
			"update Policy controller-role-ResourceDiscovery",
		},
		{
			"a policy of its own",
			`controllerRole: {volumeKmsKeyArns: ["arn:aws:kms:ap-northeast-2:123456789012:key/1234"]}`,
			"create Policy controller-role-Additional; create RolePolicyAttachment controller-role-Additional",
		},
		{
			"in place, on all that takes tags",
			`controllerRole: {tags: {team: platform}}`,
			"update Policy ×6; update Role controller-role",
		},
		{
			"a queue and nodes without a controller",
			`skipControllerRole: true`,
			"delete Policy ×6; delete Role controller-role; delete RolePolicyAttachment ×6",
		},
	})
}

func TestNodeRoleOptions(t *testing.T) {
	t.Parallel()
	walk(t, []optionCase{
		{
			"a role's name is its identity; the controller may pass the new one",
			`nodeRole: {name: other}`,
			"delete and replace AccessEntry node-role; delete and replace RolePolicyAttachment ×5; replace Role node-role; update InstanceProfile node-role; update Policy controller-role-IAMIntegration",
		},
		{
			"in place",
			`nodeRole: {description: other}`,
			"update Role node-role",
		},
		{
			"in place",
			`nodeRole: {permissionsBoundary: "arn:aws:iam::123456789012:policy/PlatformBoundary"}`,
			"update Role node-role",
		},
		{
			"the role stays",
			`nodeRole: {cniPolicy: false, ssmPolicy: false, cloudWatchPolicy: false}`,
			"delete RolePolicyAttachment ×3",
		},
		{
			"attached beside AWS's",
			`nodeRole: {additionalPolicyArns: ["arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly"]}`,
			"create RolePolicyAttachment node-role-additional-aws:policy/AmazonEC2ContainerRegistryReadOnly",
		},
		{
			"a profile's name is its identity",
			`nodeRole: {instanceProfileName: other}`,
			"replace InstanceProfile node-role",
		},
		{
			"the nodes join by aws-auth",
			`nodeRole: {accessEntry: false}`,
			"delete AccessEntry node-role",
		},
		{
			"a role has one entry in a cluster",
			`nodeRole: {accessEntryType: EC2_WINDOWS}`,
			"delete and replace AccessEntry node-role",
		},
		{
			"in place, on all that takes tags",
			`nodeRole: {tags: {team: platform}}`,
			"update AccessEntry node-role; update InstanceProfile node-role; update Role node-role",
		},
	})
}

func TestInterruptionQueueOptions(t *testing.T) {
	t.Parallel()
	walk(t, []optionCase{
		{
			"a queue's name is its identity; rules turn to the new one",
			`interruptionQueue: {name: other}`,
			"replace Queue interruption-queue; replace QueuePolicy interruption-queue; update EventTarget ×5; update Policy controller-role-Interruption",
		},
		{
			"in place",
			`interruptionQueue: {messageRetentionSeconds: 600}`,
			"update Queue interruption-queue",
		},
		{
			"a rule's name is its identity; the queue lets the new ones in",
			`interruptionQueue: {ruleNamePrefix: Other}`,
			"replace EventRule ×5; replace EventTarget ×5; update QueuePolicy interruption-queue",
		},
		{
			"one rule alone",
			`interruptionQueue: {ruleNames: {RebalanceRule: other}}`,
			"replace EventRule interruption-queue-RebalanceRule; replace EventTarget interruption-queue-RebalanceRule; update QueuePolicy interruption-queue",
		},
		{
			"the controller may decrypt",
			`interruptionQueue: {createKmsKey: true}`,
			"create Alias interruption-queue; create Key interruption-queue; update Policy controller-role-Interruption; update Queue interruption-queue",
		},
		{
			"a second queue, and the rules know it",
			`interruptionQueue: {deadLetterQueue: true}`,
			"create Queue interruption-queue-dead-letter; create QueuePolicy interruption-queue-dead-letter; update EventTarget ×5",
		},
		{
			"in place",
			`interruptionQueue: {retryPolicy: {maximumRetryAttempts: 3}}`,
			"update EventTarget ×5",
		},
		{
			"the two noisy rules alone",
			`interruptionQueue: {actedOnEventsOnly: true}`,
			"update EventRule ×2",
		},
		{
			"in place, on all that takes tags",
			`interruptionQueue: {tags: {team: platform}}`,
			"update EventRule ×5; update Queue interruption-queue",
		},
		{
			"roles without a queue",
			`skipInterruptionQueue: true`,
			"delete EventRule ×5; delete EventTarget ×5; delete Policy controller-role-Interruption; delete Queue interruption-queue; delete QueuePolicy interruption-queue; delete RolePolicyAttachment controller-role-Interruption",
		},
	})
}

func TestClusterTagsOptions(t *testing.T) {
	t.Parallel()
	walk(t, []optionCase{
		{
			"nodes in private subnets only",
			`clusterTags: {excludePublicSubnets: true}`,
			"delete Tag ×2",
		},
		{
			"four subnets and a security group",
			`clusterTags: {tags: {team: platform}}`,
			"create Tag ×5",
		},
		{
			"the group bears it already, and keeps it",
			`clusterTags: {ownedSecurityGroupId: sg-06e4c1a85d7f2b930}`,
			"create Tag cluster-tags-owned",
		},
		{
			"the cluster's own tags are left alone",
			`skipClusterTags: true`,
			"delete Tag ×5",
		},
		{
			"roles, profile, queue, rules and access entry, and no subnet",
			`tags: {team: platform}`,
			"update AccessEntry node-role; update EventRule ×5; update InstanceProfile node-role; update Policy ×6; update Queue interruption-queue; update Role ×2",
		},
	})
}

// walk deploys a plain stack and walks it through the cases.
func walk(t *testing.T, cases []optionCase) {
	e := newEngine(t, sandbox.DefaultSpec(), plainStack, stack.Deploy)
	e.walk(plainStack, cases, func(deployed string) {
		require.Equal(t, deployed, string(e.account.Dump()), "the account is as before")
	})
	e.mustEndAtStart()
}

// walk deploys a stack, sets one option after the other and takes each back; then it has the account as it was deployed
// checked.
func (e *engine) walk(plain string, cases []optionCase, check func(deployed string)) {
	e.configure(plain)
	e.mustUp()
	deployed := string(e.account.Dump())
	for _, c := range cases {
		e.configure(plain + "  eks-karpenter:" + c.config + "\n")
		set, _ := e.mustUp()
		assert.Equal(e.t, c.steps, set.String(), "set %s: %s", c.config, c.why)
		e.configure(plain)
		unset, _ := e.mustUp()
		assert.Equal(e.t, reverse(c.steps), unset.String(), "take back %s", c.config)
		check(deployed)
	}
}

// TestEveryOptionAtOnce sets all options that go together: deployed, nothing changes the second time, and nothing drifts.
func TestEveryOptionAtOnce(t *testing.T) {
	t.Parallel()
	e := newEngine(t, sandbox.DefaultSpec(), plainStack+`  eks-karpenter:tags: {environment: test}
  eks-karpenter:controllerRole:
    name: a-controller
    path: /platform/
    description: Karpenter
    permissionsBoundary: arn:aws:iam::123456789012:policy/PlatformBoundary
    maxSessionDuration: 7200
    namespace: karpenter
    serviceAccount: controller
    oidcProviderArn: arn:aws:iam::123456789012:oidc-provider/oidc.eks.ap-northeast-2.amazonaws.com/id/5F1C0A7E93B84D26A1E47C908D3B62F5
    policyNamePrefix: Platform
    policyNames: {ZonalShift: zones}
    policyPath: /platform/
    additionalNodeRoleArns: ["arn:aws:iam::123456789012:role/other"]
    additionalPolicyArns: ["arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"]
    additionalStatements:
      - sid: Own
        effect: Deny
        actions: ["ec2:RunInstances"]
        resources: ["*"]
        conditions: [{test: StringEquals, variable: "ec2:InstanceType", values: [p5.48xlarge]}]
    ssmParameterArns: ["arn:aws:ssm:ap-northeast-2:123456789012:parameter/ami"]
    volumeKmsKeyArns: ["arn:aws:kms:ap-northeast-2:123456789012:key/1234"]
    tags: {team: platform}
  eks-karpenter:nodeRole:
    name: a-node
    path: /
    description: nodes
    permissionsBoundary: arn:aws:iam::123456789012:policy/PlatformBoundary
    cniPolicy: false
    ssmPolicy: false
    cloudWatchPolicy: false
    additionalPolicyArns: ["arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly"]
    instanceProfileName: a-profile
    accessEntry: true
    accessEntryType: EC2_WINDOWS
    tags: {team: nodes}
  eks-karpenter:interruptionQueue:
    name: a-queue
    messageRetentionSeconds: 600
    ruleNamePrefix: Platform
    ruleNames: {RebalanceRule: rebalance}
    createKmsKey: true
    deadLetterQueue: true
    deadLetterQueueName: lost
    retryPolicy: {maximumEventAgeInSeconds: 60, maximumRetryAttempts: 0}
    actedOnEventsOnly: true
    tags: {team: queue}
  eks-karpenter:clusterTags:
    excludePublicSubnets: true
    ownedSecurityGroupId: sg-06e4c1a85d7f2b930
    tags: {team: network}
`, stack.Deploy)
	e.mustUp()
	again, _ := e.mustUp()
	assert.Empty(t, again.String(), "a second up changes nothing")
	drift, err := e.refresh()
	require.NoError(t, err)
	assert.Empty(t, drift.String(), "nothing has drifted")
	e.mustEndAtStart()
}

// reverse is what takes steps back: what was created is deleted and the other way round.
func reverse(did string) string {
	undone := strings.Split(did, "; ")
	for i, step := range undone {
		if resource, created := strings.CutPrefix(step, "create "); created {
			undone[i] = "delete " + resource
		} else if resource, deleted := strings.CutPrefix(step, "delete "); deleted && !strings.HasPrefix(resource, "and ") {
			undone[i] = "create " + resource
		}
	}
	slices.Sort(undone)
	return strings.Join(undone, "; ")
}
