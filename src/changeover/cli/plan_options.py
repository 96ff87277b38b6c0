"""What `plan`, `apply` and `revert` have in common: which apps are meant, what is confirmed, and by whom."""

from __future__ import annotations

import getpass
from collections.abc import Callable

import click

from changeover.migration.finding import Verdict
from changeover.migration.plan import Asked
from changeover.plans.selection import Selection

Command = Callable[..., int]


def confirm_options(command: Command) -> Command:
    """Give a command the confirmations that `changeover migrate` takes, and --by."""
    by = click.option(
        "--by",
        envvar="CHANGEOVER_BY",
        metavar="NAME",
        default=whoever_types,
        show_default="your name on this machine",
        help="Who confirms, for a plan of files; in an org it is --user.",
    )
    despite = click.option(
        "--confirm-despite-evidence",
        multiple=True,
        metavar="APP",
        help="Confirm this one app against the evidence that `changeover plan show` shows; may be repeated.",
    )
    password = click.option(
        "--confirm-no-username-password",
        is_flag=True,
        help="Confirm that the apps do not use the username-password flow.",
    )
    local = click.option("--confirm-local", is_flag=True, help="Confirm that the apps are local.")
    return local(password(despite(by(command))))


def confirmed(*, local: bool, no_username_password: bool) -> frozenset[Asked]:
    """Return what was confirmed of all apps."""
    said = {Asked.LOCAL: local, Asked.NO_USERNAME_PASSWORD: no_username_password}
    return frozenset(what for what, given in said.items() if given)


def wave_option(command: Command) -> Command:
    """Give a command the option --wave."""
    return click.option(
        "--wave", "waves", multiple=True, metavar="WAVE", help="Only apps of this wave; may be repeated."
    )(command)


def selection_options(command: Command) -> Command:
    """Give a command the options --verdict and --wave."""
    verdict = click.option(
        "--verdict",
        "verdicts",
        multiple=True,
        type=click.Choice([verdict.value for verdict in Verdict]),
        help="Only apps with this verdict; may be repeated.",
    )
    return verdict(wave_option(command))


def selected(apps: tuple[str, ...], verdicts: tuple[str, ...], waves: tuple[str, ...]) -> Selection:
    """Return which apps were meant."""
    return Selection(apps, frozenset(Verdict(verdict) for verdict in verdicts), frozenset(waves))


def option_of(declare: Callable[[Command], Command]) -> list[click.Parameter]:
    """Return the options that a function such as `wave_option` gives a command."""
    return click.command(declare(lambda: 0)).params


def whoever_types() -> str:
    """Return the name under which somebody works on this machine."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
