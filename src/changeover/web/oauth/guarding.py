"""The guard before and after a login, the same for every door through which programs log in.

Before: `admit`. After a refusal, outside the transaction: `refused`, which counts it where it may be a guess
and tells the org's Setup Audit Trail whom it lets wait from now on.
"""

from __future__ import annotations

import structlog
from litestar.concurrency import sync_to_thread

from changeover.oauth.counting import LIMITED, STOPPED
from changeover.oauth.guard import COUNTED, WINDOW, Asking, LimitReached
from changeover.oauth.limits import Kind
from changeover.oauth.refusals import Refusal
from changeover.oauth.registry import registered
from changeover.org import audit
from changeover.org.model.orgs import Actor, Door, Org
from changeover.org.ports import Unit
from changeover.web.oauth.place import AnyRequest, services_of

GUARD = "Changeover"
"""Who stops logins, in the audit trail: no user does."""
NOBODY = "(unknown)"
_NAMES = {Kind.CLIENT: "the app ", Kind.USER: "the user ", Kind.ADDRESS: "the address "}

_log = structlog.get_logger(__name__)


def admit(request: AnyRequest, asking: Asking) -> None:
    """Let a login try. Raises LimitReached: E-TOO-MANY-REQUESTS."""
    try:
        services_of(request).guard.admit(asking)
    except LimitReached as reached:
        LIMITED.labels(reached.limit.value, reached.why).inc()
        # No row of Login History: whoever floods us would fill it (as Salesforce Help 000381578 says).
        _log.warning(
            "login-waits",
            limit=reached.limit.value,
            why=reached.why,
            seconds=reached.seconds,
            address=str(asking.address or ""),
        )
        raise


async def admit_soon(request: AnyRequest, asking: Asking) -> None:
    """Let a login try, without holding up the event loop. Raises as `admit`."""
    if services_of(request).guard.at_hand:
        admit(request, asking)
    else:
        await sync_to_thread(admit, request, asking)


def refused(request: AnyRequest, org: Org, asking: Asking, refusal: Refusal) -> None:
    """Count a refusal that may be the answer to a guess; outside a transaction."""
    if refusal in COUNTED:
        tell(request, org, asking, services_of(request).guard.failed(asking, refusal))


def tell(request: AnyRequest, org: Org, asking: Asking, stopped: tuple[Kind, ...]) -> None:
    """Write into the org's audit trail, and into the log, who is let wait from now on."""
    if not stopped:
        return
    services = services_of(request)
    minutes, address = int(WINDOW.total_seconds() // 60), str(asking.address or "an unknown address")
    with services.units.unit() as unit:
        unit.take_turn(org.org_id)
        for kind in stopped:
            STOPPED.labels(kind.value).inc()
            subject = _subject(unit, org, asking, kind)
            where = "" if kind is Kind.ADDRESS else f" from {address}"
            text = (
                f"Stopped the logins of {_NAMES[kind]}{subject}{where} for {minutes} minutes:"
                " too many have failed."
            )
            actor = Actor(org_id=org.org_id, user_id="", username=GUARD, door=Door.REST)
            audit.record(unit, actor, audit.Event.OAUTH_LOGINS_STOPPED, subject, text)
            _log.warning("logins-stopped", org=org.org_id, limit=kind.value, subject=subject, address=address)


def _subject(unit: Unit, org: Org, asking: Asking, kind: Kind) -> str:
    """Return who it is, by a name that the org knows: what was sent may be anything, even a secret."""
    match kind:
        case Kind.CLIENT:
            found = registered(unit, org.org_id, asking.client_id) if asking.client_id else None
            return found.client.api_name if found is not None else NOBODY
        case Kind.USER:
            user = unit.users.in_org(org.org_id, asking.username.strip()) if asking.username else None
            return user.username if user is not None else NOBODY
        case Kind.ADDRESS:
            return str(asking.address or "")
