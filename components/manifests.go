package components

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumix"
)

// manifests makes what Helm and GitOps users take from here: the chart's values and first Kubernetes objects.
func (b *karpenterBuilder) manifests() {
	b.component.HelmValues = b.helmValues().ToMapOutput()
	bears, name := "role", b.component.NodeRoleName
	if or(b.args.IsolatedVpc, false) {
		bears, name = "instanceProfile", b.component.InstanceProfileName
	}
	b.component.NodeClass = mapOutput(pulumix.Apply(name, func(name string) map[string]any {
		return nodeClass(b.args.ClusterName, bears, name)
	}))
	b.component.NodePool = mapOutput(pulumix.Val(nodePool()))
	b.component.VpcEndpoints = pulumi.ToStringArray(b.vpcEndpoints()).ToStringArrayOutput()
}

// vpcEndpoints are the services that the controller and its nodes call, where they can call no other. Sources: "Private
// Clusters", Karpenter documentation; "Deploy private clusters with limited internet access", EKS User Guide.
func (b *karpenterBuilder) vpcEndpoints() []string {
	if !or(b.args.IsolatedVpc, false) {
		return nil
	}
	services := []string{"ec2", "ecr.api", "ecr.dkr", "eks", "s3", "ssm"}
	if or(orZero(b.args.ControllerRole).PodIdentity, false) {
		services = append(services, "eks-auth")
	} else {
		services = append(services, "sts")
	}
	if b.args.withQueue() {
		services = append(services, "sqs")
	}
	if or(b.args.EnableZonalShift, false) {
		services = append(services, "arc-zonal-shift")
	}
	return services
}

// helmValues are the values of Karpenter's chart that this cluster calls for. Source: the chart's values.yaml.
func (b *karpenterBuilder) helmValues() pulumi.Map {
	options := orZero(b.args.ControllerRole)
	serviceAccount := pulumi.Map{"name": pulumi.String(options.serviceAccount())}
	switch {
	case b.component.ControllerRole != nil && !or(options.PodIdentity, false):
		serviceAccount["annotations"] = b.component.ControllerRole.ServiceAccountAnnotations
	case b.args.ControllerRoleArn != nil && !or(options.PodIdentity, false):
		serviceAccount["annotations"] = roleAnnotation(b.component.ControllerRoleArn)
	}
	settings := pulumi.Map{"clusterName": pulumi.String(b.args.ClusterName)}
	if b.args.withQueue() {
		settings["interruptionQueue"] = b.component.QueueName
	}
	if or(b.args.EnableZonalShift, false) {
		settings["enableZonalShift"] = pulumi.Bool(true)
	}
	if or(b.args.IsolatedVpc, false) {
		settings["isolatedVPC"] = pulumi.Bool(true)
	}
	values := pulumi.Map{"serviceAccount": serviceAccount, "settings": settings}
	if or(b.args.CreateControllerNodes, false) && orZero(b.args.ControllerNodes).fargate() {
		// CoreDNS may be waiting for the nodes that the controller is to launch.
		values["dnsPolicy"] = pulumi.String("Default")
	}
	return values
}

// nodeClass is an EC2NodeClass that finds the cluster's subnets and security groups by the discovery tag. What its nodes bear
// is a role or an instanceProfile.
func nodeClass(clusterName, bears, name string) map[string]any {
	if name == "" {
		return map[string]any{}
	}
	discovered := []any{map[string]any{"tags": map[string]any{discoveryTag: clusterName}}}
	return map[string]any{
		"apiVersion": "karpenter.k8s.aws/v1",
		"kind":       "EC2NodeClass",
		"metadata":   map[string]any{"name": "default"},
		"spec": map[string]any{
			bears:                        name,
			"amiSelectorTerms":           []any{map[string]any{"alias": "al2023@latest"}},
			"subnetSelectorTerms":        discovered,
			"securityGroupSelectorTerms": discovered,
		},
	}
}

// nodePool is a NodePool of general-purpose on-demand and spot nodes, each replaced after 30 days.
func nodePool() map[string]any {
	requirement := func(key, operator string, values ...any) any {
		return map[string]any{"key": key, "operator": operator, "values": values}
	}
	return map[string]any{
		"apiVersion": "karpenter.sh/v1",
		"kind":       "NodePool",
		"metadata":   map[string]any{"name": "default"},
		"spec": map[string]any{
			"template": map[string]any{"spec": map[string]any{
				"nodeClassRef": map[string]any{"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "default"},
				"requirements": []any{
					requirement("kubernetes.io/os", "In", "linux"),
					requirement("karpenter.sh/capacity-type", "In", "spot", "on-demand"),
					requirement("karpenter.k8s.aws/instance-category", "In", "c", "m", "r"),
					requirement("karpenter.k8s.aws/instance-generation", "Gt", "2"),
				},
				"expireAfter": "720h",
			}},
			"limits":     map[string]any{"cpu": "1000"},
			"disruption": map[string]any{"consolidationPolicy": "WhenEmptyOrUnderutilized", "consolidateAfter": "1m"},
		},
	}
}

// mapOutput gives a typed output the type of a component's output.
func mapOutput(output pulumix.Output[map[string]any]) pulumi.MapOutput {
	return pulumix.Cast[pulumi.MapOutput](output)
}
