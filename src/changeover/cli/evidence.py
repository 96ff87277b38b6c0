"""The options that name evidence beside a project: --login-history and --evidence."""

from __future__ import annotations

from collections.abc import Callable, Container
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple

import click

from changeover.cli.paths import GivenPath
from changeover.project.evidence import Evidence

Command = Callable[..., int]


class Given(NamedTuple):
    """The files of evidence that a call named; false where there are none."""

    histories: tuple[Path, ...] = ()
    """Said to be Login History."""
    evidence: tuple[Path, ...] = ()
    """Of any kind: their headings tell."""

    def __bool__(self) -> bool:
        """Whether any file was named."""
        return bool(self.histories or self.evidence)

    def read(self, labels: Container[str]) -> Evidence:
        """Read all of them; see `Evidence.add`."""
        evidence = Evidence()
        for file in self.histories:
            evidence.add_login_history(file, labels)
        for file in self.evidence:
            evidence.add(file, labels)
        return evidence


def evidence_options(command: Command) -> Command:
    """Give a command the argument `given`, filled by --login-history, --evidence and the files after PATH.

    A shell expands `--evidence logs/*.csv` to the option with one file and further files behind: those are
    evidence too. Put the decorator below the argument PATH.
    """

    @click.argument("more_files", nargs=-1, type=GivenPath(), metavar="")
    @click.option(
        "--login-history",
        "histories",
        multiple=True,
        type=GivenPath(),
        metavar="FILE...",
        help="Login History: the CSV that Setup downloads, or the CSV or JSON answer of a SOQL query.",
    )
    @click.option(
        "--evidence",
        "evidence",
        multiple=True,
        type=GivenPath(),
        metavar="FILE...",
        help="Evidence of any kind, told by its headings: Login History, OauthToken (CSV or JSON of a SOQL"
        " query), event log files Login and ApiTotalUsage.",
    )
    @wraps(command)
    def run(
        *,
        more_files: tuple[Path, ...],
        histories: tuple[Path, ...],
        evidence: tuple[Path, ...],
        **others: Any,  # noqa: ANN401 - the command's own
    ) -> int:
        if more_files and not (histories or evidence):
            raise click.UsageError(f"one PATH only, not also {more_files[0]}")
        if more_files and evidence:
            evidence = (*evidence, *more_files)
        else:
            histories = (*histories, *more_files)
        return command(given=Given(histories, evidence), **others)

    return run
