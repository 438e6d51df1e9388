package conformance

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	awsv1 "github.com/aws/karpenter-provider-aws/pkg/apis/v1"
	"github.com/aws/karpenter-provider-aws/pkg/controllers/nodeclass"
	"github.com/aws/karpenter-provider-aws/pkg/operator/options"
	"github.com/aws/karpenter-provider-aws/pkg/providers/instanceprofile"
	"github.com/patrickmn/go-cache"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/utils/clock"

	"github.com/grafanix/eks-karpenter/components"
	"github.com/grafanix/eks-karpenter/sandbox"
)

const (
	nodeRoleCluster = "grafanix-comic"
	nodeRoleRegion  = "ap-northeast-2"
	nodeRoleName    = "KarpenterNodeRole-" + nodeRoleCluster
	nodeRoleARN     = "arn:aws:iam::123456789012:role/" + nodeRoleName
	nodeProfileName = "KarpenterNodeInstanceProfile-" + nodeRoleCluster
)

// An EC2NodeClass is reconciled twice by Karpenter's own code, with empty caches, as after a restart. What it names must
// then be recognized, or Karpenter makes an instance profile each time.
func TestNodeRolesAreRecognizedByTheirBareNames(t *testing.T) {
	t.Parallel()
	madeAnew := []string{"Create", "AddRole " + nodeRoleName}
	rows := map[string]struct {
		path          string // of the role in the account
		edit          func(*awsv1.EC2NodeClassSpec)
		first, second []string
	}{
		"as the components name it": {"/", func(*awsv1.EC2NodeClassSpec) {}, append([]string{"Get"}, madeAnew...), []string{"Get"}},
		"a role under a path, by its bare name": {
			"/nodes/", func(*awsv1.EC2NodeClassSpec) {}, append([]string{"Get"}, madeAnew...), []string{"Get"},
		},
		"a role under a path, with the path": {
			"/nodes/", func(s *awsv1.EC2NodeClassSpec) { s.Role = "nodes/" + nodeRoleName },
			append([]string{"Get"}, madeAnew...), append([]string{"Get", "Get"}, madeAnew...),
		},
		"by its ARN": {
			"/", func(s *awsv1.EC2NodeClassSpec) { s.Role = nodeRoleARN },
			append([]string{"Get"}, madeAnew...), append([]string{"Get", "Get"}, madeAnew...),
		},
		"by its instance profile": {
			"/", func(s *awsv1.EC2NodeClassSpec) { s.Role, s.InstanceProfile = "", new(nodeProfileName) }, nil, nil,
		},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := newNodeRoleIAM(t, row.path)
			nodeClass := nodeClassOf(t, nodeRoleCluster)
			row.edit(&nodeClass.Spec)
			require.NoError(t, reconcileProfile(t, api, nodeClass))
			profile := nodeClass.Status.InstanceProfile
			assert.Equal(t, row.first, api.methods())
			assert.Equal(t, nodeClass.Spec.InstanceProfile == nil, profile != nodeProfileName)

			api.calls = nil
			require.NoError(t, reconcileProfile(t, api, nodeClass))
			assert.Equal(t, row.second, api.methods())
			assert.Equal(t, len(row.second) <= 1, profile == nodeClass.Status.InstanceProfile, "the profile stays")
		})
	}
}

// Where a profile is Karpenter's already, the role in it is compared with the one that is wanted.
func TestNodeRolesAreComparedByTheirBareNames(t *testing.T) {
	t.Parallel()
	rows := []struct {
		role  string
		again []string
		why   string
	}{
		{nodeRoleName, []string{"Get"}, "the same role"},
		{nodeRoleARN, []string{"Get", "RemoveRole " + nodeRoleName, "AddRole " + nodeRoleName}, "an ARN never equals a name"},
		{"nodes/" + nodeRoleName, []string{"Get", "RemoveRole " + nodeRoleName, "AddRole " + nodeRoleName}, "nor does a path"},
	}
	for _, row := range rows {
		api := newNodeRoleIAM(t, "/")
		require.NoError(t, api.provider().Create(t.Context(), "profile", row.role, nil, "/"))
		for range 2 {
			api.calls = nil
			require.NoError(t, api.provider().Create(t.Context(), "profile", row.role, nil, "/"))
			assert.Equal(t, row.again, api.methods(), row.why)
		}
	}
}

