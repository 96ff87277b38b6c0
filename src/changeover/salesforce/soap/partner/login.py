"""login(): a username and a password for a session, where the org still has it.

Source: SOAP API guide, login(), LoginResult, LoginScopeHeader; salesforce-reference 4.7 (absent at API 65 and
later, retired for 31 to 64 in Summer '27), 8.1 (LoginType OtherApi). Our decision: a local org asks for no
security token, so it is left empty.
"""

from __future__ import annotations

from datetime import datetime

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.oauth import tokens
from changeover.oauth.issuing import SESSION_TIMEOUT
from changeover.org.model.events import LoginRow
from changeover.org.model.orgs import Actor, Door
from changeover.org.oauth_records import NO_APP, AccessToken, Flow
from changeover.org.sign_in import sign_in
from changeover.salesforce.soap.answers import Value
from changeover.salesforce.soap.call import SoapCall
from changeover.salesforce.soap.faults import INVALID_LOGIN, INVALID_OPERATION, LOGIN_OFF, NO_LOGIN, SoapFault
from changeover.salesforce.soap.partner.get_user_info import user_info

LAST_VERSION = 64
LOGIN_TYPE = "OtherApi"
NO_NAME = "N/A"
"""What Login History calls the application of a login with no app."""
SUCCESS, WRONG, LOCKED = "Success", "Invalid Password", "User Locked Out"


def login(call: SoapCall) -> Value:
    """Return a session for a username and a password.

    The password is checked outside every transaction: it takes long on purpose. Wrong and unknown are told
    apart by nothing; a wrong one counts for the lock-out as at the browser's door and for the limits of the
    OAuth endpoints, and is a row of Login History.
    """
    if call.org.soap_login_blocked:
        raise SoapFault(INVALID_OPERATION, LOGIN_OFF)
    username = call.arguments.one("username") or ""
    given = call.arguments.first("password")
    scope = call.request.header("LoginScopeHeader", "organizationId")
    if scope and scope[:15] != call.org.org_id[:15]:
        raise SoapFault(INVALID_LOGIN, NO_LOGIN)
    call.guard.admit(username)
    try:
        actor = sign_in(call.units, username, given.text if given is not None else "", Door.API)
    except ChangeoverError as error:
        if error.kind not in {errors.SIGN_IN_FAILED, errors.SIGN_IN_LOCKED}:
            raise
        _note(call, username, LOCKED if error.kind is errors.SIGN_IN_LOCKED else WRONG)
        call.guard.failed(username)
        raise SoapFault(INVALID_LOGIN, NO_LOGIN) from None
    if actor.org_id != call.org.org_id:
        raise SoapFault(INVALID_LOGIN, NO_LOGIN)
    return _session(call, actor)


def _note(call: SoapCall, username: str, status: str) -> None:
    """Write a refused login down, if the username is one of this org."""
    with call.units.unit() as unit:
        user = unit.users.in_org(call.org.org_id, username)
        if user is not None and not user.placeholder:
            unit.logins.record(call.org.org_id, _row(call, user.username, status, unit.now))


def _row(call: SoapCall, username: str, status: str, at: datetime) -> LoginRow:
    return LoginRow(
        at=at,
        username=username,
        application=NO_NAME,
        login_type=LOGIN_TYPE,
        status=status,
        source_ip=str(call.address or ""),
        login_url=call.base_url.partition("://")[2],
    )


def _session(call: SoapCall, actor: Actor) -> Value:
    with call.units.unit() as unit:
        user = unit.users.get(actor.user_id)
        if user is None or not user.active:
            raise SoapFault(INVALID_LOGIN, NO_LOGIN)
        token = tokens.access_token(call.org.org_id, unit.now)
        unit.oauth.issue(
            AccessToken(
                digest=tokens.digest(token),
                org_id=call.org.org_id,
                consumer_key=NO_APP,
                user_id=user.user_id,
                scopes=("full",),
                flow=Flow.SOAP,
                issued_at=unit.now,
                expires_at=unit.now + SESSION_TIMEOUT,
                authorization_id=None,
            )
        )
        unit.logins.record(call.org.org_id, _row(call, user.username, SUCCESS, unit.now))
        info = user_info(unit, call.org, user)
    version, org_id = f"{call.version}.0", call.org.org_id
    return {
        "metadataServerUrl": f"{call.base_url}/services/Soap/m/{version}/{org_id}",
        "passwordExpired": False,
        "sandbox": False,
        "serverUrl": f"{call.base_url}/services/Soap/{call.letter}/{version}/{org_id}",
        "sessionId": token,
        "userId": user.user_id,
        "userInfo": info,
    }
