package components

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumix"

	"github.com/grafanix/eks-karpenter/internal/policy"
)

// policies gives the role its permissions: one managed policy for each kind, or one inline policy of all.
func (b *controllerRoleBuilder) policies() error {
	kinds := b.options.kinds(b.version, b.args.QueueArn != nil)
	b.component.PolicyArns = pulumi.StringArray{}.ToStringArrayOutput()
	if or(b.options.InlinePolicy, false) {
		return b.inlinePolicy(kinds)
	}
	arns := make(pulumi.StringArray, len(kinds))
	var attached []pulumi.Resource
	// A policy that exists may hold what the new ones are to hold: they are attached before it changes.
	for _, exists := range []bool{false, true} {
		before := pulumi.DependsOn(attached)
		for i, kind := range kinds {
			if slices.Contains(b.adopt.ControllerPolicies, string(kind)) != exists {
				continue
			}
			made, attachment, err := b.managedPolicy(kind, before, adopted(&exists, b.policyARN(kind)))
			if err != nil {
				return fmt.Errorf("%s policy: %w", kind, err)
			}
			arns[i], attached = made.Arn, append(attached, attachment)
		}
	}
	b.component.PolicyArns = arns.ToStringArrayOutput()
	return nil
}

// policyARN is the ARN that a managed policy has, or will have.
func (b *controllerRoleBuilder) policyARN(kind policy.Kind) pulumi.StringOutput {
	return stringOutput(pulumix.Apply(b.scope, func(c policy.Cluster) string {
		return c.AccountPolicyARN(strings.TrimPrefix(or(b.options.PolicyPath, "/"), "/") + b.options.policyName(string(kind), b.args.ClusterName))
	}))
}

// managedPolicy makes the policy of a kind and attaches it.
func (b *controllerRoleBuilder) managedPolicy(
	kind policy.Kind, opts ...pulumi.ResourceOption,
) (*iam.Policy, *iam.RolePolicyAttachment, error) {
	made, err := iam.NewPolicy(b.ctx, fmt.Sprintf("%s-%s", b.name, kind), &iam.PolicyArgs{
		Name:        pulumi.String(b.options.policyName(string(kind), b.args.ClusterName)),
		Path:        pulumi.StringPtrFromPtr(b.options.PolicyPath),
		Description: pulumi.Sprintf("Karpenter's %s permissions on EKS cluster %s", kind, b.args.ClusterName),
		Policy:      document(b.document(kind), managedPolicy),
		Tags:        stringMap(b.options.Tags),
	}, append(opts, b.parent, pulumi.IgnoreChanges([]string{"description"}))...) // which AWS changes only by replacing the policy
	if err != nil {
		return nil, nil, err
	}
	attachment, err := attach(b.ctx, fmt.Sprintf("%s-%s", b.name, kind), b.component.RoleName, made.Arn, b.parent)
	return made, attachment, err
}

func (b *controllerRoleBuilder) inlinePolicy(kinds []policy.Kind) error {
	all := pulumix.Val(policy.Document{})
	for _, kind := range kinds {
		all = pulumix.Apply2(all, b.document(kind), func(sum, next policy.Document) policy.Document {
			return policy.Merge(sum, next)
		})
	}
	_, err := iam.NewRolePolicy(b.ctx, b.name, &iam.RolePolicyArgs{
		Name:   pulumi.String("KarpenterController"),
		Role:   b.component.RoleName,
		Policy: document(all, inlinePolicies),
	}, b.parent)
	if err != nil {
		return fmt.Errorf("inline policy: %w", err)
	}
	return nil
}

// additionalPolicies attaches the managed policies that the user asks for.
func (b *controllerRoleBuilder) additionalPolicies() error {
	_, err := attachAll(b.ctx, b.name, b.component.RoleName, b.options.AdditionalPolicyArns, b.parent)
	return err
}

// document is the policy of a kind for this cluster; each waits for what it holds and for nothing else.
func (b *controllerRoleBuilder) document(kind policy.Kind) pulumix.Output[policy.Document] {
	switch kind {
	case policy.NodeLifecycle:
		return pulumix.Apply(b.scope, func(c policy.Cluster) policy.Document { return policy.NodeLifecyclePolicy(c, b.version) })
	case policy.IAMIntegration:
		roles := pulumix.Apply2(texts(b.args.NodeRoleArns), texts(b.options.AdditionalNodeRoleArns), concat)
		return pulumix.Apply2(b.scope, roles, policy.IAMIntegrationPolicy)
	case policy.EKSIntegration:
		return pulumix.Apply(b.scope, policy.EKSIntegrationPolicy)
	case policy.Interruption:
		return pulumix.Apply2(text(b.args.QueueArn), text(b.args.QueueKmsKeyArn), policy.InterruptionPolicy)
	case policy.ZonalShift:
		return pulumix.Apply(b.scope, func(c policy.Cluster) policy.Document { return policy.ZonalShiftPolicy(c, b.version) })
	case policy.ResourceDiscovery:
		return pulumix.Apply(b.scope, func(c policy.Cluster) policy.Document {
			return policy.ResourceDiscoveryPolicy(c, b.version, b.options.SsmParameterArns)
		})
	default:
		return pulumix.Apply2(b.scope, texts(b.options.VolumeKmsKeyArns), func(c policy.Cluster, keys []string) policy.Document {
			return policy.AdditionalPolicy(c, keys, b.options.statements())
		})
	}
}
