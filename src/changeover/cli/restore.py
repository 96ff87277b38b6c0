"""`changeover restore`: an installation from a backup."""

from __future__ import annotations

from pathlib import Path

import click

from changeover.cli.backup import answer
from changeover.cli.exit_codes import DONE
from changeover.cli.output import say
from changeover.cli.paths import GivenPath
from changeover.cli.places import wiring, with_place


@click.command("restore")
@click.argument("file", type=GivenPath())
@click.option("--check", is_flag=True, help="Only look through the file, and whether its keys are here.")
@click.option(
    "--without-key", is_flag=True, help="Go on without a key that is missing: what it sealed is left out."
)
@with_place
def command(
    place: str | Path, key_file: Path | None, file: Path, *, check: bool, without_key: bool, as_json: bool
) -> int:
    """Make an installation from a backup, on SQLite or PostgreSQL, whichever the backup came from.

    The database must hold nothing yet. The key is not in the backup: put its copy at its place before. A
    backup of an older Changeover is brought up to date, one of a newer is refused. Everybody signs in again.
    """
    if check:
        backup = wiring().check_backup(place, file, key_file=key_file, without_key=without_key)
        answer("In order", file, backup, as_json=as_json)
        return DONE
    restored = wiring().restore_backup(place, file, key_file=key_file, without_key=without_key)
    lost = restored.secrets_left_out
    answer("Restored", file, restored.backup, as_json=as_json, secrets_left_out=lost)
    if not as_json:
        if lost:
            say(f"{lost} secrets were left out, since the key that opens them is missing.")
        say("Run `changeover doctor` on it before you serve it.")
    return DONE
