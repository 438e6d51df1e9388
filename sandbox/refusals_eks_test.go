package sandbox

// byTemplate names a version of a launch template.
func byTemplate(name, version string) inputs {
	return inputs{"launchTemplate": map[string]any{"name": name, "version": version}}
}

// labels are n labels.
func labels(n int) map[string]any { return manyTags(n) }

// refusedByEKS are the requests around clusters that AWS refuses, with its
// words.
var refusedByEKS = []refusal{
	{cluster, nil, inputs{"name": theCluster}, "creating EKS Cluster (" + theCluster + "): operation error EKS: CreateCluster, https response error StatusCode: 409, RequestID: 00000000-0000-0000-0000-000000000000, ResourceInUseException: Cluster already exists with name: " + theCluster},
	{cluster, nil, inputs{"roleArn": controlARN + "2"}, "InvalidParameterException: roleArn, " + controlARN + "2, does not exist"},
	{cluster, nil, inputs{"roleArn": nodesARN}, "InvalidParameterException: Role could not be assumed because the trusted entity is not correct"},
	{cluster, nil, inputs{"version": "1.12"}, "InvalidParameterException: unsupported Kubernetes version"},
	{cluster, nil, inputs{"vpcConfig": map[string]any{"subnetIds": []any{scratchA, "subnet-07c2e8a5b041f9d63"}}}, "InvalidParameterException: Subnets specified must be in at least two different AZs"},
	{cluster, nil, inputs{"vpcConfig": map[string]any{"subnetIds": []any{scratchA, "subnet-0"}}}, "InvalidParameterException: The subnet ID 'subnet-0' does not exist"},
	{cluster, nil, inputs{"vpcConfig": map[string]any{"subnetIds": []any{scratchA, otherSub}}}, "Subnets specified must be in the same VPC"},
	{cluster, nil, inputs{"vpcConfig": inScratch(inputs{"securityGroupIds": []any{nodesGroup}})}, "Security group(s) [" + nodesGroup + "] are not in the same VPC as the subnets."},
	{cluster, nil, inputs{"vpcConfig": inScratch(inputs{"securityGroupIds": []any{"sg-0"}})}, "The security group 'sg-0' does not exist"},
	{cluster, nil, inputs{"vpcConfig": inScratch(inputs{"endpointPublicAccess": false})}, "Private and public endpoint access cannot be false."},
	{cluster, nil, inputs{"vpcConfig": inScratch(inputs{"publicAccessCidrs": []any{"10.0.0.1/8"}})}, "The following CIDRs are invalid in publicAccessCidrs: [10.0.0.1/8]"},
	{cluster, nil, inputs{"kubernetesNetworkConfig": map[string]any{"serviceIpv4Cidr": "10.120.0.0/20"}}, "overlaps with the CIDR of VPC " + scratchVPC},
	{cluster, nil, inputs{"accessConfig": map[string]any{"authenticationMode": "CONFIG_MAP", "bootstrapClusterCreatorAdminPermissions": false}}, "bootstrapClusterCreatorAdminPermissions must be true if cluster authentication mode is set to CONFIG_MAP"},

	{nodeGroup, nil, inputs{"clusterName": "nowhere"}, "creating EKS Node Group (nowhere:system): operation error EKS: CreateNodegroup, https response error StatusCode: 404, RequestID: 00000000-0000-0000-0000-000000000000, ResourceNotFoundException: No cluster found for name: nowhere."},
	{nodeGroup, nil, inputs{"nodeRoleArn": nodesARN + "2"}, "The role with name " + nodesRole + "2 cannot be found."},
	{nodeGroup, nil, inputs{"nodeRoleArn": controlARN}, "InvalidParameterException: Following required service principals [ec2.amazonaws.com] were not found in the trust relationships of nodeRole " + controlARN},
	{nodeGroup, nil, inputs{"scalingConfig": scale(4, 1, 3)}, "InvalidParameterException: desired capacity 4 can't be greater than max size 3"},
	{nodeGroup, nil, inputs{"scalingConfig": scale(1, 2, 3)}, "InvalidParameterException: Minimum capacity 2 can't be greater than desired size 1"},
	{nodeGroup, nil, inputs{"subnetIds": []any{scratchA}}, "not in the VPC " + theVPC + " of the cluster"},
	{nodeGroup, nil, inputs{"version": "1.33", "amiType": "AL2_x86_64"}, "AMI Type AL2_x86_64 is only supported for kubernetes versions 1.32 or earlier"},
	{nodeGroup, nil, inputs{"instanceTypes": []any{"m7g.large"}, "amiType": "AL2023_x86_64_STANDARD"}, "InvalidParameterException: [m7g.large] is not a valid instance type for requested amiType AL2023_x86_64_STANDARD"},
	{nodeGroup, nil, inputs{"labels": map[string]any{"kubernetes.io/role": "x"}}, "Label cannot contain reserved prefixes [kubernetes.io/, k8s.io/, eks.amazonaws.com/]"},
	{nodeGroup, nil, byTemplate("missing", "1"), "InvalidRequestException: Launch template missing not found."},
	{nodeGroup, nil, inputs{"tags": manyTags(51)}, "Tags cannot have more than 50 entries."},

	{fargate, nil, inputs{"podExecutionRoleArn": nodesARN}, "creating EKS Fargate Profile (shop:karpenter): operation error EKS: CreateFargateProfile, https response error StatusCode: 400, RequestID: 00000000-0000-0000-0000-000000000000, InvalidParameterException: Misconfigured PodExecutionRole Trust Policy; Please add the eks-fargate-pods.amazonaws.com Service Principal"},
	{fargate, nil, inputs{"subnetIds": []any{"subnet-07c2e8a5b041f9d63"}}, "InvalidParameterException: Subnet subnet-07c2e8a5b041f9d63 provided in Fargate Profile is not a private subnet"},
	{fargate, nil, inputs{"subnetIds": []any{theSubnet}}, "not in the VPC " + scratchVPC + " of the cluster"},
	{fargate, nil, inputs{"fargateProfileName": "eks-karpenter"}, "cannot start with the reserved prefix eks-"},
	{fargate, nil, inputs{"selectors": []any{map[string]any{"namespace": "a", "labels": labels(6)}}}, "cannot have more than 5 labels"},

	{addon, nil, inputs{"addonName": "vpc-cnix"}, "creating EKS Add-On (" + theCluster + ":vpc-cnix): operation error EKS: CreateAddon, https response error StatusCode: 400, RequestID: 00000000-0000-0000-0000-000000000000, InvalidParameterException: Addon vpc-cnix specified is not supported in 1.34 kubernetes version"},
	{addon, nil, inputs{"addonVersion": "v1.0.0-eksbuild.1"}, "InvalidParameterException: Addon version specified is not supported"},
	{addon, nil, inputs{"configurationValues": "env: x"}, "ConfigurationValue provided in request is not supported"},
	{addon, nil, inputs{"serviceAccountRoleArn": nodesARN + "2"}, "Role provided in the request does not exist."},

	{template, nil, inputs{"userData": "#!/bin/sh"}, "creating EC2 Launch Template (nodes): operation error EC2: CreateLaunchTemplate, https response error StatusCode: 400, RequestID: 00000000-0000-0000-0000-000000000000, api error InvalidUserData.Malformed: Invalid BASE64 encoding of user data."},
	{template, nil, inputs{"tagSpecifications": []any{map[string]any{"resourceType": "vpc"}}}, "'vpc' is not a valid taggable resource type for this operation."},
	{group, nil, inputs{"vpcId": nil}, "creating Security Group (nodes): operation error EC2: CreateSecurityGroup, https response error StatusCode: 400, RequestID: 00000000-0000-0000-0000-000000000000, api error VPCIdNotSpecified: No default VPC for this user"},
	{group, nil, inputs{"vpcId": "vpc-0"}, "InvalidVpcID.NotFound: The vpc ID 'vpc-0' does not exist"},
	{group, nil, inputs{"name": theCluster + "-node"}, "InvalidGroup.Duplicate: The security group '" + theCluster + "-node' already exists for VPC '" + theVPC + "'"},
	{group, nil, inputs{"name": "default"}, "Cannot use reserved security group name: default"},
	{group, nil, inputs{"name": "sg-nodes"}, "Group names may not be in the format sg-*"},
	{groupRule, nil, inputs{"securityGroupId": "sg-0"}, "InvalidGroup.NotFound: The security group 'sg-0' does not exist"},
	{groupRule, nil, inputs{"cidrBlocks": []any{"10.0.0.1/8"}}, "InvalidParameterValue: CIDR block 10.0.0.1/8 is malformed"},
	{groupRule, nil, inputs{"cidrBlocks": []any{"10.0.0.0/8", "10.0.0.0/8"}}, `InvalidPermission.Duplicate: the specified rule "peer: 10.0.0.0/8, TCP, from port: 443, to port: 443, ALLOW" already exists`},
	{linkedRole, nil, inputs{"customSuffix": "x"}, "creating IAM Service Linked Role (spot.amazonaws.com): operation error IAM: CreateServiceLinkedRole, https response error StatusCode: 400, RequestID: 00000000-0000-0000-0000-000000000000, InvalidInput: Custom suffix is not allowed for spot.amazonaws.com"},
	{linkedRole, nil, inputs{"awsServiceName": "nothing.amazonaws.com"}, "InvalidInput: Service-Linked Role for nothing.amazonaws.com is not supported here"},
}
