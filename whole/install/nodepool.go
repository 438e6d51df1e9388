package install

import (
	"fmt"

	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apiextensions"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/grafanix/eks-karpenter/internal/component"
)

// NodePoolArgs are the inputs of a NodePool. None is required.
type NodePoolArgs struct {
	// Name is the object's name, at most 63 characters. Default: default.
	Name *string `pulumi:"name,optional"`
	// NodeClassName is what its nodes are made of: the output Name of a NodeClass, for the pool to be made after it and
	// deleted before it. Default: default.
	NodeClassName pulumi.StringPtrInput `pulumi:"nodeClassName,optional"`
	// KarpenterVersion is the release that is installed; what it does not have yet is an error. Default: 1.14.1.
	KarpenterVersion *string `pulumi:"karpenterVersion,optional"`
	// Options are the object's spec.
	Options *NodePoolOptions `pulumi:"options,optional"`
	// SkipAwait has the deployment not wait until Karpenter could launch nodes. Default: false.
	SkipAwait *bool `pulumi:"skipAwait,optional"`
	// DeleteTimeout is how long a deletion waits, as Karpenter first drains and ends the pool's nodes. Default: 30m.
	DeleteTimeout *string `pulumi:"deleteTimeout,optional"`
}

// NodePool is a NodePool of Karpenter's: which nodes it may launch, and when it ends them.
type NodePool struct {
	pulumi.ResourceState

	// Name is the object's name, known once the object exists.
	Name pulumi.StringOutput `pulumi:"name"`

	// Resource is the object itself.
	Resource *apiextensions.CustomResource
}

// Check is the error with which NewNodePool would refuse the args for a component of that name, nil where it would not.
func (a *NodePoolArgs) Check(name string) error {
	p := component.NewProblems()
	component.OrZero(a).check(p)
	return p.Err(name)
}

// NewNodePool makes the object. It returns a *components.InvalidArgsError, with nothing registered, where the args are
// wrong.
func NewNodePool(ctx *pulumi.Context, name string, args *NodePoolArgs, opts ...pulumi.ResourceOption) (*NodePool, error) {
	args = component.OrZero(args)
	if err := args.Check(name); err != nil {
		return nil, err
	}
	pool := &NodePool{}
	if err := component.Register(ctx, "NodePool", name, args, pool, opts); err != nil {
		return nil, err
	}
	options, err := within(pool, opts)
	if err != nil {
		return nil, err
	}
	wait := lifetime{component.Or(args.SkipAwait, false), component.Or(args.DeleteTimeout, defaultDeleteTimeout)}
	pool.Resource, err = newObject(ctx, name, args.Object(), wait, options)
	if err != nil {
		return nil, fmt.Errorf("NodePool: %w", err)
	}
	pool.Name = pool.Resource.Metadata.Name().Elem()
	return pool, component.RegisterOutputs(ctx, pool)
}

// defaultRequirements are those of general-purpose nodes. Source: "Getting Started with Karpenter", Karpenter
// documentation.
var defaultRequirements = []Requirement{
	{Key: "kubernetes.io/os", Operator: "In", Values: []string{"linux"}},
	{Key: "karpenter.sh/capacity-type", Operator: "In", Values: []string{"spot", "on-demand"}},
	{Key: "karpenter.k8s.aws/instance-category", Operator: "In", Values: []string{"c", "m", "r"}},
	{Key: "karpenter.k8s.aws/instance-generation", Operator: "Gt", Values: []string{"2"}},
}

// template is what a NodePool says of each of its nodes.
type template struct {
	NodeClassRef           nodeClassRef  `pulumi:"nodeClassRef"`
	Requirements           []Requirement `pulumi:"requirements"`
	Taints                 []Taint       `pulumi:"taints,optional"`
	StartupTaints          []Taint       `pulumi:"startupTaints,optional"`
	ExpireAfter            string        `pulumi:"expireAfter"`
	TerminationGracePeriod *string       `pulumi:"terminationGracePeriod,optional"`
}

type nodeClassRef struct {
	Group string                `pulumi:"group"`
	Kind  string                `pulumi:"kind"`
	Name  pulumi.StringPtrInput `pulumi:"name"`
}

// Object is the NodePool that the args ask for, as a Kubernetes object. Pulumi's inputs stay as they are in it.
func (a *NodePoolArgs) Object() map[string]any {
	o := component.OrZero(a.Options)
	ref := nodeClassRef{Group: "karpenter.k8s.aws", Kind: "EC2NodeClass", Name: a.NodeClassName}
	if ref.Name == nil {
		ref.Name = pulumi.String(defaultName)
	}
	requirements := o.Requirements
	if requirements == nil {
		requirements = defaultRequirements
	}
	of := map[string]any{"spec": fields(template{
		ref, requirements, o.Taints, o.StartupTaints, component.Or(o.ExpireAfter, "720h"), o.TerminationGracePeriod,
	})}
	if metadata := fields(struct {
		Labels      map[string]string `pulumi:"labels,optional"`
		Annotations map[string]string `pulumi:"annotations,optional"`
	}{o.Labels, o.Annotations}); len(metadata) > 0 {
		of["metadata"] = metadata
	}
	return map[string]any{
		"apiVersion": "karpenter.sh/v1",
		"kind":       "NodePool",
		"metadata":   map[string]any{"name": component.Or(a.Name, defaultName)},
		"spec":       o.spec(of),
	}
}

// spec is the object's spec around what it says of its nodes.
func (o *NodePoolOptions) spec(template map[string]any) map[string]any {
	disruption := *component.OrZero(o.Disruption)
	disruption.ConsolidationPolicy = new(component.Or(disruption.ConsolidationPolicy, "WhenEmptyOrUnderutilized"))
	disruption.ConsolidateAfter = new(component.Or(disruption.ConsolidateAfter, "1m"))
	limits := o.Limits
	if limits == nil && o.Replicas == nil {
		limits = map[string]string{"cpu": "1000"}
	}
	spec := fields(struct {
		Limits     map[string]string `pulumi:"limits,optional"`
		Disruption Disruption        `pulumi:"disruption"`
		Weight     *int              `pulumi:"weight,optional"`
		Replicas   *int              `pulumi:"replicas,optional"`
	}{limits, disruption, o.Weight, o.Replicas})
	spec["template"] = template
	return spec
}
