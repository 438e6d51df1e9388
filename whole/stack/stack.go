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

// defaultName is that of a node pool without another.
const defaultName = "default"

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
	if s.Aws.Protect {
		d.opts = append(d.opts, pulumi.Protect(true))
	}
	return component.InOrder(d.cluster, d.karpenter, d.charts, d.nodes)
}

// deployment carries what the steps of one deployment share.
type deployment struct {
	ctx      *pulumi.Context
	settings *Settings
	opts     []pulumi.ResourceOption

	made       *cluster.Cluster // nil where the cluster exists
	kubernetes *kubernetes.Provider
	aws        *components.Karpenter
	installed  *install.Charts
}

// cluster makes the cluster or finds it, and says how it is reached.
func (d *deployment) cluster() (err error) {
	var reached access
	if d.settings.creates() {
		if d.made, err = cluster.NewCluster(d.ctx, "cluster", d.settings.cluster(), d.opts...); err != nil {
			return err
		}
		reached = access{d.made.ClusterEndpoint, d.made.Kubeconfig}
	} else if reached, err = lookupAccess(d.ctx, d.settings.clusterName()); err != nil {
		return err
	}
	d.ctx.Export("clusterEndpoint", reached.endpoint)
	d.ctx.Export("kubeconfig", reached.kubeconfig)
	d.kubernetes, err = kubernetes.NewProvider(d.ctx, "cluster", &kubernetes.ProviderArgs{
		Kubeconfig: reached.kubeconfig.ToStringPtrOutput(),
		// Without it, a kubeconfig that is not known yet would replace the provider, and all that is in the cluster with it.
		ClusterIdentifier: pulumi.String(d.settings.clusterName()),
	}, d.opts...)
	return err
}

// karpenter makes the AWS side, after all of a cluster that is made: nodes need its network add-on until they are gone.
func (d *deployment) karpenter() (err error) {
	opts := d.opts
	if d.made != nil {
		opts = d.after(d.made)
	}
	if d.aws, err = components.NewKarpenter(d.ctx, "karpenter", d.settings.karpenter(d.made), opts...); err != nil {
		return err
	}
	stack.Export(d.ctx, d.aws)
	return nil
}

// charts installs Karpenter, once all that it needs in AWS is there: its role, and nodes for it.
func (d *deployment) charts() (err error) {
	d.installed, err = install.NewCharts(d.ctx, "karpenter-charts", d.settings.charts(d.aws.HelmValues), d.inCluster(d.aws)...)
	return err
}

// nodes say what Karpenter's nodes are made of, and which it may launch.
func (d *deployment) nodes() error {
	role, profile := d.aws.NodeRoleName.ToStringPtrOutput(), d.aws.InstanceProfileName.ToStringPtrOutput()
	class, err := install.NewNodeClass(d.ctx, "node-class", d.settings.nodeClass(role, profile), d.inCluster(d.installed)...)
	if err != nil {
		return err
	}
	for _, args := range d.settings.nodePools(class.Name.ToStringPtrOutput()) {
		name := "node-pool-" + component.Or(args.Name, defaultName)
		if _, err := install.NewNodePool(d.ctx, name, args, d.inCluster(class)...); err != nil {
			return err
		}
	}
	return nil
}

// after are the options of what is made after something else, and deleted before it.
func (d *deployment) after(other pulumi.Resource) []pulumi.ResourceOption {
	return append([]pulumi.ResourceOption{pulumi.DependsOn([]pulumi.Resource{other})}, d.opts...)
}

// inCluster are the options of what is in the cluster and made after something else.
func (d *deployment) inCluster(other pulumi.Resource) []pulumi.ResourceOption {
	return append(d.after(other), pulumi.Provider(d.kubernetes))
}
