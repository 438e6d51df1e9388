package cloud

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// AccessEntry is a principal's entry to a cluster.
type AccessEntry struct {
	ARN       string   `json:"arn"`
	Cluster   string   `json:"cluster"`
	Principal string   `json:"principal"`
	Type      string   `json:"type"`
	UserName  string   `json:"userName"`
	Groups    []string `json:"groups,omitempty"` // sorted
	Tags      Tags     `json:"tags,omitempty"`
}

// nodeUserNames are the user names that EKS gives entries of nodes:
// https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html
var nodeUserNames = map[string]string{
	"EC2":            "system:node:{{EC2PrivateDNSName}}",
	"EC2_LINUX":      "system:node:{{EC2PrivateDNSName}}",
	"EC2_WINDOWS":    "system:node:{{EC2PrivateDNSName}}",
	"FARGATE_LINUX":  "system:node:{{SessionName}}",
	"HYBRID_LINUX":   "system:node:{{SessionName}}",
	"HYPERPOD_LINUX": "system:node:{{SessionName}}",
}

// nodeGroups are the Kubernetes groups that EKS puts on entries of nodes.
var nodeGroups = map[string][]string{
	"EC2":            nil,
	"EC2_LINUX":      {"system:nodes"},
	"EC2_WINDOWS":    {"eks:kube-proxy-windows", "system:nodes"},
	"FARGATE_LINUX":  {"system:bootstrappers", "system:node-proxier", "system:nodes"},
	"HYBRID_LINUX":   {"system:nodes"},
	"HYPERPOD_LINUX": {"system:nodes"},
}

// CreateAccessEntry makes an entry; a cluster has one for a principal.
func (c *Client) CreateAccessEntry(in AccessEntry) error {
	return c.write(eksService, "CreateAccessEntry", func(st *State) error {
		if err := st.checkEntryCluster(c.Region, in.Cluster); err != nil {
			return err
		}
		if err := st.checkEntry(in); err != nil {
			return err
		}
		if st.entry(c.Region, in.Cluster, in.Principal) != nil {
			return refuse("ResourceInUseException", "The specified access entry resource is already in use on this cluster.")
		}
		entry := st.NewAccessEntry(c.Region, in)
		st.AccessEntries[entry.ARN] = entry
		return nil
	})
}

// NewAccessEntry copies an entry and completes it as EKS does.
func (st *State) NewAccessEntry(region string, in AccessEntry) *AccessEntry {
	if in.Type == "" {
		in.Type = "STANDARD"
	}
	parts, _ := parseARN(in.Principal)
	kind, _, _ := strings.Cut(parts.resource, "/")
	name := path.Base(parts.resource)
	in.ARN = st.ARN("eks", region, fmt.Sprintf("access-entry/%s/%s/%s/%s/%s",
		in.Cluster, kind, parts.account, name, UUID("access entry "+region+in.Cluster+in.Principal)))
	in.complete(name, parts)
	in.Tags = maps.Clone(in.Tags)
	return &in
}

// complete fills what EKS derives: the user name and the groups of nodes.
func (e *AccessEntry) complete(name string, principal arnParts) {
	if nodeName, isNode := nodeUserNames[e.Type]; isNode {
		e.UserName, e.Groups = nodeName, slices.Clone(nodeGroups[e.Type])
		return
	}
	e.Groups = slices.Clone(e.Groups)
	slices.Sort(e.Groups)
	if e.UserName != "" {
		return
	}
	e.UserName = e.Principal
	if strings.HasPrefix(principal.resource, "role/") {
		e.UserName = fmt.Sprintf("arn:%s:sts::%s:assumed-role/%s/{{SessionName}}", principal.partition, principal.account, name)
	}
}

func (st *State) checkEntryCluster(region, name string) error {
	cluster, err := st.cluster(region, name)
	if err != nil {
		return err
	}
	if cluster.AuthenticationMode == "CONFIG_MAP" {
		return refuse("InvalidRequestException", "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation.")
	}
	return nil
}

// reservedPrefixes may not begin the user name or a group of an entry:
// https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html
var reservedPrefixes = []string{"system:", "eks:", "aws:", "amazon:", "iam:"}

