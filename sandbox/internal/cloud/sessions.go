package cloud

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/grafanix/eks-karpenter/sandbox/internal/authorize"
)

const (
	stsService     = "STS"
	eksAuthService = "EKS Auth"
	imdsService    = "ec2imds"
)

// maxSessionName is the length of a role session's name:
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
const maxSessionName = 64

// Session is a role assumed. It lasts as long as the role; what it may do is
// decided anew at every request.
type Session struct {
	roleARN, roleID, name string
	tags                  Tags   // the session's own
	provider              string // the OIDC provider's ARN, of a web identity
	instance              string // the EC2 instance's ARN
	issued                time.Time
}

// ARN is the session's own, arn:…:sts::…:assumed-role/<role>/<session>.
func (s Session) ARN() string {
	return authorize.Principal{RoleARN: s.roleARN, SessionName: s.name}.SessionARN()
}

// RoleARN is the ARN of the role.
func (s Session) RoleARN() string { return s.roleARN }

// Tags are the session's own tags, as EKS Pod Identity sets them.
func (s Session) Tags() map[string]string { return maps.Clone(s.tags) }

// DeniedError is AWS's refusal to let somebody assume a role, with the
// decision behind it, of which AWS says nothing.
type DeniedError struct {
	Refusal  *Error
	Decision authorize.Decision
}

func (e *DeniedError) Error() string { return e.Refusal.Error() }

// Unwrap returns the refusal.
func (e *DeniedError) Unwrap() error { return e.Refusal }

// WebIdentity is what an OIDC token says, as that of a Kubernetes service
// account does: system:serviceaccount:<namespace>:<name>.
type WebIdentity struct {
	Issuer   string // the issuer's URL
	Subject  string
	Audience string
	// SessionName is the caller's choice; "web-identity" when empty.
	SessionName string
}

// AssumeRoleWithWebIdentity exchanges a token for a session, where the account
// has a provider for its issuer and audience, and the role trusts it.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
func (c *Client) AssumeRoleWithWebIdentity(roleARN string, token WebIdentity) (Session, error) {
	return read(c, stsService, "AssumeRoleWithWebIdentity", func(st *State) (Session, error) {
		host := strings.TrimPrefix(token.Issuer, "https://")
		provider, exists := st.OIDCProviders[st.OIDCProviderARN(host)]
		if !exists {
			return Session{}, refuse("InvalidIdentityToken", "No OpenIDConnect provider found in your account for https://%s", host)
		}
		if !slices.Contains(provider.ClientIDs, token.Audience) {
			return Session{}, refuse("InvalidIdentityToken", "Incorrect token audience")
		}
		name := token.SessionName
		if name == "" {
			name = "web-identity"
		}
		return c.assume(st, assumption{
			principal: authorize.Principal{Kind: authorize.Federated, Provider: provider.ARN},
			roleARN:   roleARN,
			actions:   []string{"sts:AssumeRoleWithWebIdentity"},
			context:   map[string][]string{host + ":aud": {token.Audience}, host + ":sub": {token.Subject}},
			session:   Session{name: name, provider: provider.ARN},
			refusal:   refuse("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"),
		})
	})
}

// AssumeRoleForPodIdentity is what the EKS Pod Identity agent asks for a pod of
// a service account: the session of the associated role, if the role trusts
// EKS with both assuming it and tagging the session.
// https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html
func (c *Client) AssumeRoleForPodIdentity(cluster, namespace, serviceAccount string) (Session, error) {
	return read(c, eksAuthService, "AssumeRoleForPodIdentity", func(st *State) (Session, error) {
		found, err := st.cluster(c.Region, cluster)
		if err != nil {
			return Session{}, err
		}
		association := st.associationOf(c.Region, cluster, namespace, serviceAccount)
		if association == nil {
			return Session{}, refuse("ResourceNotFoundException", "The token included in the request has no service account role association for it.")
		}
		tags := podTags(found, association)
		context := map[string][]string{
			"aws:TagKeys":           slices.Sorted(maps.Keys(tags)),
			"sts:TransitiveTagKeys": slices.Sorted(maps.Keys(tags)),
		}
		for key, value := range tags {
			context["aws:RequestTag/"+key] = []string{value}
		}
		name := fmt.Sprintf("eks-%s-%s-%s", cluster, tags["kubernetes-pod-name"], UUID("session "+association.ARN))
		return c.assume(st, assumption{
			principal: authorize.Principal{
				Kind: authorize.Service, Names: []string{"pods.eks.amazonaws.com"}, SourceARN: found.ARN, SourceAccount: st.AccountID,
			},
			roleARN: association.RoleARN,
			actions: []string{"sts:AssumeRole", "sts:TagSession"},
			context: context,
			session: Session{name: name[:min(len(name), maxSessionName)], tags: tags},
			refusal: refuse("AccessDeniedException", "Unauthorized Exception! EKS does not have permissions to assume the associated role."),
		})
	})
}

