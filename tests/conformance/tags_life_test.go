package conformance

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	awsv1 "github.com/aws/karpenter-provider-aws/pkg/apis/v1"
	"github.com/aws/karpenter-provider-aws/pkg/cloudprovider"
	"github.com/aws/karpenter-provider-aws/pkg/controllers/nodeclaim/tagging"
	"github.com/aws/karpenter-provider-aws/pkg/controllers/nodeclass"
	karpenteroptions "github.com/aws/karpenter-provider-aws/pkg/operator/options"
	karpentertest "github.com/aws/karpenter-provider-aws/pkg/test"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/kubernetes/scheme"
	ctrlcache "sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	karpv1 "sigs.k8s.io/karpenter/pkg/apis/v1"
	coreoptions "sigs.k8s.io/karpenter/pkg/operator/options"
	coretest "sigs.k8s.io/karpenter/pkg/test"

	"github.com/grafanix/eks-karpenter/sandbox"
)

// karpentersLife is Karpenter's own code, with its own fake of EC2, which records, and the IAM of a sandbox.
type karpentersLife struct {
	t          *testing.T
	ctx        context.Context
	kube       client.Client
	env        *karpentertest.Environment
	iam        *sandboxIAM
	cloud      *cloudprovider.CloudProvider
	controller *nodeclass.Controller
}

// liveAs has Karpenter live for a cluster: it takes on the components' EC2NodeClass, launches a spot instance by it, tags
// and ends the instance, and lets the EC2NodeClass go. The edits are made to the EC2NodeClass.
func liveAs(t *testing.T, account *sandbox.Client, cluster string, edits ...func(*awsv1.EC2NodeClassSpec)) *karpentersLife {
	t.Helper()
	l := newLife(t, account, cluster)
	nodeClass := nodeClassOf(t, cluster)
	for _, edit := range edits {
		edit(&nodeClass.Spec)
	}
	require.NoError(t, l.kube.Create(l.ctx, nodeClass))
	_, err := l.controller.Reconcile(l.ctx, nodeClass)
	require.NoError(t, err)
	claim := l.launch(nodeClass)
	_, err = tagging.NewController(l.kube, l.cloud, l.env.InstanceProvider).Reconcile(l.ctx, claim)
	require.NoError(t, err)
	require.NoError(t, l.cloud.Delete(l.ctx, claim))
	require.NoError(t, l.kube.Delete(l.ctx, claim))
	require.NoError(t, l.kube.Delete(l.ctx, nodeClass))
	require.NoError(t, l.kube.Get(l.ctx, client.ObjectKeyFromObject(nodeClass), nodeClass))
	_, err = l.controller.Reconcile(l.ctx, nodeClass)
	require.NoError(t, err)
	return l
}

func newLife(t *testing.T, account *sandbox.Client, cluster string) *karpentersLife {
	t.Helper()
	ctx := coreoptions.ToContext(t.Context(), coretest.Options())
	ctx = karpenteroptions.ToContext(ctx, karpentertest.Options(karpentertest.OptionsFields{ClusterName: &cluster, EKSControlPlane: new(true)}))
	kube := newKube(t, ctx)
	env := karpentertest.NewEnvironment(ctx, &coretest.Environment{Client: kube})
	env.EC2API.DescribeSubnetsBehavior.Output.Set(&ec2.DescribeSubnetsOutput{Subnets: []ec2types.Subnet{{
		SubnetId: new("subnet-0aaaaaaaaaaaaaaaa"), AvailabilityZone: new("test-zone-1a"), AvailabilityZoneId: new("tstz1-1a"),
		AvailableIpAddressCount: new(int32(100)),
	}}})
	env.EC2API.DescribeSecurityGroupsBehavior.Output.Set(&ec2.DescribeSecurityGroupsOutput{SecurityGroups: []ec2types.SecurityGroup{{
		GroupId: new("sg-0aaaaaaaaaaaaaaaa"), GroupName: new("nodes"),
	}}})
	l := &karpentersLife{t: t, ctx: ctx, kube: kube, env: env, iam: newSandboxIAM(t, account, "KarpenterNodeRole-"+cluster, "/")}
	l.cloud = cloudprovider.New(
		env.InstanceTypesProvider, env.InstanceProvider, env.EventRecorder, kube, env.AMIProvider, env.SecurityGroupProvider,
		env.CapacityReservationProvider, env.PlacementGroupProvider, env.InstanceTypeStore, nil,
	)
	l.controller = nodeclass.NewController(
		env.Clock, kube, l.cloud, env.EventRecorder, tagsRegion, env.SubnetProvider, env.SecurityGroupProvider, env.AMIProvider,
		l.iam.provider(), env.InstanceTypesProvider, env.LaunchTemplateProvider, env.CapacityReservationProvider,
		env.PlacementGroupProvider, env.EC2API, emptyCache(), emptyCache(), env.AMIResolver, false,
	)
	return l
}

// launch has Karpenter launch a spot instance for a NodeClaim, which then bears the tags that were asked for.
func (l *karpentersLife) launch(nodeClass *awsv1.EC2NodeClass) *karpv1.NodeClaim {
	l.t.Helper()
	claim := coretest.NodeClaim(karpv1.NodeClaim{
		Spec: karpv1.NodeClaimSpec{
			NodeClassRef: &karpv1.NodeClassReference{Group: "karpenter.k8s.aws", Kind: "EC2NodeClass", Name: nodeClass.Name},
			Requirements: []karpv1.NodeSelectorRequirementWithMinValues{{
				Key: karpv1.CapacityTypeLabelKey, Operator: "In", Values: []string{karpv1.CapacityTypeSpot},
			}},
		},
	})
	claim.Labels[karpv1.NodePoolLabelKey] = "default"
	require.NoError(l.t, l.kube.Create(l.ctx, claim))
	launched, err := l.cloud.Create(l.ctx, claim)
	require.NoError(l.t, err)
	claim.Status.ProviderID, claim.Status.NodeName = launched.Status.ProviderID, "ip-10-40-0-7.internal"
	require.NoError(l.t, l.kube.Status().Update(l.ctx, claim))
	fleets := &l.env.EC2API.CreateFleetBehavior.CalledWithInput
	l.env.EC2API.Instances.Range(func(id, stored any) bool {
		instance := stored.(ec2types.Instance)
		instance.Tags = specified(fleets.At(fleets.Len() - 1).TagSpecifications)["instance"]
		l.env.EC2API.Instances.Store(id, instance)
		return true
	})
	return claim
}

// newKube is a Kubernetes API with the indexes that Karpenter lists by.
func newKube(t *testing.T, ctx context.Context) client.Client {
	t.Helper()
	builder := fake.NewClientBuilder().WithScheme(scheme.Scheme).WithStatusSubresource(&awsv1.EC2NodeClass{}, &karpv1.NodeClaim{})
	indexes := kubeIndexes{builder: builder}
	require.NoError(t, coretest.NodePoolNodeClassRefFieldIndexer(ctx)(indexes))
	require.NoError(t, coretest.NodeClaimNodeClassRefFieldIndexer(ctx)(indexes))
	return builder.Build()
}

// kubeIndexes takes the indexes of a cache for a fake client.
type kubeIndexes struct {
	ctrlcache.Cache
	builder *fake.ClientBuilder
}

// IndexField adds an index.
func (i kubeIndexes) IndexField(_ context.Context, object client.Object, field string, value client.IndexerFunc) error {
	i.builder.WithIndex(object, field, value)
	return nil
}
