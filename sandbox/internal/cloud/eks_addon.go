package cloud

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// Addon is an EKS add-on of a cluster.
type Addon struct {
	Name          string `json:"name"`
	ARN           string `json:"arn"`
	Cluster       string `json:"cluster"`
	Version       string `json:"version"`
	Configuration string `json:"configuration,omitempty"` // a JSON text
	RoleARN       string `json:"roleArn,omitempty"`       // of its service account
	Tags          Tags   `json:"tags,omitempty"`
}

// CreateAddon installs an add-on, in the default version unless it asks for
// another.
func (c *Client) CreateAddon(in Addon) error {
	return c.write(eksService, "CreateAddon", func(st *State) error {
		cluster, err := st.cluster(c.Region, in.Cluster)
		if err != nil {
			return err
		}
		in.ARN = st.addonARN(c.Region, in.Cluster, in.Name)
		if _, exists := st.Addons[in.ARN]; exists {
			return refuse("ResourceInUseException", "Addon already exists.")
		}
		offered := addonVersions(in.Name, cluster.Version)
		if len(offered) == 0 {
			return refuse("InvalidParameterException", "Addon %s specified is not supported in %s kubernetes version", in.Name, cluster.Version)
		}
		if in.Version == "" {
			in.Version = offered[len(offered)-1]
		}
		if err := st.checkAddon(cluster, in); err != nil {
			return err
		}
		in.Tags = maps.Clone(in.Tags)
		st.Addons[in.ARN] = &in
		return nil
	})
}

func (st *State) addonARN(region, cluster, name string) string {
	return st.ARN("eks", region, "addon/"+cluster+"/"+name+"/"+UUID("addon "+region+cluster+"/"+name))
}

func (st *State) checkAddon(cluster *Cluster, in Addon) error {
	if !slices.Contains(addonVersions(in.Name, cluster.Version), in.Version) {
		return refuse("InvalidParameterException", "Addon version specified is not supported")
	}
	var configuration map[string]any
	if in.Configuration != "" && json.Unmarshal([]byte(in.Configuration), &configuration) != nil {
		return refuse("InvalidParameterException", "ConfigurationValue provided in request is not supported: it is no JSON or YAML object")
	}
	if in.RoleARN != "" {
		if err := st.checkAssociationRole(in.RoleARN); err != nil {
			return err
		}
	}
	return checkTags(eksService, in.Tags, nil)
}

// DescribeAddon returns an add-on.
func (c *Client) DescribeAddon(cluster, name string) (Addon, error) {
	return read(c, eksService, "DescribeAddon", func(st *State) (Addon, error) {
		addon, err := st.addon(c.Region, cluster, name)
		if err != nil {
			return Addon{}, err
		}
		found := *addon
		found.Tags = maps.Clone(addon.Tags)
		return found, nil
	})
}

func (st *State) addon(region, cluster, name string) (*Addon, error) {
	if _, err := st.cluster(region, cluster); err != nil {
		return nil, err
	}
	addon, ok := st.Addons[st.addonARN(region, cluster, name)]
	if !ok {
		return nil, refuse("ResourceNotFoundException", "No addon: %s found in cluster: %s", name, cluster)
	}
	return addon, nil
}

// UpdateAddon sets an add-on's version, configuration and role; an empty
// version leaves the present one.
func (c *Client) UpdateAddon(in Addon) error {
	return c.changeAddon("UpdateAddon", in.Cluster, in.Name, func(st *State, addon *Addon) error {
		cluster, err := st.cluster(c.Region, in.Cluster)
		if err != nil {
			return err
		}
		if in.Version == "" {
			in.Version = addon.Version
		}
		in.ARN, in.Tags = addon.ARN, addon.Tags
		if err := st.checkAddon(cluster, in); err != nil {
			return err
		}
		*addon = in
		return nil
	})
}

// TagAddon makes tags the add-on's only ones.
func (c *Client) TagAddon(cluster, name string, tags Tags) error {
	return c.changeAddon("TagResource", cluster, name, func(_ *State, addon *Addon) error {
		if err := checkTags(eksService, tags, addon.Tags); err != nil {
			return err
		}
		addon.Tags = maps.Clone(tags)
		return nil
	})
}

// DeleteAddon removes an add-on. Whether its software stays in the cluster is
// nothing that the account shows.
func (c *Client) DeleteAddon(cluster, name string) error {
	return c.changeAddon("DeleteAddon", cluster, name, func(st *State, addon *Addon) error {
		delete(st.Addons, addon.ARN)
		return nil
	})
}

func (c *Client) changeAddon(operation, cluster, name string, change func(*State, *Addon) error) error {
	return c.write(eksService, operation, func(st *State) error {
		addon, err := st.addon(c.Region, cluster, name)
		if err != nil {
			return err
		}
		return change(st, addon)
	})
}

// ofCluster tells whether an ARN is that of a thing of a cluster, of a kind
// such as addon.
func (st *State) ofCluster(arn, kind, region, cluster string) bool {
	return strings.HasPrefix(arn, st.ARN("eks", region, kind+"/"+cluster+"/"))
}
