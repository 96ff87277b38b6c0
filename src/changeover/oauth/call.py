"""One request at an OAuth endpoint as the protocol sees it, and its answer; no web framework in either."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from changeover.oauth.client import Address
from changeover.oauth.refusals import Refusal, Refused
from changeover.org.model.orgs import Org

Parameters = Mapping[str, Sequence[str]]


class Secrets(NamedTuple):
    """What a client brought to prove itself."""

    client_id: str
    secret: str
    basic: bool
    """By HTTP Basic; otherwise in the form."""
    as_sent: str = ""
    """The secret before it was form-decoded: most clients leave out the encoding that HTTP Basic asks for."""


def basic(authorization: str) -> Secrets | None:
    """Return what HTTP Basic says, form-decoded as RFC 6749 section 2.3.1 asks; None for other headers.

    One that cannot be read proves nobody, and is none the less an attempt: it says so with empty texts.
    """
    scheme, _, rest = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(rest.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return _UNREADABLE
    client_id, colon, secret = text.partition(":")
    if not colon:
        return _UNREADABLE
    return Secrets(unquote_plus(client_id), unquote_plus(secret), basic=True, as_sent=secret)


_UNREADABLE = Secrets("", "", basic=True)


def bearer(authorization: str) -> str | None:
    """Return the bearer token in a header, None for others (RFC 6750 section 2.1)."""
    scheme, _, rest = authorization.partition(" ")
    return rest.strip() or None if scheme.lower() == "bearer" else None


class PasswordUnchecked(Exception):  # noqa: N818 - no error: the password is checked, and the request asked anew
    """A password has to be checked first: all that can be refused without it has passed."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request."""

    org: Org
    base_url: str
    """Of the org, as the client reached it, without a slash at the end: `https://acme.my.salesforce.com`."""
    method: str = "POST"
    parameters: Parameters = field(default_factory=dict)
    """Of the form, or of the query where the endpoint takes GET; every value of each name."""
    authorization: str = ""
    """The Authorization header."""
    address: Address | None = None
    """Of the client."""
    door: str = ""
    """Path that was called: Login URL of Login History is made of it."""
    proven_user: str | None = None
    """Id of the user whose password was right; it is checked outside the transaction, slow on purpose."""
    password_checked: bool = True
    """Whether it was checked: where it was not, whoever asks for it raises `PasswordUnchecked`."""

    def one(self, name: str) -> str | None:
        """Return the value of a parameter, None where it is missing, empty or there more than once."""
        values = self.parameters.get(name, ())
        return values[0] if len(values) == 1 and values[0] else None

    def has(self, name: str) -> bool:
        """Whether a parameter has a value; without one it counts as left out (RFC 6749 section 3.2)."""
        return any(self.parameters.get(name, ()))

    @property
    def repeats(self) -> bool:
        """Whether a parameter is there more than once (RFC 6749 section 3.2: it must not be)."""
        return any(len(values) > 1 for values in self.parameters.values())

    @cached_property
    def basic(self) -> Secrets | None:
        """What HTTP Basic says; None where it says nothing."""
        return basic(self.authorization)

    @property
    def bearer(self) -> str | None:
        """The bearer token."""
        return bearer(self.authorization)

    @property
    def secrets(self) -> Secrets | None:
        """What the client brought, None where it brought no secret or brought it twice."""
        given = self.one("client_secret")
        if self.basic is not None:
            return self.basic if given is None else None
        client_id = self.one("client_id")
        return Secrets(client_id, given, basic=False) if client_id and given else None

    @property
    def client_id(self) -> str | None:
        """The consumer key that was named, in the form or by HTTP Basic."""
        return self.one("client_id") or (self.basic.client_id if self.basic else "") or None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer: JSON, or nothing but a status."""

    status: int = 200
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    refusal: Refusal | None = None
    """Why the request was refused, in our own words, where it was."""


def refusal_answer(refused: Refused) -> Answer:
    """Return a refusal as an answer in JSON."""
    body = {"error": refused.refusal.error, "error_description": refused.refusal.description}
    headers = dict(refused.get_headers())
    return Answer(status=refused.status_code, body=body, headers=headers, refusal=refused.refusal)
