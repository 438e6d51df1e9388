package components

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumix"

	"github.com/grafanix/eks-karpenter/internal/policy"
)

// KarpenterArgs are the inputs of Karpenter. Only ClusterName is required.
type KarpenterArgs struct {
	// ClusterName is the EKS cluster's name.
	ClusterName string `pulumi:"clusterName"`
	// Cluster holds the cluster's facts; looked up by name, once, where left out.
	Cluster *ClusterFacts `pulumi:"cluster,optional"`
	// KarpenterVersion is the release of Karpenter that is to run, such as 1.8.6: its minor version chooses permissions and rules.
	// Of one that is not known, a warning says which known one is nearest. Default: 1.14.1, the newest known.
	KarpenterVersion *string `pulumi:"karpenterVersion,optional"`
	// EnableZonalShift has Karpenter launch nothing in zones that are shifted away. It needs Karpenter 1.12 and a cluster that
	// is enabled for zonal shift. Default: false.
	EnableZonalShift *bool `pulumi:"enableZonalShift,optional"`
	// IsolatedVpc is for a VPC from which only VPC endpoints lead out: the chart is told so, and NodeClass names the instance
	// profile made here, since Karpenter cannot reach IAM to make one. The output vpcEndpoints lists what is needed.
	// Default: false.
	IsolatedVpc *bool `pulumi:"isolatedVpc,optional"`
	// ControllerRole shapes the role of Karpenter's controller.
	ControllerRole *ControllerRoleOptions `pulumi:"controllerRole,optional"`
	// ControllerRoleArn is a role that exists, to be used in place of a new one.
	ControllerRoleArn pulumi.StringPtrInput `pulumi:"controllerRoleArn,optional"`
	// SkipControllerRole leaves the controller's role out. Default: false.
	SkipControllerRole *bool `pulumi:"skipControllerRole,optional"`
	// NodeRole shapes the role of Karpenter's nodes, or names one that exists.
	NodeRole *NodeRoleOptions `pulumi:"nodeRole,optional"`
	// SkipNodeRole leaves the nodes' role out; controllerRole.additionalNodeRoleArns then names the nodes' roles.
	// Default: false.
	SkipNodeRole *bool `pulumi:"skipNodeRole,optional"`
	// InterruptionQueue shapes the interruption queue.
	InterruptionQueue *InterruptionQueueOptions `pulumi:"interruptionQueue,optional"`
	// InterruptionQueueArn is a queue that exists, to be used in place of a new one.
	InterruptionQueueArn pulumi.StringPtrInput `pulumi:"interruptionQueueArn,optional"`
	// InterruptionQueueKmsKeyArn is the customer managed KMS key of the queue that exists, if it has one.
	InterruptionQueueKmsKeyArn pulumi.StringPtrInput `pulumi:"interruptionQueueKmsKeyArn,optional"`
	// SkipInterruptionQueue leaves the interruption queue out: Karpenter then learns of no interruption. Default: false.
	SkipInterruptionQueue *bool `pulumi:"skipInterruptionQueue,optional"`
	// ClusterTags chooses which of the cluster's resources are tagged.
	ClusterTags *ClusterTagsOptions `pulumi:"clusterTags,optional"`
	// SkipClusterTags leaves the tags of the cluster's resources as they are, unchecked. Default: false.
	SkipClusterTags *bool `pulumi:"skipClusterTags,optional"`
	// CreateControllerNodes makes nodes for Karpenter's controller, which cannot run on nodes of its own. Default: false, the
	// cluster has some.
	CreateControllerNodes *bool `pulumi:"createControllerNodes,optional"`
	// ControllerNodes shapes the nodes of Karpenter's controller.
	ControllerNodes *ControllerNodesOptions `pulumi:"controllerNodes,optional"`
	// CreateSpotServiceLinkedRole makes the account's service-linked role for spot instances where it has none, and takes over
	// the one it has. It stays when the stack goes. Default: false.
	CreateSpotServiceLinkedRole *bool `pulumi:"createSpotServiceLinkedRole,optional"`
	// Adopt lists what exists and is to be taken over in place, such as what Terraform or CloudFormation made.
	Adopt *AdoptOptions `pulumi:"adopt,optional"`
	// Tags are put on every resource made here that takes tags; the tags of a part go before them. The cluster's own
	// subnets and security groups do not get them.
	Tags map[string]string `pulumi:"tags,optional"`
}

