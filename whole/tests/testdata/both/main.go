// Command both is the least program that deploys with both.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/grafanix/eks-karpenter/components"
	"github.com/grafanix/eks-karpenter/whole/cluster"
	"github.com/grafanix/eks-karpenter/whole/install"
)

func main() {
	pulumi.Run(func(*pulumi.Context) error {
		_ = components.NewKarpenter
		_ = cluster.NewCluster
		_ = install.NewCharts
		return nil
	})
}
