package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

// lookup is one data source: its arguments, and what it asks AWS. Results that
// equal an argument are its own to repeat.
type lookup struct {
	arguments schema
	find      func(*cloud.Client, values) (values, error)
}

// lookups are all data sources the sandbox has, by token.
var lookups = map[string]lookup{
	"aws:eks/getCluster:getCluster": {schema{"name": {kind: text, mode: required, checks: clusterName}, "tags": {kind: textMap}}, getCluster},
	"aws:eks/getAddonVersion:getAddonVersion": {schema{
		"addonName": {kind: text, mode: required}, "kubernetesVersion": {kind: text, mode: required}, "mostRecent": {kind: flag},
	}, getAddonVersion},
	"aws:iam/getRoles:getRoles":                   {schema{"nameRegex": {kind: text}, "pathPrefix": {kind: text}}, getRoles},
	"aws:index/getPartition:getPartition":         {schema{"id": {kind: text}}, getPartition},
	"aws:index/getRegion:getRegion":               {schema{"endpoint": {kind: text}, "id": {kind: text}, "name": {kind: text}}, getRegion},
	"aws:ec2/getSubnets:getSubnets":               {filtered, getSubnets},
	"aws:ec2/getSecurityGroups:getSecurityGroups": {filtered, getSecurityGroups},
	"aws:ec2/getRouteTables:getRouteTables":       {filtered.with(schema{"vpcId": {kind: text}}), getRouteTables},
	"aws:ec2/getRouteTable:getRouteTable": {filtered.with(schema{
		"gatewayId": {kind: text}, "routeTableId": {kind: text}, "subnetId": {kind: text}, "vpcId": {kind: text},
	}), getRouteTable},
}

// Has tells whether there is a resource type or a lookup of that token.
func Has(token string) bool {
	_, isType := resourceTypes[token]
	_, isLookup := lookups[token]
	return isType || isLookup
}

// Invoke answers a lookup.
func (p *Provider) Invoke(ctx context.Context, req plugin.InvokeRequest) (plugin.InvokeResponse, error) {
	l, ok := lookups[string(req.Tok)]
	if !ok {
		return plugin.InvokeResponse{}, fmt.Errorf("the sandbox does not have the lookup %s", req.Tok)
	}
	client, done, err := p.begin(ctx, cloud.Call{Type: string(req.Tok), Action: "lookup"})
	if err != nil {
		return plugin.InvokeResponse{}, err
	}
	defer done()
	if failures := l.judge(req.Args); len(failures) > 0 {
		return plugin.InvokeResponse{Failures: failures}, nil
	}
	var result values
	_, err = client.Step(func() (_ string, err error) {
		result, err = l.find(client, known(req.Args))
		return "", err
	})
	if err != nil {
		return plugin.InvokeResponse{}, err
	}
	properties := resource.PropertyMap{}
	for name, value := range result {
		properties[resource.PropertyKey(name)] = resource.NewPropertyValue(value)
	}
	for name, value := range req.Args {
		if _, answered := properties[name]; !answered {
			properties[name] = value
		}
	}
	return plugin.InvokeResponse{Properties: properties}, nil
}

// judge judges arguments as Check judges inputs.
func (l lookup) judge(arguments resource.PropertyMap) []plugin.CheckFailure {
	var failures []plugin.CheckFailure
	fail := func(name resource.PropertyKey, reason string) {
		failures = append(failures, plugin.CheckFailure{Property: name, Reason: reason})
	}
	for _, name := range slices.Sorted(maps.Keys(arguments)) {
		property, ok := l.arguments[string(name)]
		switch {
		case arguments[name].IsNull():
		case !ok:
			fail(name, fmt.Sprintf("an unexpected argument %q", name))
		case arguments[name].ContainsUnknowns():
			fail(name, fmt.Sprintf("%q is not known", name))
		default:
			for _, reason := range property.judge(string(name), arguments[name]) {
				fail(name, reason)
			}
		}
	}
	for _, name := range l.arguments.names() {
		if l.arguments[name].mode == required && arguments[resource.PropertyKey(name)].IsNull() {
			fail(resource.PropertyKey(name), fmt.Sprintf("The argument %q is required, but no definition was found.", snake(name)))
		}
	}
	return failures
}
