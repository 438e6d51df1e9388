package policydoc

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// services are the service principals that policies of clusters, queues, keys
// and nodes may name, of the form <name>.amazonaws.com.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-services
var services = []string{
	"apigateway", "application-autoscaling", "autoscaling", "backup", "batch", "bedrock", "budgets", "cloudformation",
	"cloudfront", "cloudtrail", "cloudwatch", "codebuild", "codedeploy", "codepipeline", "config", "delivery.logs",
	"dynamodb", "ec2", "ec2fleet", "ecs", "ecs-tasks", "edgelambda", "eks", "eks-fargate-pods", "eks-nodegroup",
	"elasticfilesystem", "elasticloadbalancing", "events", "export.rds", "firehose", "glue", "kafka", "kinesis",
	"kms", "lambda", "logs", "monitoring", "pipes", "pods.eks", "rds", "s3", "sagemaker", "scheduler", "secretsmanager",
	"ses", "sns", "spot", "spotfleet", "sqs", "ssm", "states", "transfer", "vpc-flow-logs",
}

// chinaServices have a principal of the form <name>.amazonaws.com.cn besides
// the common one. Others, such as events, exist in the common form alone:
// https://docs.amazonaws.cn/en_us/aws/latest/userguide/endpoints-arns.html
var chinaServices = []string{"ec2", "elasticmapreduce", "autoscaling", "spotfleet", "eks-fargate-pods"}

// federations are the built-in federated principals.
var federations = []string{"accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com"}

var (
	accountNumber = regexp.MustCompile(`^\d{12}$`)
	uniqueID      = regexp.MustCompile(`^A(ROA|IDA)[A-Z0-9]{16,}$`)
	principalARN  = regexp.MustCompile(`^arn:(aws[a-z-]*):(iam|sts)::(\d{12}):(root|(role|user|assumed-role|federated-user)/.+)$`)
	providerARN   = regexp.MustCompile(`^arn:(aws[a-z-]*):iam::\d{12}:(oidc-provider|saml-provider)/.+$`)
)

func checkPrincipals(s Statement, rules Rules) error {
	present := s.Principal != nil || s.NotPrincipal != nil
	switch {
	case rules.Principal == Forbidden && present:
		return &Problem{Message: "Policy document should not specify a principal."}
	case rules.Principal == Required && !present:
		return &Problem{Message: "Missing required field Principal"}
	case s.Principal != nil && s.NotPrincipal != nil:
		return errSyntax
	}
	for _, principals := range []*Principals{s.Principal, s.NotPrincipal} {
		if principals == nil || principals.Everyone {
			continue
		}
		if err := principals.check(rules); err != nil {
			return err
		}
	}
	return nil
}

func (p *Principals) check(rules Rules) error {
	if len(p.ByKind) == 0 {
		return &Problem{Message: "Missing required field Principal cannot be empty!", Principal: true}
	}
	judges := map[string]func(string, Rules) bool{
		"AWS":           validAWS,
		"Service":       validService,
		"Federated":     validFederated,
		"CanonicalUser": func(value string, _ Rules) bool { return len(value) == 64 },
	}
	for kind, values := range p.ByKind {
		valid, known := judges[kind]
		if !known {
			return errSyntax
		}
		for _, value := range values {
			if !valid(value, rules) {
				return &Problem{
					Message:   fmt.Sprintf("Invalid principal in policy: %q:%q", strings.ToUpper(kind), value),
					Principal: true,
				}
			}
		}
	}
	return nil
}

func validAWS(value string, rules Rules) bool {
	if value == "*" || accountNumber.MatchString(value) || uniqueID.MatchString(value) {
		return true
	}
	match := principalARN.FindStringSubmatch(value)
	if match == nil || match[1] != rules.Partition {
		return false
	}
	return rules.Known == nil || rules.Known(value)
}

func validService(value string, rules Rules) bool {
	if name, found := strings.CutSuffix(value, ".amazonaws.com.cn"); found {
		return rules.Partition == "aws-cn" && slices.Contains(chinaServices, name)
	}
	name, found := strings.CutSuffix(value, ".amazonaws.com")
	return found && slices.Contains(services, name)
}

func validFederated(value string, rules Rules) bool {
	match := providerARN.FindStringSubmatch(value)
	return slices.Contains(federations, value) || (match != nil && match[1] == rules.Partition)
}
