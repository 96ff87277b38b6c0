"""An org, and who is signed in to it."""

from __future__ import annotations

from typing import Annotated, Self

from msgspec import Meta, Struct

from changeover.org.model import orgs
from changeover.org.model.orgs import Edition


class Org(Struct, frozen=True, kw_only=True):
    """An org as Company Information shows it."""

    org_id: Annotated[str, Meta(description="18 characters.")]
    name: str
    edition: Edition
    my_domain: Annotated[str, Meta(description="`acme`, of `acme.my.salesforce.com`.")]
    enterprise_admitted: Annotated[
        bool, Meta(description="Whether Enterprise counts among the editions that may migrate.")
    ]
    connected_app_creation_allowed: Annotated[
        bool, Meta(description="The exception that Salesforce Support grants since Spring '26.")
    ]
    external_client_apps_enabled: bool
    username_password_blocked: bool
    user_agent_blocked: bool
    secrets_over_rest: Annotated[
        bool, Meta(description="“Allow access to External Client App consumer secrets via REST API”.")
    ]
    pkce_required: Annotated[bool, Meta(description="PKCE is required of every app.")]
    code_credentials_allowed: Annotated[
        bool, Meta(description="“Allow Authorization Code and Credentials Flows”.")
    ]
    soap_login_blocked: Annotated[bool, Meta(description="login() of the SOAP API is refused.")]
    version: Annotated[int, Meta(description="Counts every change; the ETag holds it.", ge=1)]

    @classmethod
    def of(cls, org: orgs.Org) -> Self:
        """Return the shape of an org."""
        return cls(**{name: getattr(org, name) for name in cls.__struct_fields__})
