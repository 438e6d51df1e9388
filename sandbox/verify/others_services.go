package verify

// otherRegions are looks beyond the cluster's region, and at other clusters.
func otherRegions() []request {
	var requests []request
	for _, thing := range []string{
		"CapacityReservations", "Images", "Instances", "InstanceStatus", "InstanceTypeOfferings", "InstanceTypes",
		"LaunchTemplates", "PlacementGroups", "SecurityGroups", "SpotPriceHistory", "Subnets",
	} {
		requests = append(requests, request{action: "ec2:Describe" + thing, resource: "*", region: "{elsewhere}", why: "looks around in another region"})
	}
	return append(requests, []request{
		{action: "ssm:GetParameter", resource: "arn:{partition}:ssm:{elsewhere}::parameter/aws/service/eks/optimized-ami", region: "{elsewhere}", why: "reads a parameter of another region"},
		{action: "ssm:GetParameter", resource: "arn:{partition}:ssm:{region}:{account}:parameter/database/password", why: "reads a parameter of the account"},
		{action: "eks:DescribeCluster", resource: "arn:{partition}:eks:{region}:{account}:cluster/{other}", why: "looks at another cluster"},
		{action: "eks:DescribeCluster", resource: "arn:{partition}:eks:{elsewhere}:{account}:cluster/{cluster}", region: "{elsewhere}", why: "looks at a cluster of this name in another region"},
		{
			action: "arc-zonal-shift:GetManagedResource", resource: "*", why: "looks at another cluster's zonal shifts",
			facts: facts{"arc-zonal-shift:ResourceIdentifier": "arn:{partition}:eks:{region}:{account}:cluster/{other}"},
		},
		{action: "arc-zonal-shift:GetManagedResource", resource: "*", why: "looks at zonal shifts of nothing in particular"},
	}...)
}

// neverGranted are actions that Karpenter has no use for, on what it owns.
func neverGranted() []request {
	const volume, group = "{ec2}volume/vol-0a1b2c3d4e5f60718", "{ec2}security-group/sg-0a1b2c3d4e5f60718"
	var requests []request
	for _, call := range []struct{ action, resource, why string }{
		{"ec2:ModifyInstanceAttribute", ownInstance, "changes an instance's user data"},
		{"ec2:ModifyInstanceMetadataOptions", ownInstance, "opens an instance's metadata"},
		{"ec2:StopInstances", ownInstance, "stops an instance"},
		{"ec2:StartInstances", ownInstance, "starts an instance"},
		{"ec2:RebootInstances", ownInstance, "reboots an instance"},
		{"ec2:GetPasswordData", ownInstance, "reads a Windows password"},
		{"ec2:GetConsoleOutput", ownInstance, "reads a console"},
		{"ec2:AssociateIamInstanceProfile", ownInstance, "gives an instance another role"},
		{"ec2:ReplaceIamInstanceProfileAssociation", ownInstance, "replaces an instance's role"},
		{"ec2:ModifyLaunchTemplate", ownTemplate, "changes a launch template"},
		{"ec2:CreateLaunchTemplateVersion", ownTemplate, "adds to a launch template"},
		{"ec2:ModifyFleet", "{ec2}fleet/fleet-1", "enlarges a fleet"},
		{"ec2:DeleteFleets", "{ec2}fleet/fleet-1", "deletes a fleet"},
		{"ec2:DeleteVolume", volume, "deletes a volume"},
		{"ec2:AttachVolume", volume, "attaches a volume"},
		{"ec2:DetachVolume", volume, "detaches a volume"},
		{"ec2:CreateSnapshot", volume, "copies a volume"},
		{"ec2:CreateImage", ownInstance, "copies an instance"},
		{"ec2:DeregisterImage", "{public}image/ami-0a1b2c3d4e5f60718", "removes an AMI"},
		{"ec2:CreateSecurityGroup", "{ec2}security-group/*", "makes a security group"},
		{"ec2:AuthorizeSecurityGroupIngress", group, "opens a security group"},
		{"ec2:DeleteSecurityGroup", group, "deletes a security group"},
		{"ec2:DeleteSubnet", "{ec2}subnet/subnet-0a1b2c3d4e5f60718", "deletes a subnet"},
		{"ec2:DeleteNetworkInterface", "{ec2}network-interface/eni-0a1b2c3d4e5f60718", "deletes a network interface"},
		{"ec2:CreateKeyPair", "{ec2}key-pair/new", "makes an SSH key"},
		{"ec2:CreateCapacityReservation", "{ec2}capacity-reservation/*", "buys capacity"},
		{"eks:DeleteCluster", "{clusterARN}", "deletes its cluster"},
		{"eks:UpdateClusterConfig", "{clusterARN}", "opens its cluster's endpoint"},
		{"eks:CreateAccessEntry", "{clusterARN}", "lets somebody into its cluster"},
		{"eks:CreatePodIdentityAssociation", "{clusterARN}", "gives pods a role"},
		{"ssm:StartSession", ownInstance, "opens a shell on a node"},
		{"ssm:SendCommand", ownInstance, "runs a command on a node"},
		{"ssm:PutParameter", "{parameter}/aws/service/eks/optimized-ami", "rewrites a parameter"},
		{"arc-zonal-shift:StartZonalShift", "{clusterARN}", "shifts a zone away"},
		{"events:DisableRule", "arn:{partition}:events:{region}:{account}:rule/spot", "disables a rule"},
		{"events:PutTargets", "arn:{partition}:events:{region}:{account}:rule/spot", "sends a rule's events elsewhere"},
		{"s3:GetObject", "arn:{partition}:s3:::backups/database", "reads the account's objects"},
		{"secretsmanager:GetSecretValue", "arn:{partition}:secretsmanager:{region}:{account}:secret:database", "reads the account's secrets"},
	} {
		requests = append(requests, request{action: call.action, resource: call.resource, facts: launched.bears(), why: call.why})
	}
	return requests
}

