"""Who uses which app, counted from the authorizations, and which consumers are blocked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    RowMapping,
    Select,
    bindparam,
    case,
    delete,
    distinct,
    exists,
    func,
    literal,
    null,
    select,
    union,
    union_all,
)

from changeover.migration.lifecycle import State
from changeover.migration.situation import TokenEvidence, Uses
from changeover.org import oauth_records
from changeover.org.built_in import BUILT_IN
from changeover.org.lists import APP_USAGE_SORTS, USER_USAGE_SORTS, AppKind, Page, UsageQuery
from changeover.org.oauth_records import AppUsage, TokenRow, Use, UserUsage
from changeover.store.prepared import Prepared
from changeover.store.rows import Order, containing, folded, page_of, put_first
from changeover.store.schema.apps import connected_app, external_client_app
from changeover.store.schema.oauth import (
    oauth_access_token,
    oauth_approval,
    oauth_authorization,
    oauth_block,
    oauth_code,
    oauth_device_code,
)
from changeover.store.schema.orgs import user
from changeover.store.types import UtcDateTime

_NEVER = literal(datetime(1970, 1, 1, tzinfo=UTC), UtcDateTime)
"""Sorts what was never used; the databases disagree where nothing belongs."""
_CHUNK = 500
# Built once: it is asked for every login.
_BLOCKED = Prepared(
    select(oauth_block.c.org_id).where(
        oauth_block.c.org_id == bindparam("org"), oauth_block.c.consumer_key == bindparam("key")
    )
)


def _use(row: RowMapping) -> Use:
    return Use(
        tokens=row["tokens"],
        first_used_at=row["first_used_at"],
        last_used_at=row["last_used_at"],
        use_count=int(row["use_count"] or 0),
    )


def _counted(of: FromClause) -> tuple[ColumnElement[Any], ...]:
    """Return the columns of a `Use`, over rows that have those of an authorization."""
    return (
        func.count(of.c.user_id).label("tokens"),
        func.min(of.c.created_at, type_=UtcDateTime).label("first_used_at"),
        func.max(of.c.last_used_at, type_=UtcDateTime).label("last_used_at"),
        func.sum(of.c.use_count).label("use_count"),
    )


def _order(
    query: UsageQuery,
    sorts: tuple[str, ...],
    columns: Mapping[str, ColumnElement[Any]],
    key: ColumnElement[Any],
) -> Order:
    name = query.sort if query.sort in sorts else "last_used_at"
    column = columns[name]
    if name.endswith("_at"):
        column = func.coalesce(column, _NEVER)
    return (column.desc() if query.descending else column.asc(), key.asc())


def _of_any(
    key: ColumnElement[Any], column: ColumnElement[Any], name: str, fold: Callable[[str], str] = str
) -> ColumnElement[Any]:
    """Return a column of an app, or what stands in it for an app that every org has without a record."""
    own = {one.consumer_key: fold(getattr(one, name)) for one in BUILT_IN.values()}
    return case(*((key == built_in, literal(value)) for built_in, value in own.items()), else_=column)


class SqlOauthUsage:
    """The usage of all orgs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def apps(self, org_id: str, kind: AppKind, query: UsageQuery) -> Page[AppUsage]:
        """Return the apps of a kind that hold authorizations or are blocked."""
        table = connected_app if kind is AppKind.CONNECTED else external_client_app
        counted = self._by_key(org_id).subquery("counted")
        key = counted.c.consumer_key
        there: ColumnElement[bool] = table.c.id.is_not(None)
        rows = (
            select(key, *(column for column in counted.c if column is not key))
            .select_from(counted)
            .outerjoin(table, (table.c.org_id == org_id) & (table.c.consumer_key == key))
        )
        if kind is AppKind.CONNECTED:
            there = key.in_(BUILT_IN) | (there & (table.c.state != State.MIGRATED.value))
        else:
            # Their keys are nobody else's, whatever an org's app says.
            there &= key.not_in(BUILT_IN)
        name, label = _of_any(key, table.c.api_name, "api_name"), _of_any(key, table.c.label, "label")
        rows = rows.add_columns(name.label("api_name"), label.label("label")).where(there)
        folded_label = _of_any(key, table.c.label_folded, "label", folded)
        if query.search:
            searched = _of_any(key, table.c.search_text, "search_text", folded)
            rows = rows.where(containing(searched, query.search))
        columns = {**counted.c, "label": folded_label}
        order = _order(
            query, APP_USAGE_SORTS, columns, _of_any(key, table.c.api_name_folded, "api_name", folded)
        )

        def build(row: RowMapping) -> AppUsage:
            return AppUsage(
                kind=kind,
                api_name=row["api_name"],
                label=row["label"],
                users=row["users"],
                use=_use(row),
                blocked=bool(row["blocked"]),
                built_in=row["consumer_key"] in BUILT_IN,
            )

        return page_of(self._connection, rows, order, (query.page, query.page_size), build)

    @staticmethod
    def _by_key(org_id: str) -> Select[Any]:
        """Return what stands of each consumer key of an org; of a block alone, nothing."""
        held, block = oauth_authorization.c, oauth_block.c
        of_key = (held.org_id == org_id, held.consumer_key == block.consumer_key)
        every = union_all(
            # In the order of the index: counted as they are read.
            select(
                held.consumer_key,
                func.count(distinct(held.user_id)).label("users"),
                *_counted(oauth_authorization),
            )
            .where(held.org_id == org_id)
            .group_by(held.consumer_key),
            select(block.consumer_key, literal(0), literal(0), null(), null(), literal(0)).where(
                block.org_id == org_id, ~exists().where(*of_key)
            ),
        ).subquery("every")
        blocked = exists().where(block.org_id == org_id, block.consumer_key == every.c.consumer_key)
        return select(every, blocked.label("blocked"))

    def users(self, org_id: str, consumer_key: str, query: UsageQuery) -> Page[UserUsage]:
        """Return the users who have authorized a consumer."""
        table = oauth_authorization
        counted = _counted(table)
        rows = (
            select(table.c.user_id, user.c.username, user.c.name, *counted)
            .join(user, user.c.id == table.c.user_id)
            .where(table.c.org_id == org_id, table.c.consumer_key == consumer_key)
            .group_by(table.c.user_id, user.c.username, user.c.username_folded, user.c.name)
        )
        if query.search:
            rows = rows.where(containing(user.c.username_folded, query.search))
        # By their terms and not their labels: PostgreSQL knows no label within an expression.
        columns: dict[str, ColumnElement[Any]] = {
            "username": user.c.username_folded,
            **{column.name: column.element for column in counted},
        }
        order = _order(query, USER_USAGE_SORTS, columns, table.c.user_id)

        def build(row: RowMapping) -> UserUsage:
            return UserUsage(
                user_id=row["user_id"], username=row["username"], name=row["name"], use=_use(row)
            )

        return page_of(self._connection, rows, order, (query.page, query.page_size), build)

    def connections(self, org_id: str, user_id: str) -> tuple[oauth_records.Connection, ...]:
        """Return the apps that a user has approved or authorized, in the order of their labels."""
        held, given = oauth_authorization, oauth_approval
        counted = select(held.c.consumer_key, *_counted(held)).where(
            held.c.org_id == org_id, held.c.user_id == user_id
        )
        uses = {
            row["consumer_key"]: _use(row)
            for row in self._connection.execute(counted.group_by(held.c.consumer_key)).mappings()
        }
        mine = select(given.c.consumer_key, given.c.scopes, given.c.approved_at).where(
            given.c.org_id == org_id, given.c.user_id == user_id
        )
        approvals = {row["consumer_key"]: row for row in self._connection.execute(mine).mappings()}
        keys = {*uses, *approvals}
        none = Use(tokens=0, first_used_at=None, last_used_at=None, use_count=0)
        found = []
        for key, kind, api_name, label in self._holders(org_id, keys):
            approval = approvals.get(key)
            found.append(
                oauth_records.Connection(
                    consumer_key=key,
                    kind=kind,
                    api_name=api_name,
                    label=label,
                    scopes=tuple(approval["scopes"]) if approval else (),
                    approved_at=approval["approved_at"] if approval else None,
                    use=uses.get(key, none),
                    blocked=self.blocked(org_id, key),
                )
            )
        return tuple(sorted(found, key=lambda one: (one.label.casefold(), one.kind, one.api_name)))

    def _holders(self, org_id: str, keys: set[str]) -> list[tuple[str, AppKind, str, str]]:
        """Return key, kind, API name and label of the apps that hold some keys, those of every org too."""
        own = [BUILT_IN[key] for key in sorted(keys & BUILT_IN.keys())]
        found = [(one.consumer_key, AppKind.CONNECTED, one.api_name, one.label) for one in own]
        for kind, table in ((AppKind.EXTERNAL, external_client_app), (AppKind.CONNECTED, connected_app)):
            query = select(table.c.consumer_key, table.c.api_name, table.c.label).where(
                table.c.org_id == org_id, table.c.consumer_key.in_(keys - BUILT_IN.keys())
            )
            if kind is AppKind.CONNECTED:
                query = query.where(connected_app.c.state != State.MIGRATED.value)
            found += [(key, kind, name, label) for key, name, label in self._connection.execute(query)]
        return found

    def tokens(self, org_id: str) -> Iterator[TokenRow]:
        """Yield every authorization under its app's label, by app and user."""
        held, ours, theirs = oauth_authorization, connected_app, external_client_app
        # The same key stands at both apps of a migration, whose label may differ since: the external one's.
        own = func.coalesce(theirs.c.label, ours.c.label, "")
        label = _of_any(held.c.consumer_key, own, "label")
        query = (
            select(held, label.label("app_name"), user.c.username)
            .join(user, user.c.id == held.c.user_id)
            .outerjoin(
                theirs,
                (theirs.c.org_id == held.c.org_id) & (theirs.c.consumer_key == held.c.consumer_key),
            )
            .outerjoin(ours, (ours.c.org_id == held.c.org_id) & (ours.c.consumer_key == held.c.consumer_key))
            .where(held.c.org_id == org_id)
            .order_by(held.c.consumer_key, held.c.user_id, held.c.id)
        )
        for row in self._connection.execute(query.execution_options(yield_per=_CHUNK)).mappings():
            yield TokenRow(
                authorization_id=row["id"],
                app_name=row["app_name"],
                user_id=row["user_id"],
                username=row["username"],
                created_at=row["created_at"],
                last_used_at=row["last_used_at"],
                use_count=row["use_count"],
            )

    def evidence(self, org_id: str, label: str) -> TokenEvidence | None:
        """Return what the tokens under a label tell; None where the org has no token at all."""
        held, ours, theirs = oauth_authorization.c, connected_app.c, external_client_app.c
        rows = self._connection.execute(select(func.count()).where(held.org_id == org_id)).scalar_one()
        if not rows:
            return None
        keys = union(
            select(ours.consumer_key).where(
                ours.org_id == org_id, ours.label == label, ours.state != State.MIGRATED.value
            ),
            select(theirs.consumer_key).where(
                theirs.org_id == org_id, theirs.label_folded == folded(label), theirs.label == label
            ),
        )
        under = select(*_counted(oauth_authorization)).where(
            held.org_id == org_id, held.consumer_key.in_(keys)
        )
        use = _use(self._connection.execute(under).mappings().one())
        uses = Uses(count=use.use_count, last=use.last_used_at) if use.tokens else None
        return TokenEvidence(rows=rows, tokens=use.tokens, uses=uses)

    def end_user(self, org_id: str, consumer_key: str, user_id: str) -> int:
        """End all that a consumer holds of a user, the approval too; returns how many authorizations."""
        ended = 0
        for table in (oauth_access_token, oauth_code, oauth_approval, oauth_device_code, oauth_authorization):
            mine = (table.c.org_id == org_id) & (table.c.consumer_key == consumer_key)
            ended = self._connection.execute(
                delete(table).where(mine & (table.c.user_id == user_id))
            ).rowcount
        return ended

    def end_access(self, org_id: str, consumer_key: str) -> None:
        """End access tokens and codes of a consumer; authorizations and approvals stay."""
        for table in (oauth_access_token, oauth_code, oauth_device_code):
            mine = (table.c.org_id == org_id) & (table.c.consumer_key == consumer_key)
            self._connection.execute(delete(table).where(mine))

    def block(self, org_id: str, consumer_key: str, at: datetime, by: str) -> None:
        """Block a consumer; one that is blocked stays so."""
        key = {"org_id": org_id, "consumer_key": consumer_key}
        put_first(self._connection, oauth_block, key, {"blocked_at": at, "blocked_by": by})

    def unblock(self, org_id: str, consumer_key: str) -> bool:
        """Let a consumer in again; returns whether it was blocked."""
        table = oauth_block
        mine = (table.c.org_id == org_id) & (table.c.consumer_key == consumer_key)
        return self._connection.execute(delete(table).where(mine)).rowcount > 0

    def blocked(self, org_id: str, consumer_key: str) -> bool:
        """Whether a consumer is blocked."""
        return _BLOCKED.one(self._connection, {"org": org_id, "key": consumer_key}) is not None
