package sandbox

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/sandbox/internal/kubernetes"
)

const everyCall = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ec2:*","eks:DescribeCluster","ssm:GetParameter","iam:*InstanceProfile*","iam:PassRole","sqs:GetQueueUrl"],"Resource":"*"}]}`

// withKarpenter serves a cluster whose Karpenter may do what a policy says.
// Its pods get their role by EKS Pod Identity.
func withKarpenter(t *testing.T, policy string) *engine {
	t.Helper()
	e := newKubernetes(t)
	client, err := e.account.Client("ap-northeast-2")
	require.NoError(t, err)
	require.NoError(t, client.CreateRole(Role{Name: "Controller", Path: "/", TrustPolicy: trustPods, MaxSession: 3600}))
	require.NoError(t, client.PutRolePolicy("Controller", "it", policy))
	_, err = client.CreatePodIdentityAssociation(Association{
		Cluster: theCluster, Namespace: "kube-system", ServiceAccount: "karpenter", RoleARN: "arn:aws:iam::123456789012:role/Controller",
	})
	require.NoError(t, err)
	e.create(releaseType, release("karpenter-crd"))
	return e
}

func controllerRelease(more map[string]any) inputs {
	values := map[string]any{"settings": map[string]any{"clusterName": theCluster}}
	for key, value := range more {
		values[key] = value
	}
	return release("karpenter").with(inputs{"skipCrds": true, "values": values})
}

// conditionOf is a condition of an object as status, reason and message.
func (e *engine) conditionOf(apiVersion, kind, name, condition string) string {
	e.t.Helper()
	live, err := e.api().Get(apiVersion, kind, "", name)
	require.NoError(e.t, err)
	list, _ := live.At("status", "conditions").([]any)
	for _, element := range list {
		if c := Object(element.(map[string]any)); c.Text("type") == condition {
			return c.Text("status") + " " + c.Text("reason") + " " + c.Text("message")
		}
	}
	return "none"
}

func (e *engine) classCondition(condition string) string {
	e.t.Helper()
	return e.conditionOf("karpenter.k8s.aws/v1", "EC2NodeClass", "default", condition)
}

func (e *engine) instances() []Instance {
	e.t.Helper()
	found, err := e.api().Client().DescribeInstances(nil)
	require.NoError(e.t, err)
	return found
}

func TestKarpentersLife(t *testing.T) {
	e := withKarpenter(t, everyCall)
	start := string(e.account.Dump())
	controller := e.create(releaseType, controllerRelease(nil))
	class := e.create(classType, nodeClass("default"))
	assert.Equal(t, "True Ready ", e.classCondition("Ready"))
	assert.Equal(t, []string{"karpenter.k8s.aws/termination"}, mustGet(e, "karpenter.k8s.aws/v1", "EC2NodeClass", "default").Finalizers())
	uid := mustGet(e, "karpenter.k8s.aws/v1", "EC2NodeClass", "default").UID()
	profiles, err := e.api().Client().ListInstanceProfiles("/karpenter/ap-northeast-2/" + theCluster + "/" + uid + "/")
	require.NoError(t, err)
	require.Len(t, profiles, 1)
	assert.Equal(t, nodesRole, profiles[0].Role)
	assert.Equal(t, Tags{
		"kubernetes.io/cluster/" + theCluster: "owned", "eks:eks-cluster-name": theCluster,
		"karpenter.k8s.aws/ec2nodeclass": "default", "topology.kubernetes.io/region": "ap-northeast-2",
	}, profiles[0].Tags)

	pool := e.create(poolType, nodePool("default"))
	assert.Equal(t, "True Ready ", e.conditionOf("karpenter.sh/v1", "NodePool", "default", "Ready"))
	require.Len(t, e.instances(), 1)
	instance := e.instances()[0]
	assert.Equal(t, profiles[0].Name, instance.Profile)
	assert.Equal(t, instance.PrivateDNSName, instance.Tags["Name"], "the node has joined, and the instance its name")
	assert.Equal(t, "default", instance.Tags["karpenter.sh/nodepool"])
	require.ErrorContains(t, e.api().Client().DeleteSecurityGroup("sg-06e4c1a85d7f2b930"), "DependencyViolation")
	assert.Empty(t, e.api().KarpenterLog())

	require.ErrorContains(t, e.tryDelete(class), "finalizers might be preventing deletion (karpenter.k8s.aws/termination)", "a node uses it")
	e.delete(pool)
	assert.Empty(t, e.instances())
	assert.Empty(t, e.read(class).ID, "with the last node, the class goes, too")
	e.delete(controller)
	assert.Equal(t, start, string(e.account.Dump()))
}

