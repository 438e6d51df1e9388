package sandbox

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheDefaultAccountIsWellFormed(t *testing.T) {
	spec, err := ParseSpec(defaultAccount)
	require.NoError(t, err)
	assert.Equal(t, spec, DefaultSpec())
	assert.Len(t, spec.Clusters, 2)
	_, err = NewAccount(spec)
	require.NoError(t, err)
}

func TestSpecsShareNothing(t *testing.T) {
	spec := DefaultSpec()
	spec.Clusters[0].Name = "other"
	spec.Clusters[0].SecurityGroups[1].Tags["kubernetes.io/cluster/{cluster}"] = "owned"
	assert.Equal(t, theCluster, DefaultSpec().Clusters[0].Name)
	assert.Len(t, DefaultSpec().Clusters[0].SecurityGroups[1].Tags, 1)
}

func TestSpecsRefuseWhatTheyDoNotKnow(t *testing.T) {
	_, err := ParseSpec([]byte("partition: aws\ncolour: red\n"))
	require.ErrorContains(t, err, "colour")
	cases := map[string]func(*Spec){
		`accountId must be 12 digits, got "1"`:                                          func(s *Spec) { s.AccountID = "1" },
		"region ap-northeast-2 belongs to partition aws, not to aws-cn":                 func(s *Spec) { s.Partition = "aws-cn" },
		`ipFamily must be ipv4 or ipv6, got "ipv5"`:                                     func(s *Spec) { s.Clusters[0].IPFamily = "ipv5" },
		"one of its security groups must be the primary one":                            func(s *Spec) { s.Clusters[0].SecurityGroups[0].Primary = false },
		"cluster grafanix-comic-prod: subnet-0b7d1e94c2f83a561 is there twice":          func(s *Spec) { s.Clusters[1].Subnets[0].ID = theSubnet },
		`authenticationMode must be one of [API API_AND_CONFIG_MAP CONFIG_MAP], got ""`: func(s *Spec) { s.Clusters[0].AuthenticationMode = "" },
		"policy PlatformBoundary: operation error IAM: CreatePolicy":                    func(s *Spec) { s.Policies[0].Document = "{" },
		"cluster grafanix-comic-prod: operation error IAM: GetRole":                     func(s *Spec) { s.Clusters[1].AccessEntries[0].Role = "nobody" },
		"NoSuchEntity: Policy arn:aws:iam::aws:policy/Nonsense does not exist":          func(s *Spec) { s.Clusters[0].Roles[0].ManagedPolicies = []string{"Nonsense"} },
	}
	for words, edit := range cases {
		spec := DefaultSpec()
		edit(&spec)
		_, err := NewAccount(spec)
		assert.ErrorContains(t, err, words)
	}
}

func TestARenamedClusterTakesItsTagsAlong(t *testing.T) {
	long := strings.Repeat("c", 100)
	e := newEngine(t, func(s *Spec) { s.Clusters[0].Name = long })
	found, err := e.invoke("aws:ec2/getSecurityGroups:getSecurityGroups", inputs{"filters": []any{filter("tag:kubernetes.io/cluster/"+long, "owned")}})
	require.NoError(t, err)
	assert.Len(t, found.Properties["ids"].ArrayValue(), 1)
}

// TestAccountsOfEveryPartition: a partition and regions of it are all that
// must change.
func TestAccountsOfEveryPartition(t *testing.T) {
	cases := []struct{ partition, region, issuer, queue string }{
		{"aws", "eu-central-1", "https://oidc.eks.eu-central-1.amazonaws.com/id/", "https://sqs.eu-central-1.amazonaws.com/123456789012/q"},
		{"aws-cn", "cn-north-1", "https://oidc.eks.cn-north-1.amazonaws.com.cn/id/", "https://sqs.cn-north-1.amazonaws.com.cn/123456789012/q"},
		{"aws-us-gov", "us-gov-west-1", "https://oidc.eks.us-gov-west-1.amazonaws.com/id/", "https://sqs.us-gov-west-1.amazonaws.com/123456789012/q"},
	}
	for _, c := range cases {
		e := newEngine(t, func(s *Spec) {
			s.Partition = c.partition
			for i := range s.Clusters {
				s.Clusters[i].Region = c.region
			}
		})
		m := e.create(queue, inputs{"name": "q"})
		assert.Equal(t, c.queue, string(m.id))
		assert.Equal(t, "arn:"+c.partition+":sqs:"+c.region+":123456789012:q", m.output("arn"))
		cluster, err := e.invoke("aws:eks/getCluster:getCluster", inputs{"name": theCluster})
		require.NoError(t, err)
		found := cluster.Properties.Mappable()
		assert.Equal(t, "arn:"+c.partition+":eks:"+c.region+":123456789012:cluster/"+theCluster, found["arn"])
		identities := cluster.Properties["identities"].ArrayValue()[0].ObjectValue()["oidcs"].ArrayValue()[0].ObjectValue()
		assert.Contains(t, identities["issuer"].StringValue(), c.issuer)
	}
}

func TestAFileKeepsTheAccount(t *testing.T) {
	path := filepath.Join(t.TempDir(), "account.json")
	first, err := Open(path, DefaultSpec())
	require.NoError(t, err)
	start := first.Dump()
	e := serve(t, first)
	e.create(role, aRole.in)
	k := e.create(key, aKey.in)
	e.delete(k)
	changed := first.Dump()
	assert.NotEqual(t, string(start), string(changed))

	second, err := Open(path, Spec{})
	require.NoError(t, err)
	assert.Equal(t, string(changed), string(second.Dump()), "what was done is there again; the start counts no more")
	again := serve(t, second)
	assert.NotEqual(t, k.id, again.create(key, aKey.in).id, "deleted keys are remembered")

	files, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	assert.Len(t, files, 1, "no temporary file is left")
}

func TestABrokenFileIsNoAccount(t *testing.T) {
	path := filepath.Join(t.TempDir(), "account.json")
	require.NoError(t, os.WriteFile(path, []byte(`{"colour": 1}`), 0o600))
	_, err := Open(path, DefaultSpec())
	require.ErrorContains(t, err, path)
}

func TestAnAccountThatCannotBeSavedSaysSo(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "gone")
	require.NoError(t, os.Mkdir(dir, 0o700))
	account, err := Open(filepath.Join(dir, "account.json"), DefaultSpec())
	require.NoError(t, err)
	require.NoError(t, os.RemoveAll(dir))
	_, err = serve(t, account).tryCreate(role, aRole.in)
	require.ErrorContains(t, err, "saving the account after IAM: CreateRole")
}
