// Package account is an AWS account on Pulumi's mocks, with the plugins of pulumi-eks and pulumi-kubernetes: it records what tests
// register and look up, and nothing in it can go wrong.
package account

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"google.golang.org/protobuf/types/known/emptypb"
)

// What EKS makes of itself.
const (
	OidcProvider  = "arn:aws:iam::111122223333:oidc-provider/" + issuer
	Issuer        = "https://" + issuer
	SecurityGroup = "sg-0aaaaaaaaaaaaaaaa"

	issuer = "oidc.eks.ap-northeast-2.amazonaws.com/id/0A1B2C3D4E5F60718293A4B5C6D7E8F9"
)

// Clusters that a look-up does not find, or finds while they are being made.
const (
	Missing = "missing"
	Early   = "early"
)

// ARN is a cluster's ARN.
func ARN(cluster string) string {
	return "arn:aws:eks:ap-northeast-2:111122223333:cluster/" + cluster
}

// Endpoint is the URL of a cluster's API server.
func Endpoint(cluster string) string {
	return "https://" + cluster + ".yl4.ap-northeast-2.eks.amazonaws.com"
}

// Registration is one resource as the engine is asked for it.
type Registration struct {
	Token, Name, Parent string
	Inputs              map[string]any // what is unknown is marked
	Waits               []string       // the resources that it comes after
	Provider            string
	Protect, Remote     bool
	DeleteTimeout       string
}

// Account records what is registered and looked up.
type Account struct {
	Preview bool // what a resource computes is not known

	mu         sync.Mutex
	Registered []Registration
	Calls      []string
	Completed  int // components, and the stack, that have registered their outputs
}

// NewResource makes a resource of any kind.
func (a *Account) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	request := args.RegisterRPC
	inputs, err := plugin.UnmarshalProperties(request.GetObject(), plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true})
	if err != nil {
		return "", nil, err
	}
	made := Registration{
		Token: args.TypeToken, Name: args.Name, Parent: short(request.GetParent()), Inputs: readable(resource.NewProperty(inputs)).(map[string]any),
		Protect: request.GetProtect(), Remote: request.GetRemote(), DeleteTimeout: request.GetCustomTimeouts().GetDelete(),
	}
	if provider := request.GetProvider(); provider != "" {
		made.Provider = short(provider[:strings.LastIndex(provider, "::")]) // which its id follows
	}
	for _, urn := range request.GetDependencies() {
		made.Waits = append(made.Waits, short(urn))
	}
	slices.Sort(made.Waits)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.Registered = append(a.Registered, made)
	if a.Preview {
		return "", args.Inputs, nil
	}
	return args.Name, outputs(args), nil
}

// RegisterResourceOutputs counts the components that say they are complete.
func (a *Account) RegisterResourceOutputs() (*emptypb.Empty, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.Completed++
	return &emptypb.Empty{}, nil
}

// outputs are what a resource computes.
func outputs(args pulumi.MockResourceArgs) resource.PropertyMap {
	all := args.Inputs.Copy()
	add := map[string]any{"arn": "arn:aws:iam::111122223333:role/" + args.Name}
	if args.TypeToken == "eks:index:Cluster" {
		name := args.Inputs["name"].StringValue()
		add = map[string]any{
			"oidcProviderArn": OidcProvider, "oidcIssuer": issuer, "clusterSecurityGroupId": SecurityGroup, "kubeconfigJson": Kubeconfig(name),
		}
	}
	for key, value := range add {
		all[resource.PropertyKey(key)] = resource.NewPropertyValue(value)
	}
	return all
}

// Kubeconfig is what pulumi-eks gives of a cluster, of which tests read the endpoint.
func Kubeconfig(cluster string) string {
	text, err := json.Marshal(map[string]any{"clusters": []any{map[string]any{"cluster": map[string]any{"server": Endpoint(cluster)}}}})
	if err != nil {
		panic(err)
	}
	return string(text)
}

// Call looks something up.
func (a *Account) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.Calls = append(a.Calls, args.Token)
	name := fmt.Sprint(args.Args.Mappable()["name"])
	if name == Missing {
		return nil, errors.New("ResourceNotFoundException: No cluster found for name: " + name)
	}
	answers := map[string]map[string]any{
		"aws:eks/getCluster:getCluster": {
			"arn": ARN(name), "endpoint": Endpoint(name), "certificateAuthorities": []any{map[string]any{"data": "Q0E="}},
			"identities":    []any{map[string]any{"oidcs": []any{map[string]any{"issuer": Issuer}}}},
			"accessConfigs": []any{map[string]any{"authenticationMode": "API"}},
			"vpcConfig": map[string]any{
				"vpcId": "vpc-0123456789abcdef0", "subnetIds": []any{"subnet-0aaaaaaaaaaaaaaaa"}, "clusterSecurityGroupId": SecurityGroup,
			},
		},
		"aws:ec2/getSecurityGroups:getSecurityGroups": {"ids": []any{SecurityGroup}},
		"aws:ec2/getRouteTables:getRouteTables":       {"ids": []any{}},
		"aws:iam/getRoles:getRoles":                   {"arns": []any{}, "names": []any{}},
	}
	if name == Early {
		delete(answers["aws:eks/getCluster:getCluster"], "certificateAuthorities")
	}
	answer, known := answers[args.Token]
	if !known {
		return nil, fmt.Errorf("nobody should look up %s", args.Token)
	}
	return resource.NewPropertyMapFromMap(answer), nil
}

// Run runs a program on the account, with configuration as the CLI hands it over: texts as they are, all else as JSON.
func (a *Account) Run(configuration map[string]string, program pulumi.RunFunc) error {
	return pulumi.RunErr(program, pulumi.WithMocks("eks-karpenter", "test", a), func(info *pulumi.RunInfo) {
		info.DryRun, info.Config = a.Preview, configuration
	})
}

// Of is the only registration with that type token and name; its Token is "" where there is none, or more than one.
func (a *Account) Of(token, name string) (found Registration) {
	for _, one := range a.Registered {
		if one.Token != token || one.Name != name {
			continue
		}
		if found.Token != "" {
			return Registration{}
		}
		found = one
	}
	return found
}

// short is a URN without what all of them begin with: the type, and the name.
func short(urn string) string {
	return strings.TrimPrefix(urn[strings.LastIndex(urn, "$")+1:], "urn:pulumi:test::eks-karpenter::")
}

func readable(value resource.PropertyValue) any {
	switch {
	case value.IsComputed() || value.IsOutput():
		return "<unknown>"
	case value.IsObject():
		object := map[string]any{}
		for key, element := range value.ObjectValue() {
			object[string(key)] = readable(element)
		}
		return object
	case value.IsArray():
		list := []any{}
		for _, element := range value.ArrayValue() {
			list = append(list, readable(element))
		}
		return list
	}
	return value.Mappable()
}
