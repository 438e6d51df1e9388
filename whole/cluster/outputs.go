package cluster

import (
	"encoding/json"
	"fmt"
	"regexp"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumix"

	"github.com/grafanix/eks-karpenter/internal/policy"
)

// oidcProvider is the form of a cluster's OIDC provider, whose issuer is in the cluster's region. Source: "Create an IAM
// OIDC provider for your cluster", Amazon EKS User Guide.
var oidcProvider = regexp.MustCompile(`^arn:(aws[a-z-]*):iam::(\d{12}):oidc-provider/oidc[.-]eks\.([a-z0-9-]+)\.`)

// clusterOf is the cluster of that name that has the OIDC provider.
func clusterOf(oidcProviderARN, name string) (policy.Cluster, error) {
	parts := oidcProvider.FindStringSubmatch(oidcProviderARN)
	if parts == nil {
		return policy.Cluster{}, fmt.Errorf(
			"%q is not the ARN of an EKS cluster's OIDC provider (arn:<partition>:iam::<account>:oidc-provider/oidc.eks.<region>...)", oidcProviderARN)
	}
	return policy.Cluster{Partition: parts[1], Account: parts[2], Region: parts[3], Name: name}, nil
}

// endpoint is the URL of the API server that a kubeconfig leads to.
func endpoint(kubeconfig string) (string, error) {
	var parsed struct {
		Clusters []struct{ Cluster struct{ Server string } }
	}
	if err := json.Unmarshal([]byte(kubeconfig), &parsed); err != nil {
		return "", fmt.Errorf("the cluster's kubeconfig: %w", err)
	}
	if len(parsed.Clusters) != 1 {
		return "", fmt.Errorf("the cluster's kubeconfig: %d clusters are in it, and not one", len(parsed.Clusters))
	}
	return parsed.Clusters[0].Cluster.Server, nil
}

// stringOutput gives a typed output the type that resources take.
func stringOutput(output pulumix.Output[string]) pulumi.StringOutput {
	return pulumix.Cast[pulumi.StringOutput](output)
}
