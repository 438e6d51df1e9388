package tests

import (
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/optremove"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/program/stack"
	"github.com/grafanix/eks-karpenter/sandbox"
	"github.com/grafanix/eks-karpenter/sandbox/verify"
)

const adoptingPage = "../docs/adopting.md"

// adoptingStack is the stack's file that the page shows below a marker, and the same without adopt.
func adoptingStack(t *testing.T, marker string) (adopting, adopted string) {
	t.Helper()
	page, err := os.ReadFile(adoptingPage)
	require.NoError(t, err)
	_, below, found := strings.Cut(string(page), "<!-- "+marker+" -->\n```yaml\n")
	require.True(t, found, marker)
	adopting, _, _ = strings.Cut(below, "```")
	adopted = regexp.MustCompile(`(?s)  eks-karpenter:adopt:\n.*`).ReplaceAllString(adopting, "")
	require.NotEqual(t, adopting, adopted)
	return adopting, adopted
}

// myCluster is an account with the cluster that the page speaks of.
func myCluster(t *testing.T) *sandbox.Account {
	t.Helper()
	spec := sandbox.DefaultSpec()
	spec.Clusters[0].Name = "my-cluster"
	account, err := sandbox.NewAccount(spec)
	require.NoError(t, err)
	return account
}

// TestAdopting takes over what Terraform, CloudFormation and eksctl leave, with the stack's files of the page: one up imports
// and changes in place, and the account is then as if all had been made here, but for what the page says is left.
func TestAdopting(t *testing.T) {
	t.Parallel()
	for _, story := range []struct {
		from  string
		lay   func(hand)
		does  string     // what the one up does
		left  []string   // where the account then differs from one in which all was made here
		clean func(hand) // what the page tells to do about it by hand
		verify.Options
	}{
		{
			from: "terraform", lay: hand.terraform,
			does: "create EventRule interruption-queue-CapacityReservationInterruptionRule; " +
				"create EventTarget interruption-queue-CapacityReservationInterruptionRule; create InstanceProfile node-role; create Policy ×5; " +
				"create RolePolicyAttachment ×11; import EventTarget ×4; import update AccessEntry node-role; import update EventRule ×4; " +
				"import update PodIdentityAssociation controller-role; import update Policy controller-role-NodeLifecycle; " +
				"import update Queue interruption-queue; import update QueuePolicy interruption-queue; import update Role ×2",
			left: []string{
				"policies " + mine + "policy/KarpenterController-20250612093012735400000006 description",
				"roles Karpenter-my-cluster-20250612093011482100000001 attached",
			},
			clean: func(h hand) {
				require.NoError(h.t, h.client.DetachRolePolicy("Karpenter-my-cluster-20250612093011482100000001", ofAWS+"AmazonEC2ContainerRegistryReadOnly"))
			},
		},
		{
			from: "cloudformation", lay: hand.cloudFormation,
			does: "create AccessEntry node-role; create InstanceProfile node-role; create RolePolicyAttachment ×11; import EventTarget ×5; " +
				"import PodIdentityAssociation controller-role; import Queue interruption-queue; import update EventRule ×5; import update Policy ×6; " +
				"import update QueuePolicy interruption-queue; import update Role ×2",
			left: []string{
				"policies " + mine + "policy/KarpenterControllerEKSIntegrationPolicy-my-cluster description",
				"policies " + mine + "policy/KarpenterControllerIAMIntegrationPolicy-my-cluster description",
				"policies " + mine + "policy/KarpenterControllerInterruptionPolicy-my-cluster description",
				"policies " + mine + "policy/KarpenterControllerNodeLifecyclePolicy-my-cluster description",
				"policies " + mine + "policy/KarpenterControllerResourceDiscoveryPolicy-my-cluster description",
				"policies " + mine + "policy/KarpenterControllerZonalShiftPolicy-my-cluster description",
			},
		},
		{
			from: "eksctl", lay: hand.eksctl, Options: verify.Options{Namespace: "karpenter"},
			does: "create AccessEntry node-role; create EventRule interruption-queue-CapacityReservationInterruptionRule; " +
				"create EventTarget interruption-queue-CapacityReservationInterruptionRule; create Policy ×5; create RolePolicyAttachment ×11; " +
				"import EventTarget ×4; import InstanceProfile node-role; import update EventRule ×4; " +
				"import update Policy controller-role-NodeLifecycle; import update Queue interruption-queue; " +
				"import update QueuePolicy interruption-queue; import update Role ×2",
			left: []string{"policies " + mine + "policy/eksctl-KarpenterControllerPolicy-my-cluster description"},
		},
	} {
		t.Run(story.from, func(t *testing.T) {
			t.Parallel()
			adopting, adopted := adoptingStack(t, story.from)
			account := myCluster(t)
			pristine := account.Dump()
			h := handIn(t, account)
			story.lay(h)

			e := newEngineOn(t, account, adopting, stack.Deploy)
			planned, _, err := e.preview()
			require.NoError(t, err)
			require.Equal(t, string(e.start), string(account.Dump()), "a preview changes nothing")
			did, _ := e.mustUp()
			assert.Equal(t, story.does, did.String())
			assert.Equal(t, planned.String(), did.String(), "up does what preview showed")
			assert.Empty(t, takenAway(account), "nothing is deleted, detached or removed")

			again, _ := e.mustUp()
			assert.Empty(t, again.String(), "adopt is left in: nothing changes")
			e.configure(adopted)
			again, _ = e.mustUp()
			assert.Empty(t, again.String(), "adopt is taken out: nothing changes")
			drift, err := e.refresh()
			require.NoError(t, err)
			assert.Empty(t, drift.String(), "nothing has drifted")

			fresh := newEngineOn(t, myCluster(t), adopted, stack.Deploy)
			fresh.mustUp()
			assert.Equal(t, story.left, differences(t, fresh.account.Dump(), account.Dump()))
			if story.clean != nil {
				story.clean(h)
			}
			report, err := verify.Run(account, "ap-northeast-2", "my-cluster", story.Options)
			require.NoError(t, err)
			assert.Empty(t, report.Failed())

			require.NoError(t, e.destroy())
			assert.Equal(t, string(pristine), string(account.Dump()), "destroyed, nothing is left of either tool")
		})
	}
}

