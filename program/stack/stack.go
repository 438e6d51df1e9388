// Package stack is what one stack deploys: the AWS side of Karpenter on one EKS cluster, as the stack's settings say. Its
// Deploy is a whole Pulumi program, for pulumi up and for the Automation API alike.
package stack

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/grafanix/eks-karpenter/components"
)

// Deploy reads the stack's settings and deploys what they say. Its error lists everything that is wrong with the
// settings, and then nothing is registered.
func Deploy(ctx *pulumi.Context) error {
	settings, err := Load(ctx)
	if err != nil {
		return err
	}
	return settings.Deploy(ctx)
}

// Deploy deploys what the settings say, and exports the outputs of the Karpenter component under their own names.
func (s *Settings) Deploy(ctx *pulumi.Context) error {
	var opts []pulumi.ResourceOption
	if s.Protect {
		opts = append(opts, pulumi.Protect(true))
	}
	karpenter, err := components.NewKarpenter(ctx, "karpenter", &s.Karpenter, opts...)
	if err != nil {
		return err
	}
	Export(ctx, karpenter)
	return nil
}

// Export exports the outputs of a Karpenter component under their own names.
func Export(ctx *pulumi.Context, karpenter *components.Karpenter) {
	for name, output := range map[string]pulumi.Input{
		"clusterName":         karpenter.ClusterName,
		"karpenterVersion":    karpenter.KarpenterVersion,
		"controllerRoleName":  karpenter.ControllerRoleName,
		"controllerRoleArn":   karpenter.ControllerRoleArn,
		"nodeRoleName":        karpenter.NodeRoleName,
		"nodeRoleArn":         karpenter.NodeRoleArn,
		"instanceProfileName": karpenter.InstanceProfileName,
		"awsAuth":             karpenter.AwsAuth,
		"queueName":           karpenter.QueueName,
		"queueArn":            karpenter.QueueArn,
		"queueUrl":            karpenter.QueueUrl,
		"ruleArns":            karpenter.RuleArns,
		"vpcEndpoints":        karpenter.VpcEndpoints,
		"helmValues":          karpenter.HelmValues,
		"nodeClass":           karpenter.NodeClass,
		"nodePool":            karpenter.NodePool,
	} {
		ctx.Export(name, output)
	}
}
