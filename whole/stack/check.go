package stack

import (
	"errors"
	"reflect"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/grafanix/eks-karpenter/components"
	"github.com/grafanix/eks-karpenter/internal/component"
	"github.com/grafanix/eks-karpenter/internal/policy"
)

// check lists everything that is wrong with the settings before anything is registered: each component checks its own args,
// but by then those before it would be made.
func (s *Settings) check() error {
	f := findings{component.NewProblems(), map[string]bool{}}
	later := pulumi.String("").ToStringPtrOutput() // what is not known before the AWS side is there
	f.include("", s.karpenter(nil).Check(""))
	s.checkCluster(f)
	f.include("charts", s.charts(s.knownValues()).Check(""))
	s.checkRole(f)
	f.include("nodeClass", s.nodeClass(later, later).Check(""))
	s.checkNodePools(f, later)
	return f.Err("stack configuration")
}

// checkIdentity refuses settings of the aws provider that change who acts: the AWS CLI makes the tokens for the cluster, and
// would go on as somebody else there.
func checkIdentity(ctx *pulumi.Context) error {
	p := component.NewProblems()
	for _, key := range []string{"aws:profile", "aws:assumeRole", "aws:assumeRoles"} {
		if _, set := ctx.GetConfig(key); set {
			p.Addf(key, "reaches AWS but not the cluster, for which the AWS CLI makes the tokens: leave it out, and set AWS_PROFILE in the environment")
		}
	}
	return p.Err("stack configuration")
}

// checkCluster records what is wrong with a cluster to make, and what would shape one that is not made.
func (s *Settings) checkCluster(f findings) {
	shaped := s.Cluster
	shaped.Create = nil
	switch {
	case s.creates():
		f.include("cluster", s.cluster().Check(""))
		s.checkKubernetes(f)
		if !component.Or(s.Aws.Karpenter.CreateControllerNodes, false) {
			f.Addf("cluster.create", "a new cluster has no nodes for Karpenter's controller: set createControllerNodes, too")
		}
		if component.Or(component.OrZero(s.Aws.Karpenter.ControllerRole).CreateOidcProvider, false) {
			f.Addf("cluster.create", "a new cluster comes with an OIDC provider: leave out controllerRole.createOidcProvider")
		}
	case !reflect.ValueOf(shaped).IsZero():
		f.Addf("cluster.create", "the rest shapes a cluster that is not made: set create, or leave the rest out")
	}
}

// checkKubernetes records a Karpenter that does not run on the cluster's version yet.
func (s *Settings) checkKubernetes(f findings) {
	version := component.Or(s.Cluster.Options.KubernetesVersion, "")
	karpenter, _, err := policy.ParseVersion(component.Or(s.Aws.Karpenter.KarpenterVersion, policy.DefaultRelease))
	if since := policy.SinceKubernetes(version); err == nil && karpenter < since {
		f.Addf("cluster.kubernetesVersion", "Karpenter %s does not run on Kubernetes %s, as %s and later do: raise karpenterVersion", karpenter, version, since)
	}
}

// checkRole records an EC2NodeClass that would have no role, or one that Karpenter cannot use.
func (s *Settings) checkRole(f findings) {
	k, class := s.Aws.Karpenter, s.NodeClass
	existing := k.ControllerRoleArn != nil || component.Or(k.SkipControllerRole, false)
	switch {
	case component.Or(k.IsolatedVpc, false) && class.Role != nil:
		f.Addf("nodeClass.role", "isolatedVpc keeps Karpenter from making an instance profile of it: give nodeClass.instanceProfile, or neither")
	case component.Or(k.SkipNodeRole, false) && existing && class.Role == nil && class.InstanceProfile == nil &&
		component.OrZero(k.ControllerRole).AdditionalNodeRoleArns == nil:
		f.Addf("nodeClass.role", "required: skipNodeRole leaves out the role that the nodes would have")
	}
}

func (s *Settings) checkNodePools(f findings, class pulumi.StringPtrInput) {
	seen := map[string]bool{}
	for i, pool := range s.nodePools(class) {
		path := component.Indexed("nodePools", i)
		f.include(path, pool.Check(""))
		name := component.Or(pool.Name, defaultName)
		if seen[name] {
			f.Addf(path+".name", "another node pool is called %q: choose another name", name)
		}
		seen[name] = true
	}
}

// knownValues are as much of the chart's values as is known before the AWS side is there.
func (s *Settings) knownValues() pulumi.Map {
	role := component.OrZero(s.Aws.Karpenter.ControllerRole)
	return pulumi.Map{
		"serviceAccount": pulumi.Map{"name": pulumi.String(component.Or(role.ServiceAccount, component.DefaultServiceAccount))},
		"settings":       pulumi.Map{"clusterName": pulumi.String(s.clusterName())},
	}
}

// shared are the properties of several parts that are one setting, by that setting's name.
var shared = map[string]string{
	"clusterName": "clusterName", "helmValues": "clusterName", "karpenterVersion": "karpenterVersion", "namespace": "controllerRole.namespace",
}

// findings are the problems of all parts.
type findings struct {
	component.Problems
	of map[string]bool // the settings that have one
}

// include adds the problems of a part's args under the names of their settings, once for each setting that parts share.
func (f findings) include(part string, err error) {
	var invalid *components.InvalidArgsError
	if !errors.As(err, &invalid) {
		return
	}
	for _, problem := range invalid.Problems {
		setting, isShared := shared[problem.PropertyPath]
		if !isShared {
			setting = strings.TrimPrefix(part+"."+strings.TrimPrefix(problem.PropertyPath, "options."), ".")
		}
		if isShared && f.of[setting] {
			continue
		}
		f.of[setting] = true
		f.Addf(setting, "%s", problem.Reason)
	}
}