// otherQueues are uses of other queues, and other uses of its own.
func otherQueues() []request {
	const another = "arn:{partition}:sqs:{region}:{account}:another"
	insecure := facts{"aws:SecureTransport": "false"}
	return []request{
		{action: "sqs:ReceiveMessage", resource: another, why: "reads another queue"},
		{action: "sqs:DeleteMessage", resource: another, why: "deletes from another queue"},
		{action: "sqs:GetQueueUrl", resource: another, why: "finds another queue"},
		{action: "sqs:ReceiveMessage", resource: "{queue}-2", why: "reads a queue whose name begins like its own"},
		{action: "sqs:ReceiveMessage", resource: "arn:{partition}:sqs:{elsewhere}:{account}:{cluster}", region: "{elsewhere}", why: "reads a queue of another region"},
		{action: "sqs:SendMessage", resource: "{queue}", why: "sends itself interruptions"},
		{action: "sqs:PurgeQueue", resource: "{queue}", why: "purges its queue"},
		{action: "sqs:DeleteQueue", resource: "{queue}", why: "deletes its queue"},
		{action: "sqs:SetQueueAttributes", resource: "{queue}", why: "rewrites its queue's policy"},
		{action: "sqs:AddPermission", resource: "{queue}", why: "opens its queue"},
		{action: "sqs:RemovePermission", resource: "{queue}", why: "closes its queue"},
		{action: "sqs:TagQueue", resource: "{queue}", why: "tags its queue"},
		{action: "sqs:CreateQueue", resource: another, why: "makes a queue"},
		{action: "sqs:StartMessageMoveTask", resource: "{queue}", why: "moves messages"},
		{action: "kms:Encrypt", resource: "{key}", why: "encrypts under its queue's key"},
		{action: "kms:ScheduleKeyDeletion", resource: "{key}", why: "deletes its queue's key"},
		{action: "kms:Decrypt", resource: "arn:{partition}:kms:{region}:{account}:key/0a1b2c3d-0000-4000-8000-000000000000", why: "decrypts under another key"},
		{action: "sqs:ReceiveMessage", resource: "{queue}", facts: insecure, why: "reads its queue by plain HTTP"},
		{action: "sqs:DeleteMessage", resource: "{queue}", facts: insecure, why: "deletes from its queue by plain HTTP"},
		{action: "sqs:GetQueueUrl", resource: "{queue}", facts: insecure, why: "finds its queue by plain HTTP"},
	}
}

