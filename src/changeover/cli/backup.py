"""`changeover backup`: all that an installation holds, in one file."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from changeover.cli.exit_codes import DONE
from changeover.cli.output import emit, say
from changeover.cli.paths import GivenPath
from changeover.cli.places import wiring, with_place
from changeover.org.custody import Backup


@click.command("backup")
@click.option(
    "-o", "--output", "file", type=GivenPath(), required=True, metavar="FILE", help="Where the backup goes."
)
@click.option("--overwrite", is_flag=True, help="Replace a file that stands there.")
@with_place
def command(place: str | Path, key_file: Path | None, file: Path, *, overwrite: bool, as_json: bool) -> int:
    """Write all orgs with their audit trails, as of one moment, into one file, while servers and workers run.

    Secrets stay sealed in it, and the key is not in it: keep a copy of the key apart from backups. Left out
    are web sessions and rate-limit counters. The file is whole or not there, and its owner's alone. To look
    through one, say `changeover restore FILE --check`.
    """
    backup = wiring().back_up(place, file, key_file=key_file, overwrite=overwrite)
    answer("Written", file, backup, as_json=as_json)
    return DONE


def answer(what: str, file: Path, backup: Backup, *, as_json: bool, **more: Any) -> None:  # noqa: ANN401 - JSON
    """Print what was done with a file, and what the backup in it says of itself."""
    if as_json:
        emit({"file": str(file), **asdict(backup), **more})
    else:
        say(f"{what}: {file}")
        _tell(backup)


def _tell(backup: Backup) -> None:
    """Print what a backup says of itself."""
    rows = sum(backup.rows.values())
    say(
        f"Taken {backup.taken_at:%Y-%m-%d %H:%M:%S} UTC by Changeover {backup.changeover}"
        f" on {backup.database}, step {backup.schema}."
    )
    orgs = backup.rows.get("org", 0)
    say(f"{_several(orgs, 'org')}, {rows} rows in {len(backup.rows)} tables, {backup.size} bytes.")
    keys = "".join(
        f"; the key {used} opens {_several(count, 'secret')}" for used, count in backup.sealed_with.items()
    )
    checked = "" if backup.signature_checked else " (not checked: that key is not here)"
    say(f"Signed with the key {backup.signed_with}{checked}{keys}.")


def _several(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
