package sandbox

import (
	"time"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

// Client calls the account's services in one region, by operations named as
// AWS names them: to look at what was deployed, to change it behind Pulumi's
// back, to tell EventBridge of events and to work with messages. A refusal is
// an error in AWS's words.
//
//	CreateRole, UpdateAssumeRolePolicy, DetachRolePolicy, CreatePolicyVersion, …
//	PutRule, DisableRule, PutTarget, RemoveTarget, PutEvent, …
//	CreateQueue, SetQueuePolicy, DeleteQueue, SendMessage, ReceiveMessage, …
//	PutKeyPolicy, ScheduleKeyDeletion, CreateTags, DeleteAccessEntry, …
//	CreateCluster, UpdateNodegroupConfig, DeleteAddon, ListInstanceProfiles, …
//	DescribeInstances, TerminateInstances, AuthorizeSecurityGroup, CreateLaunchTemplateVersion, …
//
// Operations that set tags set all of a thing's tags, and [Client.CreateTags]
// one of a thing of EC2.
type Client = cloud.Client

// The records that a [Client] takes and returns.
type (
	Role            = cloud.Role
	Policy          = cloud.Policy
	InstanceProfile = cloud.InstanceProfile
	OIDCProvider    = cloud.OIDCProvider
	Cluster         = cloud.Cluster
	ClusterAccess   = cloud.ClusterAccess
	AccessEntry     = cloud.AccessEntry
	Association     = cloud.Association
	NodeGroup       = cloud.NodeGroup
	FargateProfile  = cloud.FargateProfile
	Addon           = cloud.Addon
	SecurityGroup   = cloud.SecurityGroup
	GroupRule       = cloud.SecurityGroupRule
	TemplateVersion = cloud.TemplateVersion
	Filter          = cloud.Filter
	Queue           = cloud.Queue
	Rule            = cloud.Rule
	Target          = cloud.Target
	Key             = cloud.Key
	Alias           = cloud.Alias
	Tags            = cloud.Tags
)

// Refusal is AWS's refusal of an operation.
type Refusal = cloud.Error

// IsMissing tells whether an operation failed because what it named does not
// exist.
func IsMissing(err error) bool { return cloud.IsMissing(err) }

// Client returns a client for a region of the account's partition. It acts for
// the account itself; see [Client.As] for others.
func (a *Account) Client(region string) (*Client, error) { return a.cloud.In(region) }

// Now is the time on the account's clock, which begins at the same time in all
// accounts and moves only by [Account.Advance].
func (a *Account) Now() time.Time { return a.cloud.Now() }

// Advance moves the account's clock on: messages become visible again, or
// expire. Time does not go back.
func (a *Account) Advance(by time.Duration) error { return a.cloud.Advance(by) }
