package cloud

import (
	"maps"
	"slices"
	"strings"
)

const eksService = "EKS"

// Cluster is an EKS cluster. Clusters are part of an account's start; no
// operation here makes or changes one.
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
	IPFamily           string   `json:"ipFamily"`
	ServiceIPv4CIDR    string   `json:"serviceIpv4Cidr,omitempty"`
	ServiceIPv6CIDR    string   `json:"serviceIpv6Cidr,omitempty"`
	RoleARN            string   `json:"roleArn"`
	VPCID              string   `json:"vpcId"`
	SubnetIDs          []string `json:"subnetIds"`
	SecurityGroupIDs   []string `json:"securityGroupIds,omitempty"` // additional ones
	PrimaryGroupID     string   `json:"primaryGroupId"`             // the one EKS made
	Tags               Tags     `json:"tags,omitempty"`
}

// DescribeCluster returns a cluster.
func (c *Client) DescribeCluster(name string) (Cluster, error) {
	return read(c, eksService, "DescribeCluster", func(st *State) (Cluster, error) {
		cluster, err := st.cluster(c.Region, name)
		if err != nil {
			return Cluster{}, err
		}
		found := *cluster
		found.Tags = maps.Clone(cluster.Tags)
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
