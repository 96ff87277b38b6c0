"""Login History: imported, looked at, and heard as evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from changeover.org import audit
from changeover.org.act import act
from changeover.org.assessing import reassess_label
from changeover.org.lists import LoginQuery, Page
from changeover.org.model import Actor, LoginRow
from changeover.org.permissions import LOGIN_HISTORY
from changeover.org.ports import Unit


@dataclass(frozen=True, kw_only=True)
class LoginImport:
    """What an import of Login History brought."""

    read: int
    """Rows that were read."""
    new: int
    """Rows that were not there before."""


@act(LOGIN_HISTORY, "import Login History")
def import_login_history(unit: Unit, actor: Actor, rows: Iterable[LoginRow]) -> LoginImport:
    """Add rows to Login History. A window may be imported again: no row comes in twice.

    The verdict of every app whose label occurs is made anew.
    """
    read = 0
    labels: set[str] = set()

    def counted() -> Iterator[LoginRow]:
        nonlocal read
        for row in rows:
            read += 1
            application = row.application.strip()
            labels.add(application)
            yield replace(row, application=application)

    new = unit.logins.add(actor.org_id, counted())
    if new:
        for label in sorted(labels):
            reassess_label(unit, actor.org_id, label)
        text = f"Imported {new} rows of Login History."
        after = {"read": read, "new": new}
        audit.record(unit, actor, audit.Event.LOGIN_HISTORY_IMPORTED, "Login History", text, after=after)
    return LoginImport(read=read, new=new)


@act(LOGIN_HISTORY, "look at Login History")
def list_logins(unit: Unit, actor: Actor, query: LoginQuery | None = None) -> Page[LoginRow]:
    """Return a page of Login History, the newest row first."""
    return unit.logins.page(actor.org_id, query or LoginQuery())
