"""Connected apps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    RowMapping,
    Select,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from changeover.apps.connected_app import ConnectedApp
from changeover.apps.document import leaves
from changeover.migration.finding import Verdict
from changeover.migration.lifecycle import State
from changeover.org.lists import AppQuery, AppRow, Page
from changeover.org.model.apps import (
    AppType,
    ConnectedAppRecord,
    KeptVerdict,
    Origin,
    Surroundings,
)
from changeover.org.secrecy import bare, secrets_of, still_there, with_secrets
from changeover.store.codec import (
    CONSUMER_SECRET,
    connected_app_from_json,
    leaves_to_json,
    secrets_from_bytes,
    secrets_to_bytes,
)
from changeover.store.prepared import Prepared, Question, Row
from changeover.store.rows import Wide, folded, page_of_wide, unindexed
from changeover.store.schema.apps import connected_app as table
from changeover.store.sealed import identity
from changeover.store.searched import holding
from changeover.store.surroundings import surroundings
from changeover.store.vault import UnitVault

_CHUNK = 500


# The verdict as of today: what was stored, or blocked once a certificate has expired.
_MAY_EXPIRE = (Verdict.ELIGIBLE, Verdict.CONFIRM)
_EXPIRED = and_(
    or_(*(table.c.verdict == entry.value for entry in _MAY_EXPIRE)),
    table.c.blocked_from <= bindparam("today", type_=Date),
)
_verdict_today: ColumnElement[str] = case((_EXPIRED, literal(Verdict.BLOCKED.value)), else_=table.c.verdict)
# Built once: building a statement takes longer than SQLite takes to answer it.
_RECORD = select(
    table.c.id,
    table.c.api_name,
    table.c.document,
    table.c.state,
    _verdict_today.label("verdict_today"),
    table.c.origin,
    table.c.version,
    table.c.secret_set,
    table.c.sealed,
    table.c.installed,
    table.c.user_provisioning,
    table.c.dynamic_registration,
    table.c.created_at,
    table.c.modified_at,
    table.c.modified_by,
    table.c.source_path,
)
_NAMED = _RECORD.where(table.c.org_id == bindparam("org"), table.c.api_name_folded == bindparam("name"))
_GET = Prepared(_NAMED)
_GET_LOCKED = Prepared(_NAMED.with_for_update())
_SEALED = select(table.c.sealed).where(table.c.id == bindparam("app"))
_INSERT = Prepared(insert(table), [column.name for column in table.c if column.name != "blocked_from"])
_UPDATE = update(table).where(table.c.id == bindparam("app"))
_TURN = _UPDATE.values(version=table.c.version + 1)
_ASSESS = _TURN.where(table.c.digest != bindparam("now"))
_TURN_ASSESSED = Prepared(
    _UPDATE.values(version=table.c.version + case((table.c.digest != bindparam("now"), 2), else_=1)),
    ["state", "verdict", "blocked_from", "digest"],
)
# One look over an index and nothing to sort: how many have which verdict, and of how many it has expired.
_COUNTS = select(
    *(func.count().filter(table.c.verdict == entry.value) for entry in Verdict),
    # The date first: most apps have none.
    *(
        func.count().filter(table.c.blocked_from <= bindparam("today"), table.c.verdict == entry.value)
        for entry in _MAY_EXPIRE
    ),
).where(table.c.org_id == bindparam("org"))
_LABELLED = select(table.c.api_name).where(
    table.c.org_id == bindparam("org"), table.c.label.in_(bindparam("labels", expanding=True))
)
_HOLDER = Prepared(
    select(table.c.api_name).where(
        table.c.org_id == bindparam("org"), table.c.consumer_key == bindparam("key")
    )
)


def _kept(kept: KeptVerdict) -> dict[str, Any]:
    return {
        "now": kept.digest,
        "verdict": kept.verdict.value,
        "blocked_from": kept.blocked_from,
        "digest": kept.digest,
    }


class SqlConnectedApps:
    """The connected apps of all orgs."""

    def __init__(self, connection: Connection, vault: UnitVault, today: date) -> None:
        self._connection = connection
        self._vault = vault
        self._today = today
        # Sealed secrets by app: nobody else changes them while this unit holds the app.
        self._locked: dict[str, bytes | None] = {}

    def get(self, org_id: str, api_name: str, *, lock: bool = False) -> ConnectedAppRecord | None:
        """Return an app by API name, without regard to case. `lock`: nobody else may change it meanwhile."""
        asked = self.locking(org_id, api_name, self._today)
        row = (asked if lock else asked._replace(statement=_GET)).one(self._connection)
        if row and lock:
            self._locked[row["id"]] = row["sealed"]
        return self._record(row) if row else None

    @staticmethod
    def locking(org_id: str, api_name: str, today: date) -> Question:
        """Return what `get` asks for an app that nobody else may change meanwhile."""
        return Question(_GET_LOCKED, {"org": org_id, "name": folded(api_name), "today": today})

    @staticmethod
    def _record(row: Row | RowMapping) -> ConnectedAppRecord:
        return ConnectedAppRecord(
            app_id=row["id"],
            document=connected_app_from_json(row["api_name"], row["document"]),
            state=State(row["state"]),
            verdict=Verdict(row["verdict_today"]),
            origin=Origin(row["origin"]),
            version=row["version"],
            secret_set=row["secret_set"],
            installed=row["installed"],
            user_provisioning=row["user_provisioning"],
            dynamic_registration=row["dynamic_registration"],
            created_at=row["created_at"],
            modified_at=row["modified_at"],
            modified_by=row["modified_by"],
            source_path=row["source_path"],
        )

    def scan(self, org_id: str, *, app_id: str | None = None) -> Iterator[ConnectedAppRecord]:
        """Yield apps by API name, as they are read: all, or the one of an id."""
        query = _RECORD.add_columns(table.c.api_name_folded).where(table.c.org_id == org_id)
        if app_id is not None:
            query = query.where(table.c.id == app_id)
        last = ""
        while True:
            chunk = query.where(table.c.api_name_folded > last).order_by(table.c.api_name_folded)
            rows = self._connection.execute(chunk.limit(_CHUNK), {"today": self._today}).mappings().all()
            yield from map(self._record, rows)
            if len(rows) < _CHUNK:
                return
            last = rows[-1]["api_name_folded"]

    def page(self, org_id: str, query: AppQuery) -> Page[AppRow]:
        """Return a page of App Manager."""
        rows = select(
            table.c.api_name,
            table.c.label,
            table.c.description,
            table.c.app_type,
            table.c.state,
            _verdict_today.label("verdict"),
            table.c.modified_at,
            table.c.version,
        ).where(table.c.org_id == org_id)
        names: Any = table.c
        found: Select[Any] | None = None
        if query.search:
            names, found = holding(self._connection, org_id, query.search)
        conditions: list[ColumnElement[bool]] = []
        if query.verdict is not None:
            conditions.append(_verdict_today == query.verdict.value)
        if query.state is not None:
            conditions.append(table.c.state == query.state.value)
        if query.app_type is not None:
            conditions.append(table.c.app_type == query.app_type.value)
        narrowed = bool(query.search or conditions)
        columns: Mapping[str, ColumnElement[Any]] = {
            "label": names.label_folded,
            "api_name": unindexed(names.api_name_folded) if narrowed else names.api_name_folded,
            "verdict": _verdict_today,
            "state": table.c.state,
            "modified_at": table.c.modified_at,
        }
        first = columns.get(query.sort, names.label_folded)
        order = (first.desc() if query.descending else first.asc(), names.api_name_folded)

        def build(row: RowMapping) -> AppRow:
            return AppRow(
                api_name=row["api_name"],
                label=row["label"],
                description=row["description"],
                app_type=AppType(row["app_type"]),
                state=State(row["state"]),
                verdict=Verdict(row["verdict"]),
                modified_at=row["modified_at"],
                version=row["version"],
            )

        wide = Wide(rows, table.c.api_name_folded, conditions, order, rare=bool(query.search), found=found)
        asked = (query.page, query.page_size)
        return page_of_wide(self._connection, wide, asked, build, {"today": self._today})

    def counts(self, org_id: str) -> Mapping[Verdict, int]:
        """Return how many apps have which verdict today."""
        numbers = list(self._connection.execute(_COUNTS, {"org": org_id, "today": self._today}).one())
        found = {entry: numbers.pop(0) for entry in Verdict}
        for entry, expired in zip(_MAY_EXPIRE, numbers, strict=True):
            found[entry] -= expired
            found[Verdict.BLOCKED] += expired
        return found

    def names(self, org_id: str, labels: Iterable[str] | None = None) -> Iterator[str]:
        """Yield API names in order: of all apps, or of those that bear one of the labels."""
        if labels is not None:
            wanted = sorted(set(labels))
            for start in range(0, len(wanted), _CHUNK):
                some = {"org": org_id, "labels": wanted[start : start + _CHUNK]}
                # Sorted here: the database would rather walk all apps in order than look labels up.
                yield from sorted(self._connection.execute(_LABELLED, some).scalars(), key=folded)
            return
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
        """Return the API name of the app with a consumer key."""
        row = _HOLDER.one(self._connection, {"org": org_id, "key": consumer_key})
        return row["api_name"] if row else None

    def surroundings(self, org_id: str, record: ConnectedAppRecord) -> Surroundings:
        """Return what stands around an app, in one question to the database."""
        return surroundings(self._connection, org_id, record)

    def secret(self, app_id: str) -> str | None:
        """Return the consumer secret in clear."""
        return self._secrets(app_id).get(CONSUMER_SECRET)

    def unsealed(self, record: ConnectedAppRecord) -> ConnectedApp:
        """Return an app's document with its secrets in place."""
        return with_secrets(record.document, self._secrets(record.app_id))

    def several(self, org_id: str, names: Iterable[str]) -> Iterator[ConnectedApp]:
        """Yield apps of these names with their secrets in place, in any order."""
        query = select(table.c.id, table.c.api_name, table.c.document, table.c.sealed).where(
            table.c.org_id == org_id, table.c.api_name_folded.in_([folded(name) for name in names])
        )
        for row in self._connection.execute(query).mappings():
            document = connected_app_from_json(row["api_name"], row["document"])
            yield with_secrets(document, self._opened(row["id"], row["sealed"]))

    def _secrets(self, app_id: str) -> dict[str, str]:
        if app_id in self._locked:
            sealed = self._locked[app_id]
        else:
            sealed = self._connection.execute(_SEALED, {"app": app_id}).scalar_one_or_none()
        return self._opened(app_id, sealed)

    def _opened(self, app_id: str, sealed: bytes | None) -> dict[str, str]:
        if sealed is None:
            return {}
        return secrets_from_bytes(self._vault.unseal(identity(table, app_id), sealed))

    def _seal(self, app_id: str, secrets: Mapping[str, str]) -> dict[str, Any]:
        sealed = self._vault.seal(identity(table, app_id), secrets_to_bytes(secrets)) if secrets else None
        self._locked.pop(app_id, None)
        return {"sealed": sealed, "secret_set": CONSUMER_SECRET in secrets}

    def add(self, org_id: str, record: ConnectedAppRecord) -> None:
        """Add an app; secrets in its document are sealed."""
        secrets = secrets_of(record.document)
        values = {
            "id": record.app_id,
            "org_id": org_id,
            "origin": record.origin.value,
            "created_at": record.created_at,
            "verdict": record.verdict.value,
            "digest": "",
        }
        sealed = self._seal(record.app_id, secrets)
        _INSERT.run(self._connection, values | sealed | self._values(record))

    def save(self, record: ConnectedAppRecord) -> None:
        """Write an app as it is now. Secrets that its document holds are sealed, those it lacks stay."""
        before = self._secrets(record.app_id)
        now = still_there(record.document, before) | secrets_of(record.document)
        sealed = self._seal(record.app_id, now) if now != before else {}
        self._connection.execute(_UPDATE, {"app": record.app_id} | sealed | self._values(record))

    def turn(self, record: ConnectedAppRecord, state: State, kept: KeptVerdict | None = None) -> None:
        """Write another state of an app and count its version; with it the verdict, where it is given."""
        values = {"app": record.app_id, "state": state.value}
        if kept is None:
            self._connection.execute(_TURN, values)
        else:
            _TURN_ASSESSED.later(self._connection, values | _kept(kept))

    def set_secret(self, app_id: str, secret: str | None) -> None:
        """Seal another consumer secret, or unset it."""
        secrets = {path: value for path, value in self._secrets(app_id).items() if path != CONSUMER_SECRET}
        if secret:
            secrets[CONSUMER_SECRET] = secret
        self._connection.execute(_UPDATE, {"app": app_id} | self._seal(app_id, secrets))

    def _values(self, record: ConnectedAppRecord) -> dict[str, Any]:
        shown = bare(record.document)
        api_name, label = record.api_name, (shown.label or record.api_name).strip()
        description = shown.description or ""
        key = shown.consumer_key
        return {
            "api_name": api_name,
            "api_name_folded": folded(api_name),
            "label": label,
            "label_folded": folded(label),
            "description": description,
            "search_text": folded("\n".join((label, api_name, description, key or ""))),
            "app_type": record.app_type.value,
            "state": record.state.value,
            "document": leaves_to_json(leaves(shown)),
            "consumer_key": key or None,
            "installed": record.installed,
            "user_provisioning": record.user_provisioning,
            "dynamic_registration": record.dynamic_registration,
            "version": record.version,
            "modified_at": record.modified_at,
            "modified_by": record.modified_by,
            "source_path": record.source_path,
        }

    def assess(self, app_id: str, kept: KeptVerdict) -> bool:
        """Store a verdict with what it rests on.

        Returns whether the digest is another than before; the app's version is then counted.
        """
        return self._connection.execute(_ASSESS, {"app": app_id} | _kept(kept)).rowcount > 0

    def delete(self, app_id: str) -> None:
        """Delete an app with all that hangs on it."""
        self._connection.execute(delete(table).where(table.c.id == app_id))
