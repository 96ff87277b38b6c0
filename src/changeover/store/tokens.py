"""Personal API tokens, by digest."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, RowMapping, insert, select, update

from changeover.org.model.people import ApiToken, StoredToken
from changeover.store.schema.orgs import api_token as table


class SqlTokens:
    """The tokens of all users."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @staticmethod
    def _token(row: RowMapping) -> ApiToken:
        return ApiToken(
            token_id=row["id"],
            name=row["name"],
            created_at=row["created_at"],
            expires_at=row["expires_at"],
            last_used_at=row["last_used_at"],
            revoked=row["revoked"],
        )

    def add(self, user_id: str, token: ApiToken, digest: str) -> None:
        """Add a token."""
        self._connection.execute(
            insert(table).values(
                id=token.token_id,
                user_id=user_id,
                name=token.name,
                digest=digest,
                created_at=token.created_at,
                expires_at=token.expires_at,
                revoked=token.revoked,
            )
        )

    def list(self, user_id: str) -> tuple[ApiToken, ...]:
        """Return a user's tokens, the newest first."""
        query = select(table).where(table.c.user_id == user_id)
        rows = self._connection.execute(query.order_by(table.c.created_at.desc(), table.c.id)).mappings()
        return tuple(self._token(row) for row in rows)

    def by_digest(self, digest: str) -> StoredToken | None:
        """Return a token and its user."""
        row = self._connection.execute(select(table).where(table.c.digest == digest)).mappings().one_or_none()
        return StoredToken(token=self._token(row), user_id=row["user_id"]) if row else None

    def revoke(self, user_id: str, token_id: str) -> bool:
        """Revoke a user's token; returns whether there was one to revoke."""
        mine = (table.c.id == token_id, table.c.user_id == user_id, ~table.c.revoked)
        return self._connection.execute(update(table).where(*mine).values(revoked=True)).rowcount > 0

    def revoke_all(self, user_id: str, *, keep: str | None = None) -> int:
        """Revoke all tokens of a user but the one to keep, by id; returns how many there were to revoke."""
        mine = [table.c.user_id == user_id, ~table.c.revoked]
        if keep is not None:
            mine.append(table.c.id != keep)
        return self._connection.execute(update(table).where(*mine).values(revoked=True)).rowcount

    def used(self, token_id: str, at: datetime) -> None:
        """Note when a token was last used."""
        self._connection.execute(update(table).where(table.c.id == token_id).values(last_used_at=at))