// strangersAtTheQueue are those who must not send to the queue, nor anything
// else. The rules that may are left to the third story.
func strangersAtTheQueue() []request {
	const (
		send      = "sqs:SendMessage"
		eventsFor = "events.amazonaws.com "
	)
	return []request{
		{action: send, resource: "{queue}", who: eventsFor + "arn:{partition}:events:{region}:{account}:rule/somebody-elses", why: "sends for another rule of the account"},
		{action: send, resource: "{queue}", who: eventsFor + "arn:{partition}:events:{region}:210987654321:rule/KarpenterInterruption", why: "sends for a rule of another account"},
		{action: send, resource: "{queue}", who: eventsFor + "arn:{partition}:events:{elsewhere}:{account}:rule/KarpenterInterruption", why: "sends for a rule of another region"},
		{action: send, resource: "{queue}", who: "events.amazonaws.com", why: "sends for nobody in particular"},
		{action: send, resource: "{queue}", who: "sns.amazonaws.com arn:{partition}:sns:{region}:{account}:topic", why: "sends a topic's messages"},
		{action: send, resource: "{queue}", who: "s3.amazonaws.com arn:{partition}:s3:::bucket", why: "sends a bucket's events"},
		{action: send, resource: "{queue}", who: "lambda.amazonaws.com arn:{partition}:lambda:{region}:{account}:function:f", why: "sends a function's results"},
		{action: "sqs:ReceiveMessage", resource: "{queue}", who: eventsFor + "arn:{partition}:events:{region}:{account}:rule/somebody-elses", why: "reads the queue"},
		{action: send, resource: "{queue}", who: anonymous, why: "sends from the internet"},
		{action: "sqs:ReceiveMessage", resource: "{queue}", who: anonymous, why: "reads from the internet"},
		{action: "sqs:PurgeQueue", resource: "{queue}", who: anonymous, why: "purges from the internet"},
		{action: "sqs:GetQueueAttributes", resource: "{queue}", who: anonymous, why: "looks from the internet"},
		{action: "kms:GenerateDataKey", resource: "{key}", who: eventsFor + "arn:{partition}:events:{region}:{account}:rule/somebody-elses", why: "uses the queue's key for another rule"},
		{action: "kms:Decrypt", resource: "{key}", who: anonymous, why: "decrypts from the internet"},
	}
}

// nodes are nodes that do the controller's work.
func nodes() []request {
	requests := []request{
		{action: "ec2:RunInstances", resource: "{ec2}instance/*", facts: launched.sets(), why: "launches an instance"},
		{action: "ec2:CreateFleet", resource: "{ec2}fleet/*", facts: launched.sets(), why: "makes a fleet"},
		{action: "ec2:CreateLaunchTemplate", resource: "{ec2}launch-template/*", facts: launched.sets(), why: "makes a launch template"},
		{action: "ec2:DeleteLaunchTemplate", resource: ownTemplate, facts: launched.bears(), why: "deletes a launch template"},
		{action: "ec2:TerminateInstances", resource: ownInstance, facts: launched.bears(), why: "ends an instance"},
		{action: "ec2:CreateTags", resource: ownInstance, facts: launched.bears().and(tags{"Name": "mine"}.sets()), why: "names an instance"},
		{action: "iam:PassRole", resource: "{nodeRole}", facts: passedTo("ec2.amazonaws.com"), why: "passes its role on"},
		{action: "iam:CreateInstanceProfile", resource: "{profile}", facts: profiled.sets(), why: "makes a profile"},
		{action: "iam:AddRoleToInstanceProfile", resource: "{profile}", facts: profiled.bears(), why: "puts a role into a profile"},
		{action: "iam:DeleteInstanceProfile", resource: "{profile}", facts: profiled.bears(), why: "deletes a profile"},
		{action: "iam:ListInstanceProfiles", resource: "{iam}instance-profile/", why: "lists profiles"},
		{action: "iam:GetInstanceProfile", resource: "{profile}", why: "looks at a profile"},
		{action: "sqs:ReceiveMessage", resource: "{queue}", why: "reads the queue"},
		{action: "sqs:DeleteMessage", resource: "{queue}", why: "deletes from the queue"},
		{action: "sqs:GetQueueUrl", resource: "{queue}", why: "finds the queue"},
		{action: "sqs:SendMessage", resource: "{queue}", why: "sends to the queue"},
		{action: "kms:Decrypt", resource: "{key}", why: "uses the queue's key"},
		{action: "pricing:GetProducts", resource: "*", why: "asks for prices"},
		{action: "arc-zonal-shift:GetManagedResource", resource: "*", facts: facts{"arc-zonal-shift:ResourceIdentifier": "{clusterARN}"}, why: "looks at zonal shifts"},
		{action: "sts:AssumeRole", resource: "{controllerRole}", why: "assumes the controller's role"},
	}
	for i := range requests {
		requests[i].who = node
	}
	return requests
}

