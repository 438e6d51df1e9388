// Package cluster makes an EKS cluster that is ready for Karpenter, by pulumi-eks: with an OIDC provider, access entries, the
// Pod Identity agent, one security group that it owns, and no nodes.
package cluster
