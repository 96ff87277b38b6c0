"""An assertion is good once, whoever brings it at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

from tests.org.world import World


def test_of_several_that_bring_the_same_assertion_one_is_first(world: World) -> None:
    start = Barrier(4)

    def bring(_nth: int) -> bool:
        start.wait(30)
        with world.house.units.unit() as unit:
            expires = unit.now + timedelta(minutes=3)
            first: bool = unit.oauth.spend_assertion(world.org_id, "3MVG9.key", "an id", expires)
        return first

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(bring, range(4))) == [False, False, False, True]
    with world.house.units.unit() as unit:
        assert unit.oauth.spend_assertion(world.org_id, "3MVG9.other", "an id", unit.now)
