package components

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumix"

	"github.com/grafanix/eks-karpenter/internal/policy"
)

// InterruptionQueueArgs are the inputs of an InterruptionQueue.
type InterruptionQueueArgs struct {
	// ClusterName is the EKS cluster's name.
	ClusterName string `pulumi:"clusterName"`
	// Cluster holds the cluster's facts; looked up by name where left out.
	Cluster *ClusterFacts `pulumi:"cluster,optional"`
	// KarpenterVersion is the release of Karpenter that is to run, such as 1.8.6: its minor version chooses rules.
	// Of one that is not known, a warning says which known one is nearest. Default: 1.14.1, the newest known.
	KarpenterVersion *string `pulumi:"karpenterVersion,optional"`
	// Options shape the queue further.
	Options *InterruptionQueueOptions `pulumi:"options,optional"`
}

// InterruptionQueueOptions shape an InterruptionQueue. The zero value is Karpenter's documented queue: 300 seconds of
// retention, encrypted by SQS, fed by five rules.
type InterruptionQueueOptions struct {
	// Name is the queue's name, at most 80 characters. Default: the cluster's name.
	Name *string `pulumi:"name,optional"`
	// MessageRetentionSeconds is how long the queue keeps a message that nobody deletes, 60 to 1209600. Default: 300.
	MessageRetentionSeconds *int `pulumi:"messageRetentionSeconds,optional"`
	// RuleNamePrefix begins the names of the rules, <prefix><rule>-<cluster>, at most 28 characters. Default: Karpenter.
	// Rule names are shared by a whole account and region, and EventBridge silently takes over a rule that exists.
	RuleNamePrefix *string `pulumi:"ruleNamePrefix,optional"`
	// RuleNames are names for single rules, at most 64 characters, by Karpenter's names for them: InstanceStateChangeRule,
	// RebalanceRule, ScheduledChangeRule, SpotInterruptionRule or CapacityReservationInterruptionRule. They go before
	// ruleNamePrefix.
	RuleNames map[string]string `pulumi:"ruleNames,optional"`
	// KmsKeyArn is a customer managed KMS key to encrypt the queue under. Its own policy must let events.amazonaws.com
	// call kms:Decrypt and kms:GenerateDataKey, or no event arrives.
	KmsKeyArn pulumi.StringPtrInput `pulumi:"kmsKeyArn,optional"`
	// CreateKmsKey makes a customer managed KMS key, with rotation and a policy that lets EventBridge use it for these
	// rules, and encrypts the queue under it. Default: false, encryption by SQS.
	CreateKmsKey *bool `pulumi:"createKmsKey,optional"`
	// DeadLetterQueue makes a second queue that keeps, for 14 days, the events that EventBridge could not deliver.
	// Default: false.
	DeadLetterQueue *bool `pulumi:"deadLetterQueue,optional"`
	// DeadLetterQueueName is the second queue's name. Default: <queue>-dead-letter.
	DeadLetterQueueName *string `pulumi:"deadLetterQueueName,optional"`
	// RetryPolicy is how EventBridge retries a delivery that fails. Default: EventBridge's own, 24 hours and 185 times.
	RetryPolicy *EventRetryPolicy `pulumi:"retryPolicy,optional"`
	// ActedOnEventsOnly keeps out of the queue the events that Karpenter would read and drop: instance states other than
	// stopping, stopped, shutting-down and terminated, and health events other than scheduled changes of EC2.
	// Default: false, as in Karpenter's own template.
	ActedOnEventsOnly *bool `pulumi:"actedOnEventsOnly,optional"`
	// Tags are put on every resource that takes tags.
	Tags map[string]string `pulumi:"tags,optional"`
}

// EventRetryPolicy is how EventBridge retries a delivery. Source: RetryPolicy, EventBridge API Reference.
type EventRetryPolicy struct {
	// MaximumEventAgeInSeconds is how long an event is retried, 60 to 86400. Default: 86400.
	MaximumEventAgeInSeconds *int `pulumi:"maximumEventAgeInSeconds,optional"`
	// MaximumRetryAttempts is how often, 0 to 185. Default: 185.
	MaximumRetryAttempts *int `pulumi:"maximumRetryAttempts,optional"`
}

const (
	defaultRetentionSeconds    = 300
	deadLetterRetentionSeconds = 14 * 24 * 60 * 60 // SQS keeps no message longer

	// targetID is the queue's in a rule, as in Karpenter's own template.
	targetID = "KarpenterInterruptionQueueTarget"
)

