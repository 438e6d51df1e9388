package install

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/whole/internal/account"
)

const releaseToken = "kubernetes:helm.sh/v3:Release"

// called are values as components.Karpenter gives them.
func called() pulumi.Map {
	return pulumi.Map{
		"serviceAccount": pulumi.Map{
			"name":        pulumi.String("karpenter"),
			"annotations": pulumi.StringMap{"eks.amazonaws.com/role-arn": pulumi.String("arn:aws:iam::111122223333:role/karpenter")},
		},
		"settings": pulumi.Map{"clusterName": pulumi.String("shop"), "interruptionQueue": pulumi.String("shop")},
	}
}

func charts(args *ChartsArgs) func(*pulumi.Context) error {
	return func(ctx *pulumi.Context) error {
		_, err := NewCharts(ctx, "charts", args)
		return err
	}
}

func TestChartsAreBothInstalledTheControllerAfterItsDefinitions(t *testing.T) {
	t.Parallel()
	a := &account.Account{}
	require.NoError(t, a.Run(nil, charts(&ChartsArgs{HelmValues: called().ToMapOutput()})))

	require.Len(t, a.Registered, 3)
	component := a.Of("eks-karpenter:index:Charts", "charts")
	values := map[string]any{
		"serviceAccount": map[string]any{
			"name": "karpenter", "annotations": map[string]any{"eks.amazonaws.com/role-arn": "arn:aws:iam::111122223333:role/karpenter"},
		},
		"settings": map[string]any{"clusterName": "shop", "interruptionQueue": "shop"},
	}
	assert.Equal(t, map[string]any{"helmValues": values}, component.Inputs)

	const parent = "eks-karpenter:index:Charts::charts"
	assert.Equal(t, account.Registration{
		Token: releaseToken, Name: "charts-crd", Parent: parent,
		Inputs: map[string]any{
			"name": "karpenter-crd", "chart": "oci://public.ecr.aws/karpenter/karpenter-crd", "version": "1.14.1", "compat": "true",
			"namespace": "kube-system", "createNamespace": false, "timeout": 600.0, "atomic": false, "cleanupOnFail": true,
		},
	}, a.Of(releaseToken, "charts-crd"))
	assert.Equal(t, account.Registration{
		Token: releaseToken, Name: "charts", Parent: parent,
		Inputs: map[string]any{
			"name": "karpenter", "chart": "oci://public.ecr.aws/karpenter/karpenter", "version": "1.14.1", "compat": "true",
			"namespace": "kube-system", "createNamespace": false, "timeout": 600.0, "atomic": false, "cleanupOnFail": true,
			"skipCrds": true, "values": values,
		},
		Waits: []string{releaseToken + "::charts-crd"},
	}, a.Of(releaseToken, "charts"))
}

func TestChartsComeFromAMirrorIntoANamespaceAtAVersionOfTheUsers(t *testing.T) {
	t.Parallel()
	a := &account.Account{}
	require.NoError(t, a.Run(nil, charts(&ChartsArgs{
		HelmValues: called(), KarpenterVersion: new("1.8.0"), Namespace: new("karpenter"),
		ChartRepository: new("oci://registry.example.com/mirror"), TimeoutSeconds: new(900),
	})))
	for name, chart := range map[string]string{"charts-crd": "karpenter-crd", "charts": "karpenter"} {
		inputs := a.Of(releaseToken, name).Inputs
		own := name == "charts"
		assert.Equal(t, "oci://registry.example.com/mirror/"+chart, inputs["chart"])
		assert.Equal(t, "1.8.0", inputs["version"], "a release, not whichever is the newest of its kind")
		assert.Equal(t, map[bool]string{true: "karpenter", false: "kube-system"}[own], inputs["namespace"], "definitions are of no namespace")
		assert.Equal(t, own, inputs["createNamespace"])
		assert.Equal(t, 900.0, inputs["timeout"])
	}
}

