"""Pages of Setup that are a handful of switches of the org: what they share."""

from __future__ import annotations

from typing import Any, NamedTuple

from litestar import Response

from changeover.errors import ChangeoverError
from changeover.migration.dates import Deadline
from changeover.org import company
from changeover.org.model.orgs import Org
from changeover.org.permissions import CUSTOMIZE
from changeover.web.forms import Form
from changeover.web.problems import Problem, of_error
from changeover.web.visit import Notice, Visit


class Switch(NamedTuple):
    """A switch as the page shows it."""

    field: str
    """Name of `Org`'s field."""
    label: str
    """As Salesforce's Setup names it."""
    help: str
    """What follows from it here."""
    element: str
    """Of Salesforce's metadata; empty where only Setup has it."""
    eligibility: str
    """What it has to do with verdicts and findings here."""
    inverse: bool = False
    """Whether the page says "allow" where the org holds "blocked"."""
    deadline: Deadline | None = None
    """What Salesforce does to it on a day."""


class Absent(NamedTuple):
    """A switch of Salesforce's that is not here."""

    label: str
    why: str


class SwitchPage(NamedTuple):
    """A page of switches."""

    title: str
    path: str
    symbol: str
    note: str
    switches: tuple[Switch, ...]
    absent: tuple[Absent, ...] = ()
    """What Salesforce has beside."""


def show(visit: Visit, page: SwitchPage) -> Response[str]:
    """Return the page with the switches as the org holds them."""
    with visit.read() as unit:
        org = company.view_org(unit, visit.actor)
    on = frozenset(switch.field for switch in page.switches if _on(org, switch))
    return _page(visit, page, on, org.version)


def save(visit: Visit, page: SwitchPage, form: Form) -> Response[Any]:
    """Write the switches of a form."""
    on = frozenset(switch.field for switch in page.switches if form.checked(switch.field))
    changes = {switch.field: (switch.field in on) is not switch.inverse for switch in page.switches}
    seen = form.number("version")
    try:
        with visit.unit() as unit:
            company.edit_org(unit, visit.actor, changes, seen_version=seen)
    except ChangeoverError as error:
        return _page(visit, page, on, seen, of_error(error))
    return visit.go(page.path, Notice("success", f"{page.title}: saved."))


def _on(org: Org, switch: Switch) -> bool:
    return bool(getattr(org, switch.field)) is not switch.inverse


def _page(
    visit: Visit, page: SwitchPage, on: frozenset[str], version: int | None, error: Problem | None = None
) -> Response[str]:
    return visit.page(
        "switches.html",
        status=error.status if error else 200,
        title=page.title,
        page=page,
        on=on,
        version=version,
        error=error,
        today=visit.services.clock.now().date(),
        may_edit=visit.may(CUSTOMIZE),
    )
