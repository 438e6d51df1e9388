package stack

import (
	"encoding/json"
	"errors"
	"maps"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/grafanix/eks-karpenter/components"
	"github.com/grafanix/eks-karpenter/internal/component"
	"github.com/grafanix/eks-karpenter/program/stack"
	"github.com/grafanix/eks-karpenter/whole/cluster"
	"github.com/grafanix/eks-karpenter/whole/install"
)

// Settings are everything that a stack of a whole cluster can be told: those of Karpenter's AWS side, and these.
type Settings struct {
	// Cluster makes the EKS cluster, or leaves it to one that exists. It stands before the settings of Karpenter, whose cluster
	// is what this one is.
	Cluster ClusterSettings `pulumi:"cluster,optional"`
	// Charts shapes how Karpenter's charts are installed.
	Charts ChartsSettings `pulumi:"charts,optional"`
	// NodeClass shapes the EC2NodeClass of all node pools. Its role is that of Karpenter's nodes.
	NodeClass install.NodeClassOptions `pulumi:"nodeClass,optional"`
	// NodePools are the first node pools. Default: one, for general-purpose on-demand and spot nodes.
	NodePools []NodePoolSettings `pulumi:"nodePools,optional"`
	// Settings are those of Karpenter's AWS side.
	Settings stack.Settings `pulumi:",squash"`
}

// ClusterSettings are the cluster's.
type ClusterSettings struct {
	// Create makes the cluster. Default: false, it exists.
	Create *bool `pulumi:"create,optional"`
	// VpcId is the VPC that the cluster is to be in.
	VpcId pulumi.StringInput `pulumi:"vpcId,optional"`
	// PrivateSubnetIds are the VPC's private subnets, for the control plane and the nodes: two at least, in two zones.
	PrivateSubnetIds pulumi.StringArrayInput `pulumi:"privateSubnetIds,optional"`
	// Options shape the cluster further.
	Options cluster.ClusterOptions `pulumi:",squash"`
}

// ChartsSettings are those of Karpenter's charts.
type ChartsSettings struct {
	// Repository holds the charts karpenter and karpenter-crd, for a mirror. Default: oci://public.ecr.aws/karpenter.
	Repository *string `pulumi:"repository,optional"`
	// Values are further values of the chart karpenter.
	Values map[string]any `pulumi:"values,optional"`
	// TimeoutSeconds is how long Helm waits for each chart to be ready, 60 to 3600. Default: 600.
	TimeoutSeconds *int `pulumi:"timeoutSeconds,optional"`
}

// NodePoolSettings are those of one node pool.
type NodePoolSettings struct {
	// Name is the object's name. Default: default.
	Name *string `pulumi:"name,optional"`
	// Options are the object's spec.
	Options install.NodePoolOptions `pulumi:",squash"`
}

// Load reads the settings from the stack's configuration; see [stack.LoadAs].
func Load(ctx *pulumi.Context) (*Settings, error) { return stack.LoadAs[Settings](ctx) }

// check lists everything that is wrong with the settings before anything is registered: each component checks its own args,
// but by then those before it would be made.
func (s *Settings) check() error {
	const whole = "stack configuration"
	all := &components.InvalidArgsError{Component: whole}
	collect := func(under string, err error) {
		var invalid *components.InvalidArgsError
		if errors.As(err, &invalid) {
			for _, problem := range invalid.Problems {
				problem.PropertyPath = under + strings.TrimPrefix(problem.PropertyPath, "options.")
				all.Problems = append(all.Problems, problem)
			}
		}
	}
	if component.Or(s.Cluster.Create, false) {
		collect("cluster.", s.cluster().Check(whole))
	} else if s.Cluster.VpcId != nil || s.Cluster.PrivateSubnetIds != nil {
		collect("cluster.", component.Invalid("create", "the VPC and subnets are those of a cluster to make: set create, or leave them out"))
	}
	collect("", s.karpenter().Check(whole))
	collect("charts.", s.charts().Check(whole))
	collect("nodeClass.", s.nodeClass().Check(whole))
	for i, pool := range s.nodePools() {
		collect(component.Indexed("nodePools", i)+".", pool.Check(whole))
	}
	if len(all.Problems) == 0 {
		return nil
	}
	return all
}

