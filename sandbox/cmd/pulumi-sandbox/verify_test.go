package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/sandbox"
)

// deploy makes a controller's role, by the account's own operations, that may
// do anything or nothing, in a sandbox of its own.
func deploy(t *testing.T, effect string) session {
	t.Helper()
	s := session{folder: t.TempDir()}
	account, err := sandbox.Open(s.path("account.json"), sandbox.DefaultSpec())
	require.NoError(t, err)
	client, err := account.Client("ap-northeast-2")
	require.NoError(t, err)
	cluster, err := client.DescribeCluster("grafanix-comic")
	require.NoError(t, err)
	host := strings.TrimPrefix(cluster.Issuer, "https://")
	require.NoError(t, client.CreateRole(sandbox.Role{
		Name: "controller", Path: "/", MaxSession: 3600,
		TrustPolicy: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity","Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/` +
			host + `"},"Condition":{"StringEquals":{"` + host + `:sub":"system:serviceaccount:kube-system:karpenter"}}}]}`,
	}))
	require.NoError(t, client.PutRolePolicy("controller", "all", `{"Version":"2012-10-17","Statement":[{"Sid":"All","Effect":"`+effect+`","Action":"*","Resource":"*"}]}`))
	return s
}

func TestVerifyTellsWhatIsOff(t *testing.T) {
	t.Parallel()
	nodes := []string{"--node-role", "grafanix-comic-system-nodes"}
	var out bytes.Buffer
	code, err := deploy(t, "Allow").verify(nodes, &out)
	require.NoError(t, err)
	assert.Equal(t, 1, code, "an administrator may do too much")
	assert.Contains(t, out.String(), "Cluster grafanix-comic in ap-northeast-2, controller controller by web identity, nodes grafanix-comic-system-nodes, queue grafanix-comic")
	assert.Contains(t, out.String(), "An interruption's way: 0 of 23 as it must be", "the queue that it may read is not there")
	assert.Regexp(t, `WRONG  allowed +iam:PassRole role/Admin +passes instances an administrator's role +all/All`, out.String())
	assert.NotRegexp(t, `WRONG  denied`, out.String())

	out.Reset()
	code, err = deploy(t, "Deny").verify(append(nodes, "--json", "--cluster", "grafanix-comic"), &out)
	require.NoError(t, err)
	assert.Equal(t, 1, code, "one who may do nothing may do too little")
	var reports []struct {
		OK      bool
		Summary []string
		Rows    []struct{ Story, Why, Expected, Got, By string }
	}
	require.NoError(t, json.Unmarshal(out.Bytes(), &reports))
	require.Len(t, reports, 1)
	assert.False(t, reports[0].OK)
	assert.True(t, strings.HasPrefix(reports[0].Summary[0], "Karpenter's day: 0 of "), reports[0].Summary[0])
	assert.Equal(t, "all/All", reports[0].Rows[0].By)
	assert.Equal(t, "An interruption's way: nothing to tell, there is no queue", reports[0].Summary[2])
}

func TestVerifyNeedsADeployment(t *testing.T) {
	root := inProject(t)
	_, err := run([]string{"verify"})
	require.ErrorContains(t, err, "nothing is deployed in this sandbox yet: run `up` first")
	_, err = run([]string{"verify", "dev"})
	require.ErrorContains(t, err, "verify takes flags alone, not dev")
	code, err := run([]string{"verify", "--help"})
	require.NoError(t, err)
	assert.Equal(t, 0, code)

	require.NoError(t, os.Mkdir(filepath.Join(root, ".sandbox"), 0o755))
	_, err = sandbox.Open(filepath.Join(root, ".sandbox", "account.json"), sandbox.DefaultSpec())
	require.NoError(t, err)
	_, err = run([]string{"verify"})
	require.ErrorContains(t, err, "nothing is deployed for Karpenter in this sandbox")
	_, err = run([]string{"verify", "--cluster", "grafanix-comic"})
	require.ErrorContains(t, err, "nothing is deployed for Karpenter in a cluster grafanix-comic")
}
