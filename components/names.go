package components

import (
	"crypto/sha256"
	"encoding/hex"
)

// The longest names that AWS takes, in characters. Sources: "IAM and AWS STS quotas", IAM User Guide; "Amazon SQS
// message quotas"; PutRule, EventBridge API Reference; CreateAlias, KMS API Reference; CreateLaunchTemplate, Amazon EC2 API
// Reference.
const (
	maxRoleName            = 64
	maxPolicyName          = 128
	maxInstanceProfileName = 128
	maxQueueName           = 80
	maxRuleName            = 64
	maxAliasName           = 256
	maxLaunchTemplateName  = 128
)

// hashLength is how many hexadecimal digits tell two cut names apart.
const hashLength = 8

// fit is name itself where it is within limit; else its beginning and a hash of the whole, so that the same name is
// always cut the same way and two long names stay two.
func fit(name string, limit int) string {
	if len(name) <= limit {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return name[:limit-hashLength-1] + "-" + hex.EncodeToString(sum[:])[:hashLength]
}

// nameOr is the name that the user chose, or else the default, cut to the limit.
func nameOr(chosen *string, byDefault string, limit int) string {
	if chosen != nil {
		return *chosen
	}
	return fit(byDefault, limit)
}
