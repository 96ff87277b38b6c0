"""A small campaign of kills on each database; `make campaign` is the large one."""

from __future__ import annotations

import time

import pytest

from tests.campaign.kills import on_postgresql, on_sqlite

KILLS = 10


@pytest.mark.slow
def test_killed_at_random_moments_on_sqlite() -> None:
    assert on_sqlite(KILLS, time.time_ns()).kills == KILLS


@pytest.mark.slow
def test_killed_at_random_moments_on_postgresql_and_the_server_crashed() -> None:
    campaign = on_postgresql(KILLS, time.time_ns(), crash_every=5)
    assert (campaign.kills, campaign.crashes) >= (KILLS, 1)
