"""Login History."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, bindparam, func, insert, select

from changeover.migration.situation import FlowUse
from changeover.org.lists import LoginQuery, Page
from changeover.org.model.events import LoginRow
from changeover.store.prepared import Prepared, Question
from changeover.store.rows import Wide, containing, folded, page_of_wide
from changeover.store.schema.events import login as table

_CHUNK = 500
_USERS = 5
_LOOK_BACK = 1_000
"""Logins of a flow among which its users are looked for: an integration has millions, mostly of one user."""
_INSERT = insert(table)
_RECORD = Prepared(insert(table), [column.name for column in table.c if not column.primary_key])
_MINE = (table.c.org_id == bindparam("org"), table.c.application == bindparam("application"))
_FLOWS = Prepared(
    select(
        table.c.refused,
        table.c.sub_type,
        func.count().label("count"),
        func.max(table.c.at, type_=table.c.at.type).label("last"),
    )
    .where(*_MINE, table.c.sub_type != "")
    .group_by(table.c.refused, table.c.sub_type)
    .order_by(func.max(table.c.at).desc(), table.c.sub_type)
)
_LAST = (
    select(table.c.username, table.c.at)
    .where(*_MINE, table.c.refused == bindparam("refused"), table.c.sub_type == bindparam("sub_type"))
    .order_by(table.c.at.desc())
    .limit(_LOOK_BACK)
    .subquery()
)
_USERS_OF = (
    select(_LAST.c.username)
    .group_by(_LAST.c.username)
    .order_by(func.max(_LAST.c.at).desc(), _LAST.c.username)
    .limit(_USERS)
)
_DIGEST_BYTES = 32
_TIME_DIGITS = 16
_ORDER = (table.c.at.desc(), table.c.id.desc())
COUNTED = 10_000
"""Rows of a page's list that are counted; beyond, the page says "more than"."""
_SCANNED = 2_000


def _digest(row: LoginRow, occurrence: int) -> str:
    """Return what tells a row from others. Setup's download has no ids and whole seconds: rows may equal."""
    content = [
        row.at.isoformat(),
        row.username,
        row.application,
        row.login_type,
        row.sub_type,
        row.status,
        row.source_ip,
        row.login_url,
        occurrence,
    ]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _values(org_id: str, row: LoginRow, digest: str) -> dict[str, Any]:
    return {
        "org_id": org_id,
        "at": row.at,
        "username": row.username,
        "application": row.application,
        "search_text": folded(f"{row.username}\n{row.application}"),
        "login_type": row.login_type,
        "sub_type": row.sub_type,
        "status": row.status,
        "refused": row.refused,
        "source_ip": row.source_ip,
        "login_url": row.login_url,
        "digest": digest,
    }


def _row(row: RowMapping) -> LoginRow:
    return LoginRow(
        at=row["at"],
        username=row["username"],
        application=row["application"],
        login_type=row["login_type"],
        sub_type=row["sub_type"],
        status=row["status"],
        source_ip=row["source_ip"],
        login_url=row["login_url"],
    )


