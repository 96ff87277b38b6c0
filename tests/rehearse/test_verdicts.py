"""What three outcomes come to, and that every refusal has a reason in our words."""

from __future__ import annotations

import pytest

from changeover.oauth import refusals
from changeover.oauth.refusals import Refusal
from changeover.rehearse.outcome import Outcome, lost, verdict_of
from changeover.rehearse.reasons import When, reason_of
from changeover.shapes.rehearsals import LoginVerdict

WORKS = Outcome(gained=frozenset({"scope api", "a refresh token"}))
LESS = Outcome(gained=frozenset({"scope api"}))
MORE = Outcome(gained=WORKS.gained | {"scope web"})
FAILS = Outcome(error="invalid_grant", description="expired access/refresh token")
UNKNOWN = reason_of(Outcome(error="something"), "web-server")[0]


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


AT_A_LOGIN = (
    "APP_BLOCKED",
    "ASSERTION_EXPIRED",
    "ASSERTION_INVALID",
    "AUDIENCE",
    "AUTHENTICATION_FAILED",
    "CALLBACK_MISMATCH",
    "CHALLENGE_MISSING",
    "CLIENT_SECRET_UNSET",
    "CLIENT_UNKNOWN",
    "CLIENT_UNPROVEN",
    "CODE_INVALID",
    "DEVICE_FLOW_ONLY_LOCAL",
    "EXTERNAL_APP_NOT_FOUND",
    "FLOW_OFF",
    "IP_RESTRICTED",
    "LOGIN_REQUIRED",
    "NOT_ADMIN_APPROVED",
    "NOT_APPROVED",
    "NO_CERTIFICATE",
    "NO_RUN_AS_USER",
    "PROMPT_INVALID",
    "REFRESH_TOKEN_EXPIRED",
    "RESPONSE_TYPE_UNSUPPORTED",
    "SCOPE",
    "SESSION_LEVEL",
    "USERNAME_PASSWORD_BLOCKED",
    "USERNAME_PASSWORD_ENDED",
    "USERNAME_PASSWORD_NEVER",
    "USER_DENIED",
    "USER_INACTIVE",
)
"""The refusals that the client of a rehearsal may be told."""


@pytest.mark.parametrize("name", AT_A_LOGIN)
def test_every_refusal_has_a_reason(name: str) -> None:
    refusal: Refusal = getattr(refusals, name)
    flow = "device" if name == "USER_DENIED" else "web-server"
    outcome = Outcome(error=refusal.error, description=refusal.description)
    for when in (set(), {When.MIGRATED}, {When.MIGRATED, When.ELSEWHERE}, {When.REVERTED}):
        said, remedy = reason_of(outcome, flow, when)
        assert said != UNKNOWN
        assert remedy.endswith(".")
