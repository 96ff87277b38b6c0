"""What the sample's apps hold of users: each logs in at the org's own OAuth endpoints, as a real client does.

Tokens are made by the same acts as those of a login, refreshed some times, and thrown away: the org keeps no
more of them than their digests. Login History has a row for each login and refresh.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from changeover.oauth.authorization import Asked, approve, ask
from changeover.oauth.call import Call
from changeover.oauth.registry import registered
from changeover.oauth.server import token
from changeover.org.model.orgs import Org
from changeover.org.ports import Unit, Units

ADDRESS = ip_address("203.0.113.17")
_OK = 200


class Authorized(NamedTuple):
    """A user who has approved an app and goes on using it."""

    api_name: str
    username: str
    refreshes: int


AUTHORIZED = (
    Authorized("Customer_Portal", "kim@acme.example", 4),
    Authorized("Customer_Portal", "dana@sample.changeover.example", 1),
    Authorized("Field_Service_Mobile", "tess@acme.example", 2),
    Authorized("Survey_Tool", "lee@acme.example", 3),
)
"""Of apps that get refresh tokens, and whose secret is set where they need one."""


def log_in(units: Units, org: Org) -> None:
    """Log in each user of whom the sample's apps hold something. Raises RuntimeError where one is refused."""
    for one in AUTHORIZED:
        _log_in(units, org, one)


def _log_in(units: Units, org: Org, one: Authorized) -> None:
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    with units.unit() as unit:
        credentials, callback_url = _client(unit, org, one.api_name)
        user = unit.users.in_org(org.org_id, one.username)
        call = _call(
            org,
            response_type="code",
            client_id=credentials["client_id"],
            redirect_uri=callback_url,
            code_challenge=challenge,
            code_challenge_method="S256",
        )
        asked = ask(unit, call)
        if user is None or not isinstance(asked, Asked):
            message = f"the sample's own {one.api_name}: {asked}"
            raise RuntimeError(message)
        code = parse_qs(urlsplit(approve(unit, call, asked, user).url).query)["code"][0]
    form = {"grant_type": "authorization_code", "redirect_uri": callback_url, "code_verifier": verifier}
    held = _tokens(units, _call(org, code=code, **form, **credentials))
    for _ in range(one.refreshes):
        refresh = {"grant_type": "refresh_token", "refresh_token": held["refresh_token"]}
        held |= _tokens(units, _call(org, **refresh, **credentials))


def _client(unit: Unit, org: Org, api_name: str) -> tuple[Mapping[str, str], str]:
    """Return what an app's client proves itself by, and its callback URL."""
    record = unit.apps.get(org.org_id, api_name)
    key = record.document.consumer_key if record is not None else None
    found = registered(unit, org.org_id, key) if key else None
    if found is None:
        raise LookupError(api_name)
    secret = found.secret()
    credentials = {"client_id": found.client.client_id, **({"client_secret": secret} if secret else {})}
    return credentials, found.client.callback_urls[0]


def _tokens(units: Units, call: Call) -> dict[str, Any]:
    with units.unit() as unit:
        answer = token(unit, call)
    if answer.status != _OK or answer.body is None:
        message = f"the sample's own client was refused: {answer.body}"
        raise RuntimeError(message)
    return dict(answer.body)


def _call(org: Org, **parameters: str) -> Call:
    many = {name: (value,) for name, value in parameters.items()}
    base = f"https://{org.my_domain}.my.salesforce.com"
    return Call(org=org, base_url=base, parameters=many, address=ADDRESS)
