"""The migrate dialog: the evidence, what will change, the confirmations, and then Migrate."""

from __future__ import annotations

from collections import Counter
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from changeover.errors import ChangeoverError
from changeover.migration.finding import Severity
from changeover.org import app_manager
from changeover.org.act import require
from changeover.org.migrate import migrate, refuse_blocked, refuse_edition
from changeover.org.model.apps import Confirmation
from changeover.org.permissions import MIGRATE
from changeover.web import paths
from changeover.web.forms import ThisForm
from changeover.web.problems import Problem, of_error
from changeover.web.visit import ThisVisit, Visit

_PAGE = f"{paths.APP_MANAGER}/{{api_name:str}}/migrate"


@get(_PAGE, sync_to_thread=True)
def migrate_page(visit: ThisVisit, api_name: FromPath[str]) -> Response[Any]:
    """Show what is known of an app and what a migration changes, and ask for the confirmations."""
    return _dialog(visit, api_name)


@post(_PAGE, sync_to_thread=True)
def migrate_app(visit: ThisVisit, api_name: FromPath[str], form: ThisForm) -> Response[Any]:
    """Migrate an app and open the window with the link to its external client app."""
    confirmation = Confirmation(
        local=form.checked("local"),
        no_username_password=form.checked("no_username_password"),
        despite_evidence=form.checked("despite_evidence"),
        seen_version=form.number("version"),
    )
    try:
        with visit.unit() as unit:
            made = migrate(unit, visit.actor, api_name, confirmation)
    except ChangeoverError as error:
        return _dialog(visit, api_name, confirmation, of_error(error))
    return visit.go(f"{paths.connected_app(made.api_name)}?window=created")


def _dialog(
    visit: Visit, api_name: str, given: Confirmation | None = None, error: Problem | None = None
) -> Response[Any]:
    with visit.read() as unit:
        require(unit, visit.actor, MIGRATE, "migrate connected apps")
        planned = app_manager.plan_migration(unit, visit.actor, api_name)
    if error is None:
        refuse_edition(visit.org)
        refuse_blocked(planned.app, planned.assessment)
        if planned.app.read_only:
            return visit.go(paths.connected_app(api_name))
    kinds = Counter(entry.kind.value for entry in planned.account.entries)
    return visit.dialog(
        "migrate.html",
        status=error.status if error else 200,
        title="Migrate to External Client App",
        app=planned.app,
        account=planned.account,
        kinds=kinds,
        against=planned.assessment.with_severity(Severity.CONFIRM),
        warnings=planned.assessment.with_severity(Severity.WARNING),
        notes=planned.assessment.with_severity(Severity.NOTE),
        not_visible=planned.assessment.not_visible,
        given=given or Confirmation(),
        error=error,
    )


ROUTES = (migrate_page, migrate_app)
