package components

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// NodeRoleArgs are the inputs of a NodeRole.
type NodeRoleArgs struct {
	// ClusterName is the EKS cluster's name.
	ClusterName string `pulumi:"clusterName"`
	// Cluster holds the cluster's facts; looked up by name where left out.
	Cluster *ClusterFacts `pulumi:"cluster,optional"`
	// Options shape the role further.
	Options *NodeRoleOptions `pulumi:"options,optional"`
}

// NodeRoleOptions shape a NodeRole. The zero value is a new role that joins the cluster, pulls images from ECR, runs the
// VPC CNI, and can be reached and watched through Systems Manager and CloudWatch.
type NodeRoleOptions struct {
	// Name is the role's name, at most 64 characters. Default: KarpenterNodeRole-<cluster>.
	Name *string `pulumi:"name,optional"`
	// Path may only be /: Karpenter compares roles by their bare names, so a role under another path never matches its
	// EC2NodeClass. Default: /.
	Path *string `pulumi:"path,optional"`
	// RoleArn is a role that exists, to be used in place of a new one. The options that shape a new role then do not
	// apply, and there is an access entry only if accessEntry asks for one.
	RoleArn pulumi.StringPtrInput `pulumi:"roleArn,optional"`
	// Description is the role's description, at most 1000 characters.
	Description *string `pulumi:"description,optional"`
	// PermissionsBoundary is the ARN of the policy that bounds the role.
	PermissionsBoundary pulumi.StringPtrInput `pulumi:"permissionsBoundary,optional"`
	// CniPolicy attaches AmazonEKS_CNI_Policy or, on an IPv6 cluster, the account's own AmazonEKS_CNI_IPv6_Policy, which
	// must exist. Turn it off where the VPC CNI has a role of its own. Default: true.
	CniPolicy *bool `pulumi:"cniPolicy,optional"`
	// SsmPolicy attaches AmazonSSMManagedInstanceCore. Default: true.
	SsmPolicy *bool `pulumi:"ssmPolicy,optional"`
	// CloudWatchPolicy attaches CloudWatchAgentServerPolicy. Default: true.
	CloudWatchPolicy *bool `pulumi:"cloudWatchPolicy,optional"`
	// AdditionalPolicyArns are further managed policies to attach; AWS attaches ten in all.
	AdditionalPolicyArns pulumi.StringArrayInput `pulumi:"additionalPolicyArns,optional"`
	// InstanceProfileName is the instance profile's name, at most 128 characters. Default:
	// KarpenterNodeInstanceProfile-<cluster>.
	InstanceProfileName *string `pulumi:"instanceProfileName,optional"`
	// AccessEntry lets the nodes join the cluster through an EKS access entry. Default: true for a new role in a cluster
	// whose authentication mode takes access entries.
	AccessEntry *bool `pulumi:"accessEntry,optional"`
	// AccessEntryType is the entry's type: EC2_LINUX, EC2_WINDOWS, EC2, HYBRID_LINUX, HYPERPOD_LINUX or STANDARD.
	// Default: EC2_LINUX.
	AccessEntryType *string `pulumi:"accessEntryType,optional"`
	// Tags are put on every resource that takes tags.
	Tags map[string]string `pulumi:"tags,optional"`
}

// accessEntryTypes are those of CreateAccessEntry, EKS API Reference.
var accessEntryTypes = []string{"EC2_LINUX", "EC2_WINDOWS", "EC2", "HYBRID_LINUX", "HYPERPOD_LINUX", "STANDARD"}

func (a *NodeRoleArgs) options() *NodeRoleOptions { return orZero(a.Options) }

// check records what is wrong with the args, the cluster's facts aside.
func (a *NodeRoleArgs) check(p problems) {
	checkCluster(p, a.ClusterName, a.Cluster)
	a.options().check(p.in("options"))
}

// checkFacts records what the cluster's facts make wrong.
func (a *NodeRoleArgs) checkFacts(p problems, facts *ClusterFacts) error {
	a.options().checkFacts(p, p.in("options"), facts)
	return nil
}

