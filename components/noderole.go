package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumix"

	"github.com/grafanix/eks-karpenter/internal/policy"
)

// NodeRole is the IAM role of the nodes that Karpenter launches, with its instance profile and, where the cluster takes
// one, the access entry by which the nodes join.
type NodeRole struct {
	pulumi.ResourceState

	// RoleName is the role's name, as an EC2NodeClass takes it.
	RoleName pulumi.StringOutput `pulumi:"roleName"`
	// RoleArn is the role's ARN.
	RoleArn pulumi.StringOutput `pulumi:"roleArn"`
	// InstanceProfileName is the name of the role's instance profile.
	InstanceProfileName pulumi.StringOutput `pulumi:"instanceProfileName"`
	// InstanceProfileArn is the ARN of the role's instance profile.
	InstanceProfileArn pulumi.StringOutput `pulumi:"instanceProfileArn"`
	// AccessEntryArn is the ARN of the nodes' access entry, "" where there is none.
	AccessEntryArn pulumi.StringOutput `pulumi:"accessEntryArn"`
	// AwsAuth is what to add under mapRoles of the ConfigMap kube-system/aws-auth so that the nodes can join, "" where
	// an access entry does it.
	AwsAuth pulumi.StringOutput `pulumi:"awsAuth"`

	// Role is the role itself, nil where one that exists is used.
	Role *iam.Role
}

// NewNodeRole makes the role of Karpenter's nodes. It returns an *InvalidArgsError, with nothing registered, where the
// args are wrong.
func NewNodeRole(ctx *pulumi.Context, name string, args *NodeRoleArgs, opts ...pulumi.ResourceOption) (*NodeRole, error) {
	args = orZero(args)
	facts, err := settle(ctx, name, args.ClusterName, args.Cluster, opts, args.check, args.checkFacts)
	if err != nil {
		return nil, err
	}
	return newNodeRole(ctx, name, args, facts, nil, opts)
}

// newNodeRole is NewNodeRole once the args are checked and the facts are known.
func newNodeRole(
	ctx *pulumi.Context, name string, args *NodeRoleArgs, facts *ClusterFacts, adopt *AdoptOptions, opts []pulumi.ResourceOption,
) (*NodeRole, error) {
	component := &NodeRole{}
	if err := register(ctx, "NodeRole", name, args, component, opts); err != nil {
		return nil, err
	}
	b := &nodeRoleBuilder{
		ctx: ctx, name: name, args: args, options: args.options(), adopt: orZero(adopt), facts: facts,
		scope: facts.scope(args.ClusterName), component: component, parent: pulumi.Parent(component),
	}
	if err := inOrder(b.role, b.instanceProfile, b.access); err != nil {
		return nil, err
	}
	return component, registerOutputs(ctx, component)
}

// nodeRoleBuilder carries what the steps of making one NodeRole share.
type nodeRoleBuilder struct {
	ctx       *pulumi.Context
	name      string
	args      *NodeRoleArgs
	options   *NodeRoleOptions
	adopt     *AdoptOptions
	facts     *ClusterFacts
	scope     pulumix.Output[policy.Cluster]
	component *NodeRole
	parent    pulumi.ResourceOption
	profile   *iam.InstanceProfile
}

// role makes the role with its policies, or takes the one that exists.
func (b *nodeRoleBuilder) role() error {
	if b.options.RoleArn != nil {
		b.component.RoleArn = stringOutput(text(b.options.RoleArn))
		b.component.RoleName = stringOutput(pulumix.ApplyErr(b.component.RoleArn, bareRoleName))
		return nil
	}
	name := pulumi.String(nameOr(b.options.Name, "KarpenterNodeRole-"+b.args.ClusterName, maxRoleName))
	role, err := iam.NewRole(b.ctx, b.name, &iam.RoleArgs{
		Name:                name,
		Description:         pulumi.String(or(b.options.Description, "Karpenter's nodes of EKS cluster "+b.args.ClusterName)),
		AssumeRolePolicy:    document(pulumix.Apply(b.scope, policy.NodeTrust), trustPolicy),
		PermissionsBoundary: b.options.PermissionsBoundary,
		Tags:                stringMap(b.options.Tags),
	}, b.parent, adopted(b.adopt.NodeRole, name))
	if err != nil {
		return fmt.Errorf("node role: %w", err)
	}
	b.component.Role, b.component.RoleName, b.component.RoleArn = role, role.Name, role.Arn
	return b.policies()
}

// nodePolicy is a managed policy of nodes: its name, and whose it is, AWS's or the account's.
type nodePolicy struct {
	name string
	arn  func(c policy.Cluster, name string) string
}

