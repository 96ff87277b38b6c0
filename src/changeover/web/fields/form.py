"""Forms from documents: what the schema declares, under the names that the label tables give.

The name of a form field is its leaf path, with an index where a group repeats: `ipRanges[2]/start`. What
comes back is compared with what was shown, so that only what somebody changed is changed: an element that the
app does not have stays away, and a value that the form cannot show is not touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from changeover.apps.connected_app import ConnectedApp
from changeover.apps.document import Document, Element, element_at, elements, leaves
from changeover.apps.external_client_app import ExternalClientApp
from changeover.apps.scopes import split_scopes
from changeover.apps.types import BY_DOCUMENT, TYPES
from changeover.org.editing import Value
from changeover.org.model.orgs import Actor
from changeover.org.ports import Unit
from changeover.web.fields import connected_app, external_client_app
from changeover.web.fields.labels import Label, Section
from changeover.web.fields.values import VALUE_LABELS, value_label
from changeover.web.forms import Form

_NAMES = frozenset({"scopes", "profiles", "permission_sets"})
_UNITS = (("HOURS", "Hours"), ("DAYS", "Days"), ("MONTHS", "Months"))
_BY_SUFFIX = {entry.suffix: entry.document for entry in TYPES if entry.part_suffix or entry.suffix == "eca"}
_ROW_LABELS = {**connected_app.ROW_LABELS, **external_client_app.ROW_LABELS}

Options = tuple[tuple[str, str], ...]


class Offers(NamedTuple):
    """What an org has to choose from."""

    profiles: Sequence[str] = ()
    permission_sets: Sequence[str] = ()
    """API names."""


NOTHING = Offers()


def offers(unit: Unit, actor: Actor) -> Offers:
    """Return what the actor's org has to choose from: the names only, so Setup is enough to see them."""
    return Offers(
        profiles=[profile.name for profile in unit.users.profiles(actor.org_id)],
        permission_sets=[found.api_name for found in unit.users.permission_sets(actor.org_id)],
    )


class Column(NamedTuple):
    """One value of a repeated group."""

    name: str
    label: str
    required: bool
    boolean: bool


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field as a form shows it."""

    path: str
    label: Label
    control: str
    """`text`, `number`, `area`, `check`, `select`, `choices`, `refresh` or `rows`."""
    present: bool
    """Whether the app has the element."""
    value: str = ""
    checked: bool = False
    chosen: tuple[str, ...] = ()
    options: Options = ()
    rows: tuple[Mapping[str, str], ...] = ()
    columns: tuple[Column, ...] = ()
    required: bool = False
    commas: bool = False
    """Several names in one text, separated by commas."""
    units: Options = _UNITS

    @property
    def refresh(self) -> tuple[str, str, str]:
        """A refresh token policy as type, number and unit; a text that is none stands as its type."""
        policy, number, unit = (*self.value.split(":"), "", "")[:3]
        timed = policy.startswith("specific_") and self.value.count(":") == 2  # noqa: PLR2004 - policy:number:unit
        return (policy, number, unit) if timed else (self.value, "", "DAYS")

    @property
    def texts(self) -> tuple[str, ...]:
        """What to show of it where it is not edited, one entry a value; empty where it is not set."""
        if self.control == "rows":
            return tuple(
                ", ".join(
                    f"{column.label}: {row[column.name]}" for column in self.columns if column.name in row
                )
                for row in self.rows
            )
        if self.control == "choices":
            words = dict(self.options)
            return tuple(words.get(name, name) for name in self.chosen)
        if self.control == "refresh" and self.value:
            policy, number, unit = self.refresh
            named = value_label(self.path, policy)
            return (f"{named} {number} {dict(self.units)[unit].lower()}" if number else named,)
        return (value_label(self.path, self.value),) if self.value else ()


@dataclass(frozen=True, kw_only=True)
class Fields:
    """Fields under one heading."""

    title: str
    fields: tuple[Field, ...]
    always: bool
    none: str

    @property
    def present(self) -> bool:
        """Whether the app has any of them."""
        return any(item.present for item in self.fields)


Documents = Mapping[str, Document]
"""Documents by suffix; a connected app's under the empty one."""


