package cloud

import (
	"maps"
	"slices"
)

// modeUpdates are the changes of authentication mode that EKS makes: there is
// no way back.
// https://docs.aws.amazon.com/eks/latest/userguide/setting-up-access-entries.html
var modeUpdates = map[string]string{byConfigMap: byAPIAndConfigMap, byAPIAndConfigMap: byAPI}

// UpdateClusterAuthentication sets a cluster's authentication mode.
func (c *Client) UpdateClusterAuthentication(name, mode string) error {
	return c.changeCluster("UpdateClusterConfig", name, func(_ *State, cluster *Cluster) error {
		if modeUpdates[cluster.AuthenticationMode] != mode {
			return refuse("InvalidParameterException", "Unsupported authentication mode update from %s to %s", cluster.AuthenticationMode, mode)
		}
		cluster.AuthenticationMode = mode
		return nil
	})
}

// UpdateClusterNetwork sets a cluster's subnets and additional security groups.
// The subnets must be of the zones that the cluster was made in.
func (c *Client) UpdateClusterNetwork(name string, subnetIDs, groupIDs []string) error {
	return c.changeCluster("UpdateClusterConfig", name, func(st *State, cluster *Cluster) error {
		next := *cluster
		next.SubnetIDs, next.SecurityGroupIDs = slices.Clone(subnetIDs), slices.Sorted(slices.Values(groupIDs))
		if err := st.checkClusterNetwork(&next); err != nil {
			return err
		}
		if next.VPCID != cluster.VPCID {
			return refuse("InvalidParameterException", "Provided subnets belong to the VPC %s, but they should belong to the VPC %s of the cluster", next.VPCID, cluster.VPCID)
		}
		before, err := st.checkSubnets(c.Region, cluster.SubnetIDs)
		if err != nil {
			return err
		}
		after, err := st.checkSubnets(c.Region, next.SubnetIDs)
		if err != nil {
			return err
		}
		if !maps.Equal(before, after) {
			return refuse("InvalidParameterException", "Provided subnets belong to the AZs %v, but they should belong to the AZs %v in which the cluster was made",
				slices.Sorted(maps.Keys(after)), slices.Sorted(maps.Keys(before)))
		}
		*cluster = next
		return nil
	})
}

// UpdateClusterAccess sets how a cluster's API server is reached.
func (c *Client) UpdateClusterAccess(name string, access ClusterAccess) error {
	return c.changeCluster("UpdateClusterConfig", name, func(_ *State, cluster *Cluster) error {
		next := Cluster{Access: &access}
		next.chooseDefaults()
		if err := next.access().check(); err != nil {
			return err
		}
		cluster.Access = next.Access
		return nil
	})
}

// UpdateClusterLogging sets which logs of its control plane a cluster writes.
func (c *Client) UpdateClusterLogging(name string, types []string) error {
	return c.changeCluster("UpdateClusterConfig", name, func(_ *State, cluster *Cluster) error {
		cluster.LogTypes = slices.Sorted(slices.Values(types))
		return nil
	})
}

// UpdateClusterSupport sets a cluster's support type, STANDARD or EXTENDED.
func (c *Client) UpdateClusterSupport(name, supportType string) error {
	return c.changeCluster("UpdateClusterConfig", name, func(_ *State, cluster *Cluster) error {
		cluster.SupportType = supportType
		return nil
	})
}

// AssociateEncryptionConfig has Kubernetes's secrets encrypted under a key, for
// good.
func (c *Client) AssociateEncryptionConfig(name, keyARN string) error {
	return c.changeCluster("AssociateEncryptionConfig", name, func(st *State, cluster *Cluster) error {
		if err := st.checkSecretsKey(c.Region, keyARN); err != nil {
			return err
		}
		if cluster.EncryptionKeyARN != "" {
			return refuse("InvalidParameterException", "Cluster %s has an encryption configuration already", name)
		}
		cluster.EncryptionKeyARN = keyARN
		return nil
	})
}

// UpdateClusterVersion brings a cluster to the next minor version.
func (c *Client) UpdateClusterVersion(name, version string) error {
	return c.changeCluster("UpdateClusterVersion", name, func(_ *State, cluster *Cluster) error {
		if err := checkVersion(version); err != nil {
			return err
		}
		at := slices.Index(kubernetesVersions, cluster.Version)
		if slices.Index(kubernetesVersions, version) != at+1 {
			return refuse("InvalidParameterException", "Unsupported Kubernetes minor version update from %s to %s", cluster.Version, version)
		}
		cluster.Version = version
		return nil
	})
}

// TagCluster makes tags the cluster's only ones.
func (c *Client) TagCluster(name string, tags Tags) error {
	return c.changeCluster("TagResource", name, func(_ *State, cluster *Cluster) error {
		if err := checkTags(eksService, tags, cluster.Tags); err != nil {
			return err
		}
		cluster.Tags = maps.Clone(tags)
		return nil
	})
}
