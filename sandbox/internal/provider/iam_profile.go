package provider

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

var instanceProfileType = resourceType{
	token: "aws:iam/instanceProfile:InstanceProfile",
	noun:  "IAM Instance Profile",
	properties: named(128).with(pathed).with(tagged).with(schema{
		"arn":        {kind: text, mode: computed},
		"createDate": {kind: text, mode: computed},
		"role":       {kind: text},
		"uniqueId":   {kind: text, mode: computed},
	}),
	creating: func(in values) string { return fmt.Sprintf("creating IAM Instance Profile (%s)", in.text("name")) },
	create:   createProfile,
	read:     readProfile,
	update: func(c *cloud.Client, id string, old, new values) error {
		return inOrder(
			func() error { return moveRole(c, id, old.text("role"), new.text("role")) },
			func() error { return c.TagInstanceProfile(id, new.tags()) },
		)
	},
	remove: func(c *cloud.Client, id string, state values) error {
		if err := moveRole(c, id, state.text("role"), ""); err != nil && !cloud.IsMissing(err) {
			return err
		}
		return c.DeleteInstanceProfile(id)
	},
}

func createProfile(c *cloud.Client, in values) (string, error) {
	name := in.text("name")
	if err := c.CreateInstanceProfile(cloud.InstanceProfile{Name: name, Path: in.text("path"), Tags: in.tags()}); err != nil {
		return "", err
	}
	return name, moveRole(c, name, "", in.text("role"))
}

// moveRole changes the role that a profile holds.
func moveRole(c *cloud.Client, profile, old, new string) error {
	if old == new {
		return nil
	}
	if old != "" {
		if err := c.RemoveRoleFromInstanceProfile(profile, old); err != nil {
			return err
		}
	}
	if new == "" {
		return nil
	}
	return c.AddRoleToInstanceProfile(profile, new)
}

func readProfile(c *cloud.Client, id string, _ values) (found, error) {
	profile, err := c.GetInstanceProfile(id)
	if err != nil {
		return gone(err)
	}
	return found{id, values{
		"arn":        profile.ARN,
		"createDate": createdAt,
		"name":       profile.Name,
		"path":       profile.Path,
		"role":       profile.Role,
		"uniqueId":   profile.ID,
	}.withTags(profile.Tags)}, nil
}

var openIDConnectProviderType = resourceType{
	token: "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
	noun:  "IAM OIDC Provider",
	properties: tagged.with(schema{
		"arn":             {kind: text, mode: computed},
		"clientIdLists":   {kind: texts, mode: required, unordered: true, checks: []check{each(length(1, 255))}},
		"thumbprintLists": {kind: texts, mode: optionalComputed, checks: []check{each(length(40, 40))}},
		"url":             {kind: text, mode: required, replace: true, checks: []check{isIssuer}},
	}),
	creating: func(values) string { return "creating IAM OIDC Provider" },
	create: func(c *cloud.Client, in values) (string, error) {
		return emptyOn(c.CreateOpenIDConnectProvider(oidcProvider("", in)))
	},
	read: readOIDCProvider,
	update: func(c *cloud.Client, id string, _, new values) error {
		return c.UpdateOpenIDConnectProvider(oidcProvider(id, new))
	},
	remove: func(c *cloud.Client, id string, _ values) error { return c.DeleteOpenIDConnectProvider(id) },
}

func oidcProvider(arn string, in values) cloud.OIDCProvider {
	return cloud.OIDCProvider{
		ARN:         arn,
		URL:         in.text("url"),
		ClientIDs:   in.texts("clientIdLists"),
		Thumbprints: in.texts("thumbprintLists"),
		Tags:        in.tags(),
	}
}

// readOIDCProvider returns the URL with its scheme: IAM drops it, and the
// provider takes both for the same.
func readOIDCProvider(c *cloud.Client, id string, _ values) (found, error) {
	provider, err := c.GetOpenIDConnectProvider(id)
	if err != nil {
		return gone(err)
	}
	return found{id, values{
		"arn":             provider.ARN,
		"clientIdLists":   provider.ClientIDs,
		"thumbprintLists": provider.Thumbprints,
		"url":             "https://" + provider.URL,
	}.withTags(provider.Tags)}, nil
}

var issuerForm = regexp.MustCompile(`^https://[^/?#:]+(/[^?#]*)?$`)

// isIssuer takes the URLs that an OIDC provider may have.
func isIssuer(name string, value any) string {
	s, _ := value.(string)
	if !strings.HasPrefix(s, "https://") {
		return fmt.Sprintf("%q must start with https://, got %s", name, s)
	}
	if !issuerForm.MatchString(s) {
		return fmt.Sprintf("%q has to be a valid URL without port, query and fragment, got %s", name, s)
	}
	return ""
}