// Karpenter is the AWS side of Karpenter on one EKS cluster: the controller's role, the nodes' role, the interruption
// queue and the cluster's tags, wired together.
type Karpenter struct {
	pulumi.ResourceState

	// ClusterName is the EKS cluster's name.
	ClusterName pulumi.StringOutput `pulumi:"clusterName"`
	// KarpenterVersion is the release of Karpenter that all is made for, as the chart's version.
	KarpenterVersion pulumi.StringOutput `pulumi:"karpenterVersion"`
	// ControllerRoleName is the name of the controller's role, "" where there is none.
	ControllerRoleName pulumi.StringOutput `pulumi:"controllerRoleName"`
	// ControllerRoleArn is the ARN of the controller's role, "" where there is none.
	ControllerRoleArn pulumi.StringOutput `pulumi:"controllerRoleArn"`
	// NodeRoleName is the name of the nodes' role, as an EC2NodeClass takes it, "" where there is none.
	NodeRoleName pulumi.StringOutput `pulumi:"nodeRoleName"`
	// NodeRoleArn is the ARN of the nodes' role, "" where there is none.
	NodeRoleArn pulumi.StringOutput `pulumi:"nodeRoleArn"`
	// InstanceProfileName is the name of the nodes' instance profile, "" where there is none.
	InstanceProfileName pulumi.StringOutput `pulumi:"instanceProfileName"`
	// AwsAuth is what to add under mapRoles of the ConfigMap kube-system/aws-auth, "" where nothing is to be added.
	AwsAuth pulumi.StringOutput `pulumi:"awsAuth"`
	// QueueName is the name of the interruption queue, "" where there is none.
	QueueName pulumi.StringOutput `pulumi:"queueName"`
	// QueueArn is the ARN of the interruption queue, "" where there is none.
	QueueArn pulumi.StringOutput `pulumi:"queueArn"`
	// QueueUrl is the URL of the interruption queue, "" where there is none.
	QueueUrl pulumi.StringOutput `pulumi:"queueUrl"`
	// RuleArns are the ARNs of the rules that feed the queue, by Karpenter's names for them.
	RuleArns pulumi.StringMapOutput `pulumi:"ruleArns"`
	// VpcEndpoints are the services that an isolated VPC needs endpoints of, as their endpoints' names end; empty without
	// isolatedVpc.
	VpcEndpoints pulumi.StringArrayOutput `pulumi:"vpcEndpoints"`
	// HelmValues are the values that Karpenter's chart needs.
	HelmValues pulumi.MapOutput `pulumi:"helmValues"`
	// NodeClass is an EC2NodeClass to start from, a Kubernetes object; empty where no node role is known.
	NodeClass pulumi.MapOutput `pulumi:"nodeClass"`
	// NodePool is a NodePool to start from, a Kubernetes object that uses NodeClass.
	NodePool pulumi.MapOutput `pulumi:"nodePool"`

	// The parts, nil where one is left out or replaced by what exists.
	ControllerRole    *ControllerRole
	NodeRole          *NodeRole
	InterruptionQueue *InterruptionQueue
	ClusterTags       *ClusterTags
	ControllerNodes   *ControllerNodes
	SpotRole          *SpotRole
}

