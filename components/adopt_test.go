package components

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// everyAdoption is Karpenter with everything that can be adopted, under names of its own or by default.
func everyAdoption(named bool) constructor {
	args := &KarpenterArgs{
		ClusterName:    "shop",
		ControllerRole: &ControllerRoleOptions{PodIdentity: new(true)},
		Adopt: &AdoptOptions{
			ControllerRole: new(true), ControllerPolicies: []string{"Interruption", "NodeLifecycle"}, PodIdentityAssociationId: new("a-1b2c3d4e5f6g7h8i9"),
			NodeRole: new(true), InstanceProfile: new(true), AccessEntry: new(true),
			InterruptionQueue: new(true), Rules: []string{"RebalanceRule"},
		},
	}
	if named {
		args.ControllerRole.Name, args.ControllerRole.Path, args.ControllerRole.PolicyPath = new("controller"), new("/team/"), new("/team/")
		args.ControllerRole.PolicyNames = map[string]string{"NodeLifecycle": "everything"}
		args.NodeRole = &NodeRoleOptions{Name: new("nodes"), InstanceProfileName: new("profile")}
		args.InterruptionQueue = &InterruptionQueueOptions{Name: new("events"), RuleNames: map[string]string{"RebalanceRule": "rebalance-1"}}
	}
	return of(NewKarpenter, "karpenter", args)
}

// imports are the resources that are imported, and by which ids.
func imports(a *account) map[string]string {
	found := map[string]string{}
	for _, one := range a.registered {
		for _, option := range one.options {
			if id, imported := strings.CutPrefix(option, "import "); imported {
				found[one.token+" "+one.name] = id
			}
		}
	}
	return found
}

// Ids are those that the documentation of pulumi-aws gives for each type, and a preview knows them all.
func TestWhatIsAdoptedIsImportedByItsName(t *testing.T) {
	t.Parallel()
	for _, preview := range []bool{true, false} {
		a := newAccount()
		a.preview = preview
		deploy(t, a, everyAdoption(true))
		want := map[string]string{
			"aws:iam/role:Role karpenter-controller-role":                                       "controller",
			"aws:iam/policy:Policy karpenter-controller-role-NodeLifecycle":                     "arn:aws:iam::111122223333:policy/team/everything",
			"aws:iam/policy:Policy karpenter-controller-role-Interruption":                      "arn:aws:iam::111122223333:policy/team/KarpenterControllerInterruptionPolicy-shop",
			"aws:eks/podIdentityAssociation:PodIdentityAssociation karpenter-controller-role":   "shop,a-1b2c3d4e5f6g7h8i9",
			"aws:iam/role:Role karpenter-node-role":                                             "nodes",
			"aws:iam/instanceProfile:InstanceProfile karpenter-node-role":                       "profile",
			"aws:eks/accessEntry:AccessEntry karpenter-node-role":                               "shop:arn:aws:iam::111122223333:role/nodes",
			"aws:sqs/queue:Queue karpenter-interruption-queue":                                  "https://sqs.ap-northeast-2.amazonaws.com/111122223333/events",
			"aws:sqs/queuePolicy:QueuePolicy karpenter-interruption-queue":                      "https://sqs.ap-northeast-2.amazonaws.com/111122223333/events",
			"aws:cloudwatch/eventRule:EventRule karpenter-interruption-queue-RebalanceRule":     "rebalance-1",
			"aws:cloudwatch/eventTarget:EventTarget karpenter-interruption-queue-RebalanceRule": "rebalance-1/KarpenterInterruptionQueueTarget",
		}
		if preview { // the mocks import nothing, so a preview does not know the role's ARN; the engine's does
			delete(want, "aws:eks/accessEntry:AccessEntry karpenter-node-role")
		}
		assert.Equal(t, want, imports(a), "preview: %v", preview)
	}
}

func TestDefaultNamesAreAdoptedInEveryPartition(t *testing.T) {
	t.Parallel()
	a := newAccountIn("aws-cn", "cn-north-1", "amazonaws.com.cn")
	deploy(t, a, everyAdoption(false))
	found := imports(a)
	assert.Equal(t, "KarpenterControllerRole-shop", found["aws:iam/role:Role karpenter-controller-role"])
	assert.Equal(t, "KarpenterNodeRole-shop", found["aws:iam/role:Role karpenter-node-role"])
	assert.Equal(t, "KarpenterNodeInstanceProfile-shop", found["aws:iam/instanceProfile:InstanceProfile karpenter-node-role"])
	assert.Equal(t, "arn:aws-cn:iam::111122223333:policy/KarpenterControllerNodeLifecyclePolicy-shop",
		found["aws:iam/policy:Policy karpenter-controller-role-NodeLifecycle"])
	assert.Equal(t, "https://sqs.cn-north-1.amazonaws.com.cn/111122223333/shop", found["aws:sqs/queue:Queue karpenter-interruption-queue"])
	assert.Equal(t, "KarpenterRebalanceRule-shop", found["aws:cloudwatch/eventRule:EventRule karpenter-interruption-queue-RebalanceRule"])
}

