package verify

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/grafanix/eks-karpenter/sandbox"
)

// subject is a deployment under test, and who and what is found in it.
type subject struct {
	account *sandbox.Account
	client  *sandbox.Client
	look    inventory
	cluster sandbox.Cluster
	options Options
	minor   int // of the version of Karpenter 1

	identity       string // how the controller gets its session
	controller     sandbox.Session
	controllerRole string // ARN
	nodeRole       string // ARN
	node           sandbox.Session
	queueARN       string // empty where there is none
	queueURL       string
	keyARN         string // the queue's customer managed key, if it has one
	fill           *strings.Replacer
}

// inventory is what an account holds, as far as it matters here.
type inventory struct {
	Partition        string                             `json:"partition"`
	AccountID        string                             `json:"accountId"`
	Roles            map[string]sandbox.Role            `json:"roles"`
	InstanceProfiles map[string]sandbox.InstanceProfile `json:"instanceProfiles"`
	Clusters         map[string]sandbox.Cluster         `json:"clusters"`
	AccessEntries    map[string]sandbox.AccessEntry     `json:"accessEntries"`
	Associations     map[string]sandbox.Association     `json:"associations"`
	Queues           map[string]sandbox.Queue           `json:"queues"`
	Rules            map[string]sandbox.Rule            `json:"rules"`
}

func takeInventory(account *sandbox.Account) (inventory, error) {
	var look inventory
	if err := json.Unmarshal(account.Dump(), &look); err != nil {
		return inventory{}, fmt.Errorf("reading the account: %w", err)
	}
	return look, nil
}

// sorted are a map's values in the order of its keys.
func sorted[T any](things map[string]T) []T {
	values := make([]T, 0, len(things))
	for _, key := range slices.Sorted(maps.Keys(things)) {
		values = append(values, things[key])
	}
	return values
}

// arnOf is the ARN of a thing of the account; region is empty for global ones.
func (l inventory) arnOf(service, region, resource string) string {
	return "arn:" + l.Partition + ":" + service + ":" + region + ":" + l.AccountID + ":" + resource
}

func discover(account *sandbox.Account, region, cluster string, options Options) (*subject, error) {
	look, err := takeInventory(account)
	if err != nil {
		return nil, err
	}
	client, err := account.Client(region)
	if err != nil {
		return nil, err
	}
	s := &subject{account: account, client: client, look: look, options: options}
	if s.minor, err = minor(options.KarpenterVersion); err != nil {
		return nil, err
	}
	if s.cluster, err = client.DescribeCluster(cluster); err != nil {
		return nil, err
	}
	for _, find := range []func() error{s.findController, s.findNodeRole, s.findNode, s.findQueue, s.findKey} {
		if err := find(); err != nil {
			return nil, err
		}
	}
	s.fill = s.placeholders()
	return s, nil
}

// errNobody says that no role is Karpenter's.
var errNobody = errors.New("no role trusts Karpenter's service account")

// findController gets the session of Karpenter's pods.
func (s *subject) findController() error {
	namespace, name := s.options.Namespace, s.options.ServiceAccount
	prefix := s.look.arnOf("eks", s.cluster.Region, "podidentityassociation/"+s.cluster.Name+"/")
	for arn, a := range s.look.Associations {
		if strings.HasPrefix(arn, prefix) && a.Namespace == namespace && a.ServiceAccount == name {
			session, err := s.client.AssumeRoleForPodIdentity(s.cluster.Name, namespace, name)
			s.identity, s.controller, s.controllerRole = "EKS Pod Identity", session, a.RoleARN
			return err
		}
	}
	var found []sandbox.Session
	for _, role := range sorted(s.look.Roles) {
		if s.options.ControllerRole != "" && role.Name != s.options.ControllerRole {
			continue
		}
		session, err := s.client.AssumeRoleWithWebIdentity(role.ARN, s.token())
		if err == nil {
			found = append(found, session)
		} else if refused := (&sandbox.Refusal{}); !errors.As(err, &refused) {
			return err
		}
	}
	switch len(found) {
	case 0:
		return fmt.Errorf("%w %s/%s of the cluster %s: neither a Pod Identity association nor a role for its tokens", errNobody, namespace, name, s.cluster.Name)
	case 1:
		s.identity, s.controller, s.controllerRole = "web identity", found[0], found[0].RoleARN()
		return nil
	}
	return fmt.Errorf("%d roles trust Karpenter's service account, such as %s and %s: choose the controller's", len(found), found[0].RoleARN(), found[1].RoleARN())
}

// token is that of Karpenter's service account.
func (s *subject) token() sandbox.WebIdentity {
	return sandbox.WebIdentity{
		Issuer: s.cluster.Issuer, Audience: "sts.amazonaws.com",
		Subject: "system:serviceaccount:" + s.options.Namespace + ":" + s.options.ServiceAccount,
	}
}

