package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/internals"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/components"
)

const (
	chartRegion = "ap-northeast-2"
	chartIssuer = "oidc.eks." + chartRegion + ".amazonaws.com/id/0123456789ABCDEF"
)

// karpenterMock is Karpenter's AWS side as a program makes it on Pulumi's mocks.
type karpenterMock struct {
	helmValues, nodeClass, nodePool map[string]any

	mu   sync.Mutex
	made map[string]map[string]any // inputs of the resources, by type and name
}

// NewResource records a resource and answers with what AWS would compute: a name and an ARN.
func (m *karpenterMock) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	m.mu.Lock()
	m.made[args.TypeToken+" "+args.Name] = args.Inputs.Mappable()
	m.mu.Unlock()
	outputs, name := args.Inputs.Copy(), args.Name
	if given, ok := args.Inputs["name"]; ok {
		name = given.StringValue()
	}
	arn := "arn:aws:mock:::" + name
	if args.TypeToken == "aws:iam/role:Role" {
		arn = mockRoleARN(name)
	}
	outputs["name"], outputs["arn"] = resource.NewProperty(name), resource.NewProperty(arn)
	return name, outputs, nil
}

// Call refuses: with the cluster's facts given, nothing is looked up.
func (m *karpenterMock) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	return nil, fmt.Errorf("the mocks know no look-up %s", args.Token)
}

func mockRoleARN(name string) string { return "arn:aws:iam::111122223333:role/" + name }

// karpenterOnMocks makes Karpenter's AWS side for a cluster, shop unless the args name another.
func karpenterOnMocks(t testing.TB, args components.KarpenterArgs) *karpenterMock {
	t.Helper()
	if args.ClusterName == "" {
		args.ClusterName = "shop"
	}
	args.Cluster = &components.ClusterFacts{
		Arn:                    pulumi.String("arn:aws:eks:" + chartRegion + ":111122223333:cluster/" + args.ClusterName),
		Issuer:                 pulumi.String("https://" + chartIssuer),
		AuthenticationMode:     new("API"),
		VpcId:                  pulumi.String("vpc-0123456789abcdef0"),
		SubnetIds:              pulumi.StringArray{pulumi.String("subnet-0aaaaaaaaaaaaaaaa")},
		ClusterSecurityGroupId: pulumi.String("sg-0aaaaaaaaaaaaaaaa"),
		OwnedSecurityGroupIds:  pulumi.StringArray{pulumi.String("sg-0aaaaaaaaaaaaaaaa")},
	}
	m := &karpenterMock{made: map[string]map[string]any{}}
	var made *components.Karpenter
	require.NoError(t, pulumi.RunErr(func(ctx *pulumi.Context) (err error) {
		made, err = components.NewKarpenter(ctx, "karpenter", &args)
		return err
	}, pulumi.WithMocks("eks-karpenter", "test", m)))
	m.helmValues, m.nodeClass, m.nodePool = plainOutput(t, made.HelmValues), plainOutput(t, made.NodeClass), plainOutput(t, made.NodePool)
	return m
}

// plainOutput is the value of an output as a user's JSON or YAML file holds it.
func plainOutput(t testing.TB, output pulumi.Output) map[string]any {
	t.Helper()
	result, err := internals.UnsafeAwaitOutput(context.Background(), output)
	require.NoError(t, err)
	require.True(t, result.Known)
	text, err := json.Marshal(result.Value)
	require.NoError(t, err)
	var value map[string]any
	require.NoError(t, json.Unmarshal(text, &value))
	return value
}
