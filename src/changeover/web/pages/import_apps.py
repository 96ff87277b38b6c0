"""Import: files are looked at first, and imported when the preview has been seen."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from litestar import Response, get, post
from msgspec import structs

from changeover.errors import ChangeoverError
from changeover.org.act import require
from changeover.org.importing import Incoming
from changeover.org.permissions import CONNECTED_APP_EDIT, LOGIN_HISTORY
from changeover.org.ports import Units
from changeover.org.trial import Trial
from changeover.project.incoming import incoming
from changeover.project.project import Project
from changeover.shapes.imports import ImportedApp, imported
from changeover.web import uploads
from changeover.web.forms import ThisForm
from changeover.web.problems import Problem, of_error
from changeover.web.uploads import HeldUploads, Upload
from changeover.web.visit import ThisVisit, Visit

_PATH = "/setup/import"
_RESULTS = ("created", "updated", "unchanged", "refused")
_FIRST = ("refused", "updated", "created", "unchanged")
_MOST_ROWS = 500


@dataclass(frozen=True, kw_only=True)
class Report:
    """What became, or would become, of an upload."""

    apps: tuple[ImportedApp, ...]
    unreadable: tuple[ChangeoverError, ...]
    """Files that cannot be used, each with its error."""

    @property
    def counts(self) -> dict[str, int]:
        """How many apps have which result."""
        return {name: sum(app.result == name for app in self.apps) for name in _RESULTS}

    @property
    def changes(self) -> int:
        """How many apps are created or updated."""
        return self.counts["created"] + self.counts["updated"]

    @property
    def shown(self) -> tuple[ImportedApp, ...]:
        """The apps that a page has room for: what is refused first, what stays as it is last."""
        return tuple(sorted(self.apps, key=lambda app: _FIRST.index(app.result))[:_MOST_ROWS])


@get(_PATH, sync_to_thread=True)
def page(visit: ThisVisit) -> Response[str]:
    """Show the form."""
    return _page(visit)


@post(_PATH, sync_to_thread=True, request_max_body_size=uploads.MAX_BYTES)
def preview(visit: ThisVisit, form: ThisForm) -> Response[Any]:
    """Show what an import of the files would do, and keep them sealed until it is decided."""
    try:
        given = uploads.read(form.files("files"))
        report = _import(visit, Trial(visit.services.units), given)
        token = _held(visit).hold(given) if report.changes else ""
    except ChangeoverError as error:
        return _page(visit, of_error(error))
    return visit.page("import_preview.html", title="Import: Preview", report=report, token=token)


@post(f"{_PATH}/apply", sync_to_thread=True)
def apply(visit: ThisVisit, form: ThisForm) -> Response[Any]:
    """Import the files of a preview: each app in a transaction of its own, with a result for each."""
    token = form.text("token")
    try:
        held = _held(visit)
        given = held.open(token)
        held.forget(token)
        report = _import(visit, visit.services.units, given)
    except ChangeoverError as error:
        return _page(visit, of_error(error))
    return visit.page("import_result.html", title="Import: Result", report=report)


def _import(visit: Visit, units: Units, given: tuple[Upload, ...]) -> Report:
    with uploads.as_files(given) as files, ExitStack() as open_files:
        projects = [open_files.enter_context(Project(file)) for file in files]
        sources: deque[Path] = deque()

        def items() -> Iterator[Incoming]:
            for file, project in zip(files, projects, strict=True):
                for item in incoming(project):
                    sources.append(file)
                    yield item

        apps = tuple(
            structs.replace(app, path=_shown(sources.popleft(), app.path))
            for app in imported(units, visit.actor, items())
        )
        unreadable = tuple(error for project in projects for error in project.errors)
    return Report(apps=apps, unreadable=unreadable)


def _shown(file: Path, path: str) -> str:
    return f"{file.name}: {path}" if file.is_file() else path


def _held(visit: Visit) -> HeldUploads:
    return HeldUploads(visit.services.key_values(uploads.NAMESPACE), visit.actor.user_id)


def _page(visit: Visit, error: Problem | None = None) -> Response[str]:
    with visit.read() as unit:
        require(unit, visit.actor, CONNECTED_APP_EDIT, "import apps")
    return visit.page(
        "import.html",
        status=error.status if error else 200,
        title="Import",
        error=error,
        may_see_logins=visit.may(LOGIN_HISTORY),
    )


ROUTES = (page, preview, apply)
