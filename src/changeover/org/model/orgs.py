"""Orgs, and who acts in them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Door(StrEnum):
    """Through which door an act came in."""

    BROWSER = "browser"
    REST = "rest"
    COMMAND_LINE = "command line"
    API = "Salesforce API"
    """Salesforce's own REST and SOAP APIs, with an access token of an app."""


class Edition(StrEnum):
    """Salesforce editions."""

    GROUP = "Group"
    ESSENTIALS = "Essentials"
    PROFESSIONAL = "Professional"
    ENTERPRISE = "Enterprise"
    PERFORMANCE = "Performance"
    UNLIMITED = "Unlimited"
    DEVELOPER = "Developer"


@dataclass(frozen=True, kw_only=True)
class Org:
    """An org. `org_id` has 18 characters."""

    org_id: str
    name: str
    edition: Edition
    my_domain: str
    """`acme`, of `acme.my.salesforce.com`."""
    enterprise_admitted: bool = False
    """Company Information: whether Enterprise counts among the editions that may migrate (the article's list
    leaves it out, a release note has it)."""
    connected_app_creation_allowed: bool = False
    """The exception that Salesforce Support grants since Spring '26."""
    external_client_apps_enabled: bool = True
    """The opt-in of External Client App settings."""
    username_password_blocked: bool = False
    """OauthOidcSettings.blockOAuthUnPwFlow."""
    user_agent_blocked: bool = False
    """OauthOidcSettings.blockOAuthUsrAgtFlow."""
    secrets_over_rest: bool = False
    """"Allow access to External Client App consumer secrets via REST API"."""
    pkce_required: bool = False
    """OauthOidcSettings.isPkceRequired."""
    code_credentials_allowed: bool = False
    """OauthOidcSettings.oAuthCdCrdtFlowEnable; blocked by default at Salesforce."""
    soap_login_blocked: bool = False
    """Whether login() of the SOAP API is refused; at Salesforce it is in new orgs."""
    version: int = 1


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A signed-in user and the door. What the user may do is read in the act's own transaction."""

    org_id: str
    user_id: str
    username: str
    door: Door
