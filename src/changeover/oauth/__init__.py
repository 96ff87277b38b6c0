"""The authorization server over an org: OAuth 2.0 and OpenID Connect as Salesforce's own do them."""
