"""The flows at the token endpoint, one module each: Authlib's grant, and what Salesforce does otherwise."""