// InterruptionQueue is the SQS queue in which Karpenter's controller learns that nodes will be interrupted, with the
// EventBridge rules that feed it and a policy that lets nothing else in.
type InterruptionQueue struct {
	pulumi.ResourceState

	// QueueName is the queue's name, as the Karpenter chart takes it.
	QueueName pulumi.StringOutput `pulumi:"queueName"`
	// QueueArn is the queue's ARN.
	QueueArn pulumi.StringOutput `pulumi:"queueArn"`
	// QueueUrl is the queue's URL.
	QueueUrl pulumi.StringOutput `pulumi:"queueUrl"`
	// RuleArns are the ARNs of the rules, by Karpenter's names for them, such as SpotInterruptionRule.
	RuleArns pulumi.StringMapOutput `pulumi:"ruleArns"`
	// KmsKeyArn is the customer managed KMS key that the queue is encrypted under, "" where there is none.
	KmsKeyArn pulumi.StringOutput `pulumi:"kmsKeyArn"`
	// DeadLetterQueueArn is the ARN of the queue of undeliverable events, "" where there is none.
	DeadLetterQueueArn pulumi.StringOutput `pulumi:"deadLetterQueueArn"`

	// Queue is the queue itself.
	Queue *sqs.Queue
}

func (a *InterruptionQueueArgs) options() *InterruptionQueueOptions { return orZero(a.Options) }

func (a *InterruptionQueueArgs) check(p problems) {
	checkCluster(p, a.ClusterName, a.Cluster)
	p.version("karpenterVersion", a.KarpenterVersion)
	a.options().check(p.in("options"), a.ClusterName)
}

func (o *InterruptionQueueOptions) check(p problems, clusterName string) {
	p.Matches("name", o.Name, queueNameForm)
	p.Between("messageRetentionSeconds", o.MessageRetentionSeconds, 60, 1209600, "seconds")
	p.Matches("ruleNamePrefix", o.RuleNamePrefix, rulePrefixForm)
	p.names("ruleNames", o.RuleNames, ruleKeys(policy.Newest), ruleNameForm, func(rule string) string { return o.ruleName(rule, clusterName) })
	o.checkKey(p)
	p.Matches("deadLetterQueueName", o.DeadLetterQueueName, queueNameForm)
	if o.DeadLetterQueueName != nil && !or(o.DeadLetterQueue, false) {
		p.Addf("deadLetterQueueName", "there is no such queue: set deadLetterQueue, or leave the name out")
	}
	if name := o.queueName(clusterName); o.DeadLetterQueueName != nil && *o.DeadLetterQueueName == name {
		p.Addf("deadLetterQueueName", "%q is the interruption queue itself: choose another name", name)
	}
	if retry := o.RetryPolicy; retry != nil {
		p.in("retryPolicy").Between("maximumEventAgeInSeconds", retry.MaximumEventAgeInSeconds, 60, 86400, "seconds")
		p.in("retryPolicy").Between("maximumRetryAttempts", retry.MaximumRetryAttempts, 0, 185, "attempts")
	}
	p.tags("tags", o.Tags)
}

// queueName is the physical name of the interruption queue.
func (o *InterruptionQueueOptions) queueName(clusterName string) string {
	return nameOr(o.Name, clusterName, maxQueueName)
}

// ruleName is the physical name of a rule.
func (o *InterruptionQueueOptions) ruleName(rule, clusterName string) string {
	if name, chosen := o.RuleNames[rule]; chosen {
		return name
	}
	return fit(or(o.RuleNamePrefix, "Karpenter")+rule+"-"+clusterName, maxRuleName)
}

// encryptedByKey tells whether the queue is encrypted under a customer managed key.
func (o *InterruptionQueueOptions) encryptedByKey() bool {
	return o.KmsKeyArn != nil || or(o.CreateKmsKey, false)
}

func (o *InterruptionQueueOptions) checkKey(p problems) {
	if o.KmsKeyArn != nil && or(o.CreateKmsKey, false) {
		p.Addf("createKmsKey", "a key is given in kmsKeyArn: leave out one of the two")
	}
	if key, ok := known(o.KmsKeyArn); ok && strings.HasSuffix(key, "alias/aws/sqs") {
		p.Addf("kmsKeyArn", "%q is AWS's own key, whose policy lets no EventBridge use it, so no event would arrive: "+
			"give a customer managed key, set createKmsKey, or leave both out for encryption by SQS", key)
		return
	}
	p.MatchesKnown("kmsKeyArn", o.KmsKeyArn, keyARNForm)
}

