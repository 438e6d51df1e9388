package cloud

import (
	"maps"
	"net/url"
	"slices"
	"strings"
)

// maxClientIDs is the number of audiences of an OIDC provider:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const maxClientIDs = 100

// OIDCProvider is an IAM OpenID Connect provider.
type OIDCProvider struct {
	ARN         string   `json:"arn"`
	URL         string   `json:"url"` // without the scheme, as IAM returns it
	ClientIDs   []string `json:"clientIds"`
	Thumbprints []string `json:"thumbprints"`
	Tags        Tags     `json:"tags,omitempty"`
}

// CreateOpenIDConnectProvider makes a provider for an https URL and returns
// its ARN. Without thumbprints IAM fetches one itself.
func (c *Client) CreateOpenIDConnectProvider(in OIDCProvider) (string, error) {
	err := c.write(iamService, "CreateOpenIDConnectProvider", func(st *State) error {
		parsed, err := url.Parse(in.URL)
		if err != nil || parsed.Scheme != "https" || parsed.Host == "" || parsed.RawQuery != "" || parsed.Port() != "" {
			return refuse("ValidationError", "Invalid Open ID Connect Provider URL")
		}
		if err := firstError(
			func() error { return checkClientIDs(in.ClientIDs) },
			func() error { return checkTags(iamService, in.Tags, nil) },
		); err != nil {
			return err
		}
		in.ARN = st.OIDCProviderARN(in.URL)
		if _, exists := st.OIDCProviders[in.ARN]; exists {
			return refuse("EntityAlreadyExists", "Provider with url %s already exists.", in.URL)
		}
		in.URL = strings.TrimPrefix(in.URL, "https://")
		st.OIDCProviders[in.ARN] = NewOIDCProvider(in)
		return nil
	})
	return in.ARN, err
}

// NewOIDCProvider copies a provider and completes it as IAM does.
func NewOIDCProvider(in OIDCProvider) *OIDCProvider {
	in.ClientIDs, in.Thumbprints, in.Tags = slices.Clone(in.ClientIDs), slices.Clone(in.Thumbprints), maps.Clone(in.Tags)
	slices.Sort(in.ClientIDs)
	if len(in.Thumbprints) == 0 {
		in.Thumbprints = []string{HexID("thumbprint of "+in.URL, 40)}
	}
	return &in
}

// OIDCProviderARN is the ARN of the provider for an issuer.
func (st *State) OIDCProviderARN(issuer string) string {
	return st.ARN("iam", "", "oidc-provider/"+strings.TrimPrefix(issuer, "https://"))
}

func checkClientIDs(ids []string) error {
	if len(ids) > maxClientIDs {
		return refuse("LimitExceeded", "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: %d", maxClientIDs)
	}
	for _, id := range ids {
		if err := (constraint{"clientIDList", `.+`, 255}).check("ValidationError", id); err != nil {
			return err
		}
	}
	return nil
}

// GetOpenIDConnectProvider returns a provider.
func (c *Client) GetOpenIDConnectProvider(arn string) (OIDCProvider, error) {
	return read(c, iamService, "GetOpenIDConnectProvider", func(st *State) (OIDCProvider, error) {
		provider, err := st.oidcProvider(arn)
		if err != nil {
			return OIDCProvider{}, err
		}
		return *NewOIDCProvider(*provider), nil
	})
}

func (st *State) oidcProvider(arn string) (*OIDCProvider, error) {
	provider, ok := st.OIDCProviders[arn]
	if !ok {
		return nil, refuse("NoSuchEntity", "OpenIDConnect Provider not found for arn %s", arn)
	}
	return provider, nil
}

// UpdateOpenIDConnectProvider sets a provider's audiences, thumbprints and
// tags; no thumbprints leave the present ones, as IAM wants at least one.
func (c *Client) UpdateOpenIDConnectProvider(in OIDCProvider) error {
	return c.write(iamService, "UpdateOpenIDConnectProviderThumbprint", func(st *State) error {
		provider, err := st.oidcProvider(in.ARN)
		if err != nil {
			return err
		}
		if err := firstError(
			func() error { return checkClientIDs(in.ClientIDs) },
			func() error { return checkTags(iamService, in.Tags, provider.Tags) },
		); err != nil {
			return err
		}
		in.URL = provider.URL
		if len(in.Thumbprints) == 0 {
			in.Thumbprints = provider.Thumbprints
		}
		*provider = *NewOIDCProvider(in)
		return nil
	})
}

// DeleteOpenIDConnectProvider removes a provider.
func (c *Client) DeleteOpenIDConnectProvider(arn string) error {
	return c.write(iamService, "DeleteOpenIDConnectProvider", func(st *State) error {
		if _, err := st.oidcProvider(arn); err != nil {
			return err
		}
		delete(st.OIDCProviders, arn)
		return nil
	})
}
