package stack

import (
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// lookupKubeconfig asks EKS how a cluster that exists is reached. Credentials are those of the AWS CLI, when they are needed.
// Source: "Connect kubectl to an EKS cluster by creating a kubeconfig file", EKS User Guide.
func lookupKubeconfig(ctx *pulumi.Context, clusterName string) (pulumi.StringInput, error) {
	found, err := eks.LookupCluster(ctx, &eks.LookupClusterArgs{Name: clusterName})
	if err != nil {
		return nil, fmt.Errorf("clusterName: EKS cluster %q was not found with the current credentials and region; check the name and aws:region: %w", clusterName, err)
	}
	if len(found.CertificateAuthorities) == 0 {
		return nil, fmt.Errorf("clusterName: EKS cluster %q has no certificate yet: it is being made", clusterName)
	}
	named := func(kind string, content any) []any { return []any{map[string]any{"name": found.Arn, kind: content}} }
	kubeconfig, err := json.Marshal(map[string]any{
		"apiVersion": "v1", "kind": "Config", "current-context": found.Arn,
		"clusters": named("cluster", map[string]any{
			"server": found.Endpoint, "certificate-authority-data": found.CertificateAuthorities[0].Data,
		}),
		"contexts": named("context", map[string]any{"cluster": found.Arn, "user": found.Arn}),
		"users": named("user", map[string]any{"exec": map[string]any{
			"apiVersion": "client.authentication.k8s.io/v1beta1", "command": "aws",
			"args": []string{"eks", "get-token", "--cluster-name", clusterName, "--output", "json"},
		}}),
	})
	return pulumi.String(kubeconfig), err
}
