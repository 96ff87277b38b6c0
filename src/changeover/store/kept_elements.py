"""Elements of components that an org does not model."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, delete, insert, select

from changeover.apps.document import Leaf
from changeover.store.codec import leaves_to_json
from changeover.store.rows import folded
from changeover.store.schema.apps import kept_elements as table

_NAMED = (
    table.c.org_id == bindparam("org"),
    table.c.type_name == bindparam("type"),
    table.c.name_folded == bindparam("name"),
)
_OF = select(table.c.leaves).where(*_NAMED)
_FORGET = delete(table).where(*_NAMED)


class SqlKeptElements:
    """What is kept of components, of all orgs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, org_id: str, type_name: str, name: str) -> tuple[Leaf, ...]:
        """Return what is kept of a component, in the order in which it was given."""
        named = {"org": org_id, "type": type_name, "name": folded(name)}
        stored = self._connection.execute(_OF, named).scalar_one_or_none() or ()
        return tuple(Leaf(path, value) for path, value in stored)

    def keep(self, org_id: str, type_name: str, name: str, leaves: tuple[Leaf, ...]) -> None:
        """Keep this of a component, and nothing that was kept before."""
        named = {"org": org_id, "type": type_name, "name": folded(name)}
        self._connection.execute(_FORGET, named)
        if leaves:
            values = {"org_id": org_id, "type_name": type_name, "name_folded": folded(name)}
            self._connection.execute(insert(table).values(**values, leaves=leaves_to_json(leaves)))
