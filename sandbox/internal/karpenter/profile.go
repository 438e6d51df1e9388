package karpenter

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

// digits is a number that follows from a text, as long as Karpenter's hashes.
func digits(text string) string {
	number, err := strconv.ParseUint(cloud.HexID(text, 16), 16, 64)
	if err != nil {
		return "0" // never: the digits are hexadecimal
	}
	return strconv.FormatUint(number, 10)
}

// profilePath is where the profiles of a node class are.
func (c *controller) profilePath(class cloud.Object) string {
	return fmt.Sprintf("/karpenter/%s/%s/%s/", c.cluster.Region, c.cluster.Name, class.UID())
}

func (c *controller) iam(resource string) string { return c.client.GlobalARN("iam", resource) }

// ensureProfile gives a node class an instance profile that holds its role. A
// class of another role gets another profile; the old one goes with the class.
func (c *controller) ensureProfile(class cloud.Object) error {
	role := class.Text("spec", "role")
	if role == "" {
		class.Set(class.Text("spec", "instanceProfile"), "status", "instanceProfile")
		return nil
	}
	if present := class.Text("status", "instanceProfile"); present != "" {
		profile, err := c.getProfile(present, c.profilePath(class))
		if err != nil && !cloud.IsMissing(err) {
			return fmt.Errorf("getting instance profile %s, %w", present, err)
		}
		if err == nil && profile.Role == role {
			return nil
		}
	}
	name := c.cluster.Name + "_" + digits(class.UID()+role)
	if err := c.createProfile(class, name, role); err != nil {
		c.note("instance profile", name, c.removeProfile(name, c.profilePath(class)))
		return fmt.Errorf("creating instance profile, %w", err)
	}
	class.Set(name, "status", "instanceProfile")
	return nil
}

// getProfile asks for a profile.
func (c *controller) getProfile(name, path string) (cloud.InstanceProfile, error) {
	if err := c.ask(request{action: "iam:GetInstanceProfile", resource: c.iam("instance-profile" + path + name)}); err != nil {
		return cloud.InstanceProfile{}, err
	}
	return c.client.GetInstanceProfile(name)
}

// createProfile makes a profile, or completes one that a failure left.
func (c *controller) createProfile(class cloud.Object, name, role string) error {
	path := c.profilePath(class)
	arn, tags := c.iam("instance-profile"+path+name), c.profileTags(class)
	profile, err := c.getProfile(name, path)
	if cloud.IsMissing(err) {
		if err := c.ask(request{action: "iam:CreateInstanceProfile", resource: arn, sets: tags}); err != nil {
			return err
		}
		err = c.client.CreateInstanceProfile(cloud.InstanceProfile{Name: name, Path: path, Tags: tags})
	}
	if err != nil || profile.Role == role {
		return err
	}
	role = role[strings.LastIndex(role, "/")+1:]
	found, err := c.client.GetRole(role)
	if err != nil && !cloud.IsMissing(err) {
		return err
	}
	if found.ARN == "" {
		found.ARN = c.iam("role/" + role)
	}
	requests := append([]request{{action: "iam:AddRoleToInstanceProfile", resource: arn}}, c.passing(found.ARN, "iam:AddRoleToInstanceProfile")...)
	if err := c.ask(requests...); err != nil {
		return fmt.Errorf("ensuring role attached, adding role to instance profile, %w", err)
	}
	return c.client.AddRoleToInstanceProfile(name, role)
}

// removeProfiles empties and deletes the profiles of a node class, and looks
// for the one that an older Karpenter may have left.
func (c *controller) removeProfiles(class cloud.Object) error {
	path := c.profilePath(class)
	if err := c.ask(request{action: "iam:ListInstanceProfiles", resource: c.iam("instance-profile" + path)}); err != nil {
		return fmt.Errorf("listing instance profiles, %w", err)
	}
	profiles, err := c.client.ListInstanceProfiles(path)
	if err != nil {
		return err
	}
	for _, profile := range profiles {
		if err := c.removeProfile(profile.Name, path); err != nil {
			return fmt.Errorf("deleting instance profile, %w", err)
		}
	}
	return c.removeProfile(c.cluster.Name+"_"+digits(c.cluster.Region+class.Name()), "/")
}

func (c *controller) removeProfile(name, path string) error {
	profile, err := c.getProfile(name, path)
	if cloud.IsMissing(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("getting instance profile, %w", err)
	}
	if profile.Role != "" {
		if err := c.ask(request{action: "iam:RemoveRoleFromInstanceProfile", resource: profile.ARN}); err != nil {
			return fmt.Errorf("removing role from instance profile, %w", err)
		}
		if err := c.client.RemoveRoleFromInstanceProfile(name, profile.Role); err != nil {
			return err
		}
	}
	if err := c.ask(request{action: "iam:DeleteInstanceProfile", resource: profile.ARN}); err != nil {
		return err
	}
	return c.client.DeleteInstanceProfile(name)
}
