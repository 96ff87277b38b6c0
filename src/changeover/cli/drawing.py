"""A table drawn row by row: its widths are known beforehand, so a row is printed as soon as it is there.

rich draws a table once it has seen all rows, to fit the columns to them: of ten thousand apps that takes
their memory, and as long as all the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import NamedTuple

from rich.cells import cell_len, get_character_cell_size
from rich.console import Console

from changeover.cli.terminal import printable


class Rule(NamedTuple):
    """A line across the table."""

    left: str
    line: str
    joint: str
    right: str


class Lines(NamedTuple):
    """What a table is drawn with."""

    top: Rule
    under_titles: Rule
    between: Rule
    foot: Rule
    beside_titles: str
    beside: str


LINES = Lines(Rule(*"┏━┳┓"), Rule(*"┡━╇┩"), Rule(*"├─┼┤"), Rule(*"└─┴┘"), "┃", "│")
_PLAIN = Rule(*"+-++")
PLAIN = Lines(_PLAIN, _PLAIN, _PLAIN, _PLAIN, "|", "|")
"""The same where the output's encoding has no such lines."""

CODES = {"bold": 1, "dim": 2, "italic": 3, "red": 31, "green": 32, "yellow": 33, "blue": 34}
_COLOURS = frozenset({"red", "green", "yellow", "blue"})


class Span(NamedTuple):
    """A text in one style."""

    text: str
    style: str = ""
    """A key of `CODES`."""


Paragraph = Sequence[Span]
Cell = Sequence[Paragraph]


@dataclass(frozen=True)
class Drawing:
    """How a table is drawn; small, so that processes can share the drawing of rows."""

    widths: tuple[int, ...]
    """Of the columns, in cells of the terminal, without the blank on either side."""
    lines: Lines
    codes: Mapping[str, int]
    """Control codes of the styles; none where they are not wanted."""

    def head(self, titles: Sequence[str]) -> str:
        """Return the top of the table with the titles of the columns."""
        cells = [((Span(title, "bold"),),) for title in titles]
        drawn = self._drawn(cells, self.lines.beside_titles)
        return self._rule(self.lines.top) + drawn + self._rule(self.lines.under_titles)

    def row(self, cells: Sequence[Cell]) -> str:
        """Return a row, a cell as many lines as it takes."""
        return self._drawn(cells, self.lines.beside)

    @property
    def between(self) -> str:
        """The line between two rows."""
        return self._rule(self.lines.between)

    @property
    def foot(self) -> str:
        """The line under the last row."""
        return self._rule(self.lines.foot)

    def _rule(self, rule: Rule) -> str:
        return (
            rule.left + rule.joint.join(rule.line * (width + 2) for width in self.widths) + rule.right + "\n"
        )

    def _drawn(self, cells: Sequence[Cell], side: str) -> str:
        columns = [
            [self._line(line, width) for paragraph in cell for line in _wrapped(paragraph, width)]
            for cell, width in zip(cells, self.widths, strict=True)
        ]
        blanks = [" " * width for width in self.widths]
        drawn = []
        for line in zip_longest(*columns):
            shown = (part or blank for part, blank in zip(line, blanks, strict=True))
            drawn.append(f"{side} {f' {side} '.join(shown)} {side}\n")
        return "".join(drawn)

    def _line(self, line: Paragraph, width: int) -> str:
        blank = " " * (width - sum(_cells(span.text) for span in line))
        return "".join(self._styled(span) for span in line) + blank

    def _styled(self, span: Span) -> str:
        code = self.codes.get(span.style)
        return span.text if code is None else f"\x1b[{code}m{span.text}\x1b[0m"


def drawing(console: Console, *fixed: int) -> Drawing:
    """Return how to draw on a terminal, or into what takes its place.

    Args:
        console: tells width, colours and encoding.
        fixed: the widths of the columns but the last, which takes the rest; on a narrow terminal the one
            before it has no more.
    """
    rest = console.width - sum(fixed) - 3 * (len(fixed) + 1) - 1
    *first, last = fixed
    last, rest = (last, rest) if rest >= last else (half := max((last + rest) // 2, _NARROWEST), half)
    codes = CODES if console.color_system is not None else {}
    if console.no_color:
        codes = {style: code for style, code in codes.items() if style not in _COLOURS}
    utf = console.encoding.lower().startswith("utf")
    return Drawing((*first, last, rest), LINES if utf else PLAIN, codes)


_NARROWEST = 10


def one_line(text: str) -> str:
    """Return a text without what a terminal obeys, and without line ends."""
    return printable(text.replace("\n", " "))


def _cells(text: str) -> int:
    return len(text) if text.isascii() else cell_len(text)


def _wrapped(paragraph: Paragraph, width: int) -> Iterator[Paragraph]:
    """Break a paragraph into lines: at blanks, and within words that are too long for a line."""
    text = "".join(span.text for span in paragraph)
    for start, end in _breaks(text, width):
        line, at = [], 0
        for span in paragraph:
            piece = span.text[max(start - at, 0) : max(end - at, 0)]
            if piece:
                line.append(Span(piece, span.style))
            at += len(span.text)
        yield line


def _breaks(text: str, width: int) -> Iterator[tuple[int, int]]:
    """Yield where each line of a text begins and ends."""
    start = 0
    while (end := _full(text, start, width)) < len(text):
        blank = text.rfind(" ", start, end + 1)
        if blank > start:
            yield start, blank
            start = blank + 1
        else:
            yield start, end
            start = end
    yield start, len(text)


def _full(text: str, start: int, width: int) -> int:
    """Return where a line that begins at `start` is full, were it broken anywhere."""
    if text.isascii():
        return start + width
    taken = 0
    for end in range(start, len(text)):
        taken += get_character_cell_size(text[end])
        if taken > width:
            return max(end, start + 1)
    return len(text)
