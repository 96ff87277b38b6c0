"""Forms as they arrive: names with their values, in order, and files."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from litestar import Request
from litestar.datastructures import FormMultiDict, UploadFile
from litestar.di import NamedDependency

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org.values import shown as shown_name

_LONGEST_NUMBER = 19


class Form:
    """A form that was posted. What it lacks is an empty text: a browser sends no unchecked box."""

    def __init__(self, data: FormMultiDict) -> None:
        self._data = data

    def text(self, name: str) -> str:
        """Return the value of a field, line breaks as line feeds, empty where it is missing."""
        value = self._data.get(name, "")
        return value.replace("\r\n", "\n") if isinstance(value, str) else ""

    def texts(self, name: str) -> tuple[str, ...]:
        """Return all values of a field in order."""
        values = self._data.getall(name, [])
        return tuple(value.replace("\r\n", "\n") for value in values if isinstance(value, str))

    def checked(self, name: str) -> bool:
        """Whether a box was checked."""
        return self.text(name) == "true"

    def number(self, name: str) -> int | None:
        """Return a whole number, None where the field is empty.

        Raises:
            ChangeoverError: `REQUEST_INVALID` for anything else.
        """
        text = self.text(name).strip()
        if not text:
            return None
        # Python refuses to read thousands of digits, and no number of ours has more than eighteen.
        if len(text) > _LONGEST_NUMBER or not text.isascii() or not text.removeprefix("-").isdigit():
            raise ChangeoverError(errors.REQUEST_INVALID, f"{name} is not a whole number: {text[:40]!r}.")
        return int(text)

    def files(self, name: str) -> tuple[UploadFile, ...]:
        """Return the files of a field; one without a name is a field that was left empty."""
        values = self._data.getall(name, [])
        return tuple(value for value in values if isinstance(value, UploadFile) and value.filename)

    def names(self) -> tuple[str, ...]:
        """Return the names of all fields, each once, in order."""
        return tuple(dict.fromkeys(self._data))

    def __contains__(self, name: str) -> bool:
        return name in self._data


def stamp(*shown: str) -> str:
    """Return what tells whether a record without a version is still as its form shows it."""
    return hashlib.sha256(json.dumps(shown).encode()).hexdigest()[:32]


def refuse_stale(name: str, now: str, seen: str) -> None:
    """Refuse to save a form that shows another state of a record than its own. E-STALE-PAGE.

    Args:
        name: of the record.
        now: the stamp of the record as it is.
        seen: the stamp that the form brought; empty where no form was shown.
    """
    if seen and seen != now:
        raise ChangeoverError(errors.STALE_PAGE, f"{shown_name(name)} has changed since the page was loaded.")


ThisForm = NamedDependency[Form]
"""How a handler asks for the form."""


async def form_of(request: Request[Any, Any, Any]) -> FormMultiDict:
    """Return what a request posts. Reading a body is Litestar's, and that is asynchronous.

    Raises:
        ChangeoverError: E-REQUEST-INVALID for a text in no character set, or in another than it says.
        HTTPException: it is broken.
    """
    try:
        form = await request.form()
        for name, value in form.items():
            # Some character sets bring halves of surrogate pairs, which are no text.
            (name + value if isinstance(value, str) else name).encode()
    except (UnicodeError, LookupError):
        message = "A field of the form is no text, or in a character set that is none."
        raise ChangeoverError(errors.REQUEST_INVALID, message) from None
    return form


async def provide_form(request: Request[Any, Any, Any]) -> Form:
    """Return the form of a request. Raises as `form_of`."""
    return Form(await form_of(request))
