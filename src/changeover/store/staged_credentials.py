"""Staged credentials of external client apps."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, insert, select

from changeover.org.model.apps import StagedCredentials
from changeover.store.prepared import Prepared
from changeover.store.schema.apps import staged_credentials as table
from changeover.store.sealed import identity
from changeover.store.vault import UnitVault

_KEEP = timedelta(days=1)
"""How long expired ones are kept: they are told as expired."""

_OF_APP = select(table).where(table.c.app_id == bindparam("app"))
_OF = Prepared(_OF_APP)
_OF_LOCKED = Prepared(_OF_APP.with_for_update())


class SqlStagedCredentials:
    """The staged credentials of all orgs."""

    def __init__(self, connection: Connection, vault: UnitVault) -> None:
        self._connection = connection
        self._vault = vault

    def of(self, app_id: str, *, lock: bool = False) -> StagedCredentials | None:
        """Return those of an app. `lock`: nobody else may change them meanwhile."""
        query = _OF_LOCKED if lock else _OF
        row = query.one(self._connection, {"app": app_id})
        if row is None:
            return None
        return StagedCredentials(
            staged_id=row["id"],
            app_id=row["app_id"],
            consumer_key=row["consumer_key"],
            secret_set=row["secret_set"],
            rotated=row["rotated"],
            created_by=row["created_by"],
            created_at=row["created_at"],
            expires_at=row["expires_at"],
        )

    def secret(self, staged: StagedCredentials) -> str | None:
        """Return their secret in clear."""
        query = select(table.c.sealed).where(table.c.id == staged.staged_id)
        return self._opened(staged.staged_id, self._connection.execute(query).scalar_one_or_none())

    def _opened(self, staged_id: str, sealed: bytes | None) -> str | None:
        if sealed is None:
            return None
        return self._vault.unseal(identity(table, staged_id), sealed).decode()

    def put(self, org_id: str, staged: StagedCredentials, secret: str | None) -> None:
        """Write those of an app anew; the secret is sealed."""
        self.remove(staged.app_id)
        sealed = self._vault.seal(identity(table, staged.staged_id), secret.encode()) if secret else None
        values = {
            "id": staged.staged_id,
            "org_id": org_id,
            "app_id": staged.app_id,
            "consumer_key": staged.consumer_key,
            "sealed": sealed,
            "secret_set": sealed is not None,
            "rotated": staged.rotated,
            "created_by": staged.created_by,
            "created_at": staged.created_at,
            "expires_at": staged.expires_at,
        }
        self._connection.execute(insert(table).values(**values))

    def remove(self, app_id: str) -> None:
        """Remove those of an app."""
        self._connection.execute(delete(table).where(table.c.app_id == app_id))

    def forget_expired(self, now: datetime) -> None:
        """Delete those whose time has been over for a day."""
        self._connection.execute(delete(table).where(table.c.expires_at < now - _KEEP))
