package install

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/whole/internal/account"
)

func TestUsersValuesAreMergedAsHelmMergesThem(t *testing.T) {
	t.Parallel()
	a := &account.Account{}
	require.NoError(t, a.Run(nil, charts(&ChartsArgs{HelmValues: called().ToMapOutput(), Values: pulumi.Map{
		"replicas":    pulumi.Int(1),
		"tolerations": pulumi.Array{},
		"settings": pulumi.Map{
			"clusterName":  pulumi.String("shop"), // the same, which is no contradiction
			"featureGates": pulumi.Map{"spotToSpotConsolidation": pulumi.Bool(true)},
		},
		"serviceAccount": pulumi.Map{"annotations": pulumi.StringMap{"team": pulumi.String("shop")}},
	}})))
	assert.Equal(t, map[string]any{
		"replicas":    1.0,
		"tolerations": []any{},
		"settings": map[string]any{
			"clusterName": "shop", "interruptionQueue": "shop", "featureGates": map[string]any{"spotToSpotConsolidation": true},
		},
		"serviceAccount": map[string]any{"name": "karpenter", "annotations": map[string]any{
			"eks.amazonaws.com/role-arn": "arn:aws:iam::111122223333:role/karpenter", "team": "shop",
		}},
	}, a.Of(releaseToken, "charts").Inputs["values"])
}

// contrary are users' values that Karpenter cannot work with, and what is said of them.
var contrary = map[string]struct {
	values pulumi.Map
	says   string
}{
	"another cluster": {
		pulumi.Map{"settings": pulumi.Map{"clusterName": pulumi.String("other")}},
		`values.settings.clusterName: "other" contradicts "shop" of helmValues: leave it out`,
	},
	"another service account": {
		pulumi.Map{"serviceAccount": pulumi.Map{"name": pulumi.String("default")}},
		`values.serviceAccount.name: "default" contradicts "karpenter" of helmValues: leave it out`,
	},
	"no queue": {
		pulumi.Map{"settings": pulumi.Map{"interruptionQueue": nil}},
		`values.settings.interruptionQueue: null contradicts "shop" of helmValues: leave it out`,
	},
	"a map for a text": {
		pulumi.Map{"settings": pulumi.Map{"interruptionQueue": pulumi.Map{"name": pulumi.String("shop")}}},
		`values.settings.interruptionQueue: {"name":"shop"} contradicts "shop" of helmValues: leave it out`,
	},
	"a list for a text": {
		pulumi.Map{"settings": pulumi.Map{"interruptionQueue": pulumi.ToStringArray([]string{"shop"})}},
		`values.settings.interruptionQueue: ["shop"] contradicts "shop" of helmValues: leave it out`,
	},
	"a text for a map": {
		pulumi.Map{"serviceAccount": pulumi.String("karpenter")},
		"values.serviceAccount: must be a map: helmValues has [annotations name] in it; leave it out, or give what differs",
	},
	"another role": {
		pulumi.Map{"serviceAccount": pulumi.Map{"annotations": pulumi.StringMap{"eks.amazonaws.com/role-arn": pulumi.String("mine")}}},
		`values.serviceAccount.annotations.eks.amazonaws.com/role-arn: "mine" contradicts "arn:aws:iam::111122223333:role/karpenter" of helmValues: leave it out`,
	},
}

func TestUsersValuesThatContradictAreRefusedWhereTheyAreKnown(t *testing.T) {
	t.Parallel()
	for why, it := range contrary {
		assertRefused(t, []refusal{{why: why, with: charts(&ChartsArgs{HelmValues: called(), Values: it.values}), says: "charts: " + it.says}})
	}
}

func TestUsersValuesThatContradictFailTheDeploymentOnceTheyAreKnown(t *testing.T) {
	t.Parallel()
	for why, it := range contrary {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			a := &account.Account{}
			err := a.Run(nil, charts(&ChartsArgs{HelmValues: called().ToMapOutput(), Values: it.values.ToMapOutput()}))
			require.Error(t, err)
			assert.Contains(t, err.Error(), "charts: "+it.says)
			for _, one := range a.Registered {
				assert.False(t, one.Token == releaseToken && one.Name == "charts", "Karpenter is not installed")
			}
		})
	}
}

func TestValuesThatNameNoClusterFailTheDeploymentOnceTheyAreKnown(t *testing.T) {
	t.Parallel()
	err := (&account.Account{}).Run(nil, charts(&ChartsArgs{HelmValues: pulumi.Map{}.ToMapOutput()}))
	require.Error(t, err)
	assert.Contains(t, err.Error(), "charts: helmValues: settings.clusterName is not in it")
}
