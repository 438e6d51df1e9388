package verify

import "slices"

// somebodyElsesDay tells whether nobody may do what is not theirs: not the
// controller beyond its cluster, not its nodes, not strangers.
func (s *subject) somebodyElsesDay() ([]Row, error) {
	rows, err := s.tell(SomebodyElsesDay, Denied, slices.Concat(
		otherInstances(), otherLaunches(), otherTags(), otherProfiles(), otherRoles(), escalation(),
		otherRegions(), neverGranted(), otherQueues(), strangersAtTheQueue(), nodes(), otherPrincipals(),
	))
	if err != nil {
		return nil, err
	}
	assumed, err := s.assumptions()
	return append(rows, assumed...), err
}

// foreign are tags that do not make a resource this cluster's.
var foreign = []struct {
	tags tags
	why  string
}{
	{launched.ofOther(), "of another cluster"},
	{tags{}, "without any tags"},
	{launched.without(tagOwner), "without the ownership tag"},
	{launched.with(tagOwner, "shared"), "shared with the cluster, not owned"},
	{launched.with(tagOwner, ""), "with an empty ownership tag"},
	{launched.without(tagPool), "of no node pool"},
	{tags{tagOwner: "owned", tagCluster: "{cluster}", "eks:nodegroup-name": "system"}, "of a managed node group"},
}

// otherInstances are ends and uses of instances and templates of others.
func otherInstances() []request {
	var requests []request
	for _, f := range foreign {
		requests = append(
			requests,
			request{action: "ec2:TerminateInstances", resource: ownInstance, facts: f.tags.bears(), why: "ends an instance " + f.why},
			request{action: "ec2:DeleteLaunchTemplate", resource: ownTemplate, facts: f.tags.bears(), why: "deletes a launch template " + f.why},
			request{action: "ec2:RunInstances", resource: ownTemplate, facts: f.tags.bears(), why: "launches by a launch template " + f.why},
			request{action: "ec2:CreateFleet", resource: ownTemplate, facts: f.tags.bears(), why: "launches by a launch template " + f.why},
		)
	}
	return requests
}

// otherLaunches are launches of what would not be this cluster's.
func otherLaunches() []request {
	var requests []request
	unowned := []struct {
		tags tags
		why  string
	}{
		{launched.ofOther(), "for another cluster"},
		{tags{}, "without tags"},
		{launched.without(tagPool), "for no node pool"},
		{launched.with(tagCluster, "{other}"), "under another cluster's name"},
		{launched.without(tagCluster), "under no cluster's name"},
	}
	for _, u := range unowned {
		requests = append(
			requests,
			request{action: "ec2:RunInstances", resource: "{ec2}instance/*", facts: u.tags.sets(), why: "launches an instance " + u.why},
			request{action: "ec2:CreateFleet", resource: "{ec2}fleet/*", facts: u.tags.sets(), why: "makes a fleet " + u.why},
			request{action: "ec2:CreateLaunchTemplate", resource: "{ec2}launch-template/*", facts: u.tags.sets(), why: "makes a launch template " + u.why},
			request{action: "ec2:CreateTags", resource: "{ec2}instance/*", facts: u.tags.sets().and(during("RunInstances")), why: "tags a launch " + u.why},
		)
	}
	for _, kind := range []string{"volume", "network-interface", "spot-instances-request"} {
		requests = append(requests, request{action: "ec2:RunInstances", resource: "{ec2}" + kind + "/*", why: "launches with an untagged " + kind})
	}
	return append(
		requests,
		request{action: "ec2:RunInstances", resource: "{ec2}key-pair/admin", why: "launches with an SSH key"},
		request{action: "ec2:RunInstances", resource: "{ec2}dedicated-host/h-0a1b2c3d4e5f60718", why: "launches on a dedicated host"},
		request{action: "ec2:RunInstances", resource: "arn:{partition}:ec2:{elsewhere}:{account}:instance/*", facts: launched.sets(), region: "{elsewhere}", why: "launches in another region"},
		request{action: "ec2:RunInstances", resource: "arn:{partition}:ec2:{elsewhere}:{account}:subnet/subnet-0a1b2c3d4e5f60718", region: "{elsewhere}", why: "uses a subnet of another region"},
		request{action: "ec2:CreateFleet", resource: "arn:{partition}:ec2:{elsewhere}::image/ami-0a1b2c3d4e5f60718", region: "{elsewhere}", why: "uses an AMI of another region"},
		request{action: "ec2:TerminateInstances", resource: "arn:{partition}:ec2:{elsewhere}:{account}:instance/i-0f1e2d3c4b5a69788", facts: launched.bears(), region: "{elsewhere}", why: "ends an instance of another region"},
	)
}

