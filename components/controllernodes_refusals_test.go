package components

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
)

func TestControllerNodesRefuse(t *testing.T) {
	t.Parallel()
	with := func(options ControllerNodesOptions) constructor {
		return of(NewControllerNodes, "controller-nodes", &ControllerNodesArgs{ClusterName: "shop", Options: &options})
	}
	label := func(key, value string) constructor {
		return with(ControllerNodesOptions{Labels: map[string]string{key: value}})
	}
	const start = "controller-nodes: options."
	const ownNodes = "it marks Karpenter's own nodes, on which its controller does not run; choose another key"
	ten := []string{}
	for _, letter := range "abcdefgh" {
		ten = append(ten, "arn:aws:iam::aws:policy/"+string(letter))
	}
	many := []string{}
	for i := range 21 {
		many = append(many, fmt.Sprintf("m%d.large", i+1))
	}
	fifty := map[string]string{}
	for i := range 48 {
		fifty[fmt.Sprint(i)] = ""
	}
	assertRefused(t, []refusal{
		{
			why: "a label that marks Karpenter's nodes", with: label("karpenter.sh/nodepool", "default"),
			says: start + `labels: "karpenter.sh/nodepool" is reserved: ` + ownNodes,
		},
		{why: "any other label of Karpenter's", with: label("karpenter.k8s.aws/x", "y"), says: start + `labels: "karpenter.k8s.aws/x" is reserved: ` + ownNodes},
		{
			why: "the component's own label", with: label("karpenter.sh/controller", "false"),
			says: start + `labels: "karpenter.sh/controller" is set by this component: leave it out`,
		},
		{
			why: "a label of EKS's", with: label("eks.amazonaws.com/nodegroup", "x"),
			says: start + `labels: "eks.amazonaws.com/nodegroup" is reserved: EKS sets such labels itself and refuses others'; choose another key`,
		},
		{
			why: "a label that no node may give itself", with: label("node-role.kubernetes.io/control", "x"),
			says: start + `labels: "node-role.kubernetes.io/control" is reserved: no node may give itself such a label, ` +
				"save under node.kubernetes.io and kubelet.kubernetes.io; choose another key",
		},
		{why: "one of k8s.io", with: label("k8s.io/x", "y"), says: start + `labels: "k8s.io/x" is reserved: no node may give itself such a label; choose another key`},
		{
			why: "a label without a value, which EKS refuses", with: label("team", ""),
			says: start + `labels: "" is not valid: a label's value: 1 to 63 letters, digits and any of _.-, a letter or digit at both ends`,
		},
		{
			why: "a label that is none", with: label("team name", "x"),
			says: start + `labels: "team name" is not valid: a label's key: by choice a DNS subdomain and a slash, then 1 to 63 letters, digits and any of _.-, ` +
				"a letter or digit at both ends",
		},
		{
			why: "a name longer than EKS takes", with: with(ControllerNodesOptions{Name: new(strings.Repeat("n", 64))}),
			says: start + `name: "` + strings.Repeat("n", 64) + `" is not valid: 1 to 63 letters, digits, hyphens and underscores, a letter or digit first`,
		},
		{
			why: "a role's name longer than IAM takes", with: with(ControllerNodesOptions{RoleName: new(strings.Repeat("n", 65))}),
			says: start + `roleName: "` + strings.Repeat("n", 65) + `" is not valid: 1 to 64 letters, digits and any of _+=,.@-`,
		},
		{
			why: "a boundary that is no policy", with: with(ControllerNodesOptions{PermissionsBoundary: given(nodeRoleARN)}),
			says: start + `permissionsBoundary: "` + nodeRoleARN + `" is not valid: the ARN of an IAM policy`,
		},
		{
			why: "eleven policies", with: with(ControllerNodesOptions{AdditionalPolicyArns: list(ten...)}),
			says: start + "additionalPolicyArns: 11 policies are too many: AWS attaches at most 10 to a role, and 3 are the component's own; " +
				"put the permissions into a policy of your own",
		},
		{
			why: "a policy that is attached already", with: with(ControllerNodesOptions{AdditionalPolicyArns: list("arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy")}),
			says: start + `additionalPolicyArns: "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy" is attached already: leave it out`,
		},
		{
			why: "a policy that is attached already on Fargate",
			with: with(ControllerNodesOptions{
				Fargate: new(true), AdditionalPolicyArns: list("arn:aws:iam::aws:policy/AmazonEKSFargatePodExecutionRolePolicy"),
			}),
			says: start + `additionalPolicyArns: "arn:aws:iam::aws:policy/AmazonEKSFargatePodExecutionRolePolicy" is attached already: leave it out`,
		},
		{
			why: "fewer nodes than the least", with: with(ControllerNodesOptions{DesiredSize: new(1)}),
			says: start + "desiredSize: 1 is out of range: minSize, 2, to maxSize, 3",
		},
		{why: "more than the most", with: with(ControllerNodesOptions{DesiredSize: new(4)}), says: start + "desiredSize: 4 is out of range: minSize, 2, to maxSize, 3"},
		{why: "a least above the most", with: with(ControllerNodesOptions{MinSize: new(4)}), says: start + "minSize: 4 is more than maxSize, 3: set both"},
		{
			why: "no nodes at all", with: with(ControllerNodesOptions{MinSize: new(0)}),
			says: start + "minSize: 0 is out of range: 1 to 450 nodes",
		},
		{
			why: "more nodes than a group holds", with: with(ControllerNodesOptions{MaxSize: new(451)}),
			says: start + "maxSize: 451 is out of range: 1 to 450 nodes",
		},
		{
			why: "an update that takes no node", with: with(ControllerNodesOptions{MaxUnavailable: new(0)}),
			says: start + "maxUnavailable: 0 is out of range: 1 to 100 nodes",
		},
		{
			why: "an AMI of another kind", with: with(ControllerNodesOptions{AmiType: new("WINDOWS_CORE_2022_x86_64")}),
			says: start + `amiType: "WINDOWS_CORE_2022_x86_64" is not valid: one of AL2023_x86_64_STANDARD, AL2023_ARM_64_STANDARD, ` +
				"BOTTLEROCKET_x86_64, BOTTLEROCKET_ARM_64, BOTTLEROCKET_x86_64_FIPS, BOTTLEROCKET_ARM_64_FIPS",
		},
		{
			why: "Arm instances for an x86 AMI", with: with(ControllerNodesOptions{InstanceTypes: []string{"m5.large", "m7g.large"}}),
			says: start + `instanceTypes: "m7g.large" is not of the architecture of amiType AL2023_x86_64_STANDARD: choose another of the two`,
		},
		{
			why:  "x86 instances for an Arm AMI",
			with: with(ControllerNodesOptions{InstanceTypes: []string{"g4dn.xlarge"}, AmiType: new("BOTTLEROCKET_ARM_64")}),
			says: start + `instanceTypes: "g4dn.xlarge" is not of the architecture of amiType BOTTLEROCKET_ARM_64: choose another of the two`,
		},
		{
			why: "a type that is none", with: with(ControllerNodesOptions{InstanceTypes: []string{"large"}}),
			says: start + `instanceTypes: "large" is not valid: an EC2 instance type such as m6i.large`,
		},
		{
			why: "a type listed twice", with: with(ControllerNodesOptions{InstanceTypes: []string{"m5.large", "m5.large"}}),
			says: start + `instanceTypes: "m5.large" is listed twice: list it once`,
		},
		{
			why: "more types than EKS takes", with: with(ControllerNodesOptions{InstanceTypes: many}),
			says: start + "instanceTypes: 21 types are too many: EKS takes at most 20",
		},
		{
			why: "a version that is none", with: with(ControllerNodesOptions{Version: new("v1.34")}),
			says: start + `version: "v1.34" is not valid: a Kubernetes version such as 1.34`,
		},
		{
			why: "a release that is none", with: with(ControllerNodesOptions{ReleaseVersion: new("latest please")}),
			says: start + `releaseVersion: "latest please" is not valid: an AMI release such as 1.34.1-20251002`,
		},
		{
			why: "a capacity that is none", with: with(ControllerNodesOptions{CapacityType: new("spot")}),
			says: start + `capacityType: "spot" is not valid: one of ON_DEMAND, SPOT`,
		},
		{
			why: "a volume smaller than the AMI's", with: with(ControllerNodesOptions{DiskSize: new(10)}),
			says: start + "diskSize: 10 is out of range: 20 to 16384 GiB",
		},
		{
			why: "a key by its alias", with: with(ControllerNodesOptions{KmsKeyArn: given("alias/ebs")}),
			says: start + `kmsKeyArn: "alias/ebs" is not valid: the ARN of a KMS key (an alias will not do)`,
		},
		{
			why: "an answer that goes nowhere", with: with(ControllerNodesOptions{MetadataHopLimit: new(0)}),
			says: start + "metadataHopLimit: 0 is out of range: 1 to 64 hops",
		},
		{
			why: "a tag that tells whose an instance is", with: with(ControllerNodesOptions{Tags: map[string]string{"kubernetes.io/cluster/shop": "shared"}}),
			says: start + `tags: "kubernetes.io/cluster/shop" is set by this component: choose another key`,
		},
		{
			why: "a tag of Karpenter's own", with: with(ControllerNodesOptions{Tags: map[string]string{"karpenter.sh/nodepool": "default"}}),
			says: start + `tags: "karpenter.sh/nodepool" is Karpenter's own tag: choose another key`,
		},
		{
			why: "more tags than a node bears beside the component's own", with: with(ControllerNodesOptions{Tags: fifty}),
			says: start + "tags: 51 tags with those that each node bears are too many: at most 50",
		},
		{
			why:  "a namespace that is none",
			with: of(NewControllerNodes, "controller-nodes", &ControllerNodesArgs{ClusterName: "shop", Namespace: new("Karpenter")}),
			says: `controller-nodes: namespace: "Karpenter" is not valid: a DNS label: 1 to 63 small letters, digits and hyphens, a letter or digit at both ends`,
		},
	})
}

