"""External Client App Manager: list, view, and delete, which makes the connected app active again."""

from __future__ import annotations

from dataclasses import dataclass, replace

from changeover import errors
from changeover.apps.document import Leaf
from changeover.apps.secrets import masked
from changeover.apps.types import component
from changeover.errors import ChangeoverError
from changeover.migration.lifecycle import Act
from changeover.migration.rules.flows import BY_USER
from changeover.org import audit
from changeover.org.act import act
from changeover.org.assessing import reassess, reassess_named, situation_of, verdict_of
from changeover.org.editing import Change, difference
from changeover.org.lists import ExternalClientAppQuery, ExternalClientAppRow, Page
from changeover.org.model.apps import ConnectedAppRecord, ExternalClientAppRecord
from changeover.org.model.orgs import Actor
from changeover.org.own import own_app, own_external_client_app, own_org, refuse_stale, state_after
from changeover.org.permissions import EXTERNAL_CLIENT_APP_VIEW, MIGRATE
from changeover.org.ports import Unit
from changeover.org.values import shown


@dataclass(frozen=True, kw_only=True)
class LostChange:
    """A change since migration that a deletion throws away; None where nothing was or is, secrets masked."""

    component: str
    """`App_oauth.ecaOauth`."""
    path: str
    at_migration: str | None
    now: str | None


@dataclass(frozen=True, kw_only=True)
class Losses:
    """What deleting an external client app loses."""

    app: ExternalClientAppRecord
    connected_app: str | None
    """API name of the connected app that becomes active again; None for an app that came by import alone."""
    changes: tuple[LostChange, ...]
    secret_changed: bool
    """Whether its secret, set or rotated since, ends with it."""
    key_changed: bool
    """Whether its consumer key, rotated since, ends with it."""
    staged: bool
    """Whether it has staged credentials, which end with it."""


@act(EXTERNAL_CLIENT_APP_VIEW, "look at external client apps")
def list_external_client_apps(
    unit: Unit, actor: Actor, query: ExternalClientAppQuery | None = None
) -> Page[ExternalClientAppRow]:
    """Return a page of External Client App Manager."""
    return unit.external.page(actor.org_id, query or ExternalClientAppQuery())


@act(EXTERNAL_CLIENT_APP_VIEW, "look at external client apps")
def view_external_client_app(unit: Unit, actor: Actor, api_name: str) -> ExternalClientAppRecord:
    """Return an external client app: documents without secrets, where it came from, and the account.

    Raises E-EXTERNAL-CLIENT-APP-NOT-FOUND.
    """
    return own_external_client_app(unit, actor, api_name)


def changes_since(record: ExternalClientAppRecord) -> tuple[LostChange, ...]:
    """Return what was changed on an external client app since migration made it."""
    before = {component(document): document for document in record.at_migration.documents}
    after = {component(document): document for document in record.app.documents}
    lost: list[LostChange] = []
    for name, document in (before | after).items():
        empty = type(document)(full_name=document.full_name)
        changes = difference(before.get(name, empty), after.get(name, empty)).values()
        lost.extend(
            LostChange(
                component=name,
                path=change.path,
                at_migration=_shown(change, change.before),
                now=_shown(change, change.after),
            )
            for change in changes
        )
    return tuple(lost)


def _shown(change: Change, value: str | None) -> str | None:
    return None if value is None else masked(Leaf(change.path, value))


@act(EXTERNAL_CLIENT_APP_VIEW, "look at external client apps")
def what_deletion_loses(unit: Unit, actor: Actor, api_name: str) -> Losses:
    """Return what deleting an external client app loses. Raises E-EXTERNAL-CLIENT-APP-NOT-FOUND."""
    return _losses(unit, own_external_client_app(unit, actor, api_name))


def _losses(unit: Unit, record: ExternalClientAppRecord) -> Losses:
    return Losses(
        app=record,
        connected_app=record.connected_app,
        changes=changes_since(record),
        secret_changed=record.secret_changed,
        key_changed=record.app.consumer_key != record.at_migration.consumer_key,
        staged=unit.staged.of(record.app_id) is not None,
    )


@act(MIGRATE, "delete an external client app")
def delete_external_client_app(
    unit: Unit,
    actor: Actor,
    api_name: str,
    *,
    confirmed: bool,
    seen_version: int | None,
    confirmed_by: str | None = None,
) -> ConnectedAppRecord | None:
    """Delete an external client app. Its connected app becomes active again, as it was at migration.

    Args:
        unit: the transaction.
        actor: who deletes.
        api_name: the external client app.
        confirmed: that what will be lost has been read.
        seen_version: the version of the external client app that the page showed.
        confirmed_by: username of who confirmed, where it is not who deletes.

    Returns:
        The connected app, None where the external client app was not made from one.

    Raises:
        ChangeoverError: E-EXTERNAL-CLIENT-APP-NOT-FOUND, E-STALE-PAGE, E-CONFIRM-DELETION.
    """
    record = own_external_client_app(unit, actor, api_name, lock=True)
    refuse_stale(record.label, record.version, seen_version)
    losses = _losses(unit, record)
    if not confirmed:
        lost = len(losses.changes) + losses.secret_changed
        changes = f"{lost} change{'' if lost == 1 else 's'} made since migration would be lost"
        message = f"The deletion of {shown(record.label)} was not confirmed; {changes}."
        raise ChangeoverError(errors.CONFIRM_DELETION, message)
    unit.external.delete(record.app_id)
    reassess_named(unit, actor, record.app)
    key = record.app.consumer_key
    if key is not None and (record.connected_app is None or losses.key_changed):
        # No app takes this key over: what was issued under it ends (decision D-03).
        unit.oauth.end_consumer(actor.org_id, key)
        unit.oauth_usage.unblock(actor.org_id, key)
    reverted = None
    if record.connected_app is not None:
        app = own_app(unit, actor, record.connected_app, lock=True)
        active = replace(app, state=state_after(app, Act.REVERT))
        kept = verdict_of(active, situation_of(unit, own_org(unit, actor), active, BY_USER))
        unit.apps.turn(app, active.state, kept)
        reverted = own_app(unit, actor, app.api_name)
    elif unit.apps.get(actor.org_id, record.api_name) is not None:
        # A connected app whose name it had taken.
        reassess(unit, actor, record.api_name)
    text = f"Deleted the external client app {record.api_name}."
    if reverted is not None:
        text += f" The connected app {reverted.label} is active again."
    audit.record(
        unit,
        actor,
        audit.Event.EXTERNAL_CLIENT_APP_DELETED,
        record.api_name,
        text,
        before={
            "consumer_key": record.app.consumer_key,
            "origin": record.origin.value,
            "lost": [
                {
                    "component": lost.component,
                    "path": lost.path,
                    "at_migration": lost.at_migration,
                    "now": lost.now,
                }
                for lost in losses.changes
            ],
            "secret_changed": losses.secret_changed,
            "staged": losses.staged,
            **({} if confirmed_by is None else {"confirmed_by": confirmed_by}),
        },
        after={"connected_app": reverted.api_name, "state": reverted.state.value} if reverted else None,
    )
    return reverted
