package stack

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/components"
)

// object reads JSON as parse does.
func object(text string) (map[string]any, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var raw map[string]any
	return raw, decoder.Decode(&raw)
}

func TestSettingsThatCannotBeUsedAreNamedWithTheWayOut(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ why, configuration, says string }{
		{"mistyped at the top", `{"clusterNme":"x"}`, "clusterNme: no such setting; the nearest is clusterName"},
		{"another word at the top", `{"queue":{}}`, "queue: no such setting; the nearest is cluster"},
		{"in another case", `{"ClusterName":"x"}`, "ClusterName: no such setting; the nearest is clusterName"},
		{"an object in another case", `{"NODEROLE":{}}`, "NODEROLE: no such setting; the nearest is nodeRole"},
		{"the name of the Go field", `{"Karpenter":{}}`, "Karpenter: no such setting; the nearest is karpenterVersion"},
		{"mistyped in an object", `{"nodeRole":{"nmae":"x"}}`, "nodeRole.nmae: no such setting; the nearest is nodeRole.name"},
		{"in another case in an object", `{"nodeRole":{"Name":"x"}}`, "nodeRole.Name: no such setting; the nearest is nodeRole.name"},
		{
			"mistyped in an object in an object", `{"interruptionQueue":{"retryPolicy":{"maximumRetryAttempt":1}}}`,
			"interruptionQueue.retryPolicy.maximumRetryAttempt: no such setting; the nearest is interruptionQueue.retryPolicy.maximumRetryAttempts",
		},
		{
			"mistyped in a list", `{"controllerRole":{"additionalStatements":[{"sid":"A"},{"sidd":"B"}]}}`,
			"controllerRole.additionalStatements[1].sidd: no such setting; the nearest is controllerRole.additionalStatements[1].sid",
		},
		{
			"mistyped in a list in a list", `{"controllerRole":{"additionalStatements":[{"conditions":[{"tset":"x"}]}]}}`,
			"controllerRole.additionalStatements[0].conditions[0].tset: no such setting; the nearest is controllerRole.additionalStatements[0].conditions[0].test",
		},
		{"of another part", `{"interruptionQueue":{"podIdentity":true}}`, "interruptionQueue.podIdentity: no such setting; the nearest is interruptionQueue.name"},
		{"a text for a switch", `{"skipNodeRole":"yes"}`, "skipNodeRole: expected bool, got yes"},
		{"a number for a switch", `{"nodeRole":{"cniPolicy":1}}`, "nodeRole.cniPolicy: expected bool, got 1"},
		{"a text for a number", `{"controllerRole":{"maxSessionDuration":"1h"}}`, "controllerRole.maxSessionDuration: expected int, got 1h"},
		{
			"a fraction for a number", `{"controllerRole":{"maxSessionDuration":3600.5}}`,
			`controllerRole.maxSessionDuration: cannot parse value as 'int': strconv.ParseInt: parsing "3600.5": invalid syntax`,
		},
		{"a text for an object", `{"nodeRole":"nodes"}`, `nodeRole: expected a map or struct, got "string"`},
		{"a list for an object", `{"nodeRole":[]}`, `nodeRole: expected a map or struct, got "slice"`},
		{"a list for tags", `{"tags":["a"]}`, "tags: expected map[string]string, got [a]"},
		{"a switch for a tag", `{"tags":{"a":true}}`, "tags[a]: expected string, got true"},
		{"a switch for a text", `{"nodeRole":{"name":true}}`, "nodeRole.name: expected string, got true"},
		{"a number for a text", `{"nodeRole":{"name":7}}`, "nodeRole.name: expected a string, got 7: put it in quotes"},
		{"a number for a tag", `{"tags":{"cost":1e3}}`, "tags[cost]: expected a string, got 1e3: put it in quotes"},
		{"a number in a list of texts", `{"controllerRole":{"ssmParameterArns":[1]}}`, "controllerRole.ssmParameterArns[0]: expected a string, got 1: put it in quotes"},
		{"a path in place of an object", `{"nodeRole.name":"x"}`, "nodeRole.name: no such setting; the nearest is nodeRole"},
		{"a path into a text", `{"clusterName.x":1}`, "clusterName.x: no such setting; the nearest is clusterName"},
		{"a path into tags in an object", `{"nodeRole":{"tags.x":1}}`, "nodeRole.tags.x: no such setting; the nearest is nodeRole.tags"},
		{"a number for an ARN", `{"nodeRole":{"permissionsBoundary":1}}`, "nodeRole.permissionsBoundary: expected a string, got 1"},
		{"a text for a list of ARNs", `{"nodeRole":{"additionalPolicyArns":"a"}}`, "nodeRole.additionalPolicyArns: expected a list of strings, got a"},
		{"a number in a list of ARNs", `{"nodeRole":{"additionalPolicyArns":["a",1]}}`, "nodeRole.additionalPolicyArns: expected a list of strings, got 1 in it"},
		{"nothing in a list of ARNs", `{"cluster":{"subnetIds":[null]}}`, "cluster.subnetIds: expected a list of strings, got <nil> in it"},
		{"an object in a list of texts", `{"controllerRole":{"ssmParameterArns":[{}]}}`, "controllerRole.ssmParameterArns[0]: expected string, got map[]"},
		{
			"an object for a list of objects", `{"controllerRole":{"additionalStatements":{}}}`,
			"controllerRole.additionalStatements: source data must be an array or slice, got map",
		},
		{"a text in a list of objects", `{"controllerRole":{"additionalStatements":["x"]}}`, `controllerRole.additionalStatements[0]: expected a map or struct, got "string"`},
	} {
		t.Run(row.why, func(t *testing.T) {
			t.Parallel()
			raw, err := object(row.configuration)
			require.NoError(t, err)
			settings, err := decode[Settings](raw)
			assert.Nil(t, settings)
			assert.EqualError(t, err, "stack configuration: "+row.says)
		})
	}
}

