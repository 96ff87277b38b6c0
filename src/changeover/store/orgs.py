"""Orgs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, bindparam, exists, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org.model.orgs import Edition, Org
from changeover.store.prepared import Question, Remembered, Row
from changeover.store.rows import folded
from changeover.store.schema.apps import connected_app, external_client_app, staged_credentials
from changeover.store.schema.orgs import org as table

_SWITCHES = (
    "enterprise_admitted",
    "connected_app_creation_allowed",
    "external_client_apps_enabled",
    "username_password_blocked",
    "user_agent_blocked",
    "secrets_over_rest",
    "pkce_required",
    "code_credentials_allowed",
    "soap_login_blocked",
)


def _org(row: Row | RowMapping) -> Org:
    return Org(
        org_id=row["id"],
        name=row["name"],
        edition=Edition(row["edition"]),
        my_domain=row["my_domain"],
        version=row["version"],
        **{name: row[name] for name in _SWITCHES},
    )


def _single(rows: Sequence[Row]) -> Org | None:
    return _org(rows[0]) if len(rows) == 1 else None


_ORG = select(*(table.c[name] for name in ("id", "name", "edition", "my_domain", "version", *_SWITCHES)))
# Every migration and every login asks one of these.
_GET = Remembered(_ORG.where(table.c.id == bindparam("org")), _single)
_FIRST = Remembered(_ORG.order_by(table.c.id).limit(2), _single)
_BY_DOMAIN = Remembered(_ORG.where(table.c.my_domain == bindparam("domain")), _single)
_BY_SHORT_ID = Remembered(
    _ORG.where(table.c.id >= bindparam("short"), table.c.id <= bindparam("last")).limit(2), _single
)
# Of an org each: a key is found through an index of the org's keys.
_HOLDING = Remembered(
    _ORG.where(
        or_(
            *(
                exists().where(apps.c.org_id == table.c.id, apps.c.consumer_key == bindparam("key"))
                for apps in (external_client_app, connected_app, staged_credentials)
            )
        )
    ).limit(2),
    _single,
)
_LAST = "z" * 18
"""Follows every id."""


class SqlOrgs:
    """The orgs of the installation."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def get(self, org_id: str) -> Org | None:
        """Return an org."""
        return _GET.find(self._connection, self.getting(org_id).values)

    @staticmethod
    def getting(org_id: str) -> Question:
        """Return what `get` asks."""
        return _GET.question({"org": org_id})

    def only(self) -> Org | None:
        """Return the org of an installation that has no other, None in others."""
        return _FIRST.find(self._connection, {})

    def by_domain(self, my_domain: str) -> Org | None:
        """Return an org by its My Domain, without regard to case."""
        return _BY_DOMAIN.find(self._connection, {"domain": my_domain.casefold()})

    def by_short_id(self, short_id: str) -> Org | None:
        """Return an org by the 15 characters with which its id begins."""
        return _BY_SHORT_ID.find(self._connection, {"short": short_id, "last": short_id + _LAST})

    def holding(self, consumer_key: str) -> Org | None:
        """Return the org with an app of a consumer key; None where there is none, or several."""
        return _HOLDING.find(self._connection, {"key": consumer_key})

    def list(self) -> tuple[Org, ...]:
        """Return all orgs by name."""
        rows = self._connection.execute(select(table).order_by(table.c.name_folded)).mappings()
        return tuple(_org(row) for row in rows)

    def add(self, org: Org) -> None:
        """Add an org. Raises E-NAME-TAKEN."""
        self._write(org, insert(table).values(id=org.org_id, created_at=self._now, **self._values(org)))

    def save(self, org: Org) -> None:
        """Write an org's settings. Raises E-NAME-TAKEN."""
        self._write(org, update(table).where(table.c.id == org.org_id).values(**self._values(org)))

    def _values(self, org: Org) -> dict[str, object]:
        return {
            "name": org.name,
            "name_folded": folded(org.name),
            "edition": org.edition.value,
            "my_domain": org.my_domain,
            "version": org.version,
            **{name: getattr(org, name) for name in _SWITCHES},
        }

    def _write(self, org: Org, statement: object) -> None:
        try:
            self._connection.execute(statement)  # type: ignore[call-overload]
        except IntegrityError as error:
            message = f"Another org has the name “{org.name}”, the id or the My Domain “{org.my_domain}”."
            raise ChangeoverError(errors.NAME_TAKEN, message) from error
