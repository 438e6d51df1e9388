package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"gopkg.in/yaml.v3"
)

// project is the Pulumi project that the command runs in.
type project struct {
	root string // the folder with Pulumi.yaml
	name string
}

// findProject looks for a Pulumi.yaml here and above.
func findProject() (project, error) {
	here, err := os.Getwd()
	if err != nil {
		return project{}, err
	}
	for dir := here; ; dir = filepath.Dir(dir) {
		text, err := os.ReadFile(filepath.Join(dir, "Pulumi.yaml"))
		if err == nil {
			return readProject(dir, text)
		}
		if !errors.Is(err, os.ErrNotExist) {
			return project{}, err
		}
		if dir == filepath.Dir(dir) {
			return project{}, fmt.Errorf("no Pulumi.yaml in %s or above: run this inside a Pulumi project", here)
		}
	}
}

func readProject(root string, text []byte) (project, error) {
	var file struct {
		Name string `yaml:"name"`
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		return project{}, fmt.Errorf("reading Pulumi.yaml: %w", err)
	}
	if file.Name == "" {
		return project{}, errors.New("reading Pulumi.yaml: it has no name")
	}
	return project{root: root, name: file.Name}, nil
}
