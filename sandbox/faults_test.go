package sandbox

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil/rpcerror"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func (e *engine) inject(fault Fault) *Injected {
	e.t.Helper()
	injected, err := e.account.Inject(fault)
	require.NoError(e.t, err)
	return injected
}

// detailsOf are what the engine is told beside an error.
func detailsOf(err error) []any {
	if told, ok := rpcerror.FromError(err); ok {
		return told.Details()
	}
	return nil
}

func TestFaultsOnResources(t *testing.T) {
	const told = "the sandbox was told to fail "
	e := newEngine(t)
	start := string(e.account.Dump())
	in := aRole.in

	e.inject(Fault{Effect: FailBefore, Type: role, Action: "create"})
	_, err := e.tryCreate(role, in)
	require.ErrorContains(t, err, "creating IAM Role (Nodes): "+told+"the create of aws:iam/role:Role before it took effect")
	assert.Equal(t, start, string(e.account.Dump()), "without effect")

	e.inject(Fault{Effect: FailAfter, Type: role, Action: "create"})
	_, err = e.tryCreate(role, in)
	require.ErrorContains(t, err, "after it took effect")
	details := detailsOf(err)
	require.Len(t, details, 1, "the engine learns of what exists")
	partial, ok := details[0].(*pulumirpc.ErrorResourceInitFailed)
	require.True(t, ok)
	assert.Equal(t, "Nodes", partial.GetId())

	m := e.imported(role, "Nodes")
	m = made{token: role, id: m.id, inputs: e.checked(role, nil, in), outputs: m.outputs}
	news := e.checked(role, m.inputs, in.with(inputs{"description": "x"}))
	for _, effect := range []Effect{FailBefore, FailAfter} {
		e.inject(Fault{Effect: effect, Type: role, Action: "update"})
		_, err = e.p.Update(context.Background(), e.updateRequest(m, news))
		require.ErrorContains(t, err, "updating IAM Role (Nodes): "+told)
		assert.Equal(t, effect == FailAfter, e.read(m).Outputs["description"].IsString())
	}
	m = e.update(m, news, false)

	for _, effect := range []Effect{FailBefore, FailAfter} {
		e.inject(Fault{Effect: effect, Type: role, Action: "delete"})
		require.ErrorContains(t, e.tryDelete(m), "deleting IAM Role (Nodes): "+told)
		assert.Equal(t, effect == FailAfter, e.read(m).ID == "")
	}
	e.delete(m)
	assert.Equal(t, start, string(e.account.Dump()))

	e.inject(Fault{Effect: FailBefore, Type: "aws:eks/getCluster:getCluster", Action: "lookup"})
	_, err = e.invoke("aws:eks/getCluster:getCluster", inputs{"name": theCluster})
	require.ErrorContains(t, err, told+"the lookup")
}

func TestFaultsOnOperationsOfAWS(t *testing.T) {
	e := newEngine(t)
	e.inject(Fault{Effect: FailBefore, Operation: "CreateRole"})
	_, err := e.tryCreate(role, aRole.in)
	require.ErrorContains(t, err, "creating IAM Role (Nodes): operation error IAM: CreateRole, https response error StatusCode: 500, "+
		"RequestID: 00000000-0000-0000-0000-000000000000, api error InternalFailure: the sandbox was told to fail this before it took effect")

	e.inject(Fault{Effect: FailAfter, Service: "IAM", Operation: "CreateRole"})
	_, err = e.tryCreate(role, aRole.in)
	require.ErrorContains(t, err, "after it took effect")
	assert.Empty(t, detailsOf(err), "the answer is lost, and the id with it")
	_, err = e.tryCreate(role, aRole.in)
	require.ErrorContains(t, err, "EntityAlreadyExists", "as in AWS, the name is taken then")

	e.inject(Fault{Effect: FailBefore, Type: profile, Operation: "AddRoleToInstanceProfile"})
	_, err = e.tryCreate(profile, inputs{"name": "Half", "role": "Nodes"})
	require.ErrorContains(t, err, "AddRoleToInstanceProfile")
	assert.Len(t, detailsOf(err), 1, "half of it exists")

	for times, name := range map[int]string{1: "read-later", 2: "not-read"} {
		e.inject(Fault{Effect: FailBefore, Operation: "GetQueueAttributes", Times: times})
		_, err = e.tryCreate(queue, inputs{"name": name})
		require.ErrorContains(t, err, "GetQueueAttributes")
		assert.Len(t, detailsOf(err), 1, "what was made is not lost when it cannot be read")
	}
}