func (o *NodeRoleOptions) check(p problems) {
	p.Matches("name", o.Name, roleNameForm)
	if path := or(o.Path, "/"); path != "/" {
		p.Addf("path", "%q cannot work: Karpenter compares a node's role with the bare role name, so the path must be /", path)
	}
	p.shorter("description", o.Description, 1000)
	p.MatchesKnown("permissionsBoundary", o.PermissionsBoundary, policyARNForm)
	added := p.eachMatches("additionalPolicyArns", o.AdditionalPolicyArns, policyARNForm)
	p.attachable("additionalPolicyArns", len(o.policies(false)), len(added),
		"turn off cniPolicy, ssmPolicy or cloudWatchPolicy, or put the permissions into a policy of your own")
	p.Matches("instanceProfileName", o.InstanceProfileName, profileNameForm)
	p.OneOf("accessEntryType", o.AccessEntryType, accessEntryTypes...)
	if o.AccessEntryType != nil && !or(o.AccessEntry, o.RoleArn == nil) {
		p.Addf("accessEntryType", "there is no access entry to bear it: set accessEntry, or leave the type out")
	}
	p.tags("tags", o.Tags)
	o.checkExisting(p)
}

// checkExisting records a role that cannot work, and options that a role which exists leaves without meaning.
func (o *NodeRoleOptions) checkExisting(p problems) {
	if o.RoleArn == nil {
		return
	}
	p.nodeRole("roleArn", o.RoleArn)
	for _, option := range []struct {
		property string
		set      bool
	}{
		{"name", o.Name != nil},
		{"description", o.Description != nil},
		{"permissionsBoundary", o.PermissionsBoundary != nil},
		{"cniPolicy", o.CniPolicy != nil},
		{"ssmPolicy", o.SsmPolicy != nil},
		{"cloudWatchPolicy", o.CloudWatchPolicy != nil},
		{"additionalPolicyArns", o.AdditionalPolicyArns != nil},
	} {
		if option.set {
			p.Addf(option.property, "shapes a new role, but roleArn names one that exists: leave out one of the two")
		}
	}
}

// checkFacts records, in p what the cluster's facts lack to decide on an access entry, and at the options what the cluster
// cannot take.
func (o *NodeRoleOptions) checkFacts(p, at problems, facts *ClusterFacts) {
	at.notAttached("additionalPolicyArns", o.AdditionalPolicyArns, o.policies(facts.ipv6()))
	asked := or(o.AccessEntry, o.RoleArn == nil)
	switch {
	case facts.AuthenticationMode == nil && o.AccessEntry == nil && asked:
		p.in("cluster").Addf("authenticationMode", "required to know whether the nodes join by an access entry: give it, or set accessEntry")
	case or(facts.AuthenticationMode, "") == authenticationModeConfigMap && or(o.AccessEntry, false):
		at.Addf("accessEntry", "the cluster's authentication mode is CONFIG_MAP, which takes no access entries: "+
			"change the mode to API_AND_CONFIG_MAP, or leave accessEntry out and put the output awsAuth into the aws-auth ConfigMap")
	case o.AccessEntryType != nil && !o.withAccessEntry(facts):
		at.Addf("accessEntryType", "the cluster's authentication mode is CONFIG_MAP, which takes no access entries: leave the type out")
	}
}

// notAttached records policies of AWS's that the component attaches itself.
func (p problems) notAttached(property string, added pulumi.StringArrayInput, own []nodePolicy) {
	arns, _ := plain(added)
	for _, ours := range own {
		for _, arn := range arns {
			if strings.HasSuffix(arn, ":aws:policy/"+ours.name) {
				p.Addf(property, "%q is attached already: leave it out", arn)
			}
		}
	}
}

// withAccessEntry tells whether the nodes join by an access entry.
func (o *NodeRoleOptions) withAccessEntry(facts *ClusterFacts) bool {
	return or(o.AccessEntry, o.RoleArn == nil && or(facts.AuthenticationMode, "") != authenticationModeConfigMap)
}

// nodeRole records an ARN that is not that of a role which nodes can bear.
func (p problems) nodeRole(property string, input pulumi.Input) {
	arn, ok := known(input)
	if !ok {
		return
	}
	if !roleARNForm.Matches(arn) {
		p.Matches(property, &arn, roleARNForm)
	} else if _, err := bareRoleName(arn); err != nil {
		p.Addf(property, "%v", err)
	}
}

// nodeRoles is nodeRole for a list.
func (p problems) nodeRoles(property string, list pulumi.StringArrayInput) []pulumi.StringInput {
	all := p.Each(property, list)
	for _, element := range all {
		p.nodeRole(property, element)
	}
	return all
}

// bareRoleName is the name in a role's ARN, which must be under the path /.
func bareRoleName(arn string) (string, error) {
	_, name, _ := strings.Cut(arn, ":role/")
	if strings.Contains(name, "/") {
		return "", fmt.Errorf("role %s is under a path, and Karpenter compares a node's role with the bare role name: use a role under /", arn)
	}
	return name, nil
}
