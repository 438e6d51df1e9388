package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/grafanix/eks-karpenter/internal/component"
	"github.com/grafanix/eks-karpenter/internal/policy"
)

// fargatePolicy lets Fargate pull the images of pods.
var fargatePolicy = nodePolicy{"AmazonEKSFargatePodExecutionRolePolicy", policy.Cluster.ManagedPolicyARN}

// fargateRole makes a role other than that of nodes, as EKS demands: with the same one, a cluster that moves from one to the
// other would lose its nodes first.
func (b *controllerNodesBuilder) fargateRole() error {
	return b.role(b.name+"-fargate", "KarpenterControllerFargateRole", "Pods of Karpenter's controller on Fargate", policy.FargateTrust)
}

// fargateProfile makes the profile that takes the controller's pods to Fargate, by the label that Karpenter's chart puts on
// them, and no others of their namespace.
func (b *controllerNodesBuilder) fargateProfile() error {
	profile, err := eks.NewFargateProfile(b.ctx, b.name, &eks.FargateProfileArgs{
		ClusterName:         b.facts.name(b.args.ClusterName),
		FargateProfileName:  pulumi.String(or(b.options.Name, controllerNodesPhysical)),
		PodExecutionRoleArn: b.component.RoleArn,
		SubnetIds:           b.subnets,
		Selectors: eks.FargateProfileSelectorArray{eks.FargateProfileSelectorArgs{
			Namespace: pulumi.String(or(b.args.Namespace, component.DefaultNamespace)),
			Labels:    pulumi.StringMap{"app.kubernetes.io/name": pulumi.String("karpenter")},
		}},
		Tags: stringMap(b.options.Tags),
	},
		b.parent,
		pulumi.DeleteBeforeReplace(true), // a cluster has one profile of a name, and a profile never changes
		pulumi.DependsOn(b.attached))
	if err != nil {
		return fmt.Errorf("fargate profile: %w", err)
	}
	b.component.FargateProfile = profile
	b.component.FargateProfileName, b.component.FargateProfileArn = profile.FargateProfileName, profile.Arn
	return nil
}
