"""Column types that are the same on SQLite and PostgreSQL: texts, times."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Dialect, TypeDecorator
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.types import TypeEngine

from changeover import errors
from changeover.errors import ChangeoverError

_ZONE = "+00:00"


def storable(text: str) -> bool:
    """Whether both databases can hold a text: PostgreSQL refuses NUL, UTF-8 the halves of surrogate pairs."""
    try:
        return "\0" not in text and (text.isascii() or bool(text.encode()))
    except UnicodeEncodeError:
        return False


class _NotStorableError(ChangeoverError, DontWrapMixin):
    """SQLAlchemy lets it through as it is."""


def checked(text: str | None) -> str | None:
    """Return a text that both databases can hold. Raises E-VALUE-REFUSED."""
    if text is not None and not storable(text):
        message = "A text holds a character that no Salesforce file can hold: NUL, or half of a pair."
        raise _NotStorableError(errors.VALUE_REFUSED, message)
    return text


class Text(TypeDecorator[str]):
    """A text, compared and ordered by its characters' numbers: Python, SQLite and PostgreSQL then agree.

    PostgreSQL would otherwise order by the language that its cluster was made for, and could not search by
    the beginning of a text in an index. Steps that landed use it: what it makes of a column never changes.

    Args:
        length: the most characters; only for what Changeover makes itself, since only PostgreSQL checks it.
    """

    impl = sa.Text
    cache_ok = True

    def __init__(self, length: int | None = None) -> None:
        super().__init__()
        self.length = length

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the database's own type."""
        collation = "C" if dialect.name == "postgresql" else None
        text = sa.String(self.length, collation) if self.length else sa.Text(collation=collation)
        return dialect.type_descriptor(text)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Refuse what one of the databases cannot hold. Raises E-VALUE-REFUSED."""
        return checked(value)


def _utc(at: datetime | None) -> datetime | None:
    if at is None:
        return None
    if at.tzinfo is None:
        message = f"a time without a zone: {at!r}"
        raise ValueError(message)
    return at.astimezone(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """A time with UTC as its zone; SQLite knows no zones."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Turn a time into UTC; refuse one without a zone."""
        return _utc(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ANN401, ARG002 - SQLAlchemy's signature
        """Say that what was stored is UTC."""
        if value is None:
            return None
        found: datetime = value
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def sqlite_time(at: datetime | None) -> str | None:
    """Return a time as SQLite keeps it: what SQLAlchemy's type makes of it, in a third of the time."""
    utc = _utc(at)
    return None if utc is None else utc.isoformat(" ", "microseconds").removesuffix(_ZONE)


def from_sqlite_time(stored: str | None) -> datetime | None:
    """Read what `sqlite_time` made."""
    return None if stored is None else datetime.fromisoformat(stored).replace(tzinfo=UTC)
