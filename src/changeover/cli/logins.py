"""`changeover logins`: Login History of an org, as a list and as the file that `assess` reads."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from itertools import islice
from pathlib import Path

import click

from changeover.cli.exit_codes import DONE
from changeover.cli.exported import write_rows
from changeover.cli.output import emit_each, table
from changeover.cli.paths import GivenPath
from changeover.cli.places import Inside, in_org
from changeover.org import logins as acts
from changeover.org.lists import LoginQuery
from changeover.org.model.events import LoginRow
from changeover.project.exported_evidence import login_history_file
from changeover.shapes.login_history import Login

_PAGE = 500


@click.group("logins")
def command() -> None:
    """Login History of an org. `changeover import --login-history` brings that of a live one."""


@command.command("list")
@click.option("--search", default="", help="Part of the username or the application.")
@click.option("--application", default="", help="Exactly this label of an app.")
@click.option("--sub-type", default="", metavar="LOGINSUBTYPE", help="Exactly this flow.")
@click.option("--login-type", default="", metavar="LOGINTYPE", help="Exactly this login type.")
@click.option("--refused/--not-refused", default=None, help="Only logins that were refused, or were not.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many rows; all by default.")
@in_org
def list_(
    inside: Inside,
    search: str,
    application: str,
    sub_type: str,
    login_type: str,
    *,
    refused: bool | None,
    limit: int | None,
    as_json: bool,
) -> int:
    """List logins, the newest first: who, through which app and which flow, and what became of it."""
    asked = {
        "search": search,
        "application": application,
        "sub_type": sub_type,
        "login_type": login_type,
        "refused": refused,
    }
    # Closed here: where a limit breaks it off, its transaction must not outlive the installation.
    with closing(_every_row(inside, asked)) as every:
        rows = islice(every, limit)
        if as_json:
            return emit_each("logins", (Login.of(row) for row in rows))
        table(
            (
                "Login time (UTC)",
                "Username",
                "Application",
                "Login type",
                "Login subtype",
                "Status",
                "Source IP",
            ),
            (
                (
                    f"{row.at:%Y-%m-%d %H:%M:%S}",
                    row.username,
                    row.application,
                    row.login_type,
                    row.sub_type,
                    row.status,
                    row.source_ip,
                )
                for row in rows
            ),
        )
    return DONE


def _every_row(inside: Inside, asked: dict[str, str | bool | None]) -> Generator[LoginRow]:
    with inside.units.read() as unit:
        page = 1
        while True:
            query = LoginQuery(**asked, page=page, page_size=_PAGE)  # type: ignore[arg-type]  # its own fields
            found = acts.list_logins(unit, inside.actor, query)
            yield from found.rows
            if page >= found.pages:
                return
            page += 1


@command.command("export")
@click.argument("file", type=GivenPath())
@in_org
def export(inside: Inside, file: Path, *, as_json: bool) -> int:
    """Write Login History to FILE, as Setup downloads it: `changeover assess --login-history` reads it."""
    with inside.units.read() as unit:
        rows = acts.export_logins(unit, inside.actor)
        write_rows(file, rows, login_history_file, what="login", as_json=as_json)
    return DONE
