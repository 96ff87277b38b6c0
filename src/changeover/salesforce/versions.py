"""The API versions that a local org answers.

Source: REST API guide, List Available REST API Versions (salesforce-reference, head:
which release has which version). Our decision: from 50.0, the oldest that a client we know asks for
(jsforce, where it is told no other), to 67.0, the newest that anybody has compared external client apps with.
"""

from __future__ import annotations

from typing import NamedTuple


class ApiVersion(NamedTuple):
    """A version of the API."""

    number: int
    """`67`, of `67.0`."""
    label: str
    """The release."""

    def __str__(self) -> str:
        return f"{self.number}.0"


_OLDEST = 50
_FIRST = 51
_FIRST_YEAR = 21
_SEASONS = ("Spring", "Summer", "Winter")
"""Three releases a year; the winter release bears the number of the year that begins after it."""


def _release(number: int) -> str:
    years, season = divmod(number - _FIRST, len(_SEASONS))
    winter = season == len(_SEASONS) - 1
    return f"{_SEASONS[season]} '{_FIRST_YEAR + years + winter}"


NEWEST = 67
VERSIONS: tuple[ApiVersion, ...] = tuple(
    ApiVersion(number, _release(number)) for number in range(_OLDEST, NEWEST + 1)
)
"""Ascending: CumulusCI takes the last one for the newest."""
NEWEST_VERSION = VERSIONS[-1]
_BY_TEXT = {str(version): version for version in VERSIONS}


def version_of(text: str) -> ApiVersion | None:
    """Return the version that an address names, `67.0` or `67`; None where there is none."""
    return _BY_TEXT.get(text) or _BY_TEXT.get(f"{text}.0")
