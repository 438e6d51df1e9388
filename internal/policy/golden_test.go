package policy

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares JSON with the file of that name in testdata, which holds it with line ends.
func golden(t *testing.T, name, text string) {
	t.Helper()
	var indented bytes.Buffer
	require.NoError(t, json.Indent(&indented, []byte(text), "", "  "))
	indented.WriteByte('\n')
	path := filepath.Join("testdata", name+".json")
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, indented.Bytes(), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "go test ./internal/policy -update writes it")
	assert.Equal(t, string(want), indented.String(), "if this change is meant, go test ./internal/policy -update writes it to %s", path)
}

// clusters are one plain cluster in each partition.
var clusters = []Cluster{
	{Partition: "aws", Region: "eu-central-1", Account: "111122223333", Name: "shop"},
	{Partition: "aws-cn", Region: "cn-north-1", Account: "111122223333", Name: "shop"},
	{Partition: "aws-us-gov", Region: "us-gov-west-1", Account: "111122223333", Name: "shop"},
}

func (c Cluster) nodeRole() string { return c.iam("role/KarpenterNodeRole-" + c.Name) }
func (c Cluster) queue() string    { return c.regional("sqs", c.Name) }
func (c Cluster) key(id string) string {
	return c.regional("kms", "key/"+id)
}

// official are the controller's six policies of a cluster with one node role and a queue under no key, as a version has them.
func official(c Cluster, v Version) map[Kind]Document {
	return map[Kind]Document{
		NodeLifecycle:     NodeLifecyclePolicy(c, v),
		IAMIntegration:    IAMIntegrationPolicy(c, []string{c.nodeRole()}),
		EKSIntegration:    EKSIntegrationPolicy(c),
		Interruption:      InterruptionPolicy(c.queue(), ""),
		ZonalShift:        ZonalShiftPolicy(c, v),
		ResourceDiscovery: ResourceDiscoveryPolicy(c, v, nil),
	}
}

// documents are all documents of a cluster, by the names of their golden files.
func documents(c Cluster) map[string]Document {
	issuer := "https://oidc.eks." + c.Region + "." + c.DNSSuffix() + "/id/0123456789ABCDEF"
	rules := []string{"KarpenterInstanceStateChangeRule-shop", "KarpenterRebalanceRule-shop"}
	all := map[string]Document{
		"controller/InterruptionUnderKey": InterruptionPolicy(c.queue(), c.key("queue")),
		"controller/Additional": AdditionalPolicy(c, []string{c.key("one"), c.key("two")}, []Statement{{
			Sid: "SeeNetworks", Effect: "Allow", Actions: Values{"ec2:DescribeVpcs"}, Resources: Values{"*"},
			Condition: Condition{"StringEquals": {"aws:RequestedRegion": {c.Region}}},
		}}),
		"trust/IRSA":        IRSATrust(c.OIDCProviderARN(issuer), issuer, "kube-system", "karpenter"),
		"trust/PodIdentity": PodIdentityTrust(c, "kube-system", "karpenter"),
		"trust/Node":        NodeTrust(c),
		"trust/Fargate":     FargateTrust(c),
		"queue/Policy":      QueuePolicy(c, c.queue(), rules),
		"queue/KeyPolicy":   QueueKeyPolicy(c, rules),
	}
	for kind, document := range official(c, Newest) {
		all["controller/"+string(kind)] = document
	}
	return all
}

func TestEveryDocumentIsAsItsGoldenShows(t *testing.T) {
	t.Parallel()
	for _, c := range clusters {
		for name, document := range documents(c) {
			golden(t, c.Partition+"/"+name, document.JSON())
		}
	}
}

func TestEveryEventPatternIsAsItsGoldenShows(t *testing.T) {
	t.Parallel()
	for directory, actedOnOnly := range map[string]bool{"events/all": false, "events/acted-on": true} {
		for _, rule := range Rules(Newest, actedOnOnly) {
			golden(t, directory+"/"+rule.Name, rule.Pattern.JSON())
		}
	}
}

func TestEveryGoldenIsOfADocument(t *testing.T) {
	t.Parallel()
	var want []string
	for _, c := range clusters {
		for name := range documents(c) {
			want = append(want, filepath.Join("testdata", c.Partition, filepath.FromSlash(name)+".json"))
		}
	}
	for _, directory := range []string{"all", "acted-on"} {
		for _, rule := range Rules(Newest, false) {
			want = append(want, filepath.Join("testdata", "events", directory, rule.Name+".json"))
		}
	}
	got, err := filepath.Glob("testdata/*/*/*")
	require.NoError(t, err)
	assert.ElementsMatch(t, want, got)
}

// The actedOnOnly rules leave out events; they let in none besides, and nothing else of a rule changes.
func TestActedOnRulesDifferInTheDetailAlone(t *testing.T) {
	t.Parallel()
	all, actedOn := Rules(Newest, false), Rules(Newest, true)
	for i := range actedOn {
		assert.Nil(t, all[i].Pattern.Detail)
		actedOn[i].Pattern.Detail = nil
	}
	assert.Equal(t, all, actedOn)
}
