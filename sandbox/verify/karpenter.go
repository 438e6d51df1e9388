package verify

import "slices"

// karpentersDay tells whether Karpenter may do all that it does.
func (s *subject) karpentersDay() ([]Row, error) {
	return s.tell(KarpentersDay, Allowed, slices.Concat(
		startingUp, discovering, parameters(), profiling, validating(), launching(), living, interrupted,
	))
}

// The tables below are the calls of Karpenter 1.14, each with the resources
// and tags that it sends, and the package and function that makes it.

var startingUp = []request{
	{action: "ec2:DescribeInstanceTypes", resource: "*", why: "is EC2 there? A dry run (operator.CheckEC2Connectivity)"},
	{action: "eks:DescribeCluster", resource: "{clusterARN}", why: "the API server's endpoint (operator.ResolveClusterEndpoint)"},
	{action: "eks:DescribeCluster", resource: "{clusterARN}", why: "the version, with EKS's control plane (version.getEKSVersion)"},
	{action: "eks:DescribeCluster", resource: "{clusterARN}", why: "the services' CIDR, for AL2023 (launchtemplate.ResolveClusterCIDR)"},
	{
		action: "arc-zonal-shift:GetManagedResource", resource: "*", facts: facts{"arc-zonal-shift:ResourceIdentifier": "{clusterARN}"},
		why: "is zonal shift on? (operator.ValidateZonalShiftEnablement)",
	},
	{action: "sqs:GetQueueUrl", resource: "{queue}", why: "the interruption queue (sqs.NewSQSProvider)"},
}

var discovering = []request{
	{action: "ec2:DescribeSubnets", resource: "*", why: "an EC2NodeClass's subnets (subnet.List)"},
	{action: "ec2:DescribeSecurityGroups", resource: "*", why: "an EC2NodeClass's security groups (securitygroup.List)"},
	{action: "ec2:DescribeImages", resource: "*", why: "an EC2NodeClass's AMIs (amifamily.amis)"},
	{action: "ec2:DescribeCapacityReservations", resource: "*", why: "an EC2NodeClass's reservations (capacityreservation.List)"},
	{action: "ec2:DescribePlacementGroups", resource: "*", why: "an EC2NodeClass's placement group (placementgroup.Get)"},
	{action: "ec2:DescribeInstanceTypes", resource: "*", why: "what there is to launch (instancetype.UpdateInstanceTypes)"},
	{action: "ec2:DescribeInstanceTypeOfferings", resource: "*", why: "and where (instancetype.UpdateInstanceTypeOfferings)"},
	{action: "ec2:DescribeSpotPriceHistory", resource: "*", why: "what spot costs (pricing.UpdateSpotPricing)"},
	{action: "pricing:GetProducts", resource: "*", region: "{pricing}", partitions: "aws aws-cn", why: "what shared machines cost; never asked in GovCloud (pricing.UpdateOnDemandPricing)"},
	{action: "pricing:GetProducts", resource: "*", region: "{pricing}", partitions: "aws aws-cn", why: "what bare metal costs (pricing.UpdateOnDemandPricing)"},
	{
		action: "arc-zonal-shift:GetManagedResource", resource: "{clusterARN}", facts: facts{"arc-zonal-shift:ResourceIdentifier": "{clusterARN}"},
		why: "which zones are shifted away (arczonalshift.UpdateZonalShifts)",
	},
}

