package components

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/grafanix/eks-karpenter/internal/policy"
)

// form is what a value must look like: a pattern, and the words that tell a person.
type form struct {
	pattern *regexp.Regexp
	words   string
}

// The forms of names and ARNs. Sources: CreateCluster, EKS API Reference; CreateRole and CreatePolicy, IAM API
// Reference; "IAM identifiers", IAM User Guide; CreateQueue, SQS API Reference; PutRule, EventBridge API Reference;
// "Object Names and IDs", Kubernetes documentation; "Resource types" of each service, Service Authorization Reference.
var (
	clusterNameForm = form{
		regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z_-]{0,99}$`),
		"1 to 100 letters, digits, hyphens and underscores, a letter or digit first",
	}
	roleNameForm         = iamNameForm("64")
	profileNameForm      = iamNameForm("128")
	policyNameForm       = iamNameForm("128")
	policyNamePrefixForm = iamNameForm("64") // the rest is cut to fit
	rolePathForm         = form{
		regexp.MustCompile(`^/([!-~]{1,510}/)?$`), "begins and ends with a slash, at most 512 characters, no blanks",
	}
	queueNameForm = form{
		regexp.MustCompile(`^[\w-]{1,80}$`), "1 to 80 letters, digits, hyphens and underscores",
	}
	rulePrefixForm = form{
		regexp.MustCompile(`^[\w.-]{1,28}$`), "1 to 28 letters, digits and any of _.-, as a rule's name ends at 64",
	}
	ruleNameForm = form{
		regexp.MustCompile(`^[\w.-]{1,64}$`), "1 to 64 letters, digits and any of _.-",
	}
	associationIDForm = form{regexp.MustCompile(`^a-[0-9a-z]+$`), "the id of a Pod Identity association, a-..."}
	namespaceForm     = form{
		regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`),
		"a DNS label: 1 to 63 small letters, digits and hyphens, a letter or digit at both ends",
	}
	serviceAccountForm = form{
		regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$`),
		"a DNS subdomain: 1 to 253 small letters, digits, hyphens and dots, a letter or digit at both ends",
	}
	issuerForm = form{
		regexp.MustCompile(`^https://[^\s/]+(/[^\s]*)?$`), "the cluster's OIDC issuer URL, with https://",
	}
	sidForm    = form{regexp.MustCompile(`^[0-9A-Za-z]+$`), "letters and digits"}
	actionForm = form{
		regexp.MustCompile(`^(\*|[a-z0-9-]+:[A-Za-z0-9*?]+)$`), "an IAM action such as ec2:DescribeVpcs",
	}
	subnetIDForm        = form{regexp.MustCompile(`^subnet-[0-9a-f]{8,17}$`), "the id of a subnet, subnet-..."}
	securityGroupIDForm = form{regexp.MustCompile(`^sg-[0-9a-f]{8,17}$`), "the id of a security group, sg-..."}
	policyARNForm       = arnForm("iam", `:(aws|\d{12}):policy/[!-~]+`, "an IAM policy")
	roleARNForm         = arnForm("iam", `:\d{12}:role/[!-~]+`, "an IAM role")
	oidcARNForm         = arnForm("iam", `:\d{12}:oidc-provider/[!-~]+`, "an IAM OIDC provider")
	queueARNForm        = arnForm("sqs", `[a-z0-9-]+:\d{12}:[\w-]{1,80}`, "an SQS queue")
	keyARNForm          = arnForm("kms", `[a-z0-9-]+:\d{12}:key/[\w-]+`, "a KMS key (an alias will not do)")
	ssmARNForm          = arnForm("ssm", `[a-z0-9*-]+:(\d{12})?:parameter/[!-~]+`, "an SSM parameter")
)

func iamNameForm(limit string) form {
	return form{regexp.MustCompile(`^[\w+=,.@-]{1,` + limit + `}$`), "1 to " + limit + " letters, digits and any of _+=,.@-"}
}

func arnForm(service, rest, what string) form {
	return form{regexp.MustCompile(`^arn:aws[a-z-]*:` + service + `:` + rest + `$`), "the ARN of " + what}
}

// matches records a problem where a plain value is set and not of the form.
func (p problems) matches(property string, value *string, form form) {
	if value != nil && !form.pattern.MatchString(*value) {
		p.addf(property, "%q is not valid: %s", *value, form.words)
	}
}

// matchesKnown is matches for an input, where its value is known before anything is deployed.
func (p problems) matchesKnown(property string, input pulumi.Input, form form) {
	if value, ok := known(input); ok {
		p.matches(property, &value, form)
	}
}

