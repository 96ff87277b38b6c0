"""External Client App Settings: opt-in, secrets over REST, creation of connected apps.

Source: Metadata API guide, ExternalClientAppSettings; salesforce-reference section 6, Settings.
"""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post

from changeover.migration.dates import CREATION_BLOCKED
from changeover.web.forms import ThisForm
from changeover.web.pages import switches
from changeover.web.pages.switches import Absent, Switch, SwitchPage
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
            "Off: no connected app of this org can be migrated. Older orgs begin so; external client apps"
            " that are there stay.",
            "ExternalClientAppSettings.enableExternalClientApps (API 58 to 62)",
            "Verdicts stay as they are; the migration itself is refused while it is off.",
        ),
        Switch(
            "secrets_over_rest",
            "Allow access to External Client App consumer secrets via REST API",
            "On: who may view a consumer secret can read it over REST too. Each look is in the audit trail.",
            "ExternalClientAppSettings.enableClientSecretInRestApiAccess",
            "None.",
        ),
        Switch(
            "connected_app_creation_allowed",
            "Allow creation of connected apps",
            "On: new connected apps can be created here. Turn it on only if Salesforce Support has granted"
            " your live org the exception.",
            "",
            "None: the connected apps that are there stay what they are.",
            deadline=CREATION_BLOCKED,
        ),
    ),
    absent=(
        Absent(
            "Allow Access to OAuth Consumer Secrets via Metadata API",
            "Salesforce has deprecated it (enableConsumerSecretApiAccess). An export of Changeover's never"
            " holds a secret.",
        ),
        Absent(
            "enablePackageEcaOauthFromDevOrg",
            "It is about packaging. External client apps that come from a migration are Local, and none is"
            " packaged here.",
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
