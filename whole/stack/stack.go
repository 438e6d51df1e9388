// Package stack is what one stack of a whole cluster deploys: the EKS cluster where it is to be made, the AWS side of
// Karpenter, its charts, an EC2NodeClass and NodePools. Its Deploy is a whole Pulumi program.
package stack

import (
	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/grafanix/eks-karpenter/components"
	"github.com/grafanix/eks-karpenter/internal/component"
	"github.com/grafanix/eks-karpenter/program/stack"
	"github.com/grafanix/eks-karpenter/whole/cluster"
	"github.com/grafanix/eks-karpenter/whole/install"
)

// Deploy reads the stack's settings and deploys what they say. Its error lists everything that is wrong with the
// settings, and then nothing is registered.
func Deploy(ctx *pulumi.Context) error {
	settings, err := Load(ctx)
	if err != nil {
		return err
	}
	return settings.Deploy(ctx)
}

// Deploy deploys what the settings say, each part after those it needs, and so destroyed before them.
func (s *Settings) Deploy(ctx *pulumi.Context) error {
	if err := s.check(); err != nil {
		return err
	}
	d := &deployment{ctx: ctx, settings: s}
	if s.Settings.Protect {
		d.opts = append(d.opts, pulumi.Protect(true))
	}
	return component.InOrder(d.cluster, d.karpenter, d.charts, d.nodes)
}

// deployment carries what the steps of one deployment share.
type deployment struct {
	ctx      *pulumi.Context
	settings *Settings
	opts     []pulumi.ResourceOption

	facts      *components.ClusterFacts
	kubernetes *kubernetes.Provider
	made       *cluster.Cluster // nil where the cluster exists
	aws        *components.Karpenter
	installed  *install.Charts
}

// cluster makes the cluster or finds it, and says how it is reached.
func (d *deployment) cluster() (err error) {
	var kubeconfig pulumi.StringInput
	if component.Or(d.settings.Cluster.Create, false) {
		if d.made, err = cluster.NewCluster(d.ctx, "cluster", d.settings.cluster(), d.opts...); err != nil {
			return err
		}
		d.facts, kubeconfig = d.made.Facts, d.made.Kubeconfig
		d.ctx.Export("clusterEndpoint", d.made.ClusterEndpoint)
		d.ctx.Export("kubeconfig", d.made.Kubeconfig)
	} else if kubeconfig, err = lookupKubeconfig(d.ctx, d.settings.clusterName()); err != nil {
		return err
	}
	d.kubernetes, err = kubernetes.NewProvider(d.ctx, "cluster", &kubernetes.ProviderArgs{
		Kubeconfig: kubeconfig,
	}, d.opts...)
	return err
}

// karpenter makes the AWS side.
func (d *deployment) karpenter() (err error) {
	args := d.settings.karpenter()
	args.Cluster = d.facts
	if d.made != nil && d.settings.usesIssuer() {
		args.ControllerRole.OidcProviderArn = d.made.OidcProviderArn.ToStringPtrOutput()
	}
	if d.aws, err = components.NewKarpenter(d.ctx, "karpenter", args, d.opts...); err != nil {
		return err
	}
	stack.Export(d.ctx, d.aws)
	return nil
}

// charts installs Karpenter, once all that it needs in AWS is there.
func (d *deployment) charts() (err error) {
	args := d.settings.charts()
	args.HelmValues = d.aws.HelmValues
	d.installed, err = install.NewCharts(d.ctx, "karpenter-charts", args, d.inCluster(d.aws)...)
	return err
}

// nodes say what Karpenter's nodes are, and which it may launch.
func (d *deployment) nodes() error {
	args := d.settings.nodeClass()
	switch chosen := d.settings.NodeClass; {
	case chosen.Role != nil || chosen.InstanceProfile != nil:
	case component.Or(d.settings.Settings.Karpenter.IsolatedVpc, false):
		args.Options.Role, args.Options.InstanceProfile = nil, d.aws.InstanceProfileName.ToStringPtrOutput()
	default:
		args.Options.Role = d.aws.NodeRoleName.ToStringPtrOutput()
	}
	class, err := install.NewNodeClass(d.ctx, "node-class", args, d.inCluster(d.installed)...)
	if err != nil {
		return err
	}
	for _, args := range d.settings.nodePools() {
		args.NodeClassName = class.Name.ToStringPtrOutput()
		name := "node-pool-" + component.Or(args.Name, "default")
		if _, err := install.NewNodePool(d.ctx, name, args, d.inCluster(class)...); err != nil {
			return err
		}
	}
	return nil
}

// inCluster are the options of what is in the cluster and comes after something else.
func (d *deployment) inCluster(after pulumi.Resource) []pulumi.ResourceOption {
	return append([]pulumi.ResourceOption{pulumi.Provider(d.kubernetes), pulumi.DependsOn([]pulumi.Resource{after})}, d.opts...)
}