// otherPrincipals are services and strangers that assume the roles.
func otherPrincipals() []request {
	pod := facts{
		"aws:RequestTag/eks-cluster-arn": "{clusterARN}", "aws:RequestTag/eks-cluster-name": "{cluster}",
		"aws:RequestTag/kubernetes-namespace": "{namespace}", "aws:RequestTag/kubernetes-service-account": "{serviceAccount}",
	}
	const eks = "pods.eks.amazonaws.com "
	return []request{
		{
			action: "sts:AssumeRole", resource: "{controllerRole}", who: eks + "arn:{partition}:eks:{region}:{account}:cluster/{other}", why: "assumes the controller's role for another cluster",
			facts: pod.and(facts{"aws:RequestTag/eks-cluster-arn": "arn:{partition}:eks:{region}:{account}:cluster/{other}", "aws:RequestTag/eks-cluster-name": "{other}"}),
		},
		{
			action: "sts:AssumeRole", resource: "{controllerRole}", who: eks + "arn:{partition}:eks:{elsewhere}:{account}:cluster/{cluster}", why: "assumes it for a cluster of this name in another region",
			facts: pod.and(facts{"aws:RequestTag/eks-cluster-arn": "arn:{partition}:eks:{elsewhere}:{account}:cluster/{cluster}"}),
		},
		{action: "sts:AssumeRole", resource: "{controllerRole}", who: eks + "{clusterARN}", facts: pod.and(facts{"aws:RequestTag/kubernetes-namespace": "default"}), why: "assumes it for another namespace"},
		{action: "sts:AssumeRole", resource: "{controllerRole}", who: eks + "{clusterARN}", facts: pod.and(facts{"aws:RequestTag/kubernetes-service-account": "default"}), why: "assumes it for another service account"},
		{action: "sts:AssumeRole", resource: "{controllerRole}", who: eks + "{clusterARN}", why: "assumes it for no pod"},
		{action: "sts:AssumeRole", resource: "{controllerRole}", who: "ec2.amazonaws.com", why: "assumes the controller's role for an instance"},
		{action: "sts:AssumeRole", resource: "{controllerRole}", who: "lambda.amazonaws.com", why: "assumes it for a function"},
		{action: "sts:AssumeRole", resource: "{controllerRole}", who: anonymous, why: "assumes it from the internet"},
		{action: "sts:AssumeRoleWithWebIdentity", resource: "{controllerRole}", who: anonymous, why: "assumes it without a token"},
		{action: "sts:AssumeRole", resource: "{nodeRole}", who: eks + "{clusterARN}", facts: pod, why: "assumes the node role for Karpenter's pods"},
		{action: "sts:AssumeRole", resource: "{nodeRole}", who: "lambda.amazonaws.com", why: "assumes the node role for a function"},
		{action: "sts:AssumeRole", resource: "{nodeRole}", who: anonymous, why: "assumes it from the internet"},
	}
}
