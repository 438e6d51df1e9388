package sandbox

import (
	"reflect"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/sandbox/internal/provider"
)

// TestSchemasAreThoseOfTheSDK holds the tables against pulumi-aws: the same
// types, and for each the same inputs and outputs.
func TestSchemasAreThoseOfTheSDK(t *testing.T) {
	sdk := map[string]struct {
		args     pulumi.Input
		resource any
	}{
		role:        {iam.RoleArgs{}, iam.Role{}},
		policy:      {iam.PolicyArgs{}, iam.Policy{}},
		attachment:  {iam.RolePolicyAttachmentArgs{}, iam.RolePolicyAttachment{}},
		rolePolicy:  {iam.RolePolicyArgs{}, iam.RolePolicy{}},
		profile:     {iam.InstanceProfileArgs{}, iam.InstanceProfile{}},
		issuer:      {iam.OpenIdConnectProviderArgs{}, iam.OpenIdConnectProvider{}},
		entry:       {eks.AccessEntryArgs{}, eks.AccessEntry{}},
		association: {eks.PodIdentityAssociationArgs{}, eks.PodIdentityAssociation{}},
		queue:       {sqs.QueueArgs{}, sqs.Queue{}},
		queuePolicy: {sqs.QueuePolicyArgs{}, sqs.QueuePolicy{}},
		rule:        {cloudwatch.EventRuleArgs{}, cloudwatch.EventRule{}},
		target:      {cloudwatch.EventTargetArgs{}, cloudwatch.EventTarget{}},
		key:         {kms.KeyArgs{}, kms.Key{}},
		alias:       {kms.AliasArgs{}, kms.Alias{}},
		tag:         {ec2.TagArgs{}, ec2.Tag{}},
		linkedRole:  {iam.ServiceLinkedRoleArgs{}, iam.ServiceLinkedRole{}},
		cluster:     {eks.ClusterArgs{}, eks.Cluster{}},
		nodeGroup:   {eks.NodeGroupArgs{}, eks.NodeGroup{}},
		fargate:     {eks.FargateProfileArgs{}, eks.FargateProfile{}},
		addon:       {eks.AddonArgs{}, eks.Addon{}},
		template:    {ec2.LaunchTemplateArgs{}, ec2.LaunchTemplate{}},
		group:       {ec2.SecurityGroupArgs{}, ec2.SecurityGroup{}},
		groupRule:   {ec2.SecurityGroupRuleArgs{}, ec2.SecurityGroupRule{}},
	}
	schemas := provider.Schemas()
	assert.Len(t, schemas, len(sdk))
	for token, types := range sdk {
		assert.ElementsMatch(t, tags(types.args.ElementType()), schemas[token].Inputs, "inputs of %s", token)
		assert.ElementsMatch(t, tags(reflect.TypeOf(types.resource)), schemas[token].Outputs, "outputs of %s", token)
	}
}

// TestLookupsAnswerAsTheSDKReads holds every lookup's answer against the
// fields that the SDK reads from it.
func TestLookupsAnswerAsTheSDKReads(t *testing.T) {
	cases := []struct {
		token  string
		in     inputs
		result any
	}{
		{"aws:eks/getCluster:getCluster", inputs{"name": theCluster}, eks.LookupClusterResult{}},
		{"aws:eks/getAddonVersion:getAddonVersion", inputs{"addonName": "coredns", "kubernetesVersion": "1.34", "mostRecent": true}, eks.GetAddonVersionResult{}},
		{"aws:iam/getRoles:getRoles", inputs{"nameRegex": "nodes$", "pathPrefix": "/"}, iam.GetRolesResult{}},
		{"aws:index/getPartition:getPartition", nil, aws.GetPartitionResult{}},
		{"aws:index/getRegion:getRegion", nil, aws.GetRegionResult{}},
		{"aws:ec2/getSubnets:getSubnets", inputs{"filters": vpcFilter}, ec2.GetSubnetsResult{}},
		{"aws:ec2/getSecurityGroups:getSecurityGroups", inputs{"filters": vpcFilter}, ec2.GetSecurityGroupsResult{}},
		{"aws:ec2/getRouteTables:getRouteTables", inputs{"filters": vpcFilter, "vpcId": theVPC}, ec2.GetRouteTablesResult{}},
		{"aws:ec2/getRouteTable:getRouteTable", inputs{"filters": vpcFilter, "subnetId": theSubnet}, ec2.LookupRouteTableResult{}},
	}
	e := newEngine(t)
	for _, c := range cases {
		response, err := e.invoke(c.token, c.in)
		require.NoError(t, err, c.token)
		require.Empty(t, response.Failures, c.token)
		compare(t, c.token, reflect.TypeOf(c.result), response.Properties.Mappable())
	}
}

var vpcFilter = []any{map[string]any{"name": "vpc-id", "values": []any{theVPC}}}

// compare holds an answer's fields, and those of the objects in it, against
// the SDK's type.
func compare(t *testing.T, path string, typ reflect.Type, answer map[string]any) {
	t.Helper()
	names := make([]string, 0, len(answer))
	for name := range answer {
		names = append(names, name)
	}
	assert.ElementsMatch(t, tags(typ), names, "fields of %s", path)
	for i := range typ.NumField() {
		field := typ.Field(i)
		name, inner := tagOf(field), field.Type
		value := answer[name]
		if list, ok := value.([]any); ok && len(list) > 0 && inner.Kind() == reflect.Slice {
			value, inner = list[0], inner.Elem()
		}
		if object, ok := value.(map[string]any); ok && inner.Kind() == reflect.Struct {
			compare(t, path+"."+name, inner, object)
		}
	}
}

func tags(typ reflect.Type) []string {
	var all []string
	for i := range typ.NumField() {
		if name := tagOf(typ.Field(i)); name != "" {
			all = append(all, name)
		}
	}
	return all
}

func tagOf(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("pulumi"), ",")
	return name
}
