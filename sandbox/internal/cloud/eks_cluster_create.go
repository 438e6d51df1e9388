package cloud

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// clusterName is the form of a cluster's name:
// https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html
var clusterName = constraint{"name", `[0-9A-Za-z][A-Za-z0-9\-_]*`, 100}

// The ways into a cluster:
// https://docs.aws.amazon.com/eks/latest/userguide/grant-k8s-access.html
const (
	byConfigMap       = "CONFIG_MAP"
	byAPIAndConfigMap = "API_AND_CONFIG_MAP"
	byAPI             = "API"
)

const (
	extendedSupport = "EXTENDED"
	ipv6Services    = "fd30:7a1c:5b2e::/108"
	primaryGroupFor = "EKS created security group applied to ENI that is attached to EKS Control Plane master nodes, as well as any managed workloads."
)

// CreateCluster makes a cluster of a name, a role, subnets and what else is
// set; EKS chooses the rest. It makes the cluster's primary security group.
func (c *Client) CreateCluster(in Cluster) error {
	return c.write(eksService, "CreateCluster", func(st *State) error {
		in.Region, in.ARN = c.Region, st.ARN("eks", c.Region, "cluster/"+in.Name)
		in.chooseDefaults()
		if err := c.checkCluster(st, &in); err != nil {
			return err
		}
		st.complete(&in)
		st.Clusters[in.ARN] = &in
		return nil
	})
}

// chooseDefaults sets what needs no look at the account.
func (c *Cluster) chooseDefaults() {
	for value, otherwise := range map[*string]string{
		&c.Version: kubernetesVersions[len(kubernetesVersions)-1], &c.AuthenticationMode: byConfigMap,
		&c.IPFamily: "ipv4", &c.SupportType: extendedSupport,
	} {
		if *value == "" {
			*value = otherwise
		}
	}
	access := c.access()
	access.PublicCIDRs = slices.Sorted(slices.Values(access.PublicCIDRs))
	if access.Public && len(access.PublicCIDRs) == 0 {
		access.PublicCIDRs = []string{everywhere}
	}
	c.Access = &access
	c.SubnetIDs, c.SecurityGroupIDs = slices.Clone(c.SubnetIDs), slices.Sorted(slices.Values(c.SecurityGroupIDs))
	c.LogTypes, c.Tags = slices.Sorted(slices.Values(c.LogTypes)), maps.Clone(c.Tags)
}

func (c *Client) checkCluster(st *State, in *Cluster) error {
	return firstError(
		func() error { return clusterName.check("InvalidParameterException", in.Name) },
		func() error {
			if _, exists := st.Clusters[in.ARN]; exists {
				return refuse("ResourceInUseException", "Cluster already exists with name: %s", in.Name)
			}
			return nil
		},
		func() error { return checkVersion(in.Version) },
		in.checkAdmin,
		func() error { return c.checkClusterRole(st, in.RoleARN) },
		func() error { return in.access().check() },
		func() error { return st.checkClusterNetwork(in) },
		func() error { return in.checkServices(st) },
		func() error { return st.checkSecretsKey(c.Region, in.EncryptionKeyARN) },
		func() error { return checkTags(eksService, in.Tags, nil) },
	)
}

func checkVersion(version string) error {
	if !slices.Contains(kubernetesVersions, version) {
		return refuse("InvalidParameterException", "unsupported Kubernetes version")
	}
	return nil
}

func (c *Cluster) checkAdmin() error {
	if c.CreatorIsNoAdmin && c.AuthenticationMode == byConfigMap {
		return refuse("InvalidParameterException", "bootstrapClusterCreatorAdminPermissions must be true if cluster authentication mode is set to CONFIG_MAP")
	}
	return nil
}

func (c *Client) checkClusterRole(st *State, arn string) error {
	role := st.roleByARN(arn)
	if role == nil {
		return refuse("InvalidParameterException", "roleArn, %s, does not exist", arn)
	}
	trusted, err := c.trusts(st, role, "", "eks.amazonaws.com") // in China, too
	if err == nil && !trusted {
		err = refuse("InvalidParameterException", "Role could not be assumed because the trusted entity is not correct")
	}
	return err
}

// trusts tells whether a service may assume a role, under one of its names and
// for a resource, if it acts for one.
func (c *Client) trusts(st *State, role *Role, source string, names ...string) (bool, error) {
	for _, name := range names {
		who, err := ServicePrincipal{Name: name, SourceARN: source}.identify(st)
		if err != nil {
			return false, err
		}
		if decision, err := c.decide(st, who, "sts:AssumeRole", role.ARN, nil); err != nil || decision.Allowed {
			return decision.Allowed, err
		}
	}
	return false, nil
}

func (a ClusterAccess) check() error {
	switch {
	case !a.Private && !a.Public:
		return refuse("InvalidParameterException", "Private and public endpoint access cannot be false.")
	case !a.Public && len(a.PublicCIDRs) > 0:
		return refuse("InvalidParameterException", "The publicAccessCidrs cannot be specified while public endpoint access is disabled.")
	}
	for _, cidr := range a.PublicCIDRs {
		if parsed, err := netip.ParsePrefix(cidr); err != nil || parsed.Masked() != parsed {
			return refuse("InvalidParameterException", "The following CIDRs are invalid in publicAccessCidrs: [%s]", cidr)
		}
	}
	return nil
}

