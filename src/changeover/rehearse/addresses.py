"""From where a rehearsed client comes: what Login History shows, held against the app's trusted IP ranges."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import ip_address
from typing import NamedTuple

from changeover.oauth.checks.addresses import BYPASSED, lets_in
from changeover.oauth.client import Address, OauthClient

_NAMED = 5
"""Addresses that a note names; of more it says how many."""


class SeenFrom(NamedTuple):
    """A login in Login History under an app's label."""

    flow: str
    """LoginSubType: `OauthRefreshToken`."""
    address: str
    """Source IP, as it stands there."""


class CameFrom(NamedTuple):
    """From where the client of a rehearsal comes."""

    address: str | None
    """None where loopback will do."""
    notes: tuple[str, ...] = ()


def came_from(client: OauthClient, seen: Sequence[SeenFrom], *, discreet: bool = False) -> CameFrom:
    """Return from where an app's client comes, so that its trusted ranges let it in, and what to say of that.

    Args:
        client: the app.
        seen: its logins, the last one first; addresses that are none, as `Salesforce.com IP`, are left out.
        discreet: whether others read it who may not look at Login History: no address of it is named then.
    """
    if not client.trusted_ranges or client.ip_relaxation in BYPASSED:
        return CameFrom(None)
    read = [(one.flow, address) for one in seen if (address := _address(one.address)) is not None]
    outside = dict.fromkeys(str(address) for flow, address in read if not lets_in(client, address, flow))
    notes = (_refused(list(outside), discreet=discreet),) if outside else ()
    inside = (address for _, address in read if any(one.holds(address) for one in client.trusted_ranges))
    last = next(inside, None)
    if last is not None:
        where = "" if discreet else f"{last}, "
        said = f"The client came from {where}where Login History last shows its label in its trusted ranges."
        return CameFrom(str(last), (said, *notes))
    first = _first(client)
    if first is None:
        return CameFrom(None, ("None of its trusted IP ranges can be read, so nobody gets in.", *notes))
    return CameFrom(str(first), (f"The client came from {first}, an address in its trusted ranges.", *notes))


def _refused(outside: Sequence[str], *, discreet: bool) -> str:
    more = f" and {len(outside) - _NAMED} more" if len(outside) > _NAMED else ""
    where = f"{', '.join(outside[:_NAMED])}{more}"
    if discreet:
        where = f"{len(outside)} address{'es' if len(outside) > 1 else ''}"
    return f"Login History shows its label from {where}, outside its trusted ranges: refused on the copy."


def _first(client: OauthClient) -> Address | None:
    return next((one.start for one in client.trusted_ranges if one.holds(one.start)), None)


def _address(text: str) -> Address | None:
    try:
        return ip_address(text.strip())
    except ValueError:
        return None


def distinct(seen: Iterable[SeenFrom], most: int) -> tuple[SeenFrom, ...]:
    """Return each flow and address once, in order, so many at most."""
    return tuple(dict.fromkeys(one for one in seen if one.address))[:most]
