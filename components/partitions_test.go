package components

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestEveryPartitionHasItsOwnARNsAndPrincipals(t *testing.T) {
	t.Parallel()
	for _, partition := range []struct{ name, region, domain string }{
		{"aws-cn", "cn-northwest-1", "amazonaws.com.cn"},
		{"aws-us-gov", "us-gov-west-1", "amazonaws.com"},
	} {
		t.Run(partition.name, func(t *testing.T) {
			t.Parallel()
			a := newAccountIn(partition.name, partition.region, partition.domain)
			component := deploy(t, a, defaults(nil)["karpenter"])

			golden(t, "karpenter/"+partition.name+".golden", a.text())
			golden(t, "karpenter/"+partition.name+".outputs", pretty(outputs(t, component))+"\n")
			assert.NotContains(t, a.text(), "arn:aws:", "no ARN is of another partition")
			assert.NotContains(t, a.text(), "ap-northeast-2", "nothing is of another region")
		})
	}
}

// Whoever rents an account in another partition gets the same, save for where it is.
func TestPartitionsDifferInPlaceAlone(t *testing.T) {
	t.Parallel()
	everywhere := func(a *account) string {
		deploy(t, a, defaults(nil)["karpenter"])
		return strings.NewReplacer(
			"arn:"+a.partition+":", "arn:aws:", a.region, "ap-northeast-2",
			"amazonaws.com.cn/", "amazonaws.com/", "eks.ap-northeast-2.amazonaws.com.cn", "eks.ap-northeast-2.amazonaws.com",
		).Replace(a.text())
	}
	home := newAccount()
	deploy(t, home, defaults(nil)["karpenter"])

	gov := everywhere(newAccountIn("aws-us-gov", "us-gov-east-1", "amazonaws.com"))
	assert.Equal(t, home.text(), gov)

	china := everywhere(newAccountIn("aws-cn", "cn-north-1", "amazonaws.com.cn"))
	assert.Equal(t, strings.Replace(home.text(), `"Service": "ec2.amazonaws.com"`, `"Service": "ec2.amazonaws.com.cn"`, 1), china,
		"China's EC2 is another principal")
}
