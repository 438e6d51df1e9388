package conformance

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/karpenter-provider-aws/pkg/controllers/interruption/messages"
	karpenterqueue "github.com/aws/karpenter-provider-aws/pkg/providers/sqs"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	karpv1 "sigs.k8s.io/karpenter/pkg/apis/v1"

	"github.com/grafanix/eks-karpenter/sandbox"
)

// oneMessage are the calls that bring a message and remove it.
var oneMessage = []string{"GetQueueUrl", "ReceiveMessage", "DeleteMessage"}

func TestKarpenterActsOnWhatInterrupts(t *testing.T) {
	t.Parallel()
	for _, happening := range awsHappenings() {
		t.Run(happening.why, func(t *testing.T) {
			t.Parallel()
			loop := newInterruptionLoop(t, nil)
			loop.happens(happening.event)
			loop.mustReconcile()

			want := after{calls: oneMessage}
			for _, id := range happening.ids {
				want.reasons = append(want.reasons, happening.reason, happening.reason) // of the claim and of the node
				if happening.kind != messages.RebalanceRecommendationKind {
					want.deleted = append(want.deleted, map[string]string{ourInstance: "ours", otherInstance: "another"}[id])
					want.reasons = append(want.reasons, "TerminatingOnInterruption", "TerminatingOnInterruption")
				}
			}
			slices.Sort(want.deleted)
			slices.Sort(want.reasons)
			assert.Equal(t, want, loop.after())
			unavailable := loop.unavailable.IsUnavailable("m7g.large", deployedRegion+"a", nil, karpv1.CapacityTypeSpot)
			assert.Equal(t, happening.kind == messages.SpotInterruptionKind, unavailable, "where spot capacity is reclaimed there is no more")
		})
	}
}

// TestKarpenterWaitsForWarnings: a warning reaches a controller that waits for it at once, not at its next look.
func TestKarpenterWaitsForWarnings(t *testing.T) {
	t.Parallel()
	loop := newInterruptionLoop(t, nil)
	done := make(chan error, 1)
	began := time.Now()
	go func() {
		_, err := loop.controller.Reconcile(loop.ctx)
		done <- err
	}()
	require.Eventually(t, func() bool {
		calls := loop.account.Calls()
		return len(calls) > 0 && calls[len(calls)-1].Operation == "ReceiveMessage"
	}, 10*time.Second, time.Millisecond)
	loop.happens(spotWarning(ourInstance))
	require.NoError(t, <-done)
	assert.Less(t, time.Since(began), 15*time.Second, "it would wait 20 seconds for nothing")
	assert.Equal(t, []string{"ours"}, loop.after().deleted)
}

// TestPoisonDoesNotStopTheLoop: Karpenter logs what it cannot read and deletes it, deletes what it does not know, and acts
// on the warning beside them.
func TestPoisonDoesNotStopTheLoop(t *testing.T) {
	t.Parallel()
	loop := newInterruptionLoop(t, nil)
	for _, poison := range []string{
		`not JSON`,
		`{"version":"0","source":"aws.ec2","detail-type":"EC2 Spot Instance Interruption Warning","detail":"no object"}`,
		`{"version":"0","source":"aws.ec2","detail-type":"EC2 Fleet Instance Change","detail":{"instance-id":"` + ourInstance + `"}}`,
		`{"version":"1","source":"aws.ec2","detail-type":"EC2 Spot Instance Interruption Warning","detail":{"instance-id":"` + otherInstance + `"}}`,
	} {
		_, err := loop.SendMessage(deployedQueue, poison, nil)
		require.NoError(t, err)
	}
	loop.happens(spotWarning(ourInstance))
	loop.mustReconcile()

	failed := func(why string) string {
		return `"msg"="failed parsing interruption message" "error"="parsing sqs message, ` + why + `" "queue"="grafanix-comic"`
	}
	assert.Equal(t, after{
		deleted: []string{"ours"},
		reasons: []string{"SpotInterrupted", "SpotInterrupted", "TerminatingOnInterruption", "TerminatingOnInterruption"},
		logged: []string{
			failed("parsing event message, unmarhsalling the message as EC2SpotInstanceInterruptionWarning, json: cannot unmarshal string into Go struct field Message.detail of type spotinterruption.Detail"),
			failed("unmarshalling the message as Metadata, invalid character 'o' in literal null (expecting 'u')"),
		},
		calls: append(slices.Clone(oneMessage), "DeleteMessage", "DeleteMessage", "DeleteMessage", "DeleteMessage"),
	}, loop.after())
}

