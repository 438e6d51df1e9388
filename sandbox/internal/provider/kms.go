package provider

import (
	"fmt"
	"strings"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

var keyType = resourceType{
	token: "aws:kms/key:Key",
	noun:  "KMS Key",
	properties: tagged.with(schema{
		"arn":                            {kind: text, mode: computed},
		"bypassPolicyLockoutSafetyCheck": {kind: flag, otherwise: false, local: true},
		"customKeyStoreId":               {kind: text, replace: true, unmodelled: true},
		"customerMasterKeySpec":          {kind: text, otherwise: "SYMMETRIC_DEFAULT", replace: true, checks: []check{oneOf("SYMMETRIC_DEFAULT")}},
		"deletionWindowInDays":           {kind: number, local: true, checks: []check{between(7, 30)}},
		"description":                    {kind: text, mode: optionalComputed, imported: true, checks: []check{length(0, 8192)}},
		"enableKeyRotation":              {kind: flag, otherwise: false},
		"isEnabled":                      {kind: flag, otherwise: true},
		"keyId":                          {kind: text, mode: computed},
		"keyUsage":                       {kind: text, otherwise: "ENCRYPT_DECRYPT", replace: true, checks: []check{oneOf("ENCRYPT_DECRYPT")}},
		"multiRegion":                    {kind: flag, mode: optionalComputed, replace: true},
		"policy":                         {kind: text, mode: optionalComputed, imported: true, document: policyJSON, checks: []check{isPolicy}},
		"rotationPeriodInDays":           {kind: number, mode: optionalComputed, imported: true, checks: []check{between(90, 2560)}},
		"xksKeyId":                       {kind: text, replace: true, unmodelled: true},
	}),
	creating: func(values) string { return "creating KMS Key" },
	create:   createKey,
	read:     readKey,
	update:   updateKey,
	remove: func(c *cloud.Client, id string, state values) error {
		key, err := c.DescribeKey(id)
		if err != nil || key.PendingDeletion {
			return err
		}
		window := state.number("deletionWindowInDays")
		if window == 0 {
			window = defaultDeletionWindow
		}
		return c.ScheduleKeyDeletion(id, window)
	},
}

// What KMS takes where nothing is said:
// https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
// https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html
const (
	defaultDeletionWindow = 30
	defaultRotationPeriod = 365
)

func createKey(c *cloud.Client, in values) (string, error) {
	id, err := c.CreateKey(cloud.Key{
		Description: in.text("description"),
		Policy:      in.text("policy"),
		Usage:       in.text("keyUsage"),
		Spec:        in.text("customerMasterKeySpec"),
		MultiRegion: in.flag("multiRegion"),
		Tags:        in.tags(),
	}, in.flag("bypassPolicyLockoutSafetyCheck"))
	if err != nil {
		return "", err
	}
	return id, inOrder(
		change(0, rotationDays(in), func(days int) error { return c.RotateKey(id, days) }),
		change(true, in.flag("isEnabled"), func(on bool) error { return c.EnableKey(id, on) }),
	)
}

// rotationDays are the days between rotations, 0 for none.
func rotationDays(in values) int {
	if !in.flag("enableKeyRotation") {
		return 0
	}
	if days := in.number("rotationPeriodInDays"); days != 0 {
		return days
	}
	return defaultRotationPeriod
}

func readKey(c *cloud.Client, id string, _ values) (found, error) {
	key, err := c.DescribeKey(id)
	if err != nil || key.PendingDeletion {
		return gone(err)
	}
	state := values{
		"arn":                   key.ARN,
		"customerMasterKeySpec": key.Spec,
		"description":           key.Description,
		"enableKeyRotation":     key.RotationDays != 0,
		"isEnabled":             key.Enabled,
		"keyId":                 key.ID,
		"keyUsage":              key.Usage,
		"multiRegion":           key.MultiRegion,
		"policy":                key.Policy,
	}
	if key.RotationDays != 0 {
		state["rotationPeriodInDays"] = key.RotationDays
	}
	return found{id, state.withTags(key.Tags)}, nil
}

func updateKey(c *cloud.Client, id string, old, new values) error {
	policy, description := new.text("policy"), new.text("description")
	if policy == "" {
		policy = old.text("policy")
	}
	if _, given := new["description"]; !given {
		description = old.text("description")
	}
	return inOrder(
		change(old.flag("isEnabled"), new.flag("isEnabled"), func(on bool) error { return c.EnableKey(id, on) }),
		change(rotationDays(old), rotationDays(new), func(days int) error { return c.RotateKey(id, days) }),
		change(old.text("description"), description, func(v string) error { return c.UpdateKeyDescription(id, v) }),
		change(old.text("policy"), policy, func(v string) error { return c.PutKeyPolicy(id, v, new.flag("bypassPolicyLockoutSafetyCheck")) }),
		func() error { return c.TagKey(id, new.tags()) },
	)
}

var aliasType = resourceType{
	token: "aws:kms/alias:Alias",
	noun:  "KMS Alias",
	properties: schema{
		"arn":          {kind: text, mode: computed},
		"name":         {kind: text, mode: optionalComputed, replace: true, autoname: 256, checks: []check{isAlias}, conflicts: []string{"namePrefix"}},
		"namePrefix":   {kind: text, mode: optionalComputed, replace: true, unmodelled: true},
		"targetKeyArn": {kind: text, mode: computed},
		"targetKeyId":  {kind: text, mode: required, alike: sameKey},
	},
	affixes:  func(values) (string, string) { return "alias/", "" },
	creating: func(in values) string { return fmt.Sprintf("creating KMS Alias (%s)", in.text("name")) },
	create: func(c *cloud.Client, in values) (string, error) {
		return emptyOn(in.text("name"), c.CreateAlias(in.text("name"), in.text("targetKeyId")))
	},
	read: readAlias,
	update: func(c *cloud.Client, id string, _, new values) error {
		return c.UpdateAlias(id, new.text("targetKeyId"))
	},
	remove: func(c *cloud.Client, id string, _ values) error { return c.DeleteAlias(id) },
}

// sameKey takes a key's id and its ARN for the same.
func sameKey(a, b string) bool { return keyID(a) == keyID(b) }

func keyID(key string) string { return key[strings.LastIndex(key, "/")+1:] }

func readAlias(c *cloud.Client, id string, _ values) (found, error) {
	alias, err := c.GetAlias(id)
	if err != nil {
		return gone(err)
	}
	return found{id, values{
		"arn":          alias.ARN,
		"name":         alias.Name,
		"targetKeyArn": alias.KeyARN,
		"targetKeyId":  keyID(alias.KeyARN),
	}}, nil
}

// isAlias takes names that an account may give its keys.
func isAlias(name string, value any) string {
	s, _ := value.(string)
	switch {
	case !strings.HasPrefix(s, "alias/"):
		return fmt.Sprintf("%q must begin with 'alias/' and only contain alphanumeric characters, forward slashes (/), underscores (_), and dashes (-)", name)
	case strings.HasPrefix(s, "alias/aws/"):
		return fmt.Sprintf("%q cannot begin with reserved AWS CMK prefix 'alias/aws/'", name)
	}
	return ""
}
