"""Staged credentials: another app's, another org's, past their time, guessed, and what leaks of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from changeover.org.proof import Proof
from changeover.org.staged_credentials import StagedDetails, rotate_staged, stage
from tests.attack.oauth.target import (
    OTHER_CALLBACK,
    OTHER_KEY,
    OTHER_SECRET,
    Target,
    error_of,
)
from tests.oauth.endpoint import CALLBACK, KEY
from tests.org.world import SECRET, YES

ASK = {"grant_type": "client_credentials"}


def proof(target: Target) -> Proof:
    return Proof(user_id=target.world.admin.user_id, at=target.world.clock.now())


@pytest.fixture
def staged(target: Target) -> StagedDetails:
    """Billing, migrated, with staged credentials."""
    target.world.migrated(confirmation=YES)
    made: StagedDetails = target.world.do(stage, "Billing", proof(target))
    assert target.token(form(made)).status_code == 200
    return made


def form(made: StagedDetails, **more: str) -> dict[str, str]:
    """Return the staged pair in a form."""
    assert made.consumer_secret is not None
    return {
        **ASK,
        "client_id": made.staged.consumer_key,
        "client_secret": made.consumer_secret,
        **more,
    }


def test_a_staged_key_with_another_apps_secret(target: Target, staged: StagedDetails) -> None:
    target.other_app()
    for key, secret in (
        (staged.staged.consumer_key, OTHER_SECRET),
        (staged.staged.consumer_key, SECRET),
        (KEY, form(staged)["client_secret"]),
        (OTHER_KEY, form(staged)["client_secret"]),
    ):
        refused = target.token({**ASK, "client_id": key, "client_secret": secret})
        assert error_of(refused)[0] == "invalid_client", key


def test_a_code_of_a_staged_key_is_redeemed_by_no_other_app(target: Target, staged: StagedDetails) -> None:
    other = target.other_app()
    code = target.code(client_id=staged.staged.consumer_key)
    grant = {"grant_type": "authorization_code", "code": code}
    for callback in (CALLBACK, OTHER_CALLBACK):
        stolen = target.token({**grant, **other, "redirect_uri": callback})
        assert error_of(stolen)[0] == "invalid_grant"
    good = target.token(form(staged, **grant, redirect_uri=CALLBACK))
    assert good.status_code == 200, good.text
    refresh = {"grant_type": "refresh_token", "refresh_token": good.json()["refresh_token"]}
    assert error_of(target.token({**refresh, **other}))[0] == "invalid_grant"
    assert target.token(form(staged, **refresh)).status_code == 200


def test_a_staged_key_in_another_org(target: Target, staged: StagedDetails) -> None:
    target.other_org()
    answer = target.token(form(staged), prefix="/org/globex")
    assert error_of(answer)[0] == "invalid_client_id"
    # At the bare address the key says whose it is.
    assert target.token(form(staged)).status_code == 200


def test_a_former_pair_past_its_thirty_days(target: Target, staged: StagedDetails) -> None:
    target.world.do(rotate_staged, "Billing", staged.staged.staged_id, proof(target))
    former = {**ASK, "client_id": KEY, "client_secret": SECRET}
    assert target.token(former).status_code == 200
    code = target.code()
    target.world.clock.pass_by(timedelta(days=30))
    assert error_of(target.token(former))[0] == "invalid_client_id"
    redeem = {**former, "grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    assert error_of(target.token(redeem))[0] == "invalid_client_id"
    assert target.token(form(staged)).status_code == 200


def test_a_staged_secret_is_compared_in_constant_time(
    target: Target, staged: StagedDetails, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[int] = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append(len(one) - len(other))
        return False

    # Whatever is compared otherwise would let the right secret in.
    monkeypatch.setattr("changeover.oauth.tokens.hmac.compare_digest", compare)
    for secret in (form(staged)["client_secret"], "x"):
        assert error_of(target.token({**form(staged), "client_secret": secret}))[0] == "invalid_client"
    assert compared == [0, 0]


def test_guesses_of_a_staged_secret_are_counted(target: Target, staged: StagedDetails) -> None:
    guess = {**form(staged), "client_secret": "A-GUESS-0123456789"}
    with capture_logs() as lines:
        answers = [target.token(guess).status_code for _ in range(11)]
    assert answers == [400] * 10 + [429]
    assert target.token(form(staged)).status_code == 429
    assert "A-GUESS" not in str(lines)
    assert target.audit()[0].subject == "Billing"


def test_a_staged_secret_is_in_no_log_row_or_page(target: Target, staged: StagedDetails) -> None:
    secret = form(staged)["client_secret"]
    with capture_logs() as lines:
        target.token({**form(staged), "client_id": KEY})
        target.world.do(rotate_staged, "Billing", staged.staged.staged_id, proof(target))
    assert lines
    assert secret not in str(lines)
    assert secret not in str(target.audit())
    assert secret not in str(target.world.everything())
    assert SECRET not in str(target.world.everything())
