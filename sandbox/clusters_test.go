package sandbox

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// shop makes the sample cluster with other settings.
func shop(e *engine, more inputs) made { return e.create(cluster, aCluster.in.with(more)) }

var byAPI = inputs{"accessConfig": map[string]any{"authenticationMode": "API"}}

// nodesOf are the inputs of a node group in a cluster made in the empty VPC.
func nodesOf(more inputs) inputs {
	return inputs{"clusterName": "shop", "nodeGroupName": "system", "nodeRoleArn": nodesARN, "subnetIds": []any{scratchA, scratchC}, "scalingConfig": scale(3, 1, 3)}.with(more)
}

func (e *engine) client(t *testing.T) *Client {
	t.Helper()
	client, err := e.account.Client("ap-northeast-2")
	require.NoError(t, err)
	return client
}

func TestEKSMakesWhatAClusterNeeds(t *testing.T) {
	e := newEngine(t)
	start := string(e.account.Dump())
	m := shop(e, nil)
	network := m.outputs["vpcConfig"].Mappable().(map[string]any)
	assert.Equal(t, scratchVPC, network["vpcId"])
	primary, err := e.client(t).DescribeSecurityGroup(network["clusterSecurityGroupId"].(string))
	require.NoError(t, err)
	assert.Regexp(t, `^eks-cluster-sg-shop-\d+$`, primary.Name)
	assert.Equal(t, Tags{"Name": primary.Name, "kubernetes.io/cluster/shop": "owned", "aws:eks:cluster-name": "shop"}, primary.Tags)
	assert.Regexp(t, `^https://oidc\.eks\.ap-northeast-2\.amazonaws\.com/id/[0-9A-F]{32}$`,
		m.outputs["identities"].ArrayValue()[0].ObjectValue()["oidcs"].ArrayValue()[0].ObjectValue()["issuer"].StringValue())
	assert.Equal(t, "CONFIG_MAP", m.outputs["accessConfig"].ObjectValue()["authenticationMode"].StringValue(), "EKS's own default")

	found, err := e.invoke("aws:eks/getCluster:getCluster", inputs{"name": "shop"})
	require.NoError(t, err)
	assert.Equal(t, m.outputs["endpoint"], found.Properties["endpoint"])
	e.delete(m)
	assert.Equal(t, start, string(e.account.Dump()))
}

func TestAClusterTakesWhatIsItsOwnAlong(t *testing.T) {
	e := newEngine(t)
	start := string(e.account.Dump())
	m := shop(e, byAPI)
	e.create(addon, inputs{"clusterName": "shop", "addonName": "coredns"})
	e.create(entry, inputs{"clusterName": "shop", "principalArn": nodesARN, "type": "EC2_LINUX"})
	e.create(association, inputs{"clusterName": "shop", "namespace": "kube-system", "serviceAccount": "karpenter", "roleArn": nodesARN})
	e.delete(m)
	assert.Equal(t, start, string(e.account.Dump()))
}

func TestAClusterWithNodesStays(t *testing.T) {
	e := newEngine(t)
	start := string(e.account.Dump())
	m := shop(e, byAPI)
	nodes := e.create(nodeGroup, nodesOf(nil))
	require.ErrorContains(t, e.tryDelete(m), "deleting EKS Cluster (shop): operation error EKS: DeleteCluster, https response error StatusCode: 409, "+
		"RequestID: 00000000-0000-0000-0000-000000000000, ResourceInUseException: Cluster has nodegroups attached")
	e.delete(nodes)
	pods := e.create(role, aPodRole.in)
	profile := e.create(fargate, sampleOf(fargate).in)
	require.ErrorContains(t, e.tryDelete(m), "ResourceInUseException: Cluster has fargate profiles attached")
	e.delete(profile)
	e.delete(m)
	e.delete(pods)
	assert.Equal(t, start, string(e.account.Dump()), "the entries that EKS made went with the cluster")
}

