package tests

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/sandbox"
)

// hand builds in an account as other tools do. What AWS refuses fails the test.
type hand struct {
	t      *testing.T
	client *sandbox.Client
}

// handIn is a hand in the account of the page's cluster.
func handIn(t *testing.T, account *sandbox.Account) hand {
	t.Helper()
	client, err := account.Client("ap-northeast-2")
	require.NoError(t, err)
	return hand{t, client}
}

const (
	podIdentityTrust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},` +
		`"Action":["sts:AssumeRole","sts:TagSession"]}]}`
	ec2Trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	// everyCall stands for a controller policy of one piece, which every tool but Karpenter's own template makes.
	everyCall = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*","Action":["ec2:CreateFleet","ec2:CreateLaunchTemplate",` +
		`"ec2:CreateTags","ec2:DescribeImages","ec2:DescribeInstanceTypes","ec2:DescribeInstances","ec2:RunInstances","ec2:TerminateInstances",` +
		`"eks:DescribeCluster","iam:GetInstanceProfile","iam:PassRole","pricing:GetProducts","sqs:ReceiveMessage","ssm:GetParameter"]}]}`
	// onePart stands for one of the official policies.
	onePart = `{"Version":"2012-10-17","Statement":[{"Sid":"Official","Effect":"Allow","Resource":"*","Action":"ec2:DescribeInstances"}]}`

	accountID = "123456789012"
	mine      = "arn:aws:iam::" + accountID + ":"
	ofAWS     = "arn:aws:iam::aws:policy/"
)

func (h hand) role(name, description, trust string, tags sandbox.Tags, policies ...string) {
	h.t.Helper()
	require.NoError(h.t, h.client.CreateRole(sandbox.Role{
		Name: name, Path: "/", Description: description, TrustPolicy: trust, MaxSession: 3600, Tags: tags,
	}))
	for _, policy := range policies {
		require.NoError(h.t, h.client.AttachRolePolicy(name, policy))
	}
}

func (h hand) policy(name, description, document string, tags sandbox.Tags) (arn string) {
	h.t.Helper()
	arn, err := h.client.CreatePolicy(sandbox.Policy{Name: name, Path: "/", Description: description, Document: document, Tags: tags})
	require.NoError(h.t, err)
	return arn
}

// queue makes a queue to which any EventBridge may send.
func (h hand) queue(name string, tags sandbox.Tags) (arn string) {
	h.t.Helper()
	arn = "arn:aws:sqs:ap-northeast-2:" + accountID + ":" + name
	url, err := h.client.CreateQueue(sandbox.Queue{
		Name: name, RetentionSeconds: 300, VisibilitySeconds: 30, MaxMessageSize: 262144, ManagedSSE: new(true), Tags: tags,
	})
	require.NoError(h.t, err)
	require.NoError(h.t, h.client.SetQueuePolicy(url, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":`+
		`["events.amazonaws.com","sqs.amazonaws.com"]},"Action":"sqs:SendMessage","Resource":"`+arn+`"}]}`))
	return arn
}

// rules makes rules that send to a queue, by the detail types that they match.
func (h hand) rules(queue string, tags sandbox.Tags, names map[string]string) {
	h.t.Helper()
	for detailType, name := range names {
		source := "aws.ec2"
		if strings.Contains(detailType, "Health") {
			source = "aws.health"
		}
		pattern := `{"source":["` + source + `"],"detail-type":["` + detailType + `"]}`
		require.NoError(h.t, h.client.PutRule("default", sandbox.Rule{Name: name, Pattern: pattern, Tags: tags}))
		require.NoError(h.t, h.client.PutTarget("default", name, sandbox.Target{ID: "KarpenterInterruptionQueueTarget", ARN: queue}))
	}
}

func (h hand) association(role string, tags sandbox.Tags) {
	h.t.Helper()
	_, err := h.client.CreatePodIdentityAssociation(sandbox.Association{
		Cluster: "my-cluster", Namespace: "kube-system", ServiceAccount: "karpenter", RoleARN: mine + "role/" + role, Tags: tags,
	})
	require.NoError(h.t, err)
}

// terraform is what the module karpenter of terraform-aws-eks leaves: v21, with the node policy of earlier v20.
func (h hand) terraform() {
	tags := sandbox.Tags{"Terraform": "true"}
	const controller, node = "KarpenterController-20250612093011482100000002", "Karpenter-my-cluster-20250612093011482100000001"
	permissions := h.policy("KarpenterController-20250612093012735400000006", "Karpenter controller IAM policy", everyCall, tags)
	h.role(controller, "Karpenter controller IAM role", podIdentityTrust, tags, permissions)
	h.association(controller, tags)
	h.role(node, "", ec2Trust, tags, ofAWS+"AmazonEKSWorkerNodePolicy", ofAWS+"AmazonEC2ContainerRegistryReadOnly", ofAWS+"AmazonEKS_CNI_Policy")
	require.NoError(h.t, h.client.CreateAccessEntry(sandbox.AccessEntry{
		Cluster: "my-cluster", Principal: mine + "role/" + node, Type: "EC2_LINUX", Tags: tags,
	}))
	h.rules(h.queue("Karpenter-my-cluster", tags), sandbox.Tags{"ClusterName": "my-cluster", "Terraform": "true"}, map[string]string{
		"AWS Health Event":                       "KarpenterHealthEvent-20250612093011482300000003",
		"EC2 Instance Rebalance Recommendation":  "KarpenterInstanceRebalance-20250612093011482400000004",
		"EC2 Instance State-change Notification": "KarpenterInstanceStateChange-20250612093011482500000005",
		"EC2 Spot Instance Interruption Warning": "KarpenterSpotInterrupt-20250612093011483600000007",
	})
}

