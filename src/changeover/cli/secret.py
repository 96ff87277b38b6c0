"""`changeover secret`: the consumer secret that a connected app has in Salesforce, and no file tells.

It is never an argument: a shell's history and the list of processes would keep it.
"""

from __future__ import annotations

import os
from typing import TextIO

import click

from changeover.cli.exit_codes import DONE
from changeover.cli.output import emit, say
from changeover.cli.places import Inside, in_org
from changeover.org.consumer_details import LONGEST, set_secret

_MOST = 4 * LONGEST
"""Characters of a file that are read: more than a secret has, so that a longer one is refused as such."""


@click.group("secret")
def command() -> None:
    """The consumer secrets of imported connected apps."""


@command.command("set")
@click.argument("app")
@click.option("--from-env", "variable", metavar="NAME", help="Take it from this environment variable.")
@click.option(
    "--from-file",
    "file",
    type=click.File(encoding="utf-8"),
    metavar="FILE",
    help="Take it from this file; - for standard input.",
)
@in_org
def set_(inside: Inside, app: str, variable: str | None, file: TextIO | None, *, as_json: bool) -> int:
    """Give a connected app the consumer secret that its integrations know; asked for without an option.

    Metadata never holds it, so an imported app has none, and logins that need it are refused.
    """
    secret = _given(variable, file)
    with inside.units.unit() as unit:
        set_secret(unit, inside.actor, app, secret, seen_version=None)
    if as_json:
        emit({"secret_set": True})
    else:
        say(f"The consumer secret of {app} was set.")
    return DONE


def _given(variable: str | None, file: TextIO | None) -> str:
    if variable is not None and file is not None:
        raise click.UsageError("say one of --from-env and --from-file")
    if variable is not None:
        if variable not in os.environ:
            raise click.UsageError(f"there is no environment variable {variable}")
        return os.environ[variable]
    if file is None:
        # The question is no part of the answer.
        return str(click.prompt("Consumer secret", hide_input=True, err=True))
    try:
        return file.read(_MOST)
    except UnicodeDecodeError:
        raise click.UsageError(f"{file.name} holds no text") from None