// NewKarpenter makes the AWS side of Karpenter on one EKS cluster. It returns an *InvalidArgsError that lists every
// problem by property, with nothing registered, where the args are wrong.
func NewKarpenter(ctx *pulumi.Context, name string, args *KarpenterArgs, opts ...pulumi.ResourceOption) (*Karpenter, error) {
	args = orZero(args)
	var chosen choices
	choose := func(p problems, facts *ClusterFacts) (err error) {
		chosen, err = args.checkFacts(ctx, p, facts, opts)
		return err
	}
	facts, err := settle(ctx, name, args.ClusterName, args.Cluster, opts, args.check, choose)
	if err != nil {
		return nil, err
	}

	if err := warnOfVersion(ctx, name, args.KarpenterVersion); err != nil {
		return nil, err
	}

	component := &Karpenter{}
	if err := register(ctx, "Karpenter", name, args, component, opts); err != nil {
		return nil, err
	}
	b := &karpenterBuilder{
		ctx: ctx, name: name, args: args, facts: facts, chosen: chosen,
		scope: facts.scope(args.ClusterName), component: component, parent: []pulumi.ResourceOption{pulumi.Parent(component)},
	}
	if err := inOrder(b.interruptionQueue, b.nodeRole, b.controllerRole, b.clusterTags, b.controllerNodes, b.spotRole); err != nil {
		return nil, err
	}
	component.ClusterName = pulumi.String(args.ClusterName).ToStringOutput()
	component.KarpenterVersion = pulumi.String(or(args.KarpenterVersion, DefaultKarpenterVersion)).ToStringOutput()
	b.manifests()
	return component, registerOutputs(ctx, component)
}

// karpenterBuilder carries what the steps of making one Karpenter share.
type karpenterBuilder struct {
	ctx       *pulumi.Context
	name      string
	args      *KarpenterArgs
	facts     *ClusterFacts
	chosen    choices
	scope     pulumix.Output[policy.Cluster]
	component *Karpenter
	parent    []pulumi.ResourceOption

	queueKey     pulumi.StringPtrInput
	nodeRoleARNs pulumi.StringArray
}

// interruptionQueue makes the queue, takes the one that exists, or does without.
func (b *karpenterBuilder) interruptionQueue() error {
	c := b.component
	none := pulumi.String("").ToStringOutput()
	c.QueueName, c.QueueArn, c.QueueUrl, c.RuleArns = none, none, none, pulumi.StringMap{}.ToStringMapOutput()
	switch {
	case b.args.InterruptionQueueArn != nil:
		arn := text(b.args.InterruptionQueueArn)
		c.QueueArn = stringOutput(arn)
		c.QueueName = stringOutput(pulumix.Apply(arn, policy.QueueName))
		c.QueueUrl = stringOutput(pulumix.Apply2(b.scope, arn, policy.Cluster.QueueURL))
		b.queueKey = b.args.InterruptionQueueKmsKeyArn
		return nil
	case or(b.args.SkipInterruptionQueue, false):
		return nil
	}
	options := *orZero(b.args.InterruptionQueue)
	options.Tags = merged(b.args.Tags, options.Tags)
	queue, err := newInterruptionQueue(b.ctx, b.name+"-interruption-queue", &InterruptionQueueArgs{
		ClusterName: b.args.ClusterName, Cluster: b.facts, KarpenterVersion: b.args.KarpenterVersion, Options: &options,
	}, b.facts, b.args.Adopt, b.parent)
	if err != nil {
		return err
	}
	c.InterruptionQueue = queue
	c.QueueName, c.QueueArn, c.QueueUrl, c.RuleArns = queue.QueueName, queue.QueueArn, queue.QueueUrl, queue.RuleArns
	if options.encryptedByKey() {
		b.queueKey = queue.KmsKeyArn.ToStringPtrOutput()
	}
	return nil
}