func TestNodeRolesThatAreMissingLeaveNoProfile(t *testing.T) {
	t.Parallel()
	api := newNodeRoleIAM(t, "/")
	nodeClass := nodeClassOf(t, nodeRoleCluster)
	nodeClass.Spec.Role = "other"
	require.ErrorContains(t, reconcileProfile(t, api, nodeClass), "The role with name other cannot be found.")
	assert.Equal(t, []string{"Get", "Create", "AddRole other", "Get", "Delete"}, api.methods())
	assert.Empty(t, nodeClass.Status.InstanceProfile)
}

// From an EC2NodeClass's beginning to its end, a profile that it names is launched with, and is neither looked at nor touched.
func TestNodeRolesInAProfileThatIsNamedAreLeftAlone(t *testing.T) {
	t.Parallel()
	client := newNodeRoleClient(t)
	require.NoError(t, client.CreateInstanceProfile(sandbox.InstanceProfile{Name: nodeProfileName, Path: "/"}))
	before, err := client.GetInstanceProfile(nodeProfileName)
	require.NoError(t, err)
	l := liveAs(t, client, nodeRoleCluster, func(s *awsv1.EC2NodeClassSpec) { s.Role, s.InstanceProfile = "", new(nodeProfileName) })
	assert.NotEmpty(t, l.profilesLaunchedWith())
	for _, profile := range l.profilesLaunchedWith() {
		assert.Equal(t, nodeProfileName, profile)
	}
	assert.Equal(t, []string{"List", "Get"}, l.iam.methods(), "at its end Karpenter looks for profiles of its own")
	assert.Equal(t, nodeClassOf(t, nodeRoleCluster).LegacyInstanceProfileName(nodeRoleCluster, nodeRoleRegion), l.iam.calls[1].profile.Name)
	after, err := client.GetInstanceProfile(nodeProfileName)
	require.NoError(t, err)
	assert.Equal(t, before, after)
}

// nodeClassOf is the EC2NodeClass that the components put out, read as Karpenter reads it.
func nodeClassOf(t *testing.T, cluster string) *awsv1.EC2NodeClass {
	t.Helper()
	text, err := json.Marshal(karpenterOnMocks(t, components.KarpenterArgs{ClusterName: cluster}).nodeClass)
	require.NoError(t, err)
	nodeClass := &awsv1.EC2NodeClass{}
	require.NoError(t, json.Unmarshal(text, nodeClass))
	nodeClass.UID = "4f6f9d1e-6f0f-4f5a-9a2c-2f0f6a0c7b11"
	return nodeClass
}

func newNodeRoleIAM(t *testing.T, path string) *sandboxIAM {
	t.Helper()
	return newSandboxIAM(t, newNodeRoleClient(t), nodeRoleName, path)
}

func newNodeRoleClient(t *testing.T) *sandbox.Client {
	t.Helper()
	account, err := sandbox.NewAccount(sandbox.DefaultSpec())
	require.NoError(t, err)
	client, err := account.Client(nodeRoleRegion)
	require.NoError(t, err)
	return client
}

// profilesLaunchedWith are the instance profiles in the launch templates.
func (l *karpentersLife) profilesLaunchedWith() []string {
	var profiles []string
	l.env.EC2API.CreateLaunchTemplateBehavior.CalledWithInput.ForEach(func(in *ec2.CreateLaunchTemplateInput) {
		profiles = append(profiles, *in.LaunchTemplateData.IamInstanceProfile.Name)
	})
	return profiles
}

// provider is Karpenter's provider of instance profiles, with empty caches.
func (s *sandboxIAM) provider() *instanceprofile.DefaultProvider {
	return instanceprofile.NewDefaultProvider(s, emptyCache(), emptyCache(), emptyCache(), nodeRoleRegion)
}

func emptyCache() *cache.Cache { return cache.New(time.Hour, time.Hour) }

func reconcileProfile(t *testing.T, api *sandboxIAM, nodeClass *awsv1.EC2NodeClass) error {
	t.Helper()
	ctx := options.ToContext(context.Background(), &options.Options{ClusterName: nodeRoleCluster})
	_, err := nodeclass.NewInstanceProfileReconciler(clock.RealClock{}, api.provider(), nodeRoleRegion, emptyCache()).Reconcile(ctx, nodeClass)
	return err
}

// methods are the calls made, each with the role that it named.
func (s *sandboxIAM) methods() []string {
	var methods []string
	for _, call := range s.calls {
		method := call.method
		if call.role != "" {
			method += " " + call.role
		}
		methods = append(methods, method)
	}
	return methods
}
