package tests

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/program/stack"
	"github.com/grafanix/eks-karpenter/sandbox"
	"github.com/grafanix/eks-karpenter/sandbox/verify"
)

// inlined is a stack's file with the controller's policies inline.
func inlined(file string) string {
	if strings.Contains(file, "podIdentity: true") {
		return strings.Replace(file, "podIdentity: true", "podIdentity: true\n    inlinePolicy: true", 1)
	}
	return file + "  eks-karpenter:controllerRole: {inlinePolicy: true}\n"
}

// TestVerifyOlderVersions: what is deployed for a version suffices for it, and lacks just what came later.
func TestVerifyOlderVersions(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ version, lacks string }{
		{"1.0.0", "arc-zonal-shift:GetManagedResource ×2, ec2:CreateFleet ×2, ec2:DescribeCapacityReservations, ec2:DescribeInstanceStatus, " +
			"ec2:DescribePlacementGroups, ec2:RunInstances ×2, iam:ListInstanceProfiles ×2, the event of a capacity reservation"},
		{"1.8.6", "arc-zonal-shift:GetManagedResource ×2, ec2:CreateFleet, ec2:DescribeInstanceStatus, ec2:DescribePlacementGroups, " +
			"ec2:RunInstances, the event of a capacity reservation"},
		{"1.10.2", "arc-zonal-shift:GetManagedResource ×2, ec2:CreateFleet, ec2:DescribeInstanceStatus, ec2:DescribePlacementGroups, ec2:RunInstances"},
		{"1.13.0", ""},
	} {
		t.Run(row.version, func(t *testing.T) {
			t.Parallel()
			e := newEngine(t, sandbox.DefaultSpec(), plainStack+"  eks-karpenter:karpenterVersion: "+row.version+"\n", stack.Deploy)
			e.mustUp()
			report, err := verify.Run(e.account, "ap-northeast-2", "grafanix-comic", verify.Options{KarpenterVersion: row.version})
			require.NoError(t, err)
			assert.Empty(t, report.Failed())
			report, err = verify.Run(e.account, "ap-northeast-2", "grafanix-comic", verify.Options{})
			require.NoError(t, err)
			var lacks []string
			for _, failed := range report.Failed() {
				if failed.Story == verify.InterruptionsWay {
					lacks = append(lacks, "the event of a capacity reservation")
				} else {
					lacks = append(lacks, failed.Action)
				}
			}
			assert.Equal(t, row.lacks, counted(lacks))
		})
	}
}

// counted lists what there is, in order, and how often.
func counted(texts []string) string {
	slices.Sort(texts)
	var all []string
	for i := 0; i < len(texts); {
		n := 1
		for i+n < len(texts) && texts[i+n] == texts[i] {
			n++
		}
		if all = append(all, texts[i]); n > 1 {
			all[len(all)-1] += fmt.Sprintf(" ×%d", n)
		}
		i += n
	}
	return strings.Join(all, ", ")
}

// TestVerify tells the three stories of Karpenter on what the repository's stacks deploy: by IRSA and by Pod Identity, with
// managed policies and inline, in every partition.
func TestVerify(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		where           partition
		stack           string
		allowed, denied int
		why             string
	}{
		{partitions[0], "dev", 121, 275, "everything by default"},
		{partitions[0], "prod", 122, 280, "a queue under a key: its use is one call more, its misuse five"},
		{partitions[1], "dev", 122, 275, "EC2 has two names in China"},
		{partitions[1], "prod", 123, 280, "both at once"},
		{partitions[2], "dev", 119, 275, "Karpenter never asks for prices in GovCloud"},
		{partitions[2], "prod", 120, 280, "both at once"},
	} {
		for policies, file := range map[string]string{"managed": stackFile(t, row.stack), "inline": inlined(stackFile(t, row.stack))} {
			t.Run(row.where.name+"/"+row.stack+"/"+policies, func(t *testing.T) {
				t.Parallel()
				e := newEngine(t, row.where.account(), row.where.stack(file), stack.Deploy)
				e.mustUp()
				deployed := e.account.Dump()

				cluster := map[string]string{"dev": "grafanix-comic", "prod": "grafanix-comic-prod"}[row.stack]
				report, err := verify.Run(e.account, row.where.region, cluster, verify.Options{})
				require.NoError(t, err)
				assert.Empty(t, report.Failed())
				assert.Equal(t, []string{
					fmt.Sprintf("Karpenter's day: %d of %d allowed", row.allowed, row.allowed),
					fmt.Sprintf("Somebody else's day: %d of %d denied", row.denied, row.denied),
					"An interruption's way: 23 of 23 as it must be",
				}, report.Summary(), row.why)
				assert.Len(t, noise(report), map[string]int{"dev": 6, "prod": 0}[row.stack], "prod keeps what Karpenter drops out of the queue")
				assertDistinct(t, report)
				if row.stack == "dev" {
					report, err = verify.Run(e.account, row.where.region, cluster, verify.Options{ActedOnOnly: new(true)})
					require.NoError(t, err)
					assert.Len(t, report.Failed(), 6, "dev does not, and fails where that is asked")
				}
				assert.Equal(t, map[string]string{"dev": "web identity", "prod": "EKS Pod Identity"}[row.stack], report.Identity)
				assert.Equal(t, string(deployed), string(e.account.Dump()), "the account is as it was")
			})
		}
	}
}

