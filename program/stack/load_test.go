package stack

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/components"
)

// recorder is an account in which nothing can go wrong; it remembers what was registered.
type recorder struct {
	mu         sync.Mutex
	registered []string
	protected  int
}

func (r *recorder) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.registered = append(r.registered, args.TypeToken+" "+args.Name)
	if args.RegisterRPC.GetProtect() {
		r.protected++
	}
	outputs := args.Inputs.Copy()
	outputs["arn"] = resource.NewProperty("arn:aws:iam::111122223333:role/" + args.Name)
	return args.Name, outputs, nil
}

func (r *recorder) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	answers := map[string]map[string]any{
		"aws:eks/getCluster:getCluster": {
			"arn":           "arn:aws:eks:ap-northeast-2:111122223333:cluster/" + fmt.Sprint(args.Args.Mappable()["name"]),
			"identities":    []any{map[string]any{"oidcs": []any{map[string]any{"issuer": "https://oidc.example.com/id/0"}}}},
			"accessConfigs": []any{map[string]any{"authenticationMode": "API"}},
			"vpcConfig": map[string]any{
				"vpcId": "vpc-0123456789abcdef0", "subnetIds": []any{"subnet-0aaaaaaaaaaaaaaaa"}, "clusterSecurityGroupId": "sg-0aaaaaaaaaaaaaaaa",
			},
		},
		"aws:ec2/getSecurityGroups:getSecurityGroups": {"ids": []any{"sg-0aaaaaaaaaaaaaaaa"}},
		"aws:ec2/getRouteTables:getRouteTables":       {"ids": []any{}},
	}
	return resource.NewPropertyMapFromMap(answers[args.Token]), nil
}

// run runs a program with configuration as the CLI hands it over: texts as they are, all else as JSON.
func run(r *recorder, configuration map[string]string, program pulumi.RunFunc) error {
	return pulumi.RunErr(program, pulumi.WithMocks("eks-karpenter", "dev", r), func(info *pulumi.RunInfo) { info.Config = configuration })
}

// load loads settings from configuration.
func load(configuration map[string]string) (settings *Settings, err error) {
	err = run(&recorder{}, configuration, func(ctx *pulumi.Context) (err error) {
		settings, err = Load(ctx)
		return err
	})
	return settings, err
}

func TestSettingsAreReadAsTheCLIHandsThemOver(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		why           string
		configuration map[string]string
		want          Settings
	}{
		{"nothing set", nil, Settings{}},
		{
			"a text that looks like a number is a text",
			map[string]string{"eks-karpenter:clusterName": "123"},
			Settings{Karpenter: components.KarpenterArgs{ClusterName: "123"}},
		},
		{
			"a text that looks like JSON is a text",
			map[string]string{"eks-karpenter:clusterName": "true"},
			Settings{Karpenter: components.KarpenterArgs{ClusterName: "true"}},
		},
		{
			"a text for an input is an input",
			map[string]string{"eks-karpenter:controllerRoleArn": "arn:aws:iam::111122223333:role/a"},
			Settings{Karpenter: components.KarpenterArgs{ControllerRoleArn: pulumi.String("arn:aws:iam::111122223333:role/a")}},
		},
		{
			"switches",
			map[string]string{"eks-karpenter:protect": "true", "eks-karpenter:skipClusterTags": "true", "eks-karpenter:skipNodeRole": "false"},
			Settings{Protect: true, Karpenter: components.KarpenterArgs{SkipClusterTags: new(true), SkipNodeRole: new(false)}},
		},
		{
			"objects",
			map[string]string{
				"eks-karpenter:nodeRole": `{"name":"nodes","cniPolicy":false,"additionalPolicyArns":["a","b"],"roleArn":"c"}`,
				"eks-karpenter:tags":     `{"team":"shop"}`,
			},
			Settings{Karpenter: components.KarpenterArgs{
				NodeRole: &components.NodeRoleOptions{
					Name: new("nodes"), CniPolicy: new(false), RoleArn: pulumi.String("c"),
					AdditionalPolicyArns: pulumi.StringArray{pulumi.String("a"), pulumi.String("b")},
				},
				Tags: map[string]string{"team": "shop"},
			}},
		},
		{
			"objects in lists in objects",
			map[string]string{
				"eks-karpenter:controllerRole": `{"maxSessionDuration":7200,"additionalStatements":[{"actions":["a:b"],"resources":["*"],` +
					`"conditions":[{"test":"Bool","variable":"v","values":["true"]}]}]}`,
			},
			Settings{Karpenter: components.KarpenterArgs{ControllerRole: &components.ControllerRoleOptions{
				MaxSessionDuration: new(7200),
				AdditionalStatements: []components.PolicyStatement{{
					Actions: []string{"a:b"}, Resources: []string{"*"},
					Conditions: []components.PolicyCondition{{Test: "Bool", Variable: "v", Values: []string{"true"}}},
				}},
			}}},
		},
		{
			"what stands for nothing in Pulumi.yaml is nothing",
			map[string]string{
				"eks-karpenter:clusterName": "shop", "eks-karpenter:controllerRole": "{}", "eks-karpenter:controllerRoleArn": "",
				"eks-karpenter:nodeRole": "{}", "eks-karpenter:cluster": "{}", "eks-karpenter:tags": "{}", "eks-karpenter:interruptionQueueArn": "",
				"eks-karpenter:protect": "false",
			},
			Settings{Karpenter: components.KarpenterArgs{ClusterName: "shop"}},
		},
		{
			"settings of others are theirs",
			map[string]string{"aws:region": "us-east-1", "other:clusterName": "x", "eks-karpenter-x:clusterName": "y"},
			Settings{},
		},
	} {
		t.Run(row.why, func(t *testing.T) {
			t.Parallel()
			got, err := load(row.configuration)
			require.NoError(t, err)
			assert.Equal(t, row.want, *got)
		})
	}
}

