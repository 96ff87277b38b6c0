"""Company Information: the org, its edition, and what follows from it."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post

from changeover.errors import ChangeoverError
from changeover.org import company
from changeover.org.act import require
from changeover.org.model.orgs import Edition, Org
from changeover.org.permissions import CUSTOMIZE
from changeover.web.forms import ThisForm
from changeover.web.problems import Problem, of_error
from changeover.web.visit import Notice, ThisVisit, Visit

_PATH = "/setup/company-information"


@get(_PATH, sync_to_thread=True)
def view_page(visit: ThisVisit) -> Response[str]:
    """Show the org."""
    with visit.read() as unit:
        org = company.view_org(unit, visit.actor)
    return visit.page(
        "company_information.html", title="Company Information", org=org, may_edit=visit.may(CUSTOMIZE)
    )


@get(f"{_PATH}/edit", sync_to_thread=True)
def edit_page(visit: ThisVisit) -> Response[str]:
    """Show the form."""
    with visit.read() as unit:
        org = company.view_org(unit, visit.actor)
    return _form(visit, org, _held(org), org.version)


@post(f"{_PATH}/edit", sync_to_thread=True)
def edit(visit: ThisVisit, form: ThisForm) -> Response[Any]:
    """Write name, edition, My Domain, the Enterprise switch and the Support exception."""
    changes: dict[str, str | bool] = {
        "name": form.text("name").strip(),
        "edition": form.text("edition"),
        "my_domain": form.text("my_domain").strip(),
        "enterprise_admitted": form.checked("enterprise_admitted"),
        "connected_app_creation_allowed": form.checked("connected_app_creation_allowed"),
    }
    seen = form.number("version")
    try:
        with visit.unit() as unit:
            company.edit_org(unit, visit.actor, changes, seen_version=seen)
    except ChangeoverError as error:
        with visit.read() as unit:
            org = company.view_org(unit, visit.actor)
        return _form(visit, org, changes, seen, of_error(error))
    return visit.go(_PATH, Notice("success", "Company Information was saved."))


def _held(org: Org) -> dict[str, str | bool]:
    return {
        "name": org.name,
        "edition": str(org.edition),
        "my_domain": org.my_domain,
        "enterprise_admitted": org.enterprise_admitted,
        "connected_app_creation_allowed": org.connected_app_creation_allowed,
    }


def _form(
    visit: Visit, org: Org, values: dict[str, str | bool], version: int | None, error: Problem | None = None
) -> Response[str]:
    with visit.read() as unit:
        require(unit, visit.actor, CUSTOMIZE, "edit Company Information")
    return visit.page(
        "company_information_form.html",
        status=error.status if error else 200,
        title="Edit Company Information",
        org=org,
        values=values,
        version=version,
        editions=[(str(edition), str(edition)) for edition in Edition],
        error=error,
    )


ROUTES = (view_page, edit_page, edit)
