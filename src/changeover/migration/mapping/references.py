"""What becomes of the places outside an app that name it: one small function a kind.

Source: salesforce-reference 1.1, 4.5 and section 3 (references); the article for notifications and
briefcases.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from changeover.apps.document import segments
from changeover.apps.external_client_app import ExtlClntAppNotificationSettings
from changeover.apps.reference import Reference
from changeover.migration import decisions
from changeover.migration.decisions import Decision
from changeover.migration.mapping.draft import Draft, Slot
from changeover.migration.mapping.losses import (
    BRIEFCASE,
    NOTIFICATION_WITHOUT_TYPE,
    USER_PROVISIONING,
    Loss,
)
from changeover.migration.mapping.table import POLICIES, SETTINGS

NOTIFICATIONS = ExtlClntAppNotificationSettings


class Became(NamedTuple):
    """What became of a reference."""

    slots: tuple[Slot, ...] = ()
    """Leaves of the external client app that say it now."""
    stays: bool = False
    """It stays where it is: the referring file is its target."""
    loss: Loss | None = None
    note: str = ""
    added: tuple[tuple[Slot, str, Decision], ...] = ()
    """Leaves that had to be written with it, why, and by which decision."""


def beside(reference: Reference, name: str) -> str | None:
    """Return the value beside or above the leaf that names the app; the nearest of the name."""
    group = reference.path
    while True:
        group, _, _ = group.rpartition("/")
        wanted = f"{group}/{name}" if group else name
        for leaf in reference.context:
            if leaf.path == wanted:
                return leaf.value.strip()
        if not group:
            return None


def _lost(loss: Loss) -> Callable[[Draft, Reference], Became]:
    return lambda _draft, _reference: Became(loss=loss, note=loss.consequence)


def _stays(note: str) -> Callable[[Draft, Reference], Became]:
    return lambda _draft, _reference: Became(stays=True, note=note)


def _notification(draft: Draft, reference: Reference) -> Became:
    """`NotificationTypeConfig`: the type goes to the app's notification settings."""
    kind = beside(reference, "notificationType")
    if not kind:
        return Became(loss=NOTIFICATION_WITHOUT_TYPE, note=NOTIFICATION_WITHOUT_TYPE.consequence)
    number = 1
    while draft.holds(NOTIFICATIONS, f"notificationTypes[{number}]/notificationType"):
        shared = draft.put(NOTIFICATIONS, f"notificationTypes[{number}]/notificationType", kind)
        if shared is not None:
            return Became((shared,), note="Named more than once: listed once.")
        number += 1
    slot = draft.add(NOTIFICATIONS, f"notificationTypes[{number}]/notificationType", kind)
    # `enabled` is true where the config does not say otherwise.
    pushed = "false" if beside(reference, "enabled") == "false" else "true"
    switch = draft.add(NOTIFICATIONS, f"notificationTypes[{number}]/pushByDefault", pushed)
    why = (
        f"Delivery of this type to the connected app was {'on' if pushed == 'true' else 'off'}"
        f" ({decisions.NOTIFICATIONS_FOLLOW.id})."
    )
    note = (
        "A migrated connected app is not shown in Notification Delivery Settings; whether the external client"
        f" app takes its place there is not said ({decisions.NOTIFICATIONS_FOLLOW.id})."
    )
    return Became((slot,), note=note, added=((switch, why, decisions.NOTIFICATIONS_FOLLOW),))


def _custom_scope(draft: Draft, reference: Reference) -> Became:
    """`OauthCustomScope`: the reference turns round, the external client app names the scope."""
    stem = reference.file.rpartition("/")[2].partition(".")[0]
    name = beside(reference, "developerName") or stem or reference.file
    slots = [
        slot
        for part in (SETTINGS, POLICIES)
        if (slot := draft.join(part, "commaSeparatedCustomScopes", name)) is not None
    ]
    if not slots:
        # Something that nobody knows stands in both places.
        slots = [draft.put_aside(SETTINGS, "", segments("commaSeparatedCustomScopes"), name)]
    note = (
        "The external client app names the scope, no longer the scope the app"
        f" ({decisions.CUSTOM_SCOPES_IN_BOTH.id})."
    )
    return Became(tuple(slots), note=note)


_TRUE_BY_NAME = (
    "The external client app bears the same API name, so the file stays true; whether Salesforce reads it so"
    f" is not known ({decisions.REFERENCES_STAY_TRUE.id})."
)

KINDS: dict[str, Callable[[Draft, Reference], Became]] = {
    "AppMenu": _stays(_TRUE_BY_NAME),
    "BriefcaseDefinition": _lost(BRIEFCASE),
    "CustomPermission": _stays(_TRUE_BY_NAME),
    "NotificationTypeConfig": _notification,
    "OauthCustomScope": _custom_scope,
    "OauthTokenExchangeHandler": _stays(_TRUE_BY_NAME),
    "UserProvisioningConfig": _lost(USER_PROVISIONING),
}


def resolve(draft: Draft, reference: Reference) -> Became:
    """Say what becomes of a reference, and write what it needs. An unknown kind stays as it is."""
    return KINDS.get(reference.kind, _stays(_TRUE_BY_NAME))(draft, reference)
