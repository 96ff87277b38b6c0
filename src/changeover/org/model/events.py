"""What happened: Login History and the Setup Audit Trail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from changeover.org.model.orgs import Door


@dataclass(frozen=True, kw_only=True)
class LoginRow:
    """One row of Login History. `application` is the app's label: Salesforce names no other thing."""

    at: datetime
    username: str
    application: str
    login_type: str = ""
    sub_type: str = ""
    """As the API spells it: `OauthUsernamePassword`."""
    status: str = ""
    source_ip: str = ""
    login_url: str = ""

    @property
    def refused(self) -> bool:
        """Whether the login did not go through; a row without a status counts as one that did."""
        return self.status.casefold() not in {"", "success"}


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """One row of the Setup Audit Trail."""

    number: int
    at: datetime
    event: str
    """`subject:object:verb`, see `audit.Event`."""
    subject: str
    """What was acted upon: the app's API name, the username."""
    actor: str
    """Username."""
    door: Door
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    text: str
    """One sentence for the reader."""