// otherTags are tags that would change what belongs to whom.
func otherTags() []request {
	retag := func(instance, set tags, why string) request {
		return request{action: "ec2:CreateTags", resource: ownInstance, facts: instance.bears().and(set.sets()), why: why}
	}
	name := tags{"Name": "mine"}
	requests := []request{
		retag(launched.ofOther(), name, "names another cluster's instance"),
		retag(tags{}, name, "names an instance without tags"),
		retag(tags{}, launched, "makes an instance without tags its own"),
		retag(launched.ofOther(), launched, "makes another cluster's instance its own"),
		retag(launched, tags{tagOwner: "shared"}, "rewrites the ownership tag of its own instance"),
		retag(launched, tags{"kubernetes.io/cluster/{other}": "owned"}, "gives its own instance to another cluster"),
		retag(launched, tags{tagCluster: "{other}"}, "puts its own instance under another cluster's name"),
		retag(launched, tags{tagPool: "other"}, "moves its own instance to another node pool"),
		retag(launched, tags{tagClass: "other"}, "gives its own instance another EC2NodeClass"),
		retag(launched, tags{"team": "platform"}, "sets a tag that Karpenter never does"),
		retag(launched, tags{"Name": "mine", "team": "platform"}, "sets such a tag along with an allowed one"),
	}
	for _, thing := range []struct{ resource, what string }{
		{"{ec2}volume/vol-0a1b2c3d4e5f60718", "volume"},
		{"{ec2}network-interface/eni-0a1b2c3d4e5f60718", "network interface"},
		{"{ec2}security-group/sg-0a1b2c3d4e5f60718", "security group"},
		{"{ec2}subnet/subnet-0a1b2c3d4e5f60718", "subnet"},
		{"{ec2}vpc/vpc-0a1b2c3d4e5f60718", "VPC"},
		{ownTemplate, "launch template, after it was made"},
	} {
		requests = append(requests, request{action: "ec2:CreateTags", resource: thing.resource, facts: launched.bears().and(launched.sets()), why: "tags a " + thing.what})
	}
	for _, at := range []string{"CreateVolume", "CreateSnapshot", "CreateSecurityGroup"} {
		requests = append(requests, request{action: "ec2:CreateTags", resource: "{ec2}volume/*", facts: launched.sets().and(during(at)), why: "tags as part of " + at})
	}
	return append(
		requests,
		request{action: "ec2:CreateTags", resource: "{ec2}volume/vol-0a1b2c3d4e5f60718", facts: launched.sets(), why: "tags a volume that exists as if it were new"},
		request{action: "ec2:DeleteTags", resource: ownInstance, facts: launched.bears().and(facts{"aws:TagKeys": tagOwner}), why: "removes the ownership tag of its own instance"},
		request{action: "ec2:DeleteTags", resource: ownInstance, facts: launched.bears().and(facts{"aws:TagKeys": "Name"}), why: "removes its own instance's name"},
		request{action: "ec2:DeleteTags", resource: ownInstance, facts: launched.ofOther().bears().and(facts{"aws:TagKeys": "kubernetes.io/cluster/{other}"}), why: "removes another cluster's ownership tag"},
	)
}

// otherProfiles are instance profiles that are not this cluster's Karpenter's.
func otherProfiles() []request {
	var requests []request
	for _, o := range []struct {
		tags tags
		why  string
	}{
		{profiled.ofOther(), "another cluster's profile"},
		{tags{}, "a profile without tags"},
		{profiled.with(tagRegion, "{elsewhere}"), "the profile of a cluster of this name in another region"},
		{profiled.without(tagClass), "a profile of no EC2NodeClass"},
	} {
		for _, call := range []struct{ action, what string }{
			{"AddRoleToInstanceProfile", "puts a role into "},
			{"RemoveRoleFromInstanceProfile", "empties "},
			{"DeleteInstanceProfile", "deletes "},
		} {
			requests = append(requests, request{action: "iam:" + call.action, resource: "{profile}", facts: o.tags.bears(), why: call.what + o.why})
		}
		requests = append(
			requests,
			request{action: "iam:CreateInstanceProfile", resource: "{profile}", facts: o.tags.sets(), why: "makes " + o.why},
			request{action: "iam:TagInstanceProfile", resource: "{profile}", facts: o.tags.bears().and(profiled.sets()), why: "takes over " + o.why},
			request{action: "iam:TagInstanceProfile", resource: "{profile}", facts: profiled.bears().and(o.tags.sets()), why: "makes of its own " + o.why},
		)
	}
	return append(
		requests,
		request{action: "iam:CreateInstanceProfile", resource: "{profile}", facts: profiled.with(tagCluster, "{other}").sets(), why: "makes a profile under another cluster's name"},
		request{action: "iam:UntagInstanceProfile", resource: "{profile}", facts: profiled.bears(), why: "removes its own profile's tags"},
	)
}

