package policy

// IRSATrust lets one Kubernetes service account, by a token of the cluster's issuer made for AWS STS, assume the role.
// IAM's condition keys hold the issuer without its scheme. Source: "IAM roles for service accounts", Amazon EKS User Guide.
func IRSATrust(oidcProviderARN, issuer, namespace, serviceAccount string) Document {
	host := IssuerHost(issuer)
	return document(Statement{
		Effect:    "Allow",
		Principal: &Principal{Federated: oidcProviderARN},
		Actions:   Values{"sts:AssumeRoleWithWebIdentity"},
		Condition: Condition{"StringEquals": {
			host + ":aud": {"sts.amazonaws.com"},
			host + ":sub": {"system:serviceaccount:" + namespace + ":" + serviceAccount},
		}},
	})
}

// PodIdentityTrust lets EKS Pod Identity assume the role for one service account of one cluster. Source: "Create IAM
// role with trust policy required by EKS Pod Identity" and its list of session tags, Amazon EKS User Guide.
func PodIdentityTrust(c Cluster, namespace, serviceAccount string) Document {
	return document(Statement{
		Effect:    "Allow",
		Principal: &Principal{Service: "pods.eks.amazonaws.com"},
		Actions:   Values{"sts:AssumeRole", "sts:TagSession"},
		Condition: Condition{"StringEquals": {
			"aws:RequestTag/eks-cluster-arn":            {c.ARN()},
			"aws:RequestTag/kubernetes-namespace":       {namespace},
			"aws:RequestTag/kubernetes-service-account": {serviceAccount},
		}},
	})
}

// NodeTrust lets EC2 instances assume the role.
func NodeTrust(c Cluster) Document {
	return document(Statement{
		Effect:    "Allow",
		Principal: &Principal{Service: "ec2." + c.DNSSuffix()},
		Actions:   Values{"sts:AssumeRole"},
	})
}
