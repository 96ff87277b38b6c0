"""Orgs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, RowMapping, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org.model import Edition, Org
from changeover.store.rows import folded
from changeover.store.schema import org as table

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


# Built once: every migration asks it.
_GET = select(table).where(table.c.id == bindparam("org"))


class SqlOrgs:
    """The orgs of the installation."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    @staticmethod
    def _org(row: RowMapping) -> Org:
        return Org(
            org_id=row["id"],
            name=row["name"],
            edition=Edition(row["edition"]),
            my_domain=row["my_domain"],
            version=row["version"],
            **{name: row[name] for name in _SWITCHES},
        )

    def get(self, org_id: str) -> Org | None:
        """Return an org."""
        row = self._connection.execute(_GET, {"org": org_id}).mappings().one_or_none()
        return self._org(row) if row else None

    def list(self) -> tuple[Org, ...]:
        """Return all orgs by name."""
        rows = self._connection.execute(select(table).order_by(table.c.name_folded)).mappings()
        return tuple(self._org(row) for row in rows)

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
