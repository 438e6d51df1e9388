package sandbox_test

import (
	"encoding/json"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/sandbox"
)

const (
	theRegion = "ap-northeast-2"
	theName   = "grafanix-comic"
	trustPods = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]}]}`
	working   = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ec2:*","eks:DescribeCluster","ssm:GetParameter","iam:*InstanceProfile*","iam:PassRole"],"Resource":"*"}]}`
)

// withKarpenter is an account in which Karpenter can work in the first cluster.
func withKarpenter(t *testing.T) *sandbox.Account {
	t.Helper()
	account, err := sandbox.NewAccount(sandbox.DefaultSpec())
	require.NoError(t, err)
	client, err := account.Client(theRegion)
	require.NoError(t, err)
	require.NoError(t, client.CreateRole(sandbox.Role{Name: "Controller", Path: "/", TrustPolicy: trustPods, MaxSession: 3600}))
	require.NoError(t, client.PutRolePolicy("Controller", "working", working))
	require.NoError(t, client.CreateRole(sandbox.Role{Name: "Nodes", Path: "/", TrustPolicy: trustEC2, MaxSession: 3600}))
	role, err := client.GetRole("Controller")
	require.NoError(t, err)
	_, err = client.CreatePodIdentityAssociation(sandbox.Association{
		Cluster: theName, Namespace: "karpenter", ServiceAccount: "karpenter", RoleARN: role.ARN,
	})
	require.NoError(t, err)
	role, err = client.GetRole("Nodes")
	require.NoError(t, err)
	require.NoError(t, client.CreateAccessEntry(sandbox.AccessEntry{Cluster: theName, Principal: role.ARN, Type: "EC2_LINUX"}))
	return account
}

// kubeconfig is that of a cluster of the account, as "aws eks
// update-kubeconfig" writes it.
func kubeconfig(t *testing.T, account *sandbox.Account) string {
	t.Helper()
	client, err := account.Client(theRegion)
	require.NoError(t, err)
	cluster, err := client.DescribeCluster(theName)
	require.NoError(t, err)
	named := func(kind string, value any) []any { return []any{map[string]any{"name": "it", kind: value}} }
	text, err := json.Marshal(map[string]any{
		"current-context": "it",
		"contexts":        named("context", map[string]any{"cluster": "it", "user": "it"}),
		"clusters":        named("cluster", map[string]any{"server": cluster.Endpoint, "certificate-authority-data": cluster.CertificateData}),
		"users":           named("user", map[string]any{"exec": map[string]any{"command": "aws", "args": []string{"eks", "get-token", "--cluster-name", theName}}}),
	})
	require.NoError(t, err)
	return string(text)
}

// clusterProgram registers Karpenter on a cluster. Backwards, its controller
// depends on what it works on, so that it is destroyed first.
// The kubeconfig is not known before the first update.
func clusterProgram(config, team string, backwards bool) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		var before thing
		if err := ctx.RegisterResource("aws:sqs/queue:Queue", "before", pulumi.Map{}, &before); err != nil {
			return err
		}
		var target pulumi.ProviderResourceState
		if err := ctx.RegisterResource("pulumi:providers:kubernetes", "cluster", pulumi.Map{
			"kubeconfig": before.ARN.ApplyT(func(string) string { return config }),
		}, &target); err != nil {
			return err
		}
		var failed error
		add := func(token, name string, inputs pulumi.Map, after ...pulumi.Resource) *thing {
			var t thing
			if err := ctx.RegisterResource(token, name, inputs, &t, pulumi.Provider(&target), pulumi.DependsOn(after)); err != nil && failed == nil {
				failed = err
			}
			return &t
		}
		chart := func(name string, more pulumi.Map) pulumi.Map {
			in := pulumi.Map{
				"name": pulumi.String(name), "namespace": pulumi.String("karpenter"),
				"chart": pulumi.String("oci://public.ecr.aws/karpenter/" + name), "version": pulumi.String("1.14.0"),
			}
			for key, value := range more {
				in[key] = value
			}
			return in
		}
		object := func(apiVersion, kind, name string, spec pulumi.Map) pulumi.Map {
			in := pulumi.Map{"apiVersion": pulumi.String(apiVersion), "kind": pulumi.String(kind), "metadata": pulumi.Map{"name": pulumi.String(name)}}
			if spec != nil {
				in["spec"] = spec
			}
			return in
		}
		namespace := add("kubernetes:core/v1:Namespace", "namespace", object("v1", "Namespace", "karpenter", nil))
		definitions := add("kubernetes:helm.sh/v3:Release", "definitions", chart("karpenter-crd", nil), namespace)
		controller := func(after pulumi.Resource) *thing {
			return add("kubernetes:helm.sh/v3:Release", "controller", chart("karpenter", pulumi.Map{
				"skipCrds": pulumi.Bool(true),
				"values":   pulumi.Map{"settings": pulumi.Map{"clusterName": pulumi.String(theName)}},
			}), after)
		}
		first := definitions
		if !backwards {
			first = controller(definitions)
		}
		class := add("kubernetes:karpenter.k8s.aws/v1:EC2NodeClass", "class", object("karpenter.k8s.aws/v1", "EC2NodeClass", "default", pulumi.Map{
			"role":                       pulumi.String("Nodes"),
			"amiSelectorTerms":           pulumi.Array{pulumi.Map{"alias": pulumi.String("al2023@latest")}},
			"subnetSelectorTerms":        pulumi.Array{pulumi.Map{"id": pulumi.String("subnet-0b7d1e94c2f83a561")}},
			"securityGroupSelectorTerms": pulumi.Array{pulumi.Map{"id": pulumi.String("sg-06e4c1a85d7f2b930")}},
			"tags":                       pulumi.Map{"team": pulumi.String(team)},
		}), first)
		pool := add("kubernetes:karpenter.sh/v1:NodePool", "pool", object("karpenter.sh/v1", "NodePool", "default", pulumi.Map{
			"template": pulumi.Map{"spec": pulumi.Map{
				"nodeClassRef": pulumi.Map{"group": pulumi.String("karpenter.k8s.aws"), "kind": pulumi.String("EC2NodeClass"), "name": pulumi.String("default")},
				"requirements": pulumi.Array{pulumi.Map{"key": pulumi.String("kubernetes.io/arch"), "operator": pulumi.String("In"), "values": pulumi.Array{pulumi.String("amd64")}}},
			}},
		}), class)
		if backwards {
			controller(pool)
		}
		return failed
	}
}

