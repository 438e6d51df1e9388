package tests

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/program/stack"
	"github.com/grafanix/eks-karpenter/sandbox"
)

var release = flag.String("release", "", "keep what is deployed now as a release's snapshot, such as v1.2.3")

// TestUpgrade takes stacks that earlier releases deployed, as their snapshots keep them, to what is deployed now: nothing
// is replaced or deleted, and the account ends as after a first deployment. A release keeps its snapshot with
// `go test ./tests -run TestUpgrade -release v1.2.3`.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	const snapshots = "testdata/releases"
	file := stackFile(t, "dev")
	start := sandbox.DefaultSpec()
	start.Networks = nil // the snapshots' accounts have none
	fresh := newEngine(t, start, file, stack.Deploy)
	fresh.mustUp()
	if *release != "" {
		keep(t, fresh, filepath.Join(snapshots, *release))
	}

	releases, err := os.ReadDir(snapshots)
	require.NoError(t, err)
	require.NotEmpty(t, releases)
	for _, one := range releases {
		dir := t.TempDir()
		require.NoError(t, os.CopyFS(dir, os.DirFS(filepath.Join(snapshots, one.Name()))))
		account, err := sandbox.Open(filepath.Join(dir, "account.json"), sandbox.Spec{})
		require.NoError(t, err)
		e := newEngineOn(t, account, file, stack.Deploy)
		state, err := os.ReadFile(filepath.Join(dir, "stack.json"))
		require.NoError(t, err)
		require.NoError(t, e.stack.Import(t.Context(), apitype.UntypedDeployment{Version: 3, Deployment: state}))

		did, _ := e.mustUp()
		assert.NotRegexp(t, regexp.MustCompile(`\b(replace|delete)\b`), did.String(), "from %s", one.Name())
		assert.Equal(t, string(fresh.account.Dump()), string(account.Dump()), "from %s: the account is as after a first deployment", one.Name())
		require.NoError(t, e.destroy())
		assert.Equal(t, string(fresh.start), string(account.Dump()), "from %s: nothing is left", one.Name())
	}
}

// keep writes a stack's state and its account to a folder.
func keep(t *testing.T, e *engine, dir string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(dir, 0o750))
	exported, err := e.stack.Export(t.Context())
	require.NoError(t, err)
	state, err := json.MarshalIndent(exported.Deployment, "", " ")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "stack.json"), state, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "account.json"), e.account.Dump(), 0o600))
}