// each gives the elements of a list, and records a list of unknown length and an element listed twice.
func (p problems) each(property string, list pulumi.StringArrayInput) []pulumi.StringInput {
	all, err := elements(list)
	if err != nil {
		p.addf(property, "%v", err)
	}
	seen := map[string]bool{}
	for i, element := range all {
		value, ok := known(element)
		if element == nil {
			p.addf(indexed(property, i), "nothing is given: give a value, or leave the element out")
		}
		if ok && seen[value] {
			p.addf(property, "%q is listed twice: list it once", value)
		}
		seen[value] = ok
	}
	return all
}

// eachMatches is matchesKnown for the elements of a list.
func (p problems) eachMatches(property string, list pulumi.StringArrayInput, form form) []pulumi.StringInput {
	all := p.each(property, list)
	for _, element := range all {
		p.matchesKnown(property, element, form)
	}
	return all
}

// names records a key that is not allowed, a name that is not of the form, and a name that two keys have. physical is the name
// of an allowed key, chosen or not.
func (p problems) names(property string, names map[string]string, allowed []string, form form, physical func(key string) string) {
	for _, key := range sortedKeys(names) {
		p.oneOf(property, &key, allowed...)
		p.matches(property+"."+key, new(names[key]), form)
	}
	for i, key := range allowed {
		for _, other := range allowed[:i] {
			if name := physical(key); len(names) > 0 && strings.EqualFold(name, physical(other)) {
				p.addf(property, "%q is the name of both %s and %s: choose another for one of them", name, other, key)
			}
		}
	}
}

// someOf records an element that is listed twice or is not allowed.
func (p problems) someOf(property string, values []string, allowed []string) {
	for i, value := range values {
		if slices.Contains(values[:i], value) {
			p.addf(property, "%q is listed twice: list it once", value)
		} else {
			p.oneOf(property, &value, allowed...)
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
		p.addf(property, "%q is read as another type of value in Karpenter's chart, which writes it without quotes: choose a name with more letters", *name)
	}
}

// between records a problem where a number is set and out of its range.
func (p problems) between(property string, value *int, least, most int, unit string) {
	if value != nil && (*value < least || *value > most) {
		p.addf(property, "%d is out of range: %d to %d %s", *value, least, most, unit)
	}
}

// oneOf records a problem where a value is set and not one of those allowed.
func (p problems) oneOf(property string, value *string, allowed ...string) {
	if value != nil && !slices.Contains(allowed, *value) {
		p.addf(property, "%q is not valid: one of %s", *value, strings.Join(allowed, ", "))
	}
}

// shorter records a problem where a text is set and longer than AWS takes.
func (p problems) shorter(property string, value *string, most int) {
	if value != nil && len([]rune(*value)) > most {
		p.addf(property, "%d characters are too many: at most %d", len([]rune(*value)), most)
	}
}

// attachable records a problem where a role would bear more managed policies than AWS attaches. ours is how many of the
// role's policies are the component's own.
func (p problems) attachable(property string, ours, added int, wayOut string) {
	if total := ours + added; total > policy.MaxAttachedPolicies {
		p.addf(property, "%d policies are too many: AWS attaches at most %d to a role, and %d are the component's own; %s",
			total, policy.MaxAttachedPolicies, ours, wayOut)
	}
}

// reservedTags belong to Karpenter, which tells its own nodes by them.
var reservedTags = []string{clusterNameTag, "karpenter.sh/nodepool"}

// tags checks user tags. Source of the limits: "Tag naming limits and requirements", Tagging AWS Resources User Guide.
func (p problems) tags(property string, tags map[string]string) {
	if len(tags) > policy.MaxTagsPerResource {
		p.addf(property, "%d tags are too many: at most %d", len(tags), policy.MaxTagsPerResource)
	}
	for _, key := range sortedKeys(tags) {
		switch {
		case slices.Contains(reservedTags, key):
			p.addf(property, "%q is Karpenter's own tag: choose another key", key)
		case strings.HasPrefix(strings.ToLower(key), "aws:"):
			p.addf(property, "%q is not valid: the prefix aws: is reserved by AWS", key)
		case key == "" || len([]rune(key)) > 128:
			p.addf(property, "%q is not valid: a key has 1 to 128 characters", key)
		case len([]rune(tags[key])) > 256:
			p.addf(property, "the value of %q is too long: at most 256 characters", key)
		}
	}
}
