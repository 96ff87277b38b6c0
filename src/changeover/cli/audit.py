"""`changeover audit`: the Setup Audit Trail."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from itertools import islice

import click

from changeover.cli.exit_codes import DONE
from changeover.cli.output import emit_each, table
from changeover.cli.places import Inside, in_org
from changeover.org.audit import list_audit
from changeover.org.lists import AuditQuery
from changeover.org.model.events import AuditEntry as Entry
from changeover.shapes.audit_trail import AuditEntry

_PAGE = 500


@click.command("audit")
@click.option("--subject", default="", help="Exactly this app, user or setting.")
@click.option("--event", default="", help="Exactly this event: subject:object:verb.")
@click.option("--by", "actor", default="", metavar="USERNAME", help="Exactly this user's acts.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many rows; all by default.")
@in_org
def command(inside: Inside, subject: str, event: str, actor: str, limit: int | None, *, as_json: bool) -> int:
    """List who changed what in an org, when and through which door, the newest first."""
    # Closed here: where a limit breaks it off, its transaction must not outlive the installation.
    with closing(_every_row(inside, subject, event, actor)) as every:
        rows = islice(every, limit)
        if as_json:
            return emit_each("entries", (AuditEntry.of(row) for row in rows))
        table(
            ("When (UTC)", "Who", "Door", "Event", "Subject", "What"),
            ((f"{r.at:%Y-%m-%d %H:%M:%S}", r.actor, r.door, r.event, r.subject, r.text) for r in rows),
        )
    return DONE


def _every_row(inside: Inside, subject: str, event: str, actor: str) -> Generator[Entry]:
    with inside.units.read() as unit:
        page = 1
        while True:
            query = AuditQuery(subject=subject, event=event, actor=actor, page=page, page_size=_PAGE)
            found = list_audit(unit, inside.actor, query)
            yield from found.rows
            if page >= found.pages:
                return
            page += 1
