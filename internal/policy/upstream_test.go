package policy

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// facts are what one statement permits: actions on resources under conditions, each of which is operator, key and values.
type facts struct{ actions, resources, conditions []string }

// upstream are the permissions of Karpenter 1.14's official template, by policy and Sid, written down by hand: <P>, <R>, <A>
// and <C> stand for partition, region, account and cluster.
var upstream = map[Kind]map[string]facts{
	NodeLifecycle: {
		"AllowScopedEC2InstanceAccessActions": {
			actions: []string{"ec2:CreateFleet", "ec2:RunInstances"},
			resources: []string{
				"arn:<P>:ec2:<R>:*:capacity-reservation/*", "arn:<P>:ec2:<R>:*:placement-group/*", "arn:<P>:ec2:<R>:*:security-group/*",
				"arn:<P>:ec2:<R>:*:subnet/*", "arn:<P>:ec2:<R>::image/*", "arn:<P>:ec2:<R>::snapshot/*",
			},
		},
		"AllowScopedEC2LaunchTemplateAccessActions": {
			actions:    []string{"ec2:CreateFleet", "ec2:RunInstances"},
			resources:  []string{"arn:<P>:ec2:<R>:*:launch-template/*"},
			conditions: []string{"StringEquals aws:ResourceTag/kubernetes.io/cluster/<C> owned", "StringLike aws:ResourceTag/karpenter.sh/nodepool *"},
		},
		"AllowScopedEC2InstanceActionsWithTags": {
			actions: []string{"ec2:CreateFleet", "ec2:CreateLaunchTemplate", "ec2:RunInstances"},
			resources: []string{
				"arn:<P>:ec2:<R>:*:fleet/*", "arn:<P>:ec2:<R>:*:instance/*", "arn:<P>:ec2:<R>:*:launch-template/*", "arn:<P>:ec2:<R>:*:network-interface/*",
				"arn:<P>:ec2:<R>:*:spot-instances-request/*", "arn:<P>:ec2:<R>:*:volume/*",
			},
			conditions: []string{
				"StringEquals aws:RequestTag/eks:eks-cluster-name <C>", "StringEquals aws:RequestTag/kubernetes.io/cluster/<C> owned",
				"StringLike aws:RequestTag/karpenter.sh/nodepool *",
			},
		},
		"AllowScopedResourceCreationTagging": {
			actions: []string{"ec2:CreateTags"},
			resources: []string{
				"arn:<P>:ec2:<R>:*:fleet/*", "arn:<P>:ec2:<R>:*:instance/*", "arn:<P>:ec2:<R>:*:launch-template/*", "arn:<P>:ec2:<R>:*:network-interface/*",
				"arn:<P>:ec2:<R>:*:spot-instances-request/*", "arn:<P>:ec2:<R>:*:volume/*",
			},
			conditions: []string{
				"StringEquals aws:RequestTag/eks:eks-cluster-name <C>", "StringEquals aws:RequestTag/kubernetes.io/cluster/<C> owned",
				"StringEquals ec2:CreateAction CreateFleet|CreateLaunchTemplate|RunInstances", "StringLike aws:RequestTag/karpenter.sh/nodepool *",
			},
		},
		"AllowScopedResourceTagging": {
			actions:   []string{"ec2:CreateTags"},
			resources: []string{"arn:<P>:ec2:<R>:*:instance/*"},
			conditions: []string{
				"ForAllValues:StringEquals aws:TagKeys Name|eks:eks-cluster-name|karpenter.sh/nodeclaim",
				"StringEquals aws:ResourceTag/kubernetes.io/cluster/<C> owned", "StringEqualsIfExists aws:RequestTag/eks:eks-cluster-name <C>",
				"StringLike aws:ResourceTag/karpenter.sh/nodepool *",
			},
		},
		"AllowScopedDeletion": {
			actions:    []string{"ec2:DeleteLaunchTemplate", "ec2:TerminateInstances"},
			resources:  []string{"arn:<P>:ec2:<R>:*:instance/*", "arn:<P>:ec2:<R>:*:launch-template/*"},
			conditions: []string{"StringEquals aws:ResourceTag/kubernetes.io/cluster/<C> owned", "StringLike aws:ResourceTag/karpenter.sh/nodepool *"},
		},
	},
	IAMIntegration: {
		"AllowPassingInstanceRole": {
			actions:    []string{"iam:PassRole"},
			resources:  []string{"arn:<P>:iam::<A>:role/KarpenterNodeRole-<C>"},
			conditions: []string{"StringEquals iam:PassedToService ec2.amazonaws.com|ec2.amazonaws.com.cn"},
		},
		"AllowScopedInstanceProfileCreationActions": {
			actions:   []string{"iam:CreateInstanceProfile"},
			resources: []string{"arn:<P>:iam::<A>:instance-profile/*"},
			conditions: []string{
				"StringEquals aws:RequestTag/eks:eks-cluster-name <C>", "StringEquals aws:RequestTag/kubernetes.io/cluster/<C> owned",
				"StringEquals aws:RequestTag/topology.kubernetes.io/region <R>", "StringLike aws:RequestTag/karpenter.k8s.aws/ec2nodeclass *",
			},
		},
		"AllowScopedInstanceProfileTagActions": {
			actions:   []string{"iam:TagInstanceProfile"},
			resources: []string{"arn:<P>:iam::<A>:instance-profile/*"},
			conditions: []string{
				"StringEquals aws:RequestTag/eks:eks-cluster-name <C>", "StringEquals aws:RequestTag/kubernetes.io/cluster/<C> owned",
				"StringEquals aws:RequestTag/topology.kubernetes.io/region <R>", "StringEquals aws:ResourceTag/kubernetes.io/cluster/<C> owned",
				"StringEquals aws:ResourceTag/topology.kubernetes.io/region <R>", "StringLike aws:RequestTag/karpenter.k8s.aws/ec2nodeclass *",
				"StringLike aws:ResourceTag/karpenter.k8s.aws/ec2nodeclass *",
			},
		},
		"AllowScopedInstanceProfileActions": {
			actions:   []string{"iam:AddRoleToInstanceProfile", "iam:DeleteInstanceProfile", "iam:RemoveRoleFromInstanceProfile"},
			resources: []string{"arn:<P>:iam::<A>:instance-profile/*"},
			conditions: []string{
				"StringEquals aws:ResourceTag/kubernetes.io/cluster/<C> owned", "StringEquals aws:ResourceTag/topology.kubernetes.io/region <R>",
				"StringLike aws:ResourceTag/karpenter.k8s.aws/ec2nodeclass *",
			},
		},
	},
	EKSIntegration: {
		"AllowAPIServerEndpointDiscovery": {actions: []string{"eks:DescribeCluster"}, resources: []string{"arn:<P>:eks:<R>:<A>:cluster/<C>"}},
	},
	Interruption: {
		"AllowInterruptionQueueActions": {
			actions: []string{"sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"}, resources: []string{"arn:<P>:sqs:<R>:<A>:<C>"},
		},
	},
	ZonalShift: {
		"AllowZonalShiftStatusReadOnly": {
			actions: []string{"arc-zonal-shift:GetManagedResource"}, resources: []string{"*"},
			conditions: []string{"StringEquals arc-zonal-shift:ResourceIdentifier arn:<P>:eks:<R>:<A>:cluster/<C>"},
		},
	},
	ResourceDiscovery: {
		"AllowRegionalReadActions": {
			actions: []string{
				"ec2:DescribeCapacityReservations", "ec2:DescribeImages", "ec2:DescribeInstanceStatus", "ec2:DescribeInstanceTypeOfferings",
				"ec2:DescribeInstanceTypes", "ec2:DescribeInstances", "ec2:DescribeLaunchTemplates", "ec2:DescribePlacementGroups",
				"ec2:DescribeSecurityGroups", "ec2:DescribeSpotPriceHistory", "ec2:DescribeSubnets",
			},
			resources: []string{"*"}, conditions: []string{"StringEquals aws:RequestedRegion <R>"},
		},
		"AllowSSMReadActions":                    {actions: []string{"ssm:GetParameter"}, resources: []string{"arn:<P>:ssm:<R>::parameter/aws/service/*"}},
		"AllowPricingReadActions":                {actions: []string{"pricing:GetProducts"}, resources: []string{"*"}},
		"AllowUnscopedInstanceProfileListAction": {actions: []string{"iam:ListInstanceProfiles"}, resources: []string{"*"}},
		"AllowInstanceProfileReadActions":        {actions: []string{"iam:GetInstanceProfile"}, resources: []string{"arn:<P>:iam::<A>:instance-profile/*"}},
	},
}