// podTags are the session tags that EKS sends. One pod stands for all of a
// service account, and its name and id follow from the association's.
func podTags(cluster *Cluster, association *Association) Tags {
	return Tags{
		"eks-cluster-arn":            cluster.ARN,
		"eks-cluster-name":           cluster.Name,
		"kubernetes-namespace":       association.Namespace,
		"kubernetes-service-account": association.ServiceAccount,
		"kubernetes-pod-name":        association.ServiceAccount + "-" + letterID("pod "+association.ARN, 5),
		"kubernetes-pod-uid":         UUID("pod " + association.ARN),
	}
}

// associationOf finds a service account's association.
func (st *State) associationOf(region, cluster, namespace, serviceAccount string) *Association {
	prefix := st.ARN("eks", region, "podidentityassociation/"+cluster+"/")
	for arn, association := range st.Associations {
		if strings.HasPrefix(arn, prefix) && association.Namespace == namespace && association.ServiceAccount == serviceAccount {
			return association
		}
	}
	return nil
}

// AssumeRoleForInstance is what the metadata service of an EC2 instance gives
// out: the session of the role in the instance's profile, in the words of
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_iam-ec2.html
func (c *Client) AssumeRoleForInstance(profile, instanceID string) (Session, error) {
	return read(c, imdsService, "GetMetadata", func(st *State) (Session, error) {
		found, exists := st.InstanceProfiles[profile]
		if !exists {
			return Session{}, refuse("InstanceProfileNotFound", "Instance Profile %s cannot be found.", profile)
		}
		role, exists := st.Roles[found.Role]
		if !exists {
			return Session{}, refuse("InstanceProfileNotFound", "Instance Profile does not contain a role.")
		}
		return c.assume(st, assumption{
			principal: authorize.Principal{Kind: authorize.Service, Names: ec2Names(st.Partition)},
			roleARN:   role.ARN,
			actions:   []string{"sts:AssumeRole"},
			session:   Session{name: instanceID, instance: st.ARN("ec2", c.Region, "instance/"+instanceID)},
			refusal: refuse("AssumeRoleUnauthorizedAccess", "EC2 cannot assume the role %s. Please see documentation at "+
				"https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_iam-ec2.html#troubleshoot_iam-ec2_errors-info-doc.", role.Name),
		})
	})
}

// ec2Names are the principals of EC2, which has two in China:
// https://docs.amazonaws.cn/en_us/aws/latest/userguide/endpoints-arns.html
func ec2Names(partition string) []string {
	names := []string{"ec2.amazonaws.com"}
	if suffix := DNSSuffix(partition); suffix != "amazonaws.com" {
		names = append(names, "ec2."+suffix)
	}
	return names
}

// assumption is an attempt to assume a role: who does what, with which keys,
// for which session, and the refusal if the role does not trust them.
type assumption struct {
	principal authorize.Principal
	roleARN   string
	actions   []string
	context   map[string][]string
	session   Session
	refusal   *Error
}

// assume opens the session if the role's trust policy allows every action.
func (c *Client) assume(st *State, a assumption) (Session, error) {
	role := st.roleByARN(a.roleARN)
	if role == nil {
		return Session{}, a.refusal
	}
	a.session.roleARN, a.session.roleID, a.session.issued = role.ARN, role.ID, st.traffic.Now
	given := maps.Clone(a.context)
	if given == nil {
		given = map[string][]string{}
	}
	given["sts:RoleSessionName"] = []string{a.session.name}
	for _, action := range a.actions {
		decision, err := c.decide(st, identity{principal: a.principal}, action, role.ARN, given)
		if err != nil {
			return Session{}, err
		}
		if !decision.Allowed {
			return Session{}, &DeniedError{Refusal: a.refusal, Decision: decision}
		}
	}
	return a.session, nil
}