// parameters are the SSM parameters of the AMI families' newest AMIs.
func parameters() []request {
	var requests []request
	for _, family := range []struct{ name, why string }{
		{"eks/optimized-ami/{version}/amazon-linux-2023/x86_64/standard/recommended/image_id", "AL2023 (amifamily.AL2023)"},
		{"eks/optimized-ami/{version}/amazon-linux-2023/x86_64/nvidia/recommended/image_id", "AL2023 for NVIDIA"},
		{"eks/optimized-ami/{version}/amazon-linux-2023/x86_64/neuron/recommended/image_id", "AL2023 for Neuron"},
		{"eks/optimized-ami/{version}/amazon-linux-2023/arm64/standard/recommended/image_id", "AL2023 on Arm"},
		{"eks/optimized-ami/{version}/amazon-linux-2023/arm64/nvidia/recommended/image_id", "AL2023 for NVIDIA on Arm"},
		{"eks/optimized-ami/{version}/amazon-linux-2/recommended/image_id", "AL2 (amifamily.AL2)"},
		{"eks/optimized-ami/{version}/amazon-linux-2-arm64/recommended/image_id", "AL2 on Arm"},
		{"eks/optimized-ami/{version}/amazon-linux-2-gpu/recommended/image_id", "AL2 for GPUs"},
		{"bottlerocket/aws-k8s-{version}/x86_64/latest/image_id", "Bottlerocket (amifamily.Bottlerocket)"},
		{"bottlerocket/aws-k8s-{version}/arm64/latest/image_id", "Bottlerocket on Arm"},
		{"bottlerocket/aws-k8s-{version}-nvidia/x86_64/latest/image_id", "Bottlerocket for NVIDIA"},
		{"bottlerocket/aws-k8s-{version}-nvidia/arm64/latest/image_id", "Bottlerocket for NVIDIA on Arm"},
		{"ami-windows-latest/Windows_Server-2019-English-Core-EKS_Optimized-{version}/image_id", "Windows 2019 (amifamily.Windows)"},
		{"ami-windows-latest/Windows_Server-2022-English-Core-EKS_Optimized-{version}/image_id", "Windows 2022"},
		{"ami-windows-latest/Windows_Server-2025-English-Core-EKS_Optimized-{version}/image_id", "Windows 2025"},
	} {
		requests = append(requests, request{action: "ssm:GetParameter", resource: "{parameter}/aws/service/" + family.name, why: "the newest " + family.why})
	}
	return requests
}

// profiling is the life of instance profiles.
var profiling = []request{
	{action: "iam:GetInstanceProfile", resource: "{profile}", why: "is the profile there already? (instanceprofile.Get)"},
	{action: "iam:CreateInstanceProfile", resource: "{profile}", facts: profiled.sets(), why: "a profile for an EC2NodeClass's role (instanceprofile.Create)"},
	{action: "iam:AddRoleToInstanceProfile", resource: "{profile}", facts: profiled.bears(), why: "with the role in it (instanceprofile.ensureRole)"},
	{action: "iam:PassRole", resource: "{nodeRole}", facts: passedTo("ec2.amazonaws.com"), why: "which IAM asks when a role goes into a profile"},
	{action: "iam:PassRole", resource: "{nodeRole}", facts: passedTo("ec2.amazonaws.com.cn"), partitions: "aws-cn", why: "and calls EC2 by its other name in China"},
	{action: "iam:GetInstanceProfile", resource: "{iam}instance-profile/ours", why: "a profile that an EC2NodeClass names (instanceprofile.Get)"},
	{action: "iam:RemoveRoleFromInstanceProfile", resource: "{profile}", facts: profiled.bears(), why: "the EC2NodeClass's role has changed (instanceprofile.ensureRole)"},
	{action: "iam:ListInstanceProfiles", resource: "{iam}instance-profile/karpenter/{region}/{cluster}/", why: "profiles nobody needs any more (nodeclass.garbagecollection)"},
	{action: "iam:RemoveRoleFromInstanceProfile", resource: "{profile}", facts: profiled.bears(), why: "empty the profile first (instanceprofile.Delete)"},
	{action: "iam:DeleteInstanceProfile", resource: "{profile}", facts: profiled.bears(), why: "then delete it (instanceprofile.Delete)"},
	{
		action: "iam:ListInstanceProfiles", resource: "{iam}instance-profile/karpenter/{region}/{cluster}/4f6f9d1e-6f0f-4f5a-9a2c-2f0f6a0c7b11/",
		why: "profiles of an EC2NodeClass that goes (nodeclass.cleanupInstanceProfiles)",
	},
	{action: "iam:GetInstanceProfile", resource: "{iam}instance-profile/{cluster}_1", why: "and that of an older Karpenter, at the root path (nodeclass.cleanupLegacyInstanceProfile)"},
	{action: "iam:RemoveRoleFromInstanceProfile", resource: "{iam}instance-profile/{cluster}_1", facts: profiled.bears(), why: "empty it"},
	{action: "iam:DeleteInstanceProfile", resource: "{iam}instance-profile/{cluster}_1", facts: profiled.bears(), why: "delete it"},
}

