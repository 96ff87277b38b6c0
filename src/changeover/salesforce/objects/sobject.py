"""What an object of the APIs is: a name, fields that read a row, and where its rows come from.

Source of the objects' fields: Object Reference for the Salesforce Platform and Tooling API reference, one
page an object (salesforce-reference 8.1 to 8.3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from changeover.org.act import held
from changeover.org.model.people import User
from changeover.org.permissions import SIGNED_IN, Needs, Permission
from changeover.org.ports import Unit
from changeover.salesforce.session import ApiSession


class FieldType(StrEnum):
    """Types of fields, as describe spells them."""

    ID = "id"
    STRING = "string"
    TEXTAREA = "textarea"
    URL = "url"
    EMAIL = "email"
    PICKLIST = "picklist"
    BOOLEAN = "boolean"
    INT = "int"
    DATETIME = "datetime"
    REFERENCE = "reference"


REMEMBERED = 20_000
"""Parents that one call remembers: ours, so that memory stays bounded."""


class View:
    """What one call sees: its transaction, its session, and what was looked up once."""

    def __init__(self, unit: Unit, session: ApiSession) -> None:
        self.unit = unit
        self.session = session
        self.parents: dict[tuple[str, str], Any] = {}
        """Rows by object and id, for relationships."""

    def remember(self, sobject: str, record_id: str, row: Any) -> None:  # noqa: ANN401 - a row of any object
        """Remember a row that a relationship may lead to, so that it need not be looked for."""
        if len(self.parents) >= REMEMBERED:
            self.parents.clear()
        self.parents[sobject, record_id] = row

    @property
    def org_id(self) -> str:
        """The org's id."""
        return self.session.org.org_id

    @cached_property
    def permissions(self) -> frozenset[Permission]:
        """What the user may do now."""
        return held(self.unit, self.session.actor)

    def may(self, needs: Needs) -> bool:
        """Whether the user may see what needs this."""
        return needs.met_by(self.permissions)

    @cached_property
    def users(self) -> Mapping[str, User]:
        """The org's users by id."""
        return {user.user_id: user for user in self.unit.users.list(self.org_id)}

    @cached_property
    def user_ids(self) -> Mapping[str, str]:
        """The org's users' ids by username in lower case."""
        return {user.username.casefold(): user_id for user_id, user in self.users.items()}

    def user_id(self, username: str) -> str | None:
        """Return the id of a user, None where the org has none of that name."""
        return self.user_ids.get(username.casefold())


@dataclass(frozen=True, kw_only=True)
class Narrow:
    """What a query asks of a row beyond doubt; whoever yields rows may leave out others, and need not."""

    equal: Mapping[str, frozenset[Any]] = field(default_factory=dict)
    """By field in lower case: the values of which it must have one."""
    since: Mapping[str, datetime] = field(default_factory=dict)
    until: Mapping[str, datetime] = field(default_factory=dict)
    """By field in lower case: from and to when; both ends may belong to it."""

    def one_of(self, name: str) -> frozenset[Any] | None:
        """Return the values of which a field must have one, None where it may have any."""
        return self.equal.get(name.lower())


ANY = Narrow()


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field."""

    name: str
    type: FieldType
    read: Callable[[Any], Any]
    """Reads its value of a row."""
    label: str = ""
    refers_to: str = ""
    """Reference: the object."""
    relationship: str = ""
    """Reference: the name by which a query goes on (`User.Name`)."""
    tooling: bool = False
    """Whether only the Tooling API has it."""


@dataclass(frozen=True, kw_only=True)
class SObject:
    """An object."""

    name: str
    label: str
    plural: str
    prefix: str
    """The first three characters of its records' ids."""
    fields: tuple[Field, ...]
    rows: Callable[[View, Narrow], Iterable[Any]]
    """Yields rows in a fixed order, as they are read: only what the user may see."""
    needs: Needs = SIGNED_IN
    """Without it the object is not there for the user."""
    newest_first: str = ""
    """The field by which its rows come descending already; sorting by it costs nothing then."""
    most_rows: int | None = None
    """How many rows a query returns at most, whatever it finds."""

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """Fields by name in lower case."""
        return {one.name.lower(): one for one in self.fields}

    @cached_property
    def by_relationship(self) -> Mapping[str, Field]:
        """References by the name of the relationship in lower case."""
        return {one.relationship.lower(): one for one in self.fields if one.relationship}

    def field(self, name: str, *, tooling: bool) -> Field | None:
        """Return a field by name, without regard to case."""
        found = self.by_name.get(name.lower())
        return found if found is not None and (tooling or not found.tooling) else None

    def shown(self, *, tooling: bool) -> Iterator[Field]:
        """Yield the fields of an API."""
        return (one for one in self.fields if tooling or not one.tooling)


def spelled(value: Any) -> Any:  # noqa: ANN401 - of any field
    """Return a value as JSON has it: a time as `2026-11-23T12:00:00.000+0000`."""
    if isinstance(value, datetime):
        at = value.astimezone(UTC)
        return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}+0000"
    return value


def identifier(of: str = "") -> Field:
    """Return the field Id; `of` is the attribute of a row that has it."""
    return Field(name="Id", type=FieldType.ID, read=lambda row: getattr(row, of), label="ID")


def attribute(name: str, of: str, kind: FieldType = FieldType.STRING, *, tooling: bool = False) -> Field:
    """Return a field that reads an attribute of a row."""
    return Field(name=name, type=kind, read=lambda row: getattr(row, of), tooling=tooling)


def constant(
    name: str,
    value: Any,  # noqa: ANN401 - of any field
    kind: FieldType = FieldType.STRING,
    *,
    tooling: bool = False,
) -> Field:
    """Return a field that has one value in every row of a local org."""
    return Field(name=name, type=kind, read=lambda _row: value, tooling=tooling)


def computed(name: str, kind: FieldType, read: Callable[[Any], Any], *, tooling: bool = False) -> Field:
    """Return a field that is worked out of a row."""
    return Field(name=name, type=kind, read=read, tooling=tooling)


def reference(
    name: str, to: str, relationship: str, read: Callable[[Any], Any], *, tooling: bool = False
) -> Field:
    """Return a field that holds the id of another record."""
    return Field(
        name=name,
        type=FieldType.REFERENCE,
        read=read,
        refers_to=to,
        relationship=relationship,
        tooling=tooling,
    )
