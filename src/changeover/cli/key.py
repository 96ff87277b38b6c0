"""`changeover key`: the key that seals secrets. A key itself is never shown, only its id."""

from __future__ import annotations

from dataclasses import asdict

import click

from changeover.cli.exit_codes import DONE, ERROR
from changeover.cli.output import emit, say, table
from changeover.cli.places import House, with_house
from changeover.cli.terminal import at_a_terminal, complain


@click.group("key")
def command() -> None:
    """Look after the key that seals secrets. A key itself is never shown, only its id."""


@command.command("status")
@with_house()
def status(house: House, *, as_json: bool) -> int:
    """List the keys that are here or needed, and how many values are sealed with each.

    Exit code: 0 all keys are here, 1 one is missing.
    """
    keys = house.key_status()
    if as_json:
        emit({"keys": [asdict(each) for each in keys]})
    else:
        rows = ((each.key, _role(here=each.here, current=each.current), each.sealed) for each in keys)
        table(("Key", "Use", "Sealed values"), rows)
    return DONE if all(each.here for each in keys) else ERROR


def complain_of_missing_keys(house: House) -> None:
    """Say which stored secrets no key here opens, before somebody needs them."""
    for each in house.key_status():
        if not each.here:
            secrets = "secret is" if each.sealed == 1 else "secrets are"
            complain(
                f"{each.sealed} stored {secrets} sealed with the key {each.key}, which is not here: put it"
                " back, behind the others in the key file, and start again."
            )


def _role(*, here: bool, current: bool) -> str:
    if not here:
        return "missing"
    return "seals and opens" if current else "opens only"


@command.command("rotate")
@with_house()
def rotate(house: House, *, as_json: bool) -> int:
    """Make a new key and seal everything with it, while servers and workers run.

    The old key stays in the key file and goes on to open what is not sealed anew yet. Stopped in the middle,
    the command goes on when it is run again. Where CHANGEOVER_KEY holds the keys, put a new one first there.
    """
    done = house.rotate_key()
    if as_json:
        emit(asdict(done))
        return DONE
    say(f"{done.sealed} value{'' if done.sealed == 1 else 's'} sealed anew with the key {done.key}.")
    say("The old key is still there. Back up the key file, then run `changeover key retire`.")
    return DONE


@command.command("retire")
@click.option("--yes", is_flag=True, help="Do not ask; needed where nobody can answer.")
@with_house()
def retire(house: House, *, yes: bool, as_json: bool) -> int:
    """Drop the old keys from the key file. Refused as long as anything is sealed with one of them.

    Backups that were taken before the rotation need the old key: keep it with them, or take a new backup.
    """
    old = [each.key for each in house.key_status() if each.here and not each.current]
    if old and not yes:
        if as_json or not at_a_terminal():
            raise click.UsageError("say --yes to drop old keys: backups taken before the rotation need them")
        click.confirm(f"Drop {', '.join(old)}? Backups taken before the rotation need it.", abort=True)
    dropped = house.retire_keys()
    if as_json:
        emit({"dropped": dropped})
    else:
        say(f"Dropped: {', '.join(dropped)}." if dropped else "There is no old key.")
    return DONE
