package sandbox

import (
	"github.com/grafanix/eks-karpenter/sandbox/internal/authorize"
	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

// Who may ask something of an account, by [Client.Authorize].
type (
	// Principal is a [Session], a [ServicePrincipal], [Anonymous] or [Root].
	Principal = cloud.Principal
	// Session is a role assumed, by AssumeRoleWithWebIdentity, as a pod with a
	// role for its service account does, AssumeRoleForPodIdentity or
	// AssumeRoleForInstance of a [Client].
	Session = cloud.Session
	// ServicePrincipal is an AWS service that acts for a resource.
	ServicePrincipal = cloud.ServicePrincipal
	// Anonymous is anybody on the internet.
	Anonymous = cloud.Anonymous
	// Root is the account's root user.
	Root = cloud.Root
)

// What assuming and authorizing take and return.
type (
	// WebIdentity is what an OIDC token says.
	WebIdentity = cloud.WebIdentity
	// Decision is what IAM would decide, and why; String tells it in one line.
	Decision = authorize.Decision
	// DeniedError is AWS's refusal to let somebody assume a role, with the
	// Decision behind it.
	DeniedError = cloud.DeniedError
)
