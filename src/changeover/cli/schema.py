"""`changeover schema`: the published JSON schema of a command's answer."""

from __future__ import annotations

import json

import click

from changeover import schemas
from changeover.cli.exit_codes import DONE
from changeover.cli.output import emit, table


@click.command("schema")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON; a schema is JSON anyway.")
def command(name: str | None, *, as_json: bool) -> int:
    """Print the JSON schema of what a command prints with --json; without NAME, list the schemas.

    NAME is the command's words joined by hyphens: assess, org-create, user-token-list.
    """
    known = schemas.names()
    if name is not None:
        if name not in known:
            raise click.UsageError(f"there is no schema {name}; known are {', '.join(known)}")
        click.echo(schemas.text_of(name), nl=False)
        return DONE
    ids = {each: str(json.loads(schemas.text_of(each))["$id"]) for each in known}
    if as_json:
        emit({"schemas": [{"name": each, "id": ids[each]} for each in known]})
    else:
        table(("Name", "$id"), ids.items())
    return DONE
