package conformance

import (
	"maps"
	"slices"
	"testing"

	awsv1 "github.com/aws/karpenter-provider-aws/pkg/apis/v1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"github.com/grafanix/eks-karpenter/internal/policy"
	"github.com/grafanix/eks-karpenter/sandbox"
)

const (
	tagsRegion  = "ap-northeast-2"
	tagsCluster = "grafanix-comic"
	tagsOther   = "grafanix-comic-prod"

	requestTag   = "aws:RequestTag/"
	resourceTag  = "aws:ResourceTag/"
	ownershipTag = "kubernetes.io/cluster/" + tagsCluster
	ofAnyValue   = " of any value"
)

// tagsVerdict is the statement that allows a demand, and the condition keys without which, and without whose values unless any
// value will do, none does.
type tagsVerdict struct {
	sid   string
	needs []string
}

// tagsWorld is an account with the controller's role of one cluster, assumed.
type tagsWorld struct {
	t       *testing.T
	client  *sandbox.Client
	session sandbox.Session
}

func TestTagsOfKarpentersOwnRequestsAreThosePoliciesAskFor(t *testing.T) {
	t.Parallel()
	requested := []string{requestTag + awsv1.EKSClusterNameTagKey, requestTag + awsv1.NodePoolTagKey + ofAnyValue, requestTag + ownershipTag}
	owned := []string{resourceTag + awsv1.NodePoolTagKey + ofAnyValue, resourceTag + ownershipTag}
	ownedProfile := []string{resourceTag + awsv1.LabelNodeClass + ofAnyValue, resourceTag + ownershipTag, resourceTag + corev1.LabelTopologyRegion}
	rows := []struct {
		sid   string
		needs []string
		of    []string
	}{
		{"AllowScopedEC2InstanceActionsWithTags", requested, []string{
			"ec2:CreateLaunchTemplate launch-template",
			"ec2:CreateFleet fleet", "ec2:CreateFleet instance", "ec2:CreateFleet network-interface", "ec2:CreateFleet spot-instances-request",
			"ec2:CreateFleet volume", "ec2:RunInstances instance", "ec2:RunInstances network-interface",
			"ec2:RunInstances spot-instances-request", "ec2:RunInstances volume",
		}},
		{"AllowScopedResourceCreationTagging", append(slices.Clone(requested), "ec2:CreateAction"), []string{
			"ec2:CreateTags launch-template CreateLaunchTemplate",
			"ec2:CreateTags fleet CreateFleet", "ec2:CreateTags instance CreateFleet", "ec2:CreateTags network-interface CreateFleet",
			"ec2:CreateTags spot-instances-request CreateFleet", "ec2:CreateTags volume CreateFleet", "ec2:CreateTags instance RunInstances",
			"ec2:CreateTags network-interface RunInstances", "ec2:CreateTags spot-instances-request RunInstances",
			"ec2:CreateTags volume RunInstances",
		}},
		{"AllowScopedEC2LaunchTemplateAccessActions", owned, []string{"ec2:CreateFleet launch-template", "ec2:RunInstances launch-template"}},
		{"AllowScopedResourceTagging", owned, []string{"ec2:CreateTags instance"}},
		{"AllowScopedDeletion", owned, []string{"ec2:TerminateInstances instance", "ec2:DeleteLaunchTemplate launch-template"}},
		{"AllowPassingInstanceRole", []string{"iam:PassedToService"}, []string{"iam:PassRole role/KarpenterNodeRole-" + tagsCluster}},
		{"AllowScopedInstanceProfileCreationActions", []string{
			requestTag + awsv1.EKSClusterNameTagKey, requestTag + awsv1.LabelNodeClass + ofAnyValue, requestTag + ownershipTag,
			requestTag + corev1.LabelTopologyRegion,
		}, []string{"iam:CreateInstanceProfile instance-profile"}},
		{"AllowScopedInstanceProfileActions", ownedProfile, []string{
			"iam:AddRoleToInstanceProfile instance-profile", "iam:RemoveRoleFromInstanceProfile instance-profile",
			"iam:DeleteInstanceProfile instance-profile",
		}},
	}
	want := map[string]tagsVerdict{}
	for _, row := range rows {
		for _, name := range row.of {
			want[name] = tagsVerdict{row.sid, slices.Sorted(slices.Values(row.needs))}
		}
	}
	w := newTagsWorld(t)
	got := map[string]tagsVerdict{}
	for _, d := range liveAs(t, w.client, tagsCluster).demands() {
		found := w.judge(d)
		if earlier, again := got[d.String()]; again {
			assert.Equal(t, earlier, found, "%s: a dry run is judged as the launch is", d)
		}
		got[d.String()] = found
	}
	assert.Equal(t, want, got)
}

