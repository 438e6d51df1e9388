package install

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/grafanix/eks-karpenter/internal/component"
)

func (a *NodeClassArgs) check(p problems) {
	options := component.OrZero(a.Options)
	p.Matches("clusterName", a.ClusterName, component.ClusterNameForm)
	if a.ClusterName == nil && (options.SubnetSelectorTerms == nil || options.SecurityGroupSelectorTerms == nil) {
		p.Addf("clusterName", "required: the EKS cluster's name, by which subnets and security groups are found; "+
			"or give options.subnetSelectorTerms and options.securityGroupSelectorTerms")
	}
	checkName(p, "name", a.Name)
	version := checkVersion(p, a.KarpenterVersion)
	options.check(p.In("options"))
	checkSince(p.In("options"), version, options.since())
	p.Matches("deleteTimeout", a.DeleteTimeout, timeoutForm)
}

func (o *NodeClassOptions) check(p problems) {
	o.checkRole(p)
	o.checkImages(p)
	o.checkNetwork(p)
	o.checkCapacity(p)
	p.Between("ipPrefixCount", o.IpPrefixCount, 0, mostOf32Bits, "prefixes")
	checkVolumes(p, "blockDeviceMappings", o.BlockDeviceMappings)
	p.OneOf("instanceStorePolicy", o.InstanceStorePolicy, "RAID0")
	component.OrZero(o.Kubelet).check(p.In("kubelet"))
	component.OrZero(o.MetadataOptions).check(p.In("metadataOptions"))
	checkInterfaces(p, o.NetworkInterfaces)
	if o.ConnectionTracking != nil {
		o.ConnectionTracking.check(p)
	}
	p.In("cpuOptions").OneOf("nestedVirtualization", component.OrZero(o.CpuOptions).NestedVirtualization, "enabled", "disabled")
	checkNodeTags(p, o.Tags)
}

// since are the properties that not every release has. Source: the schema of EC2NodeClass, release by release.
func (o *NodeClassOptions) since() []since {
	newImage := func(t AmiSelectorTerm) bool { return component.Or(t.Alias, "") == "windows2025@latest" }
	bySSM := func(t AmiSelectorTerm) bool { return t.SsmParameter != nil }
	byCriteria := func(t CapacityReservationSelectorTerm) bool { return t.InstanceMatchCriteria != nil }
	initialized := func(m BlockDeviceMapping) bool { return m.Ebs != nil && m.Ebs.VolumeInitializationRate != nil }
	reservations := o.CapacityReservationSelectorTerms
	return []since{
		{"amiFamily", 9, component.Or(o.AmiFamily, "") == "Windows2025"},
		{"amiSelectorTerms.alias", 9, slices.ContainsFunc(o.AmiSelectorTerms, newImage)},
		{"amiSelectorTerms.ssmParameter", 4, slices.ContainsFunc(o.AmiSelectorTerms, bySSM)},
		{"capacityReservationSelectorTerms", 3, reservations != nil},
		{"capacityReservationSelectorTerms.instanceMatchCriteria", 8, slices.ContainsFunc(reservations, byCriteria)},
		{"placementGroupSelector", 11, o.PlacementGroupSelector != nil},
		{"ipPrefixCount", 8, o.IpPrefixCount != nil},
		{"blockDeviceMappings.ebs.volumeInitializationRate", 5, slices.ContainsFunc(o.BlockDeviceMappings, initialized)},
		{"networkInterfaces", 11, o.NetworkInterfaces != nil},
		{"connectionTracking", 13, o.ConnectionTracking != nil},
		{"cpuOptions", 13, o.CpuOptions != nil},
	}
}

