"""External client apps."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Text,
    bindparam,
    case,
    cast,
    delete,
    insert,
    select,
    union_all,
    update,
)

from changeover.apps.external_client_app import ExternalClientApp, Part
from changeover.apps.types import BY_DOCUMENT, app_of_usual_name, component
from changeover.org.consumers import Documents
from changeover.org.lists import ExternalClientAppQuery, ExternalClientAppRow, Page
from changeover.org.model.apps import ExternalClientAppRecord, Origin
from changeover.org.secrecy import apart, bare_app, masked_account
from changeover.store.codec import (
    account_from_json,
    account_to_json,
    app_from_json,
    app_secrets_still_there,
    app_to_json,
    consumer_secret_in,
    put_app_secrets,
    secrets_from_bytes,
    secrets_to_bytes,
)
from changeover.store.prepared import Prepared, Row
from changeover.store.remembering import remembered
from changeover.store.rows import Wide, containing, folded, page_of_wide, unindexed
from changeover.store.schema.apps import connected_app, part_name, staged_credentials
from changeover.store.schema.apps import external_client_app as table
from changeover.store.sealed import identity
from changeover.store.vault import UnitVault

_CHUNK = 500


# Built once: building a statement takes longer than SQLite takes to answer it.
_NAMED = (table.c.org_id == bindparam("org"), table.c.api_name_folded == bindparam("name"))
_ALL = select(*table.c, connected_app.c.api_name.label("connected_app")).select_from(
    table.outerjoin(connected_app)
)
_GET = Prepared(_ALL.where(*_NAMED))
_GET_LOCKED = Prepared(_ALL.where(*_NAMED).with_for_update(of=table))
_INSERT = Prepared(insert(table), [column.name for column in table.c])
# No app is without a document: none means that they are still as they were at the migration. Most apps are
# never edited, and their documents are the largest thing that a migration writes.
_BEFORE = case(
    (cast(table.c.documents_at_migration, Text) == "[]", table.c.documents),
    else_=table.c.documents_at_migration,
)
_SHOWN = ("api_name", "label", "description", "connected_app", "made_by", "made_at", "version")

_DELETE = Prepared(delete(table).where(table.c.id == bindparam("app")))
_OF_STAGED = select(staged_credentials.c.app_id).where(
    staged_credentials.c.org_id == bindparam("org"), staged_credentials.c.consumer_key == bindparam("key")
)
# An app's own key comes before a staged one.
_HOLDER = Prepared(
    union_all(
        select(table.c.api_name).where(
            table.c.org_id == bindparam("org"), table.c.consumer_key == bindparam("key")
        ),
        select(table.c.api_name).where(table.c.id.in_(_OF_STAGED)),
    )
)


_PART_HOLDERS = (
    select(part_name.c.type_name, part_name.c.name_folded, table.c.api_name)
    .select_from(part_name.join(table))
    .where(
        part_name.c.org_id == bindparam("org"),
        part_name.c.name_folded.in_(bindparam("names", expanding=True)),
        table.c.api_name_folded != bindparam("name"),
    )
)


def _part_key(part: Part) -> tuple[str, str]:
    return BY_DOCUMENT[type(part)].name, folded(part.full_name)


def _unusual(app: ExternalClientApp) -> Iterator[Part]:
    """Yield the parts whose names do not follow from the app's."""
    for part in app.parts:
        if folded(app_of_usual_name(part)) != folded(app.api_name):
            yield part


@remembered
def _read(written: str) -> Documents[ExternalClientApp]:
    return Documents(app_from_json(json.loads(written)))


