package components

import (
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/grafanix/eks-karpenter/internal/component"
	"github.com/grafanix/eks-karpenter/internal/policy"
)

// The forms of what a node group takes. Sources: CreateNodegroup, EKS API Reference; "Labels and Selectors", Kubernetes
// documentation; "Amazon EC2 instance type naming conventions", Amazon EC2 Instance Types.
var (
	nodeGroupNameForm = component.NewForm(
		`^[0-9A-Za-z][0-9A-Za-z_-]{0,62}$`,
		"1 to 63 letters, digits, hyphens and underscores, a letter or digit first",
	)
	instanceTypeForm = component.NewForm(`^[a-z][a-z0-9-]*\.[a-z0-9-]+$`, "an EC2 instance type such as m6i.large")
	armInstanceType  = regexp.MustCompile(`^(a1|[a-z]+[0-9]+g[a-z0-9-]*)\.`)
	versionForm      = component.NewForm(`^1\.[0-9]{2}$`, "a Kubernetes version such as 1.34")
	releaseForm      = component.NewForm(`^[0-9A-Za-z][0-9A-Za-z.-]+$`, "an AMI release such as 1.34.1-20251002")
	labelKeyForm     = component.NewForm(
		`^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$`,
		"a label's key: by choice a DNS subdomain and a slash, then 1 to 63 letters, digits and any of _.-, a letter or digit at both ends",
	)
	labelValueForm = component.NewForm(
		`^[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$`,
		"a label's value: 1 to 63 letters, digits and any of _.-, a letter or digit at both ends",
	)
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
	p.Matches("namespace", a.Namespace, namespaceForm)
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
	p.Matches("name", o.Name, nodeGroupNameForm)
	p.Matches("roleName", o.RoleName, roleNameForm)
	p.MatchesKnown("permissionsBoundary", o.PermissionsBoundary, policyARNForm)
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
		p.Addf("fargate", "has no agent of EKS Pod Identity, so the controller could not assume its role: leave out one of the two, or use IRSA")
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
			p.Addf(option.property, "shapes nodes, but fargate does without: leave out one of the two")
		}
	}
}

// checkSizes records numbers of nodes that EKS refuses. Source: "View and manage Amazon EKS and Fargate service quotas",
// Amazon EKS User Guide.
func (o *ControllerNodesOptions) checkSizes(p problems) {
	desired, least, most := or(o.DesiredSize, defaultDesiredSize), or(o.MinSize, defaultMinSize), or(o.MaxSize, defaultMaxSize)
	p.Between("minSize", o.MinSize, 1, 450, "nodes")
	p.Between("maxSize", o.MaxSize, 1, 450, "nodes")
	if least > most {
		p.Addf("minSize", "%d is more than maxSize, %d: set both", least, most)
	} else if desired < least || desired > most {
		p.Addf("desiredSize", "%d is out of range: minSize, %d, to maxSize, %d", desired, least, most)
	}
	p.Between("maxUnavailable", o.MaxUnavailable, 1, 100, "nodes")
}

// checkInstances records instances that EC2 could not launch.
func (o *ControllerNodesOptions) checkInstances(p problems) {
	p.OneOf("amiType", o.AmiType, amiTypes...)
	p.OneOf("capacityType", o.CapacityType, "ON_DEMAND", "SPOT")
	p.Matches("version", o.Version, versionForm)
	p.Matches("releaseVersion", o.ReleaseVersion, releaseForm)
	p.Between("diskSize", o.DiskSize, 20, 16384, "GiB")
	p.MatchesKnown("kmsKeyArn", o.KmsKeyArn, keyARNForm)
	p.Between("metadataHopLimit", o.MetadataHopLimit, 1, 64, "hops")
	if len(o.InstanceTypes) > 20 {
		p.Addf("instanceTypes", "%d types are too many: EKS takes at most 20", len(o.InstanceTypes))
	}
	p.eachMatches("instanceTypes", pulumi.ToStringArray(o.InstanceTypes), instanceTypeForm)
	for _, kind := range o.InstanceTypes {
		if instanceTypeForm.Matches(kind) && armInstanceType.MatchString(kind) != o.onArm() {
			p.Addf("instanceTypes", "%q is not of the architecture of amiType %s: choose another of the two", kind, o.amiType())
		}
	}
}

// checkTags records tags that the nodes could not bear.
func (o *ControllerNodesOptions) checkTags(p problems, clusterName string) {
	p.tags("tags", o.Tags)
	if _, taken := o.Tags[ownershipTag(clusterName)]; taken {
		p.Addf("tags", "%q is set by this component: choose another key", ownershipTag(clusterName))
	}
	if total := len(o.instanceTags(clusterName)); total > policy.MaxTagsPerResource && len(o.Tags) <= policy.MaxTagsPerResource {
		p.Addf("tags", "%d tags with those that each node bears are too many: at most %d", total, policy.MaxTagsPerResource)
	}
}

// labels records labels that EKS, or the kubelet, refuses.
func (p problems) labels(property string, labels map[string]string) {
	for _, key := range sortedKeys(labels) {
		p.Matches(property, &key, labelKeyForm)
		p.Matches(property, new(labels[key]), labelValueForm)
		if key == controllerLabel {
			p.Addf(property, "%q is set by this component: leave it out", key)
			continue
		}
		domain, _, prefixed := strings.Cut(key, "/")
		free := slices.ContainsFunc(freeLabels, func(of string) bool { return within(domain, of) })
		for _, reserved := range reservedLabels {
			if prefixed && !free && within(domain, reserved.domain) {
				p.Addf(property, "%q is reserved: %s; choose another key", key, reserved.why)
			}
		}
	}
}

// within tells whether a domain is another or under it.
func within(domain, of string) bool { return domain == of || strings.HasSuffix(domain, "."+of) }
