package tests

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"testing"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optdestroy"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optrefresh"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/program/stack"
	"github.com/grafanix/eks-karpenter/sandbox"
)

// killable is the Pulumi CLI, killed and not asked to stop where its context ends.
type killable struct{ version semver.Version }

func (k killable) Version() semver.Version { return k.version }

func (k killable) Run(
	ctx context.Context, dir string, stdin io.Reader, outs, errs []io.Writer, env []string, args ...string,
) (string, string, int, error) {
	var stdout, stderr bytes.Buffer
	command := exec.CommandContext(ctx, "pulumi", append([]string{"--non-interactive"}, args...)...)
	command.Dir, command.Stdin = dir, stdin
	command.Env = append(append(os.Environ(), env...), "PULUMI_AUTOMATION_API=true")
	command.Stdout, command.Stderr = io.MultiWriter(append(outs, &stdout)...), io.MultiWriter(append(errs, &stderr)...)
	err := command.Run()
	return stdout.String(), stderr.String(), command.ProcessState.ExitCode(), err
}

// TestKilled kills the engine in the middle of a step: after pulumi cancel, refresh and up the account is what it is
// where nothing was killed, and destroy leaves nothing.
func TestKilled(t *testing.T) {
	t.Parallel()
	requirePulumi(t)
	cli, err := auto.NewPulumiCommand(nil)
	require.NoError(t, err)
	_, deployed := stepsOf(t, plainStack)

	for _, c := range []struct {
		why    string
		fault  sandbox.Fault
		orphan string // the role that was made and that the state knows nothing of
	}{
		{"while the first rule is made", sandbox.Fault{Effect: sandbox.HangBefore, Type: "aws:cloudwatch/eventRule:EventRule", Action: "create"}, ""},
		{"while the third attachment is made", sandbox.Fault{Effect: sandbox.HangBefore, Type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment", Action: "create", Nth: 3}, ""},
		{"when the queue has just been made", sandbox.Fault{Effect: sandbox.HangAfter, Type: "aws:sqs/queue:Queue", Action: "create"}, ""},
		{"when the nodes' role has just been made", sandbox.Fault{Effect: sandbox.HangAfter, Type: "aws:iam/role:Role", Action: "create"}, "KarpenterNodeRole-grafanix-comic"},
		{"while the queue is deleted", sandbox.Fault{Effect: sandbox.HangBefore, Type: "aws:sqs/queue:Queue", Action: "delete"}, ""},
		{"when a role has just been deleted", sandbox.Fault{Effect: sandbox.HangAfter, Type: "aws:iam/role:Role", Action: "delete"}, ""},
	} {
		e := newEngine(t, sandbox.DefaultSpec(), plainStack, stack.Deploy, auto.Pulumi(killable{cli.Version()}))
		if c.fault.Action == "delete" {
			e.mustUp()
		}
		e.killIn(c.fault)
		require.NoError(t, e.stack.Cancel(t.Context()), c.why)
		_, err := e.stack.Refresh(t.Context(), optrefresh.ClearPendingCreates())
		require.NoError(t, err, c.why)
		if c.orphan != "" {
			_, _, err = e.up()
			require.ErrorContains(t, err, "EntityAlreadyExists: Role with name "+c.orphan+" already exists.", "AWS says what is in the way")
			client, err := e.account.Client("ap-northeast-2")
			require.NoError(t, err)
			require.NoError(t, client.DeleteRole(c.orphan))
		}
		e.mustUp()
		assert.Equal(t, string(deployed), string(e.account.Dump()), c.why)
		e.mustEndAtStart()
	}
}

// killIn runs the command that the fault is for, one step at a time, and kills it once the fault has struck.
func (e *engine) killIn(fault sandbox.Fault) {
	e.t.Helper()
	injected, err := e.account.Inject(fault)
	require.NoError(e.t, err)
	ctx, kill := context.WithCancel(e.t.Context())
	defer kill()
	ended := make(chan error, 1)
	go func() {
		var err error
		if fault.Action == "delete" {
			_, err = e.stack.Destroy(ctx, optdestroy.Parallel(1))
		} else {
			_, err = e.stack.Up(ctx, optup.Parallel(1))
		}
		ended <- err
	}()
	select {
	case <-injected.Struck():
		kill()
		require.Error(e.t, <-ended)
	case err := <-ended:
		require.FailNow(e.t, "it ended before it could be killed", "%v", err)
	}
	injected.Remove()
}