func TestSubnetsForTheControllerAreRefused(t *testing.T) {
	t.Parallel()
	const start = "controller-nodes: options.subnetIds"
	with := func(options *ControllerNodesOptions, change func(*ClusterFacts)) constructor {
		known := newAccount().knownFacts()
		if change != nil {
			change(known)
		}
		return of(NewControllerNodes, "controller-nodes", &ControllerNodesArgs{ClusterName: "shop", Cluster: known, Options: options})
	}
	allPublic := func(a *account) { a.routeTables = []routeTable{{id: "rtb-1", gateway: "igw-1", main: true}} }
	const unknown = start + ": the cluster's VPC and subnets are not known yet: name the private subnets in subnetIds instead"
	assertRefused(t, []refusal{
		{
			why: "where all are public", with: with(nil, nil), on: allPublic,
			says: start + ": all of the cluster's subnets are public: name the subnets for nodes in subnetIds",
		},
		{why: "where the VPC is unknown", with: with(nil, func(f *ClusterFacts) { f.VpcId = pulumi.String(vpc).ToStringOutput() }), says: unknown},
		{why: "where no VPC is given", with: with(nil, func(f *ClusterFacts) { f.VpcId = nil }), says: unknown},
		{
			why:  "where a subnet is unknown",
			with: with(nil, func(f *ClusterFacts) { f.SubnetIds = pulumi.StringArray{pulumi.String(privateSubnet).ToStringOutput()} }), says: unknown,
		},
		{
			why: "where there are none", with: with(nil, func(f *ClusterFacts) { f.SubnetIds = nil }),
			says: start + ": required: the cluster's facts name no subnets, so name those for nodes",
		},
		{
			why: "where they come as a whole", with: with(nil, func(f *ClusterFacts) { f.SubnetIds = list(privateSubnet).ToStringArrayOutput() }),
			says: unknown,
		},
		{
			why: "where none is named", with: with(&ControllerNodesOptions{SubnetIds: pulumi.StringArray{}}, nil),
			says: start + ": nothing is listed: name at least one, or leave the list out for the cluster's own",
		},
		{
			why: "where one is none", with: with(&ControllerNodesOptions{SubnetIds: list("vpc-0")}, nil),
			says: start + `: "vpc-0" is not valid: the id of a subnet, subnet-...`,
		},
		{
			why: "where one for Fargate is public", with: with(&ControllerNodesOptions{Fargate: new(true), SubnetIds: list(privateSubnet, publicSubnet)}, nil),
			on: func(a *account) {
				a.routeTables = []routeTable{{id: "rtb-1", gateway: "igw-1", subnets: []string{publicSubnet}}}
			},
			says: start + `[1]: "` + publicSubnet + `" is public, and Fargate takes private subnets only: name private ones`,
		},
		{
			why: "where route tables may not be listed", with: with(nil, nil), on: func(a *account) { a.failing = getRouteTables },
			says: "controller-nodes: route tables of " + vpc + ": AccessDeniedException: not authorized",
		},
		{
			why:  "where route tables may not be listed for Fargate",
			with: with(&ControllerNodesOptions{Fargate: new(true), SubnetIds: list(privateSubnet)}, nil), on: func(a *account) { a.failing = getRouteTables },
			says: "controller-nodes: route tables of " + vpc + ": AccessDeniedException: not authorized",
		},
	})
}

