"""Login History: imported, looked at, and heard as evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import chain

from changeover.org import audit
from changeover.org.act import act, require
from changeover.org.assessing import reassess_label
from changeover.org.lists import LoginQuery, Page
from changeover.org.login_order import by_application
from changeover.org.model.events import LoginRow
from changeover.org.model.orgs import Actor
from changeover.org.permissions import LOGIN_HISTORY
from changeover.org.ports import Unit, Units


@dataclass(frozen=True, kw_only=True)
class LoginImport:
    """What an import of Login History brought."""

    read: int
    """Rows that were read."""
    new: int
    """Rows that were not there before."""


ROWS_AT_ONCE = 2_000
APPS_AT_ONCE = 50
"""What one transaction takes: others who write wait for it, a tenth of a second or two."""


def import_login_histories(
    units: Units, actor: Actor, histories: Iterable[Iterable[LoginRow]]
) -> LoginImport:
    """Add the rows of whole files to Login History, in many transactions that each hold nobody up for long.

    A transaction has the rows of a few apps, and their verdicts with them. All files are read before the
    first one begins. What is interrupted has brought some apps; to import the same files again brings the
    others.

    Args:
        units: where transactions come from.
        actor: who imports.
        histories: the rows of each file. Two files may overlap; the same row in both is one login.

    Raises:
        ChangeoverError: E-NOT-PERMITTED, E-USER-NOT-ACTIVE; what reading a file raises.
    """
    with units.read() as unit:
        require(unit, actor, LOGIN_HISTORY, "import Login History")
    read, new = 0, 0
    with ExitStack() as stack:
        sorted_ones = [stack.enter_context(by_application(map(_named, rows))) for rows in histories]
        for some in chain.from_iterable(map(_a_few_apps, sorted_ones)):
            with units.unit() as unit:
                done = import_login_history(unit, actor, some)
            read, new = read + done.read, new + done.new
    return LoginImport(read=read, new=new)


def _named(row: LoginRow) -> LoginRow:
    application = row.application.strip()
    return row if application == row.application else replace(row, application=application)


def _a_few_apps(rows: Iterable[LoginRow]) -> Iterator[list[LoginRow]]:
    """Cut rows in the order of their apps; equal rows stay together, since they are counted."""
    some: list[LoginRow] = []
    apps = 0
    for row in rows:
        last = some[-1] if some else None
        news = last is None or row.application != last.application
        if (apps == APPS_AT_ONCE and news) or (len(some) >= ROWS_AT_ONCE and row != last):
            yield some
            some, apps, news = [], 0, True
        some.append(row)
        apps += news
    if some:
        yield some


@act(LOGIN_HISTORY, "import Login History")
def import_login_history(unit: Unit, actor: Actor, rows: Iterable[LoginRow]) -> LoginImport:
    """Add a few rows to Login History, in one transaction, each only once however often it is imported.

    The verdict of every app whose label has new rows is made anew.
    """
    read = 0

    def counted() -> Iterator[LoginRow]:
        nonlocal read
        for row in rows:
            read += 1
            yield _named(row)

    added = unit.logins.add(actor.org_id, counted())
    new = sum(added.values())
    if new:
        for label in sorted(added):
            reassess_label(unit, actor.org_id, label)
        text = f"Imported {new} rows of Login History."
        after = {"read": read, "new": new}
        audit.record(unit, actor, audit.Event.LOGIN_HISTORY_IMPORTED, "Login History", text, after=after)
    return LoginImport(read=read, new=new)


@act(LOGIN_HISTORY, "export Login History")
def export_logins(unit: Unit, actor: Actor) -> Iterator[LoginRow]:
    """Return the whole Login History, the newest row first."""
    return (row for _number, row in unit.logins.scan(actor.org_id))


@act(LOGIN_HISTORY, "look at Login History")
def list_logins(unit: Unit, actor: Actor, query: LoginQuery | None = None) -> Page[LoginRow]:
    """Return a page of Login History, the newest row first."""
    return unit.logins.page(actor.org_id, query or LoginQuery())
