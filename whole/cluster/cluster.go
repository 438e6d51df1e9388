package cluster

import (
	"context"
	"fmt"
	"strings"

	awseks "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
	"github.com/pulumi/pulumi-eks/sdk/v3/go/eks"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumix"

	"github.com/grafanix/eks-karpenter/components"
	"github.com/grafanix/eks-karpenter/internal/component"
	"github.com/grafanix/eks-karpenter/internal/policy"
)

// Cluster is an EKS cluster ready for Karpenter. Of its security groups, just the primary one, which EKS makes, bears
// kubernetes.io/cluster/<name> = owned: those that pulumi-eks would add are left out, as one of them would bear it, too.
type Cluster struct {
	pulumi.ResourceState

	// ClusterName is the cluster's name, known once it exists.
	ClusterName pulumi.StringOutput `pulumi:"clusterName"`
	// ClusterArn is the cluster's ARN.
	ClusterArn pulumi.StringOutput `pulumi:"clusterArn"`
	// ClusterEndpoint is the URL of the cluster's API server.
	ClusterEndpoint pulumi.StringOutput `pulumi:"clusterEndpoint"`
	// ClusterSecurityGroupId is the primary security group.
	ClusterSecurityGroupId pulumi.StringOutput `pulumi:"clusterSecurityGroupId"`
	// OidcIssuer is the URL of the cluster's OIDC issuer, with https://.
	OidcIssuer pulumi.StringOutput `pulumi:"oidcIssuer"`
	// OidcProviderArn is the IAM OIDC provider of the issuer.
	OidcProviderArn pulumi.StringOutput `pulumi:"oidcProviderArn"`
	// Kubeconfig reaches the cluster with the AWS CLI's credentials, as JSON. There is nothing secret in it.
	Kubeconfig pulumi.StringOutput `pulumi:"kubeconfig"`

	// Facts are what the components of Karpenter need to know of the cluster: no look-up is made for them.
	Facts *components.ClusterFacts
	// Cluster is the component of pulumi-eks.
	Cluster *eks.Cluster
	// PodIdentityAgent is the add-on without which no pod gets a role by EKS Pod Identity.
	PodIdentityAgent *awseks.Addon
}

// NewCluster makes the cluster. It returns a *components.InvalidArgsError, with nothing registered, where the args are
// wrong.
func NewCluster(ctx *pulumi.Context, name string, args *ClusterArgs, opts ...pulumi.ResourceOption) (*Cluster, error) {
	args = component.OrZero(args)
	if err := args.Check(name); err != nil {
		return nil, err
	}
	made := &Cluster{}
	if err := component.Register(ctx, "Cluster", name, args, made, opts); err != nil {
		return nil, err
	}
	b := &clusterBuilder{ctx: ctx, name: name, args: args, options: args.options(), component: made, parent: pulumi.Parent(made)}
	if err := component.InOrder(b.cluster, b.outputs, b.podIdentityAgent); err != nil {
		return nil, err
	}
	return made, component.RegisterOutputs(ctx, made)
}

// clusterBuilder carries what the steps of making one Cluster share.
type clusterBuilder struct {
	ctx       *pulumi.Context
	name      string
	args      *ClusterArgs
	options   *ClusterOptions
	component *Cluster
	parent    pulumi.ResourceOption
}

// cluster makes the cluster without nodes and without security groups besides EKS's own.
func (b *clusterBuilder) cluster() (err error) {
	o := b.options
	mode := eks.AuthenticationMode(o.authenticationMode())
	b.component.Cluster, err = eks.NewCluster(b.ctx, b.name, &eks.ClusterArgs{
		Name:                      pulumi.String(b.args.ClusterName),
		Version:                   pulumi.StringPtrFromPtr(o.KubernetesVersion),
		VpcId:                     b.args.vpc(),
		PrivateSubnetIds:          b.args.PrivateSubnetIds,
		AuthenticationMode:        &mode,
		CreateOidcProvider:        pulumi.Bool(true),
		EndpointPrivateAccess:     pulumi.Bool(true),
		EndpointPublicAccess:      pulumi.Bool(component.Or(o.EndpointPublicAccess, true)),
		PublicAccessCidrs:         stringArray(o.PublicAccessCidrs),
		IpFamily:                  pulumi.StringPtrFromPtr(o.IpFamily),
		EncryptionConfigKeyArn:    o.SecretsKmsKeyArn,
		EnabledClusterLogTypes:    stringArray(o.EnabledLogTypes),
		VpcCniOptions:             vpcCni(o.VpcCniVersion),
		KubeProxyAddonOptions:     kubeProxy(o.KubeProxyVersion),
		SkipDefaultNodeGroup:      new(true),
		SkipDefaultSecurityGroups: new(true),
		Tags:                      stringMap(o.Tags),
	}, b.parent, pulumi.Transforms([]pulumi.ResourceTransform{trustEKSInChina}))
	if err != nil {
		return fmt.Errorf("EKS cluster: %w", err)
	}
	return nil
}