// cloudFormation is what "Getting Started with Karpenter" leaves: Karpenter's template, and the controller's role by eksctl.
func (h hand) cloudFormation() {
	var policies []string
	for _, kind := range []string{"NodeLifecycle", "IAMIntegration", "EKSIntegration", "Interruption", "ZonalShift", "ResourceDiscovery"} {
		policies = append(policies, h.policy("KarpenterController"+kind+"Policy-my-cluster", "", onePart, nil))
	}
	h.role("my-cluster-karpenter", "", podIdentityTrust, sandbox.Tags{"alpha.eksctl.io/cluster-name": "my-cluster"}, policies...)
	h.association("my-cluster-karpenter", nil)
	h.role("KarpenterNodeRole-my-cluster", "", ec2Trust, nil, ofAWS+"AmazonEKS_CNI_Policy", ofAWS+"AmazonEKSWorkerNodePolicy",
		ofAWS+"AmazonEC2ContainerRegistryPullOnly", ofAWS+"AmazonSSMManagedInstanceCore")
	h.rules(h.queue("my-cluster", nil), nil, map[string]string{
		"AWS Health Event": "Karpenter-my-cluster-ScheduledChangeRule-1QX8ZJ4KT0A7C",
		"EC2 Capacity Reservation Instance Interruption Warning": "Karpenter-my-cluster-CapacityReservationInterrupti-8HB2MVW5DLRN",
		"EC2 Instance Rebalance Recommendation":                  "Karpenter-my-cluster-RebalanceRule-5TNE0Y6S3GUP",
		"EC2 Instance State-change Notification":                 "Karpenter-my-cluster-InstanceStateChangeRule-C9F1LKR7XW4O",
		"EC2 Spot Instance Interruption Warning":                 "Karpenter-my-cluster-SpotInterruptionRule-0DZ6PH8QJVMB",
	})
}

// eksctl is what eksctl leaves that was told to install Karpenter, with a queue.
func (h hand) eksctl() {
	tags := sandbox.Tags{"alpha.eksctl.io/cluster-name": "my-cluster"}
	cluster, err := h.client.DescribeCluster("my-cluster")
	require.NoError(h.t, err)
	issuer := strings.TrimPrefix(cluster.Issuer, "https://")
	permissions := h.policy("eksctl-KarpenterControllerPolicy-my-cluster", "", everyCall, nil)
	h.role("eksctl-my-cluster-iamservice-role", "", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity",`+
		`"Principal":{"Federated":"`+mine+`oidc-provider/`+issuer+`"},"Condition":{"StringEquals":{"`+
		issuer+`:aud":"sts.amazonaws.com","`+issuer+`:sub":"system:serviceaccount:karpenter:karpenter"}}}]}`, tags, permissions)
	h.role("eksctl-KarpenterNodeRole-my-cluster", "", ec2Trust, tags, ofAWS+"AmazonEKSWorkerNodePolicy", ofAWS+"AmazonEKS_CNI_Policy",
		ofAWS+"AmazonEC2ContainerRegistryPullOnly", ofAWS+"AmazonSSMManagedInstanceCore")
	const profile = "eksctl-KarpenterNodeInstanceProfile-my-cluster"
	require.NoError(h.t, h.client.CreateInstanceProfile(sandbox.InstanceProfile{Name: profile, Path: "/"}))
	require.NoError(h.t, h.client.AddRoleToInstanceProfile(profile, "eksctl-KarpenterNodeRole-my-cluster"))
	h.rules(h.queue("my-cluster", tags), nil, map[string]string{
		"AWS Health Event":                       "eksctl-my-cluster-karpenter-ScheduledChangeRule-2KD7WQ0HXN5Z",
		"EC2 Instance Rebalance Recommendation":  "eksctl-my-cluster-karpenter-RebalanceRule-9RJ3UVB6TYAC",
		"EC2 Instance State-change Notification": "eksctl-my-cluster-karpenter-InstanceStateChangeRu-E1L8MS4PGFO",
		"EC2 Spot Instance Interruption Warning": "eksctl-my-cluster-karpenter-SpotInterruptionRule-7VX2CN9KQDHW",
	})
}
