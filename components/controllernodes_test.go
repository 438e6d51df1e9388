package components

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/internal/policy"
)

// bothChoices are the two kinds of ControllerNodes of a cluster.
func bothChoices(clusterName string) map[string]constructor {
	choices := map[string]constructor{}
	for name, fargate := range map[string]bool{"nodes": false, "fargate": true} {
		choices[name] = of(NewControllerNodes, "controller-nodes", &ControllerNodesArgs{
			ClusterName: clusterName, Options: &ControllerNodesOptions{Fargate: &fargate},
		})
	}
	return choices
}

func TestControllerNodesInEveryPartition(t *testing.T) {
	t.Parallel()
	for _, partition := range []struct{ name, region, domain string }{
		{"aws-cn", "cn-northwest-1", "amazonaws.com.cn"},
		{"aws-us-gov", "us-gov-west-1", "amazonaws.com"},
	} {
		for choice, construct := range bothChoices("shop") {
			t.Run(partition.name+" "+choice, func(t *testing.T) {
				t.Parallel()
				a := newAccountIn(partition.name, partition.region, partition.domain)
				component := deploy(t, a, construct)
				golden(t, "controllernodes/"+partition.name+"-"+choice+".golden", a.text())
				golden(t, "controllernodes/"+partition.name+"-"+choice+".outputs", pretty(outputs(t, component))+"\n")
				assert.NotContains(t, a.text(), "arn:aws:", "no ARN is of another partition")
			})
		}
	}
}

func TestControllerNodesOfClusterNamesOfAnyLengthHaveNamesThatAWSTakes(t *testing.T) {
	t.Parallel()
	source := rand.New(rand.NewPCG(5, 6))
	owners := map[string]string{} // whose each name is
	for length := 1; length <= 100; length += 9 {
		clusterName := "c" + randomName(source, length-1)
		for choice, construct := range bothChoices(clusterName) {
			a := newAccount()
			a.clusterName = clusterName
			deploy(t, a, construct)
			for _, one := range a.registered {
				if form, named := namesOf[one.token]; named {
					name := one.inputs["name"].(string)
					require.True(t, form.Matches(name), "%q of %s of %s of %d characters", name, one.token, choice, length)
					assert.NotContains(t, owners, one.token+name, "%s is taken by %s", name, owners[one.token+name])
					owners[one.token+name] = clusterName
				}
				for _, property := range []string{"nodeGroupName", "nodeGroupNamePrefix", "fargateProfileName"} {
					if name, ok := one.inputs[property].(string); ok {
						assert.True(t, nodeGroupNameForm.Matches(name), name)
						assert.LessOrEqual(t, len(name), 63-26, "the provider adds 26 characters to a prefix")
					}
				}
			}
		}
	}
}

func TestFargatesTrustFitsWhateverTheClusterIsCalled(t *testing.T) {
	t.Parallel()
	c := policy.Cluster{Partition: "aws-us-gov", Region: "us-gov-west-1", Account: "111122223333", Name: strings.Repeat("c", 100)}
	assert.LessOrEqual(t, policy.FargateTrust(c).Size(), policy.MaxTrustPolicySize)
}

// The subnets of a VPC that the same program makes may come one by one or as a whole, and the preview shows all.
func TestControllerNodesTakeSubnetsThatComeLate(t *testing.T) {
	t.Parallel()
	for _, fargate := range []bool{false, true} {
		for _, whole := range []bool{false, true} {
			construct := func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) (pulumi.ComponentResource, error) {
				facts, err := factsOfOwnCluster(ctx)
				if err != nil {
					return nil, err
				}
				options := &ControllerNodesOptions{SubnetIds: facts.SubnetIds, Fargate: &fargate}
				if whole {
					options.SubnetIds, facts.SubnetIds = facts.SubnetIds.ToStringArrayOutput(), nil
				}
				return NewControllerNodes(ctx, "controller-nodes", &ControllerNodesArgs{ClusterName: "shop", Cluster: facts, Options: options}, opts...)
			}
			preview, up := newAccount(), newAccount()
			preview.preview = true
			previewed, made := deploy(t, preview, construct), deploy(t, up, construct)

			assert.ElementsMatch(t, identities(up), identities(preview))
			assert.Empty(t, up.calls, "nothing is looked up")
			for property, value := range outputs(t, made) {
				assert.NotEqual(t, "<unknown>", value, property)
			}
			assert.Equal(t, "<unknown>", outputs(t, previewed)["roleArn"])
			for _, one := range up.registered {
				if one.token == "aws:eks/nodeGroup:NodeGroup" || one.token == "aws:eks/fargateProfile:FargateProfile" {
					assert.Equal(t, []any{publicSubnet, privateSubnet}, one.inputs["subnetIds"])
				}
			}
		}
	}
}