// policies are the managed policies that the options call for, in order. Source: "Amazon EKS node IAM role" and, for
// IPv6, which has no policy of AWS's, "Amazon EKS VPC CNI add-on", Amazon EKS User Guide.
func (o *NodeRoleOptions) policies(ipv6 bool) []nodePolicy {
	ofAWS, ofAccount := policy.Cluster.ManagedPolicyARN, policy.Cluster.AccountPolicyARN
	policies := []nodePolicy{{"AmazonEKSWorkerNodePolicy", ofAWS}, {"AmazonEC2ContainerRegistryPullOnly", ofAWS}}
	switch cni := or(o.CniPolicy, true); {
	case cni && ipv6:
		policies = append(policies, nodePolicy{"AmazonEKS_CNI_IPv6_Policy", ofAccount})
	case cni:
		policies = append(policies, nodePolicy{"AmazonEKS_CNI_Policy", ofAWS})
	}
	if or(o.SsmPolicy, true) {
		policies = append(policies, nodePolicy{"AmazonSSMManagedInstanceCore", ofAWS})
	}
	if or(o.CloudWatchPolicy, true) {
		policies = append(policies, nodePolicy{"CloudWatchAgentServerPolicy", ofAWS})
	}
	return policies
}

// policies attaches AWS's policies for nodes, then the user's.
func (b *nodeRoleBuilder) policies() error {
	_, err := attachPolicies(b.ctx, b.name, b.component.RoleName, b.scope, b.options.policies(b.facts.ipv6()), b.options.AdditionalPolicyArns, b.parent)
	return err
}

// attachPolicies attaches a component's own managed policies to its role, then those that the user adds. It gives the
// attachments for what must not be without them.
func attachPolicies(
	ctx *pulumi.Context, component string, role pulumi.StringInput, scope pulumix.Output[policy.Cluster],
	own []nodePolicy, added pulumi.StringArrayInput, parent pulumi.ResourceOption,
) ([]pulumi.Resource, error) {
	var attached []pulumi.Resource
	for _, one := range own {
		arn := pulumix.Apply(scope, func(c policy.Cluster) string { return one.arn(c, one.name) })
		made, err := attach(ctx, component+"-"+one.name, role, stringOutput(arn), parent)
		if err != nil {
			return nil, err
		}
		attached = append(attached, made)
	}
	others, err := attachAll(ctx, component, role, added, parent)
	return append(attached, others...), err
}

// instanceProfile makes the profile for EC2NodeClasses, or launches, that name one in place of the role.
func (b *nodeRoleBuilder) instanceProfile() error {
	name := pulumi.String(nameOr(b.options.InstanceProfileName, "KarpenterNodeInstanceProfile-"+b.args.ClusterName, maxInstanceProfileName))
	profile, err := iam.NewInstanceProfile(b.ctx, b.name, &iam.InstanceProfileArgs{
		Name: name,
		Role: b.component.RoleName,
		Tags: stringMap(b.options.Tags),
	}, b.parent, adopted(b.adopt.InstanceProfile, name))
	if err != nil {
		return fmt.Errorf("instance profile: %w", err)
	}
	b.profile = profile
	b.component.InstanceProfileName, b.component.InstanceProfileArn = profile.Name, profile.Arn
	return nil
}

// access lets the nodes join the cluster by an access entry, or else says what the aws-auth ConfigMap must hold.
func (b *nodeRoleBuilder) access() error {
	if !b.options.withAccessEntry(b.facts) {
		b.component.AccessEntryArn = pulumi.String("").ToStringOutput()
		b.component.AwsAuth = stringOutput(pulumix.Apply(b.component.RoleArn, awsAuth))
		return nil
	}
	entry, err := eks.NewAccessEntry(b.ctx, b.name, &eks.AccessEntryArgs{
		ClusterName:  b.facts.name(b.args.ClusterName),
		PrincipalArn: b.component.RoleArn,
		Type:         pulumi.String(or(b.options.AccessEntryType, "EC2_LINUX")),
		Tags:         stringMap(b.options.Tags),
	},
		b.parent,
		adopted(b.adopt.AccessEntry, pulumi.Sprintf("%s:%s", b.args.ClusterName, b.component.RoleArn)),
		pulumi.DeleteBeforeReplace(true),               // a role has one entry in a cluster, so its type changes only this way
		pulumi.DependsOn([]pulumi.Resource{b.profile})) // EKS refuses a role that IAM has not spread yet: give it time
	if err != nil {
		return fmt.Errorf("access entry: %w", err)
	}
	b.component.AccessEntryArn = entry.AccessEntryArn
	b.component.AwsAuth = pulumi.String("").ToStringOutput()
	return nil
}

// awsAuth is the entry of mapRoles for Linux nodes. Source: "Grant IAM users access to Kubernetes with a ConfigMap",
// Amazon EKS User Guide.
func awsAuth(roleARN string) string {
	return "- rolearn: " + roleARN + `
  username: system:node:{{EC2PrivateDNSName}}
  groups:
    - system:bootstrappers
    - system:nodes
`
}
