package karpenter

import (
	"fmt"
	"slices"
	"strings"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

// join lets a claim's instance register as a node, and returns the node's
// name: the instance must have a role, and the cluster must let it in, by an
// access entry for nodes or by aws-auth.
func (c *controller) join(claim cloud.Object) (string, error) {
	id := instanceOf(claim)
	found, err := c.client.DescribeInstances([]cloud.Filter{{Name: "instance-id", Values: []string{id}}})
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("the instance %s is gone", id)
	}
	if err != nil {
		return "", err
	}
	name := found[0].PrivateDNSName
	if _, err := c.api.Get("v1", nodeKind, "", name); !cloud.IsStatus(err, cloud.NotFound) {
		return name, err
	}
	session, err := c.client.AssumeRoleForInstance(found[0].Profile, id)
	if err != nil {
		return "", err
	}
	admitted, err := c.admits(session.RoleARN())
	if err == nil && !admitted {
		err = fmt.Errorf("the cluster %s does not let nodes of %s in", c.cluster.Name, session.RoleARN())
	}
	if err != nil {
		return "", err
	}
	node := cloud.Object{"apiVersion": "v1", "kind": nodeKind, "metadata": map[string]any{
		"name":            name,
		"labels":          map[string]any{poolTag: claim.Text("metadata", "labels", poolTag), "karpenter.sh/registered": "true"},
		"ownerReferences": owner(claim),
	}, "spec": map[string]any{"providerID": claim.Text("status", "providerID")}}
	node.AddFinalizer(nodeFinalizer)
	_, err = c.api.Create(node)
	return name, err
}

// nodeEntries are the types of the access entries of EC2's nodes.
var nodeEntries = []string{"EC2_LINUX", "EC2_WINDOWS"}

// admits tells whether nodes of a role may join the cluster.
func (c *controller) admits(role string) (bool, error) {
	entry, err := c.client.DescribeAccessEntry(c.cluster.Name, role)
	if err == nil && slices.Contains(nodeEntries, entry.Type) {
		return true, nil
	}
	if c.cluster.AuthenticationMode == "API" {
		return false, nil
	}
	mapped, err := c.api.Get("v1", "ConfigMap", "kube-system", "aws-auth")
	if cloud.IsStatus(err, cloud.NotFound) {
		return false, nil
	}
	for line := range strings.Lines(mapped.Text("data", "mapRoles")) {
		if strings.Trim(strings.TrimSpace(line[strings.Index(line, ":")+1:]), `"'`) == role {
			return true, nil
		}
	}
	return false, err
}

// removeNode drains a node, which has no pods here, and takes it away.
func (c *controller) removeNode(name string) error {
	node, err := c.api.Get("v1", nodeKind, "", name)
	if cloud.IsStatus(err, cloud.NotFound) {
		return nil
	}
	if err == nil {
		_, err = c.api.Patch(node, func(o cloud.Object) { o.RemoveFinalizer(nodeFinalizer) })
	}
	if err == nil {
		err = c.api.Delete("v1", nodeKind, "", name)
	}
	return err
}
