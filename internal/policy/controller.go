package policy

import "slices"

// Kind names one of the controller's policies; the official names are Karpenter's.
type Kind string

// The controller's policies in the order of Karpenter's CloudFormation template, then our own for what users add.
const (
	NodeLifecycle     Kind = "NodeLifecycle"
	IAMIntegration    Kind = "IAMIntegration"
	EKSIntegration    Kind = "EKSIntegration"
	Interruption      Kind = "Interruption"
	ZonalShift        Kind = "ZonalShift"
	ResourceDiscovery Kind = "ResourceDiscovery"
	Additional        Kind = "Additional"
)

// Kinds are all kinds of policies, in order.
var Kinds = []Kind{NodeLifecycle, IAMIntegration, EKSIntegration, Interruption, ZonalShift, ResourceDiscovery, Additional}

// Keys of the tags that confine the controller to its own cluster's resources.
const (
	tagClusterName = "eks:eks-cluster-name"
	tagNodePool    = "karpenter.sh/nodepool"
	tagNodeClaim   = "karpenter.sh/nodeclaim"
	tagNodeClass   = "karpenter.k8s.aws/ec2nodeclass"
	tagRegion      = "topology.kubernetes.io/region"
)

// launched are the kinds of EC2 resources that come to life with a launch.
var launched = []string{"fleet", "instance", "volume", "network-interface", "launch-template", "spot-instances-request"}

func (c Cluster) ownershipTag() string { return "kubernetes.io/cluster/" + c.Name }

// NodeLifecyclePolicy lets the controller launch, tag and end instances and launch templates that bear its cluster's tags.
func NodeLifecyclePolicy(c Cluster, v Version) Document {
	owned := Condition{
		"StringEquals": {"aws:ResourceTag/" + c.ownershipTag(): {"owned"}},
		"StringLike":   {"aws:ResourceTag/" + tagNodePool: {"*"}},
	}
	// The dry runs of EC2NodeClass validation send an empty node pool, which "*" matches.
	requested := Condition{
		"StringEquals": {
			"aws:RequestTag/" + c.ownershipTag(): {"owned"},
			"aws:RequestTag/" + tagClusterName:   {c.Name},
		},
		"StringLike": {"aws:RequestTag/" + tagNodePool: {"*"}},
	}
	return v.document(
		Statement{
			Sid:    "AllowScopedEC2InstanceAccessActions",
			Effect: "Allow",
			Resources: slices.Concat(
				c.ec2Public("image", "snapshot"),
				c.ec2("security-group", "subnet", "capacity-reservation", "placement-group"),
			),
			Actions: Values{"ec2:RunInstances", "ec2:CreateFleet"},
		},
		Statement{
			Sid:       "AllowScopedEC2LaunchTemplateAccessActions",
			Effect:    "Allow",
			Resources: c.ec2("launch-template"),
			Actions:   Values{"ec2:RunInstances", "ec2:CreateFleet"},
			Condition: owned,
		},
		Statement{
			Sid:       "AllowScopedEC2InstanceActionsWithTags",
			Effect:    "Allow",
			Resources: c.ec2(launched...),
			Actions:   Values{"ec2:RunInstances", "ec2:CreateFleet", "ec2:CreateLaunchTemplate"},
			Condition: requested,
		},
		Statement{
			Sid:       "AllowScopedResourceCreationTagging",
			Effect:    "Allow",
			Resources: c.ec2(launched...),
			Actions:   Values{"ec2:CreateTags"},
			Condition: requested.with("StringEquals", "ec2:CreateAction", "RunInstances", "CreateFleet", "CreateLaunchTemplate"),
		},
		Statement{
			Sid:       "AllowScopedResourceTagging",
			Effect:    "Allow",
			Resources: c.ec2("instance"),
			Actions:   Values{"ec2:CreateTags"},
			Condition: owned.
				with("StringEqualsIfExists", "aws:RequestTag/"+tagClusterName, c.Name).
				with("ForAllValues:StringEquals", "aws:TagKeys", tagClusterName, tagNodeClaim, "Name"),
		},
		Statement{
			Sid:       "AllowScopedDeletion",
			Effect:    "Allow",
			Resources: c.ec2("instance", "launch-template"),
			Actions:   Values{"ec2:TerminateInstances", "ec2:DeleteLaunchTemplate"},
			Condition: owned,
		},
	)
}

