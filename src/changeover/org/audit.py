"""The Setup Audit Trail: every act that changes something writes one row, in its own transaction."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from changeover.org.act import act
from changeover.org.lists import AuditQuery, Page
from changeover.org.model.events import AuditEntry
from changeover.org.model.orgs import Actor
from changeover.org.permissions import SETUP
from changeover.org.ports import Unit


class Event(StrEnum):
    """What can happen, as `subject:object:verb`: what is not listed here cannot be written."""

    ORG_CREATED = "org:org:created"
    ORG_EDITED = "org:settings:edited"
    ORG_RESTORED = "org:org:restored"
    ENCRYPTION_KEY_ROTATED = "org:encryption-key:rotated"
    ENCRYPTION_KEY_RETIRED = "org:encryption-key:retired"
    USER_CREATED = "user:user:created"
    USER_EDITED = "user:user:edited"
    USER_PASSWORD_SET = "user:password:set"  # noqa: S105 - the name of an event
    USER_PERMISSION_SET_ASSIGNED = "user:permission-set:assigned"
    USER_PERMISSION_SET_UNASSIGNED = "user:permission-set:unassigned"
    USER_LOCKED = "user:sign-in:locked"
    PROFILE_SAVED = "profile:permissions:saved"
    PERMISSION_SET_SAVED = "permission-set:permissions:saved"
    TOKEN_CREATED = "user:api-token:created"  # noqa: S105 - the name of an event
    TOKEN_REVOKED = "user:api-token:revoked"  # noqa: S105 - the name of an event
    SESSION_ENDED = "user:session:ended"
    CONNECTED_APP_CREATED = "connected-app:app:created"
    CONNECTED_APP_IMPORTED = "connected-app:app:imported"
    CONNECTED_APP_IMPORTED_AGAIN = "connected-app:app:imported-again"
    CONNECTED_APP_EDITED = "connected-app:app:edited"
    CONNECTED_APP_DEPLOYED = "connected-app:app:deployed"
    CONNECTED_APP_SWITCHED = "connected-app:switches:edited"
    USER_PROVISIONING_DEPLOYED = "connected-app:user-provisioning:deployed"
    USER_PROVISIONING_DELETED = "connected-app:user-provisioning:deleted"
    CONNECTED_APP_DELETED = "connected-app:app:deleted"
    CONNECTED_APP_MIGRATED = "connected-app:app:migrated"
    CONNECTED_APP_SECRET_REVEALED = "connected-app:secret:revealed"  # noqa: S105 - the name of an event
    CONNECTED_APP_SECRET_SET = "connected-app:secret:set"  # noqa: S105 - the name of an event
    CONNECTED_APP_ROTATED = "connected-app:credentials:rotated"
    PUSH_SET = "connected-app:push-settings:set"
    PUSH_REMOVED = "connected-app:push-settings:removed"
    EXTERNAL_CLIENT_APP_IMPORTED = "external-client-app:app:imported"
    EXTERNAL_CLIENT_APP_IMPORTED_AGAIN = "external-client-app:app:imported-again"
    EXTERNAL_CLIENT_APP_CREATED = "external-client-app:app:created"
    EXTERNAL_CLIENT_APP_DEPLOYED = "external-client-app:app:deployed"
    EXTERNAL_CLIENT_APP_SETTINGS_EDITED = "external-client-app:settings:edited"
    EXTERNAL_CLIENT_APP_POLICIES_EDITED = "external-client-app:policies:edited"
    EXTERNAL_CLIENT_APP_TIGHTENED = "external-client-app:app:tightened"
    EXTERNAL_CLIENT_APP_DELETED = "external-client-app:app:deleted"
    EXTERNAL_CLIENT_APP_SECRET_REVEALED = "external-client-app:secret:revealed"  # noqa: S105 - the name of an event
    EXTERNAL_CLIENT_APP_ROTATED = "external-client-app:credentials:rotated"
    EXTERNAL_CLIENT_APP_STAGED = "external-client-app:staged-credentials:made"
    EXTERNAL_CLIENT_APP_STAGED_DELETED = "external-client-app:staged-credentials:deleted"
    OAUTH_TOKEN_REVOKED = "oauth:authorization:revoked"  # noqa: S105 - the name of an event
    OAUTH_USER_REVOKED = "oauth:user:revoked"
    OAUTH_APP_REVOKED = "oauth:app:revoked"
    OAUTH_LOGINS_STOPPED = "oauth:logins:stopped"
    OAUTH_APP_BLOCKED = "oauth:app:blocked"
    OAUTH_APP_UNBLOCKED = "oauth:app:unblocked"
    LOGIN_HISTORY_IMPORTED = "login-history:rows:imported"
    NOTIFICATION_TYPE_SAVED = "notification-type:type:saved"
    NOTIFICATION_DELIVERY_SET = "notification-type:delivery:set"
    BRIEFCASE_SAVED = "briefcase:briefcase:saved"
    BRIEFCASE_APP_ASSIGNED = "briefcase:connected-app:assigned"
    BRIEFCASE_APP_UNASSIGNED = "briefcase:connected-app:unassigned"
    BATCH_STARTED = "connected-app:batch:started"
    BATCH_STOPPED = "connected-app:batch:stopped"
    BATCH_RESUMED = "connected-app:batch:resumed"


def record(
    unit: Unit,
    actor: Actor,
    event: Event,
    subject: str,
    text: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Append a row to the audit trail.

    Args:
        unit: the act's own transaction.
        actor: who, and through which door.
        event: what happened.
        subject: what was acted upon: the app's API name, the username.
        text: one sentence for the reader, without secrets.
        before: what was there, secrets masked; None where nothing was.
        after: what is there now, secrets masked; None where nothing is.
    """
    entry = AuditEntry(
        number=0,
        at=unit.now,
        event=event.value,
        subject=subject,
        actor=actor.username,
        door=actor.door,
        before=before,
        after=after,
        text=text,
    )
    unit.audit.add(actor.org_id, entry)


@act(SETUP, "look at the Setup Audit Trail")
def list_audit(unit: Unit, actor: Actor, query: AuditQuery | None = None) -> Page[AuditEntry]:
    """Return a page of the Setup Audit Trail, the newest row first."""
    return unit.audit.page(actor.org_id, query or AuditQuery())
