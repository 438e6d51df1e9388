package provider

import (
	"fmt"
	"maps"
	"regexp"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

var queueType = resourceType{
	token: "aws:sqs/queue:Queue",
	noun:  "SQS Queue",
	properties: tagged.with(schema{
		"arn":                          {kind: text, mode: computed},
		"contentBasedDeduplication":    {kind: flag, otherwise: false},
		"deduplicationScope":           {kind: text, mode: optionalComputed, checks: []check{oneOf("messageGroup", "queue")}},
		"delaySeconds":                 {kind: number, otherwise: 0, checks: []check{between(0, 900)}},
		"fifoQueue":                    {kind: flag, otherwise: false, replace: true},
		"fifoThroughputLimit":          {kind: text, mode: optionalComputed, checks: []check{oneOf("perQueue", "perMessageGroupId")}},
		"kmsDataKeyReusePeriodSeconds": {kind: number, mode: optionalComputed, checks: []check{between(60, 86400)}},
		"kmsMasterKeyId":               {kind: text, conflicts: []string{"sqsManagedSseEnabled"}},
		"maxMessageSize":               {kind: number, otherwise: 262144, checks: []check{between(1024, 262144)}},
		"messageRetentionSeconds":      {kind: number, otherwise: 345600, checks: []check{between(60, 1209600)}},
		"name":                         {kind: text, mode: optionalComputed, replace: true, autoname: 80, conflicts: []string{"namePrefix"}},
		"namePrefix":                   {kind: text, mode: optionalComputed, replace: true, unmodelled: true},
		"policy":                       {kind: text, mode: optionalComputed, document: policyJSON, checks: []check{isJSON}},
		"receiveWaitTimeSeconds":       {kind: number, otherwise: 0, checks: []check{between(0, 20)}},
		"redriveAllowPolicy":           {kind: text, mode: optionalComputed, imported: true, document: plainJSON, checks: []check{isJSON}},
		"redrivePolicy":                {kind: text, mode: optionalComputed, imported: true, document: plainJSON, checks: []check{isJSON}},
		"sqsManagedSseEnabled":         {kind: flag, mode: optionalComputed, imported: true, conflicts: []string{"kmsMasterKeyId"}},
		"url":                          {kind: text, mode: computed},
		"visibilityTimeoutSeconds":     {kind: number, otherwise: 30, checks: []check{between(0, 43200)}},
	}),
	plan: planQueue,
	affixes: func(in values) (string, string) {
		if in.flag("fifoQueue") {
			return "", ".fifo"
		}
		return "", ""
	},
	creating: func(in values) string { return fmt.Sprintf("creating SQS Queue (%s)", in.text("name")) },
	create: func(c *cloud.Client, in values) (string, error) {
		return emptyOn(c.CreateQueue(queue(in)))
	},
	read:   readQueue,
	update: updateQueue,
	remove: func(c *cloud.Client, id string, _ values) error { return c.DeleteQueue(id) },
}

var (
	plainQueueName = regexp.MustCompile(`^[0-9A-Za-z_-]{1,80}$`)
	fifoQueueName  = regexp.MustCompile(`^[0-9A-Za-z_-]{1,75}\.fifo$`)
)

func planQueue(in values, _ func(string) bool) []problem {
	var problems []problem
	name, wanted := in.text("name"), plainQueueName
	if in.flag("fifoQueue") {
		wanted = fifoQueueName
	}
	if _, given := in["name"]; given && !wanted.MatchString(name) {
		problems = append(problems, problem{property: "name", reason: "invalid queue name: " + name})
	}
	if in.flag("contentBasedDeduplication") && !in.flag("fifoQueue") {
		problems = append(problems, problem{property: "contentBasedDeduplication", reason: "content-based deduplication can only be set for FIFO queue"})
	}
	return problems
}

func queue(in values) cloud.Queue {
	return cloud.Queue{
		Name:               in.text("name"),
		Fifo:               in.flag("fifoQueue"),
		ContentDedup:       in.flag("contentBasedDeduplication"),
		DedupScope:         in.text("deduplicationScope"),
		ThroughputLimit:    in.text("fifoThroughputLimit"),
		DelaySeconds:       in.number("delaySeconds"),
		MaxMessageSize:     in.number("maxMessageSize"),
		RetentionSeconds:   in.number("messageRetentionSeconds"),
		ReceiveWaitSeconds: in.number("receiveWaitTimeSeconds"),
		VisibilitySeconds:  in.number("visibilityTimeoutSeconds"),
		KMSKey:             in.text("kmsMasterKeyId"),
		KMSReuseSeconds:    in.number("kmsDataKeyReusePeriodSeconds"),
		ManagedSSE:         in.flagPtr("sqsManagedSseEnabled"),
		Policy:             in.text("policy"),
		RedrivePolicy:      in.text("redrivePolicy"),
		RedriveAllowPolicy: in.text("redriveAllowPolicy"),
		Tags:               in.tags(),
	}
}

func readQueue(c *cloud.Client, id string, _ values) (found, error) {
	q, err := c.GetQueue(id)
	if err != nil {
		return gone(err)
	}
	return found{id, values{
		"arn":                          q.ARN,
		"contentBasedDeduplication":    q.ContentDedup,
		"deduplicationScope":           q.DedupScope,
		"delaySeconds":                 q.DelaySeconds,
		"fifoQueue":                    q.Fifo,
		"fifoThroughputLimit":          q.ThroughputLimit,
		"kmsDataKeyReusePeriodSeconds": q.KMSReuseSeconds,
		"kmsMasterKeyId":               q.KMSKey,
		"maxMessageSize":               q.MaxMessageSize,
		"messageRetentionSeconds":      q.RetentionSeconds,
		"name":                         q.Name,
		"policy":                       q.Policy,
		"receiveWaitTimeSeconds":       q.ReceiveWaitSeconds,
		"redriveAllowPolicy":           q.RedriveAllowPolicy,
		"redrivePolicy":                q.RedrivePolicy,
		"sqsManagedSseEnabled":         *q.ManagedSSE,
		"url":                          q.URL,
		"visibilityTimeoutSeconds":     q.VisibilitySeconds,
	}.withTags(q.Tags)}, nil
}

// keptAttributes stay as they are where the program says nothing of them.
var keptAttributes = []string{
	"deduplicationScope", "fifoThroughputLimit", "kmsDataKeyReusePeriodSeconds", "policy", "redriveAllowPolicy", "redrivePolicy",
	"sqsManagedSseEnabled",
}

func updateQueue(c *cloud.Client, id string, old, new values) error {
	wanted := maps.Clone(new)
	for _, name := range keptAttributes {
		if _, given := new[name]; !given && old[name] != nil {
			wanted[name] = old[name]
		}
	}
	if new.text("kmsMasterKeyId") != "" {
		delete(wanted, "sqsManagedSseEnabled") // one gives way to the other
	}
	return inOrder(
		func() error { return c.SetQueueAttributes(id, queue(wanted)) },
		change(old.text("policy"), wanted.text("policy"), func(v string) error { return c.SetQueuePolicy(id, v) }),
		func() error { return c.TagQueue(id, new.tags()) },
	)
}

var queuePolicyType = resourceType{
	token: "aws:sqs/queuePolicy:QueuePolicy",
	noun:  "SQS Queue Policy",
	properties: schema{
		"policy":   {kind: text, mode: required, document: policyJSON, checks: []check{isPolicy}},
		"queueUrl": {kind: text, mode: required, replace: true},
	},
	creating: func(in values) string {
		return fmt.Sprintf("creating SQS Queue Policy (%s)", in.text("queueUrl"))
	},
	create: func(c *cloud.Client, in values) (string, error) {
		return emptyOn(in.text("queueUrl"), c.SetQueuePolicy(in.text("queueUrl"), in.text("policy")))
	},
	read: func(c *cloud.Client, id string, _ values) (found, error) {
		q, err := c.GetQueue(id)
		if err != nil || q.Policy == "" {
			return gone(err)
		}
		return found{id, values{"policy": q.Policy, "queueUrl": id}}, nil
	},
	update: func(c *cloud.Client, id string, _, new values) error { return c.SetQueuePolicy(id, new.text("policy")) },
	remove: func(c *cloud.Client, id string, _ values) error { return c.SetQueuePolicy(id, "") },
}
