package conformance

import (
	"testing"

	"github.com/grafanix/eks-karpenter/components"
)

// terms are a list of maps, as the fields of both kinds often are.
func terms(terms ...map[string]any) []any {
	all := make([]any, len(terms))
	for i, term := range terms {
		all[i] = term
	}
	return all
}

func TestTheCRDsRefuseAWrongNodeClass(t *testing.T) {
	t.Parallel()
	type m = map[string]any
	const amis, subnets, groups = "spec.amiSelectorTerms", "spec.subnetSelectorTerms", "spec.securityGroupSelectorTerms"
	assertWrong(t, karpenterOnMocks(t, components.KarpenterArgs{}).nodeClass, []wrongObject{
		{"two identities", "spec.instanceProfile", "nodes", "must specify exactly one of ['role', 'instanceProfile']"},
		{"no identity", "spec.role", nil, "must specify exactly one of ['role', 'instanceProfile']"},
		{"a role without a name", "spec.role", "", "role cannot be empty"},
		{"a role that is a number", "spec.role", 1000, "must be of type string"},

		{"no AMI", amis, nil, "spec.amiSelectorTerms: Required value"},
		{"no AMI in the list", amis, terms(), "spec.amiSelectorTerms in body should have at least 1 items"},
		{"an AMI by nothing", amis, terms(m{}), "expected at least one, got none, ['tags', 'id', 'name', 'alias', 'ssmParameter']"},
		{"an alias and another AMI", amis, terms(m{"alias": "al2023@latest"}, m{"id": "ami-1"}), "'alias' is mutually exclusive, cannot be set with a combination of other amiSelectorTerms"},
		{"an alias with an owner", amis, terms(m{"alias": "al2023@latest", "owner": "self"}), "'alias' is mutually exclusive, cannot be set with a combination of other fields"},
		{"an alias without a version", amis, terms(m{"alias": "al2023"}), "'alias' is improperly formatted"},
		{"an alias of no family", amis, terms(m{"alias": "al2024@latest"}), "family is not supported"},
		{"a pinned version of Windows", amis, terms(m{"alias": "windows2022@v1"}), "windows families may only specify version 'latest'"},
		{"a family that is not the alias's", "spec.amiFamily", "Bottlerocket", "amiFamily must be 'AL2023' or 'Custom' when using an AL2023 alias"},
		{"a family that is none", "spec.amiFamily", "Ubuntu", `Unsupported value: "Ubuntu"`},
		{"an AMI by its id, of no family", amis, terms(m{"id": "ami-0123456789abcdef0"}), "must specify amiFamily if amiSelectorTerms does not contain an alias"},

		{"no subnets", subnets, nil, "spec.subnetSelectorTerms: Required value"},
		{"no subnets in the list", subnets, terms(), "subnetSelectorTerms cannot be empty"},
		{"subnets by nothing", subnets, terms(m{}), "expected at least one, got none, ['tags', 'id']"},
		{"a subnet by id and tag", subnets, terms(m{"id": "subnet-1", "tags": m{"a": "b"}}), "'id' is mutually exclusive"},
		{"a subnet's id that is none", subnets, terms(m{"id": "vpc-1"}), "should match 'subnet-[0-9a-z]+'"},
		{"subnets by a tag without a value", subnets, terms(m{"tags": m{"karpenter.sh/discovery": ""}}), "empty tag keys or values aren't supported"},
		{"subnets by a name", subnets, terms(m{"id": "subnet-1", "name": "private"}), "spec.subnetSelectorTerms[0].name: unknown field"},
		{"no security groups", groups, nil, "spec.securityGroupSelectorTerms: Required value"},
		{"no security groups in the list", groups, terms(), "securityGroupSelectorTerms cannot be empty"},
		{"a security group by name and tag", groups, terms(m{"name": "nodes", "tags": m{"a": "b"}}), "'name' is mutually exclusive"},

		{"Karpenter's own tag", "spec.tags", m{"karpenter.sh/nodepool": "x"}, "tag contains a restricted tag matching karpenter.sh/nodepool"},
		{"Karpenter's tag for a NodeClaim", "spec.tags", m{"karpenter.sh/nodeclaim": "x"}, "tag contains a restricted tag matching karpenter.sh/nodeclaim"},
		{"EKS's own tag", "spec.tags", m{"eks:eks-cluster-name": "shop"}, "tag contains a restricted tag matching eks:eks-cluster-name"},
		{"the ownership tag", "spec.tags", m{"kubernetes.io/cluster/shop": "owned"}, "tag contains a restricted tag matching kubernetes.io/cluster/"},
		{"a tag without a key", "spec.tags", m{"": "x"}, "empty tag keys aren't supported"},
		{"a tag that is a number", "spec.tags", m{"cost-center": 1000}, "must be of type string"},

		{"a field of v1beta1's NodePool", "spec.template", m{}, "spec.template: unknown field"},
		{"the subnets' field of v1alpha5", "spec.subnetSelector", m{"karpenter.sh/discovery": "shop"}, "spec.subnetSelector: unknown field"},
		{"more hops than EC2 knows", "spec.metadataOptions", m{"httpPutResponseHopLimit": 65}, "should be less than or equal to 64"},
		{"a volume's size without its unit", "spec.blockDeviceMappings", terms(m{"deviceName": "/dev/xvda", "ebs": m{"volumeSize": "100"}}), "volumeSize: Invalid value"},
		{"two root volumes", "spec.blockDeviceMappings", terms(m{"rootVolume": true}, m{"rootVolume": true}), "must have only one blockDeviceMappings with rootVolume"},
		{"a name that Kubernetes does not take", "metadata.name", "Default", "a lowercase RFC 1123 subdomain"},
		{"a label under the wrong name", "metadata.label", m{"team": "shop"}, "metadata.label: unknown field"},
		{"a label that is a number", "metadata.labels", m{"cost-center": 1000}, "metadata: "},
		{"a version that is no more", "apiVersion", "karpenter.k8s.aws/v1beta1", "karpenter.k8s.aws/v1beta1 EC2NodeClass: the CRDs have no such kind"},
		{"a kind of the other group", "apiVersion", "karpenter.sh/v1", "karpenter.sh/v1 EC2NodeClass: the CRDs have no such kind"},
	})
}
