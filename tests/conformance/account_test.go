package conformance

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/components"
	"github.com/grafanix/eks-karpenter/sandbox"
)

// What is deployed goes by its defaults, on a cluster of the sandbox's account.
const (
	deployedRegion  = "ap-northeast-2"
	deployedCluster = "grafanix-comic"
	deployedRole    = "KarpenterControllerRole-" + deployedCluster
	deployedQueue   = "https://sqs.ap-northeast-2.amazonaws.com/123456789012/" + deployedCluster
)

// The accounts into which the real engine has deployed the component, each once for all tests.
var (
	deployedByDefault   = sync.OnceValues(func() ([]byte, error) { return deployKarpenter(nil) })
	deployedActedOnOnly = sync.OnceValues(func() ([]byte, error) {
		return deployKarpenter(&components.InterruptionQueueOptions{ActedOnEventsOnly: new(true)})
	})
)

// deployKarpenter deploys the component into a new account, and returns the account as it is then.
func deployKarpenter(queue *components.InterruptionQueueOptions) (_ []byte, err error) {
	account, err := sandbox.NewAccount(sandbox.DefaultSpec())
	if err != nil {
		return nil, err
	}
	server, err := sandbox.Start(account)
	if err != nil {
		return nil, err
	}
	home, err := os.MkdirTemp("", "conformance")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.Close(), os.RemoveAll(home)) }()
	program := func(ctx *pulumi.Context) error {
		_, err := components.NewKarpenter(ctx, "karpenter", &components.KarpenterArgs{ClusterName: deployedCluster, InterruptionQueue: queue})
		return err
	}
	if err := upInline(home, server.Env(), program); err != nil {
		return nil, err
	}
	return account.Dump(), nil
}

// upInline runs a program on the real engine, whose files go into a folder.
func upInline(home string, env map[string]string, program pulumi.RunFunc) error {
	if err := conformancePulumi(); err != nil {
		return err
	}
	ctx := context.Background()
	env["PULUMI_BACKEND_URL"], env["PULUMI_HOME"] = "file://"+home, home
	stack, err := auto.NewStackInlineSource(ctx, "test", "eks-karpenter", program, auto.EnvVars(env))
	if err != nil {
		return err
	}
	if err := stack.SetConfig(ctx, "aws:region", auto.ConfigValue{Value: deployedRegion}); err != nil {
		return err
	}
	_, err = stack.Up(ctx)
	return err
}

// conformancePulumi puts the project's own Pulumi CLI on the PATH where there is no other.
var conformancePulumi = sync.OnceValue(func() error {
	dir, err := sandbox.FindPulumi("../..")
	if err != nil {
		return err
	}
	return os.Setenv("PATH", os.Getenv("PATH")+string(os.PathListSeparator)+dir)
})

// deployedAccount is a test's own copy of an account with what is deployed.
type deployedAccount struct {
	*sandbox.Client
	t       *testing.T
	account *sandbox.Account
}

func openDeployed(t *testing.T, deployed func() ([]byte, error)) *deployedAccount {
	t.Helper()
	encoded, err := deployed()
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "account.json")
	require.NoError(t, os.WriteFile(path, encoded, 0o600))
	account, err := sandbox.Open(path, sandbox.Spec{})
	require.NoError(t, err)
	client, err := account.Client(deployedRegion)
	require.NoError(t, err)
	return &deployedAccount{client, t, account}
}

// karpenter is a session of the controller's role, as its service account gets one.
func (d *deployedAccount) karpenter() sandbox.Session {
	d.t.Helper()
	cluster, err := d.DescribeCluster(deployedCluster)
	require.NoError(d.t, err)
	role, err := d.GetRole(deployedRole)
	require.NoError(d.t, err)
	session, err := d.AssumeRoleWithWebIdentity(role.ARN, sandbox.WebIdentity{
		Issuer: cluster.Issuer, Subject: "system:serviceaccount:kube-system:karpenter", Audience: "sts.amazonaws.com",
	})
	require.NoError(d.t, err)
	return session
}

// sqs is AWS's own client of SQS, with the controller's permissions.
func (d *deployedAccount) sqs() *sqs.Client {
	d.t.Helper()
	endpoint, err := sandbox.ServeSQS(d.As(d.karpenter()))
	require.NoError(d.t, err)
	d.t.Cleanup(func() { require.NoError(d.t, endpoint.Close()) })
	return sqs.New(sqs.Options{
		Region:       deployedRegion,
		BaseEndpoint: new(endpoint.URL()),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "id", SecretAccessKey: "secret"}, nil
		}),
	})
}
