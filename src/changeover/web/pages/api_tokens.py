"""API Tokens: the signed-in user's own tokens for the REST API."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Any

from litestar import Response, get, post
from litestar.params import FromQuery

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org import tokens
from changeover.org.model.people import ApiToken
from changeover.web.forms import ThisForm
from changeover.web.problems import Problem, of_error
from changeover.web.visit import Notice, ThisVisit, Visit

_PATH = "/setup/api-tokens"


@get(_PATH, sync_to_thread=True)
def list_page(visit: ThisVisit) -> Response[str]:
    """List the user's tokens, without what authenticates."""
    return _page(visit)


@post(_PATH, sync_to_thread=True)
def create(visit: ThisVisit, form: ThisForm) -> Response[Any]:
    """Create a token and show it, this once."""
    name, day = form.text("name").strip(), form.text("expires").strip()
    try:
        expires_at = _end_of(day) if day else None
        with visit.unit() as unit:
            made = tokens.create_token(unit, visit.actor, name, expires_at=expires_at)
    except ChangeoverError as error:
        return _page(visit, name, day, of_error(error))
    return visit.page("api_token.html", title="New API Token", token=made.token, secret=made.secret)


@get(f"{_PATH}/revoke", sync_to_thread=True)
def revoke_page(visit: ThisVisit, token: FromQuery[str] = "") -> Response[Any]:
    """Ask whether to revoke a token."""
    with visit.read() as unit:
        held = tokens.list_tokens(unit, visit.actor)
    return ask_one(visit, held, token, _PATH)


@post(f"{_PATH}/revoke", sync_to_thread=True)
def revoke(visit: ThisVisit, form: ThisForm) -> Response[Any]:
    """Revoke a token."""
    try:
        with visit.unit() as unit:
            tokens.revoke_token(unit, visit.actor, form.text("token"))
    except ChangeoverError as error:
        return _page(visit, error=of_error(error))
    return visit.go(_PATH, Notice("success", "The token was revoked. What uses it is refused from now on."))


@get(f"{_PATH}/revoke-all", sync_to_thread=True)
def revoke_all_page(visit: ThisVisit) -> Response[Any]:
    """Ask whether to revoke all tokens of the user."""
    return ask_all(visit, visit.user.username, _PATH)


@post(f"{_PATH}/revoke-all", sync_to_thread=True)
def revoke_all(visit: ThisVisit) -> Response[Any]:
    """Revoke all tokens of the user."""
    with visit.unit() as unit:
        revoked = tokens.revoke_tokens(unit, visit.actor)
    return visit.go(_PATH, Notice("success", f"{told(revoked)} revoked."))


def ask_one(visit: Visit, held: Iterable[ApiToken], token_id: str, back: str) -> Response[Any]:
    """Ask whether to revoke one of some tokens. Raises E-RECORD-NOT-FOUND."""
    for token in held:
        if token.token_id == token_id:
            consequence = f"What uses the token {token.name} is refused from now on."
            return visit.ask("Revoke Token", consequence, "Revoke", back=back, fields={"token": token_id})
    raise ChangeoverError(errors.RECORD_NOT_FOUND, "There is no such token.")


def ask_all(visit: Visit, username: str, back: str) -> Response[Any]:
    """Ask whether to revoke all tokens of a user."""
    consequence = f"What uses any API token of {username} is refused from now on."
    return visit.ask("Revoke All Tokens", consequence, "Revoke All", back=back)


def told(revoked: int) -> str:
    """Say how many tokens were revoked: `1 token was`."""
    return "1 token was" if revoked == 1 else f"{revoked or 'No'} tokens were"


def _end_of(day: str) -> datetime:
    """Return the end of a day in UTC. Raises `VALUE_REFUSED` for what is no day."""
    try:
        return datetime.combine(date.fromisoformat(day), time.max, UTC)
    except ValueError:
        raise ChangeoverError(
            errors.VALUE_REFUSED, f"{day[:40]!r} is no day; write it as 2027-02-20."
        ) from None


def _page(visit: Visit, name: str = "", day: str = "", error: Problem | None = None) -> Response[str]:
    with visit.read() as unit:
        held = tokens.list_tokens(unit, visit.actor)
    return visit.page(
        "api_tokens.html",
        status=error.status if error else 200,
        title="API Tokens",
        tokens=held,
        name=name,
        expires=day,
        now=visit.services.clock.now(),
        error=error,
    )


ROUTES = (list_page, create, revoke_page, revoke, revoke_all_page, revoke_all)
