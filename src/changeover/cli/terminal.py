"""Text for a terminal: names from files must not move its cursor, change its colours or pass for markup."""

from __future__ import annotations

import sys

import click


def printable(text: str) -> str:
    """Return a text without characters that a terminal obeys; line ends stay."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char == "\n" else "?" for char in text)


def complain(text: str) -> None:
    """Print a line to standard error."""
    click.echo(printable(text), err=True)


def at_a_terminal() -> bool:
    """Whether somebody sits there who can be asked."""
    return sys.stdin.isatty()
