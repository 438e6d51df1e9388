package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// spotService is the service whose role EC2 needs to launch spot instances. Source: "Service-linked role for Spot Instance
// requests", Amazon EC2 User Guide.
const spotService = "spot.amazonaws.com"

// SpotRoleArgs are the inputs of a SpotRole. There are none: an account has one such role, which nothing shapes.
type SpotRoleArgs struct{}

// SpotRole sees to it that the account has AWSServiceRoleForEC2Spot, without which Karpenter, which may not make it, launches
// no spot instance in an account that never launched one before.
//
// The role belongs to the account, and IAM takes no second one. So it is made where there is none, and imported into the
// stack, unchanged, where there is one, whoever made it: this stack in an earlier deployment, another stack, or EC2 itself.
// To Pulumi, importing what the stack holds already is no change. The role stays when a stack is destroyed or no longer
// wants it, since other clusters may need it. Two stacks that find none at the same time both try: one of them fails, and
// finds the role when it is run again.
type SpotRole struct {
	pulumi.ResourceState

	// RoleName is the role's name.
	RoleName pulumi.StringOutput `pulumi:"roleName"`
	// RoleArn is the role's ARN.
	RoleArn pulumi.StringOutput `pulumi:"roleArn"`

	// Role is the role itself.
	Role *iam.ServiceLinkedRole
}

// NewSpotRole makes the account's service-linked role for spot instances, or imports it. Its error, with nothing registered,
// is that of the look-up.
func NewSpotRole(ctx *pulumi.Context, name string, args *SpotRoleArgs, opts ...pulumi.ResourceOption) (*SpotRole, error) {
	existing, err := lookupSpotRole(ctx, opts)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return newSpotRole(ctx, name, orZero(args), existing, opts)
}

// lookupSpotRole is the ARN of the account's role, "" where there is none. Only a list tells without an error.
func lookupSpotRole(ctx *pulumi.Context, opts []pulumi.ResourceOption) (string, error) {
	lookup, err := invokeOptions(opts)
	if err != nil {
		return "", err
	}
	path := "/aws-service-role/" + spotService + "/"
	found, err := iam.GetRoles(ctx, &iam.GetRolesArgs{PathPrefix: &path}, lookup...)
	if err != nil {
		return "", fmt.Errorf("roles under %s, to see whether the account can launch spot instances; the credentials need iam:ListRoles: %w", path, err)
	}
	if len(found.Arns) == 0 {
		return "", nil
	}
	return found.Arns[0], nil
}

// newSpotRole is NewSpotRole once it is known whether the account has the role.
func newSpotRole(ctx *pulumi.Context, name string, args *SpotRoleArgs, existing string, opts []pulumi.ResourceOption) (*SpotRole, error) {
	component := &SpotRole{}
	if err := register(ctx, "SpotRole", name, args, component, opts); err != nil {
		return nil, err
	}
	options := []pulumi.ResourceOption{
		pulumi.Parent(component),
		pulumi.RetainOnDelete(true),
		pulumi.IgnoreChanges([]string{"description", "tags", "tagsAll"}), // they are of whoever made the role
	}
	if existing != "" {
		options = append(options, pulumi.Import(pulumi.ID(existing)))
	}
	role, err := iam.NewServiceLinkedRole(ctx, name, &iam.ServiceLinkedRoleArgs{AwsServiceName: pulumi.String(spotService)}, options...)
	if err != nil {
		return nil, fmt.Errorf("service-linked role: %w", err)
	}
	component.Role, component.RoleName, component.RoleArn = role, role.Name, role.Arn
	return component, registerOutputs(ctx, component)
}
