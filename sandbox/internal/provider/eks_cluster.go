package provider

import (
	"fmt"
	"slices"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

var clusterType = resourceType{
	token: "aws:eks/cluster:Cluster",
	noun:  "EKS Cluster",
	properties: tagged.with(schema{
		"accessConfig": {kind: object, mode: optionalComputed, imported: true, fields: schema{
			"authenticationMode":                      {kind: text, mode: optionalComputed, imported: true, checks: []check{oneOf("API", "API_AND_CONFIG_MAP", "CONFIG_MAP")}},
			"bootstrapClusterCreatorAdminPermissions": {kind: flag, otherwise: true, replace: true},
		}},
		"arn":                        {kind: text, mode: computed},
		"bootstrapSelfManagedAddons": {kind: flag, otherwise: true, replace: true, local: true},
		"certificateAuthorities":     {kind: objects, mode: computed},
		"certificateAuthority":       {kind: object, mode: computed},
		"clusterId":                  {kind: text, mode: computed},
		"computeConfig":              {kind: object, unmodelled: true},
		"createdAt":                  {kind: text, mode: computed},
		"defaultAddonsToRemoves":     {kind: texts, unmodelled: true},
		"enabledClusterLogTypes": {kind: texts, unordered: true, checks: []check{
			each(oneOf("api", "audit", "authenticator", "controllerManager", "scheduler")),
		}},
		"encryptionConfig": {kind: object, forGood: true, fields: schema{
			"provider":  {kind: object, mode: required, fields: schema{"keyArn": {kind: text, mode: required}}},
			"resources": {kind: texts, mode: required, unordered: true, checks: []check{each(oneOf("secrets"))}},
		}},
		"endpoint":           {kind: text, mode: computed},
		"forceUpdateVersion": {kind: flag, local: true},
		"identities":         {kind: objects, mode: computed},
		"kubernetesNetworkConfig": {kind: object, mode: optionalComputed, fields: schema{
			"elasticLoadBalancing": {kind: object, mode: optionalComputed, unmodelled: true, fields: schema{"enabled": {kind: flag}}},
			"ipFamily":             {kind: text, mode: optionalComputed, replace: true, checks: []check{oneOf("ipv4", "ipv6")}},
			"serviceIpv4Cidr":      {kind: text, mode: optionalComputed, replace: true},
			"serviceIpv6Cidr":      {kind: text, mode: computed},
		}},
		"name":                {kind: text, mode: optionalComputed, replace: true, autoname: 100, checks: clusterName},
		"outpostConfig":       {kind: object, unmodelled: true},
		"platformVersion":     {kind: text, mode: computed},
		"remoteNetworkConfig": {kind: object, unmodelled: true},
		"roleArn":             {kind: text, mode: required, replace: true, checks: []check{isARN}},
		"status":              {kind: text, mode: computed},
		"storageConfig":       {kind: object, unmodelled: true},
		"upgradePolicy": {kind: object, mode: optionalComputed, fields: schema{
			"supportType": {kind: text, mode: optionalComputed, checks: []check{oneOf("STANDARD", "EXTENDED")}},
		}},
		"version": {kind: text, mode: optionalComputed, imported: true},
		"vpcConfig": {kind: object, mode: required, fields: schema{
			"clusterSecurityGroupId": {kind: text, mode: computed},
			"endpointPrivateAccess":  {kind: flag, otherwise: false},
			"endpointPublicAccess":   {kind: flag, otherwise: true},
			"publicAccessCidrs":      {kind: texts, mode: optionalComputed, unordered: true},
			"securityGroupIds":       {kind: texts, unordered: true},
			"subnetIds":              {kind: texts, mode: required, unordered: true, checks: []check{atLeast(1)}},
			"vpcId":                  {kind: text, mode: computed},
		}},
		"zonalShiftConfig": {kind: object, unmodelled: true},
	}),
	creating: func(in values) string { return fmt.Sprintf("creating EKS Cluster (%s)", in.text("name")) },
	create: func(c *cloud.Client, in values) (string, error) {
		return emptyOn(in.text("name"), c.CreateCluster(cluster(in)))
	},
	read:   readCluster,
	update: updateCluster,
	remove: func(c *cloud.Client, id string, _ values) error { return c.DeleteCluster(id) },
}

// atLeast takes lists of so many elements.
func atLeast(fewest int) check {
	return func(name string, value any) string {
		if elements, _ := value.([]any); len(elements) < fewest {
			return fmt.Sprintf("Not enough list items: attribute %s requires %d item minimum, but config has only %d declared.", name, fewest, len(elements))
		}
		return ""
	}
}

func cluster(in values) cloud.Cluster {
	access, network, services := in.object("accessConfig"), in.object("vpcConfig"), in.object("kubernetesNetworkConfig")
	reached := clusterAccess(network)
	return cloud.Cluster{
		Name:               in.text("name"),
		Version:            in.text("version"),
		AuthenticationMode: access.text("authenticationMode"),
		CreatorIsNoAdmin:   len(access) > 0 && !access.flag("bootstrapClusterCreatorAdminPermissions"),
		IPFamily:           services.text("ipFamily"),
		ServiceIPv4CIDR:    services.text("serviceIpv4Cidr"),
		RoleARN:            in.text("roleArn"),
		SubnetIDs:          network.texts("subnetIds"),
		SecurityGroupIDs:   network.texts("securityGroupIds"),
		Access:             &reached,
		LogTypes:           in.texts("enabledClusterLogTypes"),
		SupportType:        in.object("upgradePolicy").text("supportType"),
		EncryptionKeyARN:   in.object("encryptionConfig").object("provider").text("keyArn"),
		Tags:               in.tags(),
	}
}

func clusterAccess(network values) cloud.ClusterAccess {
	return cloud.ClusterAccess{
		Private:     network.flag("endpointPrivateAccess"),
		Public:      network.flag("endpointPublicAccess"),
		PublicCIDRs: network.texts("publicAccessCidrs"),
	}
}

func readCluster(c *cloud.Client, id string, _ values) (found, error) {
	cluster, err := c.DescribeCluster(id)
	if err != nil {
		return gone(err)
	}
	return found{id, values{
		"accessConfig": map[string]any{
			"authenticationMode": cluster.AuthenticationMode, "bootstrapClusterCreatorAdminPermissions": !cluster.CreatorIsNoAdmin,
		},
		"arn":                    cluster.ARN,
		"certificateAuthorities": []any{map[string]any{"data": cluster.CertificateData}},
		"certificateAuthority":   map[string]any{"data": cluster.CertificateData},
		"createdAt":              createdAt,
		"enabledClusterLogTypes": cluster.LogTypes,
		"encryptionConfig":       encryption(cluster),
		"endpoint":               cluster.Endpoint,
		"identities":             identities(cluster),
		"kubernetesNetworkConfig": map[string]any{
			"elasticLoadBalancing": map[string]any{"enabled": false},
			"ipFamily":             cluster.IPFamily,
			"serviceIpv4Cidr":      cluster.ServiceIPv4CIDR,
			"serviceIpv6Cidr":      cluster.ServiceIPv6CIDR,
		},
		"name":            cluster.Name,
		"platformVersion": cluster.PlatformVersion,
		"roleArn":         cluster.RoleARN,
		"status":          "ACTIVE",
		"upgradePolicy":   map[string]any{"supportType": cluster.SupportType},
		"version":         cluster.Version,
		"vpcConfig":       vpcConfig(cluster),
	}.withTags(cluster.Tags)}, nil
}

func encryption(cluster cloud.Cluster) map[string]any {
	if cluster.EncryptionKeyARN == "" {
		return map[string]any{}
	}
	return map[string]any{"provider": map[string]any{"keyArn": cluster.EncryptionKeyARN}, "resources": []any{"secrets"}}
}

func identities(cluster cloud.Cluster) []any {
	return []any{map[string]any{"oidcs": []any{map[string]any{"issuer": cluster.Issuer}}}}
}

func vpcConfig(cluster cloud.Cluster) map[string]any {
	return map[string]any{
		"clusterSecurityGroupId": cluster.PrimaryGroupID,
		"endpointPrivateAccess":  cluster.Access.Private,
		"endpointPublicAccess":   cluster.Access.Public,
		"publicAccessCidrs":      list(cluster.Access.PublicCIDRs),
		"securityGroupIds":       list(cluster.SecurityGroupIDs),
		"subnetIds":              list(cluster.SubnetIDs),
		"vpcId":                  cluster.VPCID,
	}
}

// updateCluster changes one thing after another, the version first, as the
// provider does.
func updateCluster(c *cloud.Client, id string, old, new values) error {
	before, after := cluster(old), cluster(new)
	network, was := new.object("vpcConfig"), old.object("vpcConfig")
	return inOrder(
		kept(before.Version, after.Version, func(v string) error { return c.UpdateClusterVersion(id, v) }),
		kept(before.AuthenticationMode, after.AuthenticationMode, func(v string) error { return c.UpdateClusterAuthentication(id, v) }),
		unless(sameTexts(before.LogTypes, after.LogTypes), func() error { return c.UpdateClusterLogging(id, after.LogTypes) }),
		unless(sameAccess(was, network), func() error { return c.UpdateClusterAccess(id, clusterAccess(network)) }),
		unless(sameTexts(before.SubnetIDs, after.SubnetIDs) && sameTexts(before.SecurityGroupIDs, after.SecurityGroupIDs), func() error {
			return c.UpdateClusterNetwork(id, after.SubnetIDs, after.SecurityGroupIDs)
		}),
		unless(before.EncryptionKeyARN != "" || after.EncryptionKeyARN == "", func() error { // another key is not asked for
			return c.AssociateEncryptionConfig(id, after.EncryptionKeyARN)
		}),
		kept(before.SupportType, after.SupportType, func(v string) error { return c.UpdateClusterSupport(id, v) }),
		func() error { return c.TagCluster(id, new.tags()) },
	)
}

// sameAccess tells whether an API server is to be reached as before; ranges
// that the program does not name stay.
func sameAccess(was, wanted values) bool {
	before, after := clusterAccess(was), clusterAccess(wanted)
	return before.Private == after.Private && before.Public == after.Public &&
		(len(after.PublicCIDRs) == 0 || sameTexts(before.PublicCIDRs, after.PublicCIDRs))
}

// sameTexts compares lists whose order means nothing.
func sameTexts(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
