package stack

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/internals"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/whole/internal/account"
)

const (
	ours          = "eks-karpenter:index:"
	releaseToken  = "kubernetes:helm.sh/v3:Release"
	classToken    = "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass"
	poolToken     = "kubernetes:karpenter.sh/v1:NodePool"
	providerToken = "pulumi:providers:kubernetes"
	groupToken    = "aws:eks/nodeGroup:NodeGroup"
	clusterToken  = "eks:index:Cluster"
	roleToken     = "aws:iam/role:Role"
	lookup        = "aws:eks/getCluster:getCluster"
)

// deployed is an account after a deployment of a stack's file.
func deployed(t *testing.T, file string) *account.Account {
	t.Helper()
	a := &account.Account{}
	require.NoError(t, a.Run(configuration(t, file), Deploy))
	return a
}

// existing is the file of a stack for a cluster that exists, with further settings.
func existing(settings string) string {
	return "config:\n  eks-karpenter:clusterName: shop\n" + settings
}

// spec is that of a Kubernetes object.
func spec(a *account.Account, token, name string) map[string]any {
	spec, _ := a.Of(token, name).Inputs["spec"].(map[string]any)
	return spec
}

func TestAWholeClusterIsMadeEachPartAfterThoseItNeeds(t *testing.T) {
	t.Parallel()
	a := deployed(t, scratch(t))
	const cluster = clusterToken + "::cluster"

	assert.Subset(t, a.Of(ours+"Karpenter", "karpenter").Waits, []string{cluster, "aws:eks/addon:Addon::cluster-pod-identity-agent"})
	assert.Contains(t, a.Of(groupToken, "karpenter-controller-nodes").Waits, cluster)
	charts := a.Of(releaseToken, "karpenter-charts").Waits
	assert.Subset(t, charts, []string{
		releaseToken + "::karpenter-charts-crd", groupToken + "::karpenter-controller-nodes",
		"aws:sqs/queuePolicy:QueuePolicy::karpenter-interruption-queue", "aws:eks/accessEntry:AccessEntry::karpenter-node-role",
	})
	for _, one := range a.Registered {
		if strings.HasPrefix(one.Token, "aws:iam/") && strings.HasPrefix(one.Name, "karpenter-controller-role") {
			assert.Contains(t, charts, one.Token+"::"+one.Name, "the controller has its permissions before it runs")
		}
	}
	assert.Contains(t, a.Of(classToken, "node-class").Waits, releaseToken+"::karpenter-charts")
	assert.Contains(t, a.Of(poolToken, "node-pool-default").Waits, classToken+"::node-class")
	for _, one := range a.Registered {
		if strings.HasPrefix(one.Token, "kubernetes:") {
			assert.Equal(t, providerToken+"::cluster", one.Provider, "%s is in the cluster that was made", one.Name)
		}
	}
	provider := a.Of(providerToken, "cluster")
	assert.Equal(t, map[string]any{"kubeconfig": account.Kubeconfig("grafanix-scratch"), "clusterIdentifier": "grafanix-scratch"}, provider.Inputs)
	assert.Equal(t, []string{cluster}, provider.Waits)
}