// NewInterruptionQueue makes the queue and its rules. It returns an *InvalidArgsError, with nothing registered, where
// the args are wrong.
func NewInterruptionQueue(
	ctx *pulumi.Context, name string, args *InterruptionQueueArgs, opts ...pulumi.ResourceOption,
) (*InterruptionQueue, error) {
	args = orZero(args)
	facts, err := settle(ctx, name, args.ClusterName, args.Cluster, opts, args.check, noMoreChecks)
	if err != nil {
		return nil, err
	}
	if err := warnOfVersion(ctx, name, args.KarpenterVersion); err != nil {
		return nil, err
	}
	return newInterruptionQueue(ctx, name, args, facts, nil, opts)
}

// newInterruptionQueue is NewInterruptionQueue once the args are checked and the facts are known.
func newInterruptionQueue(
	ctx *pulumi.Context, name string, args *InterruptionQueueArgs, facts *ClusterFacts, adopt *AdoptOptions, opts []pulumi.ResourceOption,
) (*InterruptionQueue, error) {
	component := &InterruptionQueue{}
	if err := register(ctx, "InterruptionQueue", name, args, component, opts); err != nil {
		return nil, err
	}
	b := &queueBuilder{
		ctx: ctx, name: name, args: args, options: args.options(), adopt: orZero(adopt), scope: facts.scope(args.ClusterName),
		component: component, parent: pulumi.Parent(component),
		rules: policy.Rules(versionOf(args.KarpenterVersion), or(args.options().ActedOnEventsOnly, false)),
	}
	if err := inOrder(b.key, b.queue, b.deadLetterQueue, b.eventRules); err != nil {
		return nil, err
	}
	return component, registerOutputs(ctx, component)
}

// queueBuilder carries what the steps of making one InterruptionQueue share.
type queueBuilder struct {
	ctx       *pulumi.Context
	name      string
	args      *InterruptionQueueArgs
	options   *InterruptionQueueOptions
	adopt     *AdoptOptions
	scope     pulumix.Output[policy.Cluster]
	rules     []policy.Rule
	component *InterruptionQueue
	parent    pulumi.ResourceOption
	opened    []pulumi.Resource // the policies without which EventBridge cannot deliver
}

// ruleNames are the physical names of the rules.
func (b *queueBuilder) ruleNames() []string {
	names := make([]string, len(b.rules))
	for i, rule := range b.rules {
		names[i] = b.options.ruleName(rule.Name, b.args.ClusterName)
	}
	return names
}

// key finds or makes the customer managed key, where the queue is to have one.
func (b *queueBuilder) key() error {
	if !or(b.options.CreateKmsKey, false) {
		b.component.KmsKeyArn = stringOutput(text(b.options.KmsKeyArn))
		return nil
	}
	key, err := kms.NewKey(b.ctx, b.name, &kms.KeyArgs{
		Description:       pulumi.String("Karpenter's interruption queue on EKS cluster " + b.args.ClusterName),
		EnableKeyRotation: pulumi.Bool(true),
		Policy: stringOutput(pulumix.Apply(b.scope, func(c policy.Cluster) string {
			return policy.QueueKeyPolicy(c, b.ruleNames()).JSON()
		})),
		Tags: stringMap(b.options.Tags),
	}, b.parent)
	if err != nil {
		return fmt.Errorf("KMS key: %w", err)
	}
	_, err = kms.NewAlias(b.ctx, b.name, &kms.AliasArgs{
		Name:        pulumi.String(fit("alias/KarpenterInterruptionQueue-"+b.args.ClusterName, maxAliasName)),
		TargetKeyId: key.KeyId,
	}, b.parent)
	if err != nil {
		return fmt.Errorf("KMS alias: %w", err)
	}
	b.component.KmsKeyArn = key.Arn
	return nil
}

// queue makes the queue that Karpenter reads.
func (b *queueBuilder) queue() error {
	retention := or(b.options.MessageRetentionSeconds, defaultRetentionSeconds)
	queue, err := b.encryptedQueue("", b.options.queueName(b.args.ClusterName), retention, b.adopt.InterruptionQueue)
	if err != nil {
		return fmt.Errorf("interruption queue: %w", err)
	}
	b.component.Queue = queue
	b.component.QueueName, b.component.QueueArn, b.component.QueueUrl = queue.Name, queue.Arn, queue.Url
	return nil
}

