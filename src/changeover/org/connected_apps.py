"""Connected apps: create (off since Spring '26), edit, delete. None of it touches a migrated one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from changeover import errors
from changeover.apps.connected_app import ConnectedApp
from changeover.apps.document import Document
from changeover.apps.names import is_api_name
from changeover.errors import ChangeoverError
from changeover.migration.dates import CREATION_BLOCKED
from changeover.migration.finding import Verdict
from changeover.migration.lifecycle import Act, State
from changeover.org import audit
from changeover.org.act import act, require
from changeover.org.assessing import reassess, reassess_label
from changeover.org.editing import Changes, changed, difference, side
from changeover.org.granting import refuse_unknown_names
from changeover.org.model.apps import ConnectedAppRecord, Origin
from changeover.org.model.orgs import Actor
from changeover.org.own import own_app, own_org, refuse_stale, state_after
from changeover.org.permissions import CONNECTED_APP_EDIT, CONNECTED_APP_GRANTS
from changeover.org.ports import Unit
from changeover.org.values import refuse, shown

CREDENTIALS = frozenset({"oauthConfig/consumerKey", "oauthConfig/consumerSecret"})
GRANTS = ("permissionSetName", "profileName", "attributes")


@act(CONNECTED_APP_EDIT, "create connected apps")
def create_app(unit: Unit, actor: Actor, api_name: str, changes: Changes) -> ConnectedAppRecord:
    """Create a connected app, where Salesforce Support has allowed it. It gets a new key and secret.

    Raises:
        ChangeoverError: E-CREATION-OFF, E-NAME-TAKEN, E-VALUE-REFUSED.
    """
    refuse_creation(unit, actor, api_name)
    empty = ConnectedApp(full_name=api_name)
    _refuse_credentials(changes)
    document = changed(empty, changes)
    for field, value in (("label", document.label), ("contactEmail", document.contact_email)):
        if not (value or "").strip():
            raise refuse(field, "a value is needed.")
    differs = difference(empty, document)
    require_grants(unit, actor, differs)
    refuse_unknown_names(unit, actor, differs.values())
    if document.oauth_config is not None:
        credentials = replace(
            document.oauth_config,
            consumer_key=unit.ids.consumer_key(),
            consumer_secret=unit.ids.consumer_secret(),
        )
        document = replace(document, oauth_config=credentials)
    record = new_record(unit, actor, document, Origin.CREATED)
    unit.apps.add(actor.org_id, record)
    reassess(unit, actor, api_name, record.label.strip())
    audit.record(
        unit,
        actor,
        audit.Event.CONNECTED_APP_CREATED,
        api_name,
        f"Created the connected app {record.label}.",
        after=side(differs.values(), lambda change: change.after),
    )
    return own_app(unit, actor, api_name)


def refuse_creation(unit: Unit, actor: Actor, api_name: str) -> None:
    """Refuse a new connected app where Salesforce Support has not allowed it, or under this API name.

    Raises:
        ChangeoverError: E-CREATION-OFF, E-NAME-TAKEN, E-VALUE-REFUSED.
    """
    org = own_org(unit, actor)
    if not org.connected_app_creation_allowed:
        message = (
            f"{CREATION_BLOCKED.what} since {CREATION_BLOCKED.season}, in the user interface and in the"
            f" Metadata API, unless Salesforce Support grants an exception; {shown(org.name)} has none."
        )
        raise ChangeoverError(errors.CREATION_OFF, message)
    if not is_api_name(api_name):
        why = "letters, digits and single underscores, a letter first, no underscore last, at most 80."
        raise refuse("API name", why)
    refuse_taken_name(unit, actor, api_name)


def new_record(
    unit: Unit, actor: Actor, document: ConnectedApp, origin: Origin, *, installed: bool = False
) -> ConnectedAppRecord:
    """Return the record of a connected app that is new to the org."""
    return ConnectedAppRecord(
        app_id=unit.ids.record("0H4"),
        document=document,
        state=State.ACTIVE,
        verdict=Verdict.BLOCKED,
        origin=origin,
        version=1,
        secret_set=False,
        installed=installed,
        user_provisioning=False,
        dynamic_registration=False,
        created_at=unit.now,
        modified_at=unit.now,
        modified_by=actor.username,
    )


def refuse_taken_name(unit: Unit, actor: Actor, api_name: str) -> None:
    """Refuse an API name that a connected or external client app of the org bears. E-NAME-TAKEN."""
    if unit.apps.get(actor.org_id, api_name) is not None:
        message = f"A connected app of this org has the API name {shown(api_name)}."
        raise ChangeoverError(errors.NAME_TAKEN, message)
    if unit.external.get(actor.org_id, api_name) is not None:
        message = f"An external client app of this org has the API name {shown(api_name)}."
        raise ChangeoverError(errors.NAME_TAKEN, message)


@act(CONNECTED_APP_EDIT, "edit connected apps")
def edit_app(
    unit: Unit, actor: Actor, api_name: str, changes: Changes, *, seen_version: int | None
) -> ConnectedAppRecord:
    """Change settings and policies of a connected app.

    To change profiles, permission sets or custom attributes takes more (salesforce-reference section 6).

    Args:
        unit: the transaction.
        actor: who edits.
        api_name: the connected app.
        changes: by leaf path: `label`, `oauthConfig/callbackUrl`, `oauthConfig/scopes`, `ipRanges`.
        seen_version: the version that the page showed.

    Raises:
        ChangeoverError: E-APP-NOT-FOUND, E-APP-READ-ONLY, E-STALE-PAGE, E-VALUE-REFUSED, E-NOT-PERMITTED.
    """
    record = own_app(unit, actor, api_name, lock=True)
    state_after(record, Act.EDIT)
    refuse_stale(record.label, record.version, seen_version)
    _refuse_credentials(changes)
    document = changed(record.document, changes)
    differs = difference(record.document, document)
    if not differs:
        return record
    if CREDENTIALS & differs.keys():
        raise refuse("oauthConfig", "key and secret are set and rotated under Consumer Details.")
    require_grants(unit, actor, differs)
    refuse_unknown_names(unit, actor, differs.values())
    if record.document.oauth_config is None and document.oauth_config is not None:
        with_key = replace(document.oauth_config, consumer_key=unit.ids.consumer_key())
        document = replace(document, oauth_config=with_key)
        differs = difference(record.document, document)
    write(unit, actor, record, document)
    audit.record(
        unit,
        actor,
        audit.Event.CONNECTED_APP_EDITED,
        record.api_name,
        f"Changed the connected app {record.label}.",
        before=side(differs.values(), lambda change: change.before),
        after=side(differs.values(), lambda change: change.after),
    )
    return own_app(unit, actor, api_name)


def write(unit: Unit, actor: Actor, record: ConnectedAppRecord, document: ConnectedApp) -> None:
    """Write a connected app's new document, and assess whatever rests on it."""
    edited = replace(
        record,
        document=document,
        version=record.version + 1,
        modified_at=unit.now,
        modified_by=actor.username,
    )
    unit.apps.save(edited)
    reassess(unit, actor, record.api_name, record.label.strip(), edited.label.strip())


