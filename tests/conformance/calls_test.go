package conformance

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/internal/policy"
)

// actionPrefixes are the interfaces through which Karpenter calls AWS, with what IAM puts before the service's actions. An
// action bears its method's name. Source: "Actions, resources, and condition keys for AWS services", Service Authorization
// Reference.
var actionPrefixes = map[string]string{
	"ARCZonalShiftAPI":   "arc-zonal-shift",
	"EC2API":             "ec2",
	"EKSAPI":             "eks",
	"IAMAPI":             "iam",
	"PricingAPI":         "pricing",
	"SQSAPI":             "sqs",
	"SSMAPI":             "ssm",
	"TimestreamWriteAPI": "timestream",
}

// neverCalled are the methods that the controller has, does not call, and is not granted.
var neverCalled = map[string]string{
	"iam:GetRole":             "a node role is put into a profile by its name, unseen",
	"sqs:SendMessage":         "only Karpenter's own tests send to the queue, through a method that its controller does not call",
	"timestream:WriteRecords": "only Karpenter's own tests record their durations",
}

// grantedBesides are the actions that are granted though the controller calls no method of that name.
var grantedBesides = map[string]string{
	"iam:PassRole":                        "IAM and EC2 ask for it when a role goes into a profile or onto an instance",
	"iam:TagInstanceProfile":              "Karpenter's own template grants it",
	"kms:CreateGrant":                     "EC2 asks for it when a volume under a customer managed key is attached",
	"kms:Decrypt":                         "SQS and EC2 ask for it where the queue or a volume is under a customer managed key",
	"kms:DescribeKey":                     "EC2 asks for it where a volume is under a customer managed key",
	"kms:Encrypt":                         "EC2 asks for it where a volume is under a customer managed key",
	"kms:GenerateDataKeyWithoutPlaintext": "EC2 asks for it where a volume is made under a customer managed key",
	"kms:ReEncryptFrom":                   "EC2 asks for it where a volume has another key than its snapshot",
	"kms:ReEncryptTo":                     "EC2 asks for it where a volume has another key than its snapshot",
}

func TestCallsAreWhatIsGranted(t *testing.T) {
	t.Parallel()
	source := readKarpenter(t)
	apis := source.apis(t)
	assert.ElementsMatch(t, slices.Collect(maps.Keys(actionPrefixes)), slices.Collect(maps.Keys(apis)), "every interface has its prefix")

	methods, called, granted := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for api, names := range apis {
		for _, name := range names {
			methods[actionPrefixes[api]+":"+name] = true
		}
	}
	for call := range source.calls(t, apis) {
		called[actionPrefixes[call.api]+":"+call.method] = true
	}
	scope := policy.Cluster{Partition: "aws", Region: "eu-central-1", Account: "111122223333", Name: "shop"}
	for _, document := range controllerPolicies(t, scope) {
		for _, statement := range document.Statements {
			for _, action := range statement.Actions {
				granted[action] = true
			}
		}
	}
	assert.Empty(t, keysBeyond(called, methods), "what is called is a method")
	assert.Empty(t, keysBeyond(called, granted), "what is called is granted")
	assert.Equal(t, slices.Sorted(maps.Keys(neverCalled)), slices.Sorted(maps.Keys(keysBeyond(keysBeyond(methods, called), granted))), "methods that are neither called nor granted")
	assert.Equal(t, slices.Sorted(maps.Keys(grantedBesides)), slices.Sorted(maps.Keys(keysBeyond(granted, called))), "actions that are granted and not called")
}

// controllerPolicies are the documents that give the controller its permissions for the version of Karpenter that this
// module holds, with all that the components' options can add.
func controllerPolicies(t *testing.T, c policy.Cluster) []policy.Document {
	t.Helper()
	version, known, err := policy.ParseVersion(karpenterRelease(t).version)
	require.NoError(t, err)
	require.True(t, known, "the needs of this version are known")
	key := "arn:" + c.Partition + ":kms:" + c.Region + ":" + c.Account + ":key/1234abcd-12ab-34cd-56ef-1234567890ab"
	return []policy.Document{
		policy.NodeLifecyclePolicy(c, version),
		policy.IAMIntegrationPolicy(c, []string{"arn:" + c.Partition + ":iam::" + c.Account + ":role/KarpenterNodeRole-" + c.Name}),
		policy.EKSIntegrationPolicy(c),
		policy.InterruptionPolicy("arn:"+c.Partition+":sqs:"+c.Region+":"+c.Account+":"+c.Name, key),
		policy.ZonalShiftPolicy(c, version),
		policy.ResourceDiscoveryPolicy(c, version, nil),
		policy.AdditionalPolicy(c, []string{key}, nil),
	}
}

// keysBeyond are the keys of a map that another has not.
func keysBeyond[A, B any](all map[string]A, others map[string]B) map[string]bool {
	left := map[string]bool{}
	for key := range all {
		if _, found := others[key]; !found {
			left[key] = true
		}
	}
	return left
}