// noise are the events that reach the queue though Karpenter drops them.
func noise(report verify.Report) (reasons []string) {
	for _, row := range report.Rows {
		drops := strings.HasSuffix(row.Why, "pending") || strings.HasSuffix(row.Why, "running") ||
			(row.Action == "aws.health" && !strings.Contains(row.Why, "retired"))
		if drops && row.Got == verify.Delivered {
			reasons = append(reasons, row.Why)
		}
	}
	return reasons
}

// assertDistinct holds a report to say nothing twice and nothing without a reason.
func assertDistinct(t *testing.T, report verify.Report) {
	t.Helper()
	said := map[string]bool{}
	for _, row := range report.Rows {
		key := strings.Join([]string{row.Story, row.Who, row.Action, row.Resource, row.Why}, "|")
		assert.False(t, said[key] && row.Story == verify.SomebodyElsesDay, "said twice: %s", key)
		said[key] = true
		assert.NotEmpty(t, row.Why, key)
		assert.NotEmpty(t, row.By, key)
	}
}

// TestVerifyFails tampers with what is deployed: exactly the rows that are concerned fail.
func TestVerifyFails(t *testing.T) {
	t.Parallel()
	e := newEngine(t, sandbox.DefaultSpec(), stackFile(t, "dev"), stack.Deploy)
	e.mustUp()
	deployed := e.account.Dump()
	for _, row := range tampers {
		t.Run(row.what, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "account.json")
			require.NoError(t, os.WriteFile(path, deployed, 0o600))
			account, err := sandbox.Open(path, sandbox.Spec{})
			require.NoError(t, err)
			client, err := account.Client("ap-northeast-2")
			require.NoError(t, err)
			row.tamper(t, client)

			report, err := verify.Run(account, "ap-northeast-2", "grafanix-comic", verify.Options{})
			require.NoError(t, err)
			var failed []string
			for _, row := range report.Failed() {
				failed = append(failed, fmt.Sprintf("%s: %s: %s", row.Action, row.Why, row.Got))
			}
			assert.Equal(t, row.failed, failed)
			assert.Equal(t, len(row.failed) == 0, report.OK())
			assert.Equal(t, len(row.failed), strings.Count(report.Table(), " WRONG "))
		})
	}
}

const (
	controllerRole = "KarpenterControllerRole-grafanix-comic"
	queueURL       = "https://sqs.ap-northeast-2.amazonaws.com/123456789012/grafanix-comic"
)

// rewrite changes the document of one of the controller's policies.
func rewrite(kind, from, to string) func(*testing.T, *sandbox.Client) {
	return func(t *testing.T, client *sandbox.Client) {
		t.Helper()
		arn := "arn:aws:iam::123456789012:policy/KarpenterController" + kind + "Policy-grafanix-comic"
		policy, _, err := client.GetPolicy(arn)
		require.NoError(t, err)
		require.Contains(t, policy.Document, from)
		require.NoError(t, client.CreatePolicyVersion(arn, strings.ReplaceAll(policy.Document, from, to)))
	}
}

// each is a row of the same form for every value.
func each(form string, values ...string) []string {
	rows := make([]string, len(values))
	for i, value := range values {
		rows[i] = fmt.Sprintf(form, value)
	}
	return rows
}

