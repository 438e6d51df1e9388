package conformance

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/grafanix/eks-karpenter/components"
)

// chartKind is one kind of values that the components make for Karpenter's chart, and what the chart must make of it.
type chartKind struct {
	why            string
	args           components.KarpenterArgs
	serviceAccount string            // default: kube-system/karpenter
	role           string            // the ARN that the service account bears, "" for none
	settings       map[string]string // default: cluster shop with queue shop
}

// chartKinds are all kinds of values there are.
func chartKinds() []chartKind {
	const existing, queue = "arn:aws:iam::111122223333:role/platform/karpenter", "arn:aws:sqs:" + chartRegion + ":111122223333:events"
	made := mockRoleARN("KarpenterControllerRole-shop")
	kinds := []chartKind{
		{why: "IRSA is the default", role: made},
		{
			why:  "Pod Identity ties the role to the service account outside of Kubernetes",
			args: components.KarpenterArgs{ControllerRole: &components.ControllerRoleOptions{PodIdentity: new(true)}},
		},
		{
			why:  "a role that exists is borne like one that is made",
			args: components.KarpenterArgs{ControllerRoleArn: pulumi.String(existing)}, role: existing,
		},
		{
			why: "a role that exists may be tied by Pod Identity, too",
			args: components.KarpenterArgs{
				ControllerRoleArn: pulumi.String(existing), ControllerRole: &components.ControllerRoleOptions{PodIdentity: new(true)},
			},
		},
		{
			why:  "without a role, somebody else annotates the service account",
			args: components.KarpenterArgs{SkipControllerRole: new(true)},
		},
		{
			why:  "without a queue, Karpenter must not look for one",
			args: components.KarpenterArgs{SkipInterruptionQueue: new(true)}, role: made,
			settings: map[string]string{"CLUSTER_NAME": "shop"},
		},
		{
			why:  "a queue that exists is named, though its ARN is given",
			args: components.KarpenterArgs{InterruptionQueueArn: pulumi.String(queue)}, role: made,
			settings: map[string]string{"CLUSTER_NAME": "shop", "INTERRUPTION_QUEUE": "events"},
		},
		{
			why: "names of one's own reach the chart",
			args: components.KarpenterArgs{
				ControllerRole: &components.ControllerRoleOptions{
					Name: new("autoscaler"), Path: new("/"), Namespace: new("karpenter"), ServiceAccount: new("shop.autoscaler"),
				},
				InterruptionQueue: &components.InterruptionQueueOptions{Name: new("shop-interruptions")},
			},
			serviceAccount: "karpenter/shop.autoscaler", role: mockRoleARN("autoscaler"),
			settings: map[string]string{"CLUSTER_NAME": "shop", "INTERRUPTION_QUEUE": "shop-interruptions"},
		},
		{
			why:  "zonal shift is the controller's to watch",
			args: components.KarpenterArgs{EnableZonalShift: new(true)}, role: made,
			settings: map[string]string{"CLUSTER_NAME": "shop", "INTERRUPTION_QUEUE": "shop", "ENABLE_ZONAL_SHIFT": "true"},
		},
		{
			why:  "in an isolated VPC, the controller must not wait for what it cannot reach",
			args: components.KarpenterArgs{IsolatedVpc: new(true)}, role: made,
			settings: map[string]string{"CLUSTER_NAME": "shop", "INTERRUPTION_QUEUE": "shop", "ISOLATED_VPC": "true"},
		},
		{
			why:  "both settings go together",
			args: components.KarpenterArgs{IsolatedVpc: new(true), EnableZonalShift: new(true), SkipInterruptionQueue: new(true)}, role: made,
			settings: map[string]string{"CLUSTER_NAME": "shop", "ENABLE_ZONAL_SHIFT": "true", "ISOLATED_VPC": "true"},
		},
		{
			why:  "what is turned off is as if it were not said",
			args: components.KarpenterArgs{IsolatedVpc: new(false), EnableZonalShift: new(false)}, role: made,
		},
		{
			why:  "a name of digits is a text to Helm and to Karpenter",
			args: components.KarpenterArgs{ClusterName: "20260701"}, role: mockRoleARN("KarpenterControllerRole-20260701"),
			settings: map[string]string{"CLUSTER_NAME": "20260701", "INTERRUPTION_QUEUE": "20260701"},
		},
	}
	for i, kind := range kinds {
		if kind.serviceAccount == "" {
			kinds[i].serviceAccount = "kube-system/karpenter"
		}
		if kind.settings == nil {
			kinds[i].settings = map[string]string{"CLUSTER_NAME": "shop", "INTERRUPTION_QUEUE": "shop"}
		}
	}
	return kinds
}

// chartRelease is what Helm installs from the chart with the values of Karpenter's AWS side.
type chartRelease struct {
	*karpenterMock
	objects        []runtime.Object
	deployment     *appsv1.Deployment
	serviceAccount *corev1.ServiceAccount
}

// installChart renders the chart for one kind of values into the namespace that the kind's args name.
func installChart(t testing.TB, args components.KarpenterArgs) *chartRelease {
	t.Helper()
	namespace := "kube-system"
	if args.ControllerRole != nil && args.ControllerRole.Namespace != nil {
		namespace = *args.ControllerRole.Namespace
	}
	m := karpenterOnMocks(t, args)
	objects, err := renderChart("karpenter", namespace, m.helmValues)
	require.NoError(t, err)
	return &chartRelease{
		karpenterMock: m, objects: objects,
		deployment: onlyOfType[*appsv1.Deployment](t, objects), serviceAccount: onlyOfType[*corev1.ServiceAccount](t, objects),
	}
}

// environment are the variables of the controller that are plain values.
func (r *chartRelease) environment() map[string]string {
	found := map[string]string{}
	for _, variable := range r.deployment.Spec.Template.Spec.Containers[0].Env {
		if variable.ValueFrom == nil {
			found[variable.Name] = variable.Value
		}
	}
	return found
}

// subject is the service account that the controller's pods run as, as its token names it.
func (r *chartRelease) subject() string {
	return strings.Join([]string{
		"system", "serviceaccount", r.deployment.Namespace, r.deployment.Spec.Template.Spec.ServiceAccountName,
	}, ":")
}
