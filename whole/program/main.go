// Command program is the Pulumi program of a whole cluster: EKS, Karpenter's AWS side, its charts, and first nodes.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/grafanix/eks-karpenter/whole/stack"
)

func main() {
	pulumi.Run(stack.Deploy)
}