def _refuse_credentials(changes: Changes) -> None:
    if CREDENTIALS & changes.keys():
        raise refuse("oauthConfig", "key and secret are set and rotated under Consumer Details.")


def require_grants(unit: Unit, actor: Actor, paths: Iterable[str]) -> None:
    """Refuse a user who may not change what a connected app is granted to, where that is changed."""
    if any(path.startswith(GRANTS) for path in paths):
        what = "change profiles, permission sets and custom attributes of connected apps"
        require(unit, actor, CONNECTED_APP_GRANTS, what)


@act(CONNECTED_APP_EDIT, "edit connected apps")
def set_switches(
    unit: Unit,
    actor: Actor,
    api_name: str,
    *,
    user_provisioning: bool | None = None,
    dynamic_registration: bool | None = None,
    seen_version: int | None,
) -> ConnectedAppRecord:
    """Set what Setup knows of a connected app and no file holds; None leaves a switch as it is.

    Raises:
        ChangeoverError: E-APP-NOT-FOUND, E-APP-READ-ONLY, E-STALE-PAGE.
    """
    record = own_app(unit, actor, api_name, lock=True)
    state_after(record, Act.EDIT)
    refuse_stale(record.label, record.version, seen_version)
    given = {"user_provisioning": user_provisioning, "dynamic_registration": dynamic_registration}
    before = {name: getattr(record, name) for name in given}
    after = {name: before[name] if value is None else value for name, value in given.items()}
    if after == before:
        return record
    unit.apps.save(
        replace(
            record,
            user_provisioning=after["user_provisioning"],
            dynamic_registration=after["dynamic_registration"],
            version=record.version + 1,
            modified_at=unit.now,
            modified_by=actor.username,
        )
    )
    reassess(unit, actor, api_name)
    audit.record(
        unit,
        actor,
        audit.Event.CONNECTED_APP_SWITCHED,
        record.api_name,
        f"Changed user provisioning or dynamic client registration of {record.label}.",
        before=before,
        after=after,
    )
    return own_app(unit, actor, api_name)


@act(CONNECTED_APP_EDIT, "delete connected apps")
def delete_app(unit: Unit, actor: Actor, api_name: str, *, confirmed: bool, seen_version: int | None) -> None:
    """Delete a connected app with its push settings, deliveries and assignments.

    Raises:
        ChangeoverError: E-APP-NOT-FOUND, E-EXTERNAL-CLIENT-APP-THERE, E-STALE-PAGE, E-CONFIRM-DELETION.
    """
    record = own_app(unit, actor, api_name, lock=True)
    state_after(record, Act.DELETE)
    refuse_stale(record.label, record.version, seen_version)
    if not confirmed:
        message = f"The deletion of {shown(record.label)} was not confirmed."
        remedy = "Integrations that use its consumer key stop working; confirm, and delete."
        raise ChangeoverError(errors.CONFIRM_DELETION, message, remedy)
    if record.document.consumer_key:
        unit.oauth.end_consumer(actor.org_id, record.document.consumer_key)
        unit.oauth_usage.unblock(actor.org_id, record.document.consumer_key)
    unit.apps.delete(record.app_id)
    reassess_label(unit, actor.org_id, record.label)
    empty: Document = ConnectedApp(full_name=record.api_name)
    audit.record(
        unit,
        actor,
        audit.Event.CONNECTED_APP_DELETED,
        record.api_name,
        f"Deleted the connected app {record.label}.",
        before=side(difference(empty, record.document).values(), lambda change: change.after),
    )
