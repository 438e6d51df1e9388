package install

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/grafanix/eks-karpenter/internal/component"
)

// Kubelet sets what the nodes' kubelets run with. Source: "NodeClasses", spec.kubelet, Karpenter documentation.
type Kubelet struct {
	// ClusterDNS are the addresses of the cluster's DNS.
	ClusterDNS []string `pulumi:"clusterDNS,optional"`
	// MaxPods is the most pods on a node.
	MaxPods *int `pulumi:"maxPods,optional"`
	// PodsPerCore is the most pods for each core, within maxPods.
	PodsPerCore *int `pulumi:"podsPerCore,optional"`
	// SystemReserved and KubeReserved are kept free, by cpu, memory, ephemeral-storage and pid.
	SystemReserved map[string]string `pulumi:"systemReserved,optional"`
	KubeReserved   map[string]string `pulumi:"kubeReserved,optional"`
	// EvictionHard and EvictionSoft are when pods must leave, by signals such as memory.available: a quantity or a
	// percentage.
	EvictionHard map[string]string `pulumi:"evictionHard,optional"`
	EvictionSoft map[string]string `pulumi:"evictionSoft,optional"`
	// EvictionSoftGracePeriod is how long a signal of evictionSoft may last, one for each, such as 2m.
	EvictionSoftGracePeriod map[string]string `pulumi:"evictionSoftGracePeriod,optional"`
	// EvictionMaxPodGracePeriod is the longest grace, in seconds, that a pod gets then.
	EvictionMaxPodGracePeriod *int `pulumi:"evictionMaxPodGracePeriod,optional"`
	// ImageGCHighThresholdPercent is how full the disk is when images are deleted, 0 to 100.
	ImageGCHighThresholdPercent *int `pulumi:"imageGCHighThresholdPercent,optional"`
	// ImageGCLowThresholdPercent is how full the disk is when no more are, less than imageGCHighThresholdPercent.
	ImageGCLowThresholdPercent *int `pulumi:"imageGCLowThresholdPercent,optional"`
	// CpuCFSQuota enforces the CPU limits of containers. Default: true.
	CpuCFSQuota *bool `pulumi:"cpuCFSQuota,optional"`
}

var (
	reservable = []string{"cpu", "memory", "ephemeral-storage", "pid"}
	signals    = []string{
		"memory.available", "nodefs.available", "nodefs.inodesFree", "imagefs.available", "imagefs.inodesFree", "pid.available",
	}
)

const mostOf32Bits = 1<<31 - 1

func (k *Kubelet) check(p problems) {
	for i, address := range k.ClusterDNS {
		if _, err := netip.ParseAddr(address); err != nil {
			p.Addf(component.Indexed("clusterDNS", i), "%q is not valid: an IP address", address)
		}
	}
	p.Between("maxPods", k.MaxPods, 0, mostOf32Bits, "pods")
	p.Between("podsPerCore", k.PodsPerCore, 0, mostOf32Bits, "pods")
	p.Between("evictionMaxPodGracePeriod", k.EvictionMaxPodGracePeriod, 0, mostOf32Bits, "seconds")
	for _, each := range []struct {
		property string
		values   map[string]string
		keys     []string
		form     component.Form
	}{
		{"systemReserved", k.SystemReserved, reservable, quantityForm},
		{"kubeReserved", k.KubeReserved, reservable, quantityForm},
		{"evictionHard", k.EvictionHard, signals, signalForm},
		{"evictionSoft", k.EvictionSoft, signals, signalForm},
		{"evictionSoftGracePeriod", k.EvictionSoftGracePeriod, signals, durationForm},
	} {
		for _, key := range component.SortedKeys(each.values) {
			if !slices.Contains(each.keys, key) {
				p.Addf(each.property, "%q is not valid: one of %s", key, strings.Join(each.keys, ", "))
			}
			value := each.values[key]
			p.Matches(each.property+"."+key, &value, each.form)
		}
	}
	k.checkSoft(p)
	k.checkThresholds(p)
}

// checkSoft records signals without a grace period, and the other way round, and grace periods that nothing can hold.
func (k *Kubelet) checkSoft(p problems) {
	for _, key := range component.SortedKeys(k.EvictionSoftGracePeriod) {
		checkLasts(p, "evictionSoftGracePeriod."+key, k.EvictionSoftGracePeriod[key])
		if _, set := k.EvictionSoft[key]; !set {
			p.Addf("evictionSoftGracePeriod."+key, "is of no signal in evictionSoft: add the signal, or leave it out")
		}
	}
	for _, key := range component.SortedKeys(k.EvictionSoft) {
		if _, set := k.EvictionSoftGracePeriod[key]; !set {
			p.Addf("evictionSoft."+key, "has no grace period: add one to evictionSoftGracePeriod")
		}
	}
}

// checkThresholds records shares of the disk that are out of range or the wrong way round.
func (k *Kubelet) checkThresholds(p problems) {
	high, low := k.ImageGCHighThresholdPercent, k.ImageGCLowThresholdPercent
	p.Between("imageGCHighThresholdPercent", high, 0, 100, "percent")
	p.Between("imageGCLowThresholdPercent", low, 0, 100, "percent")
	if high != nil && low != nil && *high <= *low {
		p.Addf("imageGCHighThresholdPercent", "%d is not more than imageGCLowThresholdPercent, %d", *high, *low)
	}
}
