package stack

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/grafanix/eks-karpenter/components"
	"github.com/grafanix/eks-karpenter/internal/settingstest"
	"github.com/grafanix/eks-karpenter/program/stack"
	"github.com/grafanix/eks-karpenter/whole/internal/account"
)

// configuration is that of a stack's file, as the CLI hands it over.
func configuration(t *testing.T, file string) map[string]string {
	t.Helper()
	var parsed struct{ Config map[string]any }
	require.NoError(t, yaml.Unmarshal([]byte(file), &parsed))
	texts := map[string]string{}
	for name, value := range parsed.Config {
		text, isText := value.(string)
		if !isText {
			encoded, err := json.Marshal(value)
			require.NoError(t, err)
			text = string(encoded)
		}
		texts[name] = text
	}
	return texts
}

// scratch is the committed stack file.
func scratch(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile("../Pulumi.scratch.yaml")
	require.NoError(t, err)
	return string(content)
}

func load(t *testing.T, file string) (settings *Settings, err error) {
	t.Helper()
	err = (&account.Account{}).Run(configuration(t, file), func(ctx *pulumi.Context) (err error) {
		settings, err = Load(ctx)
		return err
	})
	return settings, err
}

const (
	vpc     = "vpc-0c3e7a91f5d8b2640"
	subnetA = "subnet-05a9c3e17b6d2f480"
	subnetB = "subnet-06b1d7f4938ce5a20"
)

func TestTheStackScratchSaysWhatItIsMeantTo(t *testing.T) {
	t.Parallel()
	got, err := load(t, scratch(t))
	require.NoError(t, err)
	assert.Equal(t, Settings{
		Cluster: ClusterSettings{
			Create: new(true), VpcId: pulumi.String(vpc), PrivateSubnetIds: pulumi.StringArray{pulumi.String(subnetA), pulumi.String(subnetB)},
		},
		Aws: stack.Settings{Karpenter: components.KarpenterArgs{
			ClusterName: "grafanix-scratch", CreateControllerNodes: new(true),
			ControllerNodes: &components.ControllerNodesOptions{CriticalAddonsOnly: new(true)},
			Tags:            map[string]string{"environment": "scratch"},
		}},
	}, *got)
}

// The stack's file that docs/whole.md shows can be deployed.
func TestTheStackOnThePageIsDeployed(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/whole.md")
	require.NoError(t, err)
	_, below, found := strings.Cut(string(page), "```yaml\n")
	require.True(t, found)
	file, _, found := strings.Cut(below, "```\n")
	require.True(t, found)
	a := deployed(t, file)
	assert.NotEmpty(t, a.Of(poolToken, "node-pool-batch").Token)
}

// Every property of every part can be set per stack: a property added later is covered as it stands.
func TestEverySettingIsReachedFromConfiguration(t *testing.T) {
	t.Parallel()
	var want Settings
	config := map[string]any{}
	clusterFacts := reflect.TypeFor[*components.ClusterFacts]() // whose name the cluster to make has
	for name, value := range settingstest.Fill(t, &want, clusterFacts) {
		config["eks-karpenter:"+name] = value
	}
	file, err := yaml.Marshal(map[string]any{"config": config})
	require.NoError(t, err)
	for _, setting := range []string{"cluster", "charts", "nodeClass", "nodePools", "clusterName", "controllerNodes", "protect"} {
		require.Contains(t, config, "eks-karpenter:"+setting)
	}

	got, err := load(t, string(file))
	require.NoError(t, err)
	assert.Equal(t, want, *got)
}

func TestSettingsThatAreNoneAreNamedWithTheNearest(t *testing.T) {
	t.Parallel()
	settings, err := load(t, `config:
  eks-karpenter:clusterName: shop
  eks-karpenter:cluster: {creat: true, vpcID: vpc-0, arn: x}
  eks-karpenter:charts: {vales: {replicas: 1}}
  eks-karpenter:nodeClass: {amiSelectorTerms: [{alia: al2023@latest}]}
  eks-karpenter:nodePools: [{nmae: a}, {requirements: [{key: a, operater: In}], limits: {cpu: 10}}]
  eks-karpenter:nodeRole: {nam: x}
`)
	assert.Nil(t, settings)
	var invalid *components.InvalidArgsError
	require.ErrorAs(t, err, &invalid)
	assert.Equal(t, `stack configuration: 9 problems:
  - charts.vales: no such setting; the nearest is charts.values
  - cluster.arn: no such setting; the nearest is cluster.tags
  - cluster.creat: no such setting; the nearest is cluster.create
  - cluster.vpcID: no such setting; the nearest is cluster.vpcId
  - nodeClass.amiSelectorTerms[0].alia: no such setting; the nearest is nodeClass.amiSelectorTerms[0].alias
  - nodePools[0].nmae: no such setting; the nearest is nodePools[0].name
  - nodePools[1].requirements[0].operater: no such setting; the nearest is nodePools[1].requirements[0].operator
  - nodeRole.nam: no such setting; the nearest is nodeRole.name
  - nodePools[1].limits[cpu]: expected a string, got 10: put it in quotes`, invalid.Error())
}
