package components

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/internals"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a text with the file of that name in testdata.
func golden(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	goldens.Store(name, true)
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "go test ./components -update writes it")
	assert.Equal(t, string(want), text, "if this change is meant, go test ./components -update writes it to %s", path)
}

// goldens are the names of the golden files that were read.
var goldens sync.Map

// unusedGoldens are those that were not.
func unusedGoldens() []string {
	var unused []string
	files, err := filepath.Glob("testdata/*/*")
	if err != nil {
		return []string{err.Error()}
	}
	for _, file := range files {
		name := filepath.ToSlash(strings.TrimPrefix(file, "testdata"+string(filepath.Separator)))
		if _, used := goldens.Load(name); !used {
			unused = append(unused, name)
		}
	}
	return unused
}

// constructor makes a component; what it is given besides is in its closure.
type constructor func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) (pulumi.ComponentResource, error)

// of makes a constructor of one of this package's, a name and args.
func of[C pulumi.ComponentResource, A any](
	construct func(*pulumi.Context, string, A, ...pulumi.ResourceOption) (C, error), name string, args A,
) constructor {
	return func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) (pulumi.ComponentResource, error) {
		return construct(ctx, name, args, opts...)
	}
}

// deploy runs a program of one component on an account, and gives the component.
func deploy(t *testing.T, a *account, construct constructor, opts ...pulumi.ResourceOption) pulumi.ComponentResource {
	t.Helper()
	var component pulumi.ComponentResource
	err := a.run(func(ctx *pulumi.Context) (err error) {
		component, err = construct(ctx, opts...)
		return err
	})
	require.NoError(t, err)
	return component
}

// outputs are the outputs of a component once its program has ended, those that are unknown or secret marked.
func outputs(t *testing.T, component pulumi.ComponentResource) map[string]any {
	t.Helper()
	values, plain := map[string]any{}, map[string]any{}
	structure := reflect.ValueOf(component).Elem()
	for i := range structure.NumField() {
		tag, tagged := structure.Type().Field(i).Tag.Lookup("pulumi")
		if !tagged {
			continue
		}
		property, _, _ := strings.Cut(tag, ",")
		output, ok := structure.Field(i).Interface().(pulumi.Output)
		require.True(t, ok, "%s is an output", property)
		result, err := internals.UnsafeAwaitOutput(context.Background(), output)
		require.NoError(t, err, property)
		switch {
		case !result.Known:
			values[property] = "<unknown>"
		case result.Secret:
			values[property] = map[string]any{"<secret>": result.Value}
		default:
			values[property] = result.Value
		}
	}
	require.NoError(t, json.Unmarshal([]byte(pretty(values)), &plain))
	return plain
}

// factsOfOwnCluster registers a cluster in the same program and gives its facts, which no preview knows before it exists.
func factsOfOwnCluster(ctx *pulumi.Context) (*ClusterFacts, error) {
	cluster, err := eks.NewCluster(ctx, "cluster", &eks.ClusterArgs{
		RoleArn:   pulumi.String("arn:aws:iam::111122223333:role/cluster"),
		VpcConfig: &eks.ClusterVpcConfigArgs{SubnetIds: pulumi.StringArray{}},
	})
	if err != nil {
		return nil, err
	}
	network := cluster.VpcConfig
	return &ClusterFacts{
		Arn:                    cluster.Arn,
		Issuer:                 cluster.Identities.Index(pulumi.Int(0)).Oidcs().Index(pulumi.Int(0)).Issuer(),
		AuthenticationMode:     new("API"),
		VpcId:                  network.VpcId(),
		SubnetIds:              pulumi.StringArray{network.SubnetIds().Index(pulumi.Int(0)), network.SubnetIds().Index(pulumi.Int(1))},
		ClusterSecurityGroupId: network.ClusterSecurityGroupId(),
	}, nil
}

// knownFacts are all facts of the account's cluster, so that nothing needs to be looked up.
func (a *account) knownFacts() *ClusterFacts {
	return &ClusterFacts{
		Arn:                    pulumi.String(a.arn("eks", a.region, "cluster/"+a.clusterName)),
		Issuer:                 pulumi.String(a.issuer),
		IpFamily:               &a.ipFamily,
		AuthenticationMode:     &a.authenticationMode,
		VpcId:                  pulumi.String(vpc),
		SubnetIds:              pulumi.ToStringArray(slices.Sorted(slices.Values(a.subnets))),
		ClusterSecurityGroupId: pulumi.String(primaryGroup),
		OwnedSecurityGroupIds:  pulumi.ToStringArray(a.owned),
	}
}
