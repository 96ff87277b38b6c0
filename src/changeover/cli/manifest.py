"""`changeover manifest`: how to bring everything that Changeover can read from an org into a folder."""

from __future__ import annotations

from shlex import quote

import click

from changeover.cli.exit_codes import DONE
from changeover.cli.output import emit
from changeover.metadata.package import PACKAGE
from changeover.project.manifest import FIRST_VERSION, NEWEST, Place, Step, package, steps


@click.command("manifest")
@click.option("--folder", default="retrieved", show_default=True, help="Folder to bring it to.")
@click.option("--target-org", "org", default="my-org", show_default=True, help="The org, as sf knows it.")
@click.option(
    "--api-version",
    "version",
    type=click.IntRange(FIRST_VERSION, 200),
    default=NEWEST,
    show_default=True,
    help="API version of the org.",
)
@click.option("--without", multiple=True, metavar="TYPE", help="A metadata type that the org refuses.")
@click.option("--package", "package_only", is_flag=True, help="Print the package.xml alone.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    folder: str,
    org: str,
    version: int,
    without: tuple[str, ...],
    *,
    package_only: bool,
    as_json: bool,
) -> int:
    """Print a shell script that brings apps, parts, referring files and evidence of use from an org.

    It calls Salesforce's own command line (sf); look at it, then pipe it into sh. Changeover itself connects
    to nothing.
    """
    place = Place(folder, org, version)
    content = package(version, without).decode()
    if as_json:
        emit({"package": content, "steps": [step._asdict() for step in steps(place)]})
    elif package_only:
        click.echo(content, nl=False)
    else:
        click.echo(_script(place, content))
    return DONE


def _script(place: Place, content: str) -> str:
    file = quote(f"{place.folder}/{PACKAGE}")
    lines = [
        "#!/bin/sh",
        "# Brings what Changeover can read; each command is Salesforce's own. Nothing in the org is changed.",
        "set -eu",
        f"mkdir -p -- {quote(place.folder)}",
        f"cat > {file} <<'PACKAGE'",
        content.rstrip("\n"),
        "PACKAGE",
    ]
    for step in steps(place):
        lines += ["", *_told(step), step.command]
    lines += ["", f"# Then: changeover assess {quote(place.folder)}"]
    return "\n".join(lines)


def _told(step: Step) -> list[str]:
    return [f"# {step.brings}.", *([f"# {step.note}"] if step.note else [])]
