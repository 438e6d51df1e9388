package cloud

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"strconv"
	"strings"

	"github.com/grafanix/eks-karpenter/sandbox/internal/policydoc"
)

const kmsService = "KMS"

// Key is a KMS key.
type Key struct {
	ID              string `json:"id"`
	ARN             string `json:"arn"`
	Description     string `json:"description,omitempty"`
	Policy          string `json:"policy"`
	Usage           string `json:"usage"`
	Spec            string `json:"spec"`
	Enabled         bool   `json:"enabled"`
	MultiRegion     bool   `json:"multiRegion,omitempty"`
	RotationDays    int    `json:"rotationDays,omitempty"` // 0: not rotated
	PendingDeletion bool   `json:"pendingDeletion,omitempty"`
	Tags            Tags   `json:"tags,omitempty"`
}

// The ranges of KMS:
// https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
// https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html
var (
	deletionWindow = numberRange{"pendingWindowInDays", 7, 30}
	rotationPeriod = numberRange{"rotationPeriodInDays", 90, 2560}
	keyDescription = constraint{"description", `(?s).*`, 8192}
)

// CreateKey makes a key and returns its id. An empty policy becomes KMS's
// default one; bypass skips the check that somebody can still change it.
func (c *Client) CreateKey(in Key, bypass bool) (string, error) {
	err := c.write(kmsService, "CreateKey", func(st *State) error {
		if in.Policy == "" {
			in.Policy = st.defaultKeyPolicy()
		}
		err := firstError(
			func() error { return keyDescription.check("ValidationException", in.Description) },
			func() error { return st.checkKeyPolicy(in.Policy, bypass) },
			func() error { return checkTags(kmsService, in.Tags, nil) },
		)
		if err != nil {
			return err
		}
		in.ID = st.newKeyID(c.Region, in)
		in.ARN = st.ARN("kms", c.Region, "key/"+in.ID)
		in.Enabled, in.PendingDeletion, in.RotationDays = true, false, 0
		in.Tags = maps.Clone(in.Tags)
		st.Keys[in.ARN] = &in
		return nil
	})
	return in.ID, err
}

// newKeyID derives an id from what is asked for; deleted keys keep theirs.
func (st *State) newKeyID(region string, in Key) string {
	for n := 0; ; n++ {
		id := UUID(strings.Join([]string{"key", region, in.Description, in.Policy, strconv.Itoa(n)}, "\n"))
		if _, taken := st.Keys[st.ARN("kms", region, "key/"+id)]; !taken {
			return id
		}
	}
}

// defaultKeyPolicy is what KMS gives a key without one:
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
func (st *State) defaultKeyPolicy() string {
	return fmt.Sprintf(`{"Id":"key-default-1","Statement":[{"Action":"kms:*","Effect":"Allow","Principal":{"AWS":%q},"Resource":"*","Sid":"Enable IAM User Permissions"}],"Version":"2012-10-17"}`,
		st.ARN("iam", "", "root"))
}

func (st *State) checkKeyPolicy(document string, bypass bool) error {
	parsed, err := policydoc.Parse(document)
	if err == nil {
		err = parsed.Check(policydoc.Rules{
			Principal: policydoc.Required,
			Resource:  policydoc.Required,
			Partition: st.Partition,
			Known:     st.knownPrincipal,
		})
	}
	if problem := (*policydoc.Problem)(nil); errors.As(err, &problem) && problem.Principal {
		return refuse("MalformedPolicyDocumentException", "Policy contains a statement with one or more invalid principals.")
	}
	if err != nil {
		return refuse("MalformedPolicyDocumentException", "%s", err)
	}
	if !bypass && !st.keepsKeyManageable(parsed) {
		return refuse("MalformedPolicyDocumentException", "The new key policy will not allow you to update the key policy in the future.")
	}
	return nil
}

