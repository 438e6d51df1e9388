package install

import (
	"github.com/grafanix/eks-karpenter/internal/component"
	"github.com/grafanix/eks-karpenter/internal/policy"
)

// chartVersion is the version of the charts of a release.
func chartVersion(release *string) string { return component.Or(release, policy.DefaultRelease) }

// since is a property that a release of Karpenter began to have.
type since struct {
	property string
	minor    policy.Version
	used     bool
}

// checkVersion records a release that is none or has another API, and gives its version.
func checkVersion(p problems, release *string) policy.Version {
	version, isKnown, err := policy.ParseVersion(chartVersion(release))
	switch {
	case err != nil:
		p.Addf("karpenterVersion", "%v", err)
		return policy.Newest
	case !isKnown && version == policy.Oldest:
		p.Addf("karpenterVersion", "Karpenter %s has another API: choose %s.0 or later", *release, policy.Oldest)
	}
	return version
}

// checkSince records each property in use that a version does not have yet.
func checkSince(p problems, version policy.Version, properties []since) {
	for _, each := range properties {
		if each.used && version < each.minor {
			p.Addf(each.property, "Karpenter %s does not have it: leave it out, or choose %s or later", version, each.minor)
		}
	}
}
