"""`changeover guide`: the runbook of the clicks in Setup, from a plan."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from changeover.cli.exit_codes import DONE
from changeover.cli.output import say
from changeover.cli.paths import GivenPath
from changeover.guide.book import Book
from changeover.guide.links import Links, host_of, read_ids
from changeover.guide.ticks import read_ticks
from changeover.guide.writing import html, markdown
from changeover.plans.file import PlanFile
from changeover.plans.whole import WholeFile

PAGE = (html, b'<meta name="generator" content="Changeover')
TEXT = (markdown, b"# Runbook: from connected apps to external client apps")
FORMS = {".html": PAGE, ".htm": PAGE, ".md": TEXT, ".markdown": TEXT}
"""By the file's ending: what writes it, and how a file begins that may be replaced."""


@click.command("guide")
@click.argument("plan", type=GivenPath())
@click.option(
    "-o",
    "--output",
    "target",
    required=True,
    type=GivenPath(),
    help="The file to write: .html is one page without script or network, .md is Markdown.",
)
@click.option(
    "--verified",
    multiple=True,
    type=GivenPath(),
    metavar="FILE",
    help="The answer of `changeover verify --json`: ticks off what is done; may be repeated.",
)
@click.option(
    "--my-domain",
    metavar="NAME",
    help="The org's My Domain, for links into its Setup: acme, acme--dev.sandbox, or the whole address.",
)
@click.option(
    "--app-ids",
    type=GivenPath(),
    metavar="FILE",
    help="CSV answer of `SELECT Id, Name FROM ConnectedApplication`, for a link to each app's own page.",
)
def command(
    plan: Path, target: Path, verified: tuple[Path, ...], my_domain: str | None, app_ids: Path | None
) -> int:
    """Write the runbook of the clicks from PLAN.

    Wave by wave and app by app: the page to open, what to look up and what to confirm, on what evidence, what
    is lost, whom to tell, and what to do if the button is missing; the apps of your own pipeline come last.
    """
    form, begins = FORMS.get(target.suffix.lower(), (None, b""))
    if form is None:
        raise click.UsageError("name the file .html or .md: that says which it will be")
    file = PlanFile(plan)
    known = my_domain or (file.head.source.org.my_domain if file.head.source.org is not None else None)
    host = host_of(known) if known is not None else None
    if my_domain is not None and host is None:
        raise click.BadParameter(f"{my_domain!r} is no My Domain", param_hint="--my-domain")
    links = Links(host, read_ids(app_ids) if app_ids is not None else {})
    today = datetime.now(UTC).astimezone().date()
    with Book(file, links, read_ticks(verified)) as book, WholeFile(target, replaces=begins) as written:
        for piece in form(book, today):
            written.write(piece)
        written.finish()
        say(f"{target}: {book.top_line}.")
    return DONE
