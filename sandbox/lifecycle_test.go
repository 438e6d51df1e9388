package sandbox

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLifecycleOfEveryType makes, reads, imports, updates and deletes one
// resource of every type.
func TestLifecycleOfEveryType(t *testing.T) {
	for _, s := range samples {
		t.Run(s.token, func(t *testing.T) {
			e := newEngine(t)
			for _, need := range s.needs {
				e.create(need.token, need.in)
			}
			s.live(t, e)
		})
	}
}

func (s sample) live(t *testing.T, e *engine) {
	start := string(e.account.Dump())
	news := e.checked(s.token, nil, s.in)

	foreseen := e.preview(s.token, news)
	for _, name := range s.unknown {
		assert.True(t, foreseen[resource.PropertyKey(name)].IsComputed(), "%s is unknown in a preview", name)
	}
	assert.Equal(t, start, string(e.account.Dump()), "a preview changes nothing")

	m := e.create(s.token, s.in)
	if s.id != "" {
		assert.Equal(t, s.id, string(m.id))
	}
	for name, value := range foreseen {
		if !value.ContainsUnknowns() {
			assert.Equal(t, value, m.outputs[name], "%s is as foreseen", name)
		}
	}
	s.settled(t, e, m)
	if s.update != nil {
		m = s.change(t, e, m)
	}

	e.delete(m)
	assert.Equal(t, start, string(e.account.Dump()), "deleted, the account is as before")
	assert.Empty(t, e.read(m).ID, "what is gone has no id")
	assert.NoError(t, e.tryDelete(m), "deleting what is gone is no error")
}

// settled: a refresh changes nothing, neither does the program, and an import
// finds what the program says.
func (s sample) settled(t *testing.T, e *engine, m made) {
	t.Helper()
	refreshed := e.read(m)
	assert.Equal(t, m.outputs, refreshed.Outputs)
	assert.Equal(t, m.inputs, refreshed.Inputs)
	assert.Equal(t, plugin.DiffNone, e.diff(m, m.inputs).Changes)

	id := s.importID
	switch {
	case id == "":
		id = string(m.id)
	case s.id == "":
		id += string(m.id)
	}
	imported := e.imported(s.token, id)
	assert.Equal(t, m.id, imported.id)
	changes := e.diff(imported, m.inputs).DetailedDiff
	delete(changes, "deletionWindowInDays") // AWS does not tell it
	assert.Empty(t, changes, "the program matches the import")
	again := e.check(s.token, nil, inputs(imported.inputs.Mappable()).with(inputs{"__defaults": nil}))
	assert.Empty(t, again.Failures, "the import is a program")
}

func (s sample) change(t *testing.T, e *engine, m made) made {
	t.Helper()
	news := e.checked(s.token, m.inputs, s.in.with(s.update))
	result := e.diff(m, news)
	require.Equal(t, plugin.DiffSome, result.Changes)
	assert.Empty(t, result.ReplaceKeys)
	for name := range s.update {
		assert.Contains(t, result.ChangedKeys, resource.PropertyKey(name))
	}
	foreseen := e.update(m, news, true)
	before := m
	m = e.update(m, news, false)
	assert.Equal(t, before.id, m.id)
	for name := range s.update {
		assert.Equal(t, foreseen.outputs[resource.PropertyKey(name)], m.outputs[resource.PropertyKey(name)], "%s is as foreseen", name)
	}
	s.settled(t, e, m)
	return m
}

func TestAliasFollowsItsKey(t *testing.T) {
	e := newEngine(t)
	one := e.create(key, inputs{"description": "one"})
	two := e.create(key, inputs{"description": "two"})
	s := sample{
		token: alias, id: "alias/events", unknown: []string{"arn", "targetKeyArn"},
		in:     inputs{"name": "alias/events", "targetKeyId": one.output("keyId")},
		update: inputs{"targetKeyId": two.output("arn")},
	}
	s.live(t, e)
}

func TestEqualRequestsGiveEqualAccounts(t *testing.T) {
	dumps := map[string]bool{}
	for range 3 {
		e := newEngine(t)
		for _, s := range samples {
			for _, need := range append(s.needs, s) {
				if _, err := e.tryCreate(need.token, need.in); err != nil {
					require.ErrorContains(t, err, "lready") // made by an earlier sample
				}
			}
		}
		dumps[string(e.account.Dump())] = true
	}
	assert.Len(t, dumps, 1)
}

func TestNamesAreMadeUpOnce(t *testing.T) {
	e := newEngine(t)
	in := inputs{"assumeRolePolicy": trust}
	first := e.checked(role, nil, in)
	name := first["name"].StringValue()
	assert.Regexp(t, `^thing-[0-9a-f]{7}$`, name)
	assert.Equal(t, first, e.checked(role, first, in), "an update keeps the name")
	assert.Equal(t, first, e.checked(role, nil, in), "the name is no accident")
	fifo := e.checked(queue, nil, inputs{"fifoQueue": true})
	assert.Regexp(t, `^thing-[0-9a-f]{7}\.fifo$`, fifo["name"].StringValue())
	assert.Regexp(t, `^alias/thing-[0-9a-f]{7}$`, e.checked(alias, nil, inputs{"targetKeyId": "x"})["name"].StringValue())
}

func TestUnknownInputsPassThroughPreviews(t *testing.T) {
	e := newEngine(t)
	unknown := resource.MakeComputed(resource.NewPropertyValue(""))
	for _, s := range samples {
		in := inputs{}
		for name := range s.in {
			in[name] = unknown
		}
		news := e.checked(s.token, nil, in)
		foreseen := e.preview(s.token, news)
		for name := range in {
			assert.True(t, foreseen[resource.PropertyKey(name)].IsComputed(), "%s.%s", s.token, name)
		}
	}
}

func TestDriftShows(t *testing.T) {
	e := newEngine(t)
	m := e.create(queue, inputs{"name": "events", "messageRetentionSeconds": 300})
	client, err := e.account.cloud.In("ap-northeast-2")
	require.NoError(t, err)
	q, err := client.GetQueue(queueURL)
	require.NoError(t, err)
	q.RetentionSeconds = 900
	require.NoError(t, client.SetQueueAttributes(queueURL, q))
	refreshed := e.read(m)
	assert.InDelta(t, 900, refreshed.Inputs["messageRetentionSeconds"].NumberValue(), 0)
	drifted := made{token: queue, id: m.id, inputs: refreshed.Inputs, outputs: refreshed.Outputs}
	result := e.diff(drifted, m.inputs)
	assert.Equal(t, []resource.PropertyKey{"messageRetentionSeconds"}, result.ChangedKeys)
}
