"""`changeover convert`: the external client apps that connected apps would become, as files."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from changeover.cli.assess_json import error_object
from changeover.cli.exit_codes import DONE, ERROR, FINDINGS
from changeover.cli.paths import GivenPath
from changeover.cli.terminal import complain, printable
from changeover.errors import ChangeoverError
from changeover.metadata.file_error import FileError
from changeover.project.convert import Choices, Outcome, convert
from changeover.project.project import Project
from changeover.project.tree import EXPECTED_RESULT

DO_NOT_DEPLOY = (
    "These are expected results, for review and comparison. Do not deploy them: they bear the connected apps'"
    f" consumer keys, which are unique over all of Salesforce ({EXPECTED_RESULT})."
)


@click.command("convert")
@click.argument("path", type=GivenPath())
@click.argument("apps", nargs=-1, metavar="[APP]...")
@click.option("-o", "--output", "target", required=True, type=GivenPath(), help="Folder to write to.")
@click.option(
    "--side-by-side", is_flag=True, help="Write apps of their own that can be deployed, with new credentials."
)
@click.option("--include-secret", is_flag=True, help="Write consumer secrets too, where the source has them.")
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["source", "metadata"]),
    default="source",
    show_default=True,
    help="Source format, or metadata format with a package.xml.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    path: Path,
    apps: tuple[str, ...],
    target: Path,
    file_format: str,
    *,
    side_by_side: bool,
    include_secret: bool,
    as_json: bool,
) -> int:
    """Write the external client apps that the connected apps in PATH would become.

    APP is an API name; without any, all apps are converted. By default the files are the expected result of
    Setup's button, for review; they must not be deployed. With --side-by-side they can be.

    Exit code: 0 all written or there already, 2 some apps were skipped, 1 an error.
    """
    if side_by_side and include_secret:
        raise click.UsageError("--side-by-side makes new credentials, so --include-secret has nothing to add")
    choices = Choices(
        today=datetime.now(UTC).astimezone().date(),
        apps=apps,
        side_by_side=side_by_side,
        include_secret=include_secret,
        source_format=file_format == "source",
    )
    report = _Report(target, choices, as_json=as_json)
    try:
        with Project(path) as project:
            try:
                for outcome in convert(project, path, target, choices):
                    report.take(outcome)
            finally:
                report.file_errors = project.errors
    except ChangeoverError as error:
        if not as_json:
            raise
        report.fatal = error
    return report.finish()


class _Report:
    """Tells what was done, as it is done."""

    def __init__(self, target: Path, choices: Choices, *, as_json: bool) -> None:
        self._target = target
        self._choices = choices
        self._as_json = as_json
        self._apps = 0
        self._written = 0
        self._skipped = 0
        self._failed = 0
        self._changes: dict[str, None] = {}
        self.file_errors: tuple[FileError, ...] = ()
        self.fatal: ChangeoverError | None = None
        if as_json:
            mode = "side-by-side" if choices.side_by_side else "expected-result"
            head = {"directory": str(target), "mode": mode, "deploy": choices.side_by_side}
            self._emit(msgspec.json.encode(head)[:-1] + b', "apps": [')

    def take(self, outcome: Outcome) -> None:
        """Report one app."""
        self._written += len(outcome.written)
        self._skipped += bool(outcome.skipped)
        self._failed += outcome.error is not None
        self._changes.update(dict.fromkeys(f"{one.what} {one.why}" for one in outcome.changes))
        if self._as_json:
            self._emit((b",\n" if self._apps else b"\n") + msgspec.json.encode(_object(outcome)))
        else:
            self._tell(outcome)
        self._apps += 1

    def finish(self) -> int:
        """Report the whole; return the exit code."""
        errors = [error_object(error) for error in self.file_errors]
        if self.fatal is not None:
            errors.append(error_object(self.fatal))
        if self._as_json:
            self._emit(b'\n], "errors": ' + msgspec.json.encode(errors) + b"}\n")
        else:
            self._sum_up()
        if self._failed or errors:
            return ERROR
        return FINDINGS if self._skipped else DONE

    def _tell(self, outcome: Outcome) -> None:
        name = f"{outcome.api_name} ({outcome.path})"
        if outcome.error is not None:
            complain(f"{name}: {outcome.error}")
        elif outcome.skipped:
            self._say(f"skipped    {name}: {' '.join(outcome.skipped)}")
        else:
            word = "written" if outcome.written else "unchanged"
            self._say(f"{word:10} {name} -> {outcome.external_client_app}")
            for place in outcome.left_out:
                self._say(f"           {place} is a secret and was left out (--include-secret)")

    def _sum_up(self) -> None:
        for error in self.file_errors:
            complain(str(error))
        self._say(
            f"{self._apps} connected apps, {self._written} files written to {self._target},"
            f" {self._skipped} skipped, {self._failed} failed."
        )
        if self._apps == self._skipped + self._failed:
            return
        if not self._choices.side_by_side:
            self._say(DO_NOT_DEPLOY)
            return
        self._say("What each integration must change to use its new app:")
        for change in self._changes:
            self._say(f"  - {change}")

    def _say(self, text: str) -> None:
        click.echo(printable(text))

    def _emit(self, data: bytes) -> None:
        out = sys.stdout.buffer
        out.write(data)
        out.flush()


def _object(outcome: Outcome) -> dict[str, Any]:
    return {
        "api_name": outcome.api_name,
        "path": outcome.path,
        "verdict": outcome.verdict,
        "external_client_app": outcome.external_client_app,
        "written": outcome.written,
        "left_out": outcome.left_out,
        "skipped": outcome.skipped,
        "changes": [{"what": change.what, "why": change.why} for change in outcome.changes],
        "error": error_object(outcome.error) if outcome.error is not None else None,
    }
