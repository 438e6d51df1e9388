package install

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/emptypb"
)

// registration is one resource as the engine is asked for it.
type registration struct {
	token, name, parent string
	inputs              map[string]any // what is unknown is marked
	waits               []string       // the resources that it comes after
	deleteTimeout       string
}

// cluster is a Kubernetes cluster on Pulumi's mocks, which records what is registered. Every object is as it was asked for.
type cluster struct {
	preview bool // what a resource of another kind computes is not known

	mu         sync.Mutex
	registered []registration
	completed  int // components, and the stack, that have registered their outputs
}

func (c *cluster) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	request := args.RegisterRPC
	inputs, err := plugin.UnmarshalProperties(request.GetObject(), plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true})
	if err != nil {
		return "", nil, err
	}
	made := registration{
		token: args.TypeToken, name: args.Name, parent: short(request.GetParent()),
		inputs:        readable(resource.NewProperty(inputs)).(map[string]any),
		deleteTimeout: request.GetCustomTimeouts().GetDelete(),
	}
	for _, urn := range request.GetDependencies() {
		made.waits = append(made.waits, short(urn))
	}
	slices.Sort(made.waits)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.registered = append(c.registered, made)
	if c.preview {
		return "", args.Inputs, nil
	}
	return args.Name, args.Inputs, nil
}

func (c *cluster) Call(pulumi.MockCallArgs) (resource.PropertyMap, error) {
	panic("nothing is looked up")
}

// RegisterResourceOutputs counts the components that say they are complete.
func (c *cluster) RegisterResourceOutputs() (*emptypb.Empty, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.completed++
	return &emptypb.Empty{}, nil
}

// short is a URN without what all of them begin with: the types, and the name.
func short(urn string) string {
	return strings.TrimPrefix(urn[strings.LastIndex(urn, "$")+1:], "urn:pulumi:test::eks-karpenter::")
}

func readable(value resource.PropertyValue) any {
	switch {
	case value.IsComputed() || value.IsOutput():
		return "<unknown>"
	case value.IsObject():
		object := map[string]any{}
		for key, element := range value.ObjectValue() {
			object[string(key)] = readable(element)
		}
		return object
	case value.IsArray():
		list := []any{}
		for _, element := range value.ArrayValue() {
			list = append(list, readable(element))
		}
		return list
	}
	return value.Mappable()
}

// run runs a program on the cluster.
func (c *cluster) run(program pulumi.RunFunc) error {
	return pulumi.RunErr(program, pulumi.WithMocks("eks-karpenter", "test", c), func(info *pulumi.RunInfo) { info.DryRun = c.preview })
}

// of is the only registration with that type token and name.
func (c *cluster) of(t *testing.T, token, name string) registration {
	t.Helper()
	var found []registration
	for _, one := range c.registered {
		if one.token == token && one.name == name {
			found = append(found, one)
		}
	}
	require.Len(t, found, 1, "%s %s", token, name)
	return found[0]
}

// something is a resource that others can wait for.
func something(ctx *pulumi.Context, name string) (pulumi.Resource, error) {
	var made struct{ pulumi.CustomResourceState }
	return &made, ctx.RegisterResource("test:index:Something", name, pulumi.Map{}, &made)
}

// refusal is what a constructor must not take, and the whole text of its error.
type refusal struct {
	why  string
	with func(*pulumi.Context) error
	says string
}

// assertRefused asserts that each is refused in these words, before anything is registered.
func assertRefused(t *testing.T, refusals []refusal) {
	t.Helper()
	for _, refusal := range refusals {
		t.Run(refusal.why, func(t *testing.T) {
			t.Parallel()
			c := &cluster{}
			var refused error
			err := c.run(func(ctx *pulumi.Context) error {
				refused = refusal.with(ctx)
				return refused
			})
			require.Error(t, refused)
			require.ErrorIs(t, err, refused, "the program ends with the error")
			assert.Equal(t, refusal.says, refused.Error())
			assert.Empty(t, c.registered, "nothing is registered")
		})
	}
}
