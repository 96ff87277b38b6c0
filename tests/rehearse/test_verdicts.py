"""What three outcomes come to, and that every refusal has a reason in our words."""

from __future__ import annotations

import pytest

from changeover.oauth import refusals
from changeover.oauth.refusals import Refusal
from changeover.rehearse.outcome import Outcome, lost, verdict_of
from changeover.rehearse.reasons import reason_of
from changeover.shapes.rehearsals import LoginVerdict

WORKS = Outcome(gained=frozenset({"scope api", "a refresh token"}))
LESS = Outcome(gained=frozenset({"scope api"}))
MORE = Outcome(gained=WORKS.gained | {"scope web"})
FAILS = Outcome(error="invalid_grant", description="expired access/refresh token")
UNKNOWN = reason_of(Outcome(error="something"), "web-server", migrated=True)[0]


@pytest.mark.parametrize(
    ("before", "after", "reverted", "verdict"),
    [
        (WORKS, WORKS, WORKS, LoginVerdict.SAME),
        (WORKS, MORE, WORKS, LoginVerdict.SAME),
        (WORKS, FAILS, WORKS, LoginVerdict.BREAKS),
        (WORKS, WORKS, FAILS, LoginVerdict.BREAKS),
        (WORKS, LESS, WORKS, LoginVerdict.BREAKS),
        (WORKS, WORKS, LESS, LoginVerdict.BREAKS),
        (FAILS, WORKS, FAILS, LoginVerdict.ONLY_AFTER),
        (FAILS, FAILS, FAILS, LoginVerdict.SAME),
    ],
)
def test_verdicts(before: Outcome, after: Outcome, reverted: Outcome, verdict: LoginVerdict) -> None:
    assert verdict_of(before, after, reverted) is verdict


def test_what_was_lost() -> None:
    assert lost(WORKS, LESS) == ("a refresh token",)
    assert lost(LESS, WORKS) == ()


def test_outcomes_are_alike_whatever_the_error() -> None:
    assert FAILS.like(Outcome(error="invalid_client_id"))
    assert not FAILS.like(WORKS)
    assert not LESS.like(WORKS)


NOT_AT_A_LOGIN = {
    "TOKEN_MISSING": "introspection and revocation",
    "SECRET_IN_QUERY": "no client of a rehearsal does that",
    "PARAMETER_REPEATED": "the same",
    "AUTHORIZATION_PENDING": "the user answers before the device asks",
    "SLOW_DOWN": "the device asks once",
    "DEVICE_CODE_EXPIRED": "the same",
    "CHALLENGE_INVALID": "Authlib makes good ones",
}


@pytest.mark.parametrize(
    "name",
    sorted(
        name
        for name, one in vars(refusals).items()
        if isinstance(one, Refusal) and name not in NOT_AT_A_LOGIN
    ),
)
def test_every_refusal_has_a_reason(name: str) -> None:
    refusal: Refusal = getattr(refusals, name)
    flow = "device" if name == "USER_DENIED" else "web-server"
    outcome = Outcome(error=refusal.error, description=refusal.description)
    said, remedy = reason_of(outcome, flow, migrated=True)
    assert said != UNKNOWN
    assert remedy.endswith(".")
