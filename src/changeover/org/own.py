"""What belongs to the actor's org, or the error that says it is not there."""

from __future__ import annotations

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.migration.lifecycle import Act, State, after
from changeover.org.model.apps import ConnectedAppRecord, ExternalClientAppRecord
from changeover.org.model.beside_apps import Briefcase, NotificationType
from changeover.org.model.orgs import Actor, Org
from changeover.org.model.people import User
from changeover.org.ports import Unit
from changeover.org.values import shown


def own_org(unit: Unit, actor: Actor) -> Org:
    """Return the actor's org. Raises E-RECORD-NOT-FOUND."""
    org = unit.orgs.get(actor.org_id)
    if org is None:
        raise ChangeoverError(errors.RECORD_NOT_FOUND, "This org is no longer there.")
    return org


def own_app(unit: Unit, actor: Actor, api_name: str, *, lock: bool = False) -> ConnectedAppRecord:
    """Return a connected app of the actor's org. Raises E-APP-NOT-FOUND."""
    record = unit.apps.get(actor.org_id, api_name, lock=lock)
    if record is None:
        message = f"This org has no connected app “{shown(api_name)}”."
        raise ChangeoverError(errors.APP_NOT_FOUND, message)
    return record


def own_external_client_app(
    unit: Unit, actor: Actor, api_name: str, *, lock: bool = False
) -> ExternalClientAppRecord:
    """Return an external client app of the actor's org. Raises E-EXTERNAL-CLIENT-APP-NOT-FOUND."""
    record = unit.external.get(actor.org_id, api_name, lock=lock)
    if record is None:
        message = f"This org has no external client app “{shown(api_name)}”."
        raise ChangeoverError(errors.EXTERNAL_CLIENT_APP_NOT_FOUND, message)
    return record


def own_user(unit: Unit, actor: Actor, username: str) -> User:
    """Return a user or placeholder of the actor's org. Raises E-RECORD-NOT-FOUND."""
    user = unit.users.in_org(actor.org_id, username)
    if user is None:
        raise ChangeoverError(errors.RECORD_NOT_FOUND, f"This org has no user “{shown(username)}”.")
    return user


def own_notification_type(unit: Unit, actor: Actor, api_name: str) -> NotificationType:
    """Return a notification type of the actor's org. Raises E-RECORD-NOT-FOUND."""
    for found in unit.notifications.types(actor.org_id):
        if found.api_name == api_name:
            return found
    message = f"This org has no notification type “{shown(api_name)}”."
    raise ChangeoverError(errors.RECORD_NOT_FOUND, message)


def own_briefcase(unit: Unit, actor: Actor, api_name: str) -> Briefcase:
    """Return a briefcase of the actor's org. Raises E-RECORD-NOT-FOUND."""
    for found in unit.briefcases.list(actor.org_id):
        if found.api_name == api_name:
            return found
    raise ChangeoverError(errors.RECORD_NOT_FOUND, f"This org has no briefcase “{shown(api_name)}”.")


def refuse_stale(name: str, now: int, seen: int | None) -> None:
    """Refuse an act on a page that shows another version. `seen` None: no page was shown. E-STALE-PAGE."""
    if seen is not None and seen != now:
        message = f"{shown(name)} has changed since the page was loaded (version {seen}, now {now})."
        raise ChangeoverError(errors.STALE_PAGE, message)


def state_after(record: ConnectedAppRecord, what: Act) -> State:
    """Return a connected app's state after something was done with it; its last one where it is gone then.

    Raises what `lifecycle.after` raises: E-APP-READ-ONLY, E-ALREADY-MIGRATED, E-EXTERNAL-CLIENT-APP-THERE.
    """
    return after(record.state, what, shown(record.label)) or record.state
