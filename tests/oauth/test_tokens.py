"""What is kept of a token, and in which order."""

from __future__ import annotations

from datetime import timedelta

import pytest

from changeover.oauth import tokens
from tests.org.world import START

ORG = "00D000000000001AAA"
FORMER = "00D000000000001!" + "aB3._" * 12 + "wxyz"


def test_what_is_kept_of_access_tokens_comes_in_the_order_of_time() -> None:
    times = [START + timedelta(milliseconds=passed) for passed in (0, 1, 60_000, 10**9, 10**11)]
    kept = [tokens.digest(tokens.access_token(ORG, at)) for at in times]
    assert kept == sorted(kept)
    assert {len(digest) for digest in kept} == {64}
    again = tokens.access_token(ORG, START)
    assert tokens.digest(again) == tokens.digest(again) != kept[0]


def test_tokens_of_before_are_still_found() -> None:
    assert tokens.digest(FORMER) == "9308d63e585c946998e78970827caef100ec060ed99471dfe6e3dd2f5ec316ea"


@pytest.mark.parametrize(
    "token", [FORMER + "0" * 11 + "G", FORMER + "0" * 13, "5Aep" + FORMER[4:] + "0" * 12 + "\n", "\0é", ""]
)
def test_what_looks_otherwise_is_looked_for_by_its_hash_alone(token: str) -> None:
    assert not tokens.digest(token).startswith("0" * 12)
