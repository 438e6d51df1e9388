package conformance

import (
	"flag"
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/aws/karpenter-provider-aws/pkg/operator/options"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	rbacv1 "k8s.io/api/rbac/v1"
	coreoptions "sigs.k8s.io/karpenter/pkg/operator/options"

	"github.com/grafanix/eks-karpenter/components"
)

func TestTheChartMakesTheServiceAccountThatTheRoleIsFor(t *testing.T) {
	t.Parallel()
	for _, kind := range chartKinds() {
		t.Run(kind.why, func(t *testing.T) {
			t.Parallel()
			r := installChart(t, kind.args)
			account := r.serviceAccount
			assert.Equal(t, kind.serviceAccount, account.Namespace+"/"+account.Name)
			assert.Equal(t, kind.serviceAccount, r.deployment.Namespace+"/"+r.deployment.Spec.Template.Spec.ServiceAccountName)
			if kind.role == "" {
				assert.Empty(t, account.Annotations)
			} else {
				assert.Equal(t, map[string]string{"eks.amazonaws.com/role-arn": kind.role}, account.Annotations)
			}

			subjects := []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: account.Namespace, Name: account.Name}}
			bound := 0
			for _, binding := range ofType[*rbacv1.ClusterRoleBinding](r.objects) {
				assert.Equal(t, subjects, binding.Subjects, binding.Name)
				bound++
			}
			for _, binding := range ofType[*rbacv1.RoleBinding](r.objects) {
				assert.Equal(t, subjects, binding.Subjects, binding.Name)
				bound++
			}
			assert.Equal(t, 4, bound, "the controller's permissions in Kubernetes are bound to the same account")
		})
	}
}

// The chart sets no region. EKS's pod identity webhook gives it to every pod whose service account has a role, and without
// it Karpenter asks the instance. Source: "Amazon EKS Pod Identity Webhook", README.
func TestTheChartTellsTheControllerItsClusterAndItsQueueAndNoMoreOfAWS(t *testing.T) {
	t.Parallel()
	ofAWS := []string{
		"CLUSTER_NAME", "INTERRUPTION_QUEUE", "ENABLE_ZONAL_SHIFT", "ISOLATED_VPC",
		"CLUSTER_ENDPOINT", "EKS_CONTROL_PLANE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ROLE_ARN",
	}
	for _, kind := range chartKinds() {
		t.Run(kind.why, func(t *testing.T) {
			t.Parallel()
			environment, got := installChart(t, kind.args).environment(), map[string]string{}
			for _, name := range ofAWS {
				if value, ok := environment[name]; ok {
					got[name] = value
				}
			}
			assert.Equal(t, kind.settings, got)
		})
	}
}

// The chart and the controller must agree on the names and the forms of settings: here the controller reads them itself.
func TestKarpenterReadsFromTheChartWhatTheComponentsSay(t *testing.T) {
	for _, kind := range chartKinds() {
		t.Run(kind.why, func(t *testing.T) {
			read := karpenterOptions(t, installChart(t, kind.args).environment())
			assert.Equal(t, kind.settings["CLUSTER_NAME"], read.ClusterName)
			assert.Equal(t, kind.settings["INTERRUPTION_QUEUE"], read.InterruptionQueue)
			assert.Equal(t, kind.settings["ENABLE_ZONAL_SHIFT"] == "true", read.EnableZonalShift)
			assert.Equal(t, kind.settings["ISOLATED_VPC"] == "true", read.IsolatedVPC)
			assert.Equal(t, karpenterOptions(t, kind.settings), read, "the rest is Karpenter's default")
		})
	}
}

// karpenterOptions are what Karpenter's controller makes of its environment, by its own code.
func karpenterOptions(t *testing.T, environment map[string]string) options.Options {
	t.Helper()
	for name, value := range environment {
		require.NoError(t, os.Setenv(name, value))
		defer os.Unsetenv(name) // before the next reading, so t.Setenv will not do
	}
	flags := &coreoptions.FlagSet{FlagSet: flag.NewFlagSet("karpenter", flag.ContinueOnError)}
	core, aws := &coreoptions.Options{}, &options.Options{}
	core.AddFlags(flags)
	aws.AddFlags(flags)
	require.NoError(t, core.Parse(flags))
	require.NoError(t, aws.Parse(flags))
	return *aws
}

// Names that AWS would find too long are cut, and the chart must hear of what is left of them.
func TestTheChartNamesTheRoleAndTheQueueThatAreMade(t *testing.T) {
	t.Parallel()
	for name, cluster := range map[string]string{"short": "shop", "as long as EKS allows": strings.Repeat("shop-", 19) + "front"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := installChart(t, components.KarpenterArgs{ClusterName: cluster})
			role := r.made["aws:iam/role:Role karpenter-controller-role"]["name"].(string)
			queue := r.made["aws:sqs/queue:Queue karpenter-interruption-queue"]["name"].(string)
			assert.Equal(t, mockRoleARN(role), r.serviceAccount.Annotations["eks.amazonaws.com/role-arn"])
			assert.Equal(t, queue, r.environment()["INTERRUPTION_QUEUE"])
			assert.Equal(t, cluster, r.environment()["CLUSTER_NAME"])
		})
	}
}

func TestTheChartRefusesValuesWithoutAClusterName(t *testing.T) {
	t.Parallel()
	values := karpenterOnMocks(t, components.KarpenterArgs{}).helmValues
	settings := maps.Clone(values["settings"].(map[string]any))
	delete(settings, "clusterName")
	_, err := renderChart("karpenter", "kube-system", map[string]any{"serviceAccount": values["serviceAccount"], "settings": settings})
	assert.ErrorContains(t, err, "Chart cannot be installed without a valid settings.clusterName")
}
