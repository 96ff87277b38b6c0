"""Browser sessions, by digest: who reads the database can enter none."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, insert, select, update

from changeover.org.model.people import Session, StoredSession
from changeover.store.schema.orgs import web_session as table


class SqlSessions:
    """The sessions of all users. One whose time is over is not there, whether its row is or not."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    @property
    def _alive(self) -> ColumnElement[bool]:
        return table.c.expires_at > self._now

    @staticmethod
    def _session(row: RowMapping) -> Session:
        return Session(
            session_id=row["id"],
            created_at=row["created_at"],
            last_used_at=row["last_used_at"],
            expires_at=row["expires_at"],
            address=row["address"],
            browser=row["browser"],
        )

    def by_digest(self, digest: str) -> StoredSession | None:
        """Return a session with its user and its data."""
        query = select(table).where(table.c.digest == digest, self._alive)
        row = self._connection.execute(query).mappings().one_or_none()
        if row is None:
            return None
        return StoredSession(session=self._session(row), user_id=row["user_id"], data=row["data"])

    def list(self, user_id: str) -> tuple[Session, ...]:
        """Return a user's sessions, the last used first."""
        query = select(table).where(table.c.user_id == user_id, self._alive)
        rows = self._connection.execute(query.order_by(table.c.last_used_at.desc(), table.c.id)).mappings()
        return tuple(self._session(row) for row in rows)

    def add(self, user_id: str, session: Session, digest: str, data: bytes) -> None:
        """Add a session. Those whose time is over go."""
        self._connection.execute(delete(table).where(~self._alive))
        self._connection.execute(
            insert(table).values(
                id=session.session_id,
                user_id=user_id,
                digest=digest,
                data=data,
                created_at=session.created_at,
                last_used_at=session.last_used_at,
                expires_at=session.expires_at,
                address=session.address,
                browser=session.browser,
            )
        )

    def use(self, digest: str, data: bytes, expires_at: datetime, *, renewed: str | None = None) -> bool:
        """Write a session's data, last use and end; `renewed` is the digest of its new id.

        Returns False where it has ended: no late answer brings it back.
        """
        values = {"data": data, "last_used_at": self._now, "expires_at": expires_at}
        if renewed is not None:
            values["digest"] = renewed
        mine = (table.c.digest == digest, self._alive)
        return self._connection.execute(update(table).where(*mine).values(**values)).rowcount > 0

    def remove(self, digest: str) -> None:
        """End a session by the digest of its id."""
        self._connection.execute(delete(table).where(table.c.digest == digest))

    def end(self, user_id: str, session_id: str) -> bool:
        """End a session of a user; returns whether there was one."""
        mine = (table.c.id == session_id, table.c.user_id == user_id, self._alive)
        return self._connection.execute(delete(table).where(*mine)).rowcount > 0

    def end_all(self, user_id: str, *, keep: str | None = None) -> int:
        """End all sessions of a user but the one to keep, by id; returns how many were alive."""
        mine = [table.c.user_id == user_id]
        if keep is not None:
            mine.append(table.c.id != keep)
        ended = self._connection.execute(delete(table).where(*mine, self._alive)).rowcount
        self._connection.execute(delete(table).where(*mine))
        return ended