func TestTheNthAndTheNextOnes(t *testing.T) {
	e := newEngine(t)
	fault := e.inject(Fault{Effect: FailBefore, Type: queue, Action: "create", Nth: 2, Times: 2})
	for n, fails := range []bool{false, true, true, false} {
		_, err := e.tryCreate(queue, inputs{"name": fmt.Sprint("q", n)})
		assert.Equal(t, fails, err != nil, "number %d", n+1)
	}
	assert.Equal(t, 2, fault.Strikes())
	fault.Remove()
	fault.Remove()
}

func TestThrottling(t *testing.T) {
	e := newEngine(t)
	fault := e.inject(Fault{Effect: Throttle, Type: queue, Times: 24})
	m := e.create(queue, aQueue.in)
	assert.Equal(t, 24, fault.Strikes(), "the provider tries 25 times")
	<-fault.Struck()

	codes := []struct{ token, code string }{
		{role, "IAM: CreateRole, exceeded maximum number of attempts, 25, https response error StatusCode: 400, RequestID: 00000000-0000-0000-0000-000000000000, api error Throttling: Rate exceeded"},
		{tag, "api error RequestLimitExceeded: Request limit exceeded."},
		{rule, "api error ThrottlingException: Rate exceeded"},
		{entry, "StatusCode: 429"},
	}
	for _, c := range codes {
		fault = e.inject(Fault{Effect: Throttle, Type: c.token, Action: "create", Times: 25})
		_, err := e.tryCreate(c.token, sampleOf(c.token).in)
		require.ErrorContains(t, err, c.code)
		fault.Remove()
	}

	client, err := e.account.Client("ap-northeast-2")
	require.NoError(t, err)
	e.inject(Fault{Effect: Throttle, Operation: "PurgeQueue", Times: 3})
	require.ErrorContains(t, client.PurgeQueue(string(m.id)), "exceeded maximum number of attempts, 3, https response error StatusCode: 403")
	require.NoError(t, client.PurgeQueue(string(m.id)))
}

func TestWhatHangsIsGivenUp(t *testing.T) {
	const soon = 10 * time.Second
	for _, effect := range []Effect{HangBefore, HangAfter} {
		t.Run(string(effect), func(t *testing.T) {
			e := newEngine(t)
			hang := func(end func(*Injected)) error {
				fault := e.inject(Fault{Effect: effect, Type: queue, Action: "create"})
				done := make(chan error, 1)
				go func() { _, err := e.tryCreate(queue, aQueue.in); done <- err }()
				select {
				case <-fault.Struck():
				case <-time.After(soon):
					return errors.New("it did not hang")
				}
				e.create(tag, inputs{"resourceId": theSubnet, "key": "k", "value": "1"}) // others go on
				end(fault)
				select {
				case err := <-done:
					return err
				case <-time.After(soon):
					return errors.New("it hangs still")
				}
			}
			err := hang(func(*Injected) { assert.NoError(t, e.p.SignalCancellation(context.Background())) })
			require.ErrorContains(t, err, "create of aws:sqs/queue:Queue was given up: the operation was cancelled")
			client, err := e.account.Client("ap-northeast-2")
			require.NoError(t, err)
			_, err = client.GetQueueURL("events")
			assert.Equal(t, effect == HangBefore, IsMissing(err))
			require.NoError(t, hang((*Injected).Remove), "the provider serves the next engine; what is let go goes on")
		})
	}
}

func TestWhatHangsEndsWithItsRequest(t *testing.T) {
	e := newEngine(t)
	ctx, cancel := context.WithCancel(t.Context())
	fault := e.inject(Fault{Effect: HangBefore, Type: queue, Action: "delete"})
	m := e.create(queue, aQueue.in)
	go func() { <-fault.Struck(); cancel() }()
	_, err := e.p.Delete(ctx, plugin.DeleteRequest{URN: urn(queue), Type: queue, ID: m.id, Inputs: m.inputs, Outputs: m.outputs})
	require.ErrorContains(t, err, "delete of aws:sqs/queue:Queue was given up: context canceled")
	assert.NotEmpty(t, e.read(m).ID)
}

