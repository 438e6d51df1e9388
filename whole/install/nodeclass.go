package install

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apiextensions"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/grafanix/eks-karpenter/internal/component"
)

const (
	defaultName          = "default"
	defaultDeleteTimeout = "30m"
	discoveryTag         = "karpenter.sh/discovery"
)

// NodeClassArgs are the inputs of a NodeClass. The nodes' role is required, and the cluster's name unless the options say
// which subnets and security groups the nodes get.
type NodeClassArgs struct {
	// ClusterName is the EKS cluster's name, by which subnets and security groups are found.
	ClusterName *string `pulumi:"clusterName,optional"`
	// Name is the object's name, at most 63 characters. Default: default.
	Name *string `pulumi:"name,optional"`
	// KarpenterVersion is the release that is installed; what it does not have yet is an error. Default: 1.14.1.
	KarpenterVersion *string `pulumi:"karpenterVersion,optional"`
	// Options are the object's spec.
	Options *NodeClassOptions `pulumi:"options,optional"`
	// SkipAwait has the deployment not wait until Karpenter has found the role, subnets, security groups and images. Default:
	// false.
	SkipAwait *bool `pulumi:"skipAwait,optional"`
	// DeleteTimeout is how long a deletion waits, as Karpenter keeps a node class until its last node is gone. Default: 30m.
	DeleteTimeout *string `pulumi:"deleteTimeout,optional"`
}

// NodeClass is an EC2NodeClass: what Karpenter's nodes are made of in EC2.
type NodeClass struct {
	pulumi.ResourceState

	// Name is the object's name, as a NodePool takes it, known once the object exists.
	Name pulumi.StringOutput `pulumi:"name"`

	// Resource is the object itself.
	Resource *apiextensions.CustomResource
}

// Check is the error with which NewNodeClass would refuse the args for a component of that name, nil where it would not.
func (a *NodeClassArgs) Check(name string) error {
	p := component.NewProblems()
	component.OrZero(a).check(p)
	return p.Err(name)
}

// NewNodeClass makes the object. It returns a *components.InvalidArgsError, with nothing registered, where the args are
// wrong.
func NewNodeClass(ctx *pulumi.Context, name string, args *NodeClassArgs, opts ...pulumi.ResourceOption) (*NodeClass, error) {
	args = component.OrZero(args)
	if err := args.Check(name); err != nil {
		return nil, err
	}
	class := &NodeClass{}
	if err := component.Register(ctx, "NodeClass", name, args, class, opts); err != nil {
		return nil, err
	}
	options, err := within(class, opts)
	if err != nil {
		return nil, err
	}
	wait := lifetime{component.Or(args.SkipAwait, false), component.Or(args.DeleteTimeout, defaultDeleteTimeout)}
	class.Resource, err = newObject(ctx, name, args.Object(), wait, options)
	if err != nil {
		return nil, fmt.Errorf("EC2NodeClass: %w", err)
	}
	class.Name = class.Resource.Metadata.Name().Elem()
	return class, component.RegisterOutputs(ctx, class)
}

// Object is the EC2NodeClass that the args ask for, as a Kubernetes object. Pulumi's inputs stay as they are in it.
func (a *NodeClassArgs) Object() map[string]any {
	options := *component.OrZero(a.Options)
	if options.AmiSelectorTerms == nil {
		options.AmiSelectorTerms = []AmiSelectorTerm{{Alias: new(newestAlias(options.AmiFamily))}}
	}
	discovered := map[string]string{discoveryTag: component.Or(a.ClusterName, "")}
	if options.SubnetSelectorTerms == nil {
		options.SubnetSelectorTerms = []SubnetSelectorTerm{{Tags: discovered}}
	}
	if options.SecurityGroupSelectorTerms == nil {
		options.SecurityGroupSelectorTerms = []SecurityGroupSelectorTerm{{Tags: discovered}}
	}
	metadata := *component.OrZero(options.MetadataOptions)
	options.MetadataOptions = &MetadataOptions{
		HttpEndpoint:            new(component.Or(metadata.HttpEndpoint, "enabled")),
		HttpProtocolIPv6:        new(component.Or(metadata.HttpProtocolIPv6, "disabled")),
		HttpPutResponseHopLimit: new(component.Or(metadata.HttpPutResponseHopLimit, 1)),
		HttpTokens:              new(component.Or(metadata.HttpTokens, "required")),
	}
	return map[string]any{
		"apiVersion": "karpenter.k8s.aws/v1",
		"kind":       "EC2NodeClass",
		"metadata":   map[string]any{"name": component.Or(a.Name, defaultName)},
		"spec":       fields(&options),
	}
}

// newestAlias is the newest image of a family.
func newestAlias(family *string) string {
	return strings.ToLower(component.Or(family, "AL2023")) + "@latest"
}
