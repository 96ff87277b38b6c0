"""Personal API tokens: shown once, stored as a digest, good for REST only."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org import audit
from changeover.org.act import act, held
from changeover.org.ending import Kind, end, end_all, of_user, own
from changeover.org.model.orgs import Actor, Door
from changeover.org.model.people import ApiToken
from changeover.org.own import own_user
from changeover.org.permissions import SIGNED_IN, USERS
from changeover.org.ports import Unit, Units
from changeover.org.values import refuse, required

_TOUCH = timedelta(minutes=1)
"""How often at most the last use of a token is noted: each note is a write."""


@dataclass(frozen=True, kw_only=True)
class NewToken:
    """A token as it is shown once; `repr` leaves the secret out."""

    token: ApiToken
    secret: str

    def __repr__(self) -> str:
        return f"NewToken(token={self.token!r})"


def digest(secret: str) -> str:
    """Return the digest of a token. It has 256 random bits, so a slow hash would gain nothing."""
    return hashlib.sha256(b"changeover api token\0" + secret.encode()).hexdigest()


TOKENS = Kind(
    a="an API token",
    one="API token",
    many="API tokens",
    done="Revoked",
    none=" that could be revoked",
    event=audit.Event.TOKEN_REVOKED,
    alive=lambda unit, user_id: {
        token.token_id: token.name for token in unit.tokens.list(user_id) if not token.revoked
    },
    end=lambda unit, user_id, token_id: unit.tokens.revoke(user_id, token_id),
    end_all=lambda unit, user_id, keep: unit.tokens.revoke_all(user_id, keep=keep),
    told="names",
)


@act(SIGNED_IN, "create API tokens")
def create_token(unit: Unit, actor: Actor, name: str, *, expires_at: datetime | None = None) -> NewToken:
    """Create a token of one's own. Raises E-VALUE-REFUSED."""
    if expires_at is not None and expires_at <= unit.now:
        raise refuse("expires", "this time has passed.")
    token = ApiToken(
        token_id=unit.ids.record("0At"),
        name=required("name", name),
        created_at=unit.now,
        expires_at=expires_at,
        last_used_at=None,
        revoked=False,
    )
    secret = unit.ids.token()
    unit.tokens.add(actor.user_id, token, digest(secret))
    text = f"Created the API token {token.name}."
    after = {"name": token.name, "expires_at": expires_at.isoformat() if expires_at else None}
    audit.record(unit, actor, audit.Event.TOKEN_CREATED, actor.username, text, after=after)
    return NewToken(token=token, secret=secret)


@act(SIGNED_IN, "look at the own API tokens")
def list_tokens(unit: Unit, actor: Actor) -> tuple[ApiToken, ...]:
    """Return one's own tokens, the newest first."""
    return unit.tokens.list(actor.user_id)


@act(SIGNED_IN, "revoke API tokens")
def revoke_token(unit: Unit, actor: Actor, token_id: str) -> None:
    """Revoke a token of one's own. Raises E-RECORD-NOT-FOUND."""
    end(unit, actor, TOKENS, own(actor), token_id)


@act(SIGNED_IN, "revoke API tokens")
def revoke_tokens(unit: Unit, actor: Actor, *, keep: str | None = None) -> int:
    """Revoke all tokens of one's own but the one to keep, by id; returns how many.

    Raises E-RECORD-NOT-FOUND where there is none to keep: nobody revokes more than was meant.
    """
    return end_all(unit, actor, TOKENS, own(actor), keep)


@act(USERS, "look at the API tokens of users")
def tokens_of(unit: Unit, actor: Actor, username: str) -> tuple[ApiToken, ...]:
    """Return the tokens of a user, the newest first. Raises E-RECORD-NOT-FOUND."""
    return unit.tokens.list(own_user(unit, actor, username).user_id)


@act(USERS, "revoke the API tokens of users")
def revoke_token_of(unit: Unit, actor: Actor, username: str, token_id: str) -> None:
    """Revoke a token of a user. Raises E-RECORD-NOT-FOUND."""
    end(unit, actor, TOKENS, of_user(unit, actor, username), token_id)


@act(USERS, "revoke the API tokens of users")
def revoke_tokens_of(unit: Unit, actor: Actor, username: str) -> int:
    """Revoke all tokens of a user; returns how many. Raises E-RECORD-NOT-FOUND."""
    return end_all(unit, actor, TOKENS, of_user(unit, actor, username))


def actor_of_token(units: Units, secret: str) -> Actor:
    """Return the actor of an API token. Raises E-TOKEN-REFUSED."""
    with units.read() as unit:
        found = unit.tokens.by_digest(digest(secret))
        user = unit.users.get(found.user_id) if found is not None else None
        alive = (
            found is not None
            and not found.token.revoked
            and (found.token.expires_at is None or found.token.expires_at > unit.now)
        )
        if found is None or user is None or not alive or not user.active:
            raise ChangeoverError(errors.TOKEN_REFUSED, "This API token is unknown, expired or revoked.")
        actor = Actor(org_id=user.org_id, user_id=user.user_id, username=user.username, door=Door.REST)
        held(unit, actor)
        last, now = found.token.last_used_at, unit.now
    if last is None or now - last > _TOUCH:
        with units.unit() as unit:
            unit.tokens.used(found.token.token_id, now)
    return actor
