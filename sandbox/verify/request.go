package verify

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/grafanix/eks-karpenter/sandbox"
)

// request is one call of AWS on one resource: a call that touches several is
// several, as IAM judges them. Texts hold placeholders, see placeholders.
type request struct {
	action, resource string
	// facts are the condition keys that AWS would know of the request.
	facts facts
	why   string
	// who asks; the controller when empty.
	who asker
	// region is where the call goes when not to the cluster's own.
	region string
	// partitions are those where the call is made; all when empty.
	partitions string
}

// asker is somebody who makes a request.
type asker string

const (
	controller asker = ""
	node       asker = "a node"
	anonymous  asker = "anonymous"
	// Any other is a service, and a rule's or other resource's ARN that it acts
	// for after a blank.
)

// facts are condition keys of one value each.
type facts map[string]string

// tags are the tags that a request sets or that a resource bears.
type tags map[string]string

// The keys of Karpenter's tags.
const (
	tagOwner   = "kubernetes.io/cluster/{cluster}"
	tagCluster = "eks:eks-cluster-name"
	tagPool    = "karpenter.sh/nodepool"
	tagClaim   = "karpenter.sh/nodeclaim"
	tagClass   = "karpenter.k8s.aws/ec2nodeclass"
	tagRegion  = "topology.kubernetes.io/region"
)

var (
	// launched are the tags of everything that is launched: those of Karpenter
	// and one of an EC2NodeClass's own (utils.GetTags).
	launched = tags{tagOwner: "owned", tagCluster: "{cluster}", tagPool: "default", tagClass: "default", "team": "web"}
	// tried are those of the dry runs that validate an EC2NodeClass: no node
	// pool stands behind them, so its tag is empty.
	tried = launched.with(tagPool, "")
	// profiled are those of instance profiles (EC2NodeClass.InstanceProfileTags).
	profiled = tags{tagOwner: "owned", tagCluster: "{cluster}", tagClass: "default", tagRegion: "{region}", "team": "web"}
)

func (t tags) with(key, value string) tags {
	changed := maps.Clone(t)
	changed[key] = value
	return changed
}

func (t tags) without(keys ...string) tags {
	changed := maps.Clone(t)
	for _, key := range keys {
		delete(changed, key)
	}
	return changed
}

// ofOther are the tags as another cluster's Karpenter sets them.
func (t tags) ofOther() tags {
	return t.without(tagOwner).with("kubernetes.io/cluster/{other}", "owned").with(tagCluster, "{other}")
}

// sets are the facts of a request that sets tags.
func (t tags) sets() facts { return t.under("aws:RequestTag/") }

// bears are the facts of a request on a resource that bears tags.
func (t tags) bears() facts { return t.under("aws:ResourceTag/") }

func (t tags) under(prefix string) facts {
	f := facts{}
	for key, value := range t {
		f[prefix+key] = value
	}
	return f
}

func (f facts) and(others ...facts) facts {
	all := maps.Clone(f)
	for _, other := range others {
		maps.Copy(all, other)
	}
	return all
}

// during are the facts of tagging as part of another action.
func during(action string) facts { return facts{"ec2:CreateAction": action} }

func passedTo(service string) facts { return facts{"iam:PassedToService": service} }