// findNodeRole finds the role that most speaks for: an instance profile, an
// access entry to the cluster, and the controller's right to pass it to EC2.
func (s *subject) findNodeRole() error {
	if s.options.NodeRole != "" {
		role, err := s.client.GetRole(s.options.NodeRole)
		s.nodeRole = role.ARN
		return err
	}
	scores := map[string]int{}
	for _, role := range s.look.Roles {
		passed, err := s.client.Authorize(s.controller, "iam:PassRole", role.ARN, map[string][]string{"iam:PassedToService": {"ec2.amazonaws.com"}})
		if err != nil {
			return err
		}
		scores[role.ARN] = 2*count(passed.Allowed) + 2*count(s.profileOf(role.Name) != "") + count(s.enters(role.ARN))
	}
	found, err := best(scores, "node role")
	if err == nil && found == "" {
		err = errors.New("no role looks like that of nodes: name it")
	}
	s.nodeRole = found
	return err
}

// profileOf is the name of the first instance profile of a role, if any.
func (s *subject) profileOf(role string) string {
	for _, profile := range sorted(s.look.InstanceProfiles) {
		if profile.Role == role {
			return profile.Name
		}
	}
	return ""
}

// enters tells whether a role has an access entry of nodes.
func (s *subject) enters(role string) bool {
	prefix := s.look.arnOf("eks", s.cluster.Region, "access-entry/"+s.cluster.Name+"/")
	for arn, entry := range s.look.AccessEntries {
		if entry.Principal == role && strings.HasPrefix(entry.Type, "EC2_") && strings.HasPrefix(arn, prefix) {
			return true
		}
	}
	return false
}

// count is 1 for true.
func count(holds bool) int {
	if holds {
		return 1
	}
	return 0
}

// best is the thing with the highest score, which must be 2 at least.
func best(scores map[string]int, what string) (string, error) {
	found, tie := "", ""
	for _, arn := range slices.Sorted(maps.Keys(scores)) {
		switch score := scores[arn]; {
		case score < 2 || score < scores[found]:
		case found != "" && score == scores[found]:
			tie = arn
		default:
			found, tie = arn, ""
		}
	}
	if tie != "" {
		return "", fmt.Errorf("both %s and %s may be the %s: name it", found, tie, what)
	}
	return found, nil
}

// findNode gets the session of an instance under the node role. Where the role
// has no profile, as Karpenter makes its own, one is made in the copy.
func (s *subject) findNode() (err error) {
	role := lastPart(s.nodeRole, "/")
	profile := s.profileOf(role)
	if profile == "" {
		profile = "verify-nodes"
		if err := s.client.CreateInstanceProfile(sandbox.InstanceProfile{Name: profile, Path: "/"}); err != nil {
			return err
		}
		if err := s.client.AddRoleToInstanceProfile(profile, role); err != nil {
			return err
		}
	}
	s.node, err = s.client.AssumeRoleForInstance(profile, "i-0a1b2c3d4e5f60718")
	return err
}

// findQueue finds the queue that the controller may read and rules send to.
// One that the controller may read under the cluster's name, and that is gone,
// is the queue, too.
func (s *subject) findQueue() error {
	arn := func(name string) string { return s.look.arnOf("sqs", s.cluster.Region, name) }
	if s.options.Queue != "" {
		return s.setQueue(arn(s.options.Queue))
	}
	scores := map[string]int{arn(s.cluster.Name): 0}
	for queue := range s.look.Queues {
		scores[queue] = 0
	}
	for _, rule := range s.look.Rules {
		for _, target := range rule.Targets {
			scores[target.ARN] = 2
		}
	}
	prefix := arn("")
	for queue := range scores {
		if !strings.HasPrefix(queue, prefix) {
			delete(scores, queue)
			continue
		}
		read, err := s.client.Authorize(s.controller, "sqs:ReceiveMessage", queue, nil)
		if err != nil {
			return err
		}
		scores[queue] += 4*count(read.Allowed) + count(queue == arn(s.cluster.Name))
	}
	found, err := best(scores, "interruption queue")
	if err != nil || found == "" {
		return err
	}
	return s.setQueue(found)
}

func (s *subject) setQueue(arn string) error {
	s.queueARN = arn
	suffix := "amazonaws.com"
	if s.look.Partition == "aws-cn" {
		suffix = "amazonaws.com.cn"
	}
	s.queueURL = fmt.Sprintf("https://sqs.%s.%s/%s/%s", s.cluster.Region, suffix, s.look.AccountID, lastPart(arn, ":"))
	return nil
}

// findKey finds the customer managed key of the queue, if it has one.
func (s *subject) findKey() error {
	key := s.look.Queues[s.queueARN].KMSKey
	switch {
	case key == "" || strings.HasSuffix(key, "alias/aws/sqs"):
		return nil
	case strings.HasPrefix(lastPart(key, ":"), "alias/"):
		alias, err := s.client.GetAlias(lastPart(key, ":"))
		s.keyARN = alias.KeyARN
		return err
	}
	found, err := s.client.DescribeKey(key)
	s.keyARN = found.ARN
	return err
}
