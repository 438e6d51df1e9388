package components

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/grafanix/eks-karpenter/internal/policy"
)

// Check lists what is wrong with the args, as NewKarpenter does, as far as it can be told without the cluster's facts, and
// registers nothing: for programs that register something before. The name is what the error begins with.
func (a *KarpenterArgs) Check(name string) error {
	p := newProblems()
	a.check(p)
	return p.Err(name)
}

// check records what is wrong with the args, the cluster's facts aside.
func (a *KarpenterArgs) check(p problems) {
	checkCluster(p, a.ClusterName, a.Cluster)
	a.checkChoices(p)
	version := p.version("karpenterVersion", a.KarpenterVersion)
	a.checkSettings(p, version)
	orZero(a.ControllerRole).check(p.in("controllerRole"), a.ClusterName, version, a.withQueue())
	orZero(a.NodeRole).check(p.in("nodeRole"))
	orZero(a.InterruptionQueue).check(p.in("interruptionQueue"), a.ClusterName)
	orZero(a.ClusterTags).check(p.in("clusterTags"), a.ClusterName)
	orZero(a.ControllerNodes).check(p.in("controllerNodes"), a.ClusterName, or(orZero(a.ControllerRole).PodIdentity, false))
	a.checkAdoption(p.in("adopt"), version)
	p.MatchesKnown("controllerRoleArn", a.ControllerRoleArn, roleARNForm)
	p.MatchesKnown("interruptionQueueArn", a.InterruptionQueueArn, queueARNForm)
	p.MatchesKnown("interruptionQueueKmsKeyArn", a.InterruptionQueueKmsKeyArn, keyARNForm)
	p.tags("tags", a.Tags)
	for _, part := range []struct {
		property string
		tags     map[string]string
	}{
		{"controllerRole.tags", orZero(a.ControllerRole).Tags},
		{"nodeRole.tags", orZero(a.NodeRole).Tags},
		{"interruptionQueue.tags", orZero(a.InterruptionQueue).Tags},
		{"controllerNodes.tags", a.controllerNodesTags()},
	} {
		if total := len(merged(a.Tags, part.tags)); total > policy.MaxTagsPerResource && max(len(a.Tags), len(part.tags)) < total {
			p.Addf(part.property, "%d tags with those of all resources are too many: at most %d", total, policy.MaxTagsPerResource)
		}
	}
}

// checkSettings records settings of Karpenter that its version does not know, or that lack a part.
func (a *KarpenterArgs) checkSettings(p problems, version policy.Version) {
	if or(a.EnableZonalShift, false) && version < policy.ZonalShiftSince {
		p.Addf("enableZonalShift", "Karpenter %s knows no zonal shift, which came with %s: raise karpenterVersion, or leave it out",
			version, policy.ZonalShiftSince)
	}
	if or(a.IsolatedVpc, false) && or(a.SkipNodeRole, false) {
		p.Addf("isolatedVpc", "needs an instance profile, and skipNodeRole leaves it out: leave out one of the two")
	}
}

// checkChoices records parts that are chosen in two ways at once, which would leave one of them without effect.
func (a *KarpenterArgs) checkChoices(p problems) {
	for _, part := range []struct {
		options, existing, skip string
		shaped, given, skipped  bool
	}{
		{
			"controllerRole", "controllerRoleArn", "skipControllerRole",
			false, a.ControllerRoleArn != nil, or(a.SkipControllerRole, false),
		},
		{
			"nodeRole", "", "skipNodeRole",
			a.NodeRole != nil, false, or(a.SkipNodeRole, false),
		},
		{
			"interruptionQueue", "interruptionQueueArn", "skipInterruptionQueue",
			a.InterruptionQueue != nil, a.InterruptionQueueArn != nil, or(a.SkipInterruptionQueue, false),
		},
		{
			"clusterTags", "", "skipClusterTags",
			a.ClusterTags != nil, false, or(a.SkipClusterTags, false),
		},
	} {
		if part.skipped && part.shaped {
			p.Addf(part.skip, "leaves out what %s shapes: leave out one of the two", part.options)
		}
		if part.skipped && part.given {
			p.Addf(part.skip, "leaves out what %s names: leave out one of the two", part.existing)
		}
		if part.given && part.shaped {
			p.Addf(part.existing, "replaces what %s shapes: leave out one of the two", part.options)
		}
	}
	if a.ControllerNodes != nil && !or(a.CreateControllerNodes, false) {
		p.Addf("controllerNodes", "shapes nodes that are not made: set createControllerNodes, or leave it out")
	}
	if a.InterruptionQueueKmsKeyArn != nil && a.InterruptionQueueArn == nil {
		p.Addf("interruptionQueueKmsKeyArn", "is the key of a queue that exists: give interruptionQueueArn, or set interruptionQueue.kmsKeyArn")
	}
	if or(a.SkipNodeRole, false) && a.withControllerRole() && isEmpty(orZero(a.ControllerRole).AdditionalNodeRoleArns) {
		p.Addf("skipNodeRole", "leaves the controller no role for its nodes: name one in controllerRole.additionalNodeRoleArns")
	}
}

// choices are what the account and the cluster's facts decide.
type choices struct {
	tagged   *tagged
	subnets  pulumi.StringArrayInput // of the controller's nodes
	spotRole string                  // the ARN of the one that exists
}

// checkFacts records what the cluster's facts make wrong, and makes the choices. Its error is that of a look-up.
func (a *KarpenterArgs) checkFacts(
	ctx *pulumi.Context, p problems, facts *ClusterFacts, opts []pulumi.ResourceOption,
) (made choices, err error) {
	if a.withControllerRole() {
		orZero(a.ControllerRole).checkIssuer(p, facts)
	}
	if !or(a.SkipNodeRole, false) {
		orZero(a.NodeRole).checkFacts(p, p.in("nodeRole"), facts)
	}
	a.checkAdoptionFacts(p.in("adopt"), facts)
	if !or(a.SkipClusterTags, false) {
		made.tagged, err = chooseTagged(ctx, a.ClusterName, orZero(a.ClusterTags), facts, p, p.in("clusterTags"), opts)
	}
	if err == nil && or(a.CreateControllerNodes, false) {
		made.subnets, err = orZero(a.ControllerNodes).checkFacts(ctx, facts, p, p.in("controllerNodes"), opts)
	}
	if err == nil && or(a.CreateSpotServiceLinkedRole, false) {
		made.spotRole, err = lookupSpotRole(ctx, opts)
	}
	return made, err
}

// withControllerRole tells whether a new role is made for the controller.
func (a *KarpenterArgs) withControllerRole() bool {
	return a.ControllerRoleArn == nil && !or(a.SkipControllerRole, false)
}

// makesQueue tells whether a new interruption queue is made.
func (a *KarpenterArgs) makesQueue() bool {
	return a.InterruptionQueueArn == nil && !or(a.SkipInterruptionQueue, false)
}

// controllerNodesTags are those of each of the controller's nodes, but for the tags of all resources.
func (a *KarpenterArgs) controllerNodesTags() map[string]string {
	if !or(a.CreateControllerNodes, false) {
		return nil
	}
	return orZero(a.ControllerNodes).instanceTags(a.ClusterName)
}

// withQueue tells whether there is an interruption queue, new or not.
func (a *KarpenterArgs) withQueue() bool {
	return a.InterruptionQueueArn != nil || !or(a.SkipInterruptionQueue, false)
}