func mustGet(e *engine, apiVersion, kind, name string) Object {
	e.t.Helper()
	found, err := e.api().Get(apiVersion, kind, "", name)
	require.NoError(e.t, err)
	return found
}

// TestKarpenterIsRefused takes one action away from Karpenter and looks at
// what the cluster says.
func TestKarpenterIsRefused(t *testing.T) {
	const session = "User: arn:aws:sts::123456789012:assumed-role/Controller/"
	cases := []struct{ action, condition, want string }{
		{"iam:CreateInstanceProfile", "InstanceProfileReady", "Unknown AwaitingReconciliation "},
		{"iam:AddRoleToInstanceProfile", "InstanceProfileReady", "Unknown AwaitingReconciliation "},
		{"iam:PassRole", "InstanceProfileReady", "Unknown AwaitingReconciliation "},
		{"ec2:DescribeSubnets", "SubnetsReady", "Unknown AwaitingReconciliation "},
		{"ec2:DescribeSecurityGroups", "SecurityGroupsReady", "Unknown AwaitingReconciliation "},
		{"ssm:GetParameter", "AMIsReady", "Unknown AwaitingReconciliation "},
		{"eks:DescribeCluster", "ValidationSucceeded", "False ClusterCIDRResolutionFailed Failed to detect the cluster CIDR: "},
		{"ec2:CreateLaunchTemplate", "ValidationSucceeded", "False CreateLaunchTemplateAuthCheckFailed Controller isn't authorized to call ec2:CreateLaunchTemplate: "},
		{"ec2:CreateFleet", "ValidationSucceeded", "False CreateFleetAuthCheckFailed Controller isn't authorized to call ec2:CreateFleet: "},
		{"ec2:RunInstances", "ValidationSucceeded", "False RunInstancesAuthCheckFailed Controller isn't authorized to call ec2:RunInstances: "},
	}
	for _, c := range cases {
		t.Run(c.action, func(t *testing.T) {
			e := withKarpenter(t, denying(c.action))
			e.create(releaseType, controllerRelease(map[string]any{"settings": map[string]any{"clusterName": theCluster, "clusterEndpoint": e.api().Cluster.Endpoint}}))
			e.create(classType, nodeClass("default"))
			got := e.classCondition(c.condition)
			assert.Contains(t, got, c.want)
			assert.Contains(t, got, session)
			assert.Contains(t, got, "is not authorized to perform: "+c.action+" on resource: ")
			assert.Contains(t, got, "with an explicit deny in an identity-based policy")
			e.create(poolType, nodePool("default"))
			assert.Empty(t, e.instances())

			require.NoError(t, e.api().Client().PutRolePolicy("Controller", "it", everyCall))
			assert.Equal(t, "True Ready ", e.classCondition("Ready"), "allowed at last, Karpenter goes on")
			assert.Len(t, e.instances(), 1)
		})
	}
}

func denying(action string) string {
	return strings.Replace(everyCall, `"Statement":[`, `"Statement":[{"Effect":"Deny","Action":"`+action+`","Resource":"*"},`, 1)
}

// TestKarpenterCannotCleanUp takes away an action that an end needs, gives it
// back, and looks whether all goes.
func TestKarpenterCannotCleanUp(t *testing.T) {
	cases := []struct{ action, left string }{
		{"ec2:TerminateInstances", "foregroundDeletion"},
		{"iam:ListInstanceProfiles", "karpenter.k8s.aws/termination"},
		{"iam:GetInstanceProfile", "karpenter.k8s.aws/termination"},
		{"iam:RemoveRoleFromInstanceProfile", "karpenter.k8s.aws/termination"},
		{"iam:DeleteInstanceProfile", "karpenter.k8s.aws/termination"},
		{"ec2:DeleteLaunchTemplate", "karpenter.k8s.aws/termination"},
	}
	for _, c := range cases {
		t.Run(c.action, func(t *testing.T) {
			e := withKarpenter(t, everyCall)
			start := string(e.account.Dump())
			controller := e.create(releaseType, controllerRelease(nil))
			class := e.create(classType, nodeClass("default"))
			pool := e.create(poolType, nodePool("default"))
			require.NoError(t, e.api().Client().PutRolePolicy("Controller", "it", denying(c.action)))
			err := e.tryDelete(pool)
			if err == nil {
				err = e.tryDelete(class)
			}
			require.ErrorContains(t, err, "timed out waiting for the condition: finalizers might be preventing deletion ("+c.left+")")
			assert.Contains(t, strings.Join(e.api().KarpenterLog(), "\n"), "is not authorized to perform: "+c.action)

			require.NoError(t, e.api().Client().PutRolePolicy("Controller", "it", everyCall))
			e.delete(pool)
			e.delete(class)
			e.delete(controller)
			assert.Equal(t, start, string(e.account.Dump()))
		})
	}
}