func TestTheNewClustersFactsReachTheRest(t *testing.T) {
	t.Parallel()
	a := deployed(t, scratch(t))
	assert.Empty(t, a.Calls, "what is made is not looked up")

	cluster := a.Of(clusterToken, "cluster").Inputs
	assert.Equal(t, "grafanix-scratch", cluster["name"])
	assert.Equal(t, map[string]any{"environment": "scratch"}, cluster["tags"], "the tags of all")
	subnets := []any{subnetA, subnetB}
	group := a.Of(groupToken, "karpenter-controller-nodes").Inputs
	assert.Equal(t, subnets, group["subnetIds"])
	assert.Equal(t, "grafanix-scratch", group["clusterName"])
	trust := a.Of(roleToken, "karpenter-controller-role").Inputs["assumeRolePolicy"].(string)
	assert.Contains(t, trust, account.OidcProvider)

	assert.Equal(t, "KarpenterNodeRole-grafanix-scratch", spec(a, classToken, "node-class")["role"])
	reference := spec(a, poolToken, "node-pool-default")["template"].(map[string]any)["spec"].(map[string]any)["nodeClassRef"]
	assert.Equal(t, map[string]any{"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "default"}, reference)
	values := a.Of(releaseToken, "karpenter-charts").Inputs["values"].(map[string]any)
	assert.Equal(t, "grafanix-scratch", values["settings"].(map[string]any)["clusterName"])
}

// EKS upgrades no nodes by itself.
func TestTheControllersNodesFollowTheClustersVersion(t *testing.T) {
	t.Parallel()
	versioned := strings.Replace(scratch(t), "create: true", "create: true\n    kubernetesVersion: \"1.34\"", 1)
	for file, want := range map[string]any{
		scratch(t): nil,
		versioned:  "1.34",
		strings.Replace(versioned, "criticalAddonsOnly: true", `version: "1.33"`, 1): "1.33",
	} {
		a := deployed(t, file)
		assert.Equal(t, want, a.Of(groupToken, "karpenter-controller-nodes").Inputs["version"])
	}
	fargate := deployed(t, strings.Replace(versioned, "criticalAddonsOnly: true", "fargate: true", 1))
	assert.NotEmpty(t, fargate.Of("aws:eks/fargateProfile:FargateProfile", "karpenter-controller-nodes").Token)
}

// Charts and NodePools would be deployed as somebody else than AWS.
func TestSettingsThatChangeWhoActsAreRefused(t *testing.T) {
	t.Parallel()
	_, err := load(t, existing("  aws:profile: platform\n"))
	assert.ErrorContains(t, err, "stack configuration: aws:profile: reaches AWS but not the cluster, for which the AWS CLI makes the tokens: "+
		"leave it out, and set AWS_PROFILE in the environment")
}

// The first preview of a new cluster shows all that will be made, though most of it is not known yet.
func TestAPreviewOfAWholeClusterIsComplete(t *testing.T) {
	t.Parallel()
	preview, up := &account.Account{Preview: true}, deployed(t, scratch(t))
	require.NoError(t, preview.Run(configuration(t, scratch(t)), Deploy))
	assert.ElementsMatch(t, names(up), names(preview))
	assert.Equal(t, "<unknown>", preview.Of(providerToken, "cluster").Inputs["kubeconfig"])
	assert.Equal(t, "<unknown>", preview.Of(releaseToken, "karpenter-charts").Inputs["values"])
	tagged := 0
	for _, one := range preview.Registered {
		if one.Token == "aws:ec2/tag:Tag" && slices.Contains([]any{subnetA, subnetB}, one.Inputs["resourceId"]) {
			tagged++
		}
	}
	assert.Equal(t, 2, tagged, "which subnets are tagged is known")
}

func names(a *account.Account) []string {
	all := make([]string, len(a.Registered))
	for i, one := range a.Registered {
		all[i] = one.Token + " " + one.Name
	}
	return all
}

func TestAClusterThatExistsIsLookedUpForItsKubeconfig(t *testing.T) {
	t.Parallel()
	a := deployed(t, existing("  eks-karpenter:cluster: {create: false}"))
	assert.Equal(t, []string{lookup, lookup, "aws:ec2/getSecurityGroups:getSecurityGroups"}, a.Calls, "once besides Karpenter's own")
	assert.Empty(t, a.Of(clusterToken, "cluster").Token)

	var kubeconfig map[string]any
	require.NoError(t, json.Unmarshal([]byte(a.Of(providerToken, "cluster").Inputs["kubeconfig"].(string)), &kubeconfig))
	arn := account.ARN("shop")
	assert.Equal(t, map[string]any{
		"apiVersion": "v1", "kind": "Config", "current-context": arn,
		"clusters": []any{map[string]any{"name": arn, "cluster": map[string]any{
			"server": account.Endpoint("shop"), "certificate-authority-data": "Q0E=",
		}}},
		"contexts": []any{map[string]any{"name": arn, "context": map[string]any{"cluster": arn, "user": arn}}},
		"users": []any{map[string]any{"name": arn, "user": map[string]any{"exec": map[string]any{
			"apiVersion": "client.authentication.k8s.io/v1beta1", "command": "aws",
			"args": []any{"--region", "ap-northeast-2", "eks", "get-token", "--cluster-name", "shop", "--output", "json"},
		}}}},
	}, kubeconfig)
}

func TestOutputsAreThoseOfTheAWSSideAndHowTheClusterIsReached(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{scratch(t): "grafanix-scratch", existing(""): "shop"} {
		var exported map[string]pulumi.Input
		require.NoError(t, (&account.Account{}).Run(configuration(t, file), func(ctx *pulumi.Context) error {
			err := Deploy(ctx)
			exported = ctx.GetCurrentExportMap()
			return err
		}))
		assert.Equal(t, []string{
			"awsAuth", "clusterEndpoint", "clusterName", "controllerRoleArn", "controllerRoleName", "helmValues", "instanceProfileName",
			"karpenterVersion", "kubeconfig", "nodeClass", "nodePool", "nodeRoleArn", "nodeRoleName", "queueArn", "queueName", "queueUrl",
			"ruleArns", "vpcEndpoints",
		}, slices.Sorted(maps.Keys(exported)))
		for name, value := range map[string]string{"clusterName": want, "clusterEndpoint": account.Endpoint(want)} {
			result, err := internals.UnsafeAwaitOutput(context.Background(), exported[name].(pulumi.Output))
			require.NoError(t, err)
			assert.Equal(t, value, result.Value)
		}
	}
}

func TestAClusterThatCannotBeReachedIsAnError(t *testing.T) {
	t.Parallel()
	for cluster, says := range map[string]string{
		account.Missing: `clusterName: EKS cluster "missing" was not found with the current credentials and region; check the name and aws:region: `,
		account.Early:   `clusterName: EKS cluster "early" has no certificate yet: it is being made`,
	} {
		a := &account.Account{}
		err := a.Run(map[string]string{"eks-karpenter:clusterName": cluster}, Deploy)
		assert.ErrorContains(t, err, says)
		assert.Empty(t, a.Registered)
	}
}

func TestAllIsProtectedOrNothing(t *testing.T) {
	t.Parallel()
	for file, protected := range map[string]bool{scratch(t) + "  eks-karpenter:protect: true\n": true, scratch(t): false} {
		for _, one := range deployed(t, file).Registered {
			assert.Equal(t, protected, one.Protect, "%s %s", one.Token, one.Name)
		}
	}
}
