package tests

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optrefresh"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/sandbox"
)

// engine is the real Pulumi engine with one stack, deploying into a sandbox account of its own.
type engine struct {
	t       *testing.T
	account *sandbox.Account
	start   []byte // the account as it was before anything was deployed
	dir     string // holds Pulumi.yaml and the stack's file
	stack   auto.Stack
}

// newEngine starts an engine on an account for a stack whose file is given as YAML.
func newEngine(
	t *testing.T, spec sandbox.Spec, stackFile string, program pulumi.RunFunc, opts ...auto.LocalWorkspaceOption,
) *engine {
	t.Helper()
	account, err := sandbox.NewAccount(spec)
	require.NoError(t, err)
	return newEngineOn(t, account, stackFile, program, opts...)
}

// newEngineOn is newEngine on an account that exists.
func newEngineOn(
	t *testing.T, account *sandbox.Account, stackFile string, program pulumi.RunFunc, opts ...auto.LocalWorkspaceOption,
) *engine {
	t.Helper()
	requirePulumi(t)
	server, err := sandbox.Start(account)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })

	e := &engine{t: t, account: account, start: account.Dump(), dir: t.TempDir()}
	project, err := os.ReadFile("../Pulumi.yaml")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(e.dir, "Pulumi.yaml"), project, 0o600))
	require.NoError(t, os.Mkdir(filepath.Join(e.dir, "program"), 0o700))
	e.configure(stackFile)

	env := server.Env()
	env["PULUMI_BACKEND_URL"] = "file://" + t.TempDir()
	env["PULUMI_HOME"] = t.TempDir()
	e.stack, err = auto.NewStackInlineSource(context.Background(), "test", "eks-karpenter", program,
		append(opts, auto.WorkDir(e.dir), auto.EnvVars(env))...)
	require.NoError(t, err)
	return e
}

// configure replaces the stack's configuration.
func (e *engine) configure(stackFile string) {
	e.t.Helper()
	require.NoError(e.t, os.WriteFile(filepath.Join(e.dir, "Pulumi.test.yaml"), []byte(stackFile), 0o600))
}

// steps are what the engine did, or would do, to each resource: its operations in order, by the resource's type and name.
// Components, which are updated whenever an input is, are left out.
type steps map[string]string

// operations are the engine's words for a replacement, in both orders, in one.
var operations = strings.NewReplacer(
	"create-replacement replace delete-replaced", "replace",
	"delete-replaced replace create-replacement", "delete and replace",
)

// String counts the steps by operation and type, in order, and names those that stand alone.
func (s steps) String() string {
	names := map[string][]string{}
	for resource, ops := range s {
		kind, name, _ := strings.Cut(resource, " ")
		step := operations.Replace(ops) + " " + kind[strings.LastIndexByte(kind, ':')+1:]
		names[step] = append(names[step], strings.TrimPrefix(name, "karpenter-"))
	}
	var counted []string
	for _, step := range slices.Sorted(maps.Keys(names)) {
		if all := names[step]; len(all) == 1 {
			counted = append(counted, step+" "+all[0])
		} else {
			counted = append(counted, fmt.Sprintf("%s ×%d", step, len(all)))
		}
	}
	return strings.Join(counted, "; ")
}

// collect records steps until the channel is closed; wait gives them. A command that fails early never closes its channel,
// so wait gives no steps for one that failed. Refreshing, the steps are what has drifted.
func collect(refreshing bool) (stream chan events.EngineEvent, wait func(err error) steps) {
	stream = make(chan events.EngineEvent)
	done, found := sync.WaitGroup{}, steps{}
	done.Go(func() {
		for event := range stream {
			// What is about to be done is told before, what a refresh has found is told after.
			var meta apitype.StepEventMetadata
			switch {
			case event.ResourcePreEvent != nil && event.ResourcePreEvent.Metadata.Op != apitype.OpRefresh:
				meta = event.ResourcePreEvent.Metadata
			case event.ResOutputsEvent != nil && refreshing:
				meta = event.ResOutputsEvent.Metadata
			default:
				continue
			}
			parts := strings.Split(meta.URN, "::")
			kind := parts[2][strings.LastIndexByte(parts[2], '$')+1:]
			resource := kind + " " + parts[3]
			if op := string(meta.Op); op != "same" && op != "refresh" && !strings.HasPrefix(kind, "pulumi:") && !strings.HasPrefix(kind, "eks-karpenter:") {
				found[resource] = strings.TrimSpace(found[resource] + " " + op)
			}
		}
	})
	return stream, func(err error) steps {
		if err != nil {
			return nil
		}
		done.Wait()
		return found
	}
}

func (e *engine) preview() (steps, string, error) {
	stream, wait := collect(false)
	result, err := e.stack.Preview(context.Background(), optpreview.EventStreams(stream))
	return wait(err), result.StdOut, err
}

func (e *engine) up() (steps, auto.UpResult, error) {
	stream, wait := collect(false)
	result, err := e.stack.Up(context.Background(), optup.EventStreams(stream))
	return wait(err), result, err
}

// mustUp deploys, and fails the test where that fails.
func (e *engine) mustUp() (steps, auto.UpResult) {
	e.t.Helper()
	did, result, err := e.up()
	require.NoError(e.t, err)
	return did, result
}

func (e *engine) refresh() (steps, error) {
	stream, wait := collect(true)
	_, err := e.stack.Refresh(context.Background(), optrefresh.EventStreams(stream))
	return wait(err), err
}

func (e *engine) destroy() error {
	_, err := e.stack.Destroy(context.Background())
	return err
}

// mustEndAtStart destroys the stack and checks that nothing is left of it in the account.
func (e *engine) mustEndAtStart() {
	e.t.Helper()
	require.NoError(e.t, e.destroy())
	require.Equal(e.t, string(e.start), string(e.account.Dump()), "the account after destroy")
}

// resources are the types and names of all that the stack's state holds, providers and the stack itself aside.
func (e *engine) resources() []string {
	e.t.Helper()
	deployment, err := e.stack.Export(context.Background())
	require.NoError(e.t, err)
	return stateResources(e.t, deployment.Deployment)
}

// requirePulumi puts the project's own Pulumi CLI on the PATH where there is no other.
func requirePulumi(t testing.TB) {
	t.Helper()
	require.NoError(t, pulumiOnPath())
}

var pulumiOnPath = sync.OnceValue(func() error {
	dir, err := sandbox.FindPulumi("..")
	if err != nil {
		return err
	}
	return os.Setenv("PATH", os.Getenv("PATH")+string(os.PathListSeparator)+dir)
})
