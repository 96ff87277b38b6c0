"""Notification types and their delivery to connected apps."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, insert, select, update

from changeover.migration.lifecycle import State
from changeover.org.model.beside_apps import Delivery, NotificationType
from changeover.store.rows import folded
from changeover.store.schema.apps import connected_app
from changeover.store.schema.beside_apps import notification_delivery as delivery
from changeover.store.schema.beside_apps import notification_type as table

_OF_APP = (
    select(table.c.api_name, delivery.c.enabled)
    .select_from(delivery.join(table))
    .where(delivery.c.app_id == bindparam("app"))
    .order_by(table.c.api_name)
)


class SqlNotifications:
    """The notification types of all orgs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def types(self, org_id: str) -> tuple[NotificationType, ...]:
        """Return an org's notification types by API name."""
        query = select(table).where(table.c.org_id == org_id).order_by(table.c.api_name)
        return tuple(
            NotificationType(api_name=row["api_name"], label=row["label"], custom=row["custom"])
            for row in self._connection.execute(query).mappings()
        )

    def save_type(self, org_id: str, notification_type: NotificationType) -> None:
        """Add a notification type or write it anew."""
        values = {"label": notification_type.label, "custom": notification_type.custom}
        named = (table.c.org_id == org_id, table.c.api_name == notification_type.api_name)
        if not self._connection.execute(update(table).where(*named).values(**values)).rowcount:
            new = insert(table).values(org_id=org_id, api_name=notification_type.api_name, **values)
            self._connection.execute(new)

    def shown(self, org_id: str) -> Mapping[str, tuple[Delivery, ...]]:
        """Return what is set, by API name of the type; migrated apps are left out."""
        query = (
            select(
                table.c.api_name.label("type"),
                connected_app.c.api_name,
                connected_app.c.label,
                delivery.c.enabled,
            )
            .select_from(delivery.join(table).join(connected_app))
            .where(table.c.org_id == org_id, connected_app.c.state == State.ACTIVE.value)
        )
        # Sorted here: the database would rather walk all apps in order than look at those that are set.
        rows = sorted(
            self._connection.execute(query).mappings(),
            key=lambda row: (folded(row["label"]), folded(row["api_name"])),
        )
        found: dict[str, list[Delivery]] = {}
        for row in rows:
            one = Delivery(app=row["api_name"], label=row["label"], enabled=row["enabled"])
            found.setdefault(row["type"], []).append(one)
        return {name: tuple(deliveries) for name, deliveries in found.items()}

    def of_app(self, app_id: str) -> Mapping[str, bool]:
        """Return what is set for an app: API name of the type -> enabled."""
        rows = self._connection.execute(_OF_APP, {"app": app_id})
        return {row.api_name: row.enabled for row in rows}

    def set(self, org_id: str, notification_type: str, app_id: str, *, enabled: bool) -> None:
        """Set whether a type is delivered to an app."""
        named = (table.c.org_id == org_id, table.c.api_name == notification_type)
        type_id = self._connection.execute(select(table.c.id).where(*named)).scalar_one()
        there = (delivery.c.notification_type_id == type_id, delivery.c.app_id == app_id)
        if not self._connection.execute(update(delivery).where(*there).values(enabled=enabled)).rowcount:
            new = insert(delivery).values(notification_type_id=type_id, app_id=app_id, enabled=enabled)
            self._connection.execute(new)
