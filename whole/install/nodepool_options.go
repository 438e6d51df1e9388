package install

// NodePoolOptions are the spec of a NodePool, under Karpenter's own names; what belongs to its nodes is here beside the
// rest. Source: "NodePools", Karpenter documentation.
type NodePoolOptions struct {
	// Requirements say which nodes it may launch, at most 100. Default: Linux on spot and on-demand instances of the
	// categories c, m and r, of the third generation or later.
	Requirements []Requirement `pulumi:"requirements,optional"`
	// Labels are put on its nodes, at most 100.
	Labels map[string]string `pulumi:"labels,optional"`
	// Annotations are put on its nodes.
	Annotations map[string]string `pulumi:"annotations,optional"`
	// Taints keep pods off its nodes that do not tolerate them.
	Taints []Taint `pulumi:"taints,optional"`
	// StartupTaints keep pods off until something else takes them away.
	StartupTaints []Taint `pulumi:"startupTaints,optional"`
	// ExpireAfter is how old a node becomes, or Never. Default: 720h.
	ExpireAfter *string `pulumi:"expireAfter,optional"`
	// TerminationGracePeriod is how long a node may drain before its pods are deleted by force, past every budget. Default:
	// as long as it takes.
	TerminationGracePeriod *string `pulumi:"terminationGracePeriod,optional"`
	// Limits bound all nodes of the pool together, by resource; only nodes may be limited where replicas is set.
	// Default: cpu 1000, and none where replicas is set.
	Limits map[string]string `pulumi:"limits,optional"`
	// Disruption says when Karpenter may end a node.
	Disruption *Disruption `pulumi:"disruption,optional"`
	// Weight puts the pool before others of less weight, 1 to 100. Not where replicas is set.
	Weight *int `pulumi:"weight,optional"`
	// Replicas is a fixed number of nodes, in place of as many as pods need. A pool cannot change between the two. Since
	// Karpenter 1.8, with settings.featureGates.staticCapacity.
	Replicas *int `pulumi:"replicas,optional"`
}

// Requirement is what a label of a node must be.
type Requirement struct {
	// Key is the label, such as karpenter.sh/capacity-type.
	Key string `pulumi:"key"`
	// Operator is In, NotIn, Exists, DoesNotExist, Gt, Lt or, since Karpenter 1.9, Gte or Lte.
	Operator string `pulumi:"operator"`
	// Values are the label's: one or more for In and NotIn, a whole number for Gt, Lt, Gte and Lte, none for the rest.
	Values []string `pulumi:"values,optional"`
	// MinValues is how many different values Karpenter must be able to choose from, 1 to 50.
	MinValues *int `pulumi:"minValues,optional"`
}

// Taint keeps pods off a node that do not tolerate it.
type Taint struct {
	// Key names the taint.
	Key string `pulumi:"key"`
	// Value is what a toleration may ask for.
	Value *string `pulumi:"value,optional"`
	// Effect is NoSchedule, PreferNoSchedule or NoExecute.
	Effect string `pulumi:"effect"`
}

// Disruption says when Karpenter may end a node.
type Disruption struct {
	// ConsolidationPolicy is WhenEmpty, WhenEmptyOrUnderutilized or, since Karpenter 1.14, Balanced. Default:
	// WhenEmptyOrUnderutilized.
	ConsolidationPolicy *string `pulumi:"consolidationPolicy,optional"`
	// ConsolidateAfter is how long no pod may have come or gone before that, or Never. Default: 1m.
	ConsolidateAfter *string `pulumi:"consolidateAfter,optional"`
	// Budgets bound how many nodes end at once, at most 50; the least counts. Default: 10%.
	Budgets []Budget `pulumi:"budgets,optional"`
}

// Budget bounds how many nodes of a pool end at once.
type Budget struct {
	// Nodes is a number of nodes or a percentage of them; 0 ends none.
	Nodes string `pulumi:"nodes"`
	// Reasons are what it is for: Underutilized, Empty and Drifted. Default: all.
	Reasons []string `pulumi:"reasons,optional"`
	// Schedule is when it begins, as cron has it, in UTC. Default: it is always in force.
	Schedule *string `pulumi:"schedule,optional"`
	// Duration is how long it then lasts, in hours and minutes. Required with schedule.
	Duration *string `pulumi:"duration,optional"`
}
