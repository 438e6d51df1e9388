package components

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/grafanix/eks-karpenter/internal/component"
	"github.com/grafanix/eks-karpenter/internal/policy"
)

// ControllerRoleArgs are the inputs of a ControllerRole.
type ControllerRoleArgs struct {
	// ClusterName is the EKS cluster's name.
	ClusterName string `pulumi:"clusterName"`
	// Cluster holds the cluster's facts; looked up by name where left out.
	Cluster *ClusterFacts `pulumi:"cluster,optional"`
	// NodeRoleArns are the roles that the controller may hand to its nodes: one at least, here or among the options.
	NodeRoleArns pulumi.StringArrayInput `pulumi:"nodeRoleArns,optional"`
	// QueueArn is the interruption queue that the controller reads. Without it there is no permission for a queue.
	QueueArn pulumi.StringPtrInput `pulumi:"queueArn,optional"`
	// QueueKmsKeyArn is the customer managed KMS key that the queue is encrypted under, if any.
	QueueKmsKeyArn pulumi.StringPtrInput `pulumi:"queueKmsKeyArn,optional"`
	// KarpenterVersion is the release of Karpenter that is to run, such as 1.8.6: its minor version chooses permissions.
	// Of one that is not known, a warning says which known one is nearest. Default: 1.14.1, the newest known.
	KarpenterVersion *string `pulumi:"karpenterVersion,optional"`
	// Options shape the role further.
	Options *ControllerRoleOptions `pulumi:"options,optional"`
}

// ControllerRoleOptions shape a ControllerRole. The zero value is IRSA for kube-system/karpenter with managed policies.
type ControllerRoleOptions struct {
	// Name is the role's name, at most 64 characters. Default: KarpenterControllerRole-<cluster>.
	Name *string `pulumi:"name,optional"`
	// Path is the role's path. Default: /.
	Path *string `pulumi:"path,optional"`
	// Description is the role's description, at most 1000 characters.
	Description *string `pulumi:"description,optional"`
	// PermissionsBoundary is the ARN of the policy that bounds the role.
	PermissionsBoundary pulumi.StringPtrInput `pulumi:"permissionsBoundary,optional"`
	// MaxSessionDuration is the longest session in seconds, 3600 to 43200. Default: 3600.
	MaxSessionDuration *int `pulumi:"maxSessionDuration,optional"`
	// Namespace is the namespace of Karpenter's service account. Default: kube-system.
	Namespace *string `pulumi:"namespace,optional"`
	// ServiceAccount is Karpenter's service account, the only one that may assume the role. Default: karpenter.
	ServiceAccount *string `pulumi:"serviceAccount,optional"`
	// PodIdentity has the service account assume the role through EKS Pod Identity, with an association, in place of
	// IRSA. The cluster needs the add-on eks-pod-identity-agent. Default: false.
	PodIdentity *bool `pulumi:"podIdentity,optional"`
	// OidcProviderArn is the cluster's IAM OIDC provider. Default: the one that the issuer implies.
	OidcProviderArn pulumi.StringPtrInput `pulumi:"oidcProviderArn,optional"`
	// CreateOidcProvider makes the cluster's IAM OIDC provider, for an account that has none for the cluster yet.
	// Default: false.
	CreateOidcProvider *bool `pulumi:"createOidcProvider,optional"`
	// InlinePolicy puts all permissions into one inline policy in place of managed ones: fewer resources, nothing to
	// share, at most 10,240 characters. Default: false.
	InlinePolicy *bool `pulumi:"inlinePolicy,optional"`
	// PolicyNamePrefix begins the names of the policies, <prefix><kind>Policy-<cluster>. Default: KarpenterController.
	PolicyNamePrefix *string `pulumi:"policyNamePrefix,optional"`
	// PolicyNames are names for single policies, at most 128 characters, by kind: NodeLifecycle, IAMIntegration,
	// EKSIntegration, Interruption, ZonalShift, ResourceDiscovery or Additional. They go before policyNamePrefix.
	PolicyNames map[string]string `pulumi:"policyNames,optional"`
	// PolicyPath is the path of the policies. Default: /.
	PolicyPath *string `pulumi:"policyPath,optional"`
	// AdditionalNodeRoleArns are further roles that the controller may hand to its nodes.
	AdditionalNodeRoleArns pulumi.StringArrayInput `pulumi:"additionalNodeRoleArns,optional"`
	// AdditionalPolicyArns are further managed policies to attach; AWS attaches ten in all.
	AdditionalPolicyArns pulumi.StringArrayInput `pulumi:"additionalPolicyArns,optional"`
	// AdditionalStatements are further permissions.
	AdditionalStatements []PolicyStatement `pulumi:"additionalStatements,optional"`
	// SsmParameterArns are SSM parameters that name private AMIs.
	SsmParameterArns []string `pulumi:"ssmParameterArns,optional"`
	// VolumeKmsKeyArns are customer managed KMS keys that encrypt the nodes' volumes.
	VolumeKmsKeyArns pulumi.StringArrayInput `pulumi:"volumeKmsKeyArns,optional"`
	// Tags are put on every resource that takes tags.
	Tags map[string]string `pulumi:"tags,optional"`
}

