"""Migrate several apps: what is known of each, and one confirmation for all. The batch has its own page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from litestar import Response, get, post

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.migration.finding import Severity, Verdict
from changeover.org import app_manager, batches
from changeover.org.act import require
from changeover.org.lists import AppRow
from changeover.org.migrate import refuse_edition
from changeover.org.model.apps import Confirmation, ConnectedAppRecord
from changeover.org.permissions import MIGRATE
from changeover.org.ports import Unit
from changeover.web import paths
from changeover.web.forms import Form, ThisForm
from changeover.web.pages.app_manager import shown
from changeover.web.problems import Problem, of_error
from changeover.web.visit import ThisVisit, Visit

App = AppRow | ConnectedAppRecord

_MANY = 200
_UNFOLDED = 25
"""Of more apps than these the list is folded up."""


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """An app that was chosen, with what is known of it."""

    api_name: str
    label: str
    version: int
    verdict: Verdict
    reasons: tuple[str, ...]
    """Why it will be skipped, or what must be confirmed for it; none for an eligible app."""

    @property
    def ready(self) -> bool:
        """Whether it can be migrated, given the confirmations."""
        return self.verdict in {Verdict.ELIGIBLE, Verdict.CONFIRM}


@get(paths.MIGRATIONS, sync_to_thread=True)
def list_page(visit: ThisVisit) -> Response[str]:
    """List the last runs."""
    with visit.read() as unit:
        found = batches.list_batches(unit, visit.actor)
    return visit.page("migrations.html", title="Migrations", batches=found)


@post(f"{paths.MIGRATIONS}/review", sync_to_thread=True)
def review(visit: ThisVisit, form: ThisForm) -> Response[str]:
    """Show the apps that were chosen in App Manager, and ask for the confirmations."""
    with visit.read() as unit:
        return _review(visit, unit, _chosen(visit, unit, form))


@post(paths.MIGRATIONS, sync_to_thread=True)
def start(visit: ThisVisit, form: ThisForm) -> Response[Any]:
    """Start to migrate the apps and lead to the page with the progress."""
    names = form.texts("app")
    confirmation = Confirmation(
        local=form.checked("local"), no_username_password=form.checked("no_username_password")
    )
    despite = frozenset(form.texts("despite_evidence"))
    seen = {name: version for name in names if (version := form.number(f"version:{name}")) is not None}
    try:
        _refuse_unconfirmed(names, confirmation)
        refuse_edition(visit.org)
        with visit.unit() as unit:
            batch = batches.start_batch(unit, visit.actor, names, confirmation, despite, seen)
    except ChangeoverError as error:
        with visit.read() as unit:
            return _review(visit, unit, _named(visit, unit, names), confirmation, despite, of_error(error))
    return visit.go(paths.migration(batch.batch_id))


def _refuse_unconfirmed(names: tuple[str, ...], confirmation: Confirmation) -> None:
    """Refuse a run in which every app would be skipped for the same reason, before it begins."""
    if not names:
        raise ChangeoverError(errors.VALUE_REFUSED, "No app was chosen.")
    if not confirmation.local:
        raise ChangeoverError(errors.CONFIRM_LOCAL, "It was not confirmed that the apps are local.")
    if not confirmation.no_username_password:
        message = "It was not confirmed that the apps do not use the username-password flow."
        raise ChangeoverError(errors.CONFIRM_NO_USERNAME_PASSWORD, message)


def _chosen(visit: Visit, unit: Unit, form: Form) -> Iterator[App]:
    """Yield the apps that were chosen: those checked, or all that the table's filters let through."""
    if not form.checked("all"):
        yield from _named(visit, unit, form.texts("app"))
        return
    wanted = shown(form.text("q"), "", 1, form.text("verdict"), form.text("state"), form.text("app_type"))
    page = app_manager.list_apps(unit, visit.actor, replace(wanted.query, page_size=_MANY))
    while page.rows:
        yield from page.rows
        following = replace(wanted.query, page_size=_MANY, page=page.page + 1)
        page = app_manager.list_apps(unit, visit.actor, following)


def _named(visit: Visit, unit: Unit, names: Iterable[str]) -> Iterator[App]:
    return (app_manager.view_app(unit, visit.actor, name) for name in names)


def _known(visit: Visit, unit: Unit, app: App) -> Chosen:
    reasons: tuple[str, ...] = ()
    if app.verdict is Verdict.MIGRATED:
        reasons = ("It has already been migrated.",)
    elif app.verdict is not Verdict.ELIGIBLE:
        assessment = app_manager.assess_app(unit, visit.actor, app.api_name)
        blocked = assessment.with_severity(Severity.BLOCKER)
        reasons = tuple(one.evidence for one in blocked or assessment.with_severity(Severity.CONFIRM))
    return Chosen(
        api_name=app.api_name, label=app.label, version=app.version, verdict=app.verdict, reasons=reasons
    )


def _review(
    visit: Visit,
    unit: Unit,
    apps: Iterable[App],
    given: Confirmation | None = None,
    despite: frozenset[str] = frozenset(),
    error: Problem | None = None,
) -> Response[str]:
    require(unit, visit.actor, MIGRATE, "migrate connected apps")
    chosen = [_known(visit, unit, app) for app in apps]
    return visit.page(
        "migration_review.html",
        status=error.status if error else 200,
        title="Migrate Connected Apps",
        ready=[one for one in chosen if one.ready],
        skipped=[one for one in chosen if not one.ready],
        given=given or Confirmation(),
        despite=despite,
        error=error,
        unfolded=_UNFOLDED,
    )


ROUTES = (list_page, review, start)