// upstreamOldest is what the official template of Karpenter 1.0 has of another form than that of 1.14, by Sid; statements
// without actions are not in it. It has all of them in one policy.
var upstreamOldest = map[string]facts{
	"AllowScopedEC2InstanceAccessActions": {
		actions: []string{"ec2:CreateFleet", "ec2:RunInstances"},
		resources: []string{
			"arn:<P>:ec2:<R>:*:security-group/*", "arn:<P>:ec2:<R>:*:subnet/*", "arn:<P>:ec2:<R>::image/*", "arn:<P>:ec2:<R>::snapshot/*",
		},
	},
	"AllowRegionalReadActions": {
		actions: []string{
			"ec2:DescribeImages", "ec2:DescribeInstanceTypeOfferings", "ec2:DescribeInstanceTypes", "ec2:DescribeInstances",
			"ec2:DescribeLaunchTemplates", "ec2:DescribeSecurityGroups", "ec2:DescribeSpotPriceHistory", "ec2:DescribeSubnets",
		},
		resources: []string{"*"}, conditions: []string{"StringEquals aws:RequestedRegion <R>"},
	},
	"AllowZonalShiftStatusReadOnly":          {},
	"AllowUnscopedInstanceProfileListAction": {},
}

// The facts are read from the JSON that AWS would get, and compared without regard to any order.
func TestTheControllersPermissionsAreThoseOfKarpentersTemplates(t *testing.T) {
	t.Parallel()
	for _, c := range clusters {
		newest, oldest := map[string]facts{}, map[string]facts{}
		for kind, statements := range upstream {
			inKind := map[string]facts{}
			for sid, f := range statements {
				newest[sid], inKind[sid] = c.fill(f), c.fill(f)
				if older, differs := upstreamOldest[sid]; differs {
					f = older
				}
				if len(f.actions) > 0 {
					oldest[sid] = c.fill(f)
				}
			}
			assert.Equal(t, inKind, factsOf(t, official(c, Newest)[kind]), "%s %s", c.Partition, kind)
		}
		assert.Equal(t, newest, factsOf(t, all(c, Newest)), c.Partition)
		assert.Equal(t, oldest, factsOf(t, all(c, Oldest)), c.Partition)
	}
}