// takenAway are the operations of AWS by which something would be lost.
func takenAway(account *sandbox.Account) []string {
	var found []string
	for _, call := range account.Calls() {
		if regexp.MustCompile(`^(Delete|Detach|Remove|Disable|Schedule)`).MatchString(call.Operation) {
			found = append(found, call.Operation)
		}
	}
	return found
}

// differences are the fields in which two accounts differ.
func differences(t *testing.T, one, other []byte) []string {
	t.Helper()
	var a, b map[string]any
	require.NoError(t, json.Unmarshal(one, &a))
	require.NoError(t, json.Unmarshal(other, &b))
	return differ("", a, b)
}

func differ(path string, a, b any) []string {
	x, isMap := a.(map[string]any)
	y, both := b.(map[string]any)
	if !isMap || !both {
		if reflect.DeepEqual(a, b) {
			return nil
		}
		return []string{path}
	}
	keys := maps.Clone(x)
	maps.Copy(keys, y)
	var all []string
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		all = append(all, differ(strings.TrimSpace(path+" "+key), x[key], y[key])...)
	}
	return all
}

// TestAdoptingAWrongName: what does not exist is told by a preview already, and nothing is touched.
func TestAdoptingAWrongName(t *testing.T) {
	t.Parallel()
	adopting, _ := adoptingStack(t, "eksctl")
	account := myCluster(t)
	handIn(t, account).eksctl()
	e := newEngineOn(t, account, strings.Replace(adopting, "name: eksctl-KarpenterNodeRole-my-cluster", "name: KarpenterNodeRole", 1), stack.Deploy)
	_, _, err := e.preview()
	require.ErrorContains(t, err, "resource 'KarpenterNodeRole' does not exist")
	assert.Equal(t, string(e.start), string(account.Dump()))
}

// TestAdoptingReplacesNothing: where a name, a path or a type differs in a way that AWS cannot change, Pulumi refuses.
func TestAdoptingReplacesNothing(t *testing.T) {
	t.Parallel()
	adopting, _ := adoptingStack(t, "terraform")
	account := myCluster(t)
	handIn(t, account).terraform()
	e := newEngineOn(t, account, strings.Replace(adopting, "eks-karpenter:nodeRole:", "eks-karpenter:nodeRole:\n    accessEntryType: EC2_WINDOWS", 1), stack.Deploy)
	_, _, err := e.up()
	require.ErrorContains(t, err, "previously-imported resources that still specify an ID may not be replaced")
	assert.Empty(t, takenAway(account))
}

// TestAdoptingInTwoGoes fails when an imported policy is about to be changed: the next up goes on from there.
func TestAdoptingInTwoGoes(t *testing.T) {
	t.Parallel()
	adopting, adopted := adoptingStack(t, "eksctl")
	account := myCluster(t)
	handIn(t, account).eksctl()
	_, err := account.Inject(sandbox.Fault{Effect: sandbox.FailBefore, Type: "aws:iam/policy:Policy", Action: "update"})
	require.NoError(t, err)
	e := newEngineOn(t, account, adopting, stack.Deploy)
	_, _, err = e.up()
	require.Error(t, err)
	did, _ := e.mustUp()
	assert.Contains(t, did.String(), "update Policy controller-role-NodeLifecycle")
	assert.NotContains(t, did.String(), "import", "what is imported is so once and for all")
	e.configure(adopted)
	again, _ := e.mustUp()
	assert.Empty(t, again.String())
	assert.Empty(t, takenAway(account))
}

// TestAdoptedAndHandedBack has Pulumi forget what it adopted and made, which then stays as it is.
func TestAdoptedAndHandedBack(t *testing.T) {
	t.Parallel()
	adopting, _ := adoptingStack(t, "eksctl")
	account := myCluster(t)
	handIn(t, account).eksctl()
	e := newEngineOn(t, account, adopting, stack.Deploy)
	e.mustUp()
	deployed := account.Dump()
	require.NoError(t, e.stack.Workspace().RemoveStack(t.Context(), "test", optremove.Force()))
	assert.Equal(t, string(deployed), string(account.Dump()))
}