// checkRole records an identity that is missing, given twice, or not the bare name that Karpenter compares.
func (o *NodeClassOptions) checkRole(p problems) {
	switch {
	case o.Role == nil && o.InstanceProfile == nil:
		p.Addf("role", "required: the bare name of the nodes' role, or else instanceProfile")
	case o.Role != nil && o.InstanceProfile != nil:
		p.Addf("instanceProfile", "a role is given in role: leave out one of the two")
	}
	for _, identity := range []struct {
		property, what string
		input          pulumi.StringPtrInput
		form           component.Form
	}{{"role", "role", o.Role, component.RoleNameForm}, {"instanceProfile", "instance profile", o.InstanceProfile, component.ProfileNameForm}} {
		if name, ok := component.Known(identity.input); ok && strings.Contains(name, "/") {
			p.Addf(identity.property, "%q is an ARN or has a path: give the %s's bare name, %q",
				name, identity.what, name[strings.LastIndex(name, "/")+1:])
			continue
		}
		p.MatchesKnown(identity.property, identity.input, identity.form)
	}
}

func (m *MetadataOptions) check(p problems) {
	p.OneOf("httpEndpoint", m.HttpEndpoint, "enabled", "disabled")
	p.OneOf("httpProtocolIPv6", m.HttpProtocolIPv6, "enabled", "disabled")
	p.Between("httpPutResponseHopLimit", m.HttpPutResponseHopLimit, 1, 64, "hops")
	p.OneOf("httpTokens", m.HttpTokens, "required", "optional")
}

func (c *ConnectionTracking) check(outer problems) {
	if *c == (ConnectionTracking{}) {
		outer.Addf("connectionTracking", "is empty: give tcpEstablishedTimeout, udpStreamTimeout or udpTimeout")
	}
	p := outer.In("connectionTracking")
	p.Between("tcpEstablishedTimeout", c.TcpEstablishedTimeout, 60, 432000, "seconds")
	p.Between("udpStreamTimeout", c.UdpStreamTimeout, 60, 180, "seconds")
	p.Between("udpTimeout", c.UdpTimeout, 30, 60, "seconds")
}

// checkInterfaces records interfaces without a primary one, two in one place, and two for EFA alone on one card.
func checkInterfaces(p problems, interfaces []NetworkInterface) {
	p.AtMost("networkInterfaces", len(interfaces), 150)
	taken, efaOnly := map[[2]int]bool{}, map[int]bool{}
	primary := false
	for i, each := range interfaces {
		path := component.Indexed("networkInterfaces", i)
		p.In(path).OneOf("interfaceType", &each.InterfaceType, "interface", "efa-only")
		place := [2]int{each.NetworkCardIndex, each.DeviceIndex}
		switch efa := each.InterfaceType == "efa-only"; {
		case min(place[0], place[1]) < 0 || max(place[0], place[1]) > mostOf32Bits:
			p.Addf(path, "an index is out of range: 0 to %d", mostOf32Bits)
		case taken[place]:
			p.Addf(path, "another interface is at card %d and device %d: choose another place", place[0], place[1])
		case efa && efaOnly[place[0]]:
			p.Addf(path, "card %d has an interface of type efa-only: a card takes one", place[0])
		case !efa && place == [2]int{}:
			primary = true
		}
		taken[place] = true
		efaOnly[place[0]] = efaOnly[place[0]] || each.InterfaceType == "efa-only"
	}
	if len(interfaces) > 0 && !primary {
		p.Addf("networkInterfaces", "no primary one: add one of type interface at card 0 and device 0")
	}
}

// checkNodeTags records tags that Karpenter puts on its instances itself, and those that EC2 does not take.
func checkNodeTags(p problems, tags map[string]string) {
	reserved := []string{"eks:eks-cluster-name", "karpenter.sh/nodepool", "karpenter.sh/nodeclaim", "karpenter.k8s.aws/ec2nodeclass"}
	for _, key := range component.SortedKeys(tags) {
		switch {
		case slices.Contains(reserved, key) || strings.HasPrefix(key, "kubernetes.io/cluster"):
			p.Addf("tags", "%q is Karpenter's own tag: choose another key", key)
		case strings.HasPrefix(strings.ToLower(key), "aws:"):
			p.Addf("tags", "%q is not valid: the prefix aws: is reserved by AWS", key)
		case key == "" || len([]rune(key)) > 128:
			p.Addf("tags", "%q is not valid: a key has 1 to 128 characters", key)
		case len([]rune(tags[key])) > 256:
			p.Addf("tags", "the value of %q is too long: at most 256 characters", key)
		}
	}
}
