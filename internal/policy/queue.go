package policy

// eventBridge is EventBridge's service principal, the same in every partition.
const eventBridge = "events.amazonaws.com"

// QueuePolicy lets EventBridge send to the queue for the cluster's rules of the given names and nobody else, and refuses
// plain HTTP.
func QueuePolicy(c Cluster, queueARN string, ruleNames []string) Document {
	d := document(
		Statement{
			Sid:       "AllowEventBridgeRules",
			Effect:    "Allow",
			Principal: &Principal{Service: eventBridge},
			Actions:   Values{"sqs:SendMessage"},
			Resources: Values{queueARN},
			Condition: c.fromRules(ruleNames),
		},
		Statement{
			Sid:       "DenyHTTP",
			Effect:    "Deny",
			Principal: &Principal{},
			Actions:   Values{"sqs:*"},
			Resources: Values{queueARN},
			Condition: Condition{"Bool": {"aws:SecureTransport": {"false"}}},
		},
	)
	d.ID = "EC2InterruptionPolicy"
	return d
}

// QueueKeyPolicy is the policy of the KMS key of an interruption queue: the account governs the key through IAM, and
// EventBridge may encrypt with it for the rules of the given names. Source: "Key management", Amazon SQS Developer Guide.
func QueueKeyPolicy(c Cluster, ruleNames []string) Document {
	return document(
		Statement{
			Sid:       "AllowAccount",
			Effect:    "Allow",
			Principal: &Principal{AWS: c.iam(accountRoot)},
			Actions:   Values{"kms:*"},
			Resources: Values{"*"},
		},
		Statement{
			Sid:       "AllowEventBridgeRules",
			Effect:    "Allow",
			Principal: &Principal{Service: eventBridge},
			Actions:   Values{"kms:Decrypt", "kms:GenerateDataKey"},
			Resources: Values{"*"},
			Condition: c.fromRules(ruleNames),
		},
	)
}

// fromRules confines a statement to requests that EventBridge makes for rules of the cluster's account and region.
func (c Cluster) fromRules(names []string) Condition {
	arns := make(Values, len(names))
	for i, name := range names {
		arns[i] = c.regional("events", "rule/"+name)
	}
	return Condition{"ArnEquals": {"aws:SourceArn": arns}}
}
