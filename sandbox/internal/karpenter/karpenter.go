// Package karpenter is Karpenter's controller, as far as a deployment's life
// and end depend on it: it makes what would be left behind, instance profiles,
// launch templates and instances, asks the account's policies for every call
// as the role that its pods assume, and holds objects by its finalizers until
// it has cleaned up.
//
// It follows Karpenter 1.14. It schedules no pods: every node pool that is
// ready gets one node, so that there is one to end. It replaces no nodes.
package karpenter

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

// Watch lets Karpenter act in an account's clusters: after every change of the
// account, where a release of its chart is there and can start.
func Watch(account *cloud.Account) {
	account.OnChange(func(ctx context.Context) {
		for _, cluster := range account.KubernetesInUse() {
			account.SetLog(cluster.ARN, run(ctx, account, cluster))
		}
	})
}

// maxRounds ends a controller that finds something to do again and again. A
// deployment needs a few.
const maxRounds = 20

// run lets the controller of a cluster act until nothing changes any more, and
// returns what it logs.
func run(ctx context.Context, account *cloud.Account, cluster cloud.Cluster) []string {
	client, err := account.In(cluster.Region)
	if err != nil {
		return []string{err.Error()}
	}
	api, err := client.Within(ctx).Kubernetes(cluster.Name)
	if err != nil {
		return []string{err.Error()}
	}
	release, found, err := released(api)
	if err != nil || !found {
		return nil
	}
	c, err := start(api, release)
	if err != nil {
		return []string{err.Error()}
	}
	var before, after []cloud.Object
	for range maxRounds {
		c.log = nil
		c.reconcile()
		if before, after = after, c.everything(); reflect.DeepEqual(before, after) {
			break
		}
	}
	return c.log
}

// released finds the release that runs Karpenter, the first of several.
func released(api *cloud.Kubernetes) (cloud.Release, bool, error) {
	releases, err := api.Releases()
	for _, release := range releases {
		if release.RunsKarpenter() {
			return release, true, nil
		}
	}
	return cloud.Release{}, false, err
}

// controller is Karpenter's, while it runs.
type controller struct {
	api     *cloud.Kubernetes
	client  *cloud.Client
	cluster cloud.Cluster
	session cloud.Session
	log     []string
}

// Starts tells why the controller of a release cannot start: nil when it can.
func Starts(ctx context.Context, api *cloud.Kubernetes, release cloud.Release) error {
	_, err := start(api.For(api.Client().Within(ctx)), release)
	return err
}

// start does what the controller does before it works (operator.NewOperator).
func start(api *cloud.Kubernetes, release cloud.Release) (*controller, error) {
	c := &controller{api: api, client: api.Client(), cluster: api.Cluster}
	var err error
	if c.session, err = c.assume(release); err != nil {
		return nil, fmt.Errorf("getting credentials for %s/%s: %w", release.Namespace, release.ServiceAccount(), err)
	}
	values := cloud.Object(release.Values)
	switch name := values.Text("settings", "clusterName"); name {
	case c.cluster.Name:
	case "":
		return nil, errors.New("missing field, cluster-name")
	default:
		return nil, fmt.Errorf("settings.clusterName is %s, but this is the cluster %s", name, c.cluster.Name)
	}
	for _, of := range []struct{ api, kind string }{{coreAPI, pools}, {coreAPI, claims}, {awsAPI, classes}} {
		if served, err := api.Serves(of.api, of.kind); err != nil || !served {
			return nil, errors.Join(fmt.Errorf("no matches for kind %q in version %q", of.kind, of.api), err)
		}
	}
	if err := c.ask(startingUp(c.cluster, values.Text("settings", "clusterEndpoint") == "")...); err != nil {
		return nil, err
	}
	queue := values.Text("settings", "interruptionQueue")
	if queue == "" {
		return c, nil
	}
	if err := c.ask(request{action: "sqs:GetQueueUrl", resource: c.client.ARN("sqs", queue)}); err != nil {
		return nil, err
	}
	_, err = c.client.GetQueueURL(queue)
	return c, err
}

// roleAnnotation names the role of a service account.
const roleAnnotation = "eks.amazonaws.com/role-arn"

// assume gets the credentials of the controller's pods: by the role that its
// service account names, else by EKS Pod Identity.
func (c *controller) assume(release cloud.Release) (cloud.Session, error) {
	account := release.ServiceAccount()
	role := cloud.Object(release.Values).Text("serviceAccount", "annotations", roleAnnotation)
	if role == "" {
		return c.client.AssumeRoleForPodIdentity(c.cluster.Name, release.Namespace, account)
	}
	return c.client.AssumeRoleWithWebIdentity(role, cloud.WebIdentity{
		Issuer: c.cluster.Issuer, Audience: "sts.amazonaws.com",
		Subject: "system:serviceaccount:" + release.Namespace + ":" + account,
	})
}

// The kinds that the controller works on.
const (
	coreAPI  = "karpenter.sh/v1"
	awsAPI   = "karpenter.k8s.aws/v1"
	nodeKind = "Node"
	pools    = "NodePool"
	claims   = "NodeClaim"
	classes  = "EC2NodeClass"
)

// reconcile looks at every object once. What fails is logged, and tried again
// when something changes.
func (c *controller) reconcile() {
	for _, of := range []struct {
		api, kind string
		reconcile func(cloud.Object) error
	}{
		{awsAPI, classes, c.reconcileClass},
		{coreAPI, pools, c.reconcilePool},
		{coreAPI, claims, c.reconcileClaim},
	} {
		objects, err := c.api.List(of.api, of.kind)
		c.note(of.kind, "", err)
		for _, object := range objects {
			c.note(of.kind, object.Name(), of.reconcile(object))
		}
	}
}

// note logs a failure.
func (c *controller) note(kind, name string, err error) {
	if err != nil {
		c.log = append(c.log, fmt.Sprintf("%s %s: %s", kind, name, err))
	}
}

func (c *controller) everything() []cloud.Object {
	objects, err := c.api.Objects()
	c.note("objects", "", err)
	return objects
}
