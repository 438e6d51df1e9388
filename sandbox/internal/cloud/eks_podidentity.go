package cloud

import (
	"maps"
	"regexp"
	"strings"
)

// Association is an EKS Pod Identity association.
type Association struct {
	ID             string `json:"id"`
	ARN            string `json:"arn"`
	Cluster        string `json:"cluster"`
	Namespace      string `json:"namespace"`
	ServiceAccount string `json:"serviceAccount"`
	RoleARN        string `json:"roleArn"`
	Tags           Tags   `json:"tags,omitempty"`
}

// The forms of Kubernetes names:
// https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
var (
	dnsLabel     = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`)
	dnsSubdomain = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)
)

// maxSubdomain is the length of a service account's name.
const maxSubdomain = 253

// CreatePodIdentityAssociation makes an association and returns its id; a
// service account has one.
func (c *Client) CreatePodIdentityAssociation(in Association) (string, error) {
	err := c.write(eksService, "CreatePodIdentityAssociation", func(st *State) error {
		if _, err := st.cluster(c.Region, in.Cluster); err != nil {
			return err
		}
		if err := st.checkAssociation(in); err != nil {
			return err
		}
		in.ID = "a-" + letterID("association "+c.Region+in.Cluster+"/"+in.Namespace+"/"+in.ServiceAccount, 17)
		in.ARN = st.ARN("eks", c.Region, "podidentityassociation/"+in.Cluster+"/"+in.ID)
		if _, exists := st.Associations[in.ARN]; exists {
			return refuse("ResourceInUseException", "Association already exists: %s", in.ID)
		}
		in.Tags = maps.Clone(in.Tags)
		st.Associations[in.ARN] = &in
		return nil
	})
	return in.ID, err
}

func (st *State) checkAssociation(in Association) error {
	if !dnsLabel.MatchString(in.Namespace) {
		return refuse("InvalidParameterException", "Namespace %s is not a valid Kubernetes namespace name.", in.Namespace)
	}
	if len(in.ServiceAccount) > maxSubdomain || !dnsSubdomain.MatchString(in.ServiceAccount) {
		return refuse("InvalidParameterException", "Service account %s is not a valid Kubernetes service account name.", in.ServiceAccount)
	}
	if err := st.checkAssociationRole(in.RoleARN); err != nil {
		return err
	}
	return checkTags(eksService, in.Tags, nil)
}

func (st *State) checkAssociationRole(arn string) error {
	parts, ok := parseARN(arn)
	if !ok || parts.service != "iam" || parts.partition != st.Partition || !strings.HasPrefix(parts.resource, "role/") {
		return refuse("InvalidParameterException", "The provided role ARN is invalid: %s", arn)
	}
	if st.roleByARN(arn) == nil {
		return refuse("InvalidParameterException", "Role provided in the request does not exist.")
	}
	return nil
}

// DescribePodIdentityAssociation returns an association.
func (c *Client) DescribePodIdentityAssociation(cluster, id string) (Association, error) {
	return read(c, eksService, "DescribePodIdentityAssociation", func(st *State) (Association, error) {
		association, err := st.association(c.Region, cluster, id)
		if err != nil {
			return Association{}, err
		}
		found := *association
		found.Tags = maps.Clone(association.Tags)
		return found, nil
	})
}

func (st *State) association(region, cluster, id string) (*Association, error) {
	association, ok := st.Associations[st.ARN("eks", region, "podidentityassociation/"+cluster+"/"+id)]
	if !ok {
		return nil, refuse("ResourceNotFoundException", "Pod Identity Association %s not found in cluster %s.", id, cluster)
	}
	return association, nil
}

// UpdatePodIdentityAssociation sets an association's role.
func (c *Client) UpdatePodIdentityAssociation(cluster, id, roleARN string) error {
	return c.changeAssociation("UpdatePodIdentityAssociation", cluster, id, func(st *State, association *Association) error {
		if err := st.checkAssociationRole(roleARN); err != nil {
			return err
		}
		association.RoleARN = roleARN
		return nil
	})
}

// TagAssociation makes tags the association's only ones.
func (c *Client) TagAssociation(cluster, id string, tags Tags) error {
	return c.changeAssociation("TagResource", cluster, id, func(_ *State, association *Association) error {
		if err := checkTags(eksService, tags, association.Tags); err != nil {
			return err
		}
		association.Tags = maps.Clone(tags)
		return nil
	})
}

// DeletePodIdentityAssociation removes an association.
func (c *Client) DeletePodIdentityAssociation(cluster, id string) error {
	return c.changeAssociation("DeletePodIdentityAssociation", cluster, id, func(st *State, association *Association) error {
		delete(st.Associations, association.ARN)
		return nil
	})
}

func (c *Client) changeAssociation(operation, cluster, id string, change func(*State, *Association) error) error {
	return c.write(eksService, operation, func(st *State) error {
		association, err := st.association(c.Region, cluster, id)
		if err != nil {
			return err
		}
		return change(st, association)
	})
}