func TestTagsOfAnotherClustersKarpenterAreDenied(t *testing.T) {
	t.Parallel()
	w := newTagsWorld(t)
	demands := liveAs(t, w.client, tagsOther).demands()
	assert.NotEmpty(t, demands)
	for _, d := range demands {
		decision := w.decide(d, d.context())
		assert.False(t, decision.Allowed, decision.String())
	}
}

// Once it is launched, an instance may get the tags of Karpenter's tagging and no others.
func TestTagsOfRunningInstancesAreNoOthersThanKarpenters(t *testing.T) {
	t.Parallel()
	w := newTagsWorld(t)
	rows := []struct {
		tags    map[string]string
		allowed bool
		why     string
	}{
		{map[string]string{awsv1.NameTagKey: "ip-10-40-0-7.internal", awsv1.NodeClaimTagKey: "default-x7k2p"}, true, "a new node's"},
		{map[string]string{awsv1.NodeClaimTagKey: "default-x7k2p", awsv1.EKSClusterNameTagKey: tagsCluster}, true, "an older Karpenter's node's"},
		{map[string]string{awsv1.EKSClusterNameTagKey: tagsOther}, false, "would give it to another cluster"},
		{map[string]string{awsv1.NameTagKey: "ip-10-40-0-7.internal", awsv1.NodePoolTagKey: "default"}, false, "set at launch alone"},
		{map[string]string{ownershipTag: "owned"}, false, "set at launch alone"},
		{map[string]string{awsv1.NodeClassTagKey: "default"}, false, "set at launch alone"},
		{map[string]string{"team": "web"}, false, "an EC2NodeClass's own, set at launch alone"},
	}
	for _, row := range rows {
		d := tagsDemand{
			action: "ec2:CreateTags", resource: "instance", sets: row.tags,
			bears: map[string]string{ownershipTag: "owned", awsv1.NodePoolTagKey: "default"},
		}
		decision := w.decide(d, d.context())
		assert.Equal(t, row.allowed, decision.Allowed, "%s: %s", row.why, decision)
	}
}

func newTagsWorld(t *testing.T) tagsWorld {
	t.Helper()
	account, err := sandbox.NewAccount(sandbox.DefaultSpec())
	require.NoError(t, err)
	client, err := account.Client(tagsRegion)
	require.NoError(t, err)
	cluster, err := client.DescribeCluster(tagsCluster)
	require.NoError(t, err)
	scope, err := policy.ParseClusterARN(cluster.ARN)
	require.NoError(t, err)

	trust := policy.IRSATrust(scope.OIDCProviderARN(cluster.Issuer), cluster.Issuer, "kube-system", "karpenter").JSON()
	require.NoError(t, client.CreateRole(sandbox.Role{Name: "controller", Path: "/", TrustPolicy: trust, MaxSession: 3600}))
	for i, document := range controllerPolicies(t, scope) {
		arn, err := client.CreatePolicy(sandbox.Policy{Name: "policy-" + string(rune('a'+i)), Path: "/", Document: document.JSON()})
		require.NoError(t, err)
		require.NoError(t, client.AttachRolePolicy("controller", arn))
	}
	role, err := client.GetRole("controller")
	require.NoError(t, err)
	token := sandbox.WebIdentity{Issuer: cluster.Issuer, Subject: "system:serviceaccount:kube-system:karpenter", Audience: "sts.amazonaws.com"}
	session, err := client.AssumeRoleWithWebIdentity(role.ARN, token)
	require.NoError(t, err)
	return tagsWorld{t, client, session}
}

// decide is IAM's decision on a demand under a request's condition keys.
func (w tagsWorld) decide(d tagsDemand, context map[string][]string) sandbox.Decision {
	w.t.Helper()
	arn := d.arn
	if arn == "" {
		arn = "arn:aws:ec2:" + tagsRegion + ":123456789012:" + d.resource + "/*"
	}
	decision, err := w.client.Authorize(w.session, d.action, arn, context)
	require.NoError(w.t, err)
	return decision
}

// judge asks for a demand, and then without each condition key, and with another value of it.
func (w tagsWorld) judge(d tagsDemand) tagsVerdict {
	w.t.Helper()
	decision := w.decide(d, d.context())
	require.True(w.t, decision.Allowed, decision.String())
	found := tagsVerdict{sid: decision.By.Sid, needs: []string{}}
	for key := range d.context() {
		changed := maps.Clone(d.context())
		delete(changed, key)
		if w.decide(d, changed).Allowed {
			continue
		}
		changed[key] = []string{"other"}
		if w.decide(d, changed).Allowed {
			key += ofAnyValue
		}
		found.needs = append(found.needs, key)
	}
	slices.Sort(found.needs)
	return found
}
