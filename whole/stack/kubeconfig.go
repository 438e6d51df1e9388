package stack

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// access is how a cluster is reached.
type access struct{ endpoint, kubeconfig pulumi.StringOutput }

// lookupAccess asks EKS how a cluster that exists is reached. The AWS CLI gives credentials when they are needed, so there is
// nothing secret in it.
// Source: "Connect kubectl to an EKS cluster by creating a kubeconfig file", EKS User Guide.
func lookupAccess(ctx *pulumi.Context, clusterName string) (access, error) {
	found, err := eks.LookupCluster(ctx, &eks.LookupClusterArgs{Name: clusterName})
	if err != nil {
		return access{}, fmt.Errorf("clusterName: EKS cluster %q was not found with the current credentials and region; check the name and aws:region: %w", clusterName, err)
	}
	if len(found.CertificateAuthorities) == 0 {
		return access{}, fmt.Errorf("clusterName: EKS cluster %q has no certificate yet: it is being made", clusterName)
	}
	region := strings.Split(found.Arn, ":")[3]
	named := func(kind string, content any) []any { return []any{map[string]any{"name": found.Arn, kind: content}} }
	kubeconfig, err := json.Marshal(map[string]any{
		"apiVersion": "v1", "kind": "Config", "current-context": found.Arn,
		"clusters": named("cluster", map[string]any{
			"server": found.Endpoint, "certificate-authority-data": found.CertificateAuthorities[0].Data,
		}),
		"contexts": named("context", map[string]any{"cluster": found.Arn, "user": found.Arn}),
		"users": named("user", map[string]any{"exec": map[string]any{
			"apiVersion": "client.authentication.k8s.io/v1beta1", "command": "aws",
			"args": []string{"--region", region, "eks", "get-token", "--cluster-name", clusterName, "--output", "json"},
		}}),
	})
	return access{pulumi.String(found.Endpoint).ToStringOutput(), pulumi.String(kubeconfig).ToStringOutput()}, err
}