func TestEKSAdmitsTheRolesOfItsNodes(t *testing.T) {
	for mode, admitted := range map[string]bool{"API": true, "API_AND_CONFIG_MAP": true, "CONFIG_MAP": false} {
		e := newEngine(t)
		shop(e, inputs{"accessConfig": map[string]any{"authenticationMode": mode}})
		e.create(role, aPodRole.in)
		e.create(nodeGroup, nodesOf(nil))
		e.create(fargate, sampleOf(fargate).in)
		for principal, kind := range map[string]string{nodesARN: "EC2_LINUX", "arn:aws:iam::123456789012:role/Pods": "FARGATE_LINUX"} {
			found, err := e.client(t).DescribeAccessEntry("shop", principal)
			if !admitted {
				require.ErrorContains(t, err, "authentication mode must be set")
				continue
			}
			require.NoError(t, err)
			assert.Equal(t, kind, found.Type)
			_, err = e.tryCreate(entry, inputs{"clusterName": "shop", "principalArn": principal, "type": kind})
			require.ErrorContains(t, err, "ResourceInUseException: The specified access entry resource is already in use on this cluster.")
		}
	}
}

func TestTheAccessEntryOfAGroupsRoleOutlivesIt(t *testing.T) {
	e := newEngine(t)
	shop(e, byAPI)
	e.delete(e.create(nodeGroup, nodesOf(nil)))
	_, err := e.client(t).DescribeAccessEntry("shop", nodesARN)
	require.NoError(t, err)
}

func TestANodeGroupHasNodes(t *testing.T) {
	e := newEngine(t)
	m := shop(e, nil)
	ours := e.create(group, inputs{"name": "ours", "vpcId": scratchVPC})
	lt := e.create(template, inputs{
		"name": "nodes", "vpcSecurityGroupIds": []any{string(ours.id)}, "instanceType": "m7g.large",
		"tagSpecifications": []any{map[string]any{"resourceType": "instance", "tags": map[string]any{"Name": "node"}}},
	})
	nodes := e.create(nodeGroup, nodesOf(inputs{"capacityType": "SPOT", "launchTemplate": map[string]any{"id": string(lt.id), "version": "$Latest"}}))
	assert.Equal(t, "AL2023_ARM_64_STANDARD", nodes.output("amiType"))

	ofGroup := []Filter{{Name: "tag:eks:nodegroup-name", Values: []string{"system"}}}
	running, err := e.client(t).DescribeInstances(ofGroup)
	require.NoError(t, err)
	require.Len(t, running, 3)
	for _, node := range running {
		assert.Equal(t, "m7g.large", node.Type)
		assert.Equal(t, "spot", node.Lifecycle)
		assert.Equal(t, []string{string(ours.id)}, node.SecurityGroupIDs)
		assert.Subset(t, node.Tags, Tags{"eks:cluster-name": "shop", "kubernetes.io/cluster/shop": "owned", "Name": "node"})
	}
	assert.NotEqual(t, running[0].SubnetID, running[1].SubnetID)

	require.ErrorContains(t, e.tryDelete(ours), "deleting EC2 Security Group ("+string(ours.id)+"): operation error EC2: DeleteSecurityGroup, https response error StatusCode: 400, "+
		"RequestID: 00000000-0000-0000-0000-000000000000, api error DependencyViolation: resource "+string(ours.id)+" has a dependent object")
	e.delete(lt) // EC2 does not ask who uses it
	_, err = e.tryUpdate(nodes, e.checked(nodeGroup, nodes.inputs, nodesOf(inputs{
		"capacityType": "SPOT", "launchTemplate": map[string]any{"id": string(lt.id), "version": "$Latest"}, "scalingConfig": scale(1, 1, 1),
	})))
	require.ErrorContains(t, err, "not found")
	e.delete(nodes)
	left, err := e.client(t).DescribeInstances(ofGroup)
	require.NoError(t, err)
	assert.Empty(t, left)
	e.delete(ours)
	e.delete(m)
}

func TestARoleOfNodesStays(t *testing.T) {
	e := newEngine(t)
	m := e.create(role, aRole.in)
	nodes := e.create(nodeGroup, sampleOf(nodeGroup).in.with(inputs{"nodeRoleArn": m.output("arn")}))
	require.ErrorContains(t, e.tryDelete(m), "DeleteConflict: Cannot delete entity, must remove roles from instance profile first.")
	e.delete(nodes)
	e.delete(m)
}

