"""`changeover doctor`: whether an installation is in order."""

from __future__ import annotations

from dataclasses import asdict

import click

from changeover.cli.exit_codes import DONE, ERROR
from changeover.cli.output import emit, say
from changeover.cli.places import House, with_house
from changeover.org.doctor import Check


@click.command("doctor")
@with_house()
def command(house: House, *, as_json: bool) -> int:
    """Look at the database, the key and every org, and say what is not in order.

    Changes nothing, but that it brings a database of an older version up to date as every command does.

    Exit code: 0 all in order, 1 something is not.
    """
    checks: list[Check] = []
    for check in house.examine():
        checks.append(check)
        if not as_json:
            say(f"{'ok  ' if check.ok else 'FAIL'}  {check.name}: {check.detail}")
            if not check.ok and check.remedy:
                say(f"      {check.remedy}")
    if as_json:
        shown = [asdict(each) for each in checks]
        emit({"checks": shown})
    return DONE if all(check.ok for check in checks) else ERROR
