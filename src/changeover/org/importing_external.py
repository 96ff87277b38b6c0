"""Import of external client apps, and the connected app that one of them was made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from changeover import errors
from changeover.apps.building import from_leaves
from changeover.apps.document import D, leaves
from changeover.apps.external_client_app import ExternalClientApp, ExtlClntAppGlobalOauthSettings
from changeover.apps.types import component
from changeover.errors import ChangeoverError
from changeover.migration.keys import visible_key
from changeover.migration.lifecycle import Act
from changeover.org import audit
from changeover.org.act import require
from changeover.org.assessing import reassess, reassess_named
from changeover.org.consumer_details import replace_key
from changeover.org.external_client_app_edits import write
from changeover.org.granting import add_placeholders
from changeover.org.model.apps import ExternalClientAppRecord, Origin
from changeover.org.model.batches import Outcome
from changeover.org.model.orgs import Actor
from changeover.org.own import state_after
from changeover.org.permissions import EXTERNAL_CLIENT_APP_POLICIES, MIGRATE
from changeover.org.ports import Unit
from changeover.org.secrecy import bare, bare_app, secrets_of
from changeover.org.values import checked, shown

_SAME_ORG = 15
"""Characters of an org id that tell orgs apart; the last three only check."""
LONGEST_NAME = 255


def add_new(unit: Unit, actor: Actor, app: ExternalClientApp, origin: Origin) -> str:
    """Add an external client app that no migration made; returns its id."""
    record = ExternalClientAppRecord(
        app_id=unit.ids.record("0xI"),
        app=app,
        at_migration=bare_app(app),
        origin=origin,
        account=None,
        connected_app=None,
        made_by=actor.username,
        made_at=unit.now,
        modified_by=actor.username,
        modified_at=unit.now,
        version=1,
        secret_set=False,
        secret_changed=False,
    )
    unit.external.add(actor.org_id, record)
    reassess_named(unit, actor, app)
    return record.app_id


def import_external_client_app(unit: Unit, actor: Actor, app: ExternalClientApp, path: str) -> Outcome:
    """Add an external client app that files hold, or write it anew where the org has it.

    An app that bears the API name and the consumer key of a connected app is that one's: the connected app is
    migrated from then on. A local app of another org is refused: it is of no use here.

    Raises:
        ChangeoverError: E-NOT-PERMITTED, E-NOT-LOCAL, E-CONSUMER-KEY-TAKEN, E-NAME-TAKEN, E-VALUE-REFUSED.
    """
    require(unit, actor, MIGRATE, "import external client apps")
    require(unit, actor, EXTERNAL_CLIENT_APP_POLICIES, "import external client apps")
    checked("API name", app.api_name, longest=LONGEST_NAME)
    refuse_another_orgs(actor, app)
    refuse_taken_key(unit, actor, app)
    there = unit.external.get(actor.org_id, app.api_name, lock=True)
    refuse_held_names(unit, actor, app, there.app if there is not None else None)
    made = add_placeholders(unit, actor, app.documents)
    notes = f"Placeholders were made for names that this org lacks: {', '.join(made)}." if made else ""
    if there is not None:
        event = audit.Event.EXTERNAL_CLIENT_APP_IMPORTED_AGAIN
        text = f"Imported the external client app {shown(app.api_name)} again from {shown(path)}."
        app = _with_key(app, there.app)
        held = unit.external.unsealed(there.app_id).documents
        known = {component(document): secrets_of(document) for document in held}
        news = ExternalClientApp(
            header=_without(app.header, known.get(component(app.header), {})),
            parts=tuple(_without(part, known.get(component(part), {})) for part in app.parts),
        )
        replace_key(unit, actor, there.app.consumer_key, news.consumer_key)
        version = write(unit, actor, there, news, event, text).version
        result = "unchanged" if version == there.version else "updated"
        return Outcome(name=there.api_name, result=result, message=notes)
    add_new(unit, actor, app, Origin.IMPORTED)
    if unit.apps.get(actor.org_id, app.api_name) is not None:
        link_to(unit, actor, app.api_name)
        reassess(unit, actor, app.api_name)
    audit.record(
        unit,
        actor,
        audit.Event.EXTERNAL_CLIENT_APP_IMPORTED,
        app.api_name,
        f"Imported the external client app {shown(app.api_name)} from {shown(path)}.",
        after={"path": path, "consumer_key": app.consumer_key},
    )
    return Outcome(name=app.api_name, result="created", message=notes)


def _with_key(app: ExternalClientApp, held: ExternalClientApp) -> ExternalClientApp:
    """Return an app as files hold it, with the consumer that they do not show.

    Global OAuth settings are never packaged and not to be committed: that a project lacks them, or their key,
    says nothing about the app.
    """
    ours, given = held.part(ExtlClntAppGlobalOauthSettings), app.part(ExtlClntAppGlobalOauthSettings)
    if ours is None or (given is not None and visible_key(given.consumer_key) is not None):
        return app
    if given is None:
        return replace(app, parts=(*app.parts, ours))
    with_key = replace(given, consumer_key=ours.consumer_key)
    return replace(app, parts=tuple(with_key if part is given else part for part in app.parts))


def _without(document: D, known: Mapping[str, str]) -> D:
    """Return a document in which the secrets that the org holds just so look as the org shows them."""
    same = {path: value for path, value in secrets_of(document).items() if known.get(path) == value}
    rest = (leaf for leaf in leaves(document) if leaf.path not in same)
    shown = (leaf for leaf in leaves(bare(document)) if leaf.path in same)
    return from_leaves(type(document), document.full_name, (*rest, *shown))


def link_to(unit: Unit, actor: Actor, api_name: str) -> None:
    """Say of a connected and an external client app of one name and one key that they belong together.

    On files this is what tells that an app has been migrated (design, What a migration does).
    """
    app = unit.apps.get(actor.org_id, api_name, lock=True)
    external = unit.external.get(actor.org_id, api_name, lock=True)
    if app is None or external is None or external.connected_app is not None or app.read_only:
        return
    key = visible_key(app.document.consumer_key)
    if key is None or key != visible_key(external.app.consumer_key):
        return
    unit.external.link(external, app.app_id)
    unit.apps.turn(app, state_after(app, Act.MIGRATE))


def refuse_another_orgs(actor: Actor, app: ExternalClientApp) -> None:
    """Refuse a local external client app of another org. E-NOT-LOCAL."""
    scoped = app.header.org_scoped_external_app or ""
    org_id, colon, _name = scoped.partition(":")
    if app.header.distribution_state == "Local" and colon and org_id[:_SAME_ORG] != actor.org_id[:_SAME_ORG]:
        message = f"{shown(app.api_name)} is a local external client app of the org {shown(org_id)}."
        remedy = "It works there only. Import it into an org of that id, or leave it out."
        raise ChangeoverError(errors.NOT_LOCAL, message, remedy)


def refuse_taken_key(unit: Unit, actor: Actor, app: ExternalClientApp) -> None:
    """Refuse a consumer key that an app of another name has. E-CONSUMER-KEY-TAKEN."""
    settings = app.part(ExtlClntAppGlobalOauthSettings)
    key = settings.consumer_key if settings else None
    if not key:
        return
    holders = (unit.external.holder_of_key(actor.org_id, key), unit.apps.holder_of_key(actor.org_id, key))
    for holder in holders:
        if holder is not None and holder.casefold() != app.api_name.casefold():
            message = f"{shown(holder)} of this org has the consumer key of {shown(app.api_name)} already."
            raise ChangeoverError(errors.CONSUMER_KEY_TAKEN, message)


def refuse_held_names(
    unit: Unit, actor: Actor, app: ExternalClientApp, there: ExternalClientApp | None = None
) -> None:
    """Refuse parts with the name of a part of another app: a type has one component of a name. E-NAME-TAKEN.

    `there`: the app as the org has it, whose parts keep the names that they have.
    """
    known = {component(part) for part in there.parts} if there is not None else set()
    for name, holder in unit.external.part_holders(actor.org_id, app).items():
        if name not in known:
            raise name_held(name, holder)


def name_held(name: str, holder: str) -> ChangeoverError:
    """Return the error of a part, `App_oauth.ecaOauth`, whose name is that of a part of another app."""
    message = f"The external client app {shown(holder)} has a part {shown(name)} already."
    remedy = "Give the part another name in its file, or rename or delete the other one first."
    return ChangeoverError(errors.NAME_TAKEN, message, remedy)
