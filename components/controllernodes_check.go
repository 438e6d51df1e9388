package components

import (
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/grafanix/eks-karpenter/internal/policy"
)

// The forms of what a node group takes. Sources: CreateNodegroup, EKS API Reference; "Labels and Selectors", Kubernetes
// documentation; "Amazon EC2 instance type naming conventions", Amazon EC2 Instance Types.
var (
	nodeGroupNameForm = form{
		regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z_-]{0,62}$`),
		"1 to 63 letters, digits, hyphens and underscores, a letter or digit first",
	}
	instanceTypeForm = form{regexp.MustCompile(`^[a-z][a-z0-9-]*\.[a-z0-9-]+$`), "an EC2 instance type such as m6i.large"}
	armInstanceType  = regexp.MustCompile(`^(a1|[a-z]+[0-9]+g[a-z0-9-]*)\.`)
	versionForm      = form{regexp.MustCompile(`^1\.[0-9]{2}$`), "a Kubernetes version such as 1.34"}
	releaseForm      = form{regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z.-]+$`), "an AMI release such as 1.34.1-20251002"}
	labelKeyForm     = form{
		regexp.MustCompile(`^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$`),
		"a label's key: by choice a DNS subdomain and a slash, then 1 to 63 letters, digits and any of _.-, a letter or digit at both ends",
	}
	labelValueForm = form{
		regexp.MustCompile(`^[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$`),
		"a label's value: 1 to 63 letters, digits and any of _.-, a letter or digit at both ends",
	}
)

// reservedLabels are domains of labels that are not a user's. Sources: "Scheduling", Karpenter documentation; the kubelet's
// option node-labels, Kubernetes documentation.
var reservedLabels = []struct{ domain, why string }{
	{"karpenter.sh", "it marks Karpenter's own nodes, on which its controller does not run"},
	{"karpenter.k8s.aws", "it marks Karpenter's own nodes, on which its controller does not run"},
	{"eks.amazonaws.com", "EKS sets such labels itself and refuses others'"},
	{"kubernetes.io", "no node may give itself such a label, save under node.kubernetes.io and kubelet.kubernetes.io"},
	{"k8s.io", "no node may give itself such a label"},
}

// freeLabels are domains within the reserved ones that nodes may use.
var freeLabels = []string{"node.kubernetes.io", "kubelet.kubernetes.io"}

// check records what is wrong with the args, the cluster's facts aside.
func (a *ControllerNodesArgs) check(p problems) {
	checkCluster(p, a.ClusterName, a.Cluster)
	p.matches("namespace", a.Namespace, namespaceForm)
	a.options().check(p.in("options"), a.ClusterName, false)
}

// check records what is wrong with the options. podIdentity tells that the controller's role is assumed through EKS Pod
// Identity.
func (o *ControllerNodesOptions) check(p problems, clusterName string, podIdentity bool) {
	o.checkFargate(p, podIdentity)
	p.notEmpty("subnetIds", o.SubnetIds)
	if _, err := elements(o.SubnetIds); err == nil { // a list that comes as a whole is as good
		p.eachMatches("subnetIds", o.SubnetIds, subnetIDForm)
	}
	p.matches("name", o.Name, nodeGroupNameForm)
	p.matches("roleName", o.RoleName, roleNameForm)
	p.matchesKnown("permissionsBoundary", o.PermissionsBoundary, policyARNForm)
	added := p.eachMatches("additionalPolicyArns", o.AdditionalPolicyArns, policyARNForm)
	p.attachable("additionalPolicyArns", len(o.policies(false)), len(added), "put the permissions into a policy of your own")
	o.checkSizes(p)
	o.checkInstances(p)
	p.labels("labels", o.Labels)
	o.checkTags(p, clusterName)
}

