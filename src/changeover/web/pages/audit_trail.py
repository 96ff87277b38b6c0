"""Setup Audit Trail: who did what, through which door, with what before and after."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from litestar import Response, get
from litestar.params import FromQuery

from changeover.org import audit
from changeover.org.lists import AuditQuery
from changeover.org.model.events import AuditEntry
from changeover.web.listing import PAGE_SIZE, Listing, order
from changeover.web.visit import ThisVisit

_PATH = "/setup/audit-trail"


class Change(NamedTuple):
    """A value before and after, None where there was none."""

    name: str
    before: str | None
    after: str | None


class Row(NamedTuple):
    """An entry with what changed."""

    entry: AuditEntry
    changes: tuple[Change, ...]


@get(_PATH, sync_to_thread=True)
def list_page(
    visit: ThisVisit,
    q: FromQuery[str] = "",
    event: FromQuery[str] = "",
    actor: FromQuery[str] = "",
    page: FromQuery[int] = 1,
) -> Response[str]:
    """List entries, the newest first."""
    shown = order(("number",), sort="-number", page=page, search=q, filters={"event": event, "actor": actor})
    query = AuditQuery(
        subject=shown.search, event=event, actor=actor.strip(), page=shown.page, page_size=PAGE_SIZE
    )
    with visit.read() as unit:
        found = audit.list_audit(unit, visit.actor, query)
    rows = [Row(entry, changes(entry.before, entry.after)) for entry in found]
    listing = Listing(rows=rows, total=found.total, order=shown, path=_PATH, open_ended=found.open_ended)
    events = [("", "All events"), *((str(item), str(item)) for item in audit.Event)]
    return visit.page(
        "audit_trail.html",
        title="View Setup Audit Trail",
        listing=listing,
        events=events,
        event=event,
        actor=actor,
    )


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> tuple[Change, ...]:
    """Return the values that differ, by name. Of lists, what was taken out and what was put in.

    A value within another has both names: `Billing.eca/description`.
    """
    left, right = dict(_flat(before or {})), dict(_flat(after or {}))
    names = sorted(left.keys() | right.keys())
    told = (Change(name, *_told(left.get(name), right.get(name))) for name in names)
    return tuple(change for change in told if change.before != change.after)


def _flat(values: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, object]]:
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{within}{name}/")
        else:
            yield f"{within}{name}", value


def _told(before: object, after: object) -> tuple[str | None, str | None]:
    if isinstance(before, list) and isinstance(after, list):
        before, after = [x for x in before if x not in after], [x for x in after if x not in before]
    return _text(before), _text(after)


def _text(value: object) -> str | None:
    if value is None or value == []:
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    return json.dumps(value, ensure_ascii=False, default=str)


ROUTES = (list_page,)
