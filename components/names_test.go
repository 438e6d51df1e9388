package components

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/internal/component"
)

const nameCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

// randomName is a name of that length, the same in every run for the same source.
func randomName(source *rand.Rand, length int) string {
	name := make([]byte, length)
	for i := range name {
		name[i] = nameCharacters[source.IntN(len(nameCharacters))]
	}
	return string(name)
}

func TestFitKeepsWhatFitsAndCutsTheRestToNamesThatStayApart(t *testing.T) {
	t.Parallel()
	source := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		limit := hashLength + 2 + source.IntN(150)
		name := randomName(source, 1+source.IntN(200))
		cut := fit(name, limit)

		assert.LessOrEqual(t, len(cut), limit)
		assert.Equal(t, cut, fit(name, limit), "the same name is cut the same way")
		assert.Equal(t, cut, fit(cut, limit), "a name that fits is left alone")
		if len(name) <= limit {
			assert.Equal(t, name, cut)
			continue
		}
		assert.Len(t, cut, limit, "no character is wasted")
		assert.Equal(t, name[:limit-hashLength-1]+"-", cut[:limit-hashLength], "it begins as the name does")
		assert.Regexp(t, "^[0-9a-f]{8}$", cut[limit-hashLength:])
		other := name[:len(name)-1] + "~"
		assert.NotEqual(t, cut, fit(other, limit), "names that differ beyond the cut stay apart")
	}
}

func TestFitIsStableAcrossReleases(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "KarpenterNodeRole-"+strings.Repeat("a", 46), fit("KarpenterNodeRole-"+strings.Repeat("a", 46), maxRoleName), "64 fit")
	assert.Equal(t, "KarpenterNodeRole-"+strings.Repeat("a", 37)+"-ecac2df3", fit("KarpenterNodeRole-"+strings.Repeat("a", 47), maxRoleName),
		"another hash would replace the resources of those who upgrade")
}

// namesOf are the resources to which AWS gives no name: each has one from us, of this form.
var namesOf = map[string]component.Form{
	"aws:iam/role:Role":                       roleNameForm,
	"aws:iam/policy:Policy":                   component.IAMNameForm("128"),
	"aws:iam/instanceProfile:InstanceProfile": profileNameForm,
	"aws:sqs/queue:Queue":                     queueNameForm,
	"aws:cloudwatch/eventRule:EventRule":      component.IAMNameForm("64"),
	"aws:ec2/launchTemplate:LaunchTemplate":   component.NewForm(`^[a-zA-Z0-9().\-/_]{3,128}$`, ""),
	"aws:kms/alias:Alias":                     component.NewForm(`^alias/[a-zA-Z0-9/_-]{1,250}$`, ""),
}

func TestClusterNamesOfAnyLengthGiveNamesThatAWSTakes(t *testing.T) {
	t.Parallel()
	source := rand.New(rand.NewPCG(3, 4))
	owners := map[string]string{} // whose each name is
	for length := 1; length <= 100; length++ {
		a := newAccount()
		a.clusterName = "c" + randomName(source, length-1)
		deploy(t, a, everything(a.clusterName))

		count := map[string]int{}
		for _, one := range a.registered {
			form, named := namesOf[one.token]
			if !named {
				continue
			}
			count[one.token]++
			name := one.inputs["name"].(string)
			require.True(t, form.Matches(name), "%q of %s of a cluster's name of %d characters", name, one.token, length)
			assert.NotContains(t, owners, one.token+name, "%s is taken by %s", name, owners[one.token+name])
			owners[one.token+name] = a.clusterName
		}
		require.Equal(t, map[string]int{
			"aws:iam/role:Role": 2, "aws:iam/policy:Policy": 7, "aws:iam/instanceProfile:InstanceProfile": 1,
			"aws:sqs/queue:Queue": 2, "aws:cloudwatch/eventRule:EventRule": 5, "aws:kms/alias:Alias": 1,
		}, count)
	}
}

// Two clusters whose long names differ at their ends alone must not share a role.
func TestClustersWithLongNamesThatDifferAtTheEndShareNothing(t *testing.T) {
	t.Parallel()
	names := func(cluster string) map[string]bool {
		a := newAccount()
		a.clusterName = cluster
		deploy(t, a, everything(cluster))
		all := map[string]bool{}
		for _, one := range a.registered {
			if _, named := namesOf[one.token]; named {
				all[one.token+" "+one.inputs["name"].(string)] = true
			}
		}
		return all
	}
	start := strings.Repeat("production-", 9)
	blue, green := names(start+"b"), names(start+"g")
	assert.Len(t, blue, 18)
	for name := range blue {
		assert.NotContains(t, green, name)
	}
}