// nodeRole makes the nodes' role, or does without.
func (b *karpenterBuilder) nodeRole() error {
	c := b.component
	none := pulumi.String("").ToStringOutput()
	c.NodeRoleName, c.NodeRoleArn, c.InstanceProfileName, c.AwsAuth = none, none, none, none
	if or(b.args.SkipNodeRole, false) {
		if others, err := elements(orZero(b.args.ControllerRole).AdditionalNodeRoleArns); err == nil && len(others) > 0 {
			c.NodeRoleArn = flat(others[0])
			c.NodeRoleName = stringOutput(pulumix.ApplyErr(c.NodeRoleArn, bareRoleName))
		}
		return nil
	}
	options := *orZero(b.args.NodeRole)
	options.Tags = merged(b.args.Tags, options.Tags)
	role, err := newNodeRole(b.ctx, b.name+"-node-role", &NodeRoleArgs{
		ClusterName: b.args.ClusterName, Cluster: b.facts, Options: &options,
	}, b.facts, b.args.Adopt, b.parent)
	if err != nil {
		return err
	}
	c.NodeRole = role
	c.NodeRoleName, c.NodeRoleArn, c.InstanceProfileName, c.AwsAuth = role.RoleName, role.RoleArn, role.InstanceProfileName, role.AwsAuth
	b.nodeRoleARNs = pulumi.StringArray{role.RoleArn}
	return nil
}

// controllerRole makes the controller's role, takes the one that exists, or does without.
func (b *karpenterBuilder) controllerRole() error {
	c := b.component
	c.ControllerRoleName = pulumi.String("").ToStringOutput()
	c.ControllerRoleArn = stringOutput(text(b.args.ControllerRoleArn))
	switch {
	case b.args.ControllerRoleArn != nil:
		c.ControllerRoleName = stringOutput(pulumix.Apply(c.ControllerRoleArn, policy.RoleName))
		return nil
	case or(b.args.SkipControllerRole, false):
		return nil
	}
	options := *orZero(b.args.ControllerRole)
	options.Tags = merged(b.args.Tags, options.Tags)
	args := &ControllerRoleArgs{
		ClusterName: b.args.ClusterName, Cluster: b.facts, KarpenterVersion: b.args.KarpenterVersion, Options: &options,
		NodeRoleArns: b.nodeRoleARNs, QueueKmsKeyArn: b.queueKey,
	}
	if b.args.withQueue() {
		args.QueueArn = c.QueueArn.ToStringPtrOutput()
	}
	role, err := newControllerRole(b.ctx, b.name+"-controller-role", args, b.facts, b.args.Adopt, b.parent)
	if err != nil {
		return err
	}
	c.ControllerRole, c.ControllerRoleName, c.ControllerRoleArn = role, role.RoleName, role.RoleArn
	return nil
}

// clusterTags tags the cluster's resources, or leaves them.
func (b *karpenterBuilder) clusterTags() error {
	if or(b.args.SkipClusterTags, false) {
		return nil
	}
	tags, err := newClusterTags(b.ctx, b.name+"-cluster-tags", &ClusterTagsArgs{
		ClusterName: b.args.ClusterName, Cluster: b.facts, Options: b.args.ClusterTags,
	}, b.chosen.tagged, b.parent)
	if err != nil {
		return err
	}
	b.component.ClusterTags = tags
	return nil
}

// controllerNodes makes the nodes of Karpenter's controller, where there are to be some.
func (b *karpenterBuilder) controllerNodes() (err error) {
	if !or(b.args.CreateControllerNodes, false) {
		return nil
	}
	options := *orZero(b.args.ControllerNodes)
	options.Tags = merged(b.args.Tags, options.Tags)
	b.component.ControllerNodes, err = newControllerNodes(b.ctx, b.name+"-controller-nodes", &ControllerNodesArgs{
		ClusterName: b.args.ClusterName, Cluster: b.facts, Namespace: orZero(b.args.ControllerRole).Namespace, Options: &options,
	}, b.facts, b.chosen.subnets, b.parent)
	return err
}

// spotRole makes or takes over the account's service-linked role for spot instances, where it is wanted.
func (b *karpenterBuilder) spotRole() (err error) {
	if !or(b.args.CreateSpotServiceLinkedRole, false) {
		return nil
	}
	b.component.SpotRole, err = newSpotRole(b.ctx, b.name+"-spot-role", &SpotRoleArgs{}, b.chosen.spotRole, b.parent)
	return err
}
