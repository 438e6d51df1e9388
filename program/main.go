// Command program is the Pulumi program of eks-karpenter: one stack for each cluster.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/grafanix/eks-karpenter/program/stack"
)

func main() {
	pulumi.Run(stack.Deploy)
}