func TestKarpenterDoesNotStart(t *testing.T) {
	cases := []struct {
		name   string
		policy string
		values map[string]any
		want   string
	}{
		{"no cluster's name", everyCall, map[string]any{"settings": map[string]any{}}, "missing field, cluster-name"},
		{"another cluster's name", everyCall, map[string]any{"settings": map[string]any{"clusterName": "grafanix-comic-prod"}}, "but this is the cluster grafanix-comic"},
		{"another service account", everyCall, map[string]any{"serviceAccount": map[string]any{"name": "other"}}, "no service account role association for it"},
		{
			"a role that does not trust it", everyCall,
			map[string]any{"serviceAccount": map[string]any{"annotations": map[string]any{"eks.amazonaws.com/role-arn": nodesARN}}},
			"Not authorized to perform sts:AssumeRoleWithWebIdentity",
		},
		{"no queue", everyCall, map[string]any{"settings": map[string]any{"clusterName": theCluster, "interruptionQueue": "events"}}, "NonExistentQueue"},
		{
			"a queue that it may not read", denying("sqs:GetQueueUrl"),
			map[string]any{"settings": map[string]any{"clusterName": theCluster, "interruptionQueue": "events"}},
			"is not authorized to perform: sqs:GetQueueUrl on resource: " + queueARN,
		},
		{"a cluster that it may not look up", denying("eks:DescribeCluster"), nil, "is not authorized to perform: eks:DescribeCluster"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			e := withKarpenter(t, c.policy)
			start := string(e.account.Dump())
			_, err := e.tryCreate(releaseType, controllerRelease(c.values))
			require.ErrorContains(t, err, `Helm release "kube-system/karpenter" was created, but failed to initialize completely.`)
			require.ErrorContains(t, err, c.want)
			found, err := e.api().GetRelease("kube-system", "karpenter")
			require.NoError(t, err)
			assert.Equal(t, "failed", found.Status)
			require.NoError(t, e.api().Uninstall("kube-system", "karpenter"))
			_, err = e.tryCreate(releaseType, controllerRelease(c.values).with(inputs{"atomic": true}))
			require.ErrorContains(t, err, "release karpenter failed, and has been uninstalled due to atomic being set")
			assert.Equal(t, start, string(e.account.Dump()))
		})
	}
}

// TestKarpenterByWebIdentity: the service account names its role.
func TestKarpenterByWebIdentity(t *testing.T) {
	e := withKarpenter(t, everyCall)
	client := e.api().Client()
	issuer := strings.TrimPrefix(e.api().Cluster.Issuer, "https://")
	require.NoError(t, client.CreateRole(Role{Name: "Web", Path: "/", MaxSession: 3600, TrustPolicy: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
		`"Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/` + issuer + `"},"Action":"sts:AssumeRoleWithWebIdentity",` +
		`"Condition":{"StringEquals":{"` + issuer + `:aud":"sts.amazonaws.com","` + issuer + `:sub":"system:serviceaccount:kube-system:karpenter"}}}]}`}))
	require.NoError(t, client.PutRolePolicy("Web", "it", denying("iam:CreateInstanceProfile")))
	e.create(releaseType, controllerRelease(map[string]any{"serviceAccount": map[string]any{"annotations": map[string]any{
		"eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/Web",
	}}}))
	e.create(classType, nodeClass("default"))
	assert.Contains(t, e.classCondition("InstanceProfileReady"), "assumed-role/Web/", "the role of the annotation acts, not the associated one")
}

func TestNodesThatTheClusterDoesNotLetIn(t *testing.T) {
	e := withKarpenter(t, everyCall)
	client := e.api().Client()
	require.NoError(t, client.DeleteAccessEntry(theCluster, nodesARN))
	e.create(releaseType, controllerRelease(nil))
	e.create(classType, nodeClass("default"))
	e.create(poolType, nodePool("default"))
	require.Len(t, e.instances(), 1)
	claims, err := e.api().List("karpenter.sh/v1", "NodeClaim")
	require.NoError(t, err)
	require.Len(t, claims, 1)
	assert.Equal(t, "Unknown NodeNotFound Node not registered with cluster", e.conditionOf("karpenter.sh/v1", "NodeClaim", claims[0].Name(), "Registered"))

	e.create(configMapType, inputs{
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "aws-auth", "namespace": "kube-system"},
		"data": map[string]any{"mapRoles": "- rolearn: " + nodesARN + "\n  username: system:node:{{EC2PrivateDNSName}}\n"},
	})
	assert.Equal(t, "True Registered ", e.conditionOf("karpenter.sh/v1", "NodeClaim", claims[0].Name(), "Registered"))
}

