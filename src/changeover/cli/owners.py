"""The option --owners: who answers for which app."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import click

from changeover.cli.paths import GivenPath
from changeover.cli.terminal import complain
from changeover.migration.plan import Owner
from changeover.plans.owners import Owners, read_owners

Command = Callable[..., int]


def owners_option(command: Command) -> Command:
    """Give a command the option --owners."""
    return click.option(
        "--owners",
        type=GivenPath(),
        metavar="FILE",
        help="CSV with the columns app, owner, contact and wave: who answers for an app, and when it goes.",
    )(command)


def owners_of(file: Path | None) -> Owners:
    """Return the list that --owners names, one without a row where it names none. E-OWNERS-UNREADABLE."""
    return read_owners(file) if file is not None else Owners()


def tell_unknown(rows: Iterable[Owner]) -> None:
    """Say which rows of the list name no connected app that is there."""
    for row in rows:
        complain(f"Note: the list of owners names {row.app}, and no connected app does.")