func TestWhatAComponentWaitsForItsResourcesWaitFor(t *testing.T) {
	t.Parallel()
	a := &account.Account{}
	require.NoError(t, a.Run(nil, func(ctx *pulumi.Context) error {
		first, err := something(ctx, "association")
		if err != nil {
			return err
		}
		charts, err := NewCharts(ctx, "charts", &ChartsArgs{HelmValues: called()}, pulumi.DependsOn([]pulumi.Resource{first}))
		if err != nil {
			return err
		}
		class, err := NewNodeClass(ctx, "class", &NodeClassArgs{
			ClusterName: new("shop"), Options: &NodeClassOptions{Role: pulumi.String("nodes")},
		}, pulumi.DependsOn([]pulumi.Resource{charts}))
		if err != nil {
			return err
		}
		_, err = NewNodePool(ctx, "pool", &NodePoolArgs{NodeClassName: class.Name.ToStringPtrOutput()},
			pulumi.DependsOnInputs(pulumi.NewResourceArrayOutput(pulumi.NewResourceOutput(charts))))
		return err
	}))
	const association, crd, release = "test:index:Something::association", releaseToken + "::charts-crd", releaseToken + "::charts"
	assert.Equal(t, []string{association}, a.Of(releaseToken, "charts-crd").Waits)
	assert.Equal(t, []string{crd, association}, a.Of(releaseToken, "charts").Waits)
	assert.Subset(t, a.Of(classToken, "class").Waits, []string{crd, release})
	assert.Subset(t, a.Of(poolToken, "pool").Waits, []string{crd, release, classToken + "::class"})
}

func TestAPreviewOfChartsIsCompleteWithoutTheirValues(t *testing.T) {
	t.Parallel()
	a := &account.Account{Preview: true}
	require.NoError(t, a.Run(nil, func(ctx *pulumi.Context) error {
		first, err := something(ctx, "queue")
		if err != nil {
			return err
		}
		queue := first.(pulumi.CustomResource).ID().ToStringOutput() // not known before it exists
		return charts(&ChartsArgs{HelmValues: pulumi.Map{
			"settings": pulumi.Map{"clusterName": pulumi.String("shop"), "interruptionQueue": queue},
		}})(ctx)
	}))
	assert.Equal(t, "<unknown>", a.Of(releaseToken, "charts").Inputs["values"])
	assert.Equal(t, "1.14.1", a.Of(releaseToken, "charts").Inputs["version"])
}

func TestChartsRefuseWhatCannotBeInstalled(t *testing.T) {
	t.Parallel()
	assertRefused(t, []refusal{
		{
			why: "no values", with: charts(nil),
			says: "charts: helmValues: required: the values that the cluster calls for, HelmValues of components.Karpenter",
		},
		{
			why: "values that name no cluster", with: charts(&ChartsArgs{HelmValues: pulumi.Map{"replicas": pulumi.Int(1)}}),
			says: "charts: helmValues: settings.clusterName is not in it: give HelmValues of components.Karpenter, and further values in values",
		},
		{
			why:  "values whose settings name no cluster",
			with: charts(&ChartsArgs{HelmValues: pulumi.Map{"settings": pulumi.Map{"clusterName": pulumi.String("")}}}),
			says: "charts: helmValues: settings.clusterName is not in it: give HelmValues of components.Karpenter, and further values in values",
		},
		{
			why: "everything at once", with: charts(&ChartsArgs{
				HelmValues: called(), KarpenterVersion: new("v1.14.1"), Namespace: new("Karpenter"),
				ChartRepository: new("https://charts.example.com"), TimeoutSeconds: new(5),
				Values: pulumi.Map{"settings": pulumi.Map{"clusterName": pulumi.String("other")}},
			}),
			says: `charts: 5 problems:
  - karpenterVersion: "v1.14.1" is not a release of Karpenter: three numbers, such as 1.14.1
  - namespace: "Karpenter" is not valid: a DNS label: 1 to 63 small letters, digits and hyphens, a letter or digit at both ends
  - chartRepository: "https://charts.example.com" is not valid: a registry of OCI charts, oci://..., without a slash at its end
  - values.settings.clusterName: "other" contradicts "shop" of helmValues: leave it out
  - timeoutSeconds: 5 is out of range: 60 to 3600 seconds`,
		},
	})
}

func TestOnlyReleasesOfKarpenterWithItsFirstStableSchemaAreInstalled(t *testing.T) {
	t.Parallel()
	for release, ok := range map[string]bool{
		"1.0.0": true, "1.14.1": true, "1.15.0": true, "1.100.20": true, "2.0.0": true,
		"": false, "1": false, "1.10": false, "0.37.0": false, "1.14.1.2": false, "1.014": false, "1.14.x": false, "1.14.1-rc.0": false, "latest": false,
	} {
		err := (&ChartsArgs{HelmValues: called(), KarpenterVersion: new(release)}).Check("charts")
		assert.Equal(t, ok, err == nil, "%q: %v", release, err)
	}
}
