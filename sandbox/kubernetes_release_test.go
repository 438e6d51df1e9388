package sandbox

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestChartsThatThereAre(t *testing.T) {
	cases := []struct {
		name   string
		change inputs
		want   string
	}{
		{"as published", nil, ""},
		{"from a mirror", inputs{"chart": "oci://mirror.example.com/library/karpenter/karpenter-crd"}, ""},
		{"from a repository", inputs{"chart": "karpenter-crd", "repositoryOpts": map[string]any{"repo": karpenterHome}}, ""},
		{"another chart", inputs{"chart": "oci://public.ecr.aws/karpenter/other"}, "the sandbox has no chart"},
		{"a chart of somebody else", inputs{"chart": "oci://example.com/karpenter"}, "the sandbox has no chart"},
		{"a folder", inputs{"chart": "./karpenter"}, "the sandbox has no chart"},
		{"no version", inputs{"version": nil}, "give its version"},
		{"a version that never was", inputs{"version": "v1.14"}, "public.ecr.aws/karpenter/karpenter-crd:v1.14: not found; check the chart name and repository configuration."},
		{"values in files", inputs{"valueYamlFiles": []any{"a"}}, `the sandbox does not model "valueYamlFiles"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			failures := newKubernetes(t).check(releaseType, nil, release("karpenter-crd").with(c.change)).Failures
			if c.want == "" {
				assert.Empty(t, failures)
				return
			}
			require.Len(t, failures, 1)
			assert.Contains(t, failures[0].Reason, c.want)
		})
	}
}

func TestReleasesKeepTheirNames(t *testing.T) {
	e := newKubernetes(t)
	m := e.create(releaseType, release("karpenter-crd"))
	_, err := e.tryCreate(releaseType, release("karpenter-crd"))
	require.EqualError(t, err, "cannot re-use a name that is still in use")
	_, err = e.tryCreate(releaseType, release("karpenter-crd").with(inputs{"name": "again"}))
	require.ErrorContains(t, err, `key "meta.helm.sh/release-name" must equal "again": current value is "karpenter-crd"`)
	result := e.diff(m, e.checked(releaseType, m.inputs, release("karpenter-crd").with(inputs{"namespace": "default"})))
	assert.NotEmpty(t, result.ReplaceKeys)
	e.delete(m)
	require.EqualError(t, e.tryDelete(m), "uninstall: Release not loaded: karpenter-crd: release: not found")
}

// TestDefinitionsBesideAChartStay: Helm makes them, and never removes them.
func TestDefinitionsBesideAChartStay(t *testing.T) {
	e := newKubernetes(t)
	e.delete(e.create(releaseType, release("karpenter").with(inputs{"skipAwait": true})))
	e.create(poolType, nodePool("default"))
	_, err := e.tryCreate(releaseType, release("karpenter-crd"))
	require.ErrorContains(t, err, `exists and cannot be imported into the current release: invalid ownership metadata; label validation error: missing key "app.kubernetes.io/managed-by"`)
}

func TestNamespacesThatReleasesMakeStay(t *testing.T) {
	e := newKubernetes(t)
	e.delete(e.create(releaseType, release("karpenter-crd").with(inputs{"namespace": "karpenter", "createNamespace": true})))
	_, err := e.tryCreate(namespaceType, namespace("karpenter"))
	require.ErrorContains(t, err, `namespaces "karpenter" already exists`)
}

func TestDefinitionsGoWithTheirObjects(t *testing.T) {
	e := newKubernetes(t)
	m := e.create(releaseType, release("karpenter-crd"))
	pool := e.create(poolType, nodePool("default"))
	e.delete(m)
	assert.Empty(t, e.read(pool).ID, "whose kind is gone is gone")
	e.delete(pool)
}
