package sandbox

import (
	"bytes"
	_ "embed"
	"fmt"

	"gopkg.in/yaml.v3"
)

// Spec describes an AWS account at its start. In the tags of a cluster's
// surroundings and the names of its security groups, {cluster} stands for the
// cluster's name, so that renaming a cluster is one change.
type Spec struct {
	// Partition is aws, aws-cn or aws-us-gov; the clusters' regions must be of it.
	Partition string `yaml:"partition"`
	// AccountID is the account's 12-digit number.
	AccountID string `yaml:"accountId"`
	// Policies are the customer managed policies that exist.
	Policies []PolicySpec `yaml:"policies"`
	// Roles are the roles that exist, besides those of the clusters.
	Roles []RoleSpec `yaml:"roles"`
	// Clusters are the EKS clusters, each with all of its surroundings.
	Clusters []ClusterSpec `yaml:"clusters"`
	// Networks are VPCs without a cluster, for clusters that programs make.
	Networks []NetworkSpec `yaml:"networks"`
}

// NetworkSpec is a VPC with its subnets and route tables. Nothing stands for
// its name in tags.
type NetworkSpec struct {
	Name string `yaml:"name"`
	// Region is that of the first cluster when empty.
	Region      string           `yaml:"region"`
	VPC         VPCSpec          `yaml:"vpc"`
	Subnets     []SubnetSpec     `yaml:"subnets"`
	RouteTables []RouteTableSpec `yaml:"routeTables"`
}

// PolicySpec is a customer managed policy.
type PolicySpec struct {
	Name        string `yaml:"name"`
	Path        string `yaml:"path"` // "/" when empty
	Description string `yaml:"description"`
	// Document is the policy's JSON text.
	Document string `yaml:"document"`
}

// RoleSpec is a role that a service may assume.
type RoleSpec struct {
	Name string `yaml:"name"`
	Path string `yaml:"path"` // "/" when empty
	// Service is the trusted service, such as ec2.amazonaws.com.
	Service string `yaml:"service"`
	// ManagedPolicies are the names of AWS managed policies it has attached.
	ManagedPolicies []string `yaml:"managedPolicies"`
}

// ClusterSpec is an EKS cluster with its VPC.
type ClusterSpec struct {
	Name    string `yaml:"name"`
	Region  string `yaml:"region"`
	Version string `yaml:"version"`
	// IssuerID is the last part of the issuer's URL: 32 hexadecimal digits.
	IssuerID string `yaml:"issuerId"`
	// Endpoint is the API server's URL; EKS's form of it when empty.
	Endpoint string `yaml:"endpoint"`
	// AuthenticationMode is API, API_AND_CONFIG_MAP or CONFIG_MAP.
	AuthenticationMode string `yaml:"authenticationMode"`
	// IPFamily is ipv4 or ipv6.
	IPFamily string `yaml:"ipFamily"`
	// OIDCProvider is true when IAM has a provider for the issuer.
	OIDCProvider bool `yaml:"oidcProvider"`

	VPC            VPCSpec             `yaml:"vpc"`
	Subnets        []SubnetSpec        `yaml:"subnets"`
	RouteTables    []RouteTableSpec    `yaml:"routeTables"`
	SecurityGroups []SecurityGroupSpec `yaml:"securityGroups"`
	// Roles are the cluster's own: of its control plane and its node groups.
	Roles         []RoleSpec        `yaml:"roles"`
	AccessEntries []AccessEntrySpec `yaml:"accessEntries"`
	Tags          map[string]string `yaml:"tags"`
}

// VPCSpec is a VPC.
type VPCSpec struct {
	ID   string            `yaml:"id"`
	CIDR string            `yaml:"cidr"`
	Tags map[string]string `yaml:"tags"`
}

// SubnetSpec is a subnet of a VPC.
type SubnetSpec struct {
	ID string `yaml:"id"`
	// Zone is the letter of the availability zone.
	Zone   string            `yaml:"zone"`
	CIDR   string            `yaml:"cidr"`
	Public bool              `yaml:"public"`
	Tags   map[string]string `yaml:"tags"`
}

// RouteTableSpec is a route table of a VPC.
type RouteTableSpec struct {
	ID      string   `yaml:"id"`
	Main    bool     `yaml:"main"`
	Subnets []string `yaml:"subnets"`
	// Gateway is where the default route leads: igw-… or nat-…, or nowhere.
	Gateway string            `yaml:"gateway"`
	Tags    map[string]string `yaml:"tags"`
}

// SecurityGroupSpec is a security group of a VPC.
type SecurityGroupSpec struct {
	ID          string `yaml:"id"`
	Name        string `yaml:"name"`
	Description string `yaml:"description"`
	// Primary marks the one that EKS made for the cluster.
	Primary bool `yaml:"primary"`
	// Additional marks those that the cluster's network interfaces also have.
	Additional bool              `yaml:"additional"`
	Tags       map[string]string `yaml:"tags"`
}

// AccessEntrySpec is an access entry of one of the account's roles.
type AccessEntrySpec struct {
	Role string `yaml:"role"`
	Type string `yaml:"type"`
}

//go:embed account.yaml
var defaultAccount []byte

// DefaultSpec is the account of account.yaml: a fresh value at every call. It
// is nothing but that file; a test holds it well-formed.
func DefaultSpec() Spec {
	spec, err := ParseSpec(defaultAccount)
	if err != nil {
		return Spec{}
	}
	return spec
}

// ParseSpec reads a spec from YAML; unknown fields are errors.
func ParseSpec(text []byte) (Spec, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	var spec Spec
	if err := decoder.Decode(&spec); err != nil {
		return Spec{}, fmt.Errorf("reading the description of an account: %w", err)
	}
	return spec, nil
}
