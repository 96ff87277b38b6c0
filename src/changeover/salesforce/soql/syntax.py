"""What a query says, as it was written: nothing is known yet of objects and fields."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple


class Spot(NamedTuple):
    """Where something stands in a query, counted from 1."""

    row: int
    column: int


@dataclass(frozen=True)
class Path:
    """A field, by way of relationships: `User.Profile.Name`."""

    names: tuple[str, ...]
    spot: Spot

    def __str__(self) -> str:
        return ".".join(self.names)


@dataclass(frozen=True)
class AllFields:
    """`FIELDS(ALL)`, `FIELDS(STANDARD)`, `FIELDS(CUSTOM)`."""

    group: str
    """In capitals."""
    spot: Spot


@dataclass(frozen=True)
class Count:
    """`COUNT()`."""


@dataclass(frozen=True)
class Aggregate:
    """`COUNT(Id)`, `COUNT_DISTINCT(UserId) users`."""

    function: str
    """In capitals."""
    path: Path
    alias: str | None

    def __str__(self) -> str:
        return f"{self.function}({self.path})"


class Operator(StrEnum):
    """How a value is compared."""

    EQUAL = "="
    NOT_EQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    GREATER = ">"
    AT_LEAST = ">="
    LIKE = "LIKE"


@dataclass(frozen=True)
class DateLiteral:
    """`TODAY`, `LAST_N_DAYS:30`."""

    name: str
    """In capitals."""
    count: int | None
    spot: Spot


Value = str | int | Decimal | bool | date | datetime | DateLiteral | None


@dataclass(frozen=True)
class Comparison:
    """A field compared with one value."""

    path: Path
    operator: Operator
    value: Value


@dataclass(frozen=True)
class Among:
    """A field that has one of some values, or of those that another query finds."""

    path: Path
    values: tuple[Value, ...] | Query


@dataclass(frozen=True)
class Not:
    """What must not hold."""

    condition: Condition


@dataclass(frozen=True)
class AllOf:
    """What must hold together."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class AnyOf:
    """Of what one must hold."""

    conditions: tuple[Condition, ...]


Condition = Comparison | Among | Not | AllOf | AnyOf


@dataclass(frozen=True)
class Sorting:
    """One field, or one aggregate of a grouped query, to sort by."""

    by: Path | Aggregate
    descending: bool
    nulls_last: bool


@dataclass(frozen=True)
class Query:
    """A query."""

    text: str
    """As it was given: errors show it."""
    select: tuple[Path | AllFields | Aggregate, ...] | Count
    source: str
    """The object, as it was spelled."""
    spot: Spot
    """Of the object."""
    alias: str | None
    where: Condition | None
    group: tuple[Path, ...]
    order: tuple[Sorting, ...]
    limit: int | None
    offset: int

    @property
    def aggregates(self) -> bool:
        """Whether it answers with groups of records and not with records."""
        items = () if isinstance(self.select, Count) else self.select
        return bool(self.group) or any(isinstance(item, Aggregate) for item in items)
