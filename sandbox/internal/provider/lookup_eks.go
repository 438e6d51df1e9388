package provider

import (
	"fmt"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

func getCluster(c *cloud.Client, in values) (values, error) {
	name := in.text("name")
	cluster, err := c.DescribeCluster(name)
	if cloud.IsMissing(err) {
		return nil, fmt.Errorf("reading EKS Cluster (%s): couldn't find resource", name)
	}
	if err != nil {
		return nil, fmt.Errorf("reading EKS Cluster (%s): %w", name, err)
	}
	tags := values{}.withTags(cluster.Tags)["tags"]
	one := func(fields map[string]any) []any { return []any{fields} }
	return values{
		"accessConfigs":          one(map[string]any{"authenticationMode": cluster.AuthenticationMode, "bootstrapClusterCreatorAdminPermissions": !cluster.CreatorIsNoAdmin}),
		"arn":                    cluster.ARN,
		"certificateAuthorities": one(map[string]any{"data": cluster.CertificateData}),
		"clusterId":              "",
		"computeConfigs":         []any{},
		"createdAt":              createdAt,
		"enabledClusterLogTypes": list(cluster.LogTypes),
		"endpoint":               cluster.Endpoint,
		"id":                     cluster.Name,
		"identities":             identities(cluster),
		"kubernetesNetworkConfigs": one(map[string]any{
			"elasticLoadBalancings": one(map[string]any{"enabled": false}),
			"ipFamily":              cluster.IPFamily,
			"serviceIpv4Cidr":       cluster.ServiceIPv4CIDR,
			"serviceIpv6Cidr":       cluster.ServiceIPv6CIDR,
		}),
		"name":                 cluster.Name,
		"outpostConfigs":       []any{},
		"platformVersion":      cluster.PlatformVersion,
		"remoteNetworkConfigs": []any{},
		"roleArn":              cluster.RoleARN,
		"status":               "ACTIVE",
		"storageConfigs":       one(map[string]any{"blockStorages": one(map[string]any{"enabled": false})}),
		"tags":                 tags,
		"upgradePolicies":      one(map[string]any{"supportType": cluster.SupportType}),
		"version":              cluster.Version,
		"vpcConfig":            vpcConfig(cluster),
		"zonalShiftConfigs":    []any{},
	}, nil
}

// list is a list of texts that is never null.
func list(all []string) []any {
	out := make([]any, 0, len(all))
	for _, s := range all {
		out = append(out, s)
	}
	return out
}
