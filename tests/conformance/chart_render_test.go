package conformance

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"
)

// chartsDir is where Karpenter's own module holds its charts.
var chartsDir = sync.OnceValues(func() (string, error) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/karpenter-provider-aws").Output()
	return filepath.Join(strings.TrimSpace(string(dir)), "charts"), err
})

// loadChart reads one of Karpenter's charts anew, as a rendering may change a chart's own values.
func loadChart(name string) (*chart.Chart, error) {
	dir, err := chartsDir()
	if err != nil {
		return nil, err
	}
	return loader.Load(filepath.Join(dir, name))
}

// renderChart renders one of Karpenter's charts as helm install does, and decodes every object.
func renderChart(name, namespace string, values map[string]any) ([]runtime.Object, error) {
	loaded, err := loadChart(name)
	if err != nil {
		return nil, err
	}
	cluster := chartutil.DefaultCapabilities.Copy()
	cluster.KubeVersion = chartutil.KubeVersion{Version: "v1.34.0", Major: "1", Minor: "34"}
	release := chartutil.ReleaseOptions{Name: "karpenter", Namespace: namespace, IsInstall: true}
	top, err := chartutil.ToRenderValues(loaded, values, release, cluster)
	if err != nil {
		return nil, err
	}
	files, err := engine.Render(loaded, top)
	if err != nil {
		return nil, err
	}
	var objects []runtime.Object
	for file, text := range files {
		decoded, err := decodeObjects(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		objects = append(objects, decoded...)
	}
	return objects, nil
}

// decodeObjects decodes the Kubernetes objects of a YAML file. A field that its type does not have is an error.
func decodeObjects(text string) ([]runtime.Object, error) {
	types := runtime.NewScheme()
	if err := errors.Join(scheme.AddToScheme(types), apiextensionsv1.AddToScheme(types)); err != nil {
		return nil, err
	}
	decoder := serializer.NewCodecFactory(types, serializer.EnableStrict).UniversalDeserializer()
	var objects []runtime.Object
	for documents := yaml.NewYAMLReader(bufio.NewReader(strings.NewReader(text))); ; {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, err
		}
		if len(bytes.TrimSpace(document)) == 0 {
			continue
		}
		object, _, err := decoder.Decode(document, nil, nil)
		if err != nil {
			return nil, err
		}
		objects = append(objects, object)
	}
}

// ofType are those of the objects that have the type.
func ofType[T runtime.Object](objects []runtime.Object) []T {
	var found []T
	for _, object := range objects {
		if object, ok := object.(T); ok {
			found = append(found, object)
		}
	}
	return found
}

// onlyOfType is the one object that has the type.
func onlyOfType[T runtime.Object](t testing.TB, objects []runtime.Object) T {
	t.Helper()
	found := ofType[T](objects)
	require.Len(t, found, 1)
	return found[0]
}
