package cloud

import (
	"maps"
	"slices"
	"strings"
)

const eksService = "EKS"

// Cluster is an EKS cluster.
type Cluster struct {
	Name               string   `json:"name"`
	Region             string   `json:"region"`
	ARN                string   `json:"arn"`
	Version            string   `json:"version"`
	PlatformVersion    string   `json:"platformVersion"`
	Endpoint           string   `json:"endpoint"`
	CertificateData    string   `json:"certificateData"`
	Issuer             string   `json:"issuer"`
	AuthenticationMode string   `json:"authenticationMode"`
	CreatorIsNoAdmin   bool     `json:"creatorIsNoAdmin,omitempty"`
	IPFamily           string   `json:"ipFamily"`
	ServiceIPv4CIDR    string   `json:"serviceIpv4Cidr,omitempty"`
	ServiceIPv6CIDR    string   `json:"serviceIpv6Cidr,omitempty"`
	RoleARN            string   `json:"roleArn"`
	VPCID              string   `json:"vpcId"`
	SubnetIDs          []string `json:"subnetIds"`
	SecurityGroupIDs   []string `json:"securityGroupIds,omitempty"` // additional ones
	PrimaryGroupID     string   `json:"primaryGroupId"`             // the one EKS made
	// Access is how the API server is reached; nil is AllAccess, as clusters
	// of an account's start have it.
	Access      *ClusterAccess `json:"access,omitempty"`
	LogTypes    []string       `json:"logTypes,omitempty"`    // sorted
	SupportType string         `json:"supportType,omitempty"` // EXTENDED when empty
	// EncryptionKeyARN is the key that encrypts Kubernetes's secrets, besides
	// EKS's own encryption.
	EncryptionKeyARN string `json:"encryptionKeyArn,omitempty"`
	Tags             Tags   `json:"tags,omitempty"`
}

// ClusterAccess is how a cluster's API server is reached.
type ClusterAccess struct {
	Private     bool     `json:"private"`
	Public      bool     `json:"public"`
	PublicCIDRs []string `json:"publicCidrs,omitempty"` // sorted
}

// AllAccess is an API server that is reached from everywhere.
func AllAccess() ClusterAccess {
	return ClusterAccess{Private: true, Public: true, PublicCIDRs: []string{everywhere}}
}

const everywhere = "0.0.0.0/0"

// access is how the cluster's API server is reached.
func (c *Cluster) access() ClusterAccess {
	if c.Access == nil {
		return AllAccess()
	}
	return *c.Access
}

// DescribeCluster returns a cluster, with nothing left out that is implied.
func (c *Client) DescribeCluster(name string) (Cluster, error) {
	return read(c, eksService, "DescribeCluster", func(st *State) (Cluster, error) {
		cluster, err := st.cluster(c.Region, name)
		if err != nil {
			return Cluster{}, err
		}
		found := *cluster
		access := found.access()
		found.Access, found.Tags = &access, maps.Clone(cluster.Tags)
		if found.SupportType == "" {
			found.SupportType = extendedSupport
		}
		return found, nil
	})
}

func (st *State) cluster(region, name string) (*Cluster, error) {
	cluster, ok := st.Clusters[st.ARN("eks", region, "cluster/"+name)]
	if !ok {
		return nil, refuse("ResourceNotFoundException", "No cluster found for name: %s.", name)
	}
	return cluster, nil
}

// ClusterAt finds the cluster of any region whose API server has a URL.
func (a *Account) ClusterAt(endpoint string) (Cluster, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, cluster := range a.state.Clusters {
		if endpoint != "" && strings.EqualFold(strings.TrimSuffix(endpoint, "/"), cluster.Endpoint) {
			found := *cluster
			found.Tags = maps.Clone(cluster.Tags)
			return found, true
		}
	}
	return Cluster{}, false
}

// KubernetesInUse are the clusters in whose APIs something was made, by ARN.
func (a *Account) KubernetesInUse() []Cluster {
	a.mu.Lock()
	defer a.mu.Unlock()
	var found []Cluster
	for _, arn := range slices.Sorted(maps.Keys(a.state.Kubernetes)) {
		if cluster, ok := a.state.Clusters[arn]; ok {
			found = append(found, *cluster)
		}
	}
	return found
}

// changeCluster runs an operation on a cluster that exists.
func (c *Client) changeCluster(operation, name string, change func(*State, *Cluster) error) error {
	return c.write(eksService, operation, func(st *State) error {
		cluster, err := st.cluster(c.Region, name)
		if err != nil {
			return err
		}
		return change(st, cluster)
	})
}

// DeleteCluster removes a cluster that has neither node groups nor Fargate
// profiles. Its add-ons, access entries and associations go with it, what
// is in its Kubernetes API, and its primary security group, unless something
// uses that.
func (c *Client) DeleteCluster(name string) error {
	return c.changeCluster("DeleteCluster", name, func(st *State, cluster *Cluster) error {
		of := func(kind string) func(arn string) bool {
			return func(arn string) bool { return st.ofCluster(arn, kind, c.Region, name) }
		}
		if slices.ContainsFunc(sortedKeys(st.NodeGroups), of("nodegroup")) {
			return refuse("ResourceInUseException", "Cluster has nodegroups attached")
		}
		if slices.ContainsFunc(sortedKeys(st.FargateProfiles), of("fargateprofile")) {
			return refuse("ResourceInUseException", "Cluster has fargate profiles attached")
		}
		dropAll(st.Addons, of("addon"))
		dropAll(st.AccessEntries, of("access-entry"))
		dropAll(st.Associations, of("podidentityassociation"))
		delete(st.Clusters, cluster.ARN)
		delete(st.Kubernetes, cluster.ARN)
		if !st.groupInUse(cluster.PrimaryGroupID) {
			st.dropGroup(cluster.PrimaryGroupID)
		}
		return nil
	})
}

func dropAll[T any](things map[string]*T, which func(arn string) bool) {
	maps.DeleteFunc(things, func(arn string, _ *T) bool { return which(arn) })
}
