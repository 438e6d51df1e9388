package conformance

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	awscache "github.com/aws/karpenter-provider-aws/pkg/cache"
	"github.com/aws/karpenter-provider-aws/pkg/controllers/interruption"
	karpenteroptions "github.com/aws/karpenter-provider-aws/pkg/operator/options"
	karpentertest "github.com/aws/karpenter-provider-aws/pkg/test"
	"github.com/go-logr/logr/funcr"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/record"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/log"
	karpv1 "sigs.k8s.io/karpenter/pkg/apis/v1"
	"sigs.k8s.io/karpenter/pkg/events"

	"github.com/grafanix/eks-karpenter/sandbox"
)

// interruptionLoop is Karpenter's interruption controller in a cluster with two spot nodes, reading the queue that is
// deployed through AWS's own client.
type interruptionLoop struct {
	*deployedAccount
	ctx         context.Context
	kube        client.Client
	unavailable *awscache.UnavailableOfferings
	recorder    *record.FakeRecorder
	controller  *interruption.Controller

	mu     sync.Mutex
	logged []string // errors
}

// newInterruptionLoop starts Karpenter on an account. Deletions in Kubernetes pass failing, if there is one.
func newInterruptionLoop(t *testing.T, failing func() error) *interruptionLoop {
	t.Helper()
	loop := &interruptionLoop{
		deployedAccount: openDeployed(t, deployedByDefault),
		unavailable:     awscache.NewUnavailableOfferings(), recorder: record.NewFakeRecorder(100),
	}
	logger := funcr.New(func(_, line string) {
		loop.mu.Lock()
		defer loop.mu.Unlock()
		if strings.Contains(line, `"error"=`) {
			loop.logged = append(loop.logged, line)
		}
	}, funcr.Options{})
	loop.ctx = log.IntoContext(watchingQueue(t.Context()), logger)
	loop.kube = interruptedCluster(t, loop.ctx, failing)
	loop.controller = interruption.NewController(
		loop.kube, clock.RealClock{}, nil, events.NewRecorder(loop.recorder), nil, loop.sqs(), loop.unavailable, nil,
	)
	return loop
}

// watchingQueue has Karpenter's settings name the queue.
func watchingQueue(ctx context.Context) context.Context {
	return karpenteroptions.ToContext(ctx, karpentertest.Options(karpentertest.OptionsFields{InterruptionQueue: new(deployedCluster)}))
}

// interruptedCluster is a Kubernetes API with two nodes and their claims.
func interruptedCluster(t *testing.T, ctx context.Context, failing func() error) client.Client {
	t.Helper()
	builder := fake.NewClientBuilder().WithScheme(scheme.Scheme).WithStatusSubresource(&karpv1.NodeClaim{}, &corev1.Node{})
	require.NoError(t, karpentertest.NodeInstanceIDFieldIndexer(ctx)(kubeIndexes{builder: builder}))
	require.NoError(t, karpentertest.NodeClaimInstanceIDFieldIndexer(ctx)(kubeIndexes{builder: builder}))
	for name, instance := range map[string]string{"ours": ourInstance, "another": otherInstance} {
		providerID := "aws:///" + deployedRegion + "a/" + instance
		builder.WithObjects(
			&karpv1.NodeClaim{
				ObjectMeta: metav1.ObjectMeta{
					Name: name, UID: types.UID("claim " + name), Finalizers: []string{karpv1.TerminationFinalizer},
					Labels: map[string]string{
						karpv1.NodePoolLabelKey: "default", karpv1.CapacityTypeLabelKey: karpv1.CapacityTypeSpot,
						corev1.LabelTopologyZone: deployedRegion + "a", corev1.LabelInstanceTypeStable: "m7g.large",
					},
				},
				Status: karpv1.NodeClaimStatus{ProviderID: providerID, NodeName: name},
			},
			&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, UID: types.UID("node " + name)}, Spec: corev1.NodeSpec{ProviderID: providerID}},
		)
	}
	return builder.WithInterceptorFuncs(interceptor.Funcs{
		Delete: func(ctx context.Context, kube client.WithWatch, object client.Object, opts ...client.DeleteOption) error {
			if failing != nil {
				if err := failing(); err != nil {
					return err
				}
			}
			return kube.Delete(ctx, object, opts...)
		},
	}).Build()
}

// after is all that Karpenter has done: the claims that it deleted, the Kubernetes events that it wrote, the errors that it
// logged, its calls of SQS, and the messages that are left in the queue.
type after struct {
	deleted, reasons, logged, calls []string
	left                            sandbox.MessageCounts
}

func (l *interruptionLoop) after() (done after) {
	l.t.Helper()
	for _, call := range l.account.Calls() {
		if call.Service == "SQS" && call.Operation != "SendMessage" {
			done.calls = append(done.calls, call.Operation)
		}
	}
	var claims karpv1.NodeClaimList
	require.NoError(l.t, l.kube.List(l.ctx, &claims))
	for _, claim := range claims.Items {
		if !claim.DeletionTimestamp.IsZero() {
			done.deleted = append(done.deleted, claim.Name)
		}
	}
	for len(l.recorder.Events) > 0 {
		done.reasons = append(done.reasons, strings.Fields(<-l.recorder.Events)[1])
	}
	slices.Sort(done.reasons)
	l.mu.Lock()
	defer l.mu.Unlock()
	done.logged = l.logged
	slices.Sort(done.logged)
	var err error
	done.left, err = l.CountMessages(deployedQueue)
	require.NoError(l.t, err)
	return done
}

func (l *interruptionLoop) happens(happenings ...sandbox.Event) {
	l.t.Helper()
	for _, event := range happenings {
		_, err := l.PutEvent(event)
		require.NoError(l.t, err)
	}
}

// mustReconcile has Karpenter read the queue once, and go on at once.
func (l *interruptionLoop) mustReconcile() {
	l.t.Helper()
	result, err := l.controller.Reconcile(l.ctx)
	require.NoError(l.t, err)
	require.Positive(l.t, result.RequeueAfter)
}
