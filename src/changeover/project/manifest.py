"""What to bring from an org: a package.xml and the commands that fetch all that Changeover can read.

Sources: Metadata API guide (package.xml, types); Object Reference, LoginHistory and OauthToken; Salesforce
CLI reference, `project retrieve start`, `data query`, `api request rest`; salesforce-reference 8.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from shlex import quote
from typing import NamedTuple

from changeover import errors
from changeover.apps.types import TYPES
from changeover.errors import ChangeoverError
from changeover.metadata.package import API_VERSION, PACKAGE, write_manifest
from changeover.metadata.references import REFERRING_TYPES

FIRST_VERSION = 59
"""Winter '24, the first API version with external client apps."""


class Wanted(NamedTuple):
    """Components of one metadata type."""

    type: str
    member: str = "*"
    since: int = FIRST_VERSION


WANTED: tuple[Wanted, ...] = (
    *(Wanted(entry.name, since=entry.since) for entry in TYPES),
    *(Wanted(entry.name) for entry in REFERRING_TYPES),
    # Whether the org blocks the username-password flow as a whole.
    Wanted("Settings", "OauthOidc"),
)
"""Apps, their parts, the files that refer to them, and the org-wide switches."""


class Place(NamedTuple):
    """Where things are brought from and to."""

    folder: str
    """As it is typed into a shell, relative or not."""
    org: str
    """Alias or username of the org, as the CLI knows it."""
    version: int
    """API version: 67."""


class Step(NamedTuple):
    """One command."""

    brings: str
    """What is there afterwards, in a few words."""
    command: str
    """A line for a POSIX shell; `#` and a blank before one that has to be filled in by hand."""
    note: str = ""
    """What the reader must know."""


def _metadata(place: Place) -> Step:
    package = quote(f"{place.folder}/{PACKAGE}")
    return Step(
        "apps, their parts, what refers to them, and the org-wide switches",
        f"sf project retrieve start --manifest {package} --target-metadata-dir {quote(place.folder)} --unzip"
        f" --target-org {quote(place.org)}",
        "Apps that another org owns are named and not retrieved; global OAuth settings come only where the"
        " org allows it. Where the org refuses a type, leave it out with --without.",
    )


def _query(place: Place, soql: str, file: str) -> str:
    return (
        f"sf data query --query {quote(soql)} --result-format csv"
        f" --output-file {quote(f'{place.folder}/{file}')} --target-org {quote(place.org)}"
    )


def _login_history(place: Place) -> Step:
    soql = (
        "SELECT UserId, LoginTime, Application, LoginType, LoginSubType, Status, SourceIp, LoginUrl"
        " FROM LoginHistory WHERE LoginTime = LAST_N_DAYS:180 ORDER BY LoginTime"
    )
    return Step(
        "Login History: which flow each app logs in with",
        _query(place, soql, "login-history.csv"),
        "Salesforce keeps about six months. Setup, Login History, Download Now brings usernames in place of"
        " user ids.",
    )


def _oauth_tokens(place: Place) -> Step:
    # Never AccessToken, RequestToken or DeleteToken: they are secrets.
    soql = (
        "SELECT AppName, AppMenuItemId, UserId, CreatedDate, LastUsedDate, UseCount"
        " FROM OauthToken ORDER BY CreatedDate"
    )
    return Step(
        "OAuth usage: which apps hold tokens, and when they were used last",
        _query(place, soql, "oauth-tokens.csv"),
        "A query returns at most 2,500 rows: where SELECT COUNT() FROM OauthToken says more, query by"
        " CreatedDate into several files. JWT bearer and client credentials leave no row.",
    )


def _event_logs(place: Place) -> Step:
    soql = (
        "SELECT Id, EventType, LogDate, Interval FROM EventLogFile"
        " WHERE EventType IN ('ApiTotalUsage', 'Login') ORDER BY LogDate"
    )
    return Step(
        "the list of event logs: API calls by app (ApiTotalUsage), and logins",
        _query(place, soql, "event-logs.csv"),
        "Logins need Event Monitoring; without it the list holds a day of API calls, or nothing.",
    )


def _event_log(place: Place) -> Step:
    path = f"/services/data/v{place.version}.0/sobjects/EventLogFile/ID/LogFile"
    file = quote(f"{place.folder}/event-log-ID.csv")
    return Step(
        "one event log",
        f"# sf api request rest {path} --stream-to-file {file} --target-org {quote(place.org)}",
        "For each Id of the list, in place of ID.",
    )


STEPS: tuple[Callable[[Place], Step], ...] = (
    _metadata,
    _login_history,
    _oauth_tokens,
    _event_logs,
    _event_log,
)
"""The commands, in the order in which they are run."""


def steps(place: Place) -> tuple[Step, ...]:
    """Return the commands that fetch all that Changeover can read."""
    return tuple(step(place) for step in STEPS)


def package(version: int, without: Iterable[str] = ()) -> bytes:
    """Return a package.xml of all metadata that Changeover can read.

    Args:
        version: API version; types that it does not have are left out.
        without: types to leave out, by their name.

    Raises:
        ChangeoverError: E-VALUE-REFUSED for a type in `without` that is none of them.
    """
    left_out = {name.casefold() for name in without}
    unknown = left_out - {wanted.type.casefold() for wanted in WANTED}
    if unknown:
        known = ", ".join(sorted({wanted.type for wanted in WANTED}))
        message = f"{', '.join(sorted(unknown))} is no type of the package. It has {known}."
        raise ChangeoverError(errors.VALUE_REFUSED, message)
    members = (
        (wanted.type, wanted.member)
        for wanted in WANTED
        if wanted.since <= version and wanted.type.casefold() not in left_out
    )
    return write_manifest(members, f"{version}.0")


NEWEST = int(API_VERSION.partition(".")[0])
