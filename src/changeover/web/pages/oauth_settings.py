"""OAuth and OpenID Connect Settings: which flows the org allows (`OauthOidcSettings`).

Source: Metadata API guide, OauthOidcSettings; the labels are Setup's.
"""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post

from changeover.migration.dates import USER_AGENT_ENDS, USERNAME_PASSWORD_ENDS
from changeover.web.forms import ThisForm
from changeover.web.pages import switches
from changeover.web.pages.switches import Absent, Switch, SwitchPage
from changeover.web.visit import ThisVisit

_PAGE = SwitchPage(
    title="OAuth and OpenID Connect Settings",
    path="/setup/oauth-and-openid-connect-settings",
    symbol="connected_apps",
    note="Which flows apps may use in this org, whatever their own settings say. A change holds at once.",
    switches=(
        Switch(
            "username_password_blocked",
            "Allow OAuth Username-Password Flows",
            "Off: no connected app can log in with username and password. External client apps never can.",
            "OauthOidcSettings.blockOAuthUnPwFlow",
            "Where such logins were seen, the evidence says that the flow has since been blocked, and the"
            " apps are assessed anew with the change; the confirmation that an app does not use the flow is"
            " asked either way.",
            inverse=True,
            deadline=USERNAME_PASSWORD_ENDS,
        ),
        Switch(
            "user_agent_blocked",
            "Allow OAuth User-Agent Flows",
            "Off: neither the user-agent flow nor the hybrid app token flow works.",
            "OauthOidcSettings.blockOAuthUsrAgtFlow",
            "None: that an app used the flow is a warning either way.",
            inverse=True,
            deadline=USER_AGENT_ENDS,
        ),
        Switch(
            "code_credentials_allowed",
            "Allow Authorization Code and Credentials Flows",
            "Off: no app can use the flow, which headless login is built on. It is off by default.",
            "OauthOidcSettings.oAuthCdCrdtFlowEnable",
            "None: a migration carries the app's own setting either way.",
        ),
        Switch(
            "pkce_required",
            "Require Proof Key for Code Exchange (PKCE) Extension for Supported Authorization Flows",
            "On: the web server flow and its variations need PKCE, also where an app does not require it."
            " Clients that send no code challenge are refused.",
            "OauthOidcSettings.isPkceRequired",
            "None: a migration carries the app's own setting either way. While it is on, an external client"
            " app that does not require PKCE itself is not called loose for it.",
        ),
        Switch(
            "soap_login_blocked",
            "Allow SOAP API login()",
            "Off: no client can log in over SOAP with username and password (simple-salesforce, jsforce). At"
            " Salesforce it is off in new orgs, and API versions from 65.0 on do not have it.",
            "",
            "None: login() goes through no app.",
            inverse=True,
        ),
    ),
    absent=(
        Absent(
            "agentAuthLinking, enableHdlessFgtPswFlow",
            "Further elements of OauthOidcSettings, which Salesforce calls internal.",
        ),
    ),
)


@get(_PAGE.path, sync_to_thread=True)
def view_page(visit: ThisVisit) -> Response[str]:
    """Show the switches."""
    return switches.show(visit, _PAGE)


@post(_PAGE.path, sync_to_thread=True)
def save(visit: ThisVisit, form: ThisForm) -> Response[Any]:
    """Write the switches."""
    return switches.save(visit, _PAGE, form)


ROUTES = (view_page, save)
