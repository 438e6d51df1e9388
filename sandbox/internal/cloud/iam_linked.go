package cloud

import (
	"fmt"
	"maps"
	"strings"
)

// linkedService is a service whose roles only it may shape.
type linkedService struct {
	role   string // the role's name
	policy string // the managed policy it has, under aws-service-role/
	// suffixed: further roles may be made under other suffixes.
	suffixed bool
}

// linkedServices are the services that can have a role made for them, by name.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
var linkedServices = map[string]linkedService{
	"autoscaling.amazonaws.com":          {"AWSServiceRoleForAutoScaling", "AutoScalingServiceRolePolicy", true},
	"eks.amazonaws.com":                  {"AWSServiceRoleForAmazonEKS", "AmazonEKSServiceRolePolicy", false},
	"eks-fargate.amazonaws.com":          {"AWSServiceRoleForAmazonEKSForFargate", "AmazonEKSForFargateServiceRolePolicy", false},
	"eks-nodegroup.amazonaws.com":        {"AWSServiceRoleForAmazonEKSNodegroup", "AWSServiceRoleForAmazonEKSNodegroup", false},
	"elasticloadbalancing.amazonaws.com": {"AWSServiceRoleForElasticLoadBalancing", "AWSElasticLoadBalancingServiceRolePolicy", false},
	"spot.amazonaws.com":                 {"AWSServiceRoleForEC2Spot", "AWSEC2SpotServiceRolePolicy", false},
	"spotfleet.amazonaws.com":            {"AWSServiceRoleForEC2SpotFleet", "AWSEC2SpotFleetServiceRolePolicy", false},
}

// linkedPath begins the paths of service-linked roles.
const linkedPath = "/aws-service-role/"

// shapable are the operations that a service-linked role takes from others
// than its service.
var shapable = map[string]bool{"UpdateRole": true, "TagRole": true}

// checkShapable refuses changes of a service-linked role.
func (r *Role) checkShapable(operation string) error {
	if !strings.HasPrefix(r.Path, linkedPath) || shapable[operation] {
		return nil
	}
	return refuse("UnmodifiableEntity", "Cannot perform the operation on the protected role '%s' - this role is only modifiable by AWS", r.Name)
}

// CreateServiceLinkedRole makes the role that a service acts under, and
// returns its name.
func (c *Client) CreateServiceLinkedRole(service, suffix, description string) (name string, err error) {
	err = c.write(iamService, "CreateServiceLinkedRole", func(st *State) error {
		linked, ok := linkedServices[service]
		if !ok {
			return refuse("InvalidInput", "Service-Linked Role for %s is not supported here", service)
		}
		if suffix != "" && !linked.suffixed {
			return refuse("InvalidInput", "Custom suffix is not allowed for %s", service)
		}
		if name = linked.role; suffix != "" {
			name += "_" + suffix
		}
		if err := firstError(
			func() error { return roleName.check("ValidationError", name) },
			func() error { return roleDescription.check("ValidationError", description) },
		); err != nil {
			return err
		}
		if taken(st.Roles, name) {
			return refuse("InvalidInput", "Service role name %s has been taken in this account, please try a different suffix.", name)
		}
		role := &Role{
			Name: name, Path: linkedPath + service + "/", Description: description, MaxSession: minSessionSeconds,
			TrustPolicy: fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":%q},"Action":"sts:AssumeRole"}]}`, service),
			Attached:    []string{fmt.Sprintf("arn:%s:iam::aws:policy/aws-service-role/%s", st.Partition, linked.policy)},
		}
		role.ARN = st.ARN("iam", "", "role"+role.Path+name)
		role.ID = UniqueID("AROA", role.ARN)
		st.Roles[name] = role
		return nil
	})
	return name, err
}

// DeleteServiceLinkedRole removes a service's role once the service needs it
// no longer. AWS answers at once and tells later that it failed; here the
// answer is the end of it.
func (c *Client) DeleteServiceLinkedRole(name string) error {
	return c.write(iamService, "DeleteServiceLinkedRole", func(st *State) error {
		role, err := st.role(name)
		if err != nil {
			return err
		}
		if !strings.HasPrefix(role.Path, linkedPath) {
			return refuse("InvalidInput", "Role %s is not a service-linked role", name)
		}
		if users := st.linkedUsers(role); len(users) > 0 {
			return refuse("DeleteConflict", "There are resources that use the role: %s", strings.Join(users, ", "))
		}
		delete(st.Roles, name)
		return nil
	})
}

// linkedUsers are the things for which a service needs its role.
func (st *State) linkedUsers(role *Role) []string {
	switch strings.TrimSuffix(strings.TrimPrefix(role.Path, linkedPath), "/") {
	case "spot.amazonaws.com":
		return st.spotInstances()
	case "eks.amazonaws.com":
		return sortedKeys(st.Clusters)
	case "eks-nodegroup.amazonaws.com", "autoscaling.amazonaws.com":
		return sortedKeys(st.NodeGroups)
	case "eks-fargate.amazonaws.com":
		return sortedKeys(st.FargateProfiles)
	}
	return nil
}

// ListRoles returns the roles whose paths begin with a prefix, ordered by
// name, without their policies.
func (c *Client) ListRoles(pathPrefix string) ([]Role, error) {
	return read(c, iamService, "ListRoles", func(st *State) ([]Role, error) {
		if err := iamPathPrefix.check("ValidationError", pathPrefix); err != nil {
			return nil, err
		}
		var found []Role
		for _, name := range sortedKeys(st.Roles) {
			if role := *st.Roles[name]; strings.HasPrefix(role.Path, pathPrefix) {
				role.Attached, role.Inline, role.Tags = nil, nil, maps.Clone(role.Tags)
				found = append(found, role)
			}
		}
		return found, nil
	})
}

// iamPathPrefix is the form of what lists by path:
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html
var iamPathPrefix = constraint{"pathPrefix", `(/[!-\x7F]*)`, 512}
