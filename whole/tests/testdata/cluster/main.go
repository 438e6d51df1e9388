// Command cluster is the least program that deploys with the cluster.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/grafanix/eks-karpenter/components"
	"github.com/grafanix/eks-karpenter/whole/cluster"
)

func main() {
	pulumi.Run(func(*pulumi.Context) error {
		_ = components.NewKarpenter
		_ = cluster.NewCluster
		return nil
	})
}
