package components

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/grafanix/eks-karpenter/internal/component"
	"github.com/grafanix/eks-karpenter/internal/policy"
)

// The forms of names and ARNs. Sources: CreateCluster, EKS API Reference; CreateRole and CreatePolicy, IAM API
// Reference; "IAM identifiers", IAM User Guide; CreateQueue, SQS API Reference; PutRule, EventBridge API Reference;
// "Object Names and IDs", Kubernetes documentation; "Resource types" of each service, Service Authorization Reference.
var (
	clusterNameForm      = component.ClusterNameForm
	namespaceForm        = component.NamespaceForm
	roleNameForm         = component.RoleNameForm
	profileNameForm      = component.ProfileNameForm
	policyNameForm       = component.IAMNameForm("128")
	policyNamePrefixForm = component.IAMNameForm("64") // the rest is cut to fit
	rolePathForm         = component.NewForm(`^/([!-~]{1,510}/)?$`, "begins and ends with a slash, at most 512 characters, no blanks")
	queueNameForm        = component.NewForm(`^[\w-]{1,80}$`, "1 to 80 letters, digits, hyphens and underscores")
	rulePrefixForm       = component.NewForm(`^[\w.-]{1,28}$`, "1 to 28 letters, digits and any of _.-, as a rule's name ends at 64")
	ruleNameForm         = component.NewForm(`^[\w.-]{1,64}$`, "1 to 64 letters, digits and any of _.-")
	associationIDForm    = component.NewForm(`^a-[0-9a-z]+$`, "the id of a Pod Identity association, a-...")
	serviceAccountForm   = component.NewForm(
		`^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$`,
		"a DNS subdomain: 1 to 253 small letters, digits, hyphens and dots, a letter or digit at both ends",
	)
	issuerForm          = component.NewForm(`^https://[^\s/]+(/[^\s]*)?$`, "the cluster's OIDC issuer URL, with https://")
	sidForm             = component.NewForm(`^[0-9A-Za-z]+$`, "letters and digits")
	actionForm          = component.NewForm(`^(\*|[a-z0-9-]+:[A-Za-z0-9*?]+)$`, "an IAM action such as ec2:DescribeVpcs")
	subnetIDForm        = component.SubnetIDForm
	securityGroupIDForm = component.NewForm(`^sg-[0-9a-f]{8,17}$`, "the id of a security group, sg-...")
	policyARNForm       = component.ARNForm("iam", `:(aws|\d{12}):policy/[!-~]+`, "an IAM policy")
	roleARNForm         = component.ARNForm("iam", `:\d{12}:role/[!-~]+`, "an IAM role")
	oidcARNForm         = component.ARNForm("iam", `:\d{12}:oidc-provider/[!-~]+`, "an IAM OIDC provider")
	queueARNForm        = component.ARNForm("sqs", `[a-z0-9-]+:\d{12}:[\w-]{1,80}`, "an SQS queue")
	keyARNForm          = component.KeyARNForm
	ssmARNForm          = component.ARNForm("ssm", `[a-z0-9*-]+:(\d{12})?:parameter/[!-~]+`, "an SSM parameter")
)

// eachMatches is MatchesKnown for the elements of a list.
func (p problems) eachMatches(property string, list pulumi.StringArrayInput, form component.Form) []pulumi.StringInput {
	all := p.Each(property, list)
	for _, element := range all {
		p.MatchesKnown(property, element, form)
	}
	return all
}

// names records a key that is not allowed, a name that is not of the form, and a name that two keys have. physical is the name
// of an allowed key, chosen or not.
func (p problems) names(property string, names map[string]string, allowed []string, form component.Form, physical func(key string) string) {
	for _, key := range sortedKeys(names) {
		p.OneOf(property, &key, allowed...)
		p.Matches(property+"."+key, new(names[key]), form)
	}
	for i, key := range allowed {
		for _, other := range allowed[:i] {
			if name := physical(key); len(names) > 0 && strings.EqualFold(name, physical(other)) {
				p.Addf(property, "%q is the name of both %s and %s: choose another for one of them", name, other, key)
			}
		}
	}
}

// someOf records an element that is listed twice or is not allowed.
func (p problems) someOf(property string, values []string, allowed []string) {
	for i, value := range values {
		if slices.Contains(values[:i], value) {
			p.Addf(property, "%q is listed twice: list it once", value)
		} else {
			p.OneOf(property, &value, allowed...)
		}
	}
}

// yamlWords are texts that YAML reads as something else. Source: "Boolean Language-Independent Type for YAML Version 1.1".
var yamlWords = []string{"y", "n", "yes", "no", "on", "off", "true", "false", "null"}

// notYAML records a name that YAML reads as a number or a truth value: Karpenter's chart writes names without quotes.
func (p problems) notYAML(property string, name *string) {
	if name == nil {
		return
	}
	_, notInt := strconv.ParseInt(*name, 0, 64)
	_, notFloat := strconv.ParseFloat(*name, 64)
	if notInt == nil || notFloat == nil || slices.Contains(yamlWords, *name) {
		p.Addf(property, "%q is read as another type of value in Karpenter's chart, which writes it without quotes: choose a name with more letters", *name)
	}
}

// shorter records a problem where a text is set and longer than AWS takes.
func (p problems) shorter(property string, value *string, most int) {
	if value != nil && len([]rune(*value)) > most {
		p.Addf(property, "%d characters are too many: at most %d", len([]rune(*value)), most)
	}
}

// attachable records a problem where a role would bear more managed policies than AWS attaches. ours is how many of the
// role's policies are the component's own.
func (p problems) attachable(property string, ours, added int, wayOut string) {
	if total := ours + added; total > policy.MaxAttachedPolicies {
		p.Addf(property, "%d policies are too many: AWS attaches at most %d to a role, and %d are the component's own; %s",
			total, policy.MaxAttachedPolicies, ours, wayOut)
	}
}

// reservedTags belong to Karpenter, which tells its own nodes by them.
var reservedTags = []string{clusterNameTag, "karpenter.sh/nodepool"}

// tags checks user tags. Source of the limits: "Tag naming limits and requirements", Tagging AWS Resources User Guide.
func (p problems) tags(property string, tags map[string]string) {
	if len(tags) > policy.MaxTagsPerResource {
		p.Addf(property, "%d tags are too many: at most %d", len(tags), policy.MaxTagsPerResource)
	}
	for _, key := range sortedKeys(tags) {
		switch {
		case slices.Contains(reservedTags, key):
			p.Addf(property, "%q is Karpenter's own tag: choose another key", key)
		case strings.HasPrefix(strings.ToLower(key), "aws:"):
			p.Addf(property, "%q is not valid: the prefix aws: is reserved by AWS", key)
		case key == "" || len([]rune(key)) > 128:
			p.Addf(property, "%q is not valid: a key has 1 to 128 characters", key)
		case len([]rune(tags[key])) > 256:
			p.Addf(property, "the value of %q is too long: at most 256 characters", key)
		}
	}
}
