package components

import "testing"

func TestWhatControllerNodesOptionsChange(t *testing.T) {
	t.Parallel()
	with := func(options ControllerNodesOptions) constructor {
		return of(NewControllerNodes, "controller-nodes", &ControllerNodesArgs{ClusterName: "shop", Options: &options})
	}
	boundary := given("arn:aws:iam::111122223333:policy/Boundary")
	policies := list("arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy", "arn:aws:iam::111122223333:policy/team/Registry")
	tags := map[string]string{"team": "shop", "Name": "controller"}
	publicAndPrivate := func(a *account) {
		a.routeTables = []routeTable{{id: "rtb-1", gateway: "igw-1", subnets: []string{publicSubnet}}}
	}
	assertChanges(t, "controllernodes", []change{
		{
			name: "cluster-with-public-subnets", why: "nodes are in the private subnets alone",
			with: with(ControllerNodesOptions{}), on: publicAndPrivate,
		},
		{
			name: "subnetIds", why: "the subnets named are taken as they are, public or not",
			with: with(ControllerNodesOptions{SubnetIds: list(publicSubnet)}), on: publicAndPrivate,
		},
		{
			name: "name", why: "a name of the user's is one that a successor cannot have beside it",
			with: with(ControllerNodesOptions{Name: new("shop-controller")}),
		},
		{name: "roleName", why: "the role alone is renamed", with: with(ControllerNodesOptions{RoleName: new("shopController")})},
		{name: "permissionsBoundary", why: "accounts may allow new roles within a boundary only", with: with(ControllerNodesOptions{PermissionsBoundary: boundary})},
		{name: "cniPolicy", why: "the VPC CNI has a role of its own", with: with(ControllerNodesOptions{CniPolicy: new(false)})},
		{name: "ssmPolicy", why: "somebody logs in to nodes", with: with(ControllerNodesOptions{SsmPolicy: new(true)})},
		{
			name: "additionalPolicyArns", why: "the node group waits for them as for the component's own",
			with: with(ControllerNodesOptions{AdditionalPolicyArns: policies}),
		},
		{
			name: "sizes", why: "numbers of nodes are what the user says",
			with: with(ControllerNodesOptions{DesiredSize: new(3), MinSize: new(1), MaxSize: new(5), MaxUnavailable: new(2)}),
		},
		{name: "instanceTypes", why: "the order is kept", with: with(ControllerNodesOptions{InstanceTypes: []string{"t3.large", "m5a.large"}})},
		{name: "amiType-arm", why: "the default instances follow the architecture", with: with(ControllerNodesOptions{AmiType: new("AL2023_ARM_64_STANDARD")})},
		{
			name: "amiType-bottlerocket", why: "Bottlerocket keeps its system on a volume of its own",
			with: with(ControllerNodesOptions{AmiType: new("BOTTLEROCKET_x86_64"), DiskSize: new(50)}),
		},
		{
			name: "versions", why: "EKS updates nodes only when told to",
			with: with(ControllerNodesOptions{Version: new("1.34"), ReleaseVersion: new("1.34.1-20251002")}),
		},
		{name: "capacityType", why: "nodes may be spot instances", with: with(ControllerNodesOptions{CapacityType: new("SPOT")})},
		{name: "diskSize", why: "the volume's size stands in the launch template, where EKS wants it", with: with(ControllerNodesOptions{DiskSize: new(100)})},
		{name: "kmsKeyArn", why: "volumes are encrypted under the user's key", with: with(ControllerNodesOptions{KmsKeyArn: given(keyARN)})},
		{name: "metadataHopLimit", why: "pods reach the metadata service", with: with(ControllerNodesOptions{MetadataHopLimit: new(2)})},
		{
			name: "labels", why: "labels stand beside the component's own",
			with: with(ControllerNodesOptions{Labels: map[string]string{"team": "shop", "node.kubernetes.io/pool": "controller"}}),
		},
		{name: "criticalAddonsOnly", why: "only pods that tolerate the taint run here", with: with(ControllerNodesOptions{CriticalAddonsOnly: new(true)})},
		{name: "tags", why: "tags are on nodes and volumes too, where a name of the user's goes first", with: with(ControllerNodesOptions{Tags: tags})},
		{
			name: "cluster-ipv6", why: "the CNI policy is the account's own, and the metadata service answers on IPv6",
			with: with(ControllerNodesOptions{}), on: func(a *account) { a.ipFamily = "ipv6" },
		},
		{name: "cluster-configMap", why: "EKS adds the role to aws-auth itself", with: with(ControllerNodesOptions{}), on: func(a *account) { a.authenticationMode = "CONFIG_MAP" }},
		{name: "cluster-modeless", why: "EKS lets the nodes join in any mode", with: with(ControllerNodesOptions{}), on: func(a *account) { a.authenticationMode = "" }},
		{name: "fargate", why: "a profile and the pods' execution role are all there is", with: with(ControllerNodesOptions{Fargate: new(true)}), on: publicAndPrivate},
		{name: "fargate-off", why: "off is the default", with: with(ControllerNodesOptions{Fargate: new(false)})},
		{
			name: "fargate-with-everything", why: "what nodes and pods share shapes the profile, too",
			with: of(NewControllerNodes, "controller-nodes", &ControllerNodesArgs{ClusterName: "shop", Namespace: new("karpenter"), Options: &ControllerNodesOptions{
				Fargate: new(true), SubnetIds: list(privateSubnet), Name: new("controller"), RoleName: new("shopController"),
				PermissionsBoundary: boundary, AdditionalPolicyArns: policies, Tags: tags,
			}}),
		},
	})
}
