package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumix"

	"github.com/grafanix/eks-karpenter/internal/policy"
)

// ControllerRole is the IAM role of Karpenter's controller: only its service account may assume it, by IRSA or by EKS
// Pod Identity, and its permissions are those of Karpenter's own CloudFormation template, statement for statement.
type ControllerRole struct {
	pulumi.ResourceState

	// RoleName is the role's name.
	RoleName pulumi.StringOutput `pulumi:"roleName"`
	// RoleArn is the role's ARN.
	RoleArn pulumi.StringOutput `pulumi:"roleArn"`
	// PolicyArns are the ARNs of the managed policies made for the role; none with inlinePolicy.
	PolicyArns pulumi.StringArrayOutput `pulumi:"policyArns"`
	// OidcProviderArn is the OIDC provider that the role trusts; "" with Pod Identity.
	OidcProviderArn pulumi.StringOutput `pulumi:"oidcProviderArn"`
	// ServiceAccountAnnotations are what Karpenter's service account must bear; none with Pod Identity.
	ServiceAccountAnnotations pulumi.StringMapOutput `pulumi:"serviceAccountAnnotations"`

	// Role is the role itself.
	Role *iam.Role
}

// NewControllerRole makes the role of Karpenter's controller. It returns an *InvalidArgsError, with nothing registered,
// where the args are wrong.
func NewControllerRole(
	ctx *pulumi.Context, name string, args *ControllerRoleArgs, opts ...pulumi.ResourceOption,
) (*ControllerRole, error) {
	args = orZero(args)
	facts, err := settle(ctx, name, args.ClusterName, args.Cluster, opts, args.check, args.checkFacts)
	if err != nil {
		return nil, err
	}
	if err := warnOfVersion(ctx, name, args.KarpenterVersion); err != nil {
		return nil, err
	}
	return newControllerRole(ctx, name, args, facts, nil, opts)
}

// newControllerRole is NewControllerRole once the args are checked and the facts are known.
func newControllerRole(
	ctx *pulumi.Context, name string, args *ControllerRoleArgs, facts *ClusterFacts, adopt *AdoptOptions, opts []pulumi.ResourceOption,
) (*ControllerRole, error) {
	component := &ControllerRole{}
	if err := register(ctx, "ControllerRole", name, args, component, opts); err != nil {
		return nil, err
	}
	b := &controllerRoleBuilder{
		ctx: ctx, name: name, args: args, options: args.options(), adopt: orZero(adopt), facts: facts, version: versionOf(args.KarpenterVersion),
		scope: facts.scope(args.ClusterName), component: component, parent: pulumi.Parent(component),
	}
	if err := inOrder(b.identityProvider, b.role, b.policies, b.additionalPolicies, b.association); err != nil {
		return nil, err
	}
	return component, registerOutputs(ctx, component)
}

// checkFacts records what the cluster's facts make wrong.
func (a *ControllerRoleArgs) checkFacts(p problems, facts *ClusterFacts) error {
	a.options().checkIssuer(p, facts)
	return nil
}

// checkIssuer records that IRSA has no issuer to trust.
func (o *ControllerRoleOptions) checkIssuer(p problems, facts *ClusterFacts) {
	if !or(o.PodIdentity, false) && facts.Issuer == nil {
		p.in("cluster").Addf("issuer", "required for IRSA: give the cluster's OIDC issuer URL, or set podIdentity")
	}
}

// controllerRoleBuilder carries what the steps of making one ControllerRole share.
type controllerRoleBuilder struct {
	ctx       *pulumi.Context
	name      string
	args      *ControllerRoleArgs
	options   *ControllerRoleOptions
	adopt     *AdoptOptions
	facts     *ClusterFacts
	version   policy.Version
	scope     pulumix.Output[policy.Cluster]
	component *ControllerRole
	parent    pulumi.ResourceOption
}

