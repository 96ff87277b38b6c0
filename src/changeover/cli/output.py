"""What a command prints: one JSON document, a table for people, plain lines for what is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any

import click
import msgspec

from changeover.cli.terminal import printable
from changeover.errors import ChangeoverError


def emit(document: Any) -> None:  # noqa: ANN401 - whatever msgspec encodes
    """Print one JSON document."""
    out = sys.stdout.buffer
    out.write(msgspec.json.format(msgspec.json.encode(document), indent=2))
    out.write(b"\n")
    out.flush()


def emit_each(name: str, items: Iterable[Any]) -> None:
    """Print a JSON object with one list, item by item: a long list is never whole in memory."""
    out = sys.stdout.buffer
    out.write(b'{"' + name.encode() + b'": [')
    for nth, item in enumerate(items):
        out.write(b",\n" if nth else b"\n")
        out.write(msgspec.json.encode(item))
    out.write(b"\n]}\n")
    out.flush()


def emit_error(error: ChangeoverError) -> None:
    """Print a refusal as JSON."""
    emit({"error": {"code": error.code, "message": error.message, "remedy": error.remedy}})


def say(text: str) -> None:
    """Print a line for people."""
    click.echo(printable(text))


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows: a table with headings on a terminal, else a line a row, tabs between, no headings."""
    if not sys.stdout.isatty():
        for row in rows:
            click.echo("\t".join(_cell(value) for value in row))
        return
    # Loaded here: it takes a tenth of a second, and a pipe does without.
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    drawn = Table(highlight=False)
    for column in columns:
        drawn.add_column(column, overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(_cell(value)) for value in row))
    Console(highlight=False).print(drawn)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(printable("" if value is None else str(value)).split())
