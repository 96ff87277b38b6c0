"""`changeover verify`: what became of connected apps, and whether integrations still log in."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from changeover.cli.assess_json import error_object
from changeover.cli.exit_codes import DONE, ERROR, FINDINGS
from changeover.cli.paths import GivenPath
from changeover.cli.terminal import complain, printable
from changeover.cli.verify_json import app_object, login_object, shown
from changeover.errors import ChangeoverError
from changeover.migration.comparison import Line, Outcome
from changeover.migration.comparison.logins import NEEDS_SOMEBODY, LoginLine
from changeover.migration.decisions import BY_ID
from changeover.migration.verification import Status
from changeover.project.observation import Observation
from changeover.project.project import Project
from changeover.project.verifying import AppLogins, Logins, Retrieved, VerifiedApp, verify_apps


@click.command("verify")
@click.argument("source", type=GivenPath())
@click.argument("target", type=GivenPath())
@click.argument("apps", nargs=-1, metavar="[APP]...")
@click.option(
    "--logins",
    "histories",
    nargs=2,
    type=GivenPath(),
    metavar="BEFORE AFTER",
    help="Two Login Histories: who fell silent since, and who fails. Needs --since.",
)
@click.option(
    "--since",
    metavar="TIME",
    help="When the apps were migrated: 2026-11-23 or 2026-11-23T14:30, in UTC, or with a zone.",
)
@click.option(
    "--observe",
    type=GivenPath(),
    metavar="FILE",
    help="Write what the pairs show, without names, keys, addresses and texts, so that it can be shared.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    source: Path,
    target: Path,
    apps: tuple[str, ...],
    histories: tuple[Path, Path] | None,
    since: str | None,
    observe: Path | None,
    *,
    as_json: bool,
) -> int:
    """Compare the external client apps in TARGET with what the connected apps in SOURCE should have become.

    SOURCE holds the connected apps as they were when they were migrated, TARGET what was retrieved since;
    both may be one folder. APP is an API name; without any, all connected apps are looked at.

    Exit code: 0 all verified, 2 drift, apps that are not migrated yet, logins that fell silent or fail, 1 an
    error.
    """
    if (histories is None) != (since is None):
        raise click.UsageError("--logins and --since go together")
    moment = _moment(since) if since is not None else None
    answer: _Answer = _Document() if as_json else _Lines()
    try:
        with ExitStack() as stack:
            before = stack.enter_context(Project(source))
            after = before if target == source else stack.enter_context(Project(target))
            observation = stack.enter_context(Observation(observe)) if observe is not None else None
            retrieved = Retrieved(after)
            labels: dict[str, str] = {}
            for one in verify_apps(before, retrieved, datetime.now(UTC).astimezone().date(), apps):
                answer.take(one)
                labels[one.entry.app.full_name] = (one.entry.app.label or "").strip()
                if observation is not None:
                    observation.add(one.verified)
            if not apps:
                answer.unmatched = list(retrieved.left())
            answer.errors += before.errors if after is before else (*before.errors, *after.errors)
            if histories is not None and moment is not None:
                logins = Logins(moment, set(labels.values()))
                answer.errors += logins.read(histories)
                answer.logins = _flows(logins, labels, before)
    except ChangeoverError as error:
        answer.errors.append(error)
    return answer.finish()


def _moment(text: str) -> datetime:
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is no time such as 2026-11-23 or 2026-11-23T14:30+01:00"
        raise click.BadParameter(message, param_hint="--since") from None
    return read if read.tzinfo is not None else read.replace(tzinfo=UTC)


def _flows(logins: Logins, labels: dict[str, str], source: Project) -> list[AppLogins]:
    """Return what became of the flows of each app; what had to be assumed of the files is told at once."""
    for note in logins.notes:
        complain(f"Note: {note}")
    others = source.index.by_label
    return [
        AppLogins(name, label, tuple(other for other in others.get(label, ()) if other != name), lines)
        for name, label in labels.items()
        if (lines := logins.of(label))
    ]


class _Answer(ABC):
    """What is told, app by app as they are compared, and at the end."""

    def __init__(self) -> None:
        self.unmatched: list[str] = []
        """External client apps that none of the connected apps became."""
        self.logins: list[AppLogins] | None = None
        """None: no Login History was given."""
        self.errors: list[ChangeoverError] = []
        self._statuses: Counter[Status] = Counter()

    def take(self, one: VerifiedApp) -> None:
        """Tell of one app."""
        self._statuses[one.verified.status] += 1
        self.tell(one)

    @abstractmethod
    def tell(self, one: VerifiedApp) -> None:
        """Tell of one app, in the form of this answer."""

    @abstractmethod
    def sum_up(self) -> None:
        """Tell the rest."""

    def finish(self) -> int:
        """Tell the rest; return the exit code."""
        self.sum_up()
        if self.errors:
            return ERROR
        silent = any(line.status in NEEDS_SOMEBODY for one in self.logins or () for line in one.lines)
        return FINDINGS if silent or self._statuses.keys() - {Status.VERIFIED} else DONE


class _Document(_Answer):
    """One JSON document, streamed."""

    def __init__(self) -> None:
        super().__init__()
        self._emit(b'{"apps": [')

    def tell(self, one: VerifiedApp) -> None:
        head = b",\n" if self._statuses.total() > 1 else b"\n"
        self._emit(head + msgspec.json.encode(app_object(one)))

    def sum_up(self) -> None:
        logins = [login_object(one) for one in self.logins] if self.logins is not None else None
        rest = {
            "unmatched": self.unmatched,
            "logins": logins,
            "errors": [error_object(error) for error in self.errors],
        }
        self._emit(b"\n], " + msgspec.json.encode(rest)[1:] + b"\n")

    def _emit(self, data: bytes) -> None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


class _Lines(_Answer):
    """Lines for people."""

    def __init__(self) -> None:
        super().__init__()
        self._decisions: Counter[str] = Counter()
        self._unseen: dict[str, None] = {}

    def tell(self, one: VerifiedApp) -> None:
        comparison = one.verified.comparison
        self._say(f"{one.verified.status:12} {one.entry.app.full_name} ({one.entry.path})")
        for line in comparison.drift:
            self._say(f"{'':12}   {line.outcome:8} {line.component}/{line.path}: {_difference(line)}")
        self._decisions.update({line.decision for line in comparison.lines if line.decision})
        for line in comparison.of(Outcome.NOT_RETRIEVED):
            self._unseen[f"{line.component.partition('.')[2]}/{line.path}: {line.note}"] = None

    def sum_up(self) -> None:
        for error in self.errors:
            complain(str(error))
        total = self._statuses.total()
        counts = ", ".join(f"{self._statuses[one]} {one}" for one in Status if self._statuses[one])
        self._say(f"{total} connected app{'s' if total != 1 else ''}{': ' if counts else ''}{counts}.")
        if self._decisions:
            self._say("Salesforce decided otherwise than Changeover expected; no drift:")
            for decision, apps in sorted(self._decisions.items()):
                self._say(f"  - {decision} ({apps}): {BY_ID[decision].title}.")
        if self._unseen:
            self._say("Not retrieved, so not compared; look in Setup:")
            for where in self._unseen:
                self._say(f"  - {where}")
        if self.unmatched:
            self._say(f"No connected app became: {', '.join(self.unmatched)}.")
        for one in self.logins or ():
            for flow in one.lines:
                self._say(f"{flow.status:18} {one.api_name}, {flow.flow}{_seen(one, flow)}")

    def _say(self, text: str) -> None:
        click.echo(printable(text))


def _difference(line: Line) -> str:
    expected, found = shown(line.path, line.expected), shown(line.path, line.found)
    if expected is None:
        return f"found {found!r}"
    return f"expected {expected!r}" if found is None else f"expected {expected!r}, found {found!r}"


def _seen(one: AppLogins, flow: LoginLine) -> str:
    parts = []
    if flow.last_before is not None:
        parts.append(f"last before {flow.last_before:%Y-%m-%d}")
    if flow.last_since is not None:
        parts.append(f"last since {flow.last_since:%Y-%m-%d}")
    if flow.quiet_users:
        parts.append(f"not seen since: {', '.join(flow.quiet_users)}")
    if one.shared_with:
        parts.append(f"the label is shared with {', '.join(one.shared_with)}")
    said = f": {'; '.join(parts)}." if parts else "."
    return f"{said} {flow.note}".rstrip()
