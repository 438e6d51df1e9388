package policy

// FargateTrust lets Fargate assume the role for the pods of the cluster's own Fargate profiles, and of no others: without
// the condition any profile of any account could have Fargate use it. The principal is the same in every partition. Source:
// "Amazon EKS Pod execution IAM role", Amazon EKS User Guide.
func FargateTrust(c Cluster) Document {
	return document(Statement{
		Effect:    "Allow",
		Principal: &Principal{Service: "eks-fargate-pods.amazonaws.com"},
		Actions:   Values{"sts:AssumeRole"},
		Condition: Condition{"ArnLike": {"aws:SourceArn": {c.regional("eks", "fargateprofile/"+c.Name+"/*")}}},
	})
}
