package cloud

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/grafanix/eks-karpenter/sandbox/internal/authorize"
)

// Principal is who asks something of the account: a [Session], a
// [ServicePrincipal], [Anonymous] or [Root].
type Principal interface {
	// identify finds the principal and what is attached to it.
	identify(st *State) (identity, error)
}

// identity is a principal with the policies attached to it and the condition
// keys that its credentials bring along.
type identity struct {
	principal authorize.Principal
	policies  []authorize.Policy
	boundary  *authorize.Policy
	context   map[string]string
}

// ServicePrincipal is an AWS service that acts for a resource.
type ServicePrincipal struct {
	// Name is such as events.amazonaws.com.
	Name string
	// SourceARN is the resource that the service acts for, such as a rule.
	SourceARN string
	// SourceAccount is the resource's account; that of SourceARN when empty.
	SourceAccount string
}

func (p ServicePrincipal) identify(*State) (identity, error) {
	account := p.SourceAccount
	if parts, ok := parseARN(p.SourceARN); ok && account == "" {
		account = parts.account
	}
	return identity{principal: authorize.Principal{
		Kind: authorize.Service, Names: []string{p.Name}, SourceARN: p.SourceARN, SourceAccount: account,
	}}, nil
}

// Anonymous is anybody on the internet.
type Anonymous struct{}

func (Anonymous) identify(*State) (identity, error) { return identity{}, nil }

// Root is the account's root user.
type Root struct{}

func (Root) identify(st *State) (identity, error) {
	return identity{principal: authorize.Principal{Kind: authorize.Root, RootARN: st.ARN("iam", "", "root")}}, nil
}

// identify gathers what the role has now. A session of a role that is gone
// has no valid credentials any more.
func (s Session) identify(st *State) (identity, error) {
	role := st.roleByARN(s.roleARN)
	if role == nil || role.ID != s.roleID {
		return identity{}, refuse("InvalidClientTokenId", "The security token included in the request is invalid.")
	}
	tags := Tags{}
	maps.Copy(tags, role.Tags)
	maps.Copy(tags, s.tags) // session tags come before those of the role
	who := identity{
		principal: authorize.Principal{
			Kind: authorize.RoleSession, RoleARN: role.ARN, RoleID: role.ID, SessionName: s.name, Tags: tags, Provider: s.provider,
		},
		context: map[string]string{"aws:TokenIssueTime": s.issued.Format(time.RFC3339)},
	}
	if s.instance != "" {
		who.context["ec2:SourceInstanceARN"] = s.instance
	}
	for _, arn := range role.Attached {
		policy, err := st.attached(arn)
		if err != nil {
			return identity{}, err
		}
		who.policies = append(who.policies, policy)
	}
	for _, name := range slices.Sorted(maps.Keys(role.Inline)) {
		who.policies = append(who.policies, authorize.Policy{Name: name, Document: role.Inline[name]})
	}
	if role.Boundary == "" {
		return who, nil
	}
	boundary, err := st.attached(role.Boundary)
	boundary.Name = "boundary " + boundary.Name
	who.boundary = &boundary
	return who, err
}

func (st *State) attached(arn string) (authorize.Policy, error) {
	document, err := st.policyDocument(arn)
	return authorize.Policy{Name: arn[strings.LastIndex(arn, "/")+1:], Document: document}, err
}

// Authorize decides whether a principal may do an action on a resource of the
// account, an ARN or "*". It fills in the condition keys that the account and
// the request's own words tell, unless they are given; see [Client.context].
//
// An error is no decision: what is asked is malformed, or AWS alone knows.
func (c *Client) Authorize(who Principal, action, resource string, given map[string][]string) (authorize.Decision, error) {
	return read(c, iamService, "Authorize", func(st *State) (authorize.Decision, error) {
		if who == nil {
			return authorize.Decision{}, errors.New("a request needs a principal; nobody in particular is Anonymous")
		}
		found, err := who.identify(st)
		if err != nil {
			return authorize.Decision{}, err
		}
		return c.decide(st, found, action, resource, given)
	})
}

func (c *Client) decide(st *State, who identity, action, resource string, given map[string][]string) (authorize.Decision, error) {
	context, err := c.context(st, who, action, resource, given)
	if err != nil {
		return authorize.Decision{}, err
	}
	policies := authorize.Policies{Identity: who.policies, Boundary: who.boundary}
	policies.Resource, policies.Kind = st.resourcePolicy(action, resource)
	return authorize.Decide(authorize.Request{
		Partition: st.Partition, Principal: who.principal, Action: action, Resource: resource, Context: context,
	}, policies)
}

// resourcePolicy is the policy of a resource that is a queue, a key or, when
// it is to be assumed, a role.
func (st *State) resourcePolicy(action, resource string) (*authorize.Policy, authorize.ResourceKind) {
	parts, _ := parseARN(resource)
	switch {
	case parts.service == "sqs":
		if queue, ok := st.Queues[resource]; ok && queue.Policy != "" {
			return &authorize.Policy{Name: "policy of queue " + queue.Name, Document: queue.Policy}, authorize.Ordinary
		}
	case parts.service == "kms" && strings.HasPrefix(parts.resource, "key/"):
		if key, ok := st.Keys[resource]; ok {
			return &authorize.Policy{Name: "policy of key " + key.ID, Document: key.Policy}, authorize.Key
		}
		return nil, authorize.Key
	case strings.HasPrefix(strings.ToLower(action), "sts:") && parts.service == "iam" && strings.HasPrefix(parts.resource, "role/"):
		if role := st.roleByARN(resource); role != nil {
			return &authorize.Policy{Name: "trust policy of role " + role.Name, Document: role.TrustPolicy}, authorize.Role
		}
		return nil, authorize.Role
	}
	return nil, authorize.Ordinary
}

