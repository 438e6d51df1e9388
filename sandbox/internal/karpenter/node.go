package karpenter

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

// nodeFinalizer keeps a node and its claim until the instance is terminated.
const nodeFinalizer = "karpenter.sh/termination"

// reconcilePool follows the pool's node class, and gives a pool that is ready
// its node. Karpenter puts no finalizer on pools: what a deletion waits for is
// the claims that the pool owns.
func (c *controller) reconcilePool(pool cloud.Object) error {
	if pool.Deleting() {
		return nil
	}
	usable, err := c.followClass(pool.Text("spec", "template", "spec", "nodeClassRef", "name"))
	if err != nil {
		return err
	}
	conditions := ready([]condition{isTrue("ValidationSucceeded"), usable})
	if _, err := c.api.Patch(pool, func(o cloud.Object) { setConditions(o, conditions) }); err != nil || usable.status != "True" {
		return err
	}
	return c.claimFor(pool)
}

// followClass is the condition that a pool's node class gives it
// (nodepool.readiness).
func (c *controller) followClass(name string) (condition, error) {
	const kind = "NodeClassReady"
	class, err := c.api.Get(awsAPI, classes, "", name)
	switch {
	case cloud.IsStatus(err, cloud.NotFound, cloud.NoMatch):
		return isFalse(kind, "NodeClassNotFound", "NodeClass not found on cluster"), nil
	case err != nil:
		return condition{}, err
	case class.Deleting():
		return isFalse(kind, "NodeClassTerminating", "NodeClass is Terminating"), nil
	}
	switch root := conditionOf(class, "Ready"); root.status {
	case "True":
		return isTrue(kind), nil
	case "False":
		return isFalse(kind, root.reason, root.message), nil
	}
	return isFalse(kind, "NodeClassReadinessUnknown", "Node Class Readiness Unknown"), nil
}

// claimFor makes the one claim of a pool.
func (c *controller) claimFor(pool cloud.Object) error {
	present, err := c.api.List(coreAPI, claims)
	if err != nil {
		return err
	}
	for _, claim := range present {
		if claim.Text("metadata", "labels", poolTag) == pool.Name() {
			return nil
		}
	}
	template, _ := pool.At("spec", "template", "spec").(map[string]any)
	claim := cloud.Object{"apiVersion": coreAPI, "kind": claims, "spec": template, "metadata": map[string]any{
		"name":            pool.Name() + "-" + cloud.HexID("claim "+pool.UID(), 5),
		"labels":          map[string]any{poolTag: pool.Name(), classTag: cloud.Object(template).Text("nodeClassRef", "name")},
		"ownerReferences": owner(pool),
	}}
	claim.AddFinalizer(nodeFinalizer)
	_, err = c.api.Create(claim)
	return err
}

// owner is the reference of what an object owns, and is gone before it.
func owner(object cloud.Object) []any {
	return []any{map[string]any{
		"apiVersion": object.Text("apiVersion"), "kind": object.Kind(), "name": object.Name(), "uid": object.UID(), "blockOwnerDeletion": true,
	}}
}

// providerPrefix begins the provider's id of a node, aws:///<zone>/<instance>.
const providerPrefix = "aws:///"

func instanceOf(claim cloud.Object) string {
	id := claim.Text("status", "providerID")
	return id[strings.LastIndex(id, "/")+1:]
}

// reconcileClaim launches a claim's instance, lets it join and tags it, or
// ends it (nodeclaim.lifecycle).
func (c *controller) reconcileClaim(claim cloud.Object) error {
	if claim.Deleting() {
		return c.finalizeClaim(claim)
	}
	if gone, err := c.lost(claim); err != nil || gone {
		return err
	}
	launched, registered := isTrue("Launched"), condition{kind: "Registered", status: "Unknown", reason: "AwaitingReconciliation", message: "object is awaiting reconciliation"}
	failed := c.launch(claim)
	if failed != nil {
		launched = condition{"Launched", "Unknown", "LaunchFailed", failed.Error()}
	} else if node, err := c.join(claim); err != nil {
		failed, registered = err, condition{"Registered", "Unknown", "NodeNotFound", "Node not registered with cluster"}
	} else {
		claim.Set(node, "status", "nodeName")
		registered = isTrue("Registered")
		failed = c.tag(claim)
	}
	_, err := c.api.Patch(claim, func(o cloud.Object) {
		o["status"] = claim["status"]
		setConditions(o, ready([]condition{launched, registered}))
	})
	return errors.Join(failed, err)
}

