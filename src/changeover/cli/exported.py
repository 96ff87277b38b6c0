"""Files of evidence that a command writes: whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from changeover.cli.output import emit, say
from changeover.plans.whole import WholeFile

T = TypeVar("T")


def write_rows(
    file: Path,
    rows: Iterable[T],
    pieces_of: Callable[[Iterable[T]], Iterator[bytes]],
    *,
    what: str,
    as_json: bool,
) -> None:
    """Write rows to a file, and say how many. A file of the same headings is replaced, no other.

    Args:
        file: the file.
        rows: taken one by one.
        pieces_of: encodes them, the headings first.
        what: one row in a word: `login`.
        as_json: whether to print JSON.

    Raises:
        FileError: E-OUTPUT-IN-THE-WAY, E-OUTPUT-FAILED; what reading the rows raises.
    """
    count = 0

    def counted() -> Iterator[T]:
        nonlocal count
        for row in rows:
            count += 1
            yield row

    pieces = pieces_of(counted())
    headings = next(pieces)
    with WholeFile(file, headings.rstrip()) as whole:
        whole.write(headings)
        for piece in pieces:
            whole.write(piece)
        whole.finish()
    if as_json:
        emit({"file": str(file), "rows": count})
    else:
        say(f"{count} {what}{'' if count == 1 else 's'} written to {file}.")
