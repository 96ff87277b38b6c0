"""Briefcases and their connected apps."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from changeover.migration.lifecycle import State
from changeover.org.model.beside_apps import Briefcase
from changeover.store.rows import folded
from changeover.store.schema.apps import connected_app
from changeover.store.schema.beside_apps import briefcase as table
from changeover.store.schema.beside_apps import briefcase_app as assignment

_OF_APP = (
    select(table.c.api_name)
    .select_from(table.join(assignment))
    .where(assignment.c.app_id == bindparam("app"))
    .order_by(table.c.api_name)
)


class SqlBriefcases:
    """The briefcases of all orgs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self, org_id: str) -> tuple[Briefcase, ...]:
        """Return an org's briefcases; `apps` leaves migrated apps out."""
        # Sorted here: the database would rather walk all apps in order than look at those assigned.
        shown = (
            select(assignment.c.briefcase_id, connected_app.c.api_name)
            .select_from(table.join(assignment).join(connected_app))
            .where(table.c.org_id == org_id, connected_app.c.state == State.ACTIVE.value)
        )
        apps: dict[int, list[str]] = {}
        for briefcase_id, api_name in sorted(self._connection.execute(shown), key=lambda row: folded(row[1])):
            apps.setdefault(briefcase_id, []).append(api_name)
        query = select(table).where(table.c.org_id == org_id).order_by(table.c.api_name)
        return tuple(
            Briefcase(
                api_name=row["api_name"],
                label=row["label"],
                description=row["description"],
                active=row["active"],
                apps=tuple(apps.get(row["id"], ())),
            )
            for row in self._connection.execute(query).mappings()
        )

    def save(self, org_id: str, given: Briefcase) -> None:
        """Add a briefcase or write label, description and `active` anew; assignments stay."""
        values = {"label": given.label, "description": given.description, "active": given.active}
        named = (table.c.org_id == org_id, table.c.api_name == given.api_name)
        if not self._connection.execute(update(table).where(*named).values(**values)).rowcount:
            self._connection.execute(insert(table).values(org_id=org_id, api_name=given.api_name, **values))

    def of_app(self, app_id: str) -> tuple[str, ...]:
        """Return the API names of the briefcases that an app is assigned to, whatever its state."""
        return tuple(self._connection.execute(_OF_APP, {"app": app_id}).scalars())

    def assign(self, org_id: str, briefcase: str, app_id: str) -> bool:
        """Assign an app; returns whether it was not assigned before."""
        if briefcase in self.of_app(app_id):
            return False
        self._connection.execute(
            insert(assignment).values(briefcase_id=self._id(org_id, briefcase), app_id=app_id)
        )
        return True

    def unassign(self, org_id: str, briefcase: str, app_id: str) -> bool:
        """Take an assignment back; returns whether there was one."""
        there = (
            assignment.c.briefcase_id == self._id(org_id, briefcase),
            assignment.c.app_id == app_id,
        )
        return self._connection.execute(delete(assignment).where(*there)).rowcount > 0

    def _id(self, org_id: str, briefcase: str) -> int:
        named = (table.c.org_id == org_id, table.c.api_name == briefcase)
        found: int = self._connection.execute(select(table.c.id).where(*named)).scalar_one()
        return found