func TestFargateIsRefusedWhatOnlyNodesHave(t *testing.T) {
	t.Parallel()
	err := refused(t, newAccount(), of(NewControllerNodes, "controller-nodes", &ControllerNodesArgs{ClusterName: "shop", Options: &ControllerNodesOptions{
		Fargate: new(true), CniPolicy: new(true), SsmPolicy: new(true), DesiredSize: new(2), MinSize: new(2), MaxSize: new(3), MaxUnavailable: new(1),
		InstanceTypes: []string{"m5.large"}, AmiType: new("AL2023_x86_64_STANDARD"), Version: new("1.34"), ReleaseVersion: new("1.34.1-20251002"),
		CapacityType: new("SPOT"), DiskSize: new(20), KmsKeyArn: given(keyARN), MetadataHopLimit: new(1), Labels: map[string]string{"a": "b"},
		CriticalAddonsOnly: new(true),
	}}))
	want := "controller-nodes: 16 problems:"
	for _, property := range []string{
		"cniPolicy", "ssmPolicy", "desiredSize", "minSize", "maxSize", "maxUnavailable", "instanceTypes", "amiType", "version", "releaseVersion",
		"capacityType", "diskSize", "kmsKeyArn", "metadataHopLimit", "labels", "criticalAddonsOnly",
	} {
		want += "\n  - options." + property + ": shapes nodes, but fargate does without: leave out one of the two"
	}
	assert.Equal(t, want, err.Error())
}

// Who knows how the controller's role is assumed tells the options, and Fargate alone minds.
func TestFargateIsRefusedWithPodIdentity(t *testing.T) {
	t.Parallel()
	for fargate, want := range map[bool]string{
		true: "karpenter: controllerNodes.fargate: has no agent of EKS Pod Identity, so the controller could not assume its role: " +
			"leave out one of the two, or use IRSA",
		false: "",
	} {
		p := newProblems()
		(&ControllerNodesOptions{Fargate: &fargate}).check(p.in("controllerNodes"), "shop", true)
		if err := p.Err("karpenter"); want == "" {
			assert.NoError(t, err)
		} else {
			assert.EqualError(t, err, want)
		}
	}
}
