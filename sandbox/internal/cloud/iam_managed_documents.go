package cloud

import (
	"fmt"
	"strings"
)

// managedDocuments are the default versions of AWS managed policies, as the
// AWS Managed Policy Reference prints them, {partition} standing for the
// partition: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/
//
// They are those of nodes. A request of a role with any other attached has no
// decision here.
var managedDocuments = map[string]string{
	"AmazonEKSWorkerNodePolicy": `{"Version":"2012-10-17","Statement":[
		{"Sid":"WorkerNodePermissions","Effect":"Allow","Resource":"*","Action":[
			"ec2:DescribeInstances","ec2:DescribeInstanceTypes","ec2:DescribeRouteTables","ec2:DescribeSecurityGroups",
			"ec2:DescribeSubnets","ec2:DescribeVolumes","ec2:DescribeVolumesModifications","ec2:DescribeVpcs",
			"eks:DescribeCluster","eks-auth:AssumeRoleForPodIdentity"]}]}`,
	"AmazonEC2ContainerRegistryPullOnly": `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Resource":"*","Action":[
			"ecr:GetAuthorizationToken","ecr:BatchGetImage","ecr:GetDownloadUrlForLayer","ecr:BatchImportUpstreamImage"]}]}`,
	"AmazonEKS_CNI_Policy": `{"Version":"2012-10-17","Statement":[
		{"Sid":"AmazonEKSCNIPolicy","Effect":"Allow","Resource":"*","Action":[
			"ec2:AssignPrivateIpAddresses","ec2:AttachNetworkInterface","ec2:CreateNetworkInterface","ec2:DeleteNetworkInterface",
			"ec2:DescribeInstances","ec2:DescribeTags","ec2:DescribeNetworkInterfaces","ec2:DescribeInstanceTypes",
			"ec2:DescribeSubnets","ec2:DescribeSecurityGroups","ec2:DetachNetworkInterface","ec2:ModifyNetworkInterfaceAttribute",
			"ec2:UnassignPrivateIpAddresses"]},
		{"Sid":"AmazonEKSCNIPolicyENITag","Effect":"Allow","Resource":"arn:{partition}:ec2:*:*:network-interface/*","Action":"ec2:CreateTags"}]}`,
	"AmazonSSMManagedInstanceCore": `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Resource":"*","Action":[
			"ssm:DescribeAssociation","ssm:GetDeployablePatchSnapshotForInstance","ssm:GetDocument","ssm:DescribeDocument",
			"ssm:GetManifest","ssm:GetParameter","ssm:GetParameters","ssm:ListAssociations","ssm:ListInstanceAssociations",
			"ssm:PutInventory","ssm:PutComplianceItems","ssm:PutConfigurePackageResult","ssm:UpdateAssociationStatus",
			"ssm:UpdateInstanceAssociationStatus","ssm:UpdateInstanceInformation"]},
		{"Effect":"Allow","Resource":"*","Action":[
			"ssmmessages:CreateControlChannel","ssmmessages:CreateDataChannel","ssmmessages:OpenControlChannel","ssmmessages:OpenDataChannel"]},
		{"Effect":"Allow","Resource":"*","Action":[
			"ec2messages:AcknowledgeMessage","ec2messages:DeleteMessage","ec2messages:FailMessage","ec2messages:GetEndpoint",
			"ec2messages:GetMessages","ec2messages:SendReply"]}]}`,
	"CloudWatchAgentServerPolicy": `{"Version":"2012-10-17","Statement":[
		{"Sid":"CWACloudWatchServerPermissions","Effect":"Allow","Resource":"*","Action":[
			"cloudwatch:PutMetricData","ec2:DescribeVolumes","ec2:DescribeTags","logs:PutLogEvents","logs:PutRetentionPolicy",
			"logs:DescribeLogStreams","logs:DescribeLogGroups","logs:CreateLogStream","logs:CreateLogGroup","xray:PutTraceSegments",
			"xray:PutTelemetryRecords","xray:GetSamplingRules","xray:GetSamplingTargets","xray:GetSamplingStatisticSummaries"]},
		{"Sid":"CWASSMServerPermissions","Effect":"Allow","Resource":"arn:{partition}:ssm:*:*:parameter/AmazonCloudWatch-*","Action":"ssm:GetParameter"}]}`,
}

// policyDocument is the document of any managed policy, AWS's or the account's.
func (st *State) policyDocument(arn string) (string, error) {
	if policy, ours := st.Policies[arn]; ours {
		return policy.Document, nil
	}
	if name, found := strings.CutPrefix(arn, "arn:"+st.Partition+":iam::aws:policy/"); found {
		if document, known := managedDocuments[name]; known {
			return strings.ReplaceAll(document, "{partition}", st.Partition), nil
		}
	}
	return "", fmt.Errorf("no decision: the document of the policy %s is not known here", arn)
}
