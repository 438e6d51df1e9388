package stack

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/grafanix/eks-karpenter/components"
)

// readYAML reads a file at the root of the project, strictly.
func readYAML(t *testing.T, name string, into any) {
	t.Helper()
	file, err := os.Open("../../" + name)
	require.NoError(t, err)
	defer file.Close()
	require.NoError(t, yaml.NewDecoder(file).Decode(into))
}

type declared struct {
	Type        string
	Default     any
	Description string
}

func TestPulumiYAMLDeclaresEverySettingAndNoOther(t *testing.T) {
	t.Parallel()
	var project struct {
		Name, Main string
		Config     map[string]declared
	}
	readYAML(t, "Pulumi.yaml", &project)
	assert.Equal(t, "eks-karpenter", project.Name, "settings are in the project's namespace")
	assert.Equal(t, "program", project.Main)

	nothing := map[string]any{"string": "", "boolean": false, "object": map[string]any{}}
	want := map[string]declared{}
	for _, setting := range knownSettings() {
		kind := "object"
		switch {
		case setting.kind == reflect.String || setting.kind == reflect.Interface:
			kind = "string"
		case setting.kind == reflect.Bool:
			kind = "boolean"
		}
		want[setting.name] = declared{Type: kind, Default: nothing[kind]}
	}
	want["clusterName"] = declared{Type: "string"} // which every stack must set

	got := map[string]declared{}
	for name, one := range project.Config {
		assert.Regexp(t, `^[A-Z].*\.$`, one.Description, "%s is described in a sentence", name)
		one.Description = ""
		got[name] = one
	}
	assert.Equal(t, want, got)
}

// The declared defaults reach the program as if the stack had set them.
func TestTheDefaultsOfPulumiYAMLChangeNothing(t *testing.T) {
	t.Parallel()
	var project struct{ Config map[string]declared }
	readYAML(t, "Pulumi.yaml", &project)
	configuration := map[string]any{}
	for name, one := range project.Config {
		if one.Default != nil {
			configuration["eks-karpenter:"+name] = one.Default
		}
	}
	settings, err := load(handedOver(t, configuration))
	require.NoError(t, err)
	plain := Settings{Karpenter: components.KarpenterArgs{
		EnableZonalShift: new(false), IsolatedVpc: new(false), CreateControllerNodes: new(false), CreateSpotServiceLinkedRole: new(false),
		SkipControllerRole: new(false), SkipNodeRole: new(false), SkipInterruptionQueue: new(false), SkipClusterTags: new(false),
	}}
	assert.Equal(t, plain, *settings)
}

// handedOver is configuration of a stack's file as the CLI hands it to a program.
func handedOver(t *testing.T, configuration map[string]any) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for name, value := range configuration {
		if text, ok := value.(string); ok {
			texts[name] = text
			continue
		}
		encoded, err := json.Marshal(value)
		require.NoError(t, err)
		texts[name] = string(encoded)
	}
	return texts
}

func TestTheStacksFilesSayWhatTheyAreMeantTo(t *testing.T) {
	t.Parallel()
	boundary := pulumi.String("arn:aws:iam::123456789012:policy/PlatformBoundary")
	for name, want := range map[string]Settings{
		"Pulumi.dev.yaml": {Karpenter: components.KarpenterArgs{
			ClusterName: "grafanix-comic",
			NodeRole:    &components.NodeRoleOptions{Name: new("grafanixComicKarpenterEksNodeRole")},
			Tags:        map[string]string{"environment": "dev"},
		}},
		"Pulumi.prod.yaml": {Protect: true, Karpenter: components.KarpenterArgs{
			ClusterName:    "grafanix-comic-prod",
			ControllerRole: &components.ControllerRoleOptions{PodIdentity: new(true), PermissionsBoundary: boundary},
			NodeRole:       &components.NodeRoleOptions{PermissionsBoundary: boundary},
			InterruptionQueue: &components.InterruptionQueueOptions{
				CreateKmsKey: new(true), DeadLetterQueue: new(true), ActedOnEventsOnly: new(true),
				RetryPolicy: &components.EventRetryPolicy{MaximumEventAgeInSeconds: new(300)},
			},
			ClusterTags: &components.ClusterTagsOptions{ExcludePublicSubnets: new(true)},
			Tags:        map[string]string{"environment": "prod"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var file struct{ Config map[string]any }
			readYAML(t, name, &file)
			assert.Equal(t, "ap-northeast-2", file.Config["aws:region"])
			configuration := handedOver(t, file.Config)

			got, err := load(configuration)
			require.NoError(t, err)
			assert.Equal(t, want, *got)

			account := &recorder{}
			require.NoError(t, run(account, configuration, Deploy))
			assert.Contains(t, account.registered, "eks-karpenter:index:Karpenter karpenter")
			protected := 0
			if want.Protect {
				protected = len(account.registered)
			}
			assert.Equal(t, protected, account.protected, "all is protected or nothing is")
		})
	}
}

func TestNothingIsRegisteredForSettingsThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	for why, row := range map[string]struct {
		configuration map[string]string
		says          string
	}{
		"mistyped": {
			map[string]string{"eks-karpenter:clusterName": "shop", "eks-karpenter:nodeRole": `{"nmae":"x"}`},
			"stack configuration: nodeRole.nmae: no such setting; the nearest is nodeRole.name",
		},
		"refused by the component": {
			map[string]string{"eks-karpenter:clusterName": "shop", "eks-karpenter:nodeRole": `{"path":"/x/"}`},
			`karpenter: nodeRole.path: "/x/" cannot work: Karpenter compares a node's role with the bare role name, so the path must be /`,
		},
		"without the one that every stack must make": {nil, "karpenter: clusterName: required: the EKS cluster's name"},
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			account := &recorder{}
			err := run(account, row.configuration, Deploy)
			var invalid *components.InvalidArgsError
			require.ErrorAs(t, err, &invalid)
			assert.Equal(t, row.says, invalid.Error())
			assert.Empty(t, account.registered)
		})
	}
}