// checkFargate records a controller that Fargate could not run, and options that only nodes have.
func (o *ControllerNodesOptions) checkFargate(p problems, podIdentity bool) {
	if !o.fargate() {
		return
	}
	if podIdentity {
		p.addf("fargate", "has no agent of EKS Pod Identity, so the controller could not assume its role: leave out one of the two, or use IRSA")
	}
	for _, option := range []struct {
		property string
		set      bool
	}{
		{"cniPolicy", o.CniPolicy != nil},
		{"ssmPolicy", o.SsmPolicy != nil},
		{"desiredSize", o.DesiredSize != nil},
		{"minSize", o.MinSize != nil},
		{"maxSize", o.MaxSize != nil},
		{"maxUnavailable", o.MaxUnavailable != nil},
		{"instanceTypes", o.InstanceTypes != nil},
		{"amiType", o.AmiType != nil},
		{"version", o.Version != nil},
		{"releaseVersion", o.ReleaseVersion != nil},
		{"capacityType", o.CapacityType != nil},
		{"diskSize", o.DiskSize != nil},
		{"kmsKeyArn", o.KmsKeyArn != nil},
		{"metadataHopLimit", o.MetadataHopLimit != nil},
		{"labels", o.Labels != nil},
		{"criticalAddonsOnly", o.CriticalAddonsOnly != nil},
	} {
		if option.set {
			p.addf(option.property, "shapes nodes, but fargate does without: leave out one of the two")
		}
	}
}

// checkSizes records numbers of nodes that EKS refuses. Source: "View and manage Amazon EKS and Fargate service quotas",
// Amazon EKS User Guide.
func (o *ControllerNodesOptions) checkSizes(p problems) {
	desired, least, most := or(o.DesiredSize, defaultDesiredSize), or(o.MinSize, defaultMinSize), or(o.MaxSize, defaultMaxSize)
	p.between("minSize", o.MinSize, 1, 450, "nodes")
	p.between("maxSize", o.MaxSize, 1, 450, "nodes")
	if least > most {
		p.addf("minSize", "%d is more than maxSize, %d: set both", least, most)
	} else if desired < least || desired > most {
		p.addf("desiredSize", "%d is out of range: minSize, %d, to maxSize, %d", desired, least, most)
	}
	p.between("maxUnavailable", o.MaxUnavailable, 1, 100, "nodes")
}

// checkInstances records instances that EC2 could not launch.
func (o *ControllerNodesOptions) checkInstances(p problems) {
	p.oneOf("amiType", o.AmiType, amiTypes...)
	p.oneOf("capacityType", o.CapacityType, "ON_DEMAND", "SPOT")
	p.matches("version", o.Version, versionForm)
	p.matches("releaseVersion", o.ReleaseVersion, releaseForm)
	p.between("diskSize", o.DiskSize, 20, 16384, "GiB")
	p.matchesKnown("kmsKeyArn", o.KmsKeyArn, keyARNForm)
	p.between("metadataHopLimit", o.MetadataHopLimit, 1, 64, "hops")
	if len(o.InstanceTypes) > 20 {
		p.addf("instanceTypes", "%d types are too many: EKS takes at most 20", len(o.InstanceTypes))
	}
	p.eachMatches("instanceTypes", pulumi.ToStringArray(o.InstanceTypes), instanceTypeForm)
	for _, kind := range o.InstanceTypes {
		if instanceTypeForm.pattern.MatchString(kind) && armInstanceType.MatchString(kind) != o.onArm() {
			p.addf("instanceTypes", "%q is not of the architecture of amiType %s: choose another of the two", kind, o.amiType())
		}
	}
}

// checkTags records tags that the nodes could not bear.
func (o *ControllerNodesOptions) checkTags(p problems, clusterName string) {
	p.tags("tags", o.Tags)
	if _, taken := o.Tags[ownershipTag(clusterName)]; taken {
		p.addf("tags", "%q is set by this component: choose another key", ownershipTag(clusterName))
	}
	if total := len(o.instanceTags(clusterName)); total > policy.MaxTagsPerResource && len(o.Tags) <= policy.MaxTagsPerResource {
		p.addf("tags", "%d tags with those that each node bears are too many: at most %d", total, policy.MaxTagsPerResource)
	}
}

// labels records labels that EKS, or the kubelet, refuses.
func (p problems) labels(property string, labels map[string]string) {
	for _, key := range sortedKeys(labels) {
		p.matches(property, &key, labelKeyForm)
		p.matches(property, new(labels[key]), labelValueForm)
		if key == controllerLabel {
			p.addf(property, "%q is set by this component: leave it out", key)
			continue
		}
		domain, _, prefixed := strings.Cut(key, "/")
		free := slices.ContainsFunc(freeLabels, func(of string) bool { return within(domain, of) })
		for _, reserved := range reservedLabels {
			if prefixed && !free && within(domain, reserved.domain) {
				p.addf(property, "%q is reserved: %s; choose another key", key, reserved.why)
			}
		}
	}
}

// within tells whether a domain is another or under it.
func within(domain, of string) bool { return domain == of || strings.HasSuffix(domain, "."+of) }