func TestSelectorsFindWhatTheAccountHas(t *testing.T) {
	e := withKarpenter(t, everyCall)
	e.create(releaseType, controllerRelease(nil))
	in := nodeClass("default")
	in["spec"].(map[string]any)["subnetSelectorTerms"] = []any{map[string]any{"tags": map[string]any{"karpenter.sh/discovery": theCluster}}}
	e.create(classType, in)
	assert.Equal(t, "False SubnetsNotFound SubnetSelector did not match any Subnets", e.classCondition("SubnetsReady"))
	assert.Equal(t, "False DependenciesNotReady Awaiting AMI, Instance Profile, Security Group, and Subnet resolution", e.classCondition("ValidationSucceeded"))
	e.create(poolType, nodePool("default"))
	assert.Contains(t, e.conditionOf("karpenter.sh/v1", "NodePool", "default", "NodeClassReady"), "False UnhealthyDependents ")

	require.NoError(t, e.api().Client().CreateTags(theSubnet, "karpenter.sh/discovery", theCluster))
	assert.Equal(t, "True Ready ", e.classCondition("Ready"))
	require.Len(t, e.instances(), 1)
	assert.Equal(t, theSubnet, e.instances()[0].SubnetID)
}

// TestDefinitionsHangOnFinalizers: with Karpenter gone, nobody lets its
// objects go, nor their definitions.
func TestDefinitionsHangOnFinalizers(t *testing.T) {
	e := withKarpenter(t, everyCall)
	controller := e.create(releaseType, controllerRelease(nil))
	class := e.create(classType, nodeClass("default"))
	e.delete(controller)
	crds := made{token: releaseType, id: "kube-system/karpenter-crd", outputs: e.imported(releaseType, "kube-system/karpenter-crd").outputs}
	require.ErrorContains(t, e.tryDelete(crds), "uninstallation completed with 1 error(s): context deadline exceeded: CustomResourceDefinition/ec2nodeclasses.karpenter.k8s.aws")
	_, err := e.tryCreate(classType, nodeClass("other"))
	require.ErrorContains(t, err, "create not allowed while custom resource definition is terminating")
	require.ErrorContains(t, e.tryDelete(class), "karpenter.k8s.aws/termination")

	controller = e.create(releaseType, controllerRelease(nil).with(inputs{"skipAwait": true}))
	assert.Contains(t, e.api().KarpenterLog()[0], `no matches for kind "NodePool"`, "the definitions that nothing held are gone")
	e.create(releaseType, release("karpenter-crd"))
	assert.Empty(t, e.read(class).ID, "Karpenter is back, and all goes")
	e.delete(controller)
}

func TestKarpenterNeedsItsDefinitions(t *testing.T) {
	e := newKubernetes(t)
	e.create(releaseType, controllerRelease(nil).with(inputs{"skipAwait": true}))
	assert.NotEmpty(t, e.api().KarpenterLog())
	e = withKarpenter(t, everyCall)
	require.NoError(t, e.api().Uninstall("kube-system", "karpenter-crd"))
	_, err := e.tryCreate(releaseType, controllerRelease(nil))
	require.ErrorContains(t, err, `no matches for kind "NodePool" in version "karpenter.sh/v1"`)
}

// TestInstancesThatSomebodyEnds: the claim goes, and its pool gets another.
func TestInstancesThatSomebodyEnds(t *testing.T) {
	e := withKarpenter(t, everyCall)
	e.create(releaseType, controllerRelease(nil))
	e.create(classType, nodeClass("default"))
	e.create(poolType, nodePool("default"))
	settled := string(e.account.Dump())
	require.NoError(t, e.api().Client().TerminateInstances(e.instances()[0].ID))
	assert.Len(t, e.instances(), 1)
	assert.Equal(t, settled, string(e.account.Dump()))
}

// TestDeletionsAwaitEachOther: a node class that is deleted before its node
// pool goes once the pool has gone.
func TestDeletionsAwaitEachOther(t *testing.T) {
	e := withKarpenter(t, everyCall)
	e.p = kubernetes.New(e.account.cloud, patience)
	e.configure(kubeSettings(t, e.account))
	e.create(releaseType, controllerRelease(nil))
	class := e.create(classType, nodeClass("default"))
	pool := e.create(poolType, nodePool("default"))
	asked, err := e.account.Inject(Fault{Effect: HangAfter, Service: "Kubernetes", Operation: "delete EC2NodeClass"})
	require.NoError(t, err)
	ended := make(chan error)
	go func() { ended <- e.tryDelete(class) }()
	<-asked.Struck()
	asked.Remove()
	e.delete(pool)
	require.NoError(t, <-ended)
}
