package components

import "testing"

func TestWhatInterruptionQueueOptionsChange(t *testing.T) {
	t.Parallel()
	with := func(options InterruptionQueueOptions) constructor {
		return of(NewInterruptionQueue, "queue", &InterruptionQueueArgs{ClusterName: "shop", Options: &options})
	}
	tags := map[string]string{"team": "shop"}
	assertChanges(t, "interruptionqueue", []change{
		{name: "name", why: "the queue alone is renamed, and all that refers to it follows", with: with(InterruptionQueueOptions{Name: new("shop-interruptions")})},
		{
			name: "messageRetentionSeconds", why: "messages are kept for an hour",
			with: with(InterruptionQueueOptions{MessageRetentionSeconds: new(3600)}),
		},
		{
			name: "ruleNamePrefix", why: "the rules are renamed, and the queue's policy lets in the new names alone",
			with: with(InterruptionQueueOptions{RuleNamePrefix: new("Shop")}),
		},
		{
			name: "ruleNames", why: "one rule is renamed, and the queue's policy and its key's let in the new name",
			with: with(InterruptionQueueOptions{RuleNames: map[string]string{"RebalanceRule": "rebalance"}, CreateKmsKey: new(true)}),
		},
		{name: "kmsKeyArn", why: "a given key replaces encryption by SQS", with: with(InterruptionQueueOptions{KmsKeyArn: given(keyARN)})},
		{
			name: "createKmsKey", why: "a new key lets EventBridge encrypt for these rules alone",
			with: with(InterruptionQueueOptions{CreateKmsKey: new(true)}),
		},
		{
			name: "deadLetterQueue", why: "a second queue is opened to the same rules, and every target names it",
			with: with(InterruptionQueueOptions{DeadLetterQueue: new(true)}),
		},
		{
			name: "deadLetterQueueName", why: "the second queue alone is named",
			with: with(InterruptionQueueOptions{DeadLetterQueue: new(true), DeadLetterQueueName: new("lost")}),
		},
		{
			name: "deadLetterQueue-of-a-named-queue", why: "the second queue is named after the first",
			with: with(InterruptionQueueOptions{DeadLetterQueue: new(true), Name: new("shop-interruptions")}),
		},
		{
			name: "retryPolicy", why: "every target retries alike",
			with: with(InterruptionQueueOptions{RetryPolicy: &EventRetryPolicy{MaximumEventAgeInSeconds: new(300), MaximumRetryAttempts: new(10)}}),
		},
		{
			name: "retryPolicy-never", why: "no retries is a number too",
			with: with(InterruptionQueueOptions{RetryPolicy: &EventRetryPolicy{MaximumRetryAttempts: new(0)}}),
		},
		{
			name: "actedOnEventsOnly", why: "two rules let through less, three have nothing to leave out",
			with: with(InterruptionQueueOptions{ActedOnEventsOnly: new(true)}),
		},
		{
			name: "tags", why: "queues, key and rules take tags; policies, targets and the alias do not",
			with: with(InterruptionQueueOptions{Tags: tags, CreateKmsKey: new(true), DeadLetterQueue: new(true)}),
		},
	})
}
