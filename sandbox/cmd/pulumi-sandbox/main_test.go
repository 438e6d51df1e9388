package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fakePulumi writes down how it was called and does to stack files what the
// real one does: a new stack gets a salt, a removed one loses its file.
const fakePulumi = `#!/bin/sh
if [ "$1" = stack ] && [ "$2" = select ]; then
	echo "encryptionsalt: v1:salt" > "Pulumi.$4.yaml"
	exit 0
fi
{ pwd; echo "$@"; env; cat "$PULUMI_OPTION_CONFIG_FILE"; } > called 2>/dev/null
if [ "$1" = config ]; then
	printf '  trial:foo: bar\nencryptionsalt: v1:other\n' >> Pulumi.dev.yaml
else
	rm Pulumi.dev.yaml
fi
exit 7
`

const stackFile = "# kept\nconfig:\n  aws:region: ap-northeast-2\n"

// inProject runs a test in a folder of a project with a fake Pulumi.
func inProject(t *testing.T) (root string) {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	for path, text := range map[string]string{
		"Pulumi.yaml":       "name: trial\nruntime: go\n",
		"Pulumi.dev.yaml":   stackFile,
		".toolchain/pulumi": fakePulumi,
		"inner/file":        "",
	} {
		path = filepath.Join(root, path)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o755))
	}
	t.Chdir(filepath.Join(root, "inner"))
	t.Setenv("PATH", filepath.Join(root, ".toolchain")+string(filepath.ListSeparator)+os.Getenv("PATH"))
	t.Setenv("AWS_ACCESS_KEY_ID", "a real one")
	return root
}

func read(t *testing.T, parts ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(parts...))
	require.NoError(t, err)
	return string(text)
}

func TestPulumiRunsOnTheSandbox(t *testing.T) {
	root := inProject(t)
	code, err := run([]string{"--", "up", "--yes", "--", "x y"})
	require.NoError(t, err)
	assert.Equal(t, 7, code, "Pulumi's exit code is ours")
	called := strings.Split(read(t, root, "called"), "\n")
	assert.Equal(t, []string{root, "up --yes -- x y"}, called[:2])
	assert.Subset(t, called, []string{
		"PULUMI_BACKEND_URL=file://" + root + "/.sandbox/state",
		"PULUMI_HOME=" + root + "/.sandbox/home",
		"PULUMI_STACK=dev",
		"PULUMI_OPTION_CONFIG_FILE=" + root + "/.sandbox/Pulumi.dev.yaml",
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true",
		"AWS_ACCESS_KEY_ID=",
		"  aws:region: ap-northeast-2",
		"encryptionsalt: v1:salt",
	})
	assert.Equal(t, stackFile, read(t, root, "Pulumi.dev.yaml"), "the committed file is as it was")
	assert.FileExists(t, filepath.Join(root, ".sandbox", "account.json"))
	assert.Equal(t, "*\n", read(t, root, ".sandbox", ".gitignore"))

	code, err = run([]string{"reset"})
	require.NoError(t, err)
	assert.Equal(t, 0, code)
	assert.NoDirExists(t, filepath.Join(root, ".sandbox"))
}

func TestConfigEditsTheCommittedFile(t *testing.T) {
	root := inProject(t)
	_, err := run([]string{"config", "set", "foo", "bar"})
	require.NoError(t, err)
	assert.NotContains(t, read(t, root, "called"), "PULUMI_OPTION_CONFIG_FILE")
	assert.Equal(t, stackFile+"  trial:foo: bar\n", read(t, root, "Pulumi.dev.yaml"), "without the salt")
}

func TestStackFilesKeepEncryptedValues(t *testing.T) {
	root := inProject(t)
	secret := stackFile + "  trial:key:\n    secure: v1:x\nencryptionsalt: v1:own\n"
	require.NoError(t, os.WriteFile(filepath.Join(root, "Pulumi.dev.yaml"), []byte(secret), 0o600))
	_, err := run([]string{"preview"})
	require.NoError(t, err)
	assert.Contains(t, read(t, root, "called"), "encryptionsalt: v1:own")
}

func TestClearErrors(t *testing.T) {
	root := inProject(t)
	_, err := run(nil)
	require.ErrorContains(t, err, "no Pulumi command given")
	t.Setenv("PATH", "")
	require.NoError(t, os.Remove(filepath.Join(root, ".toolchain", "pulumi")))
	_, err = run([]string{"up"})
	require.ErrorContains(t, err, "run `make toolchain`")
	require.NoError(t, os.Remove(filepath.Join(root, "Pulumi.yaml")))
	_, err = run([]string{"up"})
	require.ErrorContains(t, err, "run this inside a Pulumi project")
}
