"""A small story of logins during migrations on each database; `make campaign-logins` is the large one.

How fast it is, is no matter for a test on whatever machine; the large one tells.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.campaign.logins import KINDS, PASSWORD, Story, on_postgresql, on_sqlite


@pytest.mark.slow
@pytest.mark.parametrize("told", [on_sqlite, on_postgresql])
def test_no_login_fails_that_need_not(told: Callable[[int, int, float], Story]) -> None:
    story = told(4, 40, 1.5)
    assert not story.failed
    for kind in KINDS:
        assert story.before[kind].statuses["200"]
        assert story.during[kind].statuses["200"] or kind == PASSWORD
        assert story.after[kind].statuses["200"]
    # The flow that external client apps do not have is refused while the app is one, and only then.
    assert story.during[PASSWORD].statuses["400"]