def of_connected_app(document: ConnectedApp) -> Documents:
    """Return a connected app as `sections` and `changes` take it."""
    return {"": document}


def of_external_client_app(app: ExternalClientApp) -> Documents:
    """Return an external client app as `sections` and `changes` take it: header and parts by suffix."""
    return {BY_DOCUMENT[type(document)].suffix: document for document in reversed(app.documents)}


def sections(tables: Iterable[Section], documents: Documents, offers: Offers = NOTHING) -> tuple[Fields, ...]:
    """Return the fields of an app under their headings, in the order of the label tables.

    Args:
        tables: sections of `connected_app` or `external_client_app`.
        documents: the app; fields of a part that it does not have are left out.
        offers: the profiles and permission sets to choose from.
    """
    held = {
        suffix: {leaf.path: leaf.value for leaf in leaves(document)} for suffix, document in documents.items()
    }
    made = []
    for table in tables:
        fields = tuple(
            _field(label, type(documents[suffix]), path, held[suffix], offers)
            for label in table.labels
            for suffix, path in [_place(label.path)]
            if suffix in documents
        )
        if fields:
            made.append(Fields(title=table.title, fields=fields, always=table.always, none=table.none))
    return tuple(made)


def _place(path: str) -> tuple[str, str]:
    """Split a path into the suffix of its part and the path within; a connected app's has no suffix."""
    first, _, rest = path.partition("/")
    return (first, rest) if first in _BY_SUFFIX else ("", path)


def _field(  # noqa: PLR0911 - one line a kind of element
    label: Label, cls: type[Document], path: str, held: Mapping[str, str], offers: Offers
) -> Field:
    element = element_at(cls, path)
    if element is None:
        message = f"a label for an element that is not there: {label.path}"
        raise ValueError(message)
    value = held.get(path)
    common: dict[str, Any] = {
        "path": label.path,
        "label": label,
        "present": value is not None,
        "required": element.required and _has_group(path, held),
    }
    match element.kind:
        case "boolean":
            on = label.default if value is None else value == "true"
            return Field(control="check", checked=on != label.opposite, **common)
        case "each" if element.group is not None:
            return _rows(label, element.group, path, held, common)
        case "many":
            chosen = tuple(_many(path, held))
            common["present"] = bool(chosen)
            return Field(
                control="choices", chosen=chosen, options=_options(label, element, chosen, offers), **common
            )
        case "integer":
            return Field(control="number", value=value or "", **common)
        case _ if label.control in _NAMES:
            chosen = split_scopes(value or "")
            options = _options(label, element, chosen, offers)
            return Field(control="choices", chosen=chosen, options=options, commas=True, **common)
        case _ if element.values is not None or label.control == "refresh":
            first = value.partition(":")[0] if value and label.control == "refresh" else value
            options = (("", "--None--"), *_options(label, element, (first,) if first else (), offers))
            return Field(control=label.control or "select", value=value or "", options=options, **common)
        case _:
            return Field(control=label.control or "text", value=value or "", **common)


def _has_group(path: str, held: Mapping[str, str]) -> bool:
    group = path.rpartition("/")[0]
    return not group or any(known.startswith(f"{group}/") for known in held)


def _many(path: str, held: Mapping[str, str]) -> Iterator[str]:
    number = 1
    while (value := held.get(f"{path}[{number}]")) is not None:
        yield value
        number += 1


def _options(label: Label, element: Element, chosen: Sequence[str], offers: Offers) -> Options:
    """Return what may be chosen, and what is chosen already whether it may or not."""
    match label.control:
        case "profiles":
            known: dict[str, str] = {name: name for name in offers.profiles}
        case "permission_sets":
            known = {name: name for name in offers.permission_sets}
        case _:
            known = dict(VALUE_LABELS.get(label.path, {}))
            known.update((value, value) for value in sorted(element.values or ()) if value not in known)
    # The guide's other spelling means the same: it is offered only where an app has it.
    known.pop("Enforce_RelaxRefresh", None)
    known.update((name, value_label(label.path, name)) for name in chosen if name not in known)
    return tuple(known.items())