// vpcCni and kubeProxy are the options of these add-ons; nil where none is chosen, so that none is recorded.

func vpcCni(version *string) *eks.VpcCniOptionsArgs {
	if version == nil {
		return nil
	}
	return &eks.VpcCniOptionsArgs{AddonVersion: pulumi.String(*version)}
}

func kubeProxy(version *string) *eks.KubeProxyAddonOptionsArgs {
	if version == nil {
		return nil
	}
	return &eks.KubeProxyAddonOptionsArgs{Version: pulumi.String(*version)}
}

// trustEKSInChina mends the trust of the role that pulumi-eks makes for the control plane: EKS is eks.amazonaws.com in China,
// too, and IAM refuses the name that pulumi-eks 3.9 gives it there (pulumi-eks, issue 1861).
func trustEKSInChina(_ context.Context, args *pulumi.ResourceTransformArgs) *pulumi.ResourceTransformResult {
	trust, isText := args.Props["assumeRolePolicy"].(pulumi.String)
	mended := strings.ReplaceAll(string(trust), "eks.amazonaws.com.cn", "eks.amazonaws.com")
	if !isText || mended == string(trust) {
		return nil
	}
	args.Props["assumeRolePolicy"] = pulumi.String(mended)
	return &pulumi.ResourceTransformResult{Props: args.Props, Opts: args.Opts}
}

// outputs are read from what pulumi-eks gives as text. Its EksCluster is a reference to a resource of pulumi-aws, which has
// to be looked for in the engine: where that finds none, reading a property of it panics. So the cluster's ARN is told by
// that of its OIDC provider, and its endpoint by the kubeconfig.
func (b *clusterBuilder) outputs() error {
	c, made := b.component, b.component.Cluster
	told := pulumix.ApplyErr(made.OidcProviderArn, func(arn string) (policy.Cluster, error) {
		return clusterOf(arn, b.args.ClusterName)
	})
	c.ClusterName = stringOutput(pulumix.Apply(told, func(told policy.Cluster) string { return told.Name }))
	c.ClusterArn = stringOutput(pulumix.Apply(told, policy.Cluster.ARN))
	c.ClusterEndpoint = stringOutput(pulumix.ApplyErr(made.KubeconfigJson, endpoint))
	c.ClusterSecurityGroupId = made.ClusterSecurityGroupId
	c.OidcIssuer = pulumi.Sprintf("https://%s", made.OidcIssuer)
	c.OidcProviderArn = made.OidcProviderArn
	c.Kubeconfig = made.KubeconfigJson
	c.Facts = &components.ClusterFacts{
		Arn:                    c.ClusterArn,
		Issuer:                 c.OidcIssuer.ToStringPtrOutput(),
		IpFamily:               b.options.IpFamily,
		AuthenticationMode:     new(b.options.authenticationMode()),
		VpcId:                  b.args.vpc(),
		SubnetIds:              b.args.PrivateSubnetIds,
		ClusterSecurityGroupId: c.ClusterSecurityGroupId.ToStringPtrOutput(),
		OwnedSecurityGroupIds:  pulumi.StringArray{c.ClusterSecurityGroupId},
	}
	return nil
}

// podIdentityAgent adds the agent through which pods get roles by EKS Pod Identity.
func (b *clusterBuilder) podIdentityAgent() (err error) {
	b.component.PodIdentityAgent, err = awseks.NewAddon(b.ctx, b.name+"-pod-identity-agent", &awseks.AddonArgs{
		ClusterName: b.component.ClusterName,
		AddonName:   pulumi.String("eks-pod-identity-agent"),
		Tags:        stringMap(b.options.Tags),
	}, b.parent, pulumi.DeletedWith(b.component.Cluster)) // until then, what drains the nodes may need it
	if err != nil {
		return fmt.Errorf("add-on eks-pod-identity-agent: %w", err)
	}
	return nil
}

// stringArray is a list as an input; nil where there is none, so that none is recorded.
func stringArray(list []string) pulumi.StringArrayInput {
	if len(list) == 0 {
		return nil
	}
	return pulumi.ToStringArray(list)
}

func stringMap(tags map[string]string) pulumi.StringMapInput {
	if len(tags) == 0 {
		return nil
	}
	return pulumi.ToStringMap(tags)
}
