// Package tests tells the stories of whole clusters.
package tests

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optdestroy"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optrefresh"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/sandbox"
	"github.com/grafanix/eks-karpenter/whole/stack"
)

const region = "ap-northeast-2"

// engine is the real Pulumi engine with one stack of this project, deploying into a sandbox account of its own.
type engine struct {
	auto.Stack
	t       *testing.T
	account *sandbox.Account
	start   string // the account as it was before anything was deployed
	dir     string
}

// newEngine starts an engine for a stack whose file is given as YAML.
func newEngine(t *testing.T, spec sandbox.Spec, stackFile string) *engine {
	t.Helper()
	require.NoError(t, pulumiOnPath())
	account, err := sandbox.NewAccount(spec)
	require.NoError(t, err)
	server, err := sandbox.Start(account)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })

	e := &engine{t: t, account: account, start: string(account.Dump()), dir: t.TempDir()}
	project := "name: eks-karpenter-whole\nruntime: go\n"
	require.NoError(t, os.WriteFile(filepath.Join(e.dir, "Pulumi.yaml"), []byte(project), 0o600))
	e.configure(stackFile)
	env := server.Env()
	env["PULUMI_BACKEND_URL"], env["PULUMI_HOME"] = "file://"+t.TempDir(), t.TempDir()
	e.Stack, err = auto.NewStackInlineSource(context.Background(), "test", "eks-karpenter-whole", stack.Deploy, auto.WorkDir(e.dir), auto.EnvVars(env))
	require.NoError(t, err)
	return e
}

// configure replaces the stack's configuration.
func (e *engine) configure(stackFile string) {
	e.t.Helper()
	require.NoError(e.t, os.WriteFile(filepath.Join(e.dir, "Pulumi.test.yaml"), []byte(stackFile), 0o600))
}

// up deploys, and gives how many resources were created, updated and so on.
func (e *engine) up() map[string]int {
	e.t.Helper()
	result, err := e.Up(context.Background())
	require.NoError(e.t, err)
	return *result.Summary.ResourceChanges
}

// changed are the kinds of change other than none.
func changed(changes map[string]int) map[string]int {
	different := map[string]int{}
	for kind, count := range changes {
		if kind != "same" {
			different[kind] = count
		}
	}
	return different
}

// mustNotDrift checks that a refresh finds nothing changed.
func (e *engine) mustNotDrift() {
	e.t.Helper()
	result, err := e.Refresh(context.Background(), optrefresh.Diff())
	require.NoError(e.t, err)
	require.Empty(e.t, changed(*result.Summary.ResourceChanges), result.StdOut)
}

// mustEndAtStart destroys the stack, checks that nothing is left of it in the account, and gives the types of what was
// deleted, in order.
func (e *engine) mustEndAtStart() []string {
	e.t.Helper()
	stream, deleted, done := make(chan events.EngineEvent), []string{}, sync.WaitGroup{}
	done.Go(func() {
		for event := range stream {
			if event.ResOutputsEvent != nil && event.ResOutputsEvent.Metadata.Op == "delete" {
				deleted = append(deleted, event.ResOutputsEvent.Metadata.Type)
			}
		}
	})
	_, err := e.Destroy(context.Background(), optdestroy.EventStreams(stream))
	require.NoError(e.t, err)
	done.Wait()
	require.Equal(e.t, e.start, string(e.account.Dump()), "the account after destroy")
	return deleted
}

// requireInOrder checks that the last of each type comes before the first of the next.
func requireInOrder(t *testing.T, deleted []string, types ...string) {
	t.Helper()
	for i, later := range types[1:] {
		earlier := types[i]
		last, first := lastIndex(deleted, earlier), slices.Index(deleted, later)
		require.GreaterOrEqual(t, last, 0, "%s is deleted", earlier)
		require.Greater(t, first, last, "%s goes after %s:\n%s", later, earlier, strings.Join(deleted, "\n"))
	}
}

func lastIndex(all []string, one string) int {
	for i, each := range slices.Backward(all) {
		if each == one {
			return i
		}
	}
	return -1
}

// pulumiOnPath puts the project's own Pulumi CLI on the PATH where there is no other.
var pulumiOnPath = sync.OnceValue(func() error {
	dir, err := sandbox.FindPulumi("../..")
	if err != nil {
		return err
	}
	return os.Setenv("PATH", os.Getenv("PATH")+string(os.PathListSeparator)+dir)
})