func (st *State) checkEntry(in AccessEntry) error {
	parts, ok := parseARN(in.Principal)
	if !ok || parts.service != "iam" || parts.partition != st.Partition || parts.resource == "root" {
		return refuse("InvalidParameterException", "The specified principalArn is invalid: invalid format.")
	}
	if !st.knownPrincipal(in.Principal) {
		return refuse("InvalidParameterException", "The specified principalArn is invalid: invalid principal.")
	}
	_, isNode := nodeUserNames[in.Type]
	if in.Type != "" && in.Type != "STANDARD" && !isNode {
		return refuse("InvalidParameterException", "The specified type is invalid: %s.", in.Type)
	}
	if isNode && len(in.Groups) > 0 {
		return refuse("InvalidParameterException", "The kubernetesGroups parameter is not supported for access entries of type %s.", in.Type)
	}
	if isNode && in.UserName != "" {
		return refuse("InvalidParameterException", "The username parameter is not supported for access entries of type %s.", in.Type)
	}
	for _, name := range append(slices.Clone(in.Groups), in.UserName) {
		for _, prefix := range reservedPrefixes {
			if strings.HasPrefix(name, prefix) && !isNode {
				return refuse("InvalidParameterException", "The username or kubernetes group name %s is invalid, it cannot start with %s", name, prefix)
			}
		}
	}
	return checkTags(eksService, in.Tags, nil)
}

// entry finds an entry by its two-part key, nil when there is none.
func (st *State) entry(region, cluster, principal string) *AccessEntry {
	prefix := st.ARN("eks", region, "access-entry/"+cluster+"/")
	for arn, entry := range st.AccessEntries {
		if strings.HasPrefix(arn, prefix) && entry.Principal == principal {
			return entry
		}
	}
	return nil
}

// DescribeAccessEntry returns an entry.
func (c *Client) DescribeAccessEntry(cluster, principal string) (AccessEntry, error) {
	return read(c, eksService, "DescribeAccessEntry", func(st *State) (AccessEntry, error) {
		entry, err := st.mustEntry(c.Region, cluster, principal)
		if err != nil {
			return AccessEntry{}, err
		}
		found := *entry
		found.Groups, found.Tags = slices.Clone(entry.Groups), maps.Clone(entry.Tags)
		return found, nil
	})
}

func (st *State) mustEntry(region, cluster, principal string) (*AccessEntry, error) {
	if err := st.checkEntryCluster(region, cluster); err != nil {
		return nil, err
	}
	entry := st.entry(region, cluster, principal)
	if entry == nil {
		return nil, refuse("ResourceNotFoundException", "The specified principalArn could not be found. You can view your available access entries with 'list-access-entries'.")
	}
	return entry, nil
}

// UpdateAccessEntry sets an entry's groups and user name; an empty user name
// leaves the present one.
func (c *Client) UpdateAccessEntry(in AccessEntry) error {
	return c.write(eksService, "UpdateAccessEntry", func(st *State) error {
		entry, err := st.mustEntry(c.Region, in.Cluster, in.Principal)
		if err != nil {
			return err
		}
		in.Type = entry.Type
		if err := st.checkEntry(in); err != nil {
			return err
		}
		if in.UserName == "" {
			in.UserName = entry.UserName
		}
		in.Tags = entry.Tags
		*entry = *st.NewAccessEntry(c.Region, in)
		return nil
	})
}

// TagAccessEntry makes tags the entry's only ones.
func (c *Client) TagAccessEntry(cluster, principal string, tags Tags) error {
	return c.write(eksService, "TagResource", func(st *State) error {
		entry, err := st.mustEntry(c.Region, cluster, principal)
		if err != nil {
			return err
		}
		if err := checkTags(eksService, tags, entry.Tags); err != nil {
			return err
		}
		entry.Tags = maps.Clone(tags)
		return nil
	})
}

// DeleteAccessEntry removes an entry.
func (c *Client) DeleteAccessEntry(cluster, principal string) error {
	return c.write(eksService, "DeleteAccessEntry", func(st *State) error {
		entry, err := st.mustEntry(c.Region, cluster, principal)
		if err != nil {
			return err
		}
		delete(st.AccessEntries, entry.ARN)
		return nil
	})
}
