package sandbox_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/sandbox"
)

// TestEngineMendsWhatFailed fails the creation of a role after it took effect,
// throttles a queue's, and fails a deletion: every command is run again, and
// nothing is left.
func TestEngineMendsWhatFailed(t *testing.T) {
	account, err := sandbox.NewAccount(sandbox.DefaultSpec())
	require.NoError(t, err)
	start := account.Dump()
	stack := deployment(t, account, everything(300))
	ctx := t.Context()
	inject := func(fault sandbox.Fault) *sandbox.Injected {
		injected, err := account.Inject(fault)
		require.NoError(t, err)
		return injected
	}

	inject(sandbox.Fault{Effect: sandbox.FailAfter, Type: "aws:iam/role:Role", Action: "create"})
	throttle := inject(sandbox.Fault{Effect: sandbox.Throttle, Type: "aws:sqs/queue:Queue", Times: 3})
	_, err = stack.Up(ctx)
	require.ErrorContains(t, err, "the sandbox was told to fail the create of aws:iam/role:Role after it took effect")
	_, err = stack.Up(ctx)
	require.NoError(t, err)
	assert.Equal(t, 3, throttle.Strikes(), "in the first up or in the second, whichever came to the queue")
	up, err := stack.Up(ctx)
	require.NoError(t, err)
	assert.Equal(t, map[string]int{"same": 26}, *up.Summary.ResourceChanges)

	inject(sandbox.Fault{Effect: sandbox.FailAfter, Type: "aws:kms/key:Key", Action: "delete"})
	_, err = stack.Destroy(ctx)
	require.ErrorContains(t, err, "the sandbox was told to fail the delete of aws:kms/key:Key after it took effect")
	_, err = stack.Destroy(ctx)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(start, account.Dump()), "destroyed, the account is as it was")
}

// TestEngineGivesUpWhatHangs interrupts an update while a resource hangs, and
// runs it again.
func TestEngineGivesUpWhatHangs(t *testing.T) {
	account, err := sandbox.NewAccount(sandbox.DefaultSpec())
	require.NoError(t, err)
	stack := deployment(t, account, everything(300))
	hang, err := account.Inject(sandbox.Fault{Effect: sandbox.HangBefore, Type: "aws:kms/key:Key", Action: "create"})
	require.NoError(t, err)

	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	ended := make(chan error, 1)
	go func() { _, err := stack.Up(ctx); ended <- err }()
	select {
	case <-hang.Struck():
	case err := <-ended:
		require.FailNow(t, "it did not hang", "%v", err)
	}
	began := time.Now()
	interrupt()
	require.Error(t, <-ended)
	assert.Less(t, time.Since(began), 30*time.Second)

	up, err := stack.Up(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "succeeded", up.Summary.Result)
}