// IAMIntegrationPolicy lets the controller hand its node roles to EC2, and keep instance profiles for them.
func IAMIntegrationPolicy(c Cluster, nodeRoleARNs []string) Document {
	profiles := Values{c.iam("instance-profile/*")}
	owned := Condition{
		"StringEquals": {
			"aws:ResourceTag/" + c.ownershipTag(): {"owned"},
			"aws:ResourceTag/" + tagRegion:        {c.Region},
		},
		"StringLike": {"aws:ResourceTag/" + tagNodeClass: {"*"}},
	}
	requested := Condition{
		"StringEquals": {
			"aws:RequestTag/" + c.ownershipTag(): {"owned"},
			"aws:RequestTag/" + tagClusterName:   {c.Name},
			"aws:RequestTag/" + tagRegion:        {c.Region},
		},
		"StringLike": {"aws:RequestTag/" + tagNodeClass: {"*"}},
	}
	return document(
		Statement{
			Sid:       "AllowPassingInstanceRole",
			Effect:    "Allow",
			Resources: nodeRoleARNs,
			Actions:   Values{"iam:PassRole"},
			// Both, in every partition: which of the two EC2 calls itself depends on the endpoint.
			Condition: Condition{"StringEquals": {"iam:PassedToService": {"ec2.amazonaws.com", "ec2.amazonaws.com.cn"}}},
		},
		Statement{
			Sid:       "AllowScopedInstanceProfileCreationActions",
			Effect:    "Allow",
			Resources: profiles,
			Actions:   Values{"iam:CreateInstanceProfile"},
			Condition: requested,
		},
		Statement{
			Sid:       "AllowScopedInstanceProfileTagActions",
			Effect:    "Allow",
			Resources: profiles,
			Actions:   Values{"iam:TagInstanceProfile"},
			Condition: owned.and(requested),
		},
		Statement{
			Sid:       "AllowScopedInstanceProfileActions",
			Effect:    "Allow",
			Resources: profiles,
			Actions:   Values{"iam:AddRoleToInstanceProfile", "iam:RemoveRoleFromInstanceProfile", "iam:DeleteInstanceProfile"},
			Condition: owned,
		},
	)
}

// EKSIntegrationPolicy lets the controller find its cluster's endpoint.
func EKSIntegrationPolicy(c Cluster) Document {
	return document(Statement{
		Sid:       "AllowAPIServerEndpointDiscovery",
		Effect:    "Allow",
		Resources: Values{c.ARN()},
		Actions:   Values{"eks:DescribeCluster"},
	})
}

// InterruptionPolicy lets the controller read its interruption queue and, where keyARN is not empty, decrypt with the
// customer managed KMS key that the queue is encrypted under.
func InterruptionPolicy(queueARN, keyARN string) Document {
	statements := []Statement{{
		Sid:       "AllowInterruptionQueueActions",
		Effect:    "Allow",
		Resources: Values{queueARN},
		Actions:   Values{"sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"},
	}}
	if keyARN != "" {
		statements = append(statements, Statement{
			Sid:       "AllowInterruptionQueueDecryption",
			Effect:    "Allow",
			Resources: Values{keyARN},
			Actions:   Values{"kms:Decrypt"},
		})
	}
	return document(statements...)
}

// ZonalShiftPolicy lets the controller see whether a zone is shifted away. The call has no resource of its own, so a
// condition confines it to the cluster. It is empty for a version that knows no zonal shift.
func ZonalShiftPolicy(c Cluster, v Version) Document {
	return v.document(Statement{
		Sid:       "AllowZonalShiftStatusReadOnly",
		Effect:    "Allow",
		Resources: Values{"*"},
		Actions:   Values{"arc-zonal-shift:GetManagedResource"},
		Condition: Condition{"StringEquals": {"arc-zonal-shift:ResourceIdentifier": {c.ARN()}}},
	})
}