class SqlExternalClientApps:
    """The external client apps of all orgs."""

    def __init__(self, connection: Connection, vault: UnitVault) -> None:
        self._connection = connection
        self._vault = vault

    def get(self, org_id: str, api_name: str, *, lock: bool = False) -> ExternalClientAppRecord | None:
        """Return an app by API name, without regard to case."""
        values = {"org": org_id, "name": folded(api_name)}
        row = (_GET_LOCKED if lock else _GET).one(self._connection, values)
        return self._record(row) if row else None

    def _record(self, row: Row) -> ExternalClientAppRecord:
        app, before = app_from_json(row["documents"]), row["documents_at_migration"]
        return ExternalClientAppRecord(
            app_id=row["id"],
            app=app,
            at_migration=app_from_json(before) if before else app,
            origin=Origin(row["origin"]),
            account=account_from_json(row["account"]) if row["account"] is not None else None,
            connected_app=row["connected_app"],
            made_by=row["made_by"],
            made_at=row["made_at"],
            modified_by=row["modified_by"],
            modified_at=row["modified_at"],
            version=row["version"],
            secret_set=row["secret_set"],
            secret_changed=row["secret_changed"],
        )

    def _secrets(self, app_id: str, sealed: bytes | None) -> dict[str, str]:
        if sealed is None:
            return {}
        return secrets_from_bytes(self._vault.unseal(identity(table, app_id), sealed))

    def scan(self, org_id: str, *, app_id: str | None = None) -> Iterator[ExternalClientAppRecord]:
        """Yield apps by API name, as they are read: all, or the one of an id."""
        query = _ALL.where(table.c.org_id == org_id)
        if app_id is not None:
            query = query.where(table.c.id == app_id)
        last = ""
        while True:
            chunk = query.where(table.c.api_name_folded > last).order_by(table.c.api_name_folded)
            rows = self._connection.execute(chunk.limit(_CHUNK)).mappings().all()
            yield from map(self._record, rows)
            if len(rows) < _CHUNK:
                return
            last = rows[-1]["api_name_folded"]

    def page(self, org_id: str, query: ExternalClientAppQuery) -> Page[ExternalClientAppRow]:
        """Return a page of External Client App Manager."""
        rows = (
            select(
                table.c.api_name,
                table.c.label,
                table.c.description,
                table.c.origin,
                table.c.made_by,
                table.c.made_at,
                table.c.version,
                select(connected_app.c.api_name)
                .where(connected_app.c.id == table.c.connected_app_id)
                .scalar_subquery()
                .label("connected_app"),
            )
            .select_from(table)
            .where(table.c.org_id == org_id)
        )
        conditions = [containing(table.c.search_text, query.search)] if query.search else []
        columns: Mapping[str, ColumnElement[Any]] = {
            "label": table.c.label_folded,
            "api_name": unindexed(table.c.api_name_folded) if conditions else table.c.api_name_folded,
            "made_at": table.c.made_at,
        }
        first = columns.get(query.sort, table.c.label_folded)
        order = (first.desc() if query.descending else first.asc(), table.c.api_name_folded)

        def build(row: RowMapping) -> ExternalClientAppRow:
            shown = {name: row[name] for name in _SHOWN}
            return ExternalClientAppRow(**shown, origin=Origin(row["origin"]))

        wide = Wide(rows, table.c.api_name_folded, conditions, order, rare=bool(query.search))
        return page_of_wide(self._connection, wide, (query.page, query.page_size), build)

    def names(self, org_id: str) -> Iterator[str]:
        """Yield API names in order."""
        last = ""
        while True:
            query = (
                select(table.c.api_name)
                .where(table.c.org_id == org_id, table.c.api_name_folded > last)
                .order_by(table.c.api_name_folded)
                .limit(_CHUNK)
            )
            names = self._connection.execute(query).scalars().all()
            if not names:
                return
            yield from names
            last = folded(names[-1])

    def holder_of_key(self, org_id: str, consumer_key: str) -> str | None:
        """Return the API name of the app with a consumer key, be it that of its staged credentials."""
        row = _HOLDER.one(self._connection, {"org": org_id, "key": consumer_key})
        return row["api_name"] if row else None

    def part_holders(self, org_id: str, app: ExternalClientApp) -> Mapping[str, str]:
        """Return which parts of an app bear the name of a part of another app, and that app, by component."""
        names = sorted({folded(part.full_name) for part in app.parts})
        values = {"org": org_id, "names": names, "name": folded(app.api_name)}
        rows = self._connection.execute(_PART_HOLDERS, values) if names else ()
        unusual = {(row.type_name, row.name_folded): row.api_name for row in rows}
        found: dict[str, str] = {}
        for part in app.parts:
            holder = unusual.get(_part_key(part)) or self._usual_holder(org_id, app, part)
            if holder is not None:
                found[component(part)] = holder
        return found

    def _usual_holder(self, org_id: str, app: ExternalClientApp, part: Part) -> str | None:
        """Return the app whose part has a name that follows from the app's own."""
        name = app_of_usual_name(part)
        if not name or folded(name) == folded(app.api_name):
            return None
        other = self.get(org_id, name)
        if other is None:
            return None
        return other.api_name if _part_key(part) in map(_part_key, other.app.parts) else None

    def _name_parts(self, org_id: str, app_id: str, app: ExternalClientApp) -> None:
        rows = [
            {"org_id": org_id, "name_folded": name, "type_name": type_name, "app_id": app_id}
            for type_name, name in sorted(set(map(_part_key, _unusual(app))))
        ]
        if rows:
            self._connection.execute(insert(part_name), rows)

    def secret(self, app_id: str) -> str | None:
        """Return the consumer secret in clear."""
        query = select(table.c.sealed).where(table.c.id == app_id)
        secrets = self._secrets(app_id, self._connection.execute(query).scalar_one_or_none())
        return consumer_secret_in(secrets)

    def unsealed(self, app_id: str) -> ExternalClientApp:
        """Return the app as it is now with all its secrets in place."""
        query = select(table.c.documents, table.c.sealed).where(table.c.id == app_id)
        documents, sealed = self._connection.execute(query).one()
        return put_app_secrets(app_from_json(documents), self._secrets(app_id, sealed))

    def add(
        self, org_id: str, record: ExternalClientAppRecord, connected_app_id: str | None = None
    ) -> ExternalClientAppRecord:
        """Add an app; secrets in `record.app` are sealed.

        `connected_app_id`: the connected app that `record.connected_app` names.
        Returns the app as `get` would.
        """
        bare, secrets = apart(record.app)
        same = record.at_migration is record.app
        at_migration = bare if same else bare_app(record.at_migration)
        now = self._values(record, bare, secrets)
        account = masked_account(record.account) if record.account is not None else None
        values = {
            "id": record.app_id,
            "org_id": org_id,
            "documents_at_migration": [] if same else app_to_json(at_migration),
            "account": account_to_json(account) if account is not None else None,
            "connected_app_id": connected_app_id,
            "origin": record.origin.value,
            "made_by": record.made_by,
            "made_at": record.made_at,
        }
        _INSERT.later(self._connection, values | now)
        self._name_parts(org_id, record.app_id, bare)
        secret_set = consumer_secret_in(secrets) is not None
        return replace(record, app=bare, at_migration=at_migration, account=account, secret_set=secret_set)

    def save(self, record: ExternalClientAppRecord) -> None:
        """Write `record.app` as it is now. Secrets that it holds are sealed, those it lacks stay."""
        bare, secrets = apart(record.app)
        query = select(table.c.sealed, table.c.org_id).where(table.c.id == record.app_id).with_for_update()
        sealed, org_id = self._connection.execute(query).one()
        kept = app_secrets_still_there(bare, self._secrets(record.app_id, sealed))
        values = self._values(record, bare, kept | secrets) | {"documents_at_migration": _BEFORE}
        self._connection.execute(update(table).where(table.c.id == record.app_id).values(**values))
        self._connection.execute(delete(part_name).where(part_name.c.app_id == record.app_id))
        self._name_parts(org_id, record.app_id, bare)

    def link(self, record: ExternalClientAppRecord, connected_app_id: str | None) -> None:
        """Say which connected app it was made from."""
        where = table.c.id == record.app_id
        self._connection.execute(update(table).where(where).values(connected_app_id=connected_app_id))

    def _values(
        self, record: ExternalClientAppRecord, bare: ExternalClientApp, secrets: Mapping[str, str]
    ) -> dict[str, Any]:
        key = bare.consumer_key
        description, label = bare.header.description or "", bare.header.label or bare.api_name
        sealed = None
        if secrets:
            sealed = self._vault.seal(identity(table, record.app_id), secrets_to_bytes(secrets))
        return {
            "api_name": record.api_name,
            "api_name_folded": folded(record.api_name),
            "label": label,
            "label_folded": folded(label),
            "description": description,
            "search_text": folded("\n".join((label, record.api_name, description, key or ""))),
            "consumer_key": key or None,
            "documents": app_to_json(bare),
            "sealed": sealed,
            "secret_set": consumer_secret_in(secrets) is not None,
            "secret_changed": record.secret_changed,
            "version": record.version,
            "modified_by": record.modified_by,
            "modified_at": record.modified_at,
        }

    def delete(self, app_id: str) -> None:
        """Delete an app."""
        _DELETE.later(self._connection, {"app": app_id})
