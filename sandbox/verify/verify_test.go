package verify

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/sandbox"
)

const (
	theRegion  = "ap-northeast-2"
	theCluster = "grafanix-comic"
)

// world is an account in which things are deployed by its own operations.
type world struct {
	*sandbox.Client
	t       *testing.T
	account *sandbox.Account
}

func newWorld(t *testing.T) world {
	t.Helper()
	account, err := sandbox.NewAccount(sandbox.DefaultSpec())
	require.NoError(t, err)
	client, err := account.Client(theRegion)
	require.NoError(t, err)
	return world{client, t, account}
}

// controller makes a role that the cluster's service accounts may assume, with
// rights.
func (w world) controller(name, subject string, statements ...string) {
	w.t.Helper()
	cluster, err := w.DescribeCluster(theCluster)
	require.NoError(w.t, err)
	host := strings.TrimPrefix(cluster.Issuer, "https://")
	require.NoError(w.t, w.CreateRole(sandbox.Role{
		Name: name, Path: "/", MaxSession: 3600,
		TrustPolicy: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity","Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/` +
			host + `"},"Condition":{"StringLike":{"` + host + `:sub":"` + subject + `"}}}]}`,
	}))
	for i, statement := range statements {
		require.NoError(w.t, w.PutRolePolicy(name, string(rune('a'+i)), `{"Version":"2012-10-17","Statement":[`+statement+`]}`))
	}
}

func (w world) run(options Options) (Report, error) {
	return Run(w.account, theRegion, theCluster, options)
}

const (
	karpenters = "system:serviceaccount:kube-system:karpenter"
	passNodes  = `{"Sid":"Pass","Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::123456789012:role/grafanix-comic-system-nodes"}`
	readAny    = `{"Sid":"Read","Effect":"Allow","Action":"sqs:*","Resource":"*"}`
)

func TestWhatIsFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.controller("controller", karpenters, passNodes, readAny)
	_, err := w.CreateQueue(sandbox.Queue{Name: "interruptions", MaxMessageSize: 262144, RetentionSeconds: 300, VisibilitySeconds: 30})
	require.NoError(t, err)
	before := string(w.account.Dump())

	report, err := w.run(Options{Queue: "interruptions"})
	require.NoError(t, err)
	assert.Equal(t, before, string(w.account.Dump()), "it works on a copy")
	assert.Equal(t, "web identity", report.Identity)
	assert.Equal(t, "arn:aws:iam::123456789012:role/controller", report.ControllerRole)
	assert.Equal(t, "arn:aws:iam::123456789012:role/grafanix-comic-system-nodes", report.NodeRole, "it may be passed and has an access entry")
	assert.Equal(t, "arn:aws:sqs:ap-northeast-2:123456789012:interruptions", report.Queue)
	assert.False(t, report.OK())
	for _, row := range report.Rows {
		if row.Story == InterruptionsWay {
			assert.Equal(t, Kept, row.Got, "no rule sends to the queue: %s", row.Why)
		}
	}

	clusters, err := Clusters(w.account, Options{})
	require.NoError(t, err)
	assert.Equal(t, []Cluster{{Region: theRegion, Name: theCluster}}, clusters)
}

func TestWhatIsNotFound(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		deploy  func(world)
		options Options
		err     string
	}{
		{func(world) {}, Options{}, "no role trusts Karpenter's service account kube-system/karpenter"},
		{func(w world) { w.controller("controller", karpenters, passNodes) }, Options{Namespace: "other"}, "no role trusts Karpenter's service account other/karpenter"},
		{func(w world) {
			w.controller("one", karpenters)
			w.controller("two", "system:serviceaccount:kube-system:*")
		}, Options{}, "2 roles trust Karpenter's service account, such as arn:aws:iam::123456789012:role/one and arn:aws:iam::123456789012:role/two"},
		{func(w world) {
			w.controller("one", karpenters)
			w.controller("two", "system:serviceaccount:kube-system:*")
		}, Options{ControllerRole: "two"}, "no role looks like that of nodes"},
		{func(w world) { w.controller("controller", karpenters) }, Options{NodeRole: "nodes"}, "nodes"},
	} {
		w := newWorld(t)
		row.deploy(w)
		_, err := w.run(row.options)
		require.ErrorContains(t, err, row.err)
	}
	_, err := Run(newWorld(t).account, theRegion, "nowhere", Options{})
	require.ErrorContains(t, err, "nowhere")
}

// TestUndecided gives a role a policy whose document the sandbox does not know:
// that is never taken for the expected.
func TestUndecided(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.controller("controller", karpenters, passNodes)
	require.NoError(t, w.AttachRolePolicy("grafanix-comic-system-nodes", "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"))
	report, err := w.run(Options{})
	require.NoError(t, err)
	for _, row := range report.Rows {
		if row.Who == string(node) {
			assert.Equal(t, Undecided, row.Got, row.Why)
			assert.False(t, row.OK, row.Why)
		}
	}
	assert.Contains(t, report.Table(), "undecided")
}

func TestBest(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		scores     map[string]int
		found, err string
	}{
		{map[string]int{}, "", ""},
		{map[string]int{"a": 1}, "", ""},
		{map[string]int{"a": 2, "b": 4, "c": 3}, "b", ""},
		{map[string]int{"a": 2, "b": 2, "c": 3}, "c", ""},
		{map[string]int{"a": 3, "b": 3}, "", "both a and b may be the thing: name it"},
	} {
		found, err := best(row.scores, "thing")
		if row.err != "" {
			require.EqualError(t, err, row.err)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, row.found, found)
	}
}

// TestTables holds the tables to the promises of the stories.
func TestTables(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.controller("controller", karpenters, passNodes, readAny)
	report, err := w.run(Options{})
	require.NoError(t, err)
	_, allowed := report.Count(KarpentersDay)
	_, denied := report.Count(SomebodyElsesDay)
	assert.GreaterOrEqual(t, allowed, 80)
	assert.GreaterOrEqual(t, denied, 120)
	for _, row := range report.Rows {
		assert.NotContains(t, row.Why+row.Action+row.Resource+row.Who, "{", "a placeholder that nothing fills")
		if row.Got == Undecided {
			assert.Contains(t, row.By, "another account's", row.Why)
		}
	}
}