func TestWhatALaunchTemplateMayNotSay(t *testing.T) {
	cases := []struct {
		template, group inputs
		words           string
	}{
		{inputs{"iamInstanceProfile": map[string]any{"name": "x"}}, nil, "Launch template nodes should not specify an instance profile. The noderole in your request will be used to construct an instance profile."},
		{inputs{"instanceType": "m7i.large"}, inputs{"instanceTypes": []any{"m7i.large"}}, "Cannot specify instance types in launch template and API request"},
		{nil, inputs{"diskSize": 50}, "Disk size must be specified within the launch template."},
		{inputs{"vpcSecurityGroupIds": []any{"sg-0"}}, nil, "The security group 'sg-0' does not exist"},
		{nil, byTemplate("nodes", "7"), "Could not find the specified version 7 for the launch template"},
		{inputs{"imageId": "ami-1"}, inputs{"amiType": "AL2023_x86_64_STANDARD"}, "You cannot specify an AMI Type other than CUSTOM"},
	}
	for _, c := range cases {
		e := newEngine(t)
		e.create(template, inputs{"name": "nodes"}.with(c.template))
		_, err := e.tryCreate(nodeGroup, sampleOf(nodeGroup).in.with(byTemplate("nodes", "$Default")).with(c.group))
		require.ErrorContains(t, err, "InvalidParameterException: "+c.words)
	}
}

func TestClustersDoNotGoBack(t *testing.T) {
	e := newEngine(t)
	m := shop(e, byAPI.with(inputs{"version": "1.32"}))
	for words, in := range map[string]inputs{
		"UpdateClusterVersion, https response error StatusCode: 400, RequestID: 00000000-0000-0000-0000-000000000000, InvalidParameterException: Unsupported Kubernetes minor version update from 1.32 to 1.34": byAPI.with(inputs{"version": "1.34"}),
		"Unsupported Kubernetes minor version update from 1.32 to 1.31":           byAPI.with(inputs{"version": "1.31"}),
		"Unsupported authentication mode update from API to CONFIG_MAP":           {"version": "1.32", "accessConfig": map[string]any{"authenticationMode": "CONFIG_MAP"}},
		"Provided subnets belong to the VPC " + theVPC:                            byAPI.with(inputs{"vpcConfig": map[string]any{"subnetIds": []any{theSubnet, otherSub}}}),
		"InvalidParameterException: Private and public endpoint access cannot be": byAPI.with(inputs{"vpcConfig": inScratch(inputs{"endpointPublicAccess": false})}),
	} {
		_, err := e.tryUpdate(m, e.checked(cluster, m.inputs, aCluster.in.with(in)))
		require.ErrorContains(t, err, words)
	}
}

func TestWhatReplacesPartOfAnObject(t *testing.T) {
	e := newEngine(t)
	m := shop(e, nil)
	result := e.diff(m, e.checked(cluster, m.inputs, aCluster.in.with(inputs{
		"vpcConfig":               inScratch(inputs{"endpointPrivateAccess": true}),
		"kubernetesNetworkConfig": map[string]any{"ipFamily": "ipv6"},
	})))
	assert.Equal(t, []resource.PropertyKey{"kubernetesNetworkConfig"}, result.ReplaceKeys)
	assert.True(t, result.DeleteBeforeReplace, "a cluster's name is the program's")
	assert.Equal(t, map[string]plugin.DiffKind{"kubernetesNetworkConfig.ipFamily": plugin.DiffUpdateReplace, "vpcConfig.endpointPrivateAccess": plugin.DiffUpdate}, kinds(result))
}

// kinds are the kinds of the changes, by path.
func kinds(result plugin.DiffResult) map[string]plugin.DiffKind {
	all := map[string]plugin.DiffKind{}
	for path, change := range result.DetailedDiff {
		all[path] = change.Kind
	}
	return all
}

