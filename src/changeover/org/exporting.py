"""Export: the org's apps as documents, one at a time, without secrets."""

from __future__ import annotations

from collections.abc import Iterator

from changeover.apps.connected_app import ConnectedApp
from changeover.apps.external_client_app import ExternalClientApp
from changeover.org.act import act
from changeover.org.model import Actor
from changeover.org.own import own_app, own_external_client_app
from changeover.org.permissions import EXTERNAL_CLIENT_APP_VIEW
from changeover.org.ports import Unit


@act(EXTERNAL_CLIENT_APP_VIEW, "export apps")
def export_apps(unit: Unit, actor: Actor) -> Iterator[ConnectedApp | ExternalClientApp]:
    """Yield every connected app, then every external client app, as it stands in this unit.

    Read it to its end within the unit. No secret is in it.
    """
    return _each(unit, actor)


def _each(unit: Unit, actor: Actor) -> Iterator[ConnectedApp | ExternalClientApp]:
    for api_name in unit.apps.names(actor.org_id):
        yield own_app(unit, actor, api_name).document
    for api_name in unit.external.names(actor.org_id):
        yield own_external_client_app(unit, actor, api_name).app
