// Command pulumi-sandbox runs any Pulumi command on an AWS account in memory,
// instead of AWS:
//
//	pulumi-sandbox [--dir .sandbox] [--stack dev] [--] up --yes
//	pulumi-sandbox verify [--json] [--cluster name]
//	pulumi-sandbox reset
//
// It must run inside a Pulumi project. Account, deployment state and Pulumi's
// home live in one folder under the project's root; neither a login nor a
// selected stack nor a committed file changes. What follows the flags goes to
// Pulumi as it is, and Pulumi's exit code is this command's. "verify" tells
// whether Karpenter could do its work with what is deployed, and nobody else
// could; its exit code is 1 where something is off. "reset" removes the folder,
// account and all.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	code, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintf(os.Stderr, "pulumi-sandbox: %v\n", err)
		code = 1
	}
	os.Exit(code)
}

// run returns Pulumi's exit code, or why Pulumi could not be run.
func run(arguments []string) (int, error) {
	flags := flag.NewFlagSet("pulumi-sandbox", flag.ContinueOnError)
	dir := flags.String("dir", ".sandbox", "folder of the sandbox, under the project's root")
	stack := flags.String("stack", "dev", "stack to run the command on")
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: pulumi-sandbox [--dir folder] [--stack name] [--] <pulumi command>\n"+
			"       pulumi-sandbox [--dir folder] verify [--json] [--cluster name]\n       pulumi-sandbox [--dir folder] reset")
		flags.PrintDefaults()
	}
	if err := flags.Parse(arguments); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0, nil
		}
		return 0, err
	}
	if flags.NArg() == 0 {
		flags.Usage()
		return 0, errors.New("no Pulumi command given")
	}
	project, err := findProject()
	if err != nil {
		return 0, err
	}
	folder := filepath.Join(project.root, *dir)
	if filepath.IsAbs(*dir) {
		folder = *dir
	}
	s := session{project: project, folder: folder, stack: *stack}
	switch flags.Arg(0) {
	case "reset":
		return 0, os.RemoveAll(folder)
	case "verify":
		return s.verify(flags.Args()[1:], os.Stdout)
	}
	return s.run(flags.Args())
}
