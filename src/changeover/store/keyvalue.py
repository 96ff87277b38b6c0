"""Small values with an expiry, shared by all processes: uploads, rate-limit counters."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, select, tuple_, update

from changeover.org.ports import Clock
from changeover.store.engine import Database
from changeover.store.rows import found_or_put, put, put_first
from changeover.store.schema.orgs import key_value


class KeyValues:
    """The values of one namespace. Every call is a transaction of its own, so call it outside a unit."""

    def __init__(self, database: Database, clock: Clock, namespace: str) -> None:
        self._database = database
        self._clock = clock
        self._namespace = namespace

    def _row(self, key: str) -> ColumnElement[bool]:
        return and_(key_value.c.namespace == self._namespace, key_value.c.key == key)

    def _key(self, key: str) -> dict[str, str]:
        return {"namespace": self._namespace, "key": key}

    def read(self, key: str) -> bytes | None:
        """Return the value of a key, None where there is none or its time is over."""
        now = self._clock.now()
        with self._database.read() as connection:
            query = select(key_value.c.value).where(self._row(key), key_value.c.expires_at > now)
            value: bytes | None = connection.execute(query).scalar_one_or_none()
        return value

    def write(
        self,
        key: str,
        value: bytes,
        lifetime: timedelta,
        *,
        only_existing: bool = False,
        only_first: bool = False,
    ) -> bool:
        """Keep a value.

        Args:
            key: its name.
            value: what to keep.
            lifetime: for how long.
            only_existing: write no key anew; False is returned if there is none (any more).
            only_first: of two processes that write a key at once, the first one's value stays.
        """
        now = self._clock.now()
        values = {"value": value, "expires_at": now + lifetime}
        with self._database.write() as connection:
            if only_existing:
                alive = update(key_value).where(self._row(key), key_value.c.expires_at > now)
                if not connection.execute(alive.values(values)).rowcount:
                    return False
            elif only_first:
                over = key_value.c.expires_at <= now
                connection.execute(delete(key_value).where(self._row(key), over))
                put_first(connection, key_value, self._key(key), values)
            else:
                put(connection, key_value, self._key(key), values)
            self._clear(connection, now)
        return True

    def count(self, key: str, lifetime: timedelta, by: int = 1) -> int:
        """Count up, atomically, and return the count. A counter lives for `lifetime` from its first."""
        now = self._clock.now()
        ends = now + lifetime
        with self._database.write() as connection:
            first = {"value": b"0", "expires_at": ends}
            value, expires_at = found_or_put(connection, key_value, self._key(key), first)
            number, expires_at = (int(value) + by, expires_at) if expires_at > now else (by, ends)
            counted = {"value": str(number).encode(), "expires_at": expires_at}
            connection.execute(update(key_value).where(self._row(key)).values(counted))
            self._clear(connection, now)
        return number

    def ends(self) -> dict[str, datetime]:
        """Return every key whose time is not over, with when it will be."""
        query = select(key_value.c.key, key_value.c.expires_at).where(
            key_value.c.namespace == self._namespace, key_value.c.expires_at > self._clock.now()
        )
        with self._database.read() as connection:
            return {row.key: row.expires_at for row in connection.execute(query)}

    def remove(self, key: str) -> None:
        """Forget a key."""
        with self._database.write() as connection:
            connection.execute(delete(key_value).where(self._row(key)))

    def remove_all(self) -> None:
        """Forget every key of the namespace."""
        with self._database.write() as connection:
            connection.execute(delete(key_value).where(key_value.c.namespace == self._namespace))

    @staticmethod
    def _clear(connection: Connection, now: datetime) -> None:
        """Forget what has expired, as the last thing in a transaction.

        What others hold is left to them: who waits while he holds something may wait for ever.
        """
        columns = (key_value.c.namespace, key_value.c.key)
        over = select(*columns).where(key_value.c.expires_at <= now).with_for_update(skip_locked=True)
        connection.execute(delete(key_value).where(tuple_(*columns).in_(over)))
