"""`changeover export`: the apps of an org as Salesforce's files."""

from __future__ import annotations

from pathlib import Path

import click

from changeover.apps.connected_app import ConnectedApp
from changeover.cli.exit_codes import DONE
from changeover.cli.output import emit, say
from changeover.cli.paths import GivenPath
from changeover.cli.places import Inside, in_org
from changeover.org.exporting import export_apps
from changeover.project.output import OutputFolder


@click.command("export")
@click.argument("directory", type=GivenPath())
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["source", "metadata"]),
    default="source",
    show_default=True,
    help="Source format, or metadata format with a package.xml.",
)
@in_org
def command(inside: Inside, directory: Path, file_format: str, *, as_json: bool) -> int:
    """Write all apps of an org into DIRECTORY as Salesforce's files. They hold no secrets.

    A file that stands there and differs is not overwritten: the export stops at it.
    """
    output = OutputFolder(directory, source_format=file_format == "source")
    apps, written = 0, 0
    with inside.units.read() as unit:
        for app in export_apps(unit, inside.actor):
            if isinstance(app, ConnectedApp):
                paths = output.write_connected_app(app)
            else:
                paths = output.write_app(app)
            apps, written = apps + 1, written + len(paths)
    output.finish()
    if as_json:
        emit({"directory": str(directory), "apps": apps, "files_written": written})
    else:
        say(f"{apps} app{'' if apps == 1 else 's'}, {written} file{'' if written == 1 else 's'} written.")
    return DONE