func TestAllSettingsThatCannotBeUsedAreNamedTogether(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ why, configuration, says string }{
		{
			"unknown settings at every level", `{"clusterNme":"x","nodeRole":{"nmae":"x","pth":"/"},"controllerRole":{"additionalStatements":[{"efect":"Deny"}]}}`,
			`stack configuration: 4 problems:
  - clusterNme: no such setting; the nearest is clusterName
  - controllerRole.additionalStatements[0].efect: no such setting; the nearest is controllerRole.additionalStatements[0].effect
  - nodeRole.nmae: no such setting; the nearest is nodeRole.name
  - nodeRole.pth: no such setting; the nearest is nodeRole.path`,
		},
		{
			"wrong types at every level", `{"skipNodeRole":"yes","nodeRole":{"cniPolicy":1,"name":true},"controllerRole":{"additionalStatements":[{"sid":true}]}}`,
			`stack configuration: 4 problems:
  - controllerRole.additionalStatements[0].sid: expected string, got true
  - nodeRole.name: expected string, got true
  - nodeRole.cniPolicy: expected bool, got 1
  - skipNodeRole: expected bool, got yes`,
		},
		{
			"both kinds beside each other", `{"clusterNme":"x","skipNodeRole":"yes","nodeRole":{"nmae":"x","cniPolicy":1}}`,
			`stack configuration: 4 problems:
  - clusterNme: no such setting; the nearest is clusterName
  - nodeRole.nmae: no such setting; the nearest is nodeRole.name
  - nodeRole.cniPolicy: expected bool, got 1
  - skipNodeRole: expected bool, got yes`,
		},
	} {
		t.Run(row.why, func(t *testing.T) {
			t.Parallel()
			raw, err := object(row.configuration)
			require.NoError(t, err)
			_, err = decode[Settings](raw)
			assert.EqualError(t, err, row.says)
		})
	}
}

func TestParseReadsATextAsItIsAndAnythingElseAsJSON(t *testing.T) {
	t.Parallel()
	kinds := map[string]setting{}
	for _, setting := range knownSettings() {
		kinds[setting.name] = setting
	}
	for _, row := range []struct {
		setting, value string
		want           any
		why            string
	}{
		{"clusterName", "shop", "shop", "a text"},
		{"clusterName", "1.0", "1.0", "not 1"},
		{"clusterName", "{}", "{}", "a text may look like anything"},
		{"clusterName", "", nil, "the default of a text"},
		{"controllerRoleArn", "", nil, "the default of an input"},
		{"protect", "true", true, "a switch"},
		{"protect", "yes", "yes", "what is no JSON is left for the error to show"},
		{"nodeRole", "{}", nil, "the default of an object"},
		{"nodeRole", `{"name":"n"}`, map[string]any{"name": "n"}, "an object"},
		{"controllerRole", `{"maxSessionDuration":7200}`, map[string]any{"maxSessionDuration": json.Number("7200")}, "no number loses digits"},
		{"tags", "null", nil, "nothing"},
	} {
		assert.Equal(t, row.want, parse(row.value, kinds[row.setting].kind), "%s: %s", row.setting, row.why)
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{"clusterName":"shop"}`, `{"nodeRole":{"name":1}}`, `{"controllerRole":{"additionalStatements":[{"conditions":[{"tset":"x"}]}]}}`,
		`{"tags":{"a":true}}`, `{"cluster":{"subnetIds":[null]}}`, `{"a[0]":1}`, `{"clusterName.x":1}`, `{"nodeRole":{"tags.x":1}}`, `{"":{"":{}}}`, `{"protect":null}`, `{"interruptionQueue":{"retryPolicy":[]}}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		raw, err := object(text)
		if err != nil {
			return // settings are an object
		}
		settings, err := decode[Settings](raw)
		if err == nil {
			require.NotNil(t, settings)
			return
		}
		var invalid *components.InvalidArgsError
		require.True(t, errors.As(err, &invalid), "%v", err)
		require.NotEmpty(t, invalid.Problems)
		assert.Nil(t, settings)
	})
}
