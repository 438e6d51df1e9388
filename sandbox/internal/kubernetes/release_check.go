package kubernetes

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

// releaseInputs are the inputs of releases: true where the sandbox follows
// them, false where they make no difference here. Any other is refused.
var releaseInputs = map[string]bool{
	"chart": true, "version": true, "repositoryOpts": true, "name": true, "namespace": true, "createNamespace": true,
	"values": true, "skipCrds": true, "skipAwait": true, "timeout": true, "atomic": true,
	"allowNullValues": false, "cleanupOnFail": false, "dependencyUpdate": false, "description": false, "devel": false,
	"disableCRDHooks": false, "disableOpenapiValidation": false, "disableWebhooks": false, "forceUpdate": false, "lint": false,
	"maxHistory": false, "recreatePods": false, "renderSubchartNotes": false, "resetValues": false, "waitForJobs": false,
	"compat": false, "resourceNames": false,
}

// defaultTimeout is how long Helm waits, in seconds.
const defaultTimeout = 300.0

// checkRelease judges a release's inputs and drops those that are empty.
func checkRelease(target *target, req plugin.CheckRequest) (plugin.CheckResponse, error) {
	inputs, failures := resource.PropertyMap{}, []plugin.CheckFailure(nil)
	for _, name := range req.News.StableKeys() {
		value := req.News[name]
		if _, known := releaseInputs[string(name)]; !known && !isZero(value) {
			failures = append(failures, plugin.CheckFailure{Property: name, Reason: fmt.Sprintf("the sandbox does not model %q of %s", name, releaseToken)})
		}
		if !isZero(value) && name != "compat" && name != "resourceNames" {
			inputs[name] = value
		}
	}
	if _, named := inputs["name"]; !named {
		name, err := releaseName(req)
		if err != nil {
			return plugin.CheckResponse{}, err
		}
		inputs["name"] = resource.NewPropertyValue(name)
	}
	if _, given := inputs["namespace"]; !given && target.namespace != "" {
		inputs["namespace"] = resource.NewPropertyValue(target.namespace)
	}
	if _, given := req.News["timeout"]; !given && plain(inputs["skipAwait"]) != true {
		inputs["timeout"] = resource.NewPropertyValue(defaultTimeout)
	}
	if !req.News.ContainsUnknowns() {
		if _, err := chartOf(object(inputs)); err != nil {
			failures = append(failures, plugin.CheckFailure{Property: "chart", Reason: err.Error() + "; check the chart name and repository configuration."})
		}
	}
	return plugin.CheckResponse{Properties: inputs, Failures: failures}, nil
}

func releaseName(req plugin.CheckRequest) (string, error) {
	if before, ok := plain(req.Olds["name"]).(string); ok && before != "" {
		return before, nil
	}
	return uniqueName(req)
}

// isZero tells whether an input is as good as absent.
func isZero(value resource.PropertyValue) bool {
	switch known := plain(value).(type) {
	case nil:
		return !value.ContainsUnknowns()
	case string:
		return known == ""
	case bool:
		return !known
	case float64:
		return known == 0
	case map[string]any:
		return len(known) == 0 && !value.ContainsUnknowns()
	case []any:
		return len(known) == 0
	}
	return false
}

// chartOf finds the chart that a release names.
func chartOf(inputs cloud.Object) (string, error) {
	reference := inputs.Text("chart")
	if repository := inputs.Text("repositoryOpts", "repo"); repository != "" && !strings.HasPrefix(reference, "oci://") {
		reference = strings.TrimSuffix(repository, "/") + "/" + reference
	}
	return cloud.FindChart(reference, inputs.Text("version"))
}

// asked is the release that inputs describe.
func asked(inputs cloud.Object) (cloud.Release, error) {
	chart, err := chartOf(inputs)
	values, _ := inputs["values"].(map[string]any)
	return cloud.Release{
		Name: inputs.Text("name"), Namespace: inputs.Text("namespace"), Chart: chart, Version: inputs.Text("version"), Values: values,
	}, err
}