// PolicyStatement is one statement of an IAM identity policy.
type PolicyStatement struct {
	// Sid identifies the statement: letters and digits.
	Sid *string `pulumi:"sid,optional"`
	// Effect is "Allow", the default, or "Deny".
	Effect *string `pulumi:"effect,optional"`
	// Actions are the actions, such as ec2:DescribeVpcs.
	Actions []string `pulumi:"actions"`
	// Resources are the ARNs, or "*".
	Resources []string `pulumi:"resources"`
	// Conditions must all hold.
	Conditions []PolicyCondition `pulumi:"conditions,optional"`
}

// PolicyCondition is one condition of a PolicyStatement.
type PolicyCondition struct {
	// Test is the operator, such as StringEquals.
	Test string `pulumi:"test"`
	// Variable is the condition key, such as aws:RequestedRegion.
	Variable string `pulumi:"variable"`
	// Values are those that the key is compared with.
	Values []string `pulumi:"values"`
}

// check records what is wrong with the args, the cluster's facts aside.
func (a *ControllerRoleArgs) check(p problems) {
	checkCluster(p, a.ClusterName, a.Cluster)
	p.nodeRoles("nodeRoleArns", a.NodeRoleArns)
	if isEmpty(a.NodeRoleArns) && isEmpty(a.options().AdditionalNodeRoleArns) {
		p.Addf("nodeRoleArns", "required: name the role that Karpenter's nodes bear")
	}
	p.MatchesKnown("queueArn", a.QueueArn, queueARNForm)
	p.MatchesKnown("queueKmsKeyArn", a.QueueKmsKeyArn, keyARNForm)
	a.options().check(p.in("options"), a.ClusterName, p.version("karpenterVersion", a.KarpenterVersion), a.QueueArn != nil)
}

func (a *ControllerRoleArgs) options() *ControllerRoleOptions { return orZero(a.Options) }

func (o *ControllerRoleOptions) namespace() string {
	return or(o.Namespace, component.DefaultNamespace)
}

func (o *ControllerRoleOptions) serviceAccount() string {
	return or(o.ServiceAccount, component.DefaultServiceAccount)
}

func (o *ControllerRoleOptions) check(p problems, clusterName string, version policy.Version, withQueue bool) {
	p.Matches("name", o.Name, roleNameForm)
	p.Matches("path", o.Path, rolePathForm)
	p.shorter("description", o.Description, 1000)
	p.MatchesKnown("permissionsBoundary", o.PermissionsBoundary, policyARNForm)
	p.Between("maxSessionDuration", o.MaxSessionDuration, 3600, 43200, "seconds")
	p.Matches("namespace", o.Namespace, namespaceForm)
	p.Matches("serviceAccount", o.ServiceAccount, serviceAccountForm)
	p.notYAML("namespace", o.Namespace)
	p.notYAML("serviceAccount", o.ServiceAccount)
	o.checkIdentity(p)
	p.Matches("policyNamePrefix", o.PolicyNamePrefix, policyNamePrefixForm)
	o.checkPolicyNames(p, clusterName)
	p.Matches("policyPath", o.PolicyPath, rolePathForm)
	p.nodeRoles("additionalNodeRoleArns", o.AdditionalNodeRoleArns)
	added := p.eachMatches("additionalPolicyArns", o.AdditionalPolicyArns, policyARNForm)
	p.attachable("additionalPolicyArns", len(o.managedKinds(version, withQueue)), len(added),
		"set inlinePolicy, or put the permissions into additionalStatements")
	if len(o.AdditionalStatements) > 0 {
		p.statements("additionalStatements", o.AdditionalStatements, o.sids(version, withQueue))
		p.fits("additionalStatements", o.documentKind(), policy.AdditionalPolicy(policy.Cluster{}, nil, o.statements()))
	}
	for _, arn := range o.SsmParameterArns {
		p.Matches("ssmParameterArns", &arn, ssmARNForm)
	}
	if len(o.SsmParameterArns) > 0 {
		p.fits("ssmParameterArns", o.documentKind(), policy.ResourceDiscoveryPolicy(policy.Cluster{}, version, o.SsmParameterArns))
	}
	p.eachMatches("volumeKmsKeyArns", o.VolumeKmsKeyArns, keyARNForm)
	p.tags("tags", o.Tags)
}

func (o *ControllerRoleOptions) checkPolicyNames(p problems, clusterName string) {
	p.names("policyNames", o.PolicyNames, kindNames(policy.Kinds), policyNameForm, func(kind string) string { return o.policyName(kind, clusterName) })
	if len(o.PolicyNames) > 0 && or(o.InlinePolicy, false) {
		p.Addf("policyNames", "names managed policies, and inlinePolicy makes none: leave out one of the two")
	}
}

