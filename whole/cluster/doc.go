// Package cluster makes an EKS cluster that is ready for Karpenter, by pulumi-eks: with an OIDC provider, access entries, the
// Pod Identity agent, nodes' discovery tags and no nodes of its own.
package cluster