func TestEngineDeploysKarpenterAndLeavesNothing(t *testing.T) {
	account := withKarpenter(t)
	start, config := string(account.Dump()), kubeconfig(t, account)
	stack := deployment(t, account, clusterProgram(config, "web", false))
	ctx := t.Context()

	preview, err := stack.Preview(ctx)
	require.NoError(t, err)
	assert.Equal(t, 8, preview.ChangeSummary["create"])
	assert.Equal(t, start, string(account.Dump()), "a preview changes nothing")

	up, err := stack.Up(ctx)
	require.NoError(t, err)
	assert.Equal(t, map[string]int{"create": 8}, *up.Summary.ResourceChanges)
	api, err := account.Kubernetes(theRegion, theName)
	require.NoError(t, err)
	assert.Empty(t, api.KarpenterLog())
	instances, err := api.Client().DescribeInstances(nil)
	require.NoError(t, err)
	require.Len(t, instances, 1, "the node pool has its node")
	assert.Equal(t, theName, instances[0].Tags["eks:eks-cluster-name"])

	up, err = stack.Up(ctx)
	require.NoError(t, err)
	assert.Equal(t, map[string]int{"same": 8}, *up.Summary.ResourceChanges)
	refresh, err := stack.Refresh(ctx)
	require.NoError(t, err)
	assert.Equal(t, map[string]int{"same": 8}, *refresh.Summary.ResourceChanges)

	stack.Workspace().SetProgram(clusterProgram(config, "data", false))
	up, err = stack.Up(ctx)
	require.NoError(t, err)
	assert.Equal(t, map[string]int{"same": 7, "update": 1}, *up.Summary.ResourceChanges)

	_, err = stack.Destroy(ctx)
	require.NoError(t, err)
	assert.Equal(t, start, string(account.Dump()), "destroyed, the account is as it was")
}

func TestEngineHangsWhereKarpenterGoesFirst(t *testing.T) {
	account := withKarpenter(t)
	start, config := string(account.Dump()), kubeconfig(t, account)
	stack := deployment(t, account, clusterProgram(config, "web", true))
	ctx := t.Context()
	_, err := stack.Up(ctx)
	require.NoError(t, err)

	_, err = stack.Destroy(ctx)
	require.ErrorContains(t, err, "timed out waiting for the condition: finalizers might be preventing deletion (foregroundDeletion)")
	api, err := account.Kubernetes(theRegion, theName)
	require.NoError(t, err)
	instances, err := api.Client().DescribeInstances(nil)
	require.NoError(t, err)
	assert.Len(t, instances, 1, "nobody ends the instance")
	claims, err := api.List("karpenter.sh/v1", "NodeClaim")
	require.NoError(t, err)
	require.Len(t, claims, 1)
	assert.Equal(t, []string{"karpenter.sh/termination"}, claims[0].Finalizers())

	stack.Workspace().SetProgram(clusterProgram(config, "web", false))
	_, err = stack.Up(ctx)
	require.NoError(t, err)
	instances, err = api.Client().DescribeInstances(nil)
	require.NoError(t, err)
	assert.Empty(t, instances, "Karpenter is back, and ends what was to go")
	_, err = stack.Destroy(ctx)
	require.NoError(t, err)
	assert.Equal(t, start, string(account.Dump()))
}