// checkClusterNetwork judges subnets and additional security groups, and sets
// the VPC that they are in.
func (st *State) checkClusterNetwork(in *Cluster) error {
	zones, err := st.checkSubnets(in.Region, in.SubnetIDs)
	if err != nil {
		return err
	}
	if len(zones) < 2 {
		return refuse("InvalidParameterException", "Subnets specified must be in at least two different AZs")
	}
	in.VPCID = st.Subnets[in.SubnetIDs[0]].VPCID
	for _, id := range in.SecurityGroupIDs {
		group, err := st.group(in.Region, id)
		if err != nil {
			return refuse("InvalidParameterException", "The security group '%s' does not exist", id)
		}
		if group.VPCID != in.VPCID {
			return refuse("InvalidParameterException", "Security group(s) [%s] are not in the same VPC as the subnets.", id)
		}
	}
	return nil
}

// checkSubnets returns the zones of subnets, which must be of one VPC.
func (st *State) checkSubnets(region string, ids []string) (zones map[string]bool, err error) {
	vpc := ""
	zones = map[string]bool{}
	for _, id := range ids {
		subnet, ok := st.Subnets[id]
		if !ok || subnet.Region != region {
			return nil, refuse("InvalidParameterException", "The subnet ID '%s' does not exist", id)
		}
		if vpc != "" && subnet.VPCID != vpc {
			return nil, refuse("InvalidParameterException", "Subnets specified must be in the same VPC: %s is in %s, not in %s", id, subnet.VPCID, vpc)
		}
		vpc, zones[subnet.Zone] = subnet.VPCID, true
	}
	return zones, nil
}

// checkServices sets the addresses of services that EKS chooses, and refuses
// ones that the VPC has.
func (c *Cluster) checkServices(st *State) error {
	if c.IPFamily == "ipv6" {
		if c.ServiceIPv4CIDR != "" {
			return refuse("InvalidParameterException", "serviceIpv4Cidr can only be specified for the IP family ipv4")
		}
		c.ServiceIPv6CIDR = ipv6Services
		return nil
	}
	if c.ServiceIPv4CIDR == "" {
		c.ServiceIPv4CIDR = "10.100.0.0/16"
		if strings.HasPrefix(st.VPCs[c.VPCID].CIDR, "10.") {
			c.ServiceIPv4CIDR = "172.20.0.0/16"
		}
	}
	services, err := netip.ParsePrefix(c.ServiceIPv4CIDR)
	if err != nil {
		return refuse("InvalidParameterException", "CIDR block %s is malformed", c.ServiceIPv4CIDR)
	}
	if vpc, err := netip.ParsePrefix(st.VPCs[c.VPCID].CIDR); err == nil && vpc.Overlaps(services) {
		return refuse("InvalidParameterException", "The specified serviceIpv4Cidr %s overlaps with the CIDR of VPC %s", c.ServiceIPv4CIDR, c.VPCID)
	}
	return nil
}

// checkSecretsKey judges the key of Kubernetes's secrets.
// https://docs.aws.amazon.com/eks/latest/userguide/enable-kms.html
func (st *State) checkSecretsKey(region, arn string) error {
	if arn == "" {
		return nil
	}
	key, exists := st.Keys[arn]
	parts, _ := parseARN(arn)
	if !exists || key.PendingDeletion || !key.Enabled || parts.region != region {
		return refuse("InvalidParameterException", "The keyArn in encryptionConfig provider is invalid: %s is no enabled key of %s", arn, region)
	}
	return nil
}

// complete adds what EKS makes: endpoint, issuer, certificate authority and
// the primary security group, with its rules.
func (st *State) complete(cluster *Cluster) {
	id, suffix := strings.ToUpper(HexID("issuer "+cluster.ARN, 32)), DNSSuffix(st.Partition)
	cluster.PlatformVersion = "eks.9"
	cluster.Endpoint = fmt.Sprintf("https://%s.gr7.%s.eks.%s", id, cluster.Region, suffix)
	cluster.Issuer = fmt.Sprintf("https://oidc.eks.%s.%s/id/%s", cluster.Region, suffix, id)
	cluster.CertificateData = base64.StdEncoding.EncodeToString([]byte("certificate authority of " + cluster.Name))

	name := fmt.Sprintf("eks-cluster-sg-%s-%d", cluster.Name, number("primary group "+cluster.ARN))
	group := &SecurityGroup{
		ID: "sg-0" + HexID("primary group "+cluster.ARN, 16), Region: cluster.Region, VPCID: cluster.VPCID,
		Name: name, Description: primaryGroupFor,
		Tags: Tags{"Name": name, "kubernetes.io/cluster/" + cluster.Name: "owned", "aws:eks:cluster-name": cluster.Name},
	}
	cluster.PrimaryGroupID = group.ID
	st.SecurityGroups[group.ID] = group
	st.addRule(group, SecurityGroupRule{Protocol: anyProtocol, ReferencedGroupID: group.ID})
	st.letOut(group)
}

// number is a number of up to ten digits.
func number(name string) int64 {
	n, _ := strconv.ParseInt(HexID(name, 8), 16, 64)
	return n
}
