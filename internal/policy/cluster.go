package policy

import (
	"fmt"
	"regexp"
	"strings"
)

// Cluster is what an EKS cluster's ARN tells: where it is, whose it is and what it is called.
type Cluster struct {
	Partition string // aws, aws-cn, aws-us-gov
	Region    string
	Account   string
	Name      string
}

// clusterARN is the form under "Resource types defined by Amazon Elastic Kubernetes Service", Service Authorization
// Reference; the name's form is that of CreateCluster in the EKS API Reference.
var clusterARN = regexp.MustCompile(`^arn:(aws[a-z-]*):eks:([a-z0-9-]+):(\d{12}):cluster/([0-9A-Za-z][A-Za-z0-9_-]{0,99})$`)

// ParseClusterARN reads an EKS cluster's ARN. The error says what form was expected.
func ParseClusterARN(arn string) (Cluster, error) {
	parts := clusterARN.FindStringSubmatch(arn)
	if parts == nil {
		return Cluster{}, fmt.Errorf("%q is not the ARN of an EKS cluster (arn:<partition>:eks:<region>:<account>:cluster/<name>)", arn)
	}
	return Cluster{Partition: parts[1], Region: parts[2], Account: parts[3], Name: parts[4]}, nil
}

// ARN is the cluster's own ARN.
func (c Cluster) ARN() string { return c.regional("eks", "cluster/"+c.Name) }

// ManagedPolicyARN is the ARN of a policy that AWS manages, by its name.
func (c Cluster) ManagedPolicyARN(name string) string {
	return "arn:" + c.Partition + ":iam::aws:policy/" + name
}

// AccountPolicyARN is the ARN of a policy of the cluster's account, by its name.
func (c Cluster) AccountPolicyARN(name string) string { return c.iam("policy/" + name) }

// OIDCProviderARN is the ARN of the IAM OIDC provider of an issuer, given with or without "https://".
func (c Cluster) OIDCProviderARN(issuer string) string {
	return c.iam("oidc-provider/" + IssuerHost(issuer))
}

// DNSSuffix is the domain of the partition's endpoints and of its EC2 service principal.
func (c Cluster) DNSSuffix() string {
	if c.Partition == "aws-cn" {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}

// IssuerHost is an issuer URL the way IAM's condition keys and ARNs hold it: without the scheme and a trailing slash.
func IssuerHost(issuer string) string {
	return strings.TrimSuffix(strings.TrimPrefix(issuer, "https://"), "/")
}

func (c Cluster) iam(resource string) string {
	return "arn:" + c.Partition + ":iam::" + c.Account + ":" + resource
}

// regional is the ARN of a resource of the cluster's account and region.
func (c Cluster) regional(service, resource string) string {
	return "arn:" + c.Partition + ":" + service + ":" + c.Region + ":" + c.Account + ":" + resource
}

// ec2 is the ARN pattern of every EC2 resource of a kind in the region, of any account, as subnets may be shared.
func (c Cluster) ec2(kinds ...string) Values { return c.everyEC2("*", kinds) }

// ec2Public is ec2 for kinds whose ARNs bear no account.
func (c Cluster) ec2Public(kinds ...string) Values { return c.everyEC2("", kinds) }

func (c Cluster) everyEC2(account string, kinds []string) Values {
	arns := make(Values, len(kinds))
	for i, kind := range kinds {
		arns[i] = "arn:" + c.Partition + ":ec2:" + c.Region + ":" + account + ":" + kind + "/*"
	}
	return arns
}

// QueueARN is the ARN of a queue of the cluster's account and region, by its name.
func (c Cluster) QueueARN(name string) string { return c.regional("sqs", name) }

// QueueURL is the URL of the queue of an ARN. Source: "Amazon SQS queue and message identifiers", SQS Developer Guide.
func (c Cluster) QueueURL(queueARN string) string {
	parts := strings.Split(queueARN, ":")
	if len(parts) != 6 {
		return ""
	}
	return fmt.Sprintf("https://sqs.%s.%s/%s/%s", parts[3], c.DNSSuffix(), parts[4], parts[5])
}

// QueueName is the name in a queue's ARN.
func QueueName(queueARN string) string { return queueARN[strings.LastIndexByte(queueARN, ':')+1:] }

// RoleName is the name in a role's ARN, without its path.
func RoleName(roleARN string) string { return roleARN[strings.LastIndexByte(roleARN, '/')+1:] }
