package cloud

import "strings"

// Alias is a name of a KMS key.
type Alias struct {
	Name   string `json:"name"`
	ARN    string `json:"arn"`
	KeyARN string `json:"keyArn"`
}

var aliasName = constraint{"aliasName", `[a-zA-Z0-9:/_-]+`, 256}

// CreateAlias names a key.
func (c *Client) CreateAlias(name, keyID string) error {
	return c.write(kmsService, "CreateAlias", func(st *State) error {
		if err := aliasName.check("ValidationException", name); err != nil {
			return err
		}
		if !strings.HasPrefix(name, "alias/") || name == "alias/" {
			return refuse("ValidationException", "Alias must start with the prefix \"alias/\". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html")
		}
		if strings.HasPrefix(name, "alias/aws/") {
			return refuse("NotAuthorizedException", "Aliases that begin with alias/aws/ are reserved for AWS managed keys.")
		}
		arn := st.ARN("kms", c.Region, name)
		if _, exists := st.Aliases[arn]; exists {
			return refuse("AlreadyExistsException", "An alias with the name %s already exists", arn)
		}
		key, err := st.aliasTarget(c.Region, keyID)
		if err != nil {
			return err
		}
		st.Aliases[arn] = &Alias{Name: name, ARN: arn, KeyARN: key.ARN}
		return nil
	})
}

func (st *State) aliasTarget(region, keyID string) (*Key, error) {
	key, err := st.key(region, keyID)
	if err != nil {
		return nil, err
	}
	if key.PendingDeletion {
		return nil, refuse("KMSInvalidStateException", "%s is pending deletion.", key.ARN)
	}
	return key, nil
}

// GetAlias returns an alias.
func (c *Client) GetAlias(name string) (Alias, error) {
	return read(c, kmsService, "ListAliases", func(st *State) (Alias, error) {
		alias, err := st.alias(c.Region, name)
		if err != nil {
			return Alias{}, err
		}
		return *alias, nil
	})
}

func (st *State) alias(region, name string) (*Alias, error) {
	arn := st.ARN("kms", region, name)
	alias, ok := st.Aliases[arn]
	if !ok {
		return nil, refuse("NotFoundException", "Alias %s is not found.", arn)
	}
	return alias, nil
}

// UpdateAlias names another key.
func (c *Client) UpdateAlias(name, keyID string) error {
	return c.write(kmsService, "UpdateAlias", func(st *State) error {
		alias, err := st.alias(c.Region, name)
		if err != nil {
			return err
		}
		key, err := st.aliasTarget(c.Region, keyID)
		if err != nil {
			return err
		}
		alias.KeyARN = key.ARN
		return nil
	})
}

// DeleteAlias removes an alias.
func (c *Client) DeleteAlias(name string) error {
	return c.write(kmsService, "DeleteAlias", func(st *State) error {
		alias, err := st.alias(c.Region, name)
		if err != nil {
			return err
		}
		delete(st.Aliases, alias.ARN)
		return nil
	})
}

// findKey resolves a key by id, ARN, alias or alias ARN; nil when there is
// none that can be used.
func (st *State) findKey(region, id string) *Key {
	arn := id
	if !strings.HasPrefix(id, "arn:") {
		arn = st.ARN("kms", region, id)
	}
	if alias, ok := st.Aliases[arn]; ok {
		id = alias.KeyARN
	}
	key, err := st.key(region, id)
	if err != nil || key.PendingDeletion {
		return nil
	}
	return key
}
