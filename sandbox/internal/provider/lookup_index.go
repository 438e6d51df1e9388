package provider

import (
	"fmt"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

// reverseSuffixes are the partitions' domains, the other way round.
var reverseSuffixes = map[string]string{"amazonaws.com": "com.amazonaws", "amazonaws.com.cn": "cn.com.amazonaws"}

func getPartition(c *cloud.Client, _ values) (values, error) {
	partition := c.Account().Partition()
	suffix := cloud.DNSSuffix(partition)
	return values{"dnsSuffix": suffix, "id": partition, "partition": partition, "reverseDnsPrefix": reverseSuffixes[suffix]}, nil
}

// getRegion tells of the provider's own region; of others the sandbox knows
// nothing.
func getRegion(c *cloud.Client, in values) (values, error) {
	if name := in.text("name"); name != "" && name != c.Region {
		return nil, fmt.Errorf("the sandbox's server serves the region %s and knows nothing of %s", c.Region, name)
	}
	endpoint := fmt.Sprintf("ec2.%s.%s", c.Region, cloud.DNSSuffix(c.Account().Partition()))
	return values{"description": c.Region, "endpoint": endpoint, "id": c.Region, "name": c.Region}, nil
}

func getAddonVersion(c *cloud.Client, in values) (values, error) {
	addon, kubernetes := in.text("addonName"), in.text("kubernetesVersion")
	versions, err := c.DescribeAddonVersions(addon, kubernetes)
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading EKS Add-On version info (%s, %s): %w", addon, kubernetes, err)
	case len(versions) == 0:
		return nil, fmt.Errorf("reading EKS Add-On version info (%s, %s): couldn't find resource", addon, kubernetes)
	}
	version := versions[len(versions)-1]
	if in.flag("mostRecent") {
		version = versions[0]
	}
	return values{"id": addon, "version": version}, nil
}
