"""What may stand in a text that a person or a program gives."""

from __future__ import annotations

import re
from collections.abc import Iterable

from changeover import errors
from changeover.errors import ChangeoverError

MAX_TEXT = 32_000
"""Characters; Salesforce's longest text field holds about as many."""
MAX_NAME = 255

# What XML 1.0 cannot hold could be stored but never exported; PostgreSQL refuses NUL, UTF-8 lone surrogates.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


_SHOWN = 80


def shown(name: str) -> str:
    """Return a name as a message shows it: whatever was asked for, at most a line of it."""
    clean = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in name[:_SHOWN])
    return f"{clean}…" if len(name) > _SHOWN else clean


class ValueRefused(ChangeoverError):  # noqa: N818 - what happened to it
    """A value that is not allowed; `field` says which, so that a door can point at it."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(errors.VALUE_REFUSED, f"{shown(field)}: {why}")
        self.field = field


def refuse(field: str, why: str) -> ValueRefused:
    """Return the error of a value that is not allowed."""
    return ValueRefused(field, why)


def checked(field: str, text: str, *, longest: int = MAX_TEXT) -> str:
    """Return a text that can be stored and exported. Raises E-VALUE-REFUSED."""
    if len(text) > longest:
        raise refuse(field, f"at most {longest} characters, and this has {len(text)}.")
    if _FORBIDDEN.search(text):
        raise refuse(field, "it holds a control character that no Salesforce file can hold.")
    return text


def required(field: str, text: str, *, longest: int = MAX_NAME) -> str:
    """Return a text without the spaces around it; refuse an empty one. Raises E-VALUE-REFUSED."""
    stripped = checked(field, text, longest=longest).strip()
    if not stripped:
        raise refuse(field, "a value is needed.")
    return stripped


def one_of(field: str, text: str, allowed: Iterable[str]) -> str:
    """Return a text that is one of those allowed. Raises E-VALUE-REFUSED."""
    choices = sorted(allowed)
    if text not in choices:
        raise refuse(field, f"“{shown(text)}” is none of {', '.join(choices)}.")
    return text
