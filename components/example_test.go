package components_test

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/grafanix/eks-karpenter/components"
)

// A whole program: all that Karpenter needs in AWS for one cluster, and the values of its Helm chart.
func Example() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		karpenter, err := components.NewKarpenter(ctx, "karpenter", &components.KarpenterArgs{
			ClusterName: "my-cluster",
		})
		if err != nil {
			return err
		}
		ctx.Export("helmValues", karpenter.HelmValues)
		return nil
	})
	// Output:
	// helmValues: {
	//   "serviceAccount": {
	//     "annotations": {
	//       "eks.amazonaws.com/role-arn": "arn:aws:iam::111122223333:role/KarpenterControllerRole-my-cluster"
	//     },
	//     "name": "karpenter"
	//   },
	//   "settings": {
	//     "clusterName": "my-cluster",
	//     "interruptionQueue": "my-cluster"
	//   }
	// }
}
