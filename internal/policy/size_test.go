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

func TestDocumentsFitWhateverTheClusterIsCalled(t *testing.T) {
	t.Parallel()
	table := []string{fmt.Sprintf("%-16s%5s  %6s %6s %6s  %s", "region", "name", "inline", "trust", "queue", "managed")}
	for _, c := range longest {
		for _, length := range []int{1, 17, 100} {
			c.Name = strings.Repeat("c", length)
			inline, sizes := 0, map[Kind]int{}
			for kind, document := range official(c) {
				sizes[kind] = document.Size()
				assert.LessOrEqual(t, sizes[kind], MaxManagedPolicySize, "%s of %d characters in %s", kind, length, c.Region)
				inline += sizes[kind]
			}
			var all []Document
			for _, kind := range slices.Sorted(maps.Keys(official(c))) {
				all = append(all, official(c)[kind])
			}
			merged := Merge(all...).Size()
			assert.Less(t, merged, inline, "one document is shorter than six")
			assert.LessOrEqual(t, merged, MaxInlinePoliciesSize, "all inline, %d characters in %s", length, c.Region)

			account := strings.Repeat("s", 253)
			trust := max(
				IRSATrust(c.OIDCProviderARN("https://oidc.eks."+c.Region+"."+c.DNSSuffix()+"/id/"+strings.Repeat("0", 32)),
					"https://oidc.eks."+c.Region+"."+c.DNSSuffix()+"/id/"+strings.Repeat("0", 32), strings.Repeat("n", 63), account).Size(),
				PodIdentityTrust(c, strings.Repeat("n", 63), account).Size(), NodeTrust(c).Size(),
			)
			assert.LessOrEqual(t, trust, MaxTrustPolicySize, "%d characters in %s", length, c.Region)

			line := fmt.Sprintf("%-16s%5d  %6d %6d %6d ", c.Region, length, merged, trust, QueuePolicy(c, c.queue(), nil).Size())
			for _, kind := range slices.Sorted(maps.Keys(sizes)) {
				line += fmt.Sprintf(" %s %d", kind, sizes[kind])
			}
			table = append(table, line)
		}
	}
	t.Log("\n" + strings.Join(table, "\n"))
}

func TestSizeIsCountedAsIAMCountsIt(t *testing.T) {
	t.Parallel()
	d := document(Statement{Sid: "S", Effect: "Allow", Actions: Values{"a b", "c\td"}, Resources: Values{"ü"}})
	assert.Equal(t, len(`{"Version":"2012-10-17","Statement":[{"Sid":"S","Effect":"Allow","Action":["ab","c\td"],"Resource":"u"}]}`), d.Size(),
		"characters, not bytes, and no white space")
}
