"""An approval is one, whoever gives it at the same moment: a second click, another tab, a device."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from changeover.org.oauth_records import Approval
from tests.org.world import World

SCOPES = ("api", "web", "openid", "refresh_token")
KEY = "3MVG9.key"


def test_approvals_at_the_same_moment_are_added_up(world: World) -> None:
    start, user_id = Barrier(len(SCOPES)), world.admin.user_id

    def approve(scope: str) -> None:
        start.wait(30)
        with world.unit() as unit:
            given = Approval(
                consumer_key=KEY, user_id=user_id, scopes=frozenset({scope}), approved_at=unit.now
            )
            unit.oauth.approve(world.org_id, given)

    with ThreadPoolExecutor(len(SCOPES)) as threads:
        list(threads.map(approve, SCOPES))
    with world.read() as unit:
        held = unit.oauth.approval(world.org_id, KEY, user_id)
    assert held is not None
    assert held.scopes == frozenset(SCOPES)
