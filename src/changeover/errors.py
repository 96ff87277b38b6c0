"""Errors that a reader sees: one catalogue, one exception.

Every error has a stable code, says in one sentence what happened, and what to do next. `docs/errors.md` is
made from `CATALOGUE`. A message never holds a secret, a token or a private key.
"""

from __future__ import annotations

from typing import NamedTuple


class ErrorKind(NamedTuple):
    """An entry of the catalogue."""

    code: str
    """Stable: `E-...`."""
    status: int
    """HTTP status over REST and on pages."""
    title: str
    """What happened, in general."""
    remedy: str
    """What to do next, where the error itself does not say it more closely."""


class ChangeoverError(Exception):
    """An error for the reader.

    Args:
        kind: its entry in the catalogue.
        message: one sentence: what happened, with the names of this case.
        remedy: what to do next in this case; the catalogue's by default.
    """

    def __init__(self, kind: ErrorKind, message: str, remedy: str | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.remedy = remedy or kind.remedy

    @property
    def code(self) -> str:
        """The stable code."""
        return self.kind.code

    def __str__(self) -> str:
        return f"{self.code}: {self.message} {self.remedy}"


_kinds: list[ErrorKind] = []


def _kind(code: str, status: int, title: str, remedy: str) -> ErrorKind:
    entry = ErrorKind(code, status, title, remedy)
    _kinds.append(entry)
    return entry


# --- files ---------------------------------------------------------------------------------------------
XML_BROKEN = _kind(
    "E-XML-BROKEN",
    400,
    "A file is not well-formed XML.",
    "Mend the file at the line named, or retrieve it again from the org.",
)
XML_DOCTYPE = _kind(
    "E-XML-DOCTYPE",
    400,
    "A file declares a DOCTYPE, which Salesforce metadata never does.",
    "Remove the DOCTYPE; if you did not put it there, do not trust the file.",
)
XML_TOO_LARGE = _kind(
    "E-XML-TOO-LARGE",
    400,
    "A file is larger or more deeply nested than any app's metadata.",
    "Check that the file is what its name says.",
)
FILE_NOT_AN_APP = _kind(
    "E-FILE-NOT-AN-APP",
    400,
    "The root element of a file is not what its name says.",
    "Rename the file or retrieve it again.",
)
PATH_MISSING = _kind(
    "E-PATH-MISSING", 404, "A path does not exist or cannot be read.", "Check the path and try again."
)
ZIP_REFUSED = _kind(
    "E-ZIP-REFUSED",
    400,
    "A zip archive is broken, too large, or holds a path that leads out of it.",
    "Retrieve the package again; do not open an archive whose origin you do not know.",
)
LOGIN_HISTORY_UNREADABLE = _kind(
    "E-LOGIN-HISTORY-UNREADABLE",
    400,
    "A file is not a Login History that Changeover can read.",
    "Give the CSV that Setup downloads, or the CSV or JSON answer of a SOQL query on LoginHistory.",
)
OUTPUT_IN_THE_WAY = _kind(
    "E-OUTPUT-IN-THE-WAY",
    409,
    "A file that Changeover did not write stands where it would write.",
    "Choose an empty folder, or move the file away.",
)
APP_NOT_FOUND = _kind(
    "E-APP-NOT-FOUND", 404, "No app has the name given.", "Check the API name in App Manager."
)

# --- pages and REST -----------------------------------------------------------------------------------
ASSETS_MISSING = _kind(
    "E-ASSETS-MISSING",
    500,
    "Files that the pages need are not installed.",
    "Install the wheel, or run tools/vendor.py in a checkout.",
)
HOST_UNKNOWN = _kind(
    "E-HOST-UNKNOWN",
    400,
    "A request came in under a host name that is not this server's.",
    "Open the address that the server printed when it started, or allow the name with --allow-host.",
)
PAGE_NOT_FOUND = _kind(
    "E-PAGE-NOT-FOUND",
    404,
    "There is no page at this address.",
    "Look for the page in Quick Find, or go back to Setup Home.",
)
METHOD_NOT_ALLOWED = _kind(
    "E-METHOD-NOT-ALLOWED",
    405,
    "The address does not take this kind of request.",
    "Go back and use the page's own buttons; over REST see the OpenAPI description.",
)
REQUEST_INVALID = _kind(
    "E-REQUEST-INVALID",
    400,
    "A request holds a value that cannot be read, or lacks one.",
    "Correct the value named and try again.",
)
REQUEST_TOO_LARGE = _kind(
    "E-REQUEST-TOO-LARGE",
    413,
    "A request holds more than is taken.",
    "Send less at once: split the package, or import the folder on the command line.",
)
FORM_STALE = _kind(
    "E-FORM-STALE",
    403,
    "A form was not made for this browser, or its time is over.",
    "Open the page again and repeat what you did; cookies must be on.",
)
TOO_MANY_REQUESTS = _kind(
    "E-TOO-MANY-REQUESTS",
    429,
    "More requests came in than are taken.",
    "Wait for the time that the answer names and try again.",
)
INTERNAL = _kind(
    "E-INTERNAL",
    500,
    "Something went wrong that should not; nothing was changed.",
    "Try again; if it happens again, give the reference to whoever runs this server: it stands in the log.",
)

# New sections go above this line, one a room: files, migration, org, sign-in, import.
CATALOGUE: tuple[ErrorKind, ...] = tuple(_kinds)