// keepsKeyManageable tells whether somebody of the account may still put the
// key's policy, by a statement without conditions.
func (st *State) keepsKeyManageable(document policydoc.Document) bool {
	for _, s := range document.Statements {
		if s.Effect != "Allow" || s.Principal == nil || len(s.Conditions) > 0 {
			continue
		}
		manages, ours := false, s.Principal.Everyone
		for _, action := range s.Actions {
			match, _ := path.Match(strings.ToLower(action), "kms:putkeypolicy")
			manages = manages || match
		}
		for _, principal := range s.Principal.ByKind["AWS"] {
			ours = ours || principal == "*" || strings.Contains(principal, st.AccountID)
		}
		if manages && ours {
			return true
		}
	}
	return false
}

// DescribeKey returns a key, by id or ARN. A key that waits for its deletion
// is described too.
func (c *Client) DescribeKey(id string) (Key, error) {
	return read(c, kmsService, "DescribeKey", func(st *State) (Key, error) {
		key, err := st.key(c.Region, id)
		if err != nil {
			return Key{}, err
		}
		found := *key
		found.Tags = maps.Clone(key.Tags)
		return found, nil
	})
}

func (st *State) key(region, id string) (*Key, error) {
	if !strings.HasPrefix(id, "arn:") {
		id = st.ARN("kms", region, "key/"+id)
	}
	key, ok := st.Keys[id]
	if !ok {
		return nil, refuse("NotFoundException", "Key '%s' does not exist", id)
	}
	return key, nil
}

// changeKey runs an operation on a key that does not wait for its deletion.
func (c *Client) changeKey(operation, id string, change func(*State, *Key) error) error {
	return c.write(kmsService, operation, func(st *State) error {
		key, err := st.key(c.Region, id)
		if err != nil {
			return err
		}
		if key.PendingDeletion {
			return refuse("KMSInvalidStateException", "%s is pending deletion.", key.ARN)
		}
		return change(st, key)
	})
}

// UpdateKeyDescription sets a key's description.
func (c *Client) UpdateKeyDescription(id, description string) error {
	return c.changeKey("UpdateKeyDescription", id, func(_ *State, key *Key) error {
		if err := keyDescription.check("ValidationException", description); err != nil {
			return err
		}
		key.Description = description
		return nil
	})
}

// PutKeyPolicy sets a key's policy.
func (c *Client) PutKeyPolicy(id, document string, bypass bool) error {
	return c.changeKey("PutKeyPolicy", id, func(st *State, key *Key) error {
		if err := st.checkKeyPolicy(document, bypass); err != nil {
			return err
		}
		key.Policy = document
		return nil
	})
}

// RotateKey makes KMS renew a key's material every so many days; 0 stops it.
func (c *Client) RotateKey(id string, days int) error {
	return c.changeKey("EnableKeyRotation", id, func(_ *State, key *Key) error {
		if days != 0 {
			if err := rotationPeriod.check("ValidationException", days); err != nil {
				return err
			}
		}
		key.RotationDays = days
		return nil
	})
}

// EnableKey enables or disables a key.
func (c *Client) EnableKey(id string, enabled bool) error {
	return c.changeKey("EnableKey", id, func(_ *State, key *Key) error {
		key.Enabled = enabled
		return nil
	})
}

// TagKey makes tags the key's only ones.
func (c *Client) TagKey(id string, tags Tags) error {
	return c.changeKey("TagResource", id, func(_ *State, key *Key) error {
		if err := checkTags(kmsService, tags, key.Tags); err != nil {
			return err
		}
		key.Tags = maps.Clone(tags)
		return nil
	})
}

// ScheduleKeyDeletion ends a key; AWS removes it after the window of days.
func (c *Client) ScheduleKeyDeletion(id string, days int) error {
	return c.changeKey("ScheduleKeyDeletion", id, func(_ *State, key *Key) error {
		if err := deletionWindow.check("ValidationException", days); err != nil {
			return err
		}
		key.Enabled, key.PendingDeletion = false, true
		return nil
	})
}
