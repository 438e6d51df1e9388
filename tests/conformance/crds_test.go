package conformance

import (
	"context"
	"encoding/json"
	"maps"
	"strings"
	"testing"

	ec2nodeclassv1 "github.com/aws/karpenter-provider-aws/pkg/apis/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	karpenterv1 "sigs.k8s.io/karpenter/pkg/apis/v1"

	"github.com/grafanix/eks-karpenter/components"
)

// identityCases are the ways to what nodes bear, each of which makes a NodeClass, and the field that names it.
var identityCases = []struct {
	why  string
	args components.KarpenterArgs
	want map[string]any
}{
	{"the role that is made", components.KarpenterArgs{}, map[string]any{"role": "KarpenterNodeRole-shop"}},
	{
		"a name of one's own",
		components.KarpenterArgs{NodeRole: &components.NodeRoleOptions{Name: new("nodes")}},
		map[string]any{"role": "nodes"},
	},
	{
		"a role that exists",
		components.KarpenterArgs{NodeRole: &components.NodeRoleOptions{RoleArn: pulumi.String(mockRoleARN("theirs"))}},
		map[string]any{"role": "theirs"},
	},
	{
		"a role that is made elsewhere",
		components.KarpenterArgs{SkipNodeRole: new(true), ControllerRole: &components.ControllerRoleOptions{
			AdditionalNodeRoleArns: pulumi.StringArray{pulumi.String(mockRoleARN("theirs"))},
		}},
		map[string]any{"role": "theirs"},
	},
	{
		"names of digits",
		components.KarpenterArgs{ClusterName: "20260701", NodeRole: &components.NodeRoleOptions{Name: new("1000")}},
		map[string]any{"role": "1000"},
	},
	{
		"the instance profile that is made, in a VPC that does not lead to IAM",
		components.KarpenterArgs{IsolatedVpc: new(true)},
		map[string]any{"instanceProfile": "KarpenterNodeInstanceProfile-shop"},
	},
}

func TestTheCRDsTakeTheObjectsAsTheyAre(t *testing.T) {
	t.Parallel()
	for _, row := range identityCases {
		t.Run(row.why, func(t *testing.T) {
			t.Parallel()
			m, got := karpenterOnMocks(t, row.args), map[string]any{}
			for _, field := range []string{"role", "instanceProfile"} {
				if name := valueAt(m.nodeClass, "spec."+field); name != nil {
					got[field] = name
				}
			}
			assert.Equal(t, row.want, got)
			assert.Empty(t, validate(t, m.nodeClass))
			assert.Empty(t, validate(t, m.nodePool))
		})
	}
}

// A name that AWS would find too long is cut, and the NodeClass must hear of what is left of it.
func TestTheCRDsTakeANameThatWasCut(t *testing.T) {
	t.Parallel()
	for field, row := range map[string]struct {
		resource string
		isolated bool
	}{
		"role":            {"aws:iam/role:Role karpenter-node-role", false},
		"instanceProfile": {"aws:iam/instanceProfile:InstanceProfile karpenter-node-role", true},
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			m := karpenterOnMocks(t, components.KarpenterArgs{ClusterName: strings.Repeat("s", 100), IsolatedVpc: &row.isolated})
			require.Contains(t, m.made, row.resource)
			assert.Equal(t, m.made[row.resource]["name"], valueAt(m.nodeClass, "spec."+field))
			assert.Empty(t, validate(t, m.nodeClass))
		})
	}
}

// What a CRD cannot say, Karpenter checks itself, and takes no NodePool as ready that fails.
func TestKarpenterTakesWhatTheCRDsTake(t *testing.T) {
	t.Parallel()
	m := karpenterOnMocks(t, components.KarpenterArgs{})
	require.Empty(t, validate(t, m.nodeClass), "Karpenter's code takes this as given")
	nodeClass, nodePool := &ec2nodeclassv1.EC2NodeClass{}, &karpenterv1.NodePool{}
	decodeKarpenter(t, m.nodeClass, nodeClass)
	decodeKarpenter(t, m.nodePool, nodePool)

	require.NoError(t, nodePool.RuntimeValidate(context.Background()))
	reference := nodePool.Spec.Template.Spec.NodeClassRef
	assert.Equal(t, nodeClass.Name, reference.Name)
	assert.Equal(t, nodeClass.GroupVersionKind().GroupKind(), reference.GroupKind(), "the NodePool finds the NodeClass")
	assert.Equal(t, ec2nodeclassv1.AMIFamilyAL2023, nodeClass.AMIFamily())
	assert.Equal(t, map[string]string{"karpenter.sh/discovery": "shop"}, nodeClass.Spec.SubnetSelectorTerms[0].Tags)
	assert.Equal(t, map[string]string{"karpenter.sh/discovery": "shop"}, nodeClass.Spec.SecurityGroupSelectorTerms[0].Tags)

	nodePool.Spec.Template.Spec.Requirements[1].Values = []string{"spott"}
	assert.ErrorContains(t, nodePool.RuntimeValidate(context.Background()), "no valid values found in [spott] for karpenter.sh/capacity-type",
		"a value that is none is found")
}

// decodeKarpenter decodes an object into Karpenter's own type for it, which must have every field.
func decodeKarpenter(t testing.TB, object map[string]any, into any) {
	t.Helper()
	text, err := json.Marshal(object)
	require.NoError(t, err)
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(into))
}

// changedObject is an object with another value under a path, or with none for nil.
func changedObject(object map[string]any, path string, value any) map[string]any {
	object = maps.Clone(object)
	key, rest, nested := strings.Cut(path, ".")
	switch {
	case nested:
		inner, _ := object[key].(map[string]any)
		object[key] = changedObject(inner, rest, value)
	case value == nil:
		delete(object, key)
	default:
		object[key] = value
	}
	return object
}

// wrongObject is a change of a good object that the API server must not take, and what it says to it.
type wrongObject struct {
	why, path string
	value     any
	problem   string
}

// assertWrong asserts that the API server takes the object, and after each change alone finds the problem.
func assertWrong(t *testing.T, good map[string]any, rows []wrongObject) {
	t.Helper()
	require.Empty(t, validate(t, good))
	for _, row := range rows {
		t.Run(row.why, func(t *testing.T) {
			t.Parallel()
			problems := validate(t, changedObject(good, row.path, row.value))
			assert.Contains(t, strings.Join(problems, "\n"), row.problem)
		})
	}
}
