package components

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/grafanix/eks-karpenter/internal/policy"
)

// DefaultKarpenterVersion is the release of Karpenter that is meant where none is chosen: the newest whose needs are known.
const DefaultKarpenterVersion = policy.DefaultRelease

// version records a text that is no release of Karpenter, and gives the version whose needs a release has.
func (p problems) version(property string, release *string) policy.Version {
	nearest, _, err := policy.ParseVersion(or(release, DefaultKarpenterVersion))
	if err != nil {
		p.Addf(property, "%v", err)
		return policy.Newest
	}
	return nearest
}

// versionOf is the version whose needs a release has that was checked.
func versionOf(release *string) policy.Version { return newProblems().version("", release) }

// warnOfVersion warns of a release whose needs are not known.
func warnOfVersion(ctx *pulumi.Context, component string, release *string) error {
	nearest, isKnown, err := policy.ParseVersion(or(release, DefaultKarpenterVersion))
	if err != nil || isKnown {
		return err
	}
	return ctx.Log.Warn(fmt.Sprintf(
		"%s: karpenterVersion: what Karpenter %s needs is not known, only what %s to %s need: it gets the permissions and rules of %s, the nearest",
		component, *release, policy.Oldest, policy.Newest, nearest,
	), nil)
}
