package verify

import (
	"errors"
	"fmt"

	"github.com/grafanix/eks-karpenter/sandbox"
)

// assumption is an attempt at a session, with a token of a cluster's issuer or
// by an EKS Pod Identity association.
type assumption struct {
	edit func(*sandbox.WebIdentity) // changes Karpenter's own token
	pod  *sandbox.Association       // nil: by the token
	role string                     // with placeholders; the controller's when empty
	why  string
}

// strangeIssuer is another cluster's issuer, for which the account has a
// provider, as it does when it has several clusters.
const strangeIssuer = "https://oidc.eks.us-east-1.amazonaws.com/id/00000000000000000000000000000000"

func (s *subject) attempts() []assumption {
	own := s.options
	subject := func(namespace, name string) func(*sandbox.WebIdentity) {
		return func(t *sandbox.WebIdentity) { t.Subject = "system:serviceaccount:" + namespace + ":" + name }
	}
	return []assumption{
		{edit: subject(own.Namespace, "default"), why: "another service account of Karpenter's namespace"},
		{edit: subject(own.Namespace, own.ServiceAccount+"-2"), why: "a service account whose name begins like Karpenter's"},
		{edit: subject("default", own.ServiceAccount), why: "a service account of Karpenter's name in another namespace"},
		{edit: subject(own.Namespace+"-2", own.ServiceAccount), why: "one in a namespace that begins like Karpenter's"},
		{edit: subject("*", "*"), why: "every service account at once"},
		{edit: func(t *sandbox.WebIdentity) { t.Subject = "" }, why: "nobody in particular"},
		{edit: func(t *sandbox.WebIdentity) { t.Subject = "system:node:ip-10-40-0-7" }, why: "a node of the cluster"},
		{edit: func(t *sandbox.WebIdentity) { t.Audience = "https://kubernetes.default.svc" }, why: "somebody with a token for the API server"},
		{edit: func(t *sandbox.WebIdentity) { t.Issuer = strangeIssuer }, why: "another cluster's Karpenter"},
		{edit: func(t *sandbox.WebIdentity) { t.Issuer += "0" }, why: "somebody of an issuer that the account has no provider for"},
		{edit: func(*sandbox.WebIdentity) {}, role: "{nodeRole}", why: "Karpenter at the node role"},
		{pod: &sandbox.Association{Namespace: own.Namespace, ServiceAccount: "default"}, why: "another service account, associated"},
		{pod: &sandbox.Association{Namespace: "default", ServiceAccount: own.ServiceAccount}, why: "another namespace, associated"},
		{pod: &sandbox.Association{Namespace: "default", ServiceAccount: "nodes"}, role: "{nodeRole}", why: "pods at the node role, associated"},
	}
}

// assumptions tells whether nobody else gets a session.
func (s *subject) assumptions() ([]Row, error) {
	strange := sandbox.OIDCProvider{URL: strangeIssuer, ClientIDs: []string{"sts.amazonaws.com"}}
	if _, err := s.client.CreateOpenIDConnectProvider(strange); err != nil {
		return nil, err
	}
	var rows []Row
	for _, a := range s.attempts() {
		role := s.controllerRole
		if a.role != "" {
			role = s.fill.Replace(a.role)
		}
		action, err := s.attempt(a, role)
		row := Row{Story: SomebodyElsesDay, Why: "assumes it as " + a.why, Action: action, Resource: role, Expected: Denied, Got: Denied}
		denied, refused := (&sandbox.DeniedError{}), (&sandbox.Refusal{})
		switch {
		case err == nil:
			row.Got, row.By = Allowed, "the role's trust policy"
		case errors.As(err, &denied):
			row.By, row.Also = by(denied.Decision)
		case errors.As(err, &refused):
			row.By = refused.Code + ": " + refused.Message
		default:
			return nil, fmt.Errorf("%s: %w", row.Why, err)
		}
		row.OK = row.Got == row.Expected
		rows = append(rows, row)
	}
	return rows, nil
}

func (s *subject) attempt(a assumption, role string) (action string, err error) {
	if a.pod == nil {
		token := s.token()
		a.edit(&token)
		_, err = s.client.AssumeRoleWithWebIdentity(role, token)
		return "sts:AssumeRoleWithWebIdentity", err
	}
	association := *a.pod
	association.Cluster, association.RoleARN = s.cluster.Name, role
	if _, err = s.client.CreatePodIdentityAssociation(association); err == nil {
		_, err = s.client.AssumeRoleForPodIdentity(association.Cluster, association.Namespace, association.ServiceAccount)
	}
	return "eks-auth:AssumeRoleForPodIdentity", err
}
