package conformance

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/components"
)

// freeForm are the maps of the chart's values whose keys are the user's, and why.
var freeForm = map[string]string{
	"serviceAccount.annotations": "a service account may bear any annotation",
}

// strangeValues are the paths of values that a chart does not know, or knows as something else. Helm takes them silently.
func strangeValues(values, known map[string]any, within string) []string {
	var strange []string
	for _, key := range slices.Sorted(maps.Keys(values)) {
		path := strings.TrimPrefix(within+"."+key, ".")
		theirs, ok := known[key]
		if !ok {
			strange = append(strange, path+": the chart has no such value")
			continue
		}
		inner, nested := values[key].(map[string]any)
		defaults, nests := theirs.(map[string]any)
		switch {
		case nested && nests:
			if freeForm[path] == "" {
				strange = append(strange, strangeValues(inner, defaults, path)...)
			}
		case fmt.Sprintf("%T", values[key]) != fmt.Sprintf("%T", theirs):
			strange = append(strange, fmt.Sprintf("%s: is a %T, and the chart's a %T", path, values[key], theirs))
		}
	}
	return strange
}

// chartDefaults are the values of Karpenter's chart itself.
func chartDefaults(t testing.TB) map[string]any {
	t.Helper()
	loaded, err := loadChart("karpenter")
	require.NoError(t, err)
	return loaded.Values
}

func TestTheChartKnowsEveryValue(t *testing.T) {
	t.Parallel()
	defaults, used := chartDefaults(t), map[string]bool{}
	for _, kind := range chartKinds() {
		values := karpenterOnMocks(t, kind.args).helmValues
		assert.Empty(t, strangeValues(values, defaults, ""), kind.why)
		for path := range freeForm {
			used[path] = used[path] || valueAt(values, path) != nil
		}
	}
	for path := range freeForm {
		assert.True(t, used[path], "%s is among our values", path)
		assert.Equal(t, map[string]any{}, valueAt(defaults, path), "the chart leaves it open")
	}
}

// valueAt is the value under a path, nil where there is none.
func valueAt(values map[string]any, path string) any {
	var found any = values
	for key := range strings.SplitSeq(path, ".") {
		inner, ok := found.(map[string]any)
		if !ok {
			return nil
		}
		found = inner[key]
	}
	return found
}

// What the chart does not know has no effect, so the comparison must find it.
func TestAValueThatTheChartDoesNotKnowIsFound(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		why     string
		path    string
		value   any
		strange string
	}{
		{"the queue's name in charts before 0.32", "settings.aws.interruptionQueueName", "shop", "settings.aws: the chart has no such value"},
		{"the same without its old place", "settings.interruptionQueueName", "shop", "settings.interruptionQueueName: the chart has no such value"},
		{"the Go field's name", "settings.isolatedVpc", true, "settings.isolatedVpc: the chart has no such value"},
		{"one letter is missing", "serviceAccount.annotation", map[string]any{}, "serviceAccount.annotation: the chart has no such value"},
		{"a value at the top", "clusterName", "shop", "clusterName: the chart has no such value"},
		{"a text where the chart has a switch", "settings.enableZonalShift", "true", "settings.enableZonalShift: is a string, and the chart's a bool"},
		{"a map where the chart has a list", "controller.env", map[string]any{"AWS_REGION": chartRegion}, "controller.env: is a map[string]interface {}, and the chart's a []interface {}"},
		{"a text where the chart has a map", "settings", "shop", "settings: is a string, and the chart's a map[string]interface {}"},
	} {
		t.Run(row.why, func(t *testing.T) {
			t.Parallel()
			values := karpenterOnMocks(t, components.KarpenterArgs{}).helmValues
			within := values
			path := strings.Split(row.path, ".")
			for _, key := range path[:len(path)-1] {
				if within[key] == nil {
					within[key] = map[string]any{}
				}
				within = within[key].(map[string]any)
			}
			within[path[len(path)-1]] = row.value
			assert.Equal(t, []string{row.strange}, strangeValues(values, chartDefaults(t), ""))
		})
	}
}