func TestAnOidcProviderIsAdoptedByItsIssuer(t *testing.T) {
	t.Parallel()
	a := newAccount()
	deploy(t, a, of(NewKarpenter, "karpenter", &KarpenterArgs{
		ClusterName: "shop", ControllerRole: &ControllerRoleOptions{CreateOidcProvider: new(true)}, Adopt: &AdoptOptions{OidcProvider: new(true)},
	}))
	assert.Equal(t, map[string]string{
		"aws:iam/openIdConnectProvider:OpenIdConnectProvider karpenter-controller-role-oidc": "arn:aws:iam::111122223333:oidc-provider/" +
			"oidc.eks.ap-northeast-2.amazonaws.com/id/0123456789ABCDEF",
	}, imports(a))
}

// A role that is used as it is may have its access entry and its instance profile adopted.
func TestWhatBelongsToAGivenNodeRoleIsAdopted(t *testing.T) {
	t.Parallel()
	a := newAccount()
	deploy(t, a, of(NewKarpenter, "karpenter", &KarpenterArgs{
		ClusterName: "shop", NodeRole: &NodeRoleOptions{RoleArn: given(nodeRoleARN), AccessEntry: new(true)},
		Adopt: &AdoptOptions{AccessEntry: new(true), InstanceProfile: new(true)},
	}))
	assert.Equal(t, map[string]string{
		"aws:iam/instanceProfile:InstanceProfile karpenter-node-role": "KarpenterNodeInstanceProfile-shop",
		"aws:eks/accessEntry:AccessEntry karpenter-node-role":         "shop:" + nodeRoleARN,
	}, imports(a))
}

// An adopted policy may hold what the new ones are to hold, and loses it only once they are attached.
func TestAnAdoptedPolicyWaitsForTheNewOnes(t *testing.T) {
	t.Parallel()
	a := newAccount()
	deploy(t, a, everyAdoption(false))
	const role = "eks-karpenter:index:Karpenter$eks-karpenter:index:ControllerRole$"
	var waits []string
	for _, kind := range []string{"EKSIntegration", "IAMIntegration", "ResourceDiscovery", "ZonalShift"} {
		waits = append(waits, role+"aws:iam/rolePolicyAttachment:RolePolicyAttachment::karpenter-controller-role-"+kind)
	}
	for _, one := range a.registered {
		if one.token != "aws:iam/policy:Policy" {
			continue
		}
		adopted := imports(a)[one.token+" "+one.name] != ""
		assert.Equal(t, adopted, len(one.waits) > 0, one.name)
		if adopted {
			assert.Equal(t, waits, one.waits, one.name)
		}
	}
}