func TestSomebodyElsesInstanceIsLeftAlone(t *testing.T) {
	t.Parallel()
	loop := newInterruptionLoop(t, nil)
	loop.happens(spotWarning("i-0aaaaaaaaaaaaaaaa"))
	loop.mustReconcile()
	assert.Equal(t, after{calls: oneMessage}, loop.after())
}

// TestWhatFailsIsTriedAgain: a message of which Kubernetes refuses the consequence stays in the queue, hidden for the 20
// seconds that Karpenter asks for, and is acted on when it comes back.
func TestWhatFailsIsTriedAgain(t *testing.T) {
	t.Parallel()
	refusals := []error{errors.New("the API server is busy")}
	loop := newInterruptionLoop(t, func() (err error) {
		if len(refusals) > 0 {
			err, refusals = refusals[0], refusals[1:]
		}
		return err
	})
	loop.happens(spotWarning(ourInstance))
	_, err := loop.controller.Reconcile(loop.ctx)
	require.ErrorContains(t, err, "the API server is busy")
	assert.Equal(t, after{
		reasons: []string{"SpotInterrupted", "SpotInterrupted"}, calls: oneMessage[:2], left: sandbox.MessageCounts{InFlight: 1},
	}, loop.after())

	require.NoError(t, loop.account.Advance(20*time.Second))
	loop.mustReconcile()
	assert.Equal(t, after{
		deleted: []string{"ours"}, reasons: []string{"TerminatingOnInterruption", "TerminatingOnInterruption"},
		calls: []string{"GetQueueUrl", "ReceiveMessage", "GetQueueAttributes", "ReceiveMessage", "DeleteMessage"},
	}, loop.after(), "Karpenter writes no event twice in two minutes")
}

// TestWithoutPermissionKarpenterIsTold: without its policy the controller does not find its queue, in the account's words.
func TestWithoutPermissionKarpenterIsTold(t *testing.T) {
	t.Parallel()
	loop := newInterruptionLoop(t, nil)
	loop.happens(spotWarning(ourInstance))
	require.NoError(t, loop.DetachRolePolicy(deployedRole, "arn:aws:iam::123456789012:policy/KarpenterControllerInterruptionPolicy-"+deployedCluster))

	_, err := loop.controller.Reconcile(loop.ctx)
	_, refused := loop.As(loop.karpenter()).GetQueueURL(deployedCluster)
	require.EqualError(t, err, "creating sqs provider, "+refused.Error())
	var refusal smithy.APIError
	require.ErrorAs(t, err, &refusal)
	assert.Equal(t, "AccessDenied", refusal.ErrorCode())
	assert.Contains(t, refusal.ErrorMessage(), "User is not authorized to perform: sqs:getqueueurl on resource: arn:aws:sqs:ap-northeast-2:123456789012:grafanix-comic")

	done := loop.after()
	assert.Equal(t, after{
		logged: []string{`"msg"="failed to create valid sqs provider" "error"=` + done.logged[0][strings.Index(done.logged[0], `"operation error`):]},
		calls:  []string{"GetQueueUrl", "GetQueueUrl"}, left: sandbox.MessageCounts{Visible: 1},
	}, done)
}

// TestWithoutAQueueKarpenterIsTold: the SDK knows the account's refusal as its own type.
func TestWithoutAQueueKarpenterIsTold(t *testing.T) {
	t.Parallel()
	d := openDeployed(t, deployedByDefault)
	require.NoError(t, d.DeleteQueue(deployedQueue))
	api := d.sqs()
	ctx := watchingQueue(t.Context())
	_, refused := d.GetQueueURL(deployedCluster)

	_, err := karpenterqueue.NewSQSProvider(ctx, api)
	require.EqualError(t, err, refused.Error())
	var missing *sqstypes.QueueDoesNotExist
	require.ErrorAs(t, err, &missing)

	provider, err := karpenterqueue.NewDefaultProvider(api, deployedQueue)
	require.NoError(t, err)
	_, err = provider.GetSQSMessages(ctx)
	require.ErrorAs(t, err, &missing)
	assert.Equal(t, "AWS.SimpleQueueService.NonExistentQueue: The specified queue does not exist.", missing.Error())
}
