package cloud

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// kubernetesVersions are the minor versions that EKS offers here, oldest
// first. A new cluster gets the last one unless it asks for another.
// https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html
var kubernetesVersions = []string{"1.29", "1.30", "1.31", "1.32", "1.33", "1.34"}

// addonVersion is a version of an add-on and the range of Kubernetes versions
// that it runs on.
type addonVersion struct{ version, from, to string }

// addonCatalog are the add-ons that EKS offers here with their versions, the
// most recent first; the last one that fits is the default.
// https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html
var addonCatalog = map[string][]addonVersion{
	"vpc-cni": {
		{"v1.20.4-eksbuild.2", "1.29", "1.34"},
		{"v1.20.1-eksbuild.3", "1.29", "1.34"},
	},
	"coredns": {
		{"v1.12.4-eksbuild.1", "1.33", "1.34"},
		{"v1.12.3-eksbuild.1", "1.33", "1.34"},
		{"v1.11.4-eksbuild.24", "1.29", "1.32"},
		{"v1.11.4-eksbuild.2", "1.29", "1.32"},
	},
	"kube-proxy": {
		{"v1.34.0-eksbuild.4", "1.34", "1.34"},
		{"v1.34.0-eksbuild.2", "1.34", "1.34"},
		{"v1.33.3-eksbuild.10", "1.33", "1.33"},
		{"v1.33.3-eksbuild.4", "1.33", "1.33"},
		{"v1.32.6-eksbuild.12", "1.32", "1.32"},
		{"v1.32.0-eksbuild.2", "1.32", "1.32"},
		{"v1.31.10-eksbuild.12", "1.31", "1.31"},
		{"v1.31.2-eksbuild.3", "1.31", "1.31"},
		{"v1.30.14-eksbuild.8", "1.30", "1.30"},
		{"v1.30.6-eksbuild.3", "1.30", "1.30"},
		{"v1.29.15-eksbuild.16", "1.29", "1.29"},
		{"v1.29.10-eksbuild.3", "1.29", "1.29"},
	},
	"eks-pod-identity-agent": {
		{"v1.3.9-eksbuild.3", "1.29", "1.34"},
		{"v1.3.4-eksbuild.1", "1.29", "1.34"},
	},
	"aws-ebs-csi-driver": {
		{"v1.51.1-eksbuild.1", "1.29", "1.34"},
		{"v1.48.0-eksbuild.2", "1.29", "1.34"},
	},
}

// compareVersions orders minor versions of Kubernetes.
func compareVersions(a, b string) int {
	minor := func(version string) int {
		_, after, _ := strings.Cut(version, ".")
		n, _ := strconv.Atoi(after)
		return n
	}
	return cmp.Compare(minor(a), minor(b))
}

// addonVersions are an add-on's versions for a version of Kubernetes, the most
// recent first.
func addonVersions(addon, kubernetes string) []string {
	var fitting []string
	for _, v := range addonCatalog[addon] {
		if compareVersions(v.from, kubernetes) <= 0 && compareVersions(kubernetes, v.to) <= 0 {
			fitting = append(fitting, v.version)
		}
	}
	return fitting
}

// DescribeAddonVersions returns an add-on's versions for a version of
// Kubernetes, the most recent first; the last one is the default.
func (c *Client) DescribeAddonVersions(addon, kubernetes string) ([]string, error) {
	return read(c, eksService, "DescribeAddonVersions", func(*State) ([]string, error) {
		if !slices.Contains(kubernetesVersions, kubernetes) {
			return nil, refuse("InvalidParameterException", "unsupported Kubernetes version %s", kubernetes)
		}
		return addonVersions(addon, kubernetes), nil
	})
}