func TestAdoptionIsRefusedOf(t *testing.T) {
	t.Parallel()
	with := func(adopt AdoptOptions, args KarpenterArgs) constructor {
		args.ClusterName, args.Adopt = "shop", &adopt
		return of(NewKarpenter, "karpenter", &args)
	}
	const start = "karpenter: adopt."
	const (
		noController = "no controller role is made: leave it out, or skipControllerRole and controllerRoleArn"
		noNodeRole   = "no node role is made: leave it out, or skipNodeRole and nodeRole.roleArn"
		noQueue      = "no queue is made: leave it out, or skipInterruptionQueue and interruptionQueueArn"
	)
	withoutNodes := KarpenterArgs{SkipNodeRole: new(true), ControllerRole: &ControllerRoleOptions{AdditionalNodeRoleArns: list(nodeRoleARN)}}
	assertRefused(t, []refusal{
		{
			why:  "a controller role that is left out",
			with: with(AdoptOptions{ControllerRole: new(true)}, KarpenterArgs{SkipControllerRole: new(true)}), says: start + "controllerRole: " + noController,
		},
		{
			why:  "a controller role that is used as it is",
			with: with(AdoptOptions{ControllerRole: new(true)}, KarpenterArgs{ControllerRoleArn: given(nodeRoleARN)}), says: start + "controllerRole: " + noController,
		},
		{
			why:  "policies without a controller role",
			with: with(AdoptOptions{ControllerPolicies: []string{"ZonalShift"}}, KarpenterArgs{SkipControllerRole: new(true)}),
			says: start + "controllerPolicies: " + noController,
		},
		{
			why: "policies in place of which there is an inline one",
			with: with(AdoptOptions{ControllerPolicies: []string{"ZonalShift"}}, KarpenterArgs{
				ControllerRole: &ControllerRoleOptions{InlinePolicy: new(true)},
			}),
			says: start + "controllerPolicies: controllerRole.inlinePolicy makes no managed policies: leave out one of the two",
		},
		{
			why:  "a policy of an unknown kind",
			with: with(AdoptOptions{ControllerPolicies: []string{"NodeLifecycl"}}, KarpenterArgs{}),
			says: start + `controllerPolicies: "NodeLifecycl" is not valid: one of NodeLifecycle, IAMIntegration, EKSIntegration, Interruption, ZonalShift, ResourceDiscovery`,
		},
		{
			why: "a policy that the version does not need",
			with: with(AdoptOptions{ControllerPolicies: []string{"ZonalShift"}}, KarpenterArgs{
				KarpenterVersion: new("1.8.6"),
			}),
			says: start + `controllerPolicies: "ZonalShift" is not valid: one of NodeLifecycle, IAMIntegration, EKSIntegration, Interruption, ResourceDiscovery`,
		},
		{
			why: "a policy twice", with: with(AdoptOptions{ControllerPolicies: []string{"ZonalShift", "ZonalShift"}}, KarpenterArgs{}),
			says: start + `controllerPolicies: "ZonalShift" is listed twice: list it once`,
		},
		{
			why: "an OIDC provider that is used as it is", with: with(AdoptOptions{OidcProvider: new(true)}, KarpenterArgs{}),
			says: start + "oidcProvider: no provider is made: leave it out, as one that exists is used as it is, or set controllerRole.createOidcProvider",
		},
		{
			why: "an association without Pod Identity", with: with(AdoptOptions{PodIdentityAssociationId: new("a-1")}, KarpenterArgs{}),
			says: start + "podIdentityAssociationId: no association is made: leave it out, or set controllerRole.podIdentity",
		},
		{
			why: "an association by its ARN",
			with: with(AdoptOptions{PodIdentityAssociationId: new("arn:aws:eks:x")}, KarpenterArgs{
				ControllerRole: &ControllerRoleOptions{PodIdentity: new(true)},
			}),
			says: start + `podIdentityAssociationId: "arn:aws:eks:x" is not valid: the id of a Pod Identity association, a-...`,
		},
		{
			why: "a node role that is left out", with: with(AdoptOptions{NodeRole: new(true)}, withoutNodes), says: start + "nodeRole: " + noNodeRole,
		},
		{
			why:  "a node role that is used as it is",
			with: with(AdoptOptions{NodeRole: new(true)}, KarpenterArgs{NodeRole: &NodeRoleOptions{RoleArn: given(nodeRoleARN)}}), says: start + "nodeRole: " + noNodeRole,
		},
		{
			why: "an instance profile that is left out", with: with(AdoptOptions{InstanceProfile: new(true)}, withoutNodes),
			says: start + "instanceProfile: skipNodeRole leaves it out: leave out one of the two",
		},
		{
			why: "an access entry of a role that is new", with: with(AdoptOptions{AccessEntry: new(true)}, KarpenterArgs{}),
			says: start + "accessEntry: is that of a node role which exists: adopt nodeRole, too, or leave it out",
		},
		{
			why:  "an access entry of a cluster that takes none",
			with: with(AdoptOptions{AccessEntry: new(true), NodeRole: new(true)}, KarpenterArgs{}),
			on:   func(a *account) { a.authenticationMode = "CONFIG_MAP" },
			says: start + "accessEntry: no access entry is made, by nodeRole.accessEntry or the cluster's authentication mode: leave it out",
		},
		{
			why:  "a queue that is used as it is",
			with: with(AdoptOptions{InterruptionQueue: new(true)}, KarpenterArgs{InterruptionQueueArn: given(queueARN)}), says: start + "interruptionQueue: " + noQueue,
		},
		{
			why:  "rules without a queue",
			with: with(AdoptOptions{Rules: []string{"RebalanceRule"}}, KarpenterArgs{SkipInterruptionQueue: new(true)}), says: start + "rules: " + noQueue,
		},
		{
			why:  "a rule that the version does not need",
			with: with(AdoptOptions{Rules: []string{"CapacityReservationInterruptionRule"}}, KarpenterArgs{KarpenterVersion: new("1.8.6")}),
			says: start + `rules: "CapacityReservationInterruptionRule" is not valid: one of InstanceStateChangeRule, RebalanceRule, ScheduledChangeRule, SpotInterruptionRule`,
		},
	})
}
