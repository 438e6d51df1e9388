package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumix"

	"github.com/grafanix/eks-karpenter/internal/policy"
)

const (
	// controllerLabel is by what the controller's pods may select these nodes.
	controllerLabel = "karpenter.sh/controller"
	// clusterNameTag is by what Karpenter, too, tells whose an instance is.
	clusterNameTag = "eks:eks-cluster-name"
	// controllerNodesPhysical is the default name within the cluster.
	controllerNodesPhysical = "karpenter-controller"
)

// ControllerNodes are what Karpenter's controller runs on. It cannot run on nodes that it makes itself: they bear
// karpenter.sh/nodepool, which its chart avoids, and would be gone, with the controller, when they are needed. It is a
// managed node group, or Fargate.
//
// No access entry is made: EKS makes that of a managed node group's role or a Fargate profile's itself or, in mode
// CONFIG_MAP, adds the role to the ConfigMap aws-auth. Source: "Create access entries", Amazon EKS User Guide.
type ControllerNodes struct {
	pulumi.ResourceState

	// NodeGroupName is the name of the managed node group, "" on Fargate.
	NodeGroupName pulumi.StringOutput `pulumi:"nodeGroupName"`
	// NodeGroupArn is the ARN of the managed node group, "" on Fargate.
	NodeGroupArn pulumi.StringOutput `pulumi:"nodeGroupArn"`
	// LaunchTemplateId is the id of the nodes' launch template, "" on Fargate.
	LaunchTemplateId pulumi.StringOutput `pulumi:"launchTemplateId"`
	// FargateProfileName is the name of the Fargate profile, "" where there is none.
	FargateProfileName pulumi.StringOutput `pulumi:"fargateProfileName"`
	// FargateProfileArn is the ARN of the Fargate profile, "" where there is none.
	FargateProfileArn pulumi.StringOutput `pulumi:"fargateProfileArn"`
	// RoleName is the name of the nodes' role or, on Fargate, of the pods' execution role.
	RoleName pulumi.StringOutput `pulumi:"roleName"`
	// RoleArn is the ARN of that role.
	RoleArn pulumi.StringOutput `pulumi:"roleArn"`

	// NodeGroup is the managed node group itself, nil on Fargate.
	NodeGroup *eks.NodeGroup
	// FargateProfile is the Fargate profile itself, nil where there is none.
	FargateProfile *eks.FargateProfile
}

// NewControllerNodes makes what Karpenter's controller runs on. It returns an *InvalidArgsError, with nothing registered,
// where the args are wrong.
func NewControllerNodes(
	ctx *pulumi.Context, name string, args *ControllerNodesArgs, opts ...pulumi.ResourceOption,
) (*ControllerNodes, error) {
	args = orZero(args)
	var subnets pulumi.StringArrayInput
	choose := func(p problems, facts *ClusterFacts) (err error) {
		subnets, err = args.options().checkFacts(ctx, facts, p, p.in("options"), opts)
		return err
	}
	facts, err := settle(ctx, name, args.ClusterName, args.Cluster, opts, args.check, choose)
	if err != nil {
		return nil, err
	}
	return newControllerNodes(ctx, name, args, facts, subnets, opts)
}

// newControllerNodes is NewControllerNodes once the args are checked, the facts are known and the subnets are chosen.
func newControllerNodes(
	ctx *pulumi.Context, name string, args *ControllerNodesArgs, facts *ClusterFacts, subnets pulumi.StringArrayInput, opts []pulumi.ResourceOption,
) (*ControllerNodes, error) {
	component := &ControllerNodes{}
	if err := register(ctx, "ControllerNodes", name, args, component, opts); err != nil {
		return nil, err
	}
	none := pulumi.String("").ToStringOutput()
	component.NodeGroupName, component.NodeGroupArn, component.LaunchTemplateId = none, none, none
	component.FargateProfileName, component.FargateProfileArn = none, none
	b := &controllerNodesBuilder{
		ctx: ctx, name: name, args: args, options: args.options(), facts: facts, subnets: subnets,
		scope: facts.scope(args.ClusterName), component: component, parent: pulumi.Parent(component),
	}
	steps := []func() error{b.nodeRole, b.launchTemplate, b.nodeGroup}
	if b.options.fargate() {
		steps = []func() error{b.fargateRole, b.fargateProfile}
	}
	if err := inOrder(steps...); err != nil {
		return nil, err
	}
	return component, registerOutputs(ctx, component)
}

