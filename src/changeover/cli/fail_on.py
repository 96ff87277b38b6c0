"""The option --fail-on: at which findings a command ends with 2. Errors end with 1 whatever it says."""

from __future__ import annotations

from collections.abc import Callable

import click

from changeover.cli.assessed import NEEDS_SOMEBODY
from changeover.migration.finding import Verdict

Command = Callable[..., int]

FAILING: dict[str, frozenset[Verdict]] = {
    "confirm": NEEDS_SOMEBODY,
    "blocked": frozenset({Verdict.BLOCKED}),
    "never": frozenset(),
}
"""The verdicts that end a command with 2, by what the option says."""


def fail_on_option(command: Command) -> Command:
    """Give a command the argument `fail_on`, a key of `FAILING`."""
    return click.option(
        "--fail-on",
        "fail_on",
        type=click.Choice(tuple(FAILING)),
        default="confirm",
        show_default=True,
        help="End with 2 for apps to confirm and blocked ones, for blocked ones only, or never.",
    )(command)