// placeholders fills in what a deployment is about.
func (s *subject) placeholders() *strings.Replacer {
	partition, region := s.look.Partition, s.cluster.Region
	elsewhere := map[string]string{"aws": "us-west-2", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-east-1"}[partition]
	if elsewhere == region {
		elsewhere = map[string]string{"aws": "eu-central-1", "aws-cn": "cn-northwest-1", "aws-us-gov": "us-gov-west-1"}[partition]
	}
	return strings.NewReplacer(
		"{ec2}", s.look.arnOf("ec2", region, ""),
		"{public}", "arn:"+partition+":ec2:"+region+"::",
		"{iam}", s.look.arnOf("iam", "", ""),
		"{parameter}", "arn:"+partition+":ssm:"+region+"::parameter",
		"{profile}", s.look.arnOf("iam", "", "instance-profile/karpenter/"+region+"/"+s.cluster.Name+"/4f6f9d1e-6f0f-4f5a-9a2c-2f0f6a0c7b11/"+s.cluster.Name+"_4067990795380418"),
		"{clusterARN}", s.cluster.ARN,
		"{cluster}", s.cluster.Name,
		"{other}", s.cluster.Name+"-other",
		"{version}", s.cluster.Version,
		"{controllerRole}", s.controllerRole,
		"{nodeRole}", s.nodeRole,
		"{queue}", s.queueARN,
		"{key}", s.keyARN,
		"{suffix}", map[bool]string{true: "amazonaws.com.cn", false: "amazonaws.com"}[partition == "aws-cn"],
		"{partition}", partition,
		"{region}", region,
		"{elsewhere}", elsewhere,
		"{account}", s.look.AccountID,
		"{namespace}", s.options.Namespace,
		"{serviceAccount}", s.options.ServiceAccount,
		"{pricing}", pricingRegion(region),
	)
}

// pricingRegion is where Karpenter asks for prices (pricing.NewAPI).
func pricingRegion(region string) string {
	for prefix, asked := range map[string]string{"ap-": "ap-south-1", "cn-": "cn-northwest-1", "eu-": "eu-central-1"} {
		if strings.HasPrefix(region, prefix) {
			return asked
		}
	}
	return "us-east-1"
}

// made tells whether a request makes sense for what is deployed.
func (s *subject) made(r request) bool {
	if r.partitions != "" && !slices.Contains(strings.Fields(r.partitions), s.look.Partition) {
		return false
	}
	if !s.knows(r.action, r.resource) {
		return false
	}
	uses := r.resource + string(r.who)
	return (s.queueARN != "" || !strings.Contains(uses, "{queue}")) && (s.keyARN != "" || !strings.Contains(uses, "{key}"))
}

// ask puts a request to the account's policies. That there is no decision is
// an outcome, too, and never the expected one.
func (s *subject) ask(story string, expected Verdict, r request) (Row, error) {
	client, region := s.client, s.fill.Replace(r.region)
	if region != "" {
		var err error
		if client, err = s.account.Client(region); err != nil {
			return Row{}, err
		}
	}
	resource, context := s.fill.Replace(r.resource), map[string][]string{}
	service, _, _ := strings.Cut(r.action, ":")
	for key, value := range r.facts {
		key, value = s.fill.Replace(key), s.fill.Replace(value)
		context[key] = []string{value}
		// EC2 and IAM know the tags of a resource by a key of their own, too.
		if tag, found := strings.CutPrefix(key, "aws:ResourceTag/"); found && (service == "ec2" || service == "iam") {
			context[service+":ResourceTag/"+tag] = []string{value}
		}
	}
	row := Row{
		Story: story, Why: s.fill.Replace(r.why), Who: s.fill.Replace(string(r.who)),
		Action: r.action, Resource: resource, Expected: expected, Got: Denied,
	}
	decision, err := client.Authorize(s.principal(r.who), r.action, resource, context)
	switch {
	case err != nil:
		row.Got, row.By = Undecided, err.Error()
	case decision.Allowed:
		row.Got = Allowed
	}
	if err == nil {
		row.By, row.Also = by(decision)
	}
	row.OK = row.Got == expected
	return row, nil
}

func (s *subject) principal(who asker) sandbox.Principal {
	switch who {
	case controller:
		return s.controller
	case node:
		return s.node
	case anonymous:
		return sandbox.Anonymous{}
	}
	service, source, _ := strings.Cut(s.fill.Replace(string(who)), " ")
	return sandbox.ServicePrincipal{Name: service, SourceARN: source}
}

// by is what decided: a statement or, where none allows, the nearest one and
// the others that are near. One that another value would satisfy is nearer
// than one that asks for a key that the request has not.
func by(decision sandbox.Decision) (decided string, also []string) {
	if decision.By != nil {
		return decision.By.String(), nil
	}
	var lacking []string
	for _, near := range decision.Nearest {
		line := fmt.Sprintf("%s: %s", near.Ref, near.Failed)
		if len(near.Failed.Got) == 0 {
			lacking = append(lacking, line)
		} else {
			also = append(also, line)
		}
	}
	also = append(also, lacking...)
	if len(also) == 0 {
		return decision.Reason, nil
	}
	return also[0], also[1:]
}

// tell asks all requests of a story that make sense.
func (s *subject) tell(story string, expected Verdict, requests []request) ([]Row, error) {
	var rows []Row
	for _, r := range requests {
		if !s.made(r) {
			continue
		}
		row, err := s.ask(story, expected, r)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}
