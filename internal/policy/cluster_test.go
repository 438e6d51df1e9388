package policy

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAClustersARNTellsWhereItIs(t *testing.T) {
	t.Parallel()
	for arn, want := range map[string]Cluster{
		"arn:aws:eks:ap-northeast-2:111122223333:cluster/shop":       {"aws", "ap-northeast-2", "111122223333", "shop"},
		"arn:aws-cn:eks:cn-north-1:111122223333:cluster/a":           {"aws-cn", "cn-north-1", "111122223333", "a"},
		"arn:aws-us-gov:eks:us-gov-east-1:111122223333:cluster/A_-1": {"aws-us-gov", "us-gov-east-1", "111122223333", "A_-1"},
		"arn:aws-iso-b:eks:us-isob-east-1:111122223333:cluster/0":    {"aws-iso-b", "us-isob-east-1", "111122223333", "0"},
	} {
		got, err := ParseClusterARN(arn)
		require.NoError(t, err)
		assert.Equal(t, want, got)
		assert.Equal(t, arn, got.ARN())
	}
}

func TestWhatIsNoClustersARNIsRefused(t *testing.T) {
	t.Parallel()
	for arn, why := range map[string]string{
		"":     "nothing",
		"shop": "a name",
		"arn:aws:eks:us-east-1:111122223333:cluster/":                            "no name",
		"arn:aws:eks:us-east-1:111122223333:cluster/-a":                          "a name that begins with a hyphen",
		"arn:aws:eks:us-east-1:111122223333:cluster/a/b":                         "more than a name",
		"arn:aws:eks:us-east-1:111122223333:cluster/" + strings.Repeat("a", 101): "a name of 101 characters",
		"arn:aws:eks:us-east-1:111122223333:nodegroup/a/b/c":                     "another resource of EKS",
		"arn:aws:ecs:us-east-1:111122223333:cluster/a":                           "another service's cluster",
		"arn:aws:eks::111122223333:cluster/a":                                    "no region",
		"arn:aws:eks:us-east-1::cluster/a":                                       "no account",
		"arn:aws:eks:us-east-1:1234:cluster/a":                                   "a short account",
		"arn:gcp:eks:us-east-1:111122223333:cluster/a":                           "another cloud",
		" arn:aws:eks:us-east-1:111122223333:cluster/a":                          "a blank before it",
		"arn:aws:eks:us-east-1:111122223333:cluster/a\n":                         "a line end after it",
	} {
		got, err := ParseClusterARN(arn)
		require.Error(t, err, why)
		assert.Equal(t, Cluster{}, got, why)
		assert.Contains(t, err.Error(), "is not the ARN of an EKS cluster (arn:<partition>:eks:<region>:<account>:cluster/<name>)", why)
	}
}

func FuzzParseClusterARN(f *testing.F) {
	for _, seed := range []string{
		"arn:aws:eks:ap-northeast-2:111122223333:cluster/shop", "arn:aws-cn:eks:cn-north-1:111122223333:cluster/a", "arn:aws:eks:::cluster/",
		"arn:aws:eks:us-east-1:111122223333:cluster/a\n", "", ":::::",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, arn string) {
		c, err := ParseClusterARN(arn)
		if err != nil {
			assert.Equal(t, Cluster{}, c)
			return
		}
		assert.Equal(t, arn, c.ARN(), "what is read is written again")
		assert.Regexp(t, "^[0-9]{12}$", c.Account)
		assert.LessOrEqual(t, len(c.Name), 100)
	})
}

func TestARNsAndNamesThatFollowFromTheCluster(t *testing.T) {
	t.Parallel()
	type row struct{ managed, account, provider, suffix, url string }
	want := map[string]row{
		"aws": {
			"arn:aws:iam::aws:policy/A", "arn:aws:iam::111122223333:policy/A", "arn:aws:iam::111122223333:oidc-provider/host/id/0",
			"amazonaws.com", "https://sqs.us-east-1.amazonaws.com/444455556666/q",
		},
		"aws-cn": {
			"arn:aws-cn:iam::aws:policy/A", "arn:aws-cn:iam::111122223333:policy/A", "arn:aws-cn:iam::111122223333:oidc-provider/host/id/0",
			"amazonaws.com.cn", "https://sqs.us-east-1.amazonaws.com.cn/444455556666/q",
		},
		"aws-us-gov": {
			"arn:aws-us-gov:iam::aws:policy/A", "arn:aws-us-gov:iam::111122223333:policy/A", "arn:aws-us-gov:iam::111122223333:oidc-provider/host/id/0",
			"amazonaws.com", "https://sqs.us-east-1.amazonaws.com/444455556666/q",
		},
	}
	for _, c := range clusters {
		queue := "arn:" + c.Partition + ":sqs:us-east-1:444455556666:q"
		assert.Equal(t, want[c.Partition], row{
			c.ManagedPolicyARN("A"), c.AccountPolicyARN("A"), c.OIDCProviderARN("https://host/id/0"), c.DNSSuffix(), c.QueueURL(queue),
		}, "a queue may be of another account and region")
	}
	assert.Empty(t, clusters[0].QueueURL("q"), "what is no ARN has no URL")
	assert.Equal(t, "arn:"+clusters[0].Partition+":sqs:"+clusters[0].Region+":"+clusters[0].Account+":q", clusters[0].QueueARN("q"), "a queue of its own")
}

func TestNamesWithinARNs(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "q", QueueName("arn:aws:sqs:us-east-1:111122223333:q"))
	assert.Equal(t, "nodes", RoleName("arn:aws:iam::111122223333:role/nodes"))
	assert.Equal(t, "nodes", RoleName("arn:aws:iam::111122223333:role/a/b/nodes"), "without its path")
	for issuer, why := range map[string]string{
		"https://host/id/0": "as EKS gives it", "https://host/id/0/": "with a slash", "host/id/0": "as IAM holds it",
	} {
		assert.Equal(t, "host/id/0", IssuerHost(issuer), why)
	}
}
