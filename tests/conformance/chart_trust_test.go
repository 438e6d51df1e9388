package conformance

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/grafanix/eks-karpenter/components"
)

// forServiceAccount are options for a service account, the documented one for "".
func forServiceAccount(namespace, serviceAccount string, podIdentity bool) components.KarpenterArgs {
	options := &components.ControllerRoleOptions{PodIdentity: &podIdentity}
	if namespace != "" {
		options.Namespace, options.ServiceAccount = &namespace, &serviceAccount
	}
	return components.KarpenterArgs{ControllerRole: options}
}

// serviceAccountCases are the service accounts that a role may be for.
var serviceAccountCases = []struct{ why, namespace, serviceAccount string }{
	{why: "the documented one"},
	{"in a namespace of its own", "karpenter", "karpenter"},
	{"with both names its own", "platform", "shop-autoscaler"},
}

// With IRSA, AWS STS compares the subject of the pods' token with the role's trust, and nothing else ties the two.
func TestTheTrustOfIRSAIsForTheServiceAccountThatTheChartRuns(t *testing.T) {
	t.Parallel()
	for _, row := range serviceAccountCases {
		t.Run(row.why, func(t *testing.T) {
			t.Parallel()
			r := installChart(t, forServiceAccount(row.namespace, row.serviceAccount, false))
			assert.JSONEq(t, fmt.Sprintf(`{"Version": "2012-10-17", "Statement": [{
				"Effect": "Allow",
				"Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/%[1]s"},
				"Action": "sts:AssumeRoleWithWebIdentity",
				"Condition": {"StringEquals": {"%[1]s:aud": "sts.amazonaws.com", "%[1]s:sub": %[2]q}}
			}]}`, chartIssuer, r.subject()), r.made["aws:iam/role:Role karpenter-controller-role"]["assumeRolePolicy"].(string))
		})
	}
}

// With Pod Identity, the association ties the two, and the trust confines it to one service account.
func TestTheAssociationAndTheTrustOfPodIdentityAreForTheServiceAccountThatTheChartRuns(t *testing.T) {
	t.Parallel()
	for _, row := range serviceAccountCases {
		t.Run(row.why, func(t *testing.T) {
			t.Parallel()
			r := installChart(t, forServiceAccount(row.namespace, row.serviceAccount, true))
			namespace, serviceAccount := r.deployment.Namespace, r.deployment.Spec.Template.Spec.ServiceAccountName
			association := r.made["aws:eks/podIdentityAssociation:PodIdentityAssociation karpenter-controller-role"]
			assert.Equal(t, map[string]any{
				"clusterName": "shop", "namespace": namespace, "serviceAccount": serviceAccount,
				"roleArn": mockRoleARN("KarpenterControllerRole-shop"),
			}, association)
			assert.JSONEq(t, fmt.Sprintf(`{"Version": "2012-10-17", "Statement": [{
				"Effect": "Allow",
				"Principal": {"Service": "pods.eks.amazonaws.com"},
				"Action": ["sts:AssumeRole", "sts:TagSession"],
				"Condition": {"StringEquals": {
					"aws:RequestTag/eks-cluster-arn": "arn:aws:eks:%s:111122223333:cluster/shop",
					"aws:RequestTag/kubernetes-namespace": %q,
					"aws:RequestTag/kubernetes-service-account": %q
				}}
			}]}`, chartRegion, namespace, serviceAccount), r.made["aws:iam/role:Role karpenter-controller-role"]["assumeRolePolicy"].(string))
		})
	}
}
