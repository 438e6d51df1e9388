package sandbox

import (
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

var accountNumber = regexp.MustCompile(`^\d{12}$`)

// account makes the account that the spec describes. The account's own
// operations make what they can, so that a spec cannot hold what AWS refuses.
func (s Spec) account() (*cloud.Account, error) {
	if !accountNumber.MatchString(s.AccountID) {
		return nil, fmt.Errorf("accountId must be 12 digits, got %q", s.AccountID)
	}
	state := cloud.State{
		Partition: s.Partition, AccountID: s.AccountID,
		Clusters: map[string]*cloud.Cluster{}, VPCs: map[string]*cloud.VPC{}, Subnets: map[string]*cloud.Subnet{},
		SecurityGroups: map[string]*cloud.SecurityGroup{}, RouteTables: map[string]*cloud.RouteTable{},
	}
	for _, cluster := range s.Clusters {
		if err := cluster.seed(&state); err != nil {
			return nil, fmt.Errorf("cluster %s: %w", cluster.Name, err)
		}
	}
	for _, network := range s.Networks {
		if network.Region == "" && len(s.Clusters) > 0 {
			network.Region = s.Clusters[0].Region
		}
		if err := network.seed(&state, func(tags map[string]string) cloud.Tags { return tags }); err != nil {
			return nil, fmt.Errorf("network %s: %w", network.Name, err)
		}
	}
	account := cloud.New(state, nil)
	if err := s.fill(account); err != nil {
		return nil, err
	}
	return account, nil
}

// fill makes policies, roles and what belongs to clusters in IAM and EKS.
func (s Spec) fill(account *cloud.Account) error {
	client, err := account.In(cloud.HomeRegion(s.Partition))
	if err != nil {
		return fmt.Errorf("partition %q: %w", s.Partition, err)
	}
	for _, policy := range s.Policies {
		_, err := client.CreatePolicy(cloud.Policy{
			Name: policy.Name, Path: pathOr(policy.Path), Description: policy.Description, Document: policy.Document,
		})
		if err != nil {
			return fmt.Errorf("policy %s: %w", policy.Name, err)
		}
	}
	for _, role := range s.Roles {
		if err := role.make(client); err != nil {
			return fmt.Errorf("role %s: %w", role.Name, err)
		}
	}
	for _, cluster := range s.Clusters {
		if err := cluster.fill(account); err != nil {
			return fmt.Errorf("cluster %s: %w", cluster.Name, err)
		}
	}
	return nil
}

func pathOr(path string) string {
	if path == "" {
		return "/"
	}
	return path
}

func (r RoleSpec) make(client *cloud.Client) error {
	trust := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":%q},"Action":"sts:AssumeRole"}]}`, r.Service)
	if err := client.CreateRole(cloud.Role{Name: r.Name, Path: pathOr(r.Path), TrustPolicy: trust, MaxSession: 3600}); err != nil {
		return err
	}
	for _, policy := range r.ManagedPolicies {
		arn := fmt.Sprintf("arn:%s:iam::aws:policy/%s", client.Account().Partition(), policy)
		if err := client.AttachRolePolicy(r.Name, arn); err != nil {
			return err
		}
	}
	return nil
}

// named puts the cluster's name into a text.
func (c ClusterSpec) named(text string) string {
	return strings.ReplaceAll(text, "{cluster}", c.Name)
}

func (c ClusterSpec) tags(tags map[string]string) cloud.Tags {
	named := cloud.Tags{}
	for key, value := range tags {
		named[c.named(key)] = c.named(value)
	}
	return named
}

// seed adds the cluster and its network, which no operation makes.
func (c ClusterSpec) seed(state *cloud.State) error {
	network := NetworkSpec{Name: c.Name, Region: c.Region, VPC: c.VPC, Subnets: c.Subnets, RouteTables: c.RouteTables}
	if err := network.seed(state, c.tags); err != nil {
		return err
	}
	for _, group := range c.SecurityGroups {
		if err := put(state.SecurityGroups, group.ID, &cloud.SecurityGroup{
			ID: group.ID, Region: c.Region, VPCID: c.VPC.ID, Name: c.named(group.Name), Description: group.Description,
			Tags: c.tags(group.Tags),
		}); err != nil {
			return err
		}
	}
	cluster, err := c.cluster(state)
	if err != nil {
		return err
	}
	return put(state.Clusters, cluster.ARN, cluster)
}

// put adds a thing whose id must be free.
func put[T any](things map[string]*T, id string, thing *T) error {
	if _, exists := things[id]; exists {
		return fmt.Errorf("%s is there twice", id)
	}
	things[id] = thing
	return nil
}

// seed adds the VPC and what is in it, which no operation makes.
func (n NetworkSpec) seed(state *cloud.State, named func(map[string]string) cloud.Tags) error {
	partition, err := cloud.PartitionOf(n.Region)
	if err != nil {
		return err
	}
	if partition != state.Partition {
		return fmt.Errorf("region %s belongs to partition %s, not to %s", n.Region, partition, state.Partition)
	}
	err = put(state.VPCs, n.VPC.ID, &cloud.VPC{ID: n.VPC.ID, Region: n.Region, CIDR: n.VPC.CIDR, Tags: named(n.VPC.Tags)})
	for _, subnet := range n.Subnets {
		err = errors.Join(err, put(state.Subnets, subnet.ID, &cloud.Subnet{
			ID: subnet.ID, Region: n.Region, VPCID: n.VPC.ID, Zone: n.Region + subnet.Zone, CIDR: subnet.CIDR,
			Public: subnet.Public, Tags: named(subnet.Tags),
		}))
	}
	for _, table := range n.RouteTables {
		err = errors.Join(err, put(state.RouteTables, table.ID, &cloud.RouteTable{
			ID: table.ID, Region: n.Region, VPCID: n.VPC.ID, Main: table.Main, SubnetIDs: slices.Clone(table.Subnets),
			Gateway: table.Gateway, Tags: named(table.Tags),
		}))
	}
	return err
}

// authenticationModes are the ways into a cluster:
// https://docs.aws.amazon.com/eks/latest/userguide/grant-k8s-access.html
var authenticationModes = []string{"API", "API_AND_CONFIG_MAP", "CONFIG_MAP"}

// serviceCIDRs are the ranges of services that EKS chooses, by IP family:
// https://docs.aws.amazon.com/eks/latest/APIReference/API_KubernetesNetworkConfigRequest.html
var serviceCIDRs = map[string]struct{ v4, v6 string }{
	"ipv4": {v4: "172.20.0.0/16"},
	"ipv6": {v6: "fd30:7a1c:5b2e::/108"},
}

func (c ClusterSpec) cluster(state *cloud.State) (*cloud.Cluster, error) {
	services, ok := serviceCIDRs[c.IPFamily]
	if !ok {
		return nil, fmt.Errorf("ipFamily must be ipv4 or ipv6, got %q", c.IPFamily)
	}
	if !slices.Contains(authenticationModes, c.AuthenticationMode) {
		return nil, fmt.Errorf("authenticationMode must be one of %v, got %q", authenticationModes, c.AuthenticationMode)
	}
	cluster := &cloud.Cluster{
		Name: c.Name, Region: c.Region, ARN: state.ARN("eks", c.Region, "cluster/"+c.Name),
		Version: c.Version, PlatformVersion: "eks.9",
		Endpoint: c.endpoint(), Issuer: c.issuer(),
		CertificateData:    base64.StdEncoding.EncodeToString([]byte("certificate authority of " + c.Name)),
		AuthenticationMode: c.AuthenticationMode, IPFamily: c.IPFamily,
		ServiceIPv4CIDR: services.v4, ServiceIPv6CIDR: services.v6,
		VPCID: c.VPC.ID, Tags: c.tags(c.Tags),
	}
	if len(c.Roles) > 0 {
		cluster.RoleARN = state.ARN("iam", "", "role"+pathOr(c.Roles[0].Path)+c.Roles[0].Name)
	}
	for _, subnet := range c.Subnets {
		cluster.SubnetIDs = append(cluster.SubnetIDs, subnet.ID)
	}
	for _, group := range c.SecurityGroups {
		if group.Primary {
			cluster.PrimaryGroupID = group.ID
		}
		if group.Additional {
			cluster.SecurityGroupIDs = append(cluster.SecurityGroupIDs, group.ID)
		}
	}
	if cluster.PrimaryGroupID == "" {
		return nil, errors.New("one of its security groups must be the primary one")
	}
	return cluster, nil
}

// issuer is the URL of the cluster's OIDC issuer.
func (c ClusterSpec) issuer() string {
	return fmt.Sprintf("https://oidc.eks.%s.%s/id/%s", c.Region, c.suffix(), c.IssuerID)
}

func (c ClusterSpec) endpoint() string {
	if c.Endpoint != "" {
		return c.Endpoint
	}
	return fmt.Sprintf("https://%s.gr7.%s.eks.%s", c.IssuerID, c.Region, c.suffix())
}

// suffix is the domain of the region's endpoints. A region without a partition
// never gets here: seed refuses it.
func (c ClusterSpec) suffix() string {
	partition, err := cloud.PartitionOf(c.Region)
	if err != nil {
		return ""
	}
	return cloud.DNSSuffix(partition)
}

// fill makes the cluster's roles, OIDC provider and access entries.
func (c ClusterSpec) fill(account *cloud.Account) error {
	client, err := account.In(c.Region)
	if err != nil {
		return err
	}
	for _, role := range c.Roles {
		if err := role.make(client); err != nil {
			return fmt.Errorf("role %s: %w", role.Name, err)
		}
	}
	if c.OIDCProvider {
		provider := cloud.OIDCProvider{URL: c.issuer(), ClientIDs: []string{"sts.amazonaws.com"}}
		if _, err := client.CreateOpenIDConnectProvider(provider); err != nil {
			return err
		}
	}
	for _, entry := range c.AccessEntries {
		role, err := client.GetRole(entry.Role)
		if err != nil {
			return err
		}
		if c.AuthenticationMode == "CONFIG_MAP" {
			continue // such a cluster has no entries
		}
		if err := client.CreateAccessEntry(cloud.AccessEntry{Cluster: c.Name, Principal: role.ARN, Type: entry.Type}); err != nil {
			return err
		}
	}
	return nil
}
