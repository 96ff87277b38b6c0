"""OAuth and OpenID Connect Settings: which flows the org allows (`OauthOidcSettings`)."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post

from changeover.web.forms import ThisForm
from changeover.web.pages import switches
from changeover.web.pages.switches import Switch, SwitchPage
from changeover.web.visit import ThisVisit

_PAGE = SwitchPage(
    title="OAuth and OpenID Connect Settings",
    path="/setup/oauth-and-openid-connect-settings",
    symbol="connected_apps",
    note="Which flows connected apps may use in this org, whatever their own settings say.",
    switches=(
        Switch(
            "username_password_blocked",
            "Allow OAuth Username-Password Flows",
            "Off: no connected app can log in with username and password. External client apps never can.",
            inverse=True,
        ),
        Switch(
            "user_agent_blocked",
            "Allow OAuth User-Agent Flows",
            "Off: neither the user-agent flow nor the hybrid app token flow works.",
            inverse=True,
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