// all is what the controller may do altogether.
func all(c Cluster, v Version) Document {
	var documents []Document
	for _, document := range official(c, v) {
		documents = append(documents, document)
	}
	return Merge(documents...)
}

// fill puts a cluster's names into facts.
func (c Cluster) fill(f facts) facts {
	in := strings.NewReplacer("<P>", c.Partition, "<R>", c.Region, "<A>", c.Account, "<C>", c.Name)
	filled := func(list []string) (filled []string) {
		for _, text := range list {
			filled = append(filled, in.Replace(text))
		}
		return filled
	}
	return facts{filled(f.actions), filled(f.resources), filled(f.conditions)}
}

// factsOf reads a document's statements, all of which allow something and name no principal.
func factsOf(t *testing.T, d Document) map[string]facts {
	t.Helper()
	var document struct {
		Version   string
		Statement []struct {
			Sid, Effect      string
			Principal        any
			Action, Resource any
			Condition        map[string]map[string]any
		}
	}
	require.NoError(t, json.Unmarshal([]byte(d.JSON()), &document))
	assert.Equal(t, "2012-10-17", document.Version)
	all := map[string]facts{}
	for _, statement := range document.Statement {
		assert.Equal(t, "Allow", statement.Effect, statement.Sid)
		assert.Nil(t, statement.Principal, statement.Sid)
		assert.NotContains(t, all, statement.Sid, "a Sid stands once")
		f := facts{actions: sorted(statement.Action), resources: sorted(statement.Resource)}
		for operator, keys := range statement.Condition {
			for key, values := range keys {
				f.conditions = append(f.conditions, operator+" "+key+" "+strings.Join(sorted(values), "|"))
			}
		}
		slices.Sort(f.conditions)
		all[statement.Sid] = f
	}
	return all
}

// sorted is a single value or a list of them as a list in order.
func sorted(value any) []string {
	list, ok := value.([]any)
	if !ok {
		return []string{value.(string)}
	}
	texts := make([]string, len(list))
	for i, element := range list {
		texts[i] = element.(string)
	}
	slices.Sort(texts)
	return texts
}
