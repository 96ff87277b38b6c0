"""What an org knows of logins and tokens, as the files that the evidence of a project is read from.

Source: Salesforce Help, "Monitor Login History" (the headings of the download); Object Reference,
LoginHistory and OauthToken (field names, as the CSV answer of a SOQL query has them); salesforce-reference
8.1 and 8.2.
Values are the API's, in UTC. Of the token columns of OauthToken none is written: they are secrets.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from changeover.org.model.events import LoginRow
from changeover.org.oauth_records import TokenRow

LOGIN_HISTORY = (
    "Username",
    "Login Time",
    "Source IP",
    "Login Type",
    "Status",
    "Application",
    "Login URL",
    "Login Subtype",
)
OAUTH_TOKEN = ("Id", "AppName", "UserId", "User.Username", "CreatedDate", "LastUsedDate", "UseCount")
# A spreadsheet takes a cell that begins so for a formula. Who tries to log in chooses the username that is
# written down, and nobody's begins so.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def login_history_file(rows: Iterable[LoginRow]) -> Iterator[bytes]:
    """Yield a Login History in pieces, as Setup downloads it."""
    yield _line(LOGIN_HISTORY)
    for row in rows:
        yield _line(
            (
                _harmless(row.username),
                _time(row.at),
                row.source_ip,
                row.login_type,
                row.status,
                row.application,
                row.login_url,
                row.sub_type,
            )
        )


def oauth_token_file(rows: Iterable[TokenRow]) -> Iterator[bytes]:
    """Yield OauthToken in pieces, as the CSV answer of a SOQL query has it."""
    yield _line(OAUTH_TOKEN)
    for row in rows:
        yield _line(
            (
                row.authorization_id,
                row.app_name,
                row.user_id,
                row.username,
                _time(row.created_at),
                _time(row.last_used_at),
                str(row.use_count),
            )
        )


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _line(cells: tuple[str, ...]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerow(cells)
    return out.getvalue().encode("utf-8", "replace")
