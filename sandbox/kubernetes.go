package sandbox

import "github.com/grafanix/eks-karpenter/sandbox/internal/cloud"

// What is in the Kubernetes API of a cluster.
type (
	// Object is a Kubernetes object as its API gives it.
	Object = cloud.Object
	// Release is a Helm release.
	Release = cloud.Release
	// StatusError is an API server's refusal.
	StatusError = cloud.StatusError
	// Install is how a release is made.
	Install = cloud.Install
	// Instance is an EC2 instance, as Karpenter launches them; see
	// [Client.DescribeInstances].
	Instance = cloud.Instance
	// LaunchTemplate is a launch template.
	LaunchTemplate = cloud.LaunchTemplate
)

// Kubernetes is the Kubernetes API of a cluster: to look at what was deployed,
// and to change it behind Pulumi's back.
//
//	Create, Get, List, Apply, Patch, Delete, Objects, DryRun
//	Install, Upgrade, GetRelease, Releases, Uninstall
type Kubernetes struct {
	*cloud.Kubernetes
}

// Kubernetes returns the Kubernetes API of a cluster.
func (a *Account) Kubernetes(region, cluster string) (Kubernetes, error) {
	client, err := a.Client(region)
	if err != nil {
		return Kubernetes{}, err
	}
	api, err := client.Kubernetes(cluster)
	return Kubernetes{api}, err
}

// KarpenterLog is what Karpenter last logged as errors: what it could not do,
// and why, or why it does not start. It is empty where all is well, and where
// no Karpenter is deployed.
func (k Kubernetes) KarpenterLog() []string {
	return k.Client().Account().Log(k.Cluster.ARN)
}
