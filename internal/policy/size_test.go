package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// longest are the places with the longest names in each partition.
var longest = []Cluster{
	{Partition: "aws", Region: "ap-southeast-99", Account: "111122223333"},
	{Partition: "aws-us-gov", Region: "us-gov-west-1", Account: "111122223333"},
	{Partition: "aws-cn", Region: "cn-northwest-1", Account: "111122223333"},
}

func TestDocumentsOfEveryVersionFitWhateverTheClusterIsCalled(t *testing.T) {
	t.Parallel()
	table := []string{fmt.Sprintf("%-8s%-16s%5s  %6s %6s %6s  %s", "version", "region", "name", "inline", "trust", "queue", "managed")}
	for _, v := range Versions() {
		for _, c := range longest {
			for _, length := range []int{1, 17, 100} {
				c.Name = strings.Repeat("c", length)
				table = append(table, fits(t, c, v))
			}
		}
	}
	t.Log("\n" + strings.Join(table, "\n"))
}

// fits holds all documents of a cluster to their limits, and tells their sizes in one line.
func fits(t *testing.T, c Cluster, v Version) string {
	where := fmt.Sprintf("Karpenter %s, %d characters in %s", v, len(c.Name), c.Region)
	inline, sizes, documents := 0, map[Kind]int{}, official(c, v)
	for kind, document := range documents {
		sizes[kind] = document.Size()
		assert.LessOrEqual(t, sizes[kind], MaxManagedPolicySize, "%s: %s", kind, where)
		inline += sizes[kind]
	}
	merged := all(c, v).Size()
	assert.Less(t, merged, inline, "one document is shorter than six")
	assert.LessOrEqual(t, merged, MaxInlinePoliciesSize, "all inline: %s", where)

	issuer := "https://oidc.eks." + c.Region + "." + c.DNSSuffix() + "/id/" + strings.Repeat("0", 32)
	namespace, account := strings.Repeat("n", 63), strings.Repeat("s", 253)
	trust := max(
		IRSATrust(c.OIDCProviderARN(issuer), issuer, namespace, account).Size(), PodIdentityTrust(c, namespace, account).Size(), NodeTrust(c).Size(),
	)
	assert.LessOrEqual(t, trust, MaxTrustPolicySize, where)

	line := fmt.Sprintf("%-8s%-16s%5d  %6d %6d %6d ", v, c.Region, len(c.Name), merged, trust, QueuePolicy(c, c.queue(), nil).Size())
	for _, kind := range slices.Sorted(maps.Keys(sizes)) {
		line += fmt.Sprintf(" %s %d", kind, sizes[kind])
	}
	return line
}

func TestSizeIsCountedAsIAMCountsIt(t *testing.T) {
	t.Parallel()
	d := document(Statement{Sid: "S", Effect: "Allow", Actions: Values{"a b", "c\td"}, Resources: Values{"ü"}})
	assert.Equal(t, len(`{"Version":"2012-10-17","Statement":[{"Sid":"S","Effect":"Allow","Action":["ab","c\td"],"Resource":"u"}]}`), d.Size(),
		"characters, not bytes, and no white space")
}
