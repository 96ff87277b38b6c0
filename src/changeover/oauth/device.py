"""The device flow's beginning and the user's answer; what the device gets for it is `grants.device`.

Source: RFC 8628 sections 3.1 to 3.4 and 5; salesforce-reference 7.2 (`response_type=device_code` at the token
endpoint, Salesforce's page `/setup/connect`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from changeover.oauth import tokens
from changeover.oauth.attempt import Attempt, record_login
from changeover.oauth.authlib_client import covered
from changeover.oauth.call import Answer, Call, refusal_answer
from changeover.oauth.checks import refusal_of
from changeover.oauth.checks.flows import flow_refusal
from changeover.oauth.client import OauthClient
from changeover.oauth.proof import named_client, refuse_unproven
from changeover.oauth.refusals import APP_BLOCKED, SCOPE, Refusal, Refused
from changeover.oauth.registry import Registered, registered
from changeover.org.model.people import User
from changeover.org.oauth_records import Approval, DeviceCode, DeviceState, Flow
from changeover.org.ports import Unit

RESPONSE_TYPE = "device_code"
PAGE = "/setup/connect"
LIFETIME = timedelta(minutes=10)
"""Long enough to find a browser; Salesforce's clients wait as long."""
INTERVAL = timedelta(seconds=5)
"""RFC 8628 section 3.2: between two polls, where nothing else is said."""


def start(unit: Unit, call: Call) -> Answer:
    """Answer a device that wants to be connected (RFC 8628 section 3.2), or refuse it with a login row."""
    found: Registered | None = None
    try:
        found = named_client(unit, call)
        # Devices are mostly public clients (RFC 8628 section 3.1): a secret is not needed, and if there is
        # one it must be right.
        refuse_unproven(unit, call, found, required=False)
        scopes = _scopes(call, found.client)
        _refuse_closed(unit, call, found.client)
    except Refused as refused:
        client = found.client if found is not None else None
        record_login(unit, call, Flow.DEVICE, client=client, refusal=refused.refusal)
        return refusal_answer(refused)
    code, user_code = tokens.code(), _free_user_code(unit, call.org.org_id)
    unit.oauth.add_device_code(
        DeviceCode(
            digest=tokens.digest(code),
            user_code=user_code,
            org_id=call.org.org_id,
            consumer_key=found.client.consumer_key,
            scopes=tuple(sorted(scopes)),
            expires_at=unit.now + LIFETIME,
            state=DeviceState.PENDING,
            user_id=None,
            polled_at=None,
        )
    )
    body = {
        "device_code": code,
        "user_code": user_code,
        "verification_uri": f"{call.base_url}{PAGE}",
        "verification_uri_complete": f"{call.base_url}{PAGE}?user_code={user_code}",
        "expires_in": int(LIFETIME.total_seconds()),
        "interval": int(INTERVAL.total_seconds()),
    }
    return Answer(body=body, headers={"Cache-Control": "no-store"})


def _scopes(call: Call, client: OauthClient) -> frozenset[str]:
    wanted = frozenset((call.one("scope") or "").split()) or client.scopes
    if not wanted <= covered(client.scopes):
        raise Refused(SCOPE)
    return wanted


def _refuse_closed(unit: Unit, call: Call, client: OauthClient) -> None:
    off = flow_refusal(Flow.DEVICE, client, call.org, unit.today)
    refusal = off if client.enabled else APP_BLOCKED
    if refusal is not None:
        raise Refused(refusal)


def _free_user_code(unit: Unit, org_id: str) -> str:
    """Return a user code that nobody in the org waits under; of 25 thousand million the first is free."""
    while unit.oauth.by_user_code(org_id, code := tokens.user_code()) is not None:
        pass
    return code


def waiting(unit: Unit, call: Call, typed: str) -> tuple[DeviceCode, Registered] | None:
    """Return the device that waits under a code that a user typed, None where none does any more.

    Blanks, hyphens and case do not count (RFC 8628 section 6.1).
    """
    user_code = "".join(letter for letter in typed.upper() if letter.isalnum())
    device = unit.oauth.by_user_code(call.org.org_id, user_code) if user_code else None
    if device is None or device.state is not DeviceState.PENDING or unit.now >= device.expires_at:
        return None
    found = registered(unit, device.org_id, device.consumer_key)
    return (device, found) if found is not None else None


def allow(unit: Unit, call: Call, device: DeviceCode, found: Registered, user: User) -> Refusal | None:
    """Let a device in as a user, and remember that the user approved.

    Returns:
        Why not, where a check of the app, the org or the user speaks against it; the device is then told so
        at its next poll.
    """
    scopes = frozenset(device.scopes)
    attempt = Attempt(unit=unit, call=call, client=found.client, flow=Flow.DEVICE, user=user, scopes=scopes)
    refusal = refusal_of(attempt)
    if refusal is not None:
        record_login(unit, call, Flow.DEVICE, client=found.client, username=user.username, refusal=refusal)
        deny(unit, device, user)
        return refusal
    approval = Approval(
        consumer_key=device.consumer_key, user_id=user.user_id, scopes=scopes, approved_at=unit.now
    )
    unit.oauth.approve(device.org_id, approval)
    unit.oauth.save_device_code(replace(device, state=DeviceState.APPROVED, user_id=user.user_id))
    return None


def deny(unit: Unit, device: DeviceCode, user: User) -> None:
    """Turn a device away."""
    unit.oauth.save_device_code(replace(device, state=DeviceState.DENIED, user_id=user.user_id))
