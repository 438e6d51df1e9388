package install

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumix"

	"github.com/grafanix/eks-karpenter/internal/component"
)

// unknown stands for a value that is not known before the deployment.
type unknown struct{}

// checkValues records what is wrong with the values, ours and users', as far as it is known.
func checkValues(p problems, ours, users any) {
	checkClusterName(p, known(ours))
	if ours != nil && users != nil {
		contradictions(p, "values", known(ours), known(users))
	}
}

// checkClusterName records values of ours that name no cluster, such as users' in their place.
func checkClusterName(p problems, ours any) {
	values, isKnown := ours.(map[string]any)
	settings, isMap := values["settings"].(map[string]any)
	name := settings["clusterName"]
	if isMap && (name == nil || name == "") || isKnown && values["settings"] == nil {
		p.Addf("helmValues", "settings.clusterName is not in it: give HelmValues of components.Karpenter, and further values in values")
	}
}

// chartValues are both values merged. Its error is that users' contradict ours.
func chartValues(name string, ours, users pulumi.MapInput) pulumi.MapInput {
	if users == nil {
		users = pulumi.Map{}
	}
	return pulumix.Cast[pulumi.MapOutput](pulumix.Apply2Err(
		pulumix.MustConvertTyped[map[string]any](ours.ToMapOutput()),
		pulumix.MustConvertTyped[map[string]any](users.ToMapOutput()),
		func(ours, users map[string]any) (map[string]any, error) {
			p := component.NewProblems()
			checkValues(p, ours, users)
			return merged(ours, users), p.Err(name)
		},
	))
}

// contradictions records every value of ours that users' would change. Helm has no such check: whoever comes last wins,
// and Karpenter would serve another cluster or run without its role.
func contradictions(p problems, path string, ours, users any) {
	ourMap, oursIsMap := ours.(map[string]any)
	userMap, usersIsMap := users.(map[string]any)
	switch {
	case ours == unknown{} || users == unknown{}:
	case oursIsMap && usersIsMap:
		for _, key := range component.SortedKeys(userMap) {
			if our, set := ourMap[key]; set {
				contradictions(p, path+"."+key, our, userMap[key])
			}
		}
	case oursIsMap:
		p.Addf(path, "must be a map: helmValues has %v in it; leave it out, or give what differs", component.SortedKeys(ourMap))
	case !reflect.DeepEqual(ours, users):
		p.Addf(path, "%s contradicts %s of helmValues: leave it out", shown(users), shown(ours))
	}
}

// shown is a value as a person writes it.
func shown(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(text)
}

// merged are ours with users' added, map by map.
func merged(ours, users map[string]any) map[string]any {
	result := maps.Clone(ours)
	for key, value := range users {
		deeper, isMap := known(value).(map[string]any)
		if our, ok := known(ours[key]).(map[string]any); ok && isMap {
			result[key] = merged(our, deeper)
		} else {
			result[key] = value
		}
	}
	return result
}

// known is a tree of values as plain Go values of few types, unknown where it holds an output.
func known(tree any) any {
	if _, isOutput := tree.(pulumi.Output); isOutput {
		return unknown{}
	}
	value := reflect.ValueOf(tree)
	switch value.Kind() {
	case reflect.Invalid:
		return nil
	case reflect.Pointer:
		if value.IsNil() {
			return nil
		}
		return known(value.Elem().Interface())
	case reflect.Map:
		object := map[string]any{}
		for _, key := range value.MapKeys() {
			object[fmt.Sprint(key)] = known(value.MapIndex(key).Interface())
		}
		return object
	case reflect.String:
		return value.String()
	case reflect.Bool:
		return value.Bool()
	case reflect.Int, reflect.Int64:
		return float64(value.Int())
	case reflect.Float64:
		return value.Float()
	case reflect.Slice:
		list := make([]any, value.Len())
		for i := range list {
			list[i] = known(value.Index(i).Interface())
		}
		return list
	default:
		return unknown{}
	}
}
