"""Notification Delivery Settings. A migrated connected app is not shown here, nor can it be set."""

from __future__ import annotations

from changeover.apps.document import Leaf
from changeover.apps.names import is_api_name, namespace_of
from changeover.migration.lifecycle import Act, State
from changeover.org import audit
from changeover.org.act import act
from changeover.org.assessing import reassess
from changeover.org.kept_elements import keep
from changeover.org.lists import AppQuery, AppRow
from changeover.org.model.beside_apps import DeliverySettings, NotificationType
from changeover.org.model.orgs import Actor
from changeover.org.own import own_app, own_notification_type, state_after
from changeover.org.permissions import CUSTOMIZE, SETUP
from changeover.org.ports import Unit
from changeover.org.values import refuse, required

SETTINGS = "NotificationTypeConfig"
"""The metadata type, under which is kept what it says of a notification type beyond deliveries."""
_PAGE = 500


def shown_apps(unit: Unit, actor: Actor) -> tuple[AppRow, ...]:
    """Return the connected apps that may be set or assigned: those that are not migrated."""
    rows: list[AppRow] = []
    page = 1
    while True:
        found = unit.apps.page(actor.org_id, AppQuery(state=State.ACTIVE, page=page, page_size=_PAGE))
        rows += found.rows
        if page >= found.pages:
            return tuple(rows)
        page += 1


@act(SETUP, "look at Notification Delivery Settings")
def list_delivery_settings(unit: Unit, actor: Actor) -> tuple[DeliverySettings, ...]:
    """Return each notification type with the connected apps it is set for; migrated apps are absent.

    After a revert an app is there again with what it had.
    """
    shown = unit.notifications.shown(actor.org_id)
    return tuple(
        DeliverySettings(notification_type=found, apps=shown.get(found.api_name, ()))
        for found in unit.notifications.types(actor.org_id)
    )


@act(CUSTOMIZE, "change Notification Delivery Settings")
def set_delivery(unit: Unit, actor: Actor, notification_type: str, app: str, *, enabled: bool) -> None:
    """Set whether a notification type is delivered to a connected app.

    Raises:
        ChangeoverError: E-APP-NOT-FOUND, E-RECORD-NOT-FOUND, E-APP-READ-ONLY.
    """
    found = own_notification_type(unit, actor, notification_type)
    record = own_app(unit, actor, app, lock=True)
    state_after(record, Act.ASSIGN)
    before = unit.notifications.of_app(record.app_id).get(found.api_name)
    if before is enabled:
        return
    unit.notifications.set(actor.org_id, found.api_name, record.app_id, enabled=enabled)
    reassess(unit, actor, record.api_name)
    audit.record(
        unit,
        actor,
        audit.Event.NOTIFICATION_DELIVERY_SET,
        found.api_name,
        f"Turned delivery of {found.label} to {record.label} {'on' if enabled else 'off'}.",
        before={"app": record.api_name, "enabled": before} if before is not None else None,
        after={"app": record.api_name, "enabled": enabled},
    )


@act(CUSTOMIZE, "change notification types")
def save_notification_type(unit: Unit, actor: Actor, given: NotificationType) -> NotificationType:
    """Add a notification type, or write its label anew. Raises E-VALUE-REFUSED."""
    namespace = namespace_of(given.api_name)
    bare = given.api_name.removeprefix(f"{namespace}__") if namespace is not None else given.api_name
    if not is_api_name(bare):
        raise refuse("API name", "letters, digits and single underscores, a letter first.")
    there = {found.api_name: found for found in unit.notifications.types(actor.org_id)}
    saved = NotificationType(
        api_name=given.api_name, label=required("label", given.label), custom=given.custom
    )
    before = there.get(saved.api_name)
    if saved == before:
        return saved
    unit.notifications.save_type(actor.org_id, saved)
    audit.record(
        unit,
        actor,
        audit.Event.NOTIFICATION_TYPE_SAVED,
        saved.api_name,
        f"Saved the notification type {saved.label}.",
        before={"label": before.label} if before else None,
        after={"label": saved.label},
    )
    return saved


@act(CUSTOMIZE, "change Notification Delivery Settings")
def keep_type_elements(unit: Unit, actor: Actor, notification_type: str, kept: tuple[Leaf, ...]) -> bool:
    """Keep what the settings of a type hold beyond deliveries to connected apps: its channels, above all.

    Returns whether it is news. Raises E-RECORD-NOT-FOUND, E-VALUE-REFUSED.
    """
    found = own_notification_type(unit, actor, notification_type)
    if not keep(unit, actor, SETTINGS, found.api_name, kept):
        return False
    audit.record(
        unit,
        actor,
        audit.Event.NOTIFICATION_TYPE_SAVED,
        found.api_name,
        f"Deployed the channels of the notification type {found.label}.",
        after={leaf.path: leaf.value for leaf in kept},
    )
    return True
