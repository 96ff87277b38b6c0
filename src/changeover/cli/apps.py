"""`changeover apps`: App Manager on the command line."""

from __future__ import annotations

import click

from changeover.cli.exit_codes import DONE
from changeover.cli.output import emit_each, table
from changeover.cli.places import Inside, every_app, in_org
from changeover.migration.finding import Verdict
from changeover.migration.lifecycle import State
from changeover.org.lists import AppQuery
from changeover.shapes.connected_apps import ConnectedAppRow

_VERDICTS = [each.value for each in Verdict]
_STATES = [each.value for each in State]
_SORTS = ("label", "api_name", "verdict", "state", "modified_at")


@click.command("apps")
@click.option("--search", default="", help="Part of label, API name, description or consumer key.")
@click.option("--verdict", type=click.Choice(_VERDICTS), help="With this verdict only.")
@click.option("--state", type=click.Choice(_STATES), help="In this state only.")
@click.option(
    "--sort", type=click.Choice(_SORTS), default="label", show_default=True, help="By what to sort."
)
@click.option("--descending", is_flag=True, help="Sort the other way round.")
@in_org
def command(
    inside: Inside,
    search: str,
    verdict: str | None,
    state: str | None,
    sort: str,
    *,
    descending: bool,
    as_json: bool,
) -> int:
    """List the connected apps of an org with state and verdict."""
    query = AppQuery(
        search=search,
        verdict=Verdict(verdict) if verdict else None,
        state=State(state) if state else None,
        sort=sort,
        descending=descending,
    )
    rows = every_app(inside, query)
    if as_json:
        return emit_each("apps", (ConnectedAppRow.of(row) for row in rows))
    table(
        ("API name", "Label", "App type", "State", "Verdict", "Last modified"),
        (
            (r.api_name, r.label, r.app_type, r.state, r.verdict, f"{r.modified_at:%Y-%m-%d %H:%M}")
            for r in rows
        ),
    )
    return DONE