// What AWS shows to everyone in the account cannot be kept secret by the state.
func TestASecretSettingIsRefused(t *testing.T) {
	t.Parallel()
	var settings *Settings
	err := pulumi.RunErr(func(ctx *pulumi.Context) (err error) {
		settings, err = Load(ctx)
		return err
	}, pulumi.WithMocks("eks-karpenter", "dev", &recorder{}), func(info *pulumi.RunInfo) {
		info.Config = map[string]string{"eks-karpenter:controllerRoleArn": "arn:aws:iam::111122223333:role/a", "eks-karpenter:clusterName": "shop"}
		info.ConfigSecretKeys = []string{"eks-karpenter:controllerRoleArn"}
	})
	assert.Nil(t, settings)
	var invalid *components.InvalidArgsError
	require.ErrorAs(t, err, &invalid)
	assert.Equal(t, "stack configuration: controllerRoleArn: is a secret, but names and ARNs end up in plain text in AWS and in the state: "+
		"set it without --secret", invalid.Error())
}

// The CLI tells a program all settings of the project in its environment, so this test cannot run beside others.
func TestAnUnknownSettingAtTheTopIsSeenInTheEnvironment(t *testing.T) {
	environment := map[string]string{
		"eks-karpenter:clusterName": "shop", "eks-karpenter:clusterNme": "shop", "eks-karpenter:Protect": "true", "aws:region": "us-east-1", "other:x": "y",
	}
	encoded, err := json.Marshal(environment)
	require.NoError(t, err)
	t.Setenv(pulumi.EnvConfig, string(encoded))

	settings, err := load(environment)
	assert.Nil(t, settings)
	var invalid *components.InvalidArgsError
	require.ErrorAs(t, err, &invalid)
	assert.Equal(t, `stack configuration: 2 problems:
  - Protect: no such setting; the nearest is protect
  - clusterNme: no such setting; the nearest is clusterName`, invalid.Error())
}

func TestAnEnvironmentThatIsNotTheCLIsIsPassedOver(t *testing.T) {
	t.Setenv(pulumi.EnvConfig, "not JSON")
	settings, err := load(map[string]string{"eks-karpenter:clusterName": "shop"})
	require.NoError(t, err)
	assert.Equal(t, "shop", settings.Karpenter.ClusterName)
}
