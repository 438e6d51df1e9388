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

var update = flag.Bool("update", false, "write the tables of README and docs anew")

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
// the consumer's main, the Automation API's function is the one that a story deploys with. So is docs/whole.md's program.
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

	whole, err := os.ReadFile("../whole/stack/example_test.go")
	require.NoError(t, err)
	page, err := os.ReadFile("../docs/whole.md")
	require.NoError(t, err)
	program := regexp.MustCompile(`(?s)func wholeCluster.*?\n}\n`).FindString(string(whole))
	assert.NotEmpty(t, program)
	assert.Contains(t, string(page), "```go\n"+program+"```\n")
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

// tables are those that tests write, page by page: each stands after its marker and tells of one or several structs.
var tables = []struct {
	page, marker, prefix string
	structs              []string // as folder.Name
}{
	{"README.md", "stack settings", "", []string{"components.KarpenterArgs", "program/stack.Settings"}},
	{"README.md", "controllerRole settings", "controllerRole.", []string{"components.ControllerRoleOptions"}},
	{"README.md", "nodeRole settings", "nodeRole.", []string{"components.NodeRoleOptions"}},
	{"README.md", "interruptionQueue settings", "interruptionQueue.", []string{"components.InterruptionQueueOptions"}},
	{"README.md", "clusterTags settings", "clusterTags.", []string{"components.ClusterTagsOptions"}},
	{"README.md", "controllerNodes settings", "controllerNodes.", []string{"components.ControllerNodesOptions"}},
	{"README.md", "cluster settings", "cluster.", []string{"components.ClusterFacts"}},
	{"README.md", "outputs", "", []string{"components.Karpenter"}},
	{"docs/adopting.md", "adopt settings", "adopt.", []string{"components.AdoptOptions"}},
	{"docs/whole.md", "stack settings", "", []string{"whole/stack.Settings"}},
	{"docs/whole.md", "cluster settings", "cluster.", []string{"whole/stack.ClusterSettings", "whole/cluster.ClusterOptions"}},
	{"docs/whole.md", "charts settings", "charts.", []string{"whole/stack.ChartsSettings"}},
	{"docs/whole.md", "nodeClass settings", "nodeClass.", []string{"whole/install.NodeClassOptions"}},
	{"docs/whole.md", "nodePools settings", "nodePools[].", []string{"whole/stack.NodePoolSettings", "whole/install.NodePoolOptions"}},
	{"docs/whole.md", "requirements settings", "requirements[].", []string{"whole/install.Requirement"}},
	{"docs/whole.md", "disruption settings", "disruption.", []string{"whole/install.Disruption"}},
}

// TestReadmeTables holds the pages' tables of settings and outputs to the components' own fields and doc comments; -update
// writes them.
func TestReadmeTables(t *testing.T) {
	t.Parallel()
	structs := parseStructs(t, "components", "program/stack", "whole/stack", "whole/cluster", "whole/install")
	pages := map[string]string{}
	for _, table := range tables {
		if pages[table.page] == "" {
			content, err := os.ReadFile("../" + table.page)
			require.NoError(t, err)
			pages[table.page] = string(content)
		}
		var fields []documented
		for _, name := range table.structs {
			require.NotEmpty(t, structs[name], name)
			fields = append(fields, structs[name]...)
		}
		for _, field := range fields {
			require.NotEmpty(t, field.text, "%v: %s has no doc comment", table.structs, field.name)
		}
		block := render(fields, table.prefix, table.marker == "outputs")
		begin, end := "<!-- "+table.marker+" -->\n", "<!-- end -->"
		before, rest, found := strings.Cut(pages[table.page], begin)
		require.True(t, found, "%s has no %s", table.page, begin)
		now, after, found := strings.Cut(rest, end)
		require.True(t, found)
		if *update {
			pages[table.page] = before + begin + block + end + after
		} else {
			assert.Equal(t, block, now, "%s's table of %s: go test ./tests -run Readme -update", table.page, table.marker)
		}
	}
	for page, content := range pages {
		if *update {
			require.NoError(t, os.WriteFile("../"+page, []byte(content), 0o600))
		}
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

// parseStructs reads the tagged fields of all structs in some folders, each under folder.Name.
func parseStructs(t *testing.T, dirs ...string) map[string][]documented {
	t.Helper()
	structs := map[string][]documented{}
	for _, dir := range dirs {
		files, err := filepath.Glob(filepath.Join("..", dir, "*.go"))
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
					structs[dir+"."+spec.Name.Name] = documentedFields(structure)
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
		if field.Doc == nil {
			fields = append(fields, documented{name: name})
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
