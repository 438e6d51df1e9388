// Package install brings Karpenter into a cluster: [NewCharts] installs its two Helm charts, [NewNodeClass] says what its
// nodes are made of, and [NewNodePool] which of them it may launch, and when it ends them.
//
// Each is made after what is given by pulumi.DependsOn, and deleted before it: the charts after the AWS side of Karpenter,
// node classes after the charts, node pools after their node class. So a destroy first drains the nodes, then removes
// Karpenter, and last its roles.
//
// Every constructor checks all of its args before anything is registered, and then lists every problem by property in a
// components.InvalidArgsError. It takes what Karpenter's own schema takes, and says what the schema would refuse.
package install
