package tests

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/stretchr/testify/require"
)

// stateResources are the types and names of all resources in a deployment, providers and the stack itself aside.
func stateResources(t *testing.T, deployment json.RawMessage) []string {
	t.Helper()
	var state apitype.DeploymentV3
	require.NoError(t, json.Unmarshal(deployment, &state))
	var resources []string
	for _, resource := range state.Resources {
		if kind := string(resource.Type); !strings.HasPrefix(kind, "pulumi:") {
			resources = append(resources, kind+" "+resource.URN.Name())
		}
	}
	slices.Sort(resources)
	return resources
}