func (s *Settings) clusterName() string { return s.Settings.Karpenter.ClusterName }

// usesIssuer tells whether the controller's role trusts the cluster's OIDC provider, and no other is named.
func (s *Settings) usesIssuer() bool {
	o := component.OrZero(s.Settings.Karpenter.ControllerRole)
	return !component.Or(o.PodIdentity, false) && o.OidcProviderArn == nil && !component.Or(o.CreateOidcProvider, false)
}

// The args of the components, as the settings say.

func (s *Settings) cluster() *cluster.ClusterArgs {
	options := s.Cluster.Options
	options.Tags = tags(s.Settings.Karpenter.Tags, options.Tags)
	return &cluster.ClusterArgs{
		ClusterName: s.clusterName(), VpcId: s.Cluster.VpcId, PrivateSubnetIds: s.Cluster.PrivateSubnetIds, Options: &options,
	}
}

func (s *Settings) karpenter() *components.KarpenterArgs {
	args := s.Settings.Karpenter
	args.Cluster = nil // what the setting says is not facts but a cluster to make
	args.ControllerRole = new(*component.OrZero(args.ControllerRole))
	if component.Or(args.CreateControllerNodes, false) && component.Or(s.Cluster.Create, false) {
		args.ControllerNodes = new(*component.OrZero(args.ControllerNodes))
		if args.ControllerNodes.SubnetIds == nil {
			args.ControllerNodes.SubnetIds = s.Cluster.PrivateSubnetIds
		}
	}
	return &args
}

func (s *Settings) charts() *install.ChartsArgs {
	controller := component.OrZero(s.Settings.Karpenter.ControllerRole)
	args := &install.ChartsArgs{
		// Those of the AWS side, once it is there; before, as much of them as is known.
		HelmValues: pulumi.Map{
			"settings":       pulumi.Map{"clusterName": pulumi.String(s.clusterName())},
			"serviceAccount": pulumi.Map{"name": pulumi.String(component.Or(controller.ServiceAccount, "karpenter"))},
		},
		KarpenterVersion: s.Settings.Karpenter.KarpenterVersion,
		Namespace:        controller.Namespace,
		ChartRepository:  s.Charts.Repository,
		TimeoutSeconds:   s.Charts.TimeoutSeconds,
	}
	if s.Charts.Values != nil {
		args.Values = pulumi.ToMap(numbered(s.Charts.Values).(map[string]any))
	}
	return args
}

func (s *Settings) nodeClass() *install.NodeClassArgs {
	options := s.NodeClass
	if options.Role == nil && options.InstanceProfile == nil {
		options.Role = pulumi.String("known-later") // what the AWS side makes, once it is there
	}
	return &install.NodeClassArgs{
		ClusterName: new(s.clusterName()), KarpenterVersion: s.Settings.Karpenter.KarpenterVersion, Options: &options,
	}
}

func (s *Settings) nodePools() []*install.NodePoolArgs {
	pools := s.NodePools
	if len(pools) == 0 {
		pools = []NodePoolSettings{{}}
	}
	args := make([]*install.NodePoolArgs, len(pools))
	for i, pool := range pools {
		args[i] = &install.NodePoolArgs{
			Name: pool.Name, KarpenterVersion: s.Settings.Karpenter.KarpenterVersion, Options: &pool.Options,
		}
	}
	return args
}

// tags are those of all resources, and before them those of a part.
func tags(whole, part map[string]string) map[string]string {
	all := maps.Clone(whole)
	if all == nil {
		return part
	}
	maps.Copy(all, part)
	return all
}

// numbered is parsed configuration with plain numbers: the configuration's own are texts, so that none loses digits.
func numbered(value any) any {
	switch value := value.(type) {
	case map[string]any:
		all := map[string]any{}
		for key, element := range value {
			all[key] = numbered(element)
		}
		return all
	case []any:
		all := make([]any, len(value))
		for i, element := range value {
			all[i] = numbered(element)
		}
		return all
	case json.Number:
		if whole, err := value.Int64(); err == nil {
			return int(whole)
		}
		fraction, err := value.Float64()
		if err != nil {
			return value.String()
		}
		return fraction
	}
	return value
}
