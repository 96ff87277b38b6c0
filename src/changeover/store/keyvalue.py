"""Small values with an expiry, shared by all processes: uploads, rate-limit counters."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select, update

from changeover.org.ports import Clock
from changeover.store.engine import Database
from changeover.store.schema import key_value


class KeyValues:
    """The values of one namespace. Every call is a transaction of its own, so call it outside a unit."""

    def __init__(self, database: Database, clock: Clock, namespace: str) -> None:
        self._database = database
        self._clock = clock
        self._namespace = namespace

    def _row(self, key: str) -> ColumnElement[bool]:
        return and_(key_value.c.namespace == self._namespace, key_value.c.key == key)

    def read(self, key: str) -> bytes | None:
        """Return the value of a key, None where there is none or its time is over."""
        now = self._clock.now()
        with self._database.read() as connection:
            query = select(key_value.c.value).where(self._row(key), key_value.c.expires_at > now)
            value: bytes | None = connection.execute(query).scalar_one_or_none()
        return value

    def write(self, key: str, value: bytes, lifetime: timedelta, *, only_existing: bool = False) -> bool:
        """Keep a value. False if only an existing key was to be written and there is none (any more)."""
        now = self._clock.now()
        with self._database.write() as connection:
            self._clear(connection, now)
            values = {"value": value, "expires_at": now + lifetime}
            written = connection.execute(update(key_value).where(self._row(key)).values(values))
            if written.rowcount:
                return True
            if only_existing:
                return False
            connection.execute(insert(key_value).values(namespace=self._namespace, key=key, **values))
        return True

    def count(self, key: str, lifetime: timedelta) -> int:
        """Count one up, atomically, and return the count. A counter lives for `lifetime` from its first."""
        now = self._clock.now()
        with self._database.write() as connection:
            self._clear(connection, now)
            query = select(key_value.c.value).where(self._row(key)).with_for_update()
            found = connection.execute(query).scalar_one_or_none()
            number = int(found or 0) + 1
            value = str(number).encode()
            if found is not None:
                connection.execute(update(key_value).where(self._row(key)).values(value=value))
            else:
                connection.execute(
                    insert(key_value).values(
                        namespace=self._namespace, key=key, value=value, expires_at=now + lifetime
                    )
                )
        return number

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
        connection.execute(delete(key_value).where(key_value.c.expires_at <= now))
