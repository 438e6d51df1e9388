package components

import (
	"strings"
	"testing"
)

func TestInterruptionQueueRefuses(t *testing.T) {
	t.Parallel()
	with := func(options InterruptionQueueOptions) constructor {
		return of(NewInterruptionQueue, "queue", &InterruptionQueueArgs{ClusterName: "shop", Options: &options})
	}
	const own = " is AWS's own key, whose policy lets no EventBridge use it, so no event would arrive: " +
		"give a customer managed key, set createKmsKey, or leave both out for encryption by SQS"
	assertRefused(t, []refusal{
		{
			why: "a name longer than SQS takes", with: with(InterruptionQueueOptions{Name: new(strings.Repeat("q", 81))}),
			says: `queue: options.name: "` + strings.Repeat("q", 81) + `" is not valid: 1 to 80 letters, digits, hyphens and underscores`,
		},
		{
			why: "a FIFO queue, which EventBridge rules of Karpenter cannot feed", with: with(InterruptionQueueOptions{Name: new("events.fifo")}),
			says: `queue: options.name: "events.fifo" is not valid: 1 to 80 letters, digits, hyphens and underscores`,
		},
		{
			why: "retention of 5 seconds", with: with(InterruptionQueueOptions{MessageRetentionSeconds: new(5)}),
			says: "queue: options.messageRetentionSeconds: 5 is out of range: 60 to 1209600 seconds",
		},
		{
			why: "retention of more than 14 days", with: with(InterruptionQueueOptions{MessageRetentionSeconds: new(1209601)}),
			says: "queue: options.messageRetentionSeconds: 1209601 is out of range: 60 to 1209600 seconds",
		},
		{
			why: "a prefix that leaves no room for the rule", with: with(InterruptionQueueOptions{RuleNamePrefix: new(strings.Repeat("r", 29))}),
			says: `queue: options.ruleNamePrefix: "` + strings.Repeat("r", 29) + `" is not valid: 1 to 28 letters, digits and any of _.-, as a rule's name ends at 64`,
		},
		{
			why: "a name for an unknown rule", with: with(InterruptionQueueOptions{RuleNames: map[string]string{"Rebalance": "a"}}),
			says: `queue: options.ruleNames: "Rebalance" is not valid: one of InstanceStateChangeRule, RebalanceRule, ScheduledChangeRule, ` +
				"SpotInterruptionRule, CapacityReservationInterruptionRule",
		},
		{
			why: "a rule's name that EventBridge does not take", with: with(InterruptionQueueOptions{RuleNames: map[string]string{"RebalanceRule": "a b"}}),
			says: `queue: options.ruleNames.RebalanceRule: "a b" is not valid: 1 to 64 letters, digits and any of _.-`,
		},
		{
			why:  "a rule's name that another rule has by default, which EventBridge would silently take over",
			with: with(InterruptionQueueOptions{RuleNames: map[string]string{"RebalanceRule": "KarpenterSpotInterruptionRule-shop"}}),
			says: `queue: options.ruleNames: "KarpenterSpotInterruptionRule-shop" is the name of both RebalanceRule and SpotInterruptionRule: ` +
				"choose another for one of them",
		},
		{
			why: "AWS's own key by its alias", with: with(InterruptionQueueOptions{KmsKeyArn: given("alias/aws/sqs")}),
			says: `queue: options.kmsKeyArn: "alias/aws/sqs"` + own,
		},
		{
			why: "AWS's own key by its ARN", with: with(InterruptionQueueOptions{KmsKeyArn: given("arn:aws:kms:us-east-1:111122223333:alias/aws/sqs")}),
			says: `queue: options.kmsKeyArn: "arn:aws:kms:us-east-1:111122223333:alias/aws/sqs"` + own,
		},
		{
			why: "a key by its alias", with: with(InterruptionQueueOptions{KmsKeyArn: given("alias/events")}),
			says: `queue: options.kmsKeyArn: "alias/events" is not valid: the ARN of a KMS key (an alias will not do)`,
		},
		{
			why: "a key to be made that is given", with: with(InterruptionQueueOptions{KmsKeyArn: given(keyARN), CreateKmsKey: new(true)}),
			says: "queue: options.createKmsKey: a key is given in kmsKeyArn: leave out one of the two",
		},
		{
			why:  "a dead-letter queue's name that SQS does not take",
			with: with(InterruptionQueueOptions{DeadLetterQueue: new(true), DeadLetterQueueName: new("lost events")}),
			says: `queue: options.deadLetterQueueName: "lost events" is not valid: 1 to 80 letters, digits, hyphens and underscores`,
		},
		{
			why: "a name for a dead-letter queue that is not made", with: with(InterruptionQueueOptions{DeadLetterQueueName: new("lost")}),
			says: "queue: options.deadLetterQueueName: there is no such queue: set deadLetterQueue, or leave the name out",
		},
		{
			why:  "a dead-letter queue that is the queue itself",
			with: with(InterruptionQueueOptions{DeadLetterQueue: new(true), DeadLetterQueueName: new("events"), Name: new("events")}),
			says: `queue: options.deadLetterQueueName: "events" is the interruption queue itself: choose another name`,
		},
		{
			why:  "a dead-letter queue that has the default name of the queue itself",
			with: with(InterruptionQueueOptions{DeadLetterQueue: new(true), DeadLetterQueueName: new("shop")}),
			says: `queue: options.deadLetterQueueName: "shop" is the interruption queue itself: choose another name`,
		},
		{
			why: "retries that end before they begin", with: with(InterruptionQueueOptions{RetryPolicy: &EventRetryPolicy{
				MaximumEventAgeInSeconds: new(59), MaximumRetryAttempts: new(-1),
			}}),
			says: "queue: 2 problems:\n  - options.retryPolicy.maximumEventAgeInSeconds: 59 is out of range: 60 to 86400 seconds\n" +
				"  - options.retryPolicy.maximumRetryAttempts: -1 is out of range: 0 to 185 attempts",
		},
		{
			why: "retries that last longer than EventBridge's", with: with(InterruptionQueueOptions{RetryPolicy: &EventRetryPolicy{
				MaximumEventAgeInSeconds: new(86401), MaximumRetryAttempts: new(186),
			}}),
			says: "queue: 2 problems:\n  - options.retryPolicy.maximumEventAgeInSeconds: 86401 is out of range: 60 to 86400 seconds\n" +
				"  - options.retryPolicy.maximumRetryAttempts: 186 is out of range: 0 to 185 attempts",
		},
		{
			why: "a tag of AWS's in other letters", with: with(InterruptionQueueOptions{Tags: map[string]string{"AWS:x": "y"}}),
			says: `queue: options.tags: "AWS:x" is not valid: the prefix aws: is reserved by AWS`,
		},
	})
}
