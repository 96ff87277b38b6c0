"""What a command prints: one JSON document, a table for people, plain lines for what is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, TypeVar

import click
import msgspec

from changeover.cli.exit_codes import DONE, ERROR
from changeover.cli.terminal import printable
from changeover.errors import ChangeoverError

T = TypeVar("T")


def emit(document: Any) -> None:  # noqa: ANN401 - whatever msgspec encodes
    """Print one JSON document."""
    out = sys.stdout.buffer
    out.write(msgspec.json.format(msgspec.json.encode(document), indent=2))
    out.write(b"\n")
    out.flush()


def emit_each(name: str, items: Iterable[Any]) -> int:
    """Print a JSON object with one list, item by item: a long list is never whole in memory.

    Args:
        name: of the list.
        items: taken one by one; the first before anything is printed, so that what refuses at once is raised.

    Returns:
        The exit code: an error where the list broke off. It then stands beside the list as `error`.
    """
    begun = started(items)
    out = sys.stdout.buffer
    out.write(b'{"' + name.encode() + b'": [')
    end, code = b"\n]}\n", DONE
    try:
        for nth, item in enumerate(begun):
            out.write(b",\n" if nth else b"\n")
            out.write(msgspec.json.encode(item))
    except ChangeoverError as error:
        end, code = b'\n], "error": ' + msgspec.json.encode(_told(error)) + b"}\n", ERROR
    out.write(end)
    out.flush()
    return code


def started(items: Iterable[T]) -> Iterator[T]:
    """Take the first of some items now, and return all of them: what refuses at once, refuses here."""
    rest = iter(items)
    return chain(list(islice(rest, 1)), rest)


def emit_error(error: ChangeoverError) -> None:
    """Print a refusal as JSON."""
    emit({"error": _told(error)})


def _told(error: ChangeoverError) -> dict[str, str]:
    return {"code": error.code, "message": error.message, "remedy": error.remedy}


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
    for nth, column in enumerate(columns):
        # The first names the row: it is what one copies into the next command.
        drawn.add_column(column, overflow="fold", no_wrap=nth == 0)
    for row in rows:
        drawn.add_row(*(Text(_cell(value)) for value in row))
    Console(highlight=False).print(drawn)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(printable("" if value is None else str(value)).split())
