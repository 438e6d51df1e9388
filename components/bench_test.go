package components

import (
	"fmt"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

// benchmark runs a program over and over, and counts what it registers and looks up.
func benchmark(b *testing.B, program pulumi.RunFunc) {
	b.Helper()
	counting := newAccount()
	require.NoError(b, counting.run(program))
	b.ReportAllocs()
	for b.Loop() {
		a := newAccount()
		a.quiet = true
		if err := a.run(program); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(counting.registered)), "resources")
	b.ReportMetric(float64(len(counting.calls)), "lookups")
}

// BenchmarkKarpenter is compared with BenchmarkRawResources: what the component costs beyond its resources.
func BenchmarkKarpenter(b *testing.B) {
	facts := newAccount().knownFacts()
	benchmark(b, func(ctx *pulumi.Context) error {
		_, err := NewKarpenter(ctx, "karpenter", &KarpenterArgs{ClusterName: "shop", Cluster: facts})
		return err
	})
}

// BenchmarkRawResources registers the resources of BenchmarkKarpenter with ready inputs: the same, under the same
// parents, with nothing to work out.
func BenchmarkRawResources(b *testing.B) {
	deployed := newAccount()
	require.NoError(b, deployed.run(func(ctx *pulumi.Context) error {
		_, err := NewKarpenter(ctx, "karpenter", &KarpenterArgs{ClusterName: "shop", Cluster: deployed.knownFacts()})
		return err
	}))
	benchmark(b, func(ctx *pulumi.Context) error {
		parents := map[string]pulumi.Resource{}
		for _, one := range deployed.registered {
			var opts []pulumi.ResourceOption
			if parent, ok := parents[one.parent]; ok {
				opts = append(opts, pulumi.Parent(parent))
			}
			if one.custom {
				if err := raw(ctx, one, opts...); err != nil {
					return err
				}
				continue
			}
			component := &struct{ pulumi.ResourceState }{}
			if err := ctx.RegisterComponentResource(one.token, one.name, component, opts...); err != nil {
				return err
			}
			parents[one.urn] = component
		}
		return nil
	})
}

// raw registers a resource of the same kind and inputs as one that was registered before.
func raw(ctx *pulumi.Context, one registration, opts ...pulumi.ResourceOption) error {
	text := func(property string) pulumi.StringPtrInput {
		value, ok := one.plain[resource.PropertyKey(property)]
		if !ok {
			return nil
		}
		return pulumi.StringPtr(value.StringValue())
	}
	must := func(property string) pulumi.StringInput {
		return pulumi.String(one.plain[resource.PropertyKey(property)].StringValue())
	}
	var err error
	switch name := one.name; one.token {
	case "aws:iam/role:Role":
		_, err = iam.NewRole(ctx, name, &iam.RoleArgs{Name: text("name"), Description: text("description"), AssumeRolePolicy: must("assumeRolePolicy")}, opts...)
	case "aws:iam/policy:Policy":
		_, err = iam.NewPolicy(ctx, name, &iam.PolicyArgs{Name: text("name"), Description: text("description"), Policy: must("policy")}, opts...)
	case "aws:iam/rolePolicyAttachment:RolePolicyAttachment":
		_, err = iam.NewRolePolicyAttachment(ctx, name, &iam.RolePolicyAttachmentArgs{Role: must("role"), PolicyArn: must("policyArn")}, opts...)
	case "aws:iam/instanceProfile:InstanceProfile":
		_, err = iam.NewInstanceProfile(ctx, name, &iam.InstanceProfileArgs{Name: text("name"), Role: must("role")}, opts...)
	case "aws:eks/accessEntry:AccessEntry":
		_, err = eks.NewAccessEntry(ctx, name, &eks.AccessEntryArgs{ClusterName: must("clusterName"), PrincipalArn: must("principalArn"), Type: text("type")}, opts...)
	case "aws:sqs/queue:Queue":
		_, err = sqs.NewQueue(ctx, name, &sqs.QueueArgs{Name: text("name"), MessageRetentionSeconds: pulumi.Int(300), SqsManagedSseEnabled: pulumi.Bool(true)}, opts...)
	case "aws:sqs/queuePolicy:QueuePolicy":
		_, err = sqs.NewQueuePolicy(ctx, name, &sqs.QueuePolicyArgs{QueueUrl: must("queueUrl"), Policy: must("policy")}, opts...)
	case "aws:cloudwatch/eventRule:EventRule":
		_, err = cloudwatch.NewEventRule(ctx, name, &cloudwatch.EventRuleArgs{Name: text("name"), Description: text("description"), EventPattern: text("eventPattern")}, opts...)
	case "aws:cloudwatch/eventTarget:EventTarget":
		_, err = cloudwatch.NewEventTarget(ctx, name, &cloudwatch.EventTargetArgs{Rule: must("rule"), TargetId: text("targetId"), Arn: must("arn")}, opts...)
	case "aws:ec2/tag:Tag":
		_, err = ec2.NewTag(ctx, name, &ec2.TagArgs{ResourceId: must("resourceId"), Key: must("key"), Value: must("value")}, opts...)
	default:
		err = fmt.Errorf("no raw %s", one.token)
	}
	return err
}

// BenchmarkLookups reports, as lookups, how often AWS is asked for each cluster.
func BenchmarkLookups(b *testing.B) {
	known := newAccount().knownFacts()
	for _, row := range []struct {
		name string
		args KarpenterArgs
	}{
		{"by name", KarpenterArgs{}},
		{"without cluster tags", KarpenterArgs{SkipClusterTags: new(true)}},
		{"with all facts", KarpenterArgs{Cluster: known}},
	} {
		row.args.ClusterName = "shop"
		b.Run(row.name, func(b *testing.B) {
			benchmark(b, func(ctx *pulumi.Context) error {
				_, err := NewKarpenter(ctx, "karpenter", &row.args)
				return err
			})
		})
	}
}