// context completes a request's condition keys. Those of the principal are
// authorize's to add.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func (c *Client) context(st *State, who identity, action, resource string, given map[string][]string) (authorize.Context, error) {
	context, err := authorize.NewContext(given)
	if err != nil {
		return nil, err
	}
	context.Default("aws:RequestedRegion", c.endpointRegion(action))
	context.Default("aws:SecureTransport", "true")
	context.Default("aws:CurrentTime", st.traffic.Now.Format(time.RFC3339))
	context.Default("aws:EpochTime", strconv.FormatInt(st.traffic.Now.Unix(), 10))
	for key, value := range who.context {
		context.Default(key, value)
	}
	if keys := requestTagKeys(given); len(keys) > 0 {
		context.Default("aws:TagKeys", keys...)
	}
	parts, _ := parseARN(resource)
	if parts.account != "" && parts.account != "aws" {
		context.Default("aws:ResourceAccount", parts.account)
	}
	// The tags of a role do not count when it is passed:
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
	if strings.EqualFold(action, "iam:PassRole") {
		return context, nil
	}
	for key, value := range st.tagsOf(resource) {
		context.Default("aws:ResourceTag/"+key, value)
		if parts.service == "ec2" || parts.service == "iam" {
			context.Default(parts.service+":ResourceTag/"+key, value)
		}
	}
	return context, nil
}

// endpointRegion is the region that a call goes to. IAM has one endpoint for
// all regions of a partition, in the first of them.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requestedregion
func (c *Client) endpointRegion(action string) string {
	if strings.HasPrefix(strings.ToLower(action), "iam:") {
		return HomeRegion(c.account.Partition())
	}
	return c.Region
}

// requestTagKeys are the keys of the tags that a request sets, in order.
func requestTagKeys(given map[string][]string) []string {
	const prefix = "aws:requesttag/"
	var keys []string
	for key := range given {
		if strings.HasPrefix(strings.ToLower(key), prefix) {
			keys = append(keys, key[len(prefix):])
		}
	}
	slices.Sort(keys)
	return keys
}

// tagsOf are the tags of whatever an ARN names.
func (st *State) tagsOf(arn string) Tags {
	parts, _ := parseARN(arn)
	kind, name, _ := strings.Cut(parts.resource, "/")
	switch parts.service {
	case "ec2":
		if parts.account != st.AccountID {
			return nil
		}
		if found, err := st.ec2Resource(parts.region, name); err == nil {
			return *found.tags
		}
	case "iam":
		return st.iamTags(arn, kind)
	case "sqs":
		return tagsIn(st.Queues, arn, func(queue *Queue) Tags { return queue.Tags })
	case "kms":
		return tagsIn(st.Keys, arn, func(key *Key) Tags { return key.Tags })
	case "events":
		return tagsIn(st.Rules, arn, func(rule *Rule) Tags { return rule.Tags })
	case "eks":
		return st.eksTags(arn)
	}
	return nil
}

func (st *State) iamTags(arn, kind string) Tags {
	name := arn[strings.LastIndex(arn, "/")+1:]
	switch kind {
	case "role":
		if role, ok := st.Roles[name]; ok && role.ARN == arn {
			return role.Tags
		}
	case "instance-profile":
		if profile, ok := st.InstanceProfiles[name]; ok && profile.ARN == arn {
			return profile.Tags
		}
	case "policy":
		return tagsIn(st.Policies, arn, func(policy *Policy) Tags { return policy.Tags })
	case "oidc-provider":
		return tagsIn(st.OIDCProviders, arn, func(provider *OIDCProvider) Tags { return provider.Tags })
	}
	return nil
}

func (st *State) eksTags(arn string) Tags {
	for _, tags := range []Tags{
		tagsIn(st.Clusters, arn, func(cluster *Cluster) Tags { return cluster.Tags }),
		tagsIn(st.AccessEntries, arn, func(entry *AccessEntry) Tags { return entry.Tags }),
		tagsIn(st.Associations, arn, func(association *Association) Tags { return association.Tags }),
		tagsIn(st.NodeGroups, arn, func(group *NodeGroup) Tags { return group.Tags }),
		tagsIn(st.FargateProfiles, arn, func(profile *FargateProfile) Tags { return profile.Tags }),
		tagsIn(st.Addons, arn, func(addon *Addon) Tags { return addon.Tags }),
	} {
		if tags != nil {
			return tags
		}
	}
	return nil
}

func tagsIn[T any](things map[string]*T, arn string, tags func(*T) Tags) Tags {
	if thing, ok := things[arn]; ok {
		return tags(thing)
	}
	return nil
}
