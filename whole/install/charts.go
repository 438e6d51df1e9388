package install

import (
	"fmt"

	helm "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/helm/v3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/grafanix/eks-karpenter/internal/component"
)

const (
	defaultRepository     = "oci://public.ecr.aws/karpenter"
	defaultTimeoutSeconds = 600
)

// ChartsArgs are the inputs of Charts. Only HelmValues is required.
type ChartsArgs struct {
	// HelmValues are what the cluster calls for: the output of components.Karpenter, or a map with at least
	// settings.clusterName.
	HelmValues pulumi.MapInput `pulumi:"helmValues"`
	// KarpenterVersion is the release that is installed, such as 1.14.1. Default: 1.14.1.
	KarpenterVersion *string `pulumi:"karpenterVersion,optional"`
	// Namespace is where Karpenter runs. It must be that of the service account which may assume the controller's role.
	// One that does not exist is made, and stays when the charts are deleted. Default: kube-system.
	Namespace *string `pulumi:"namespace,optional"`
	// ChartRepository holds the charts karpenter and karpenter-crd, for a mirror. Credentials for it are those of helm registry
	// login on the machine that runs Pulumi. Default: oci://public.ecr.aws/karpenter.
	ChartRepository *string `pulumi:"chartRepository,optional"`
	// Values are further values of the chart karpenter, merged with HelmValues as Helm merges them: maps are merged, lists
	// are replaced. A value that contradicts HelmValues is an error.
	Values pulumi.MapInput `pulumi:"values,optional"`
	// TimeoutSeconds is how long Helm waits for each chart to be ready, 60 to 3600. Karpenter is ready once its replicas run,
	// two by default, each on a node of its own that is not Karpenter's. Default: 600.
	TimeoutSeconds *int `pulumi:"timeoutSeconds,optional"`
}

// Charts are Karpenter's two Helm charts in a cluster: karpenter-crd, which defines its kinds of object, and karpenter,
// its controller.
//
// What Karpenter cannot work without is given by pulumi.DependsOn: the policies of its role, its Pod Identity
// association, the nodes' access entry, the queue's policy.
type Charts struct {
	pulumi.ResourceState

	// KarpenterVersion is the version of both charts, known once Karpenter runs.
	KarpenterVersion pulumi.StringOutput `pulumi:"karpenterVersion"`
	// Namespace is where Karpenter runs, known once it does.
	Namespace pulumi.StringOutput `pulumi:"namespace"`

	// CrdRelease and Release are the charts' releases.
	CrdRelease *helm.Release
	Release    *helm.Release
}

func (a *ChartsArgs) check(p problems) {
	if a.HelmValues == nil {
		p.Addf("helmValues", "required: the values that the cluster calls for, HelmValues of components.Karpenter")
	}
	checkVersion(p, a.KarpenterVersion)
	p.Matches("namespace", a.Namespace, component.NamespaceForm)
	p.Matches("chartRepository", a.ChartRepository, repositoryForm)
	checkValues(p, a.HelmValues, a.Values)
	p.Between("timeoutSeconds", a.TimeoutSeconds, 60, 3600, "seconds")
}

// Check is the error with which NewCharts would refuse the args for a component of that name, nil where it would not.
func (a *ChartsArgs) Check(name string) error {
	p := component.NewProblems()
	component.OrZero(a).check(p)
	return p.Err(name)
}

// NewCharts installs the charts. It returns a *components.InvalidArgsError, with nothing registered, where the args are
// wrong; a value that contradicts HelmValues and is not known before is an error of the deployment.
func NewCharts(ctx *pulumi.Context, name string, args *ChartsArgs, opts ...pulumi.ResourceOption) (*Charts, error) {
	args = component.OrZero(args)
	if err := args.Check(name); err != nil {
		return nil, err
	}
	charts := &Charts{}
	if err := component.Register(ctx, "Charts", name, args, charts, opts); err != nil {
		return nil, err
	}
	options, err := within(charts, opts)
	if err != nil {
		return nil, err
	}
	b := &chartsBuilder{ctx: ctx, name: name, args: args, component: charts, options: options}
	if err := component.InOrder(b.definitions, b.controller); err != nil {
		return nil, err
	}
	charts.KarpenterVersion = charts.Release.Version.Elem()
	charts.Namespace = charts.Release.Namespace.Elem()
	return charts, component.RegisterOutputs(ctx, charts)
}

// chartsBuilder carries what the steps of making one Charts share.
type chartsBuilder struct {
	ctx       *pulumi.Context
	name      string
	args      *ChartsArgs
	component *Charts
	options   []pulumi.ResourceOption
}

// definitions installs the definitions of Karpenter's kinds of object, in a chart of their own that can upgrade them:
// Helm never upgrades those that a chart carries along. They are of no namespace, so the release stays in one whatever
// Karpenter's is: Helm would not hand them to a release in another, and deleting them deletes every NodePool.
func (b *chartsBuilder) definitions() (err error) {
	args := b.release("karpenter-crd")
	args.Namespace, args.CreateNamespace = pulumi.String(component.DefaultNamespace), pulumi.Bool(false)
	if namespace := component.Or(b.args.Namespace, component.DefaultNamespace); namespace != component.DefaultNamespace {
		// Where Karpenter 1.0 converts objects of older versions; later ones have no such value.
		args.Values = pulumi.Map{"webhook": pulumi.Map{"serviceNamespace": pulumi.String(namespace)}}
	}
	b.component.CrdRelease, err = helm.NewRelease(b.ctx, b.name+"-crd", args, b.options...)
	if err != nil {
		return fmt.Errorf("karpenter-crd: %w", err)
	}
	return nil
}

// controller installs Karpenter itself, after the definitions and deleted before them.
func (b *chartsBuilder) controller() (err error) {
	args := b.release("karpenter")
	args.SkipCrds = pulumi.Bool(true)
	args.Values = chartValues(b.name, b.args.HelmValues, b.args.Values)
	// In another namespace, the old release goes first: Helm hands its cluster roles to no other.
	options := append(b.options, pulumi.DependsOn([]pulumi.Resource{b.component.CrdRelease}), pulumi.DeleteBeforeReplace(true))
	b.component.Release, err = helm.NewRelease(b.ctx, b.name, args, options...)
	if err != nil {
		return fmt.Errorf("karpenter: %w", err)
	}
	return nil
}

// release is what the releases of both charts have in common. Their names are those of Karpenter's documentation.
func (b *chartsBuilder) release(chart string) *helm.ReleaseArgs {
	namespace := component.Or(b.args.Namespace, component.DefaultNamespace)
	return &helm.ReleaseArgs{
		Name:            pulumi.String(chart),
		Chart:           pulumi.String(component.Or(b.args.ChartRepository, defaultRepository) + "/" + chart),
		Version:         pulumi.String(chartVersion(b.args.KarpenterVersion)),
		Namespace:       pulumi.String(namespace),
		CreateNamespace: pulumi.Bool(namespace != component.DefaultNamespace),
		Timeout:         pulumi.Int(component.Or(b.args.TimeoutSeconds, defaultTimeoutSeconds)),
		Atomic:          pulumi.Bool(false), // a release that fails stays, so that somebody can see why
		CleanupOnFail:   pulumi.Bool(true),
	}
}