// otherRoles are roles handed to who must not have them.
func otherRoles() []request {
	var requests []request
	for _, role := range []struct{ resource, what string }{
		{"{iam}role/Admin", "an administrator's role"},
		{"{iam}role/KarpenterNodeRole-{other}", "another cluster's node role"},
		{"{controllerRole}", "its own role"},
		{"{nodeRole}-2", "a role whose name begins like the node role's"},
		{"{iam}role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot", "a service-linked role"},
	} {
		requests = append(requests, request{action: "iam:PassRole", resource: role.resource, facts: passedTo("ec2.amazonaws.com"), why: "passes instances " + role.what})
	}
	for _, service := range []string{"lambda", "ecs-tasks", "eks", "pods.eks", "ssm", "cloudformation", "sagemaker", "events"} {
		requests = append(requests, request{action: "iam:PassRole", resource: "{nodeRole}", facts: passedTo(service + ".amazonaws.com"), why: "passes the node role to " + service})
	}
	return append(requests, request{action: "iam:PassRole", resource: "{nodeRole}", why: "passes the node role to nobody in particular"})
}

// escalation are ways to more rights.
func escalation() []request {
	var requests []request
	for _, call := range []struct{ action, resource, why string }{
		{"AttachRolePolicy", "{controllerRole}", "attaches a policy to its own role"},
		{"AttachRolePolicy", "{nodeRole}", "attaches a policy to the node role"},
		{"PutRolePolicy", "{controllerRole}", "writes itself a policy"},
		{"DetachRolePolicy", "{controllerRole}", "detaches a policy that may deny"},
		{"DeleteRolePolicy", "{controllerRole}", "deletes a policy that may deny"},
		{"UpdateAssumeRolePolicy", "{controllerRole}", "lets others assume its role"},
		{"UpdateAssumeRolePolicy", "{nodeRole}", "lets itself assume the node role"},
		{"PutRolePermissionsBoundary", "{controllerRole}", "widens its boundary"},
		{"DeleteRolePermissionsBoundary", "{controllerRole}", "removes its boundary"},
		{"TagRole", "{controllerRole}", "tags its own role"},
		{"CreateRole", "{iam}role/new", "makes a role"},
		{"DeleteRole", "{nodeRole}", "deletes the node role"},
		{"CreatePolicy", "{iam}policy/new", "makes a policy"},
		{"CreatePolicyVersion", "{iam}policy/KarpenterControllerNodeLifecyclePolicy-{cluster}", "rewrites its own policy"},
		{"SetDefaultPolicyVersion", "{iam}policy/KarpenterControllerNodeLifecyclePolicy-{cluster}", "goes back to an older policy"},
		{"CreateUser", "{iam}user/new", "makes a user"},
		{"CreateAccessKey", "{iam}user/admin", "makes an access key"},
		{"CreateLoginProfile", "{iam}user/admin", "makes a password"},
		{"AddUserToGroup", "{iam}group/admins", "adds an administrator"},
		{"CreateOpenIDConnectProvider", "{iam}oidc-provider/example.com", "trusts another issuer"},
		{"CreateServiceLinkedRole", "{iam}role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot", "makes a service-linked role"},
	} {
		requests = append(requests, request{action: "iam:" + call.action, resource: call.resource, why: call.why})
	}
	return append(
		requests,
		request{action: "sts:AssumeRole", resource: "{nodeRole}", why: "assumes the node role"},
		request{action: "sts:AssumeRole", resource: "{controllerRole}", why: "assumes its own role again"},
		request{action: "iam:PassRole", resource: "{iam}role/Admin", facts: passedTo("lambda.amazonaws.com"), why: "passes an administrator's role to a function"},
	)
}