class SqlLogins:
    """The login rows of all orgs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, org_id: str, rows: Iterable[LoginRow]) -> Mapping[str, int]:
        """Add rows that are not there yet; returns how many were new, by application.

        A window may be imported again.
        """
        new: Counter[str] = Counter()
        for chunk in self._chunks(rows):
            query = select(table.c.digest).where(table.c.org_id == org_id, table.c.digest.in_([*chunk]))
            known = set(self._connection.execute(query).scalars())
            values = [_values(org_id, row, digest) for digest, row in chunk.items() if digest not in known]
            if values:
                self._connection.execute(_INSERT, values)
                new.update(row.application for digest, row in chunk.items() if digest not in known)
        return new

    def record(self, org_id: str, row: LoginRow) -> None:
        """Add a login that has just happened; another one that looks alike does not count as the same."""
        # Chance, and in the order of time: the index of digests grows in one place. What is strewn over it
        # changes a page of it for each login, all of which are written with the commit.
        micros = int(row.at.timestamp() * 1_000_000)
        digest = f"{micros:0{_TIME_DIGITS}x}{secrets.token_hex(_DIGEST_BYTES - _TIME_DIGITS // 2)}"
        _RECORD.run(self._connection, _values(org_id, row, digest))

    @staticmethod
    def _chunks(rows: Iterable[LoginRow]) -> Iterator[dict[str, LoginRow]]:
        seen: Counter[LoginRow] = Counter()
        left = iter(rows)
        while chunk := list(islice(left, _CHUNK)):
            by_digest = {}
            for row in chunk:
                seen[row] += 1
                by_digest[_digest(row, seen[row])] = row
            yield by_digest

    def page(self, org_id: str, query: LoginQuery) -> Page[LoginRow]:
        """Return rows, the newest first."""
        rows = select(table).where(table.c.org_id == org_id)
        conditions = []
        if query.application:
            conditions.append(table.c.application == query.application)
        if query.search:
            conditions.append(containing(table.c.search_text, query.search))
        if query.sub_type:
            conditions.append(table.c.sub_type == query.sub_type)
        if query.login_type:
            conditions.append(table.c.login_type == query.login_type)
        if query.refused is not None:
            conditions.append(table.c.refused == query.refused)
        wide = Wide(rows, table.c.id, conditions, _ORDER, rare=bool(query.search), counted=COUNTED)
        return page_of_wide(self._connection, wide, (query.page, query.page_size), _row)

    def scan(
        self,
        org_id: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        usernames: Collection[str] | None = None,
        number: int | None = None,
    ) -> Iterator[tuple[int, LoginRow]]:
        """Yield rows with their numbers, the newest first, as they are read; both ends of the time count."""
        query = select(table).where(table.c.org_id == org_id)
        if since is not None:
            query = query.where(table.c.at >= since)
        if until is not None:
            query = query.where(table.c.at <= until)
        if usernames is not None:
            query = query.where(table.c.username.in_(usernames))
        if number is not None:
            query = query.where(table.c.id == number)
        ordered = query.order_by(*_ORDER).limit(_SCANNED)
        chunk = self._connection.execute(ordered).mappings().all()
        while chunk:
            for row in chunk:
                yield row["id"], _row(row)
            if len(chunk) < _SCANNED:
                return
            last = chunk[-1]
            later = and_(table.c.at == last["at"], table.c.id >= last["id"])
            # The first condition is the one that an index answers.
            rest = ordered.where(table.c.at <= last["at"], ~later)
            chunk = self._connection.execute(rest).mappings().all()

    def window(self, org_id: str) -> tuple[datetime, datetime] | None:
        """Return the first and the last login of all rows, None without rows."""
        query = select(func.min(table.c.at), func.max(table.c.at)).where(table.c.org_id == org_id)
        first, last = self._connection.execute(query).one()
        return None if first is None else (first, last)

    def labels(self, org_id: str, sub_type: str) -> tuple[str, ...]:
        """Return the labels under which a flow was seen, whether it logged in or was refused."""
        seen = (table.c.org_id == org_id, table.c.sub_type == sub_type)
        query = select(table.c.application).where(*seen).distinct().order_by(table.c.application)
        return tuple(self._connection.execute(query).scalars())

    @staticmethod
    def seen(org_id: str, application: str) -> Question:
        """Return what `flows` asks first."""
        return Question(_FLOWS, {"org": org_id, "application": application})

    def flows(
        self, org_id: str, application: str, users_of: Collection[str] | None = None
    ) -> tuple[tuple[FlowUse, ...], tuple[FlowUse, ...]]:
        """Return which flows were seen under a label, and which were refused, the last used first.

        Rows without a flow are left out. `users_of`: the flows of which it is told who used them; by default
        all.
        """
        seen = self.seen(org_id, application)
        uses: dict[bool, list[FlowUse]] = {False: [], True: []}
        for row in seen.all(self._connection):
            refused, sub_type, count, last = row.values()
            which = {"refused": refused, "sub_type": sub_type}
            asked = users_of is None or sub_type in users_of
            named = {**seen.values, **which}
            users = tuple(self._connection.execute(_USERS_OF, named).scalars()) if asked else ()
            uses[refused].append(FlowUse(sub_type=sub_type, count=count, last=last, users=users))
        return tuple(uses[False]), tuple(uses[True])