// controllerNodesBuilder carries what the steps of making one ControllerNodes share.
type controllerNodesBuilder struct {
	ctx       *pulumi.Context
	name      string
	args      *ControllerNodesArgs
	options   *ControllerNodesOptions
	facts     *ClusterFacts
	subnets   pulumi.StringArrayInput
	scope     pulumix.Output[policy.Cluster]
	component *ControllerNodes
	parent    pulumi.ResourceOption
	attached  []pulumi.Resource // the role's policies, without which nodes neither join nor leave
	template  templateVersion
}

// role makes a role with its policies.
func (b *controllerNodesBuilder) role(
	name, physical, description string, trust func(policy.Cluster) policy.Document,
) error {
	role, err := iam.NewRole(b.ctx, name, &iam.RoleArgs{
		Name:                pulumi.String(nameOr(b.options.RoleName, physical+"-"+b.args.ClusterName, maxRoleName)),
		Description:         pulumi.String(description + " on EKS cluster " + b.args.ClusterName),
		AssumeRolePolicy:    document(pulumix.Apply(b.scope, trust), trustPolicy),
		PermissionsBoundary: b.options.PermissionsBoundary,
		Tags:                stringMap(b.options.Tags),
	}, b.parent)
	if err != nil {
		return fmt.Errorf("role: %w", err)
	}
	b.component.RoleName, b.component.RoleArn = role.Name, role.Arn
	b.attached, err = attachPolicies(
		b.ctx, name, role.Name, b.scope, b.options.policies(b.facts.ipv6()), b.options.AdditionalPolicyArns, b.parent)
	return err
}

func (b *controllerNodesBuilder) nodeRole() error {
	return b.role(b.name, "KarpenterControllerNodeRole", "Nodes of Karpenter's controller", policy.NodeTrust)
}

// controllerNodesName names what an account sees of the nodes of one cluster.
func controllerNodesName(clusterName string) string {
	return fit("KarpenterController-"+clusterName, maxLaunchTemplateName)
}

// checkFacts records what the cluster's facts make wrong, and chooses the subnets. Its error is that of a look-up.
func (o *ControllerNodesOptions) checkFacts(
	ctx *pulumi.Context, facts *ClusterFacts, p, at problems, opts []pulumi.ResourceOption,
) (pulumi.StringArrayInput, error) {
	at.notAttached("additionalPolicyArns", o.AdditionalPolicyArns, o.policies(facts.ipv6()))
	lookup, err := invokeOptions(opts)
	if err != nil {
		return nil, err
	}
	if o.SubnetIds != nil {
		return o.SubnetIds, o.checkPrivate(ctx, facts, at, lookup)
	}
	if _, err := elements(facts.SubnetIds); err != nil {
		at.Addf("subnetIds", notKnownYet)
		return nil, nil
	}
	subnets := clusterSubnets(facts, p, at)
	if len(subnets) == 0 {
		return nil, nil
	}
	private, err := privateSubnets(ctx, facts, subnets, at, "subnetIds", lookup)
	return pulumi.StringArray(private), err
}

// checkPrivate records public ones of the subnets that are named for Fargate, as far as they are known.
func (o *ControllerNodesOptions) checkPrivate(ctx *pulumi.Context, facts *ClusterFacts, at problems, lookup []pulumi.InvokeOption) error {
	subnets, all := plain(o.SubnetIds)
	vpc, vpcKnown := known(facts.VpcId)
	if !o.fargate() || !all || !vpcKnown {
		return nil
	}
	public, err := publicSubnets(ctx, vpc, lookup)
	if err != nil {
		return err
	}
	for i, subnet := range subnets {
		if public(subnet) {
			at.Addf(indexed("subnetIds", i), "%q is public, and Fargate takes private subnets only: name private ones", subnet)
		}
	}
	return nil
}
