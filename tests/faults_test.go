package tests

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/program/stack"
	"github.com/grafanix/eks-karpenter/sandbox"
)

// TestEveryStepCanFail fails every step of an up and of a destroy of dev and of prod, one after the other, before it took
// effect and after: each failed command is run again and fails at the next step, until none is left. The account then is
// what it is after an up, and after a destroy, in which nothing failed: no orphan, no duplicate.
func TestEveryStepCanFail(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"dev", "prod"} {
		for _, effect := range []sandbox.Effect{sandbox.FailBefore, sandbox.FailAfter} {
			t.Run(name+", "+string(effect), func(t *testing.T) {
				t.Parallel()
				file := strings.Replace(stackFile(t, name), "protect: true", "protect: false", 1)
				creates, deployed := stepsOf(t, file)
				e := newEngine(t, sandbox.DefaultSpec(), file, stack.Deploy)

				up := func() error { _, _, err := e.up(); return err }
				ups := failEach(t, e, creates, effect, up)
				assert.Equal(t, string(deployed), string(e.account.Dump()), "the account after all failed ups")
				again, _ := e.mustUp()
				assert.Empty(t, again.String(), "nothing is left to do")

				var deletes []sandbox.Call
				for _, create := range creates {
					create.Action = "delete"
					deletes = append(deletes, create)
				}
				destroys := failEach(t, e, deletes, effect, e.destroy)
				assert.Equal(t, string(e.start), string(e.account.Dump()), "the account after all failed destroys")
				t.Logf("%s: %d of %d creations and %d of %d deletions failed, and were made good", t.Name(), ups, len(creates), destroys, len(deletes))
			})
		}
	}
}

// stepsOf are the creations of a deployment in which nothing fails, and the account after it.
func stepsOf(t *testing.T, file string) ([]sandbox.Call, []byte) {
	t.Helper()
	e := newEngine(t, sandbox.DefaultSpec(), file, stack.Deploy)
	e.mustUp()
	creates := slices.DeleteFunc(e.account.Calls(), func(c sandbox.Call) bool { return c.Operation != "" || c.Action != "create" })
	return creates, e.account.Dump()
}

// failEach runs a command until every step has failed in it once, and then to its end. It returns how many steps failed.
func failEach(t *testing.T, e *engine, steps []sandbox.Call, effect sandbox.Effect, command func() error) int {
	t.Helper()
	var waiting []*sandbox.Injected
	for _, step := range steps {
		injected, err := e.account.Inject(step.Fault(effect))
		require.NoError(t, err)
		waiting = append(waiting, injected)
	}
	struck := func() int {
		return len(slices.DeleteFunc(slices.Clone(waiting), func(i *sandbox.Injected) bool { return i.Strikes() == 0 }))
	}
	for runs := 0; struck() < len(steps); runs++ {
		require.Less(t, runs, len(steps), "every run fails a step more: %d of %d after %d runs", struck(), len(steps), runs)
		before := struck()
		require.ErrorContains(t, command(), "the sandbox was told to fail")
		require.Greater(t, struck(), before)
	}
	require.NoError(t, command(), "nothing fails any more")
	return struck()
}
