"""Export: the org's apps as documents, one at a time, without secrets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from changeover.apps.connected_app import ConnectedApp
from changeover.apps.external_client_app import ExternalClientApp
from changeover.org.act import act
from changeover.org.model.apps import ConnectedAppRecord, ExternalClientAppRecord
from changeover.org.model.orgs import Actor
from changeover.org.own import own_app, own_external_client_app
from changeover.org.permissions import CONNECTED_APP_EDIT, EXTERNAL_CLIENT_APP_VIEW
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


@act(CONNECTED_APP_EDIT, "retrieve connected apps")
def retrieve_connected_apps(
    unit: Unit, actor: Actor, names: Iterable[str] | None = None
) -> Iterator[ConnectedAppRecord]:
    """Yield connected apps as they stand in this unit, without secrets.

    Reading them as metadata takes what editing them takes (Metadata API guide, ConnectedApp).

    Args:
        unit: the transaction; read to the end within it.
        actor: who retrieves.
        names: API names, None for all; what is not there is left out.
    """
    return _connected_apps(unit, actor, names)


def _connected_apps(unit: Unit, actor: Actor, names: Iterable[str] | None) -> Iterator[ConnectedAppRecord]:
    for name in unit.apps.names(actor.org_id) if names is None else names:
        found = unit.apps.get(actor.org_id, name)
        if found is not None:
            yield found


@act(EXTERNAL_CLIENT_APP_VIEW, "retrieve external client apps")
def retrieve_external_client_apps(
    unit: Unit, actor: Actor, names: Iterable[str] | None = None
) -> Iterator[ExternalClientAppRecord]:
    """Yield external client apps as they stand in this unit, without secrets; `names` None for all."""
    return _external_client_apps(unit, actor, names)


def _external_client_apps(
    unit: Unit, actor: Actor, names: Iterable[str] | None
) -> Iterator[ExternalClientAppRecord]:
    for name in unit.external.names(actor.org_id) if names is None else names:
        found = unit.external.get(actor.org_id, name)
        if found is not None:
            yield found