// deadLetterQueue makes the queue of undeliverable events, where there is to be one.
func (b *queueBuilder) deadLetterQueue() error {
	b.component.DeadLetterQueueArn = pulumi.String("").ToStringOutput()
	if !or(b.options.DeadLetterQueue, false) {
		return nil
	}
	byDefault := or(b.options.Name, b.args.ClusterName) + "-dead-letter"
	queue, err := b.encryptedQueue("-dead-letter", nameOr(b.options.DeadLetterQueueName, byDefault, maxQueueName), deadLetterRetentionSeconds, nil)
	if err != nil {
		return fmt.Errorf("dead-letter queue: %w", err)
	}
	b.component.DeadLetterQueueArn = queue.Arn
	return nil
}

// encryptedQueue makes a queue that only EventBridge, for these rules, may send to.
func (b *queueBuilder) encryptedQueue(suffix, physical string, retention int, adopt *bool) (*sqs.Queue, error) {
	args := &sqs.QueueArgs{
		Name:                    pulumi.String(physical),
		MessageRetentionSeconds: pulumi.Int(retention),
		Tags:                    stringMap(b.options.Tags),
	}
	if b.options.encryptedByKey() {
		args.KmsMasterKeyId = b.component.KmsKeyArn
	} else {
		args.SqsManagedSseEnabled = pulumi.Bool(true)
	}
	url := stringOutput(pulumix.Apply(b.scope, func(c policy.Cluster) string { return c.QueueURL(c.QueueARN(physical)) }))
	queue, err := sqs.NewQueue(b.ctx, b.name+suffix, args, b.parent, adopted(adopt, url))
	if err != nil {
		return nil, err
	}
	opened, err := sqs.NewQueuePolicy(b.ctx, b.name+suffix, &sqs.QueuePolicyArgs{
		QueueUrl: queue.Url,
		Policy: stringOutput(pulumix.Apply2(b.scope, queue.Arn, func(c policy.Cluster, arn string) string {
			return policy.QueuePolicy(c, arn, b.ruleNames()).JSON()
		})),
	}, b.parent, adopted(adopt, url))
	if err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	b.opened = append(b.opened, opened)
	return queue, nil
}

// eventRules makes the rules with their targets. The targets wait for the queues' policies, so that no event is lost
// between the two.
func (b *queueBuilder) eventRules() error {
	arns := pulumi.StringMap{}
	for _, rule := range b.rules {
		name := b.options.ruleName(rule.Name, b.args.ClusterName)
		exists := new(slices.Contains(b.adopt.Rules, rule.Name))
		made, err := cloudwatch.NewEventRule(b.ctx, b.name+"-"+rule.Name, &cloudwatch.EventRuleArgs{
			Name:         pulumi.String(name),
			Description:  pulumi.String(rule.Description + " For Karpenter on EKS cluster " + b.args.ClusterName + "."),
			EventPattern: pulumi.String(rule.Pattern.JSON()),
			State:        pulumi.String("ENABLED"), // said aloud, so that a rule which somebody disables is enabled again
			Tags:         stringMap(b.options.Tags),
		}, b.parent, adopted(exists, pulumi.String(name)))
		if err != nil {
			return fmt.Errorf("%s: %w", rule.Name, err)
		}
		_, err = cloudwatch.NewEventTarget(b.ctx, b.name+"-"+rule.Name, b.target(made),
			b.parent, pulumi.DependsOn(b.opened), adopted(exists, pulumi.String(name+"/"+targetID)))
		if err != nil {
			return fmt.Errorf("target of %s: %w", rule.Name, err)
		}
		arns[rule.Name] = made.Arn
	}
	b.component.RuleArns = arns.ToStringMapOutput()
	return nil
}

func (b *queueBuilder) target(rule *cloudwatch.EventRule) *cloudwatch.EventTargetArgs {
	args := &cloudwatch.EventTargetArgs{
		Rule:     rule.Name,
		TargetId: pulumi.String(targetID),
		Arn:      b.component.QueueArn,
	}
	if or(b.options.DeadLetterQueue, false) {
		args.DeadLetterConfig = &cloudwatch.EventTargetDeadLetterConfigArgs{Arn: b.component.DeadLetterQueueArn}
	}
	if retry := b.options.RetryPolicy; retry != nil {
		args.RetryPolicy = &cloudwatch.EventTargetRetryPolicyArgs{
			MaximumEventAgeInSeconds: pulumi.IntPtrFromPtr(retry.MaximumEventAgeInSeconds),
			MaximumRetryAttempts:     pulumi.IntPtrFromPtr(retry.MaximumRetryAttempts),
		}
	}
	return args
}