def _rows(label: Label, group: type, path: str, held: Mapping[str, str], common: dict[str, Any]) -> Field:
    columns = tuple(
        Column(
            inner.name,
            _ROW_LABELS.get(f"{label.path}/{inner.name}", inner.name),
            inner.required,
            inner.kind == "boolean",
        )
        for inner in sorted(elements(group), key=lambda inner: not inner.required)
    )
    # In the order of the label table, which is how one reads them: start before end.
    order = [key.rpartition("/")[2] for key in _ROW_LABELS if key.rpartition("/")[0] == label.path]
    columns = tuple(sorted(columns, key=lambda column: order.index(column.name)))
    rows: list[Mapping[str, str]] = []
    while found := {
        column.name: held[f"{path}[{len(rows) + 1}]/{column.name}"]
        for column in columns
        if f"{path}[{len(rows) + 1}]/{column.name}" in held
    }:
        rows.append(found)
    common["present"] = bool(rows)
    return Field(control="rows", rows=tuple(rows), columns=columns, **common)


def changes(shown: Iterable[Fields], form: Form) -> dict[str, Value]:
    """Return what somebody changed in a form.

    Args:
        shown: the fields as the form showed them.
        form: what came back.

    Returns:
        Changes by leaf path as `org.editing` takes them.
    """
    made: dict[str, Value] = {}
    for section in shown:
        for item in section.fields:
            if f"{item.path}{SHOWN}" in form:
                made.update(_change(item, form))
    return made


def as_posted(shown: Iterable[Fields], form: Form) -> tuple[Fields, ...]:
    """Return the fields with what somebody entered, to show a form again that was refused."""
    return tuple(
        replace(section, fields=tuple(_posted(item, form) for item in section.fields)) for section in shown
    )


SHOWN = ".shown"
"""Ends the name of the hidden field that says that a field was in the form: an unchecked box is not sent."""


def _change(item: Field, form: Form) -> Iterator[tuple[str, Value]]:
    match item.control:
        case "check":
            on = form.checked(item.path)
            if on != item.checked:
                yield item.path, on != item.label.opposite
        case "choices":
            chosen = form.texts(item.path)
            if set(chosen) != set(item.chosen):
                # What was there keeps its place, so that a git diff of an export shows only what changed.
                kept = [name for name in item.chosen if name in chosen]
                names = [*kept, *(name for name in chosen if name not in kept)]
                yield item.path, (", ".join(names) or None) if item.commas else names
        case "rows":
            rows = tuple(_posted_rows(item, form))
            if rows != tuple(dict(row) for row in item.rows):
                yield item.path, rows
        case "refresh":
            value = _posted_policy(item, form)
            if value != item.value:
                yield item.path, value or None
        case _:
            value = form.text(item.path)
            if value != item.value.replace("\r\n", "\n").replace("\r", "\n"):
                yield item.path, value or None


def _posted(item: Field, form: Form) -> Field:
    if f"{item.path}{SHOWN}" not in form:
        return item
    match item.control:
        case "check":
            return replace(item, checked=form.checked(item.path))
        case "choices":
            return replace(item, chosen=form.texts(item.path))
        case "rows":
            return replace(item, rows=tuple(_posted_rows(item, form)))
        case "refresh":
            return replace(item, value=_posted_policy(item, form))
        case _:
            return replace(item, value=form.text(item.path))


def _posted_rows(item: Field, form: Form) -> Iterator[dict[str, str]]:
    """Yield the rows that came back; an empty one is none."""
    names = form.names()
    number = 1
    while any(name.startswith(f"{item.path}[{number}]/") for name in names):
        row = {}
        for column in item.columns:
            value = form.text(f"{item.path}[{number}]/{column.name}").strip()
            if value:
                row[column.name] = value
        if row:
            yield row
        number += 1


def _posted_policy(item: Field, form: Form) -> str:
    policy = form.text(item.path)
    if not policy.startswith("specific_"):
        return policy
    number = form.text(f"{item.path}.number").strip()
    return f"{policy}:{number}:{form.text(f'{item.path}.unit')}"