// lost gives up a claim whose instance somebody has ended
// (nodeclaim.garbagecollection).
func (c *controller) lost(claim cloud.Object) (bool, error) {
	id := instanceOf(claim)
	if id == "" {
		return false, nil
	}
	found, err := c.client.DescribeInstances([]cloud.Filter{{Name: "instance-id", Values: []string{id}}})
	if err != nil || len(found) > 0 {
		return false, err
	}
	return true, c.api.Delete(coreAPI, claims, "", claim.Name())
}

// launch starts the instance of a claim that has none, by a fleet of one.
func (c *controller) launch(claim cloud.Object) error {
	if instanceOf(claim) != "" {
		return nil
	}
	class, err := c.api.Get(awsAPI, classes, "", claim.Text("spec", "nodeClassRef", "name"))
	if err != nil {
		return err
	}
	tags, place := c.tags(class, claim.Text("metadata", "labels", poolTag)), placed(class)
	template, err := c.ensureTemplate(class, tags)
	if err != nil {
		return fmt.Errorf("creating instance, getting launch template configs, %w", err)
	}
	profile, err := c.client.GetInstanceProfile(class.Text("status", "instanceProfile"))
	if err != nil {
		return err
	}
	requests := slices.Concat(
		c.launching("CreateFleet", template, tags, place, launchedFleet...),
		c.launching("RunInstances", template, tags, place, launchedFleet[1:]...),
	)
	if role, err := c.client.GetRole(profile.Role); err == nil {
		requests = append(requests, c.passing(role.ARN, "ec2:CreateFleet")...)
	}
	if err := c.ask(requests...); err != nil {
		return fmt.Errorf("creating instance, %w", err)
	}
	id, err := c.client.CreateFleet(claim.UID(), cloud.Instance{
		Type: "m7i.large", ImageID: place.image, SubnetID: place.subnet, SecurityGroupIDs: place.groups, Profile: profile.Name, Tags: tags,
	})
	if err != nil {
		return fmt.Errorf("creating instance, %w", err)
	}
	subnets, err := c.client.DescribeSubnets([]cloud.Filter{{Name: "subnet-id", Values: []string{place.subnet}}})
	if err == nil && len(subnets) == 0 {
		err = fmt.Errorf("the subnet %s is gone", place.subnet)
	}
	if err != nil {
		return err
	}
	claim.Set(providerPrefix+subnets[0].Zone+"/"+id, "status", "providerID")
	claim.Set(place.image, "status", "imageID")
	return nil
}

// tag names the instance's node and claim (nodeclaim.tagging).
func (c *controller) tag(claim cloud.Object) error {
	id := instanceOf(claim)
	present, err := c.client.DescribeTags(id)
	if err != nil {
		return err
	}
	missing := cloud.Tags{"Name": claim.Text("status", "nodeName"), claimTag: claim.Name(), clusterTag: c.cluster.Name}
	for key := range present {
		delete(missing, key)
	}
	if len(missing) == 0 {
		return nil
	}
	if err := c.ask(request{action: "ec2:CreateTags", resource: c.arn("instance/" + id), sets: missing}); err != nil {
		return fmt.Errorf("tagging nodeclaim, %w", err)
	}
	for key, value := range missing {
		if err := c.client.CreateTags(id, key, value); err != nil {
			return err
		}
	}
	return nil
}

// finalizeClaim removes a claim's node and terminates its instance.
func (c *controller) finalizeClaim(claim cloud.Object) error {
	if name := claim.Text("status", "nodeName"); name != "" {
		if err := c.removeNode(name); err != nil {
			return err
		}
	}
	if id := instanceOf(claim); id != "" {
		if err := c.terminate(id); err != nil {
			return err
		}
	}
	_, err := c.api.Patch(claim, func(o cloud.Object) { o.RemoveFinalizer(nodeFinalizer) })
	return err
}

// terminate ends an instance, unless somebody did.
func (c *controller) terminate(id string) error {
	if err := c.ask(request{action: "ec2:DescribeInstances", resource: "*"}); err != nil {
		return err
	}
	found, err := c.client.DescribeInstances([]cloud.Filter{{Name: "instance-id", Values: []string{id}}})
	if err != nil || len(found) == 0 {
		return err
	}
	if err := c.ask(request{action: "ec2:TerminateInstances", resource: c.arn("instance/" + id)}); err != nil {
		return fmt.Errorf("terminating instance, %w", err)
	}
	return c.client.TerminateInstances(id)
}