// identityProvider finds or makes the OIDC provider that IRSA trusts.
func (b *controllerRoleBuilder) identityProvider() error {
	switch {
	case or(b.options.PodIdentity, false):
		b.component.OidcProviderArn = pulumi.String("").ToStringOutput()
	case b.options.OidcProviderArn != nil:
		b.component.OidcProviderArn = stringOutput(text(b.options.OidcProviderArn))
	case or(b.options.CreateOidcProvider, false):
		provider, err := iam.NewOpenIdConnectProvider(b.ctx, b.name+"-oidc", &iam.OpenIdConnectProviderArgs{
			Url:           stringOutput(text(b.facts.Issuer)),
			ClientIdLists: pulumi.StringArray{pulumi.String("sts.amazonaws.com")},
			Tags:          stringMap(b.options.Tags),
		}, b.parent, adopted(b.adopt.OidcProvider, b.issuersProvider()))
		if err != nil {
			return fmt.Errorf("OIDC provider: %w", err)
		}
		b.component.OidcProviderArn = provider.Arn
	default:
		b.component.OidcProviderArn = b.issuersProvider()
	}
	return nil
}

// issuersProvider is the ARN of the OIDC provider that the cluster's issuer implies.
func (b *controllerRoleBuilder) issuersProvider() pulumi.StringOutput {
	return stringOutput(pulumix.Apply2(b.scope, text(b.facts.Issuer), policy.Cluster.OIDCProviderARN))
}

// role makes the role with the trust that its way of authenticating calls for.
func (b *controllerRoleBuilder) role() error {
	namespace, serviceAccount := b.options.namespace(), b.options.serviceAccount()
	var trust pulumi.StringOutput
	if or(b.options.PodIdentity, false) {
		trust = document(pulumix.Apply(b.scope, func(c policy.Cluster) policy.Document {
			return policy.PodIdentityTrust(c, namespace, serviceAccount)
		}), trustPolicy)
	} else {
		trust = document(pulumix.Apply2(b.component.OidcProviderArn, text(b.facts.Issuer), func(provider, issuer string) policy.Document {
			return policy.IRSATrust(provider, issuer, namespace, serviceAccount)
		}), trustPolicy)
	}
	name := pulumi.String(nameOr(b.options.Name, "KarpenterControllerRole-"+b.args.ClusterName, maxRoleName))
	role, err := iam.NewRole(b.ctx, b.name, &iam.RoleArgs{
		Name:                name,
		Path:                pulumi.StringPtrFromPtr(b.options.Path),
		Description:         pulumi.String(or(b.options.Description, "Karpenter's controller on EKS cluster "+b.args.ClusterName)),
		AssumeRolePolicy:    trust,
		PermissionsBoundary: b.options.PermissionsBoundary,
		MaxSessionDuration:  pulumi.IntPtrFromPtr(b.options.MaxSessionDuration),
		Tags:                stringMap(b.options.Tags),
	}, b.parent, adopted(b.adopt.ControllerRole, name))
	if err != nil {
		return fmt.Errorf("controller role: %w", err)
	}
	b.component.Role, b.component.RoleName, b.component.RoleArn = role, role.Name, role.Arn
	b.component.ServiceAccountAnnotations = pulumi.StringMap{}.ToStringMapOutput()
	if !or(b.options.PodIdentity, false) {
		b.component.ServiceAccountAnnotations = roleAnnotation(role.Arn).ToStringMapOutput()
	}
	return nil
}

// association ties the service account to the role, where EKS Pod Identity does it.
func (b *controllerRoleBuilder) association() error {
	if !or(b.options.PodIdentity, false) {
		return nil
	}
	id := b.adopt.PodIdentityAssociationId
	_, err := eks.NewPodIdentityAssociation(b.ctx, b.name, &eks.PodIdentityAssociationArgs{
		ClusterName:    b.facts.name(b.args.ClusterName),
		Namespace:      pulumi.String(b.options.namespace()),
		ServiceAccount: pulumi.String(b.options.serviceAccount()),
		RoleArn:        b.component.RoleArn,
		Tags:           stringMap(b.options.Tags),
	}, b.parent, adopted(new(id != nil), pulumi.String(b.args.ClusterName+","+or(id, ""))))
	if err != nil {
		return fmt.Errorf("pod identity association: %w", err)
	}
	return nil
}

// roleAnnotation is what a service account bears so that its pods get the role by IRSA.
func roleAnnotation(roleARN pulumi.StringInput) pulumi.StringMap {
	return pulumi.StringMap{"eks.amazonaws.com/role-arn": roleARN}
}