// What the queue's own policy refuses, the events that dev's rules feed it, and those that they do not.
var (
	plainHTTP = []string{"ReceiveMessage: reads its queue", "DeleteMessage: deletes from its queue", "GetQueueUrl: finds its queue"}
	fed       = []string{
		"ec2: a spot instance is reclaimed", "ec2: a spot instance is at risk", "ec2: a reservation takes its instance back",
		"health: an instance is to be retired", "health: an instance on EBS is to be retired", "health: EC2 has a problem",
		"health: EC2 has news", "health: a database is to be maintained", "health: a runtime is deprecated",
		"ec2: an instance is stopping", "ec2: an instance is stopped", "ec2: an instance is shutting-down",
		"ec2: an instance is terminated", "ec2: an instance is pending", "ec2: an instance is running",
	}
	strange = []string{
		"ec2: an AMI is ready", "ec2: a fleet has launched", "ec2: a volume is ready", "autoscaling: a node group grows",
		"s3: an object is stored", "ecs: a task has stopped", "health: AWS reports abuse",
	}
)

var tampers = []struct {
	what   string
	tamper func(*testing.T, *sandbox.Client)
	failed []string
}{
	{"nothing", func(*testing.T, *sandbox.Client) {}, nil},
	{"any role may be passed", rewrite("IAMIntegration", `"arn:aws:iam::123456789012:role/grafanixComicKarpenterEksNodeRole"`, `"*"`), []string{
		"iam:PassRole: passes instances an administrator's role: allowed",
		"iam:PassRole: passes instances another cluster's node role: allowed",
		"iam:PassRole: passes instances its own role: allowed",
		"iam:PassRole: passes instances a role whose name begins like the node role's: allowed",
		"iam:PassRole: passes instances a service-linked role: allowed",
	}},
	{"every region may be looked at", rewrite("ResourceDiscovery", `"aws:RequestedRegion":"ap-northeast-2"`, `"aws:RequestedRegion":["ap-northeast-2","us-west-2"]`), each(
		"ec2:Describe%s: looks around in another region: allowed",
		"CapacityReservations", "Images", "Instances", "InstanceStatus", "InstanceTypeOfferings", "InstanceTypes",
		"LaunchTemplates", "PlacementGroups", "SecurityGroups", "SpotPriceHistory", "Subnets",
	)},
	{"a launch needs a node pool's name, which a dry run has not", rewrite("NodeLifecycle", `"aws:RequestTag/karpenter.sh/nodepool":"*"`, `"aws:RequestTag/karpenter.sh/nodepool":"?*"`), each(
		"ec2:%s: denied",
		"CreateLaunchTemplate: dry run: the launch template, made in earnest", "CreateTags: dry run: its tags",
		"CreateFleet: dry run: makes the fleet", "CreateTags: dry run: tags the fleet",
		"CreateFleet: dry run: makes the instance", "CreateTags: dry run: tags the instance",
		"CreateFleet: dry run: makes the volume", "CreateTags: dry run: tags the volume",
		"RunInstances: dry run: makes the instance", "CreateTags: dry run: tags the instance",
		"RunInstances: dry run: makes the volume", "CreateTags: dry run: tags the volume",
		"RunInstances: dry run: makes the network-interface", "CreateTags: dry run: tags the network-interface",
	)},
	{"the trust takes every service account of the namespace", func(t *testing.T, client *sandbox.Client) {
		role, err := client.GetRole(controllerRole)
		require.NoError(t, err)
		wide := strings.NewReplacer("StringEquals", "StringLike", "kube-system:karpenter", "kube-system:*").Replace(role.TrustPolicy)
		require.NoError(t, client.UpdateAssumeRolePolicy(controllerRole, wide))
	}, []string{
		"sts:AssumeRoleWithWebIdentity: assumes it as another service account of Karpenter's namespace: allowed",
		"sts:AssumeRoleWithWebIdentity: assumes it as a service account whose name begins like Karpenter's: allowed",
	}},
	{"the queue has no policy", func(t *testing.T, client *sandbox.Client) {
		require.NoError(t, client.SetQueuePolicy(queueURL, ""))
	}, append(each("sqs:%s by plain HTTP: allowed", plainHTTP...), each("aws.%s: kept out", fed...)...)},
	{"a rule is disabled", func(t *testing.T, client *sandbox.Client) {
		require.NoError(t, client.DisableRule("default", "KarpenterSpotInterruptionRule-grafanix-comic"))
	}, []string{"aws.ec2: a spot instance is reclaimed: kept out"}},
	{"the queue is gone", func(t *testing.T, client *sandbox.Client) {
		require.NoError(t, client.DeleteQueue(queueURL))
	}, slices.Concat(
		each("sqs:%s by plain HTTP: allowed", plainHTTP...), each("aws.%s: not received", fed...), each("aws.%s: not received", strange...),
		[]string{"com.example: somebody imitates a spot warning: not received"},
	)},
}
