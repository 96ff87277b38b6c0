"""References to connected apps that were imported, and user provisioning, which is told by them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, RowMapping, bindparam, delete, insert, select

from changeover.apps.document import Leaf
from changeover.apps.reference import Reference
from changeover.org.model.apps import Provisioning
from changeover.store.codec import leaves_to_json
from changeover.store.rows import folded
from changeover.store.schema.apps import app_reference, connected_app

_REFERENCES = (
    select(app_reference).where(app_reference.c.app_id == bindparam("app")).order_by(app_reference.c.id)
)
_PROVISIONED = select(connected_app.c.id, connected_app.c.api_name).where(
    connected_app.c.org_id == bindparam("org"), connected_app.c.user_provisioning
)
_PROVISIONING = (
    select(app_reference, connected_app.c.api_name.label("name"))
    .select_from(connected_app.join(app_reference))
    .where(connected_app.c.org_id == bindparam("org"), app_reference.c.kind == "UserProvisioningConfig")
    .order_by(app_reference.c.id)
)


def _reference(row: RowMapping) -> Reference:
    return Reference(
        kind=row["kind"],
        file=row["file"],
        path=row["path"],
        app=row["app"],
        context=tuple(Leaf(path, value) for path, value in row["context"]),
    )


class SqlReferences:
    """The references to the connected apps of all orgs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, app_id: str) -> tuple[Reference, ...]:
        """Return the references to an app that were imported, by file and path."""
        rows = self._connection.execute(_REFERENCES, {"app": app_id}).mappings()
        return tuple(_reference(row) for row in rows)

    def provisioned(self, org_id: str) -> tuple[Provisioning, ...]:
        """Return the apps with user provisioning on, or with a configuration of it, by API name."""
        # Two questions: an index answers neither of them joined by OR.
        on = {row.id: row.api_name for row in self._connection.execute(_PROVISIONED, {"org": org_id})}
        found = [
            Provisioning(app=row["name"], enabled=row["app_id"] in on, reference=_reference(row))
            for row in self._connection.execute(_PROVISIONING, {"org": org_id}).mappings()
        ]
        named = {one.app for one in found}
        found += [
            Provisioning(app=name, enabled=True, reference=None) for name in on.values() if name not in named
        ]
        return tuple(sorted(found, key=lambda one: folded(one.app)))

    def replace(self, app_id: str, references: Iterable[Reference]) -> bool:
        """Write the references to an app anew; returns whether they changed."""
        wanted = tuple(sorted(references, key=lambda entry: (entry.file, entry.path, entry.kind)))
        if wanted == self.of(app_id):
            return False
        self._connection.execute(delete(app_reference).where(app_reference.c.app_id == app_id))
        rows = [
            {
                "app_id": app_id,
                "kind": entry.kind,
                "file": entry.file,
                "path": entry.path,
                "app": entry.app,
                "context": leaves_to_json(entry.context),
            }
            for entry in wanted
        ]
        if rows:
            self._connection.execute(insert(app_reference), rows)
        return True
