"""The table of `changeover assess`: drawn row by row, as wide as the terminal, and never wider."""

from __future__ import annotations

from collections import Counter
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from changeover.cli.drawing import CODES, LINES, PLAIN, Drawing, Span, drawing, one_line

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Mn", "Me", "Cf"]), max_size=80)


def plain(*widths: int) -> Drawing:
    return Drawing(widths, PLAIN, {})


def test_a_table_has_a_head_rows_lines_between_them_and_a_foot() -> None:
    table = plain(3, 5)
    assert table.head(("A", "Long title")) == (
        "+-----+-------+\n"
        "| A   | Long  |\n"
        "|     | title |\n"
        "+-----+-------+\n"
    )  # fmt: skip
    row = table.row([[[Span("one")]], [[Span("a b c d")], [Span("longer words")]]])
    assert row == (
        "| one | a b c |\n"
        "|     | d     |\n"
        "|     | longe |\n"
        "|     | r     |\n"
        "|     | words |\n"
    )  # fmt: skip
    assert table.between == table.foot == "+-----+-------+\n"


def test_a_style_goes_on_where_a_line_breaks() -> None:
    table = Drawing((5,), PLAIN, {"bold": 1, "red": 31})
    row = table.row([[[Span("ab ", "bold"), Span("cd efg", "red"), Span(" h", "dim")]]])
    assert row == "| \x1b[1mab \x1b[0m\x1b[31mcd\x1b[0m |\n| \x1b[31mefg\x1b[0m h |\n"


@given(st.lists(st.lists(TEXTS, max_size=3), min_size=2, max_size=2), st.integers(2, 20))
def test_every_line_is_as_wide_as_the_table_and_nothing_is_lost(cells: list[list[str]], width: int) -> None:
    lines = plain(width, width).row([[[Span(text)] for text in cell] for cell in cells]).splitlines()
    assert {cell_len(line) for line in lines} <= {2 * width + 7}
    shown = Counter("".join(lines))
    given_signs = Counter("".join(text for cell in cells for text in cell))
    assert {sign: shown[sign] for sign in given_signs if sign not in "| "} == {
        sign: count for sign, count in given_signs.items() if sign not in "| "
    }


@pytest.mark.parametrize(
    ("width", "widths"), [(120, (8, 40, 62)), (98, (8, 40, 40)), (60, (8, 21, 21)), (9, (8, 10, 10))]
)
def test_the_last_column_takes_the_rest_and_the_one_before_no_more(
    width: int, widths: tuple[int, ...]
) -> None:
    assert drawing(Console(width=width), 8, 40).widths == widths


class Output(StringIO):
    """What is written to; a terminal, if rich is told so."""

    encoding = "utf-8"


class Latin(Output):
    encoding = "latin-1"


def test_a_terminal_gets_styles_and_a_file_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    assert drawing(Console(file=Output(), force_terminal=True), 8).codes == CODES
    assert drawing(Console(file=Output(), force_terminal=True, no_color=True), 8).codes == {
        "bold": 1,
        "dim": 2,
        "italic": 3,
    }
    assert drawing(Console(file=Output()), 8).codes == {}


def test_lines_are_those_that_the_output_can_encode() -> None:
    assert drawing(Console(file=Output()), 8).lines == LINES
    assert drawing(Console(file=Latin()), 8).lines == PLAIN


def test_line_ends_and_what_a_terminal_obeys_stay_out_of_a_line() -> None:
    assert one_line("a\nb\x1b[2Jc") == "a b?[2Jc"
