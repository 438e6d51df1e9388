package provider

import (
	"fmt"
	"strings"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

// clusterName is the form of EKS cluster names:
// https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html
var clusterName = []check{length(1, 100), form(`^[0-9A-Za-z][0-9A-Za-z_-]*$`, "must match ^[0-9A-Za-z][0-9A-Za-z_-]*$")}

var accessEntryType = resourceType{
	token: "aws:eks/accessEntry:AccessEntry",
	noun:  "EKS Access Entry",
	properties: tagged.with(schema{
		"accessEntryArn":   {kind: text, mode: computed},
		"clusterName":      {kind: text, mode: required, replace: true, checks: clusterName},
		"createdAt":        {kind: text, mode: computed},
		"kubernetesGroups": {kind: texts, mode: optionalComputed, unordered: true},
		"modifiedAt":       {kind: text, mode: computed},
		"principalArn":     {kind: text, mode: required, replace: true, checks: []check{isARN}},
		"type": {kind: text, otherwise: "STANDARD", replace: true, checks: []check{
			oneOf("EC2", "EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX", "HYBRID_LINUX", "HYPERPOD_LINUX", "STANDARD"),
		}},
		"userName": {kind: text, mode: optionalComputed},
	}),
	creating: func(in values) string { return fmt.Sprintf("creating EKS Access Entry (%s)", entryID(in)) },
	create: func(c *cloud.Client, in values) (string, error) {
		return emptyOn(entryID(in), c.CreateAccessEntry(accessEntry(in)))
	},
	read:   readAccessEntry,
	update: updateAccessEntry,
	remove: func(c *cloud.Client, _ string, state values) error {
		return c.DeleteAccessEntry(state.text("clusterName"), state.text("principalArn"))
	},
}

func entryID(in values) string { return in.text("clusterName") + ":" + in.text("principalArn") }

func accessEntry(in values) cloud.AccessEntry {
	return cloud.AccessEntry{
		Cluster:   in.text("clusterName"),
		Principal: in.text("principalArn"),
		Type:      in.text("type"),
		UserName:  in.text("userName"),
		Groups:    in.texts("kubernetesGroups"),
		Tags:      in.tags(),
	}
}

func readAccessEntry(c *cloud.Client, id string, _ values) (found, error) {
	cluster, principal, ok := strings.Cut(id, ":")
	if !ok {
		return found{}, fmt.Errorf("unexpected format for ID (%s), expected cluster-name:principal-arn", id)
	}
	entry, err := c.DescribeAccessEntry(cluster, principal)
	if err != nil {
		return gone(err)
	}
	return found{id, values{
		"accessEntryArn":   entry.ARN,
		"clusterName":      entry.Cluster,
		"createdAt":        createdAt,
		"kubernetesGroups": entry.Groups,
		"modifiedAt":       createdAt,
		"principalArn":     entry.Principal,
		"type":             entry.Type,
		"userName":         entry.UserName,
	}.withTags(entry.Tags)}, nil
}

func updateAccessEntry(c *cloud.Client, _ string, old, new values) error {
	changed := old.text("userName") != new.text("userName") && new.text("userName") != ""
	if _, given := new["kubernetesGroups"]; given {
		changed = true
	}
	if changed {
		if err := c.UpdateAccessEntry(accessEntry(new)); err != nil {
			return err
		}
	}
	return c.TagAccessEntry(new.text("clusterName"), new.text("principalArn"), new.tags())
}

var podIdentityAssociationType = resourceType{
	token: "aws:eks/podIdentityAssociation:PodIdentityAssociation",
	noun:  "EKS Pod Identity Association",
	properties: tagged.with(schema{
		"associationArn": {kind: text, mode: computed},
		"associationId":  {kind: text, mode: computed},
		"clusterName":    {kind: text, mode: required, replace: true},
		"namespace":      {kind: text, mode: required, replace: true},
		"roleArn":        {kind: text, mode: required, checks: []check{isARN}},
		"serviceAccount": {kind: text, mode: required, replace: true},
	}),
	creating: func(values) string { return "creating EKS Pod Identity Association" },
	create: func(c *cloud.Client, in values) (string, error) {
		return emptyOn(c.CreatePodIdentityAssociation(cloud.Association{
			Cluster:        in.text("clusterName"),
			Namespace:      in.text("namespace"),
			ServiceAccount: in.text("serviceAccount"),
			RoleARN:        in.text("roleArn"),
			Tags:           in.tags(),
		}))
	},
	read: readAssociation,
	update: func(c *cloud.Client, id string, old, new values) error {
		cluster := new.text("clusterName")
		return inOrder(
			change(old.text("roleArn"), new.text("roleArn"), func(v string) error { return c.UpdatePodIdentityAssociation(cluster, id, v) }),
			func() error { return c.TagAssociation(cluster, id, new.tags()) },
		)
	},
	remove: func(c *cloud.Client, id string, state values) error {
		return c.DeletePodIdentityAssociation(state.text("clusterName"), id)
	},
}

// readAssociation takes import ids of the form cluster,association-id.
func readAssociation(c *cloud.Client, id string, state values) (found, error) {
	cluster := state.text("clusterName")
	if cluster == "" {
		var ok bool
		if cluster, id, ok = strings.Cut(id, ","); !ok {
			return found{}, fmt.Errorf("wrong format of import ID (%s), use: 'cluster-name,association-id'", cluster)
		}
	}
	association, err := c.DescribePodIdentityAssociation(cluster, id)
	if err != nil {
		return gone(err)
	}
	return found{id, values{
		"associationArn": association.ARN,
		"associationId":  association.ID,
		"clusterName":    association.Cluster,
		"namespace":      association.Namespace,
		"roleArn":        association.RoleARN,
		"serviceAccount": association.ServiceAccount,
	}.withTags(association.Tags)}, nil
}