// The resources that a launch uses, and those it makes. AWS evaluates what is
// yet to be made by the ARN of all of its kind.
var (
	used = []request{
		{resource: "{public}image/ami-0a1b2c3d4e5f60718", why: "from the AMI"},
		{resource: "{public}snapshot/snap-0a1b2c3d4e5f60718", why: "from the AMI's snapshot"},
		{resource: "{ec2}security-group/sg-0a1b2c3d4e5f60718", why: "in the EC2NodeClass's security group"},
		{resource: "{ec2}subnet/subnet-0a1b2c3d4e5f60718", why: "in the EC2NodeClass's subnet"},
	}
	usedByChoice = []request{
		{resource: "{ec2}capacity-reservation/cr-0a1b2c3d4e5f60718", why: "in a capacity reservation"},
		{resource: "{ec2}placement-group/workers", why: "in a placement group"},
	}
)

// validating are the dry runs for an EC2NodeClass (nodeclass.Validation). They
// make and leave a real launch template.
func validating() []request {
	const template = "{ec2}launch-template/lt-0a1b2c3d4e5f60718"
	requests := []request{
		{action: "ec2:DescribeLaunchTemplates", resource: "*", why: "dry run: is the launch template there already?"},
		{action: "ec2:CreateLaunchTemplate", resource: "{ec2}launch-template/*", facts: tried.sets(), why: "dry run: the launch template, made in earnest"},
		{action: "ec2:CreateTags", resource: "{ec2}launch-template/*", facts: tried.sets().and(during("CreateLaunchTemplate")), why: "dry run: its tags"},
	}
	for _, call := range []struct {
		action string
		tagged []string // by the request's own TagSpecifications
	}{
		{"CreateFleet", []string{"fleet", "instance", "volume"}},
		{"RunInstances", []string{"instance", "volume", "network-interface"}},
	} {
		for _, kind := range call.tagged {
			requests = append(
				requests,
				request{action: "ec2:" + call.action, resource: "{ec2}" + kind + "/*", facts: tried.sets(), why: "dry run: makes the " + kind},
				request{action: "ec2:CreateTags", resource: "{ec2}" + kind + "/*", facts: tried.sets().and(during(call.action)), why: "dry run: tags the " + kind},
			)
		}
		requests = append(requests, request{action: "ec2:" + call.action, resource: template, facts: tried.bears(), why: "dry run: by the launch template"})
		for _, u := range used {
			requests = append(requests, request{action: "ec2:" + call.action, resource: u.resource, why: "dry run: " + u.why})
		}
	}
	return append(requests, request{
		action: "ec2:DeleteLaunchTemplate", resource: template, facts: tried.bears(), why: "the dry run's launch template, once nobody uses it (launchtemplate.cachedEvictedFunc)",
	})
}

// launching is a launch (instance.launchInstance): a template, and a fleet of
// one instance, for which EC2 asks both for the fleet and for the instance.
// The network interface and the spot request get their tags from the template.
func launching() []request {
	requests := []request{
		{action: "ec2:DescribeLaunchTemplates", resource: "*", why: "is the launch template there already? (launchtemplate.ensureLaunchTemplate)"},
		{action: "ec2:CreateLaunchTemplate", resource: "{ec2}launch-template/*", facts: launched.sets(), why: "the launch template (launchtemplate.createLaunchTemplate)"},
		{action: "ec2:CreateTags", resource: "{ec2}launch-template/*", facts: launched.sets().and(during("CreateLaunchTemplate")), why: "its tags"},
		{action: "iam:PassRole", resource: "{nodeRole}", facts: passedTo("ec2.amazonaws.com"), why: "the role of the profile in the template"},
	}
	for _, action := range []string{"CreateFleet", "RunInstances"} {
		kinds := []string{"instance", "volume", "network-interface", "spot-instances-request"}
		if action == "CreateFleet" {
			kinds = slices.Insert(kinds, 0, "fleet")
		}
		for _, kind := range kinds {
			requests = append(
				requests,
				request{action: "ec2:" + action, resource: "{ec2}" + kind + "/*", facts: launched.sets(), why: "makes the " + kind},
				request{action: "ec2:CreateTags", resource: "{ec2}" + kind + "/*", facts: launched.sets().and(during(action)), why: "tags the " + kind},
			)
		}
		requests = append(requests, request{
			action: "ec2:" + action, resource: "{ec2}launch-template/lt-0a1b2c3d4e5f60718", facts: launched.bears(), why: "by the launch template",
		})
		for _, u := range slices.Concat(used, usedByChoice) {
			requests = append(requests, request{action: "ec2:" + action, resource: u.resource, why: u.why})
		}
	}
	return requests
}

