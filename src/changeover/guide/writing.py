"""The runbook as a file: one HTML page without script or network, or Markdown; written piece by piece."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from changeover import __version__
from changeover.guide import texts
from changeover.guide.book import Book
from changeover.guide.steps import Mark, Part
from changeover.migration.dates import DEADLINES, written

_AT_ONCE = 64
"""Pieces of the template that are written together."""
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!&])")
# At the start of a line these would begin a list, a heading or a rule.
_BEGINS = re.compile(r"^([-+=]|[0-9]+[.)])")


def html(book: Book, today: date) -> Iterator[bytes]:
    """Yield the page in pieces."""
    yield from _pieces("guide.html", book, today)


def markdown(book: Book, today: date) -> Iterator[bytes]:
    """Yield the Markdown in pieces."""
    yield from _pieces("guide.md", book, today)


def _pieces(template: str, book: Book, today: date) -> Iterator[bytes]:
    head = book.plan.head
    stream = (
        _environment()
        .get_template(template)
        .stream(
            book=book,
            head=head,
            today=today,
            version=__version__,
            deadlines=DEADLINES,
            texts=texts,
            reasons=texts.reasons(),
            style=_style(),
            Part=Part,
            Mark=Mark,
        )
    )
    stream.enable_buffering(_AT_ONCE)
    for piece in stream:
        # A surrogate that no encoding has may come from a file name.
        yield piece.encode("utf-8", "replace")


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("changeover.guide"),
        autoescape=select_autoescape(("html",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.globals["day"] = written
    made.filters["code"] = _code
    made.filters["md"] = _md
    made.filters["md_code"] = _md_code
    return made


def _code(text: str) -> Markup:
    """Return a text of our own with what stands between backticks as code."""
    parts = (
        Markup("<code>{}</code>").format(part) if nth % 2 else escape(part)
        for nth, part in enumerate(text.split("`"))
    )
    return Markup().join(parts)


def _md(text: str) -> str:
    """Return a text on one line in which nothing is markup."""
    line = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    return _BEGINS.sub(r"\\\1", line)


def _md_code(text: str) -> str:
    """Return a text as code, or escaped where it holds a backtick itself."""
    line = " ".join(text.split())
    return _md(line) if "`" in line or not line else f"`{line}`"


def _style() -> Markup:
    sheet = files("changeover.guide").joinpath("templates/guide.css").read_text("utf-8")
    return Markup(sheet)  # noqa: S704 - our own file
