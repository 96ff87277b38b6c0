"""Import: how a local org gets its apps "there to begin with". Files go in, whatever Spring '26 says.

What is imported was in an org before, so the switch for creating connected apps does not matter here. A
migrated app is read-only through this door too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from changeover import errors
from changeover.apps.connected_app import ConnectedApp
from changeover.apps.external_client_app import ExternalClientApp
from changeover.apps.names import namespace_of
from changeover.apps.reference import Reference
from changeover.errors import ChangeoverError
from changeover.migration.keys import visible_key
from changeover.migration.lifecycle import Act
from changeover.migration.mapping.references import beside
from changeover.org import audit
from changeover.org.act import act, require
from changeover.org.assessing import reassess
from changeover.org.connected_apps import GRANTS, new_record
from changeover.org.consumer_details import replace_key
from changeover.org.editing import difference, side
from changeover.org.granting import add_placeholders
from changeover.org.importing_external import import_external_client_app, link_to
from changeover.org.model.apps import ConnectedAppRecord, Origin
from changeover.org.model.batches import Outcome
from changeover.org.model.beside_apps import NotificationType
from changeover.org.model.orgs import Actor
from changeover.org.own import own_app, state_after
from changeover.org.permissions import CONNECTED_APP_EDIT, CONNECTED_APP_GRANTS
from changeover.org.ports import Unit, Units
from changeover.org.secrecy import bare, secrets_of
from changeover.org.values import checked, shown

NOTIFICATIONS, PROVISIONING = "NotificationTypeConfig", "UserProvisioningConfig"
LONGEST_NAME = 255


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """One app that files hold."""

    app: ConnectedApp | ExternalClientApp
    path: str
    """The file, as the project names it; of an external client app its header's."""
    references: tuple[Reference, ...] = ()
    """Places in other files that name it."""


def import_apps(units: Units, actor: Actor, items: Iterable[Incoming]) -> Iterator[Outcome]:
    """Import apps one after another, each in a transaction of its own, and yield what became of each.

    One refusal stops no other. Only names stay in memory.

    Raises:
        ChangeoverError: E-NOT-PERMITTED, before anything is done. What is refused of a single app stands in
            its outcome: E-APP-READ-ONLY, E-CONSUMER-KEY-TAKEN, E-IMPORTED-TWICE, E-NAME-TAKEN, E-NOT-LOCAL.
    """
    with units.read() as unit:
        require(unit, actor, CONNECTED_APP_EDIT, "import apps")
    seen: set[tuple[type, str]] = set()
    for item in items:
        name = item.app.full_name if isinstance(item.app, ConnectedApp) else item.app.api_name
        mark = (type(item.app), name.casefold())
        try:
            _refuse_twice(mark in seen, name, item.path)
            with units.unit() as unit:
                outcome = import_app(unit, actor, item)
        except ChangeoverError as error:
            outcome = Outcome(
                name=name, result="refused", code=error.code, message=error.message, remedy=error.remedy
            )
        seen.add(mark)
        yield outcome


def _refuse_twice(again: bool, name: str, path: str) -> None:  # noqa: FBT001 - whether to refuse
    if again:
        message = f"{shown(path)}: another file of this import holds {shown(name)} too."
        raise ChangeoverError(errors.IMPORTED_TWICE, message)


@act(CONNECTED_APP_EDIT, "import apps")
def import_app(unit: Unit, actor: Actor, item: Incoming) -> Outcome:
    """Import one app: add it, or write it anew where the org has it.

    Raises:
        ChangeoverError: E-APP-READ-ONLY, E-CONSUMER-KEY-TAKEN, E-NAME-TAKEN, E-NOT-LOCAL, E-NOT-PERMITTED,
            E-VALUE-REFUSED.
    """
    if isinstance(item.app, ExternalClientApp):
        return import_external_client_app(unit, actor, item.app, item.path)
    checked("API name", item.app.full_name, longest=LONGEST_NAME)
    there = unit.apps.get(actor.org_id, item.app.full_name, lock=True)
    if there is None:
        return _add(unit, actor, item.app, item)
    return _write_again(unit, actor, there, item.app, item)


def _add(unit: Unit, actor: Actor, app: ConnectedApp, item: Incoming) -> Outcome:
    document, notes = app, []
    if app.oauth_config is not None:
        if visible_key(app.consumer_key) is None:
            key = unit.ids.consumer_key()
            document = replace(app, oauth_config=replace(app.oauth_config, consumer_key=key))
            notes.append("Its file shows no consumer key, so it got one.")
        else:
            refuse_taken_key(unit, actor, app)
        if not app.oauth_config.consumer_secret:
            notes.append("It has no consumer secret until someone sets it.")
    _require_grants(unit, actor, ConnectedApp(full_name=app.full_name), document)
    notes += _placeholders(unit, actor, document)
    installed = namespace_of(app.full_name) is not None
    record = replace(
        new_record(unit, actor, document, Origin.IMPORTED, installed=installed), source_path=item.path
    )
    unit.apps.add(actor.org_id, record)
    _refer(unit, actor, record, item.references)
    link_to(unit, actor, app.full_name)
    reassess(unit, actor, app.full_name, record.label.strip())
    audit.record(
        unit,
        actor,
        audit.Event.CONNECTED_APP_IMPORTED,
        record.api_name,
        f"Imported the connected app {shown(record.label)} from {shown(item.path)}.",
        after={"path": item.path, "consumer_key": document.consumer_key},
    )
    return Outcome(name=record.api_name, result="created", message=" ".join(notes))


