package conformance

import (
	"errors"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	karpenterModule = "github.com/aws/karpenter-provider-aws"
	apisPackage     = karpenterModule + "/pkg/aws"
)

// paginator is a constructor of the AWS SDK whose pages are calls of the method that it is named after.
var paginator = regexp.MustCompile(`^New(\w+)Paginator$`)

// karpenterAt is a version of Karpenter and where its source is.
type karpenterAt struct{ version, dir string }

// karpenterRelease is the one that this module holds.
func karpenterRelease(t *testing.T) karpenterAt {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Version}} {{.Dir}}", karpenterModule).Output()
	require.NoError(t, err)
	version, dir, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
	return karpenterAt{strings.TrimPrefix(version, "v"), dir}
}

// karpenterSource is the source of Karpenter's controller: its command and what that imports of its own module, types
// checked. Other modules are left out: what is declared there has no type, and is not followed.
type karpenterSource struct {
	dir      string
	files    *token.FileSet
	syntax   []*ast.File
	packages map[string]*types.Package
	info     types.Info
}

// awsCall is a method of one of Karpenter's interfaces of AWS.
type awsCall struct{ api, method string }

func readKarpenter(t *testing.T) *karpenterSource {
	t.Helper()
	k := &karpenterSource{
		dir: karpenterRelease(t).dir, files: token.NewFileSet(), packages: map[string]*types.Package{},
		info: types.Info{Uses: map[*ast.Ident]types.Object{}},
	}
	_, err := k.Import(karpenterModule + "/cmd/controller")
	require.NoError(t, err)
	return k
}

// Import checks a package of Karpenter's own module, as types.Importer.
func (k *karpenterSource) Import(path string) (*types.Package, error) {
	relative, own := strings.CutPrefix(path, karpenterModule+"/")
	if !own {
		return nil, errors.New("a package of another module")
	}
	if found, ok := k.packages[path]; ok {
		return found, nil
	}
	listed, err := build.ImportDir(filepath.Join(k.dir, relative), 0)
	if err != nil {
		return nil, err
	}
	var files []*ast.File
	for _, name := range listed.GoFiles {
		file, err := parser.ParseFile(k.files, filepath.Join(listed.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	k.syntax = append(k.syntax, files...)
	config := types.Config{Importer: k, Error: func(error) {}} // what other modules declare is missing
	k.packages[path], _ = config.Check(path, k.files, files, &k.info)
	return k.packages[path], nil
}

// apis are the interfaces of AWS with their methods.
func (k *karpenterSource) apis(t *testing.T) map[string][]string {
	t.Helper()
	require.Contains(t, k.packages, apisPackage)
	apis := map[string][]string{}
	scope := k.packages[apisPackage].Scope()
	for _, name := range scope.Names() {
		if declared, ok := scope.Lookup(name).Type().Underlying().(*types.Interface); ok {
			for method := range declared.Methods() {
				apis[name] = append(apis[name], method.Name())
			}
		}
	}
	return apis
}

// calls are the methods of AWS that are called in functions that something refers to.
func (k *karpenterSource) calls(t *testing.T, apis map[string][]string) map[awsCall]bool {
	t.Helper()
	of := map[string]string{}
	for api, methods := range apis {
		for _, method := range methods {
			assert.NotContains(t, of, method, "a method's name tells its interface")
			of[method] = api
		}
	}
	used := k.functionsUsed()
	calls := map[awsCall]bool{}
	for _, file := range k.syntax {
		for _, declared := range file.Decls {
			if function, ok := declared.(*ast.FuncDecl); ok && !used[function.Name.Name] {
				continue
			}
			ast.Inspect(declared, func(node ast.Node) bool {
				if selector, ok := node.(*ast.SelectorExpr); ok {
					if method := k.calledBy(selector); of[method] != "" {
						calls[awsCall{of[method], method}] = true
					}
				}
				return true
			})
		}
	}
	return calls
}

// calledBy is the method of AWS that a selector may stand for: one of an interface of AWS, that of a paginator, or one of a
// value whose type another module declares, such as the AWS SDK's clients themselves.
func (k *karpenterSource) calledBy(selector *ast.SelectorExpr) string {
	if name, ok := selector.X.(*ast.Ident); ok {
		if _, isPackage := k.info.Uses[name].(*types.PkgName); isPackage {
			if paged := paginator.FindStringSubmatch(selector.Sel.Name); paged != nil {
				return paged[1]
			}
			return ""
		}
	}
	if object := k.info.Uses[selector.Sel]; object != nil && !isAWS(object) {
		return ""
	}
	return selector.Sel.Name
}

// functionsUsed are the names of all functions and methods that something in the controller refers to.
func (k *karpenterSource) functionsUsed() map[string]bool {
	used := map[string]bool{"main": true, "init": true}
	for _, object := range k.info.Uses {
		if function, ok := object.(*types.Func); ok && !isAWS(object) {
			used[function.Name()] = true
		}
	}
	return used
}

// isAWS tells whether something is a method of an interface of AWS.
func isAWS(object types.Object) bool {
	function, ok := object.(*types.Func)
	return ok && function.Pkg() != nil && function.Pkg().Path() == apisPackage
}
