package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumix"

	"github.com/grafanix/eks-karpenter/internal/policy"
)

// attach attaches one managed policy to a role. A replacement takes the old one off first: beside the new ones they could
// be more than AWS attaches.
func attach(
	ctx *pulumi.Context, name string, role, policyARN pulumi.StringInput, opts ...pulumi.ResourceOption,
) (*iam.RolePolicyAttachment, error) {
	args := &iam.RolePolicyAttachmentArgs{Role: role, PolicyArn: policyARN}
	opts = append(opts, pulumi.DeleteBeforeReplace(true))
	attachment, err := iam.NewRolePolicyAttachment(ctx, name, args, opts...)
	if err != nil {
		return nil, fmt.Errorf("attachment %s: %w", name, err)
	}
	return attachment, nil
}

// attachAll attaches the managed policies that a user asks for to a component's role. It gives the attachments for what must not
// be without them.
func attachAll(
	ctx *pulumi.Context, component string, role pulumi.StringInput, policyARNs pulumi.StringArrayInput, opts ...pulumi.ResourceOption,
) ([]pulumi.Resource, error) {
	arns, err := elements(policyARNs)
	if err != nil {
		return nil, fmt.Errorf("additionalPolicyArns: %w", err)
	}
	attached := make([]pulumi.Resource, len(arns))
	for i, arn := range arns {
		if attached[i], err = attach(ctx, component+"-additional-"+label(arn, fmt.Sprint(i)), role, arn, opts...); err != nil {
			return nil, err
		}
	}
	return attached, nil
}

// A documentKind is a use of a document that AWS limits in size.
type documentKind struct {
	what   string
	limit  int
	wayOut string
}

var (
	managedPolicy  = documentKind{"managed policy", policy.MaxManagedPolicySize, "shorten the lists of ARNs and statements, or attach a policy of your own"}
	inlinePolicies = documentKind{"inline policy", policy.MaxInlinePoliciesSize, "leave out inlinePolicy, so that each kind is a managed policy of its own"}
	trustPolicy    = documentKind{"trust policy", policy.MaxTrustPolicySize, "shorten the service account's name"}
)

// document renders a document once it is known, and refuses one that AWS would refuse for its size.
func document(output pulumix.Output[policy.Document], kind documentKind) pulumi.StringOutput {
	return stringOutput(pulumix.ApplyErr(output, func(d policy.Document) (string, error) {
		rendered := d.JSON()
		return rendered, kind.check(rendered)
	}))
}

// check refuses a document that AWS would refuse for its size.
func (k documentKind) check(document string) error {
	if size := policy.Size(document); size > k.limit {
		return fmt.Errorf("the %s has %d characters and AWS takes %d: %s", k.what, size, k.limit, k.wayOut)
	}
	return nil
}