func TestSecretsAreEncryptedForGood(t *testing.T) {
	e := newEngine(t)
	k := e.create(key, aKey.in)
	under := func(arn string) inputs {
		return inputs{"encryptionConfig": map[string]any{"provider": map[string]any{"keyArn": arn}, "resources": []any{"secrets"}}}
	}
	_, err := e.tryCreate(cluster, aCluster.in.with(under(k.output("arn")+"0")))
	require.ErrorContains(t, err, "InvalidParameterException: The keyArn in encryptionConfig provider is invalid")

	m := shop(e, nil)
	news := e.checked(cluster, m.inputs, aCluster.in.with(under(k.output("arn"))))
	assert.Equal(t, map[string]plugin.DiffKind{"encryptionConfig": plugin.DiffAdd}, kinds(e.diff(m, news)))
	m = e.update(m, news, false)
	assert.Equal(t, plugin.DiffNone, e.diff(m, m.inputs).Changes)
	without := e.checked(cluster, m.inputs, aCluster.in)
	assert.Equal(t, map[string]plugin.DiffKind{"encryptionConfig": plugin.DiffDeleteReplace}, kinds(e.diff(m, without)))
}

func TestAPrefixNamesGroupsApart(t *testing.T) {
	e := newEngine(t)
	in := sampleOf(nodeGroup).in.with(inputs{"nodeGroupName": nil, "nodeGroupNamePrefix": "system-"})
	news := e.checked(nodeGroup, nil, in)
	assert.NotContains(t, news, resource.PropertyKey("nodeGroupName"))
	assert.True(t, e.preview(nodeGroup, news)["nodeGroupName"].IsComputed())
	one, two := e.create(nodeGroup, in), e.create(nodeGroup, in)
	assert.Regexp(t, `^system-[0-9a-f]{26}$`, one.output("nodeGroupName"))
	assert.NotEqual(t, one.id, two.id, "a new one can be made before the old one goes")
	assert.Equal(t, plugin.DiffNone, e.diff(one, one.inputs).Changes)
	assert.Equal(t, one.outputs, e.read(one).Outputs)
	other := e.diff(one, e.checked(nodeGroup, one.inputs, in.with(inputs{"instanceTypes": []any{"m7i.large"}})))
	assert.NotEmpty(t, other.ReplaceKeys)
	assert.False(t, other.DeleteBeforeReplace)
	scaled := e.update(one, e.checked(nodeGroup, one.inputs, in.with(inputs{"scalingConfig": scale(3, 3, 3)})), false)
	assert.Equal(t, one.output("nodeGroupName"), scaled.output("nodeGroupName"))
}

// TestServicesAreTrustedByTheirNamesInChina: nodes by that of the partition
// alone, the control plane by the common one alone.
func TestServicesAreTrustedByTheirNamesInChina(t *testing.T) {
	e := newEngine(t, func(s *Spec) {
		s.Partition = "aws-cn"
		for i := range s.Clusters {
			s.Clusters[i].Region = "cn-north-1"
		}
	})
	inChina := func(arn string) string { return strings.Replace(arn, "arn:aws:", "arn:aws-cn:", 1) }
	e.create(cluster, aCluster.in.with(inputs{"roleArn": inChina(controlARN)}))
	_, err := e.tryCreate(nodeGroup, nodesOf(inputs{"nodeRoleArn": inChina(nodesARN)}))
	require.ErrorContains(t, err, "Following required service principals [ec2.amazonaws.com.cn] were not found")
	ours := e.create(role, inputs{"name": "Nodes", "assumeRolePolicy": strings.Replace(trust, "amazonaws.com", "amazonaws.com.cn", 1)})
	e.create(nodeGroup, nodesOf(inputs{"nodeRoleArn": ours.output("arn")}))
	_, err = e.tryCreate(role, inputs{"name": "Control", "assumeRolePolicy": statement(allow + `"Principal":{"Service":"eks.amazonaws.com.cn"},"Action":"sts:AssumeRole"`)})
	require.ErrorContains(t, err, `Invalid principal in policy: "SERVICE":"eks.amazonaws.com.cn"`)
}
