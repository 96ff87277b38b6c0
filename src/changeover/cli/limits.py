"""Options that say how often logins may fail, and how many there may be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

import click

from changeover.oauth.limits import DEFAULT, Kind, Limits

_METAVAR = "KIND=N"


def _read(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> dict[Kind, int]:
    """Return the limits that were given, by kind."""
    found = {}
    for text in given:
        kind, _, number = text.partition("=")
        if kind not in set(Kind) or not number.isascii() or not number.isdigit():
            message = f"{text!r} is not {' or '.join(Kind)}, `=`, and a number"
            raise click.BadParameter(message)
        found[Kind(kind)] = int(number)
    return found


def _said(limits: Mapping[Kind, int]) -> str:
    return ", ".join(f"{kind}={number}" for kind, number in limits.items())


def limit_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options; it takes them as `limits`: those given, the default for the rest."""

    @wraps(command)
    def limited(
        *given: Any,  # noqa: ANN401 - the command's
        failures: Mapping[Kind, int],
        logins: Mapping[Kind, int],
        **more: Any,  # noqa: ANN401 - the command's
    ) -> Any:  # noqa: ANN401 - the command's
        limits = Limits(failures={**DEFAULT.failures, **failures}, logins={**DEFAULT.logins, **logins})
        return command(*given, limits=limits, **more)

    found: Callable[..., Any] = limited
    for option in (
        click.option(
            "--limit-logins",
            "logins",
            multiple=True,
            metavar=_METAVAR,
            callback=_read,
            help="Logins an hour of a client, user or address at the OAuth endpoints; no limit by default."
            " Salesforce's own is user=3600.",
        ),
        click.option(
            "--limit-failures",
            "failures",
            multiple=True,
            metavar=_METAVAR,
            callback=_read,
            help="Failed logins in a quarter of an hour after which a client, user or address has to wait; 0"
            f" for no limit. Default: {_said(DEFAULT.failures)}.",
        ),
    ):
        found = option(found)
    return found