// A role that loses its policies while nodes still bear it leaves them unable to drain.
func TestNodesAreGoneBeforeTheirRolesPolicies(t *testing.T) {
	t.Parallel()
	for choice, construct := range bothChoices("shop") {
		a := newAccount()
		deploy(t, a, construct)
		var attachments, waits []string
		for _, one := range a.registered {
			switch one.token {
			case "aws:iam/rolePolicyAttachment:RolePolicyAttachment":
				attachments = append(attachments, one.urn)
			case "aws:eks/nodeGroup:NodeGroup", "aws:eks/fargateProfile:FargateProfile":
				waits = one.waits
			}
		}
		slices.Sort(attachments)
		assert.NotEmpty(t, attachments)
		assert.Equal(t, attachments, waits, choice)
	}
}

// A cluster that moves from nodes to Fargate or back keeps nothing of the other: each is made before the other goes.
func TestNodesAndFargateShareNoResource(t *testing.T) {
	t.Parallel()
	made := map[string]bool{}
	for _, construct := range bothChoices("shop") {
		a := newAccount()
		deploy(t, a, construct)
		assertNamed(t, a)
		for _, one := range a.registered {
			if !one.custom {
				continue
			}
			assert.NotContains(t, made, one.urn)
			made[one.urn] = true
			if name, ok := one.inputs["name"].(string); ok {
				assert.NotContains(t, made, one.token+name)
				made[one.token+name] = true
			}
		}
	}
}

// Nothing makes Karpenter take these nodes for its own, and nothing is protected or kept of itself.
func TestControllerNodesAreNotKarpentersOwn(t *testing.T) {
	t.Parallel()
	for _, construct := range bothChoices("shop") {
		a := newAccount()
		deploy(t, a, construct)
		assert.NotContains(t, a.text(), "karpenter.sh/nodepool")
		for _, one := range a.registered {
			assert.NotContains(t, one.options, "protect")
			assert.NotContains(t, one.options, "retainOnDelete")
			assert.NotEqual(t, "aws:eks/accessEntry:AccessEntry", one.token, "EKS makes it")
		}
	}
}

func TestEveryInstanceTypesArchitectureIsTold(t *testing.T) {
	t.Parallel()
	for kind, arm := range map[string]bool{
		"a1.large": true, "m6g.large": true, "m7gd.xlarge": true, "c6gn.large": true, "t4g.small": true, "x2gd.large": true, "im4gn.large": true,
		"is4gen.large": true, "hpc7g.4xlarge": true, "g5g.xlarge": true, "i8g.large": true, "c8gb.large": true,
		"m5.large": false, "m6i.large": false, "g4dn.xlarge": false, "g5.xlarge": false, "g6e.xlarge": false, "gr6.4xlarge": false, "m7i-flex.large": false,
		"u7i-12tb.224xlarge": false, "u-6tb1.metal": false, "t3a.large": false, "p4d.24xlarge": false, "inf2.xlarge": false, "c7a.large": false,
	} {
		assert.True(t, instanceTypeForm.Matches(kind), kind)
		assert.Equal(t, arm, armInstanceType.MatchString(kind), kind)
	}
}