def _write_again(
    unit: Unit, actor: Actor, there: ConnectedAppRecord, app: ConnectedApp, item: Incoming
) -> Outcome:
    state_after(there, Act.REIMPORT)
    document = replace(app, full_name=there.api_name)
    oauth, old = document.oauth_config, there.document.oauth_config
    if oauth is not None and visible_key(oauth.consumer_key) is None:
        # The file does not tell; the app keeps its key, or gets its first.
        key = (old.consumer_key if old else None) or unit.ids.consumer_key()
        document = replace(document, oauth_config=replace(oauth, consumer_key=key))
    if document.consumer_key != there.document.consumer_key:
        refuse_taken_key(unit, actor, document)
        # A secret belongs to its key: the old one is none of the new key. So do tokens and approvals.
        unit.apps.set_secret(there.app_id, None)
        replace_key(unit, actor, there.document.consumer_key, document.consumer_key)
    known = secrets_of(unit.apps.unsealed(there))
    given = any(known.get(path) != value for path, value in secrets_of(document).items())
    differs = difference(there.document, bare(document))
    _require_grants(unit, actor, there.document, document)
    referred = _refer(unit, actor, there, item.references)
    if not differs and not referred and not given:
        return Outcome(name=there.api_name, result="unchanged")
    notes = _placeholders(unit, actor, document)
    current = own_app(unit, actor, there.api_name)
    edited = replace(
        current,
        document=document,
        version=current.version + 1,
        modified_at=unit.now,
        modified_by=actor.username,
        source_path=item.path,
    )
    unit.apps.save(edited)
    reassess(unit, actor, there.api_name, there.label.strip(), edited.label.strip())
    audit.record(
        unit,
        actor,
        audit.Event.CONNECTED_APP_IMPORTED_AGAIN,
        there.api_name,
        f"Imported the connected app {shown(edited.label)} again from {shown(item.path)}.",
        before=side(differs.values(), lambda change: change.before),
        after=side(differs.values(), lambda change: change.after),
    )
    return Outcome(name=there.api_name, result="updated", message=" ".join(notes))


def _require_grants(unit: Unit, actor: Actor, before: ConnectedApp, after: ConnectedApp) -> None:
    if any(path.startswith(GRANTS) for path in difference(before, after)):
        what = "import profiles, permission sets and custom attributes of connected apps"
        require(unit, actor, CONNECTED_APP_GRANTS, what)


def _placeholders(unit: Unit, actor: Actor, document: ConnectedApp) -> list[str]:
    made = add_placeholders(unit, actor, [document])
    return [f"Placeholders were made for names that this org lacks: {', '.join(made)}."] if made else []


def refuse_taken_key(unit: Unit, actor: Actor, app: ConnectedApp) -> None:
    """Refuse a consumer key that another app of the org has. E-CONSUMER-KEY-TAKEN."""
    key = app.consumer_key or ""
    name = app.full_name.casefold()
    holder = unit.apps.holder_of_key(actor.org_id, key)
    if holder is None or holder.casefold() == name:
        holder = unit.external.holder_of_key(actor.org_id, key)
    if holder is not None and holder.casefold() != name:
        message = f"{shown(holder)} of this org has the consumer key of {shown(app.full_name)} already."
        raise ChangeoverError(errors.CONSUMER_KEY_TAKEN, message)


def _refer(unit: Unit, actor: Actor, record: ConnectedAppRecord, references: tuple[Reference, ...]) -> bool:
    """Take in what other files say of an app; returns whether that was news.

    Notification settings become deliveries of the org, user provisioning a switch of the app; other
    references are kept as they stand. What a file says replaces what the same file said before.
    """
    news = _deliver(unit, actor, record, [one for one in references if one.kind == NOTIFICATIONS])
    provisioning = [one for one in references if one.kind == PROVISIONING]
    if provisioning:
        on = any(beside(one, "enabled") == "true" for one in provisioning)
        if on is not record.user_provisioning:
            unit.apps.save(replace(record, user_provisioning=on, version=record.version + 1))
            news = True
    kept = [one for one in references if one.kind != NOTIFICATIONS]
    files = {one.file for one in kept}
    others = [one for one in unit.references.of(record.app_id) if one.file not in files]
    return unit.references.replace(record.app_id, [*others, *kept]) or news


def _deliver(unit: Unit, actor: Actor, record: ConnectedAppRecord, references: list[Reference]) -> bool:
    news = False
    known = {found.api_name for found in unit.notifications.types(actor.org_id)}
    now = unit.notifications.of_app(record.app_id)
    for reference in references:
        name = (beside(reference, "notificationType") or "").strip()
        if not name:
            continue
        if name not in known:
            unit.notifications.save_type(
                actor.org_id, NotificationType(api_name=name, label=name, custom=True)
            )
            known.add(name)
        enabled = beside(reference, "enabled") != "false"
        if now.get(name) is not enabled:
            unit.notifications.set(actor.org_id, name, record.app_id, enabled=enabled)
            news = True
    return news