const ownInstance, ownTemplate = "{ec2}instance/i-0f1e2d3c4b5a69788", "{ec2}launch-template/lt-0f1e2d3c4b5a69788"

// living is what instances and launch templates go through after a launch.
var living = []request{
	{action: "ec2:DescribeInstances", resource: "*", why: "one node's instance (instance.Get)"},
	{action: "ec2:DescribeInstances", resource: "*", why: "the cluster's instances, by tags (instance.List)"},
	{action: "ec2:DescribeInstanceStatus", resource: "*", why: "are they healthy? (instancestatus.List)"},
	{
		action: "ec2:CreateTags", resource: ownInstance, facts: launched.bears().and(tags{"Name": "ip-10-40-0-7.internal", tagClaim: "default-x7k2p"}.sets()),
		why: "names a new node and its claim (nodeclaim.tagging)",
	},
	{
		action: "ec2:CreateTags", resource: ownInstance, facts: launched.with("Name", "mine").bears().and(tags{tagClaim: "default-x7k2p"}.sets()),
		why: "its claim alone, where the EC2NodeClass names nodes (nodeclaim.tagging)",
	},
	{
		action: "ec2:CreateTags", resource: ownInstance,
		facts: launched.without(tagCluster).bears().and(tags{"Name": "ip-10-40-0-7.internal", tagClaim: "default-x7k2p", tagCluster: "{cluster}"}.sets()),
		why:   "and its cluster, on a node of an older Karpenter (nodeclaim.tagging)",
	},
	{action: "ec2:TerminateInstances", resource: ownInstance, facts: launched.with(tagClaim, "default-x7k2p").bears(), why: "a node goes (instance.Delete, nodeclaim.garbagecollection)"},
	{action: "ec2:TerminateInstances", resource: ownInstance, facts: launched.bears(), why: "so does one that never got its name"},
	{action: "ec2:DescribeLaunchTemplates", resource: "*", why: "the cluster's launch templates (launchtemplate.hydrateCache)"},
	{action: "ec2:DeleteLaunchTemplate", resource: ownTemplate, facts: launched.bears(), why: "one that is out of use (launchtemplate.cachedEvictedFunc)"},
	{action: "ec2:DescribeLaunchTemplates", resource: "*", why: "those of an EC2NodeClass that goes (launchtemplate.DeleteAll)"},
	{action: "ec2:DeleteLaunchTemplate", resource: ownTemplate, facts: launched.bears(), why: "and they go with it (launchtemplate.DeleteAll)"},
}

// interrupted is the life of messages in the interruption queue.
var interrupted = []request{
	{action: "sqs:ReceiveMessage", resource: "{queue}", why: "is anything interrupted? (sqs.GetSQSMessages)"},
	{
		action: "kms:Decrypt", resource: "{key}", why: "which SQS asks where the queue has a key of its own",
		facts: facts{"kms:ViaService": "sqs.{region}.{suffix}", "kms:EncryptionContext:aws:sqs:arn": "{queue}"},
	},
	{action: "sqs:DeleteMessage", resource: "{queue}", why: "done with it (sqs.DeleteSQSMessage)"},
}
