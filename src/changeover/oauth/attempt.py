"""One attempt to log in, as the checks see it, and the row that it leaves in Login History."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from changeover.oauth.call import Call
from changeover.oauth.client import OauthClient
from changeover.oauth.counting import count_login, outcome_of
from changeover.oauth.refusals import Refusal, reason
from changeover.org.assessing import reassess_label
from changeover.org.model.events import LoginRow
from changeover.org.model.people import User
from changeover.org.oauth_records import Flow
from changeover.org.ports import Unit

_log = structlog.get_logger(__name__)

LOGIN_TYPE = "Remote Access 2.0"
"""Label of LoginType `Oauth2`."""
SUCCESS = "Success"
HEARD = frozenset({Flow.USERNAME_PASSWORD, Flow.DEVICE, Flow.USER_AGENT, Flow.USER_AGENT_ID_TOKEN})
"""Flows that a verdict may hang on: what was seen of them is judged in the transaction that sees it."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """Who tries to log in, with which app, and how."""

    unit: Unit
    call: Call
    client: OauthClient
    flow: Flow
    user: User
    scopes: frozenset[str]


Check = Callable[[Attempt], Refusal | None]
"""A rule of the app, the org or the user: None where it lets the attempt pass."""


def record_login(
    unit: Unit,
    call: Call,
    flow: Flow,
    *,
    client: OauthClient | None,
    username: str = "",
    refusal: Refusal | None = None,
) -> None:
    """Write a row of Login History, for a login or for one that was refused; of the latter a line in the log.

    The line names the consumer key only of a client that is there: what else was sent as one may be a secret.
    """
    label = client.label.strip() if client is not None else ""
    status = SUCCESS if refusal is None else f"Failed: {refusal.login_status or refusal.description}"
    unit.logins.record(
        call.org.org_id,
        LoginRow(
            at=unit.now,
            username=username,
            application=label,
            login_type=LOGIN_TYPE,
            sub_type=flow.value,
            status=status,
            source_ip=str(call.address or ""),
            login_url=call.base_url.partition("://")[2],
        ),
    )
    count_login(flow.value, outcome_of(refusal))
    if refusal is not None:
        _log.warning(
            "login-refused",
            org=call.org.org_id,
            flow=flow.value,
            app=client.api_name if client is not None else "",
            consumer_key=client.client_id if client is not None else "",
            reason=reason(refusal),
            why=refusal.description,
            address=str(call.address or ""),
        )
    if flow in HEARD and label:
        reassess_label(unit, call.org.org_id, label)