// policyName is the physical name of a managed policy.
func (o *ControllerRoleOptions) policyName(kind, clusterName string) string {
	if name, chosen := o.PolicyNames[kind]; chosen {
		return name
	}
	return fit(fmt.Sprintf("%s%sPolicy-%s", or(o.PolicyNamePrefix, "KarpenterController"), kind, clusterName), maxPolicyName)
}

func (o *ControllerRoleOptions) checkIdentity(p problems) {
	p.MatchesKnown("oidcProviderArn", o.OidcProviderArn, oidcARNForm)
	create := or(o.CreateOidcProvider, false)
	switch {
	case or(o.PodIdentity, false) && (create || o.OidcProviderArn != nil):
		p.Addf("podIdentity", "needs no OIDC provider: leave out oidcProviderArn and createOidcProvider, or podIdentity")
	case create && o.OidcProviderArn != nil:
		p.Addf("createOidcProvider", "a provider is given in oidcProviderArn: leave out one of the two")
	}
}

// kinds are the policies that the options and Karpenter's version call for, in order.
func (o *ControllerRoleOptions) kinds(version policy.Version, withQueue bool) []policy.Kind {
	return slices.DeleteFunc(slices.Clone(policy.Kinds), func(kind policy.Kind) bool {
		switch kind {
		case policy.Interruption:
			return !withQueue
		case policy.ZonalShift:
			return version < policy.ZonalShiftSince
		case policy.Additional:
			return isEmpty(o.VolumeKmsKeyArns) && len(o.AdditionalStatements) == 0
		}
		return false
	})
}

func kindNames(kinds []policy.Kind) []string {
	names := make([]string, len(kinds))
	for i, kind := range kinds {
		names[i] = string(kind)
	}
	return names
}

// sids are those that the component itself puts into the document that bears the user's statements.
func (o *ControllerRoleOptions) sids(version policy.Version, withQueue bool) []string {
	if or(o.InlinePolicy, false) {
		return policy.Sids(o.kinds(version, withQueue)...)
	}
	return policy.Sids(policy.Additional)
}

// documentKind is what the documents of the role's permissions are used as.
func (o *ControllerRoleOptions) documentKind() documentKind {
	if or(o.InlinePolicy, false) {
		return inlinePolicies
	}
	return managedPolicy
}

// fits records a document that is too long whatever the cluster's own names are; what is too long with them is found when
// they are known.
func (p problems) fits(property string, kind documentKind, document policy.Document) {
	if err := kind.check(document.JSON()); err != nil {
		p.Addf(property, "%v", err)
	}
}

// managedKinds are the policies that count against the number that AWS attaches.
func (o *ControllerRoleOptions) managedKinds(version policy.Version, withQueue bool) []policy.Kind {
	if or(o.InlinePolicy, false) {
		return nil
	}
	return o.kinds(version, withQueue)
}

// statements checks the user's statements: IAM refuses a policy for any of these. taken are Sids of the same document.
func (p problems) statements(property string, statements []PolicyStatement, taken []string) {
	seen := map[string]bool{}
	for _, sid := range taken {
		seen[sid] = true
	}
	for i, s := range statements {
		p := p.in(indexed(property, i))
		p.Matches("sid", s.Sid, sidForm)
		if s.Sid != nil && seen[*s.Sid] {
			p.Addf("sid", "%q is taken by another statement of the document: choose another", *s.Sid)
		}
		seen[or(s.Sid, "")] = true
		p.OneOf("effect", s.Effect, "Allow", "Deny")
		if len(s.Actions) == 0 {
			p.Addf("actions", "required: name at least one action")
		}
		for _, action := range s.Actions {
			p.Matches("actions", &action, actionForm)
		}
		if len(s.Resources) == 0 {
			p.Addf("resources", `required: name at least one ARN, or "*"`)
		}
		p.conditions("conditions", s.Conditions)
	}
}

func (p problems) conditions(property string, conditions []PolicyCondition) {
	type key struct{ test, variable string }
	seen := map[key]bool{}
	for i, c := range conditions {
		if c.Test == "" || c.Variable == "" || len(c.Values) == 0 {
			p.Addf(indexed(property, i), "test, variable and values are all required")
		} else if seen[key{c.Test, c.Variable}] {
			p.Addf(indexed(property, i), "%s of %s is asked twice, and a policy holds it once: list the values together", c.Test, c.Variable)
		}
		seen[key{c.Test, c.Variable}] = true
	}
}

// document is the user's statements as the policy package holds them.
func (o *ControllerRoleOptions) statements() []policy.Statement {
	statements := make([]policy.Statement, len(o.AdditionalStatements))
	for i, s := range o.AdditionalStatements {
		statements[i] = policy.Statement{
			Sid:       or(s.Sid, ""),
			Effect:    or(s.Effect, "Allow"),
			Actions:   s.Actions,
			Resources: s.Resources,
			Condition: policy.Condition{},
		}
		for _, c := range s.Conditions {
			if statements[i].Condition[c.Test] == nil {
				statements[i].Condition[c.Test] = map[string]policy.Values{}
			}
			statements[i].Condition[c.Test][c.Variable] = c.Values
		}
	}
	return statements
}