// ResourceDiscoveryPolicy lets the controller see what there is to launch and what it costs. ssmParameterARNs are
// parameters of private AMIs, besides the public ones of AWS.
func ResourceDiscoveryPolicy(c Cluster, v Version, ssmParameterARNs []string) Document {
	return v.document(
		Statement{
			Sid:       "AllowRegionalReadActions",
			Effect:    "Allow",
			Resources: Values{"*"},
			Actions: Values{
				"ec2:DescribeCapacityReservations",
				"ec2:DescribeImages",
				"ec2:DescribeInstances",
				"ec2:DescribeInstanceStatus",
				"ec2:DescribeInstanceTypeOfferings",
				"ec2:DescribeInstanceTypes",
				"ec2:DescribeLaunchTemplates",
				"ec2:DescribePlacementGroups",
				"ec2:DescribeSecurityGroups",
				"ec2:DescribeSpotPriceHistory",
				"ec2:DescribeSubnets",
			},
			Condition: Condition{"StringEquals": {"aws:RequestedRegion": {c.Region}}},
		},
		Statement{
			Sid:       "AllowSSMReadActions",
			Effect:    "Allow",
			Resources: append(Values{"arn:" + c.Partition + ":ssm:" + c.Region + "::parameter/aws/service/*"}, ssmParameterARNs...),
			Actions:   Values{"ssm:GetParameter"},
		},
		// Pricing and IAM have endpoints in other regions: no condition on the region here.
		Statement{
			Sid:       "AllowPricingReadActions",
			Effect:    "Allow",
			Resources: Values{"*"},
			Actions:   Values{"pricing:GetProducts"},
		},
		Statement{
			Sid:       "AllowUnscopedInstanceProfileListAction",
			Effect:    "Allow",
			Resources: Values{"*"},
			Actions:   Values{"iam:ListInstanceProfiles"},
		},
		Statement{
			Sid:       "AllowInstanceProfileReadActions",
			Effect:    "Allow",
			Resources: Values{c.iam("instance-profile/*")},
			Actions:   Values{"iam:GetInstanceProfile"},
		},
	)
}

// AdditionalPolicy holds what Karpenter's own template does not: the use of customer managed KMS keys that encrypt
// volumes, through EC2 alone, and the user's own statements. Source of the KMS actions: "Requirements for Amazon EBS
// encryption", Amazon EBS User Guide.
func AdditionalPolicy(c Cluster, volumeKeyARNs []string, extra []Statement) Document {
	var statements []Statement
	if len(volumeKeyARNs) > 0 {
		viaEC2 := Condition{"StringEquals": {"kms:ViaService": {"ec2." + c.Region + "." + c.DNSSuffix()}}}
		statements = append(
			statements,
			Statement{
				Sid:       "AllowVolumeEncryption",
				Effect:    "Allow",
				Resources: volumeKeyARNs,
				Actions: Values{
					"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKeyWithoutPlaintext",
					"kms:ReEncryptFrom", "kms:ReEncryptTo",
				},
				Condition: viaEC2,
			},
			Statement{
				Sid:       "AllowVolumeEncryptionGrants",
				Effect:    "Allow",
				Resources: volumeKeyARNs,
				Actions:   Values{"kms:CreateGrant"},
				Condition: viaEC2.with("Bool", "kms:GrantIsForAWSResource", "true"),
			},
		)
	}
	return document(append(statements, extra...)...)
}

// Sids are those of the statements that the policies of some kinds may hold of themselves.
func Sids(kinds ...Kind) []string {
	of := map[Kind]Document{
		NodeLifecycle:     NodeLifecyclePolicy(Cluster{}, Newest),
		IAMIntegration:    IAMIntegrationPolicy(Cluster{}, nil),
		EKSIntegration:    EKSIntegrationPolicy(Cluster{}),
		Interruption:      InterruptionPolicy("queue", "key"),
		ZonalShift:        ZonalShiftPolicy(Cluster{}, Newest),
		ResourceDiscovery: ResourceDiscoveryPolicy(Cluster{}, Newest, nil),
		Additional:        AdditionalPolicy(Cluster{}, []string{"key"}, nil),
	}
	var sids []string
	for _, kind := range kinds {
		for _, statement := range of[kind].Statements {
			sids = append(sids, statement.Sid)
		}
	}
	return sids
}

// Merge is one document with the statements of all, in order.
func Merge(documents ...Document) Document {
	var statements []Statement
	for _, d := range documents {
		statements = append(statements, d.Statements...)
	}
	return document(statements...)
}

// with is a copy of the condition that asks one key more.
func (c Condition) with(operator, key string, values ...string) Condition {
	return c.and(Condition{operator: {key: values}})
}

// and is a condition that asks what both ask.
func (c Condition) and(other Condition) Condition {
	both := Condition{}
	for _, condition := range []Condition{c, other} {
		for operator, keys := range condition {
			if both[operator] == nil {
				both[operator] = map[string]Values{}
			}
			for key, values := range keys {
				both[operator][key] = values
			}
		}
	}
	return both
}
