"""External Client App Settings: opt-in, and secrets over REST (`ExternalClientAppSettings`)."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post

from changeover.web.forms import ThisForm
from changeover.web.pages import switches
from changeover.web.pages.switches import Switch, SwitchPage
from changeover.web.visit import ThisVisit

_PAGE = SwitchPage(
    title="External Client App Settings",
    path="/setup/external-client-app-settings",
    symbol="connected_apps",
    note="What holds for all external client apps of this org.",
    switches=(
        Switch(
            "external_client_apps_enabled",
            "Opt in to External Client Apps",
            "Off: no connected app of this org can be migrated.",
        ),
        Switch(
            "secrets_over_rest",
            "Allow access to External Client App consumer secrets via REST API",
            "On: who may view a consumer secret can read it over REST too. Each look is in the audit trail.",
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