func TestCallsAreListedInOrder(t *testing.T) {
	e := newEngine(t)
	before := len(e.account.Calls())
	m := e.create(profile, inputs{"name": "Nodes", "role": nodesRole})
	e.read(m)
	e.delete(m)
	var steps []string
	for _, call := range e.account.Calls()[before:] {
		steps = append(steps, call.String()+" "+call.ID)
		assert.Equal(t, profile, call.Type)
		assert.Equal(t, string(urn(profile)), call.URN)
	}
	assert.Equal(t, []string{
		"create of aws:iam/instanceProfile:InstanceProfile Nodes",
		"IAM: CreateInstanceProfile ", "IAM: AddRoleToInstanceProfile ", "IAM: GetInstanceProfile ",
		"read of aws:iam/instanceProfile:InstanceProfile Nodes", "IAM: GetInstanceProfile Nodes",
		"delete of aws:iam/instanceProfile:InstanceProfile Nodes", "IAM: RemoveRoleFromInstanceProfile Nodes", "IAM: DeleteInstanceProfile Nodes",
	}, steps)
}

// TestEveryStepCanFail fails every call of a resource's life in turn, before
// and after it took effect, and does it again.
func TestEveryStepCanFail(t *testing.T) {
	live := func(e *engine) error {
		m, err := e.tryCreate(queue, aQueue.in)
		if err != nil {
			return err
		}
		return e.tryDelete(m)
	}
	sound := newEngine(t)
	before := len(sound.account.Calls())
	require.NoError(t, live(sound))
	steps := sound.account.Calls()[before:]
	require.Len(t, steps, 5)
	for _, step := range steps {
		for _, effect := range []Effect{FailBefore, FailAfter} {
			t.Run(fmt.Sprint(step, " ", effect), func(t *testing.T) {
				e := newEngine(t)
				start := string(e.account.Dump())
				fault := e.inject(step.Fault(effect))
				require.Error(t, live(e))
				assert.Equal(t, 1, fault.Strikes())
				require.NoError(t, live(e))
				assert.Equal(t, start, string(e.account.Dump()))
			})
		}
	}
}

// TestEveryTypeSurvivesAFault fails the creation and the deletion of every type
// after they took effect: what the engine is told is the resource as it is, and
// nothing is left in the end.
func TestEveryTypeSurvivesAFault(t *testing.T) {
	for _, s := range samples {
		t.Run(s.token, func(t *testing.T) {
			e := newEngine(t)
			for _, need := range s.needs {
				e.create(need.token, need.in)
			}
			start := string(e.account.Dump())
			e.inject(Fault{Effect: FailAfter, Type: s.token, Action: "create"})
			_, err := e.tryCreate(s.token, s.in)
			require.Error(t, err)
			require.Len(t, detailsOf(err), 1)
			partial, ok := detailsOf(err)[0].(*pulumirpc.ErrorResourceInitFailed)
			require.True(t, ok)
			outputs, err := plugin.UnmarshalProperties(partial.GetProperties(), plugin.MarshalOptions{KeepUnknowns: true})
			require.NoError(t, err)
			m := made{token: s.token, id: resource.ID(partial.GetId()), inputs: e.checked(s.token, nil, s.in), outputs: outputs}
			assert.Equal(t, plugin.DiffNone, e.diff(m, m.inputs).Changes)
			assert.Equal(t, m.outputs, e.read(m).Outputs)

			e.inject(Fault{Effect: FailAfter, Type: s.token, Action: "delete"})
			require.Error(t, e.tryDelete(m))
			e.delete(m)
			assert.Equal(t, start, string(e.account.Dump()))
		})
	}
}

func TestFaultsThatCouldStrikeNothing(t *testing.T) {
	account, err := NewAccount(DefaultSpec())
	require.NoError(t, err)
	rows := []struct {
		why   string
		fault Fault
		want  string
	}{
		{"no effect", Fault{}, "there is no fault of the effect"},
		{"a misspelt type", Fault{Effect: FailBefore, Type: "aws:iam/rolle:Role"}, "neither a resource type nor a lookup aws:iam/rolle:Role"},
		{"a misspelt action", Fault{Effect: FailBefore, Action: "make"}, "nothing makes a resource"},
		{"a negative count", Fault{Effect: FailBefore, Nth: -1}, "not negative"},
	}
	for _, row := range rows {
		t.Run(row.why, func(t *testing.T) {
			_, err := account.Inject(row.fault)
			require.ErrorContains(t, err, row.want)
		})
	}
}
