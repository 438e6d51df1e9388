package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/grafanix/eks-karpenter/sandbox"
)

// session is one run of a Pulumi command on the sandbox. Its folder holds:
//
//	account.json         the AWS account
//	account.traffic.json its clock and messages
//	lock                 held while a command runs
//	state/               Pulumi's state
//	home/                Pulumi's home: plugins, logins, selected stacks
//	scratch/             a project of the same name, in which stacks are made
//	Pulumi.<stack>.yaml  the committed stack file with the stack's salt
type session struct {
	project project
	folder  string
	stack   string
}

func (s session) path(parts ...string) string {
	return filepath.Join(append([]string{s.folder}, parts...)...)
}

func (s session) stackFile() string { return "Pulumi." + s.stack + ".yaml" }

// run serves the account while Pulumi runs.
func (s session) run(arguments []string) (code int, err error) {
	bin, err := sandbox.FindPulumi(s.project.root)
	if err != nil {
		return 0, err
	}
	if err := s.prepare(); err != nil {
		return 0, err
	}
	unlock, err := lock(s.path("lock"))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	account, err := sandbox.Open(s.path("account.json"), sandbox.DefaultSpec())
	if err != nil {
		return 0, err
	}
	server, err := sandbox.Start(account)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, server.Close()) }()

	env := s.environment(bin, server.Env())
	pulumi := filepath.Join(bin, "pulumi")
	if err := s.ensureStack(pulumi, env); err != nil {
		return 0, err
	}
	if isConfig(arguments) {
		return s.runConfig(pulumi, arguments, env)
	}
	if err := s.writeStackFile(); err != nil {
		return 0, err
	}
	env["PULUMI_OPTION_CONFIG_FILE"] = s.path(s.stackFile())
	return s.guarded(func() (int, error) { return execute(pulumi, arguments, s.project.root, env) })
}

// guarded runs a command and puts the committed stack file back as it was:
// "stack rm", for one, removes it along with the stack.
func (s session) guarded(run func() (int, error)) (int, error) {
	committed := filepath.Join(s.project.root, s.stackFile())
	before, err := os.ReadFile(committed)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return 0, err
	}
	code, err := run()
	if after, missing := os.ReadFile(committed); err == nil && before != nil && (missing != nil || !bytes.Equal(before, after)) {
		err = os.WriteFile(committed, before, 0o644)
	}
	return code, err
}

// prepare makes the folder, which hides itself from git.
func (s session) prepare() error {
	for _, dir := range []string{"state", "home", "scratch"} {
		if err := os.MkdirAll(s.path(dir), 0o755); err != nil {
			return err
		}
	}
	if err := os.WriteFile(s.path(".gitignore"), []byte("*\n"), 0o644); err != nil {
		return err
	}
	// Pulumi looks for go.mod and the like in no scratch project: yaml has none.
	scratch := fmt.Sprintf("name: %s\nruntime: yaml\n", s.project.name)
	return os.WriteFile(s.path("scratch", "Pulumi.yaml"), []byte(scratch), 0o644)
}

// environment is this process's, with what the sandbox needs on top.
func (s session) environment(bin string, sandboxed map[string]string) map[string]string {
	env := map[string]string{}
	for _, entry := range os.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		env[name] = value
	}
	maps.Copy(env, sandboxed)
	env["PATH"] = bin + string(filepath.ListSeparator) + env["PATH"]
	env["PULUMI_BACKEND_URL"] = "file://" + filepath.ToSlash(s.path("state"))
	env["PULUMI_HOME"] = s.path("home")
	env["PULUMI_STACK"] = s.stack
	return env
}

// ensureStack makes the stack where there is none. That happens in the scratch
// project, since Pulumi writes the salt of the stack's secrets into the stack
// file of the project it is made in.
func (s session) ensureStack(pulumi string, env map[string]string) error {
	checkpoint := s.path("state", ".pulumi", "stacks", s.project.name, s.stack+".json")
	if exists(checkpoint) && exists(s.path("scratch", s.stackFile())) {
		return nil
	}
	if err := quietly(pulumi, []string{"stack", "select", "--create", s.stack}, s.path("scratch"), env); err != nil {
		return fmt.Errorf("making stack %s of the sandbox: %w", s.stack, err)
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// secretsKeys are the keys of a stack file that name the keeper of its
// secrets. The sandbox has its own.
var secretsKeys = []string{"encryptionsalt:", "secretsprovider:", "encryptedkey:"}

// splitSecrets parts a stack file's lines into the settings and the keeper of
// its secrets.
func splitSecrets(text []byte) (settings, secrets []string) {
	for line := range strings.Lines(string(text)) {
		isSecret := func(key string) bool { return strings.HasPrefix(line, key) }
		if line = strings.TrimRight(line, "\r\n"); slices.ContainsFunc(secretsKeys, isSecret) {
			secrets = append(secrets, line)
		} else {
			settings = append(settings, line)
		}
	}
	return settings, secrets
}

// hasSecrets tells whether a stack file holds encrypted values.
func hasSecrets(text []byte) bool { return bytes.Contains(text, []byte("secure:")) }

// writeStackFile writes the stack file that Pulumi gets: the committed
// settings, if any, and the sandbox's keeper of secrets. Encrypted values come
// with their own, and Pulumi says so where it cannot ask that one.
func (s session) writeStackFile() error {
	committed, err := os.ReadFile(filepath.Join(s.project.root, s.stackFile()))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	scratch, err := os.ReadFile(s.path("scratch", s.stackFile()))
	if err != nil {
		return err
	}
	settings, secrets := splitSecrets(committed)
	if !hasSecrets(committed) {
		_, secrets = splitSecrets(scratch)
	}
	lines := append(slices.Concat(settings, secrets), "")
	return os.WriteFile(s.path(s.stackFile()), []byte(strings.Join(lines, "\n")), 0o600)
}

// isConfig tells whether a command reads or edits the stack's settings.
func isConfig(arguments []string) bool {
	for _, argument := range arguments {
		if !strings.HasPrefix(argument, "-") {
			return argument == "config"
		}
	}
	return false
}

// runConfig lets a command work on the committed stack file, and takes out the
// salt that Pulumi may have put there, unless a secret was set with it.
func (s session) runConfig(pulumi string, arguments []string, env map[string]string) (int, error) {
	committed := filepath.Join(s.project.root, s.stackFile())
	before, err := os.ReadFile(committed)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return 0, err
	}
	code, err := execute(pulumi, arguments, s.project.root, env)
	if err != nil {
		return code, err
	}
	after, err := os.ReadFile(committed)
	if errors.Is(err, os.ErrNotExist) {
		return code, nil
	}
	if err != nil {
		return code, err
	}
	settings, secrets := splitSecrets(after)
	if _, had := splitSecrets(before); len(had) > 0 || len(secrets) == 0 || hasSecrets(after) {
		return code, nil
	}
	text := strings.Join(append(settings, ""), "\n")
	if strings.TrimSpace(text) == "" && len(before) == 0 {
		return code, os.Remove(committed)
	}
	return code, os.WriteFile(committed, []byte(text), 0o644)
}
