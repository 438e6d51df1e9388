package components

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/grafanix/eks-karpenter/internal/policy"
)

// AdoptOptions choose what exists and is taken over: Pulumi imports it by the name that the other options give it, and changes
// it in place to what they say. It replaces nothing that is chosen here, and refuses to. Once it is Pulumi's, Adopt is left
// out again. Source: "import", Pulumi documentation.
type AdoptOptions struct {
	// ControllerRole takes over the controller's role. Default: false.
	ControllerRole *bool `pulumi:"controllerRole,optional"`
	// ControllerPolicies are the kinds of the controller's managed policies that exist, such as NodeLifecycle. Their
	// descriptions, which AWS never changes, stay.
	ControllerPolicies []string `pulumi:"controllerPolicies,optional"`
	// OidcProvider takes over the cluster's IAM OIDC provider; it needs controllerRole.createOidcProvider. Default: false.
	OidcProvider *bool `pulumi:"oidcProvider,optional"`
	// PodIdentityAssociationId is the id of the association that exists, a-...; it needs controllerRole.podIdentity.
	PodIdentityAssociationId *string `pulumi:"podIdentityAssociationId,optional"`
	// NodeRole takes over the nodes' role. Default: false.
	NodeRole *bool `pulumi:"nodeRole,optional"`
	// InstanceProfile takes over the nodes' instance profile. Default: false.
	InstanceProfile *bool `pulumi:"instanceProfile,optional"`
	// AccessEntry takes over the access entry of the nodes' role, which must exist, too. Default: false.
	AccessEntry *bool `pulumi:"accessEntry,optional"`
	// InterruptionQueue takes over the interruption queue with its policy. Default: false.
	InterruptionQueue *bool `pulumi:"interruptionQueue,optional"`
	// Rules are the rules that exist, by Karpenter's names for them, such as SpotInterruptionRule, each with its target
	// KarpenterInterruptionQueueTarget.
	Rules []string `pulumi:"rules,optional"`
}

// adopted has Pulumi import what bears an id in place of making it, where that is chosen.
func adopted(chosen *bool, id pulumi.StringInput) pulumi.ResourceOption {
	if !or(chosen, false) {
		return pulumi.Composite()
	}
	return pulumi.Import(id.ToStringOutput().ApplyT(func(id string) pulumi.ID { return pulumi.ID(id) }).(pulumi.IDOutput))
}

// checkAdoption records what cannot be adopted because it is not made, the cluster's facts aside.
func (a *KarpenterArgs) checkAdoption(p problems, version policy.Version) {
	o, controller, node := orZero(a.Adopt), orZero(a.ControllerRole), orZero(a.NodeRole)
	const (
		noController = "no controller role is made: leave it out, or skipControllerRole and controllerRoleArn"
		noNodeRole   = "no node role is made: leave it out, or skipNodeRole and nodeRole.roleArn"
		noQueue      = "no queue is made: leave it out, or skipInterruptionQueue and interruptionQueueArn"
	)
	for _, part := range []struct {
		property     string
		chosen, made bool
		says         string
	}{
		{"controllerRole", or(o.ControllerRole, false), a.withControllerRole(), noController},
		{"controllerPolicies", len(o.ControllerPolicies) > 0, a.withControllerRole(), noController},
		{
			"controllerPolicies", len(o.ControllerPolicies) > 0, !or(controller.InlinePolicy, false),
			"controllerRole.inlinePolicy makes no managed policies: leave out one of the two",
		},
		{
			"oidcProvider", or(o.OidcProvider, false), a.withControllerRole() && or(controller.CreateOidcProvider, false),
			"no provider is made: leave it out, as one that exists is used as it is, or set controllerRole.createOidcProvider",
		},
		{
			"podIdentityAssociationId", o.PodIdentityAssociationId != nil, a.withControllerRole() && or(controller.PodIdentity, false),
			"no association is made: leave it out, or set controllerRole.podIdentity",
		},
		{"nodeRole", or(o.NodeRole, false), !or(a.SkipNodeRole, false) && node.RoleArn == nil, noNodeRole},
		{"instanceProfile", or(o.InstanceProfile, false), !or(a.SkipNodeRole, false), "skipNodeRole leaves it out: leave out one of the two"},
		{
			"accessEntry", or(o.AccessEntry, false), or(o.NodeRole, false) || node.RoleArn != nil,
			"is that of a node role which exists: adopt nodeRole, too, or leave it out",
		},
		{"interruptionQueue", or(o.InterruptionQueue, false), a.makesQueue(), noQueue},
		{"rules", len(o.Rules) > 0, a.makesQueue(), noQueue},
	} {
		if part.chosen && !part.made {
			p.Addf(part.property, "%s", part.says)
		}
	}
	p.someOf("controllerPolicies", o.ControllerPolicies, kindNames(controller.kinds(version, a.withQueue())))
	p.Matches("podIdentityAssociationId", o.PodIdentityAssociationId, associationIDForm)
	p.someOf("rules", o.Rules, ruleKeys(version))
}

// checkAdoptionFacts records an access entry that cannot be adopted because the cluster takes none.
func (a *KarpenterArgs) checkAdoptionFacts(p problems, facts *ClusterFacts) {
	made := !or(a.SkipNodeRole, false) && orZero(a.NodeRole).withAccessEntry(facts)
	if or(orZero(a.Adopt).AccessEntry, false) && !made {
		p.Addf("accessEntry", "no access entry is made, by nodeRole.accessEntry or the cluster's authentication mode: leave it out")
	}
}

// ruleKeys are Karpenter's names for a version's rules.
func ruleKeys(version policy.Version) []string {
	var keys []string
	for _, rule := range policy.Rules(version, false) {
		keys = append(keys, rule.Name)
	}
	return keys
}
