"""Where in a file a leaf stands, by line and column: a deployment points at what it refuses.

A file is looked at so only once it is refused, and after the hardened reader has taken it: it has no DTD.
"""

from __future__ import annotations

from typing import NamedTuple
from xml.parsers import expat

from changeover.apps.document import Segment, segments
from changeover.metadata.encoding import prepare
from changeover.metadata.file_error import FileError


class Place(NamedTuple):
    """A line and a column, both counted from 1; None where neither is known."""

    line: int | None
    column: int | None


NOWHERE = Place(None, None)


def place_of(data: bytes, path: str, field: str | None) -> Place:
    """Return where an element begins; of one that is not there, its nearest ancestor that is.

    Args:
        data: the file.
        path: its name.
        field: the leaf's path (`oauthConfig/scopes[2]`), None for the root.
    """
    try:
        wanted = segments(field) if field else ()
        seen = _Seen(wanted)
        seen.parser.Parse(prepare(data, path), True)  # noqa: FBT003 - expat's own
    except (ValueError, FileError):
        return NOWHERE
    except expat.ExpatError as error:
        return Place(error.lineno, error.offset + 1)
    return seen.best


class _Seen:
    """One pass over a file that remembers the nearest element to the one wanted."""

    def __init__(self, wanted: tuple[Segment, ...]) -> None:
        self.best = NOWHERE
        self._wanted = wanted
        self._depth = -1
        self._followed = 0
        """How many steps of what is wanted have been found on the way down."""
        self._counts: list[dict[str, int]] = [{}]
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth == 0:
            self.best = self._here()
            return
        counts = self._counts[-1]
        counts[name] = nth = counts.get(name, 0) + 1
        self._counts.append({})
        on_the_way = self._depth == self._followed + 1 and self._depth <= len(self._wanted)
        if on_the_way and self._wanted[self._depth - 1] == (name, nth):
            self._followed = self._depth
            self.best = self._here()

    def _end(self, _name: str) -> None:
        if self._depth > 0:
            self._counts.pop()
        if 0 < self._followed == self._depth:
            # Left again: what is wanted can only be found once.
            self._wanted = self._wanted[: self._followed]
            self._followed = -1
        self._depth -= 1

    def _here(self) -> Place:
        return Place(self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1)
