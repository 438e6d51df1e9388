package tests

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write README's tables anew")

func readme(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	return string(content)
}

// fenced are README's blocks of code in a language.
func fenced(t *testing.T, language string) []string {
	t.Helper()
	var blocks []string
	for _, match := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(readme(t), -1) {
		blocks = append(blocks, match[1])
	}
	return blocks
}

// readmeProgram is the library program that README offers for copying.
func readmeProgram(t *testing.T) string {
	t.Helper()
	for _, block := range fenced(t, "go") {
		if strings.HasPrefix(block, "package main\n") {
			return block
		}
	}
	require.Fail(t, "README has no program")
	return ""
}

// TestReadmeCode holds README's code to what is compiled and run elsewhere: the program is the components' example and
// the consumer's main, the Automation API's function is the one that a story deploys with.
func TestReadmeCode(t *testing.T) {
	t.Parallel()
	_, body, found := strings.Cut(readmeProgram(t), "func main() {\n")
	require.True(t, found)
	example, err := os.ReadFile("../components/example_test.go")
	require.NoError(t, err)
	call := regexp.MustCompile(`(?s)components\.NewKarpenter\(.*?\}\)`).FindString(body)
	assert.NotEmpty(t, call)
	assert.Contains(t, string(example), call)

	automation, err := os.ReadFile("automation_test.go")
	require.NoError(t, err)
	deploy := regexp.MustCompile(`(?s)func deployCluster.*?\n}\n`).FindString(string(automation))
	assert.Contains(t, fenced(t, "go"), deploy)
}

// TestReadmeCommands holds every make command in README to a target of the Makefile with a help text.
func TestReadmeCommands(t *testing.T) {
	t.Parallel()
	makefile, err := os.ReadFile("../Makefile")
	require.NoError(t, err)
	for _, command := range regexp.MustCompile(`\bmake ([a-z]+)`).FindAllStringSubmatch(strings.Join(fenced(t, "sh"), "\n"), -1) {
		assert.Regexp(t, `(?m)^`+command[1]+`:.*## `, string(makefile))
	}
}

// TestReadmeTables holds README's tables of settings and outputs to the components' own fields and doc comments; -update
// writes them.
func TestReadmeTables(t *testing.T) {
	t.Parallel()
	structs := parseStructs(t, "../components", "../program/stack")
	content := readme(t)
	for _, table := range []struct{ marker, structure, prefix string }{
		{"stack settings", "KarpenterArgs", ""},
		{"controllerRole settings", "ControllerRoleOptions", "controllerRole."},
		{"nodeRole settings", "NodeRoleOptions", "nodeRole."},
		{"interruptionQueue settings", "InterruptionQueueOptions", "interruptionQueue."},
		{"clusterTags settings", "ClusterTagsOptions", "clusterTags."},
		{"controllerNodes settings", "ControllerNodesOptions", "controllerNodes."},
		{"cluster settings", "ClusterFacts", "cluster."},
		{"outputs", "Karpenter", ""},
	} {
		fields := structs[table.structure]
		require.NotEmpty(t, fields, table.structure)
		if table.marker == "stack settings" {
			fields = append(fields, structs["Settings"]...)
		}
		block := render(fields, table.prefix, table.marker == "outputs")
		begin, end := "<!-- "+table.marker+" -->\n", "<!-- end -->"
		before, rest, found := strings.Cut(content, begin)
		require.True(t, found, "README has no %s", begin)
		now, after, found := strings.Cut(rest, end)
		require.True(t, found)
		if *update {
			content = before + begin + block + end + after
		} else {
			assert.Equal(t, block, now, "README's table of %s: go test ./tests -run Readme -update", table.marker)
		}
	}
	if *update {
		require.NoError(t, os.WriteFile("../README.md", []byte(content), 0o600))
	}
}

// A documented field of a struct: its name in Pulumi and its doc comment, the default apart.
type documented struct{ name, text, byDefault string }

func render(fields []documented, prefix string, outputs bool) string {
	var table strings.Builder
	if outputs {
		table.WriteString("| output | what it is |\n|---|---|\n")
	} else {
		table.WriteString("| setting | default | what it does |\n|---|---|---|\n")
	}
	for _, field := range fields {
		if outputs {
			fmt.Fprintf(&table, "| `%s` | %s |\n", field.name, field.text)
		} else {
			fmt.Fprintf(&table, "| `%s%s` | %s | %s |\n", prefix, field.name, field.byDefault, field.text)
		}
	}
	return table.String()
}

// parseStructs reads the tagged fields of all structs in some folders.
func parseStructs(t *testing.T, dirs ...string) map[string][]documented {
	t.Helper()
	structs := map[string][]documented{}
	for _, dir := range dirs {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		require.NoError(t, err)
		for _, file := range files {
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
			require.NoError(t, err)
			ast.Inspect(parsed, func(node ast.Node) bool {
				spec, ok := node.(*ast.TypeSpec)
				if !ok {
					return true
				}
				if structure, ok := spec.Type.(*ast.StructType); ok {
					structs[spec.Name.Name] = documentedFields(structure)
				}
				return false
			})
		}
	}
	return structs
}

var (
	defaultSentence = regexp.MustCompile(`\s*Default: (.*?)\.(\s|$)`)
	identifier      = regexp.MustCompile(`^\w+ (is|are|names|shapes|chooses|holds)? ?`)
)

func documentedFields(structure *ast.StructType) []documented {
	var fields []documented
	for _, field := range structure.Fields.List {
		if field.Tag == nil || len(field.Names) == 0 {
			continue
		}
		name, _, _ := strings.Cut(reflect.StructTag(strings.Trim(field.Tag.Value, "`")).Get("pulumi"), ",")
		if name == "" {
			continue
		}
		text := strings.Join(strings.Fields(field.Doc.Text()), " ")
		one := documented{name: name}
		if match := defaultSentence.FindStringSubmatch(text); match != nil {
			one.byDefault = strings.NewReplacer("<", "&lt;", ">", "&gt;").Replace(match[1])
			text = defaultSentence.ReplaceAllString(text, " ")
		}
		text = strings.TrimSpace(identifier.ReplaceAllString(text, "$1 "))
		text = strings.TrimPrefix(strings.TrimPrefix(text, "is "), "are ")
		one.text = strings.NewReplacer("<", "&lt;", ">", "&gt;", "|", "\\|").Replace(strings.ToUpper(text[:1]) + text[1:])
		fields = append(fields, one)
	}
	return fields
}
