// Command light is the least program that deploys the AWS side alone.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/grafanix/eks-karpenter/components"
)

func main() {
	pulumi.Run(func(*pulumi.Context) error {
		_ = components.NewKarpenter
		return nil
	})
}
