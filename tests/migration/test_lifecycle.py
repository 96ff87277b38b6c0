"""active -> migrate -> migrated -> revert -> active, and what is refused on the way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changeover.errors import ChangeoverError
from changeover.migration.lifecycle import Act, Place, State, after, may, shown_in


def test_the_article_in_one_line() -> None:
    state = after(State.ACTIVE, Act.MIGRATE, "Billing")
    assert state is State.MIGRATED
    state = after(state, Act.REVERT, "Billing")
    assert state is State.ACTIVE
    assert after(state, Act.MIGRATE, "Billing") is State.MIGRATED
    assert after(State.ACTIVE, Act.DELETE, "Billing") is None


@pytest.mark.parametrize(
    ("state", "act", "code"),
    [
        (State.MIGRATED, Act.EDIT, "E-APP-READ-ONLY"),
        (State.MIGRATED, Act.EDIT_POLICIES, "E-APP-READ-ONLY"),
        (State.MIGRATED, Act.REIMPORT, "E-APP-READ-ONLY"),
        (State.MIGRATED, Act.ASSIGN, "E-APP-READ-ONLY"),
        (State.MIGRATED, Act.MIGRATE, "E-ALREADY-MIGRATED"),
        (State.MIGRATED, Act.DELETE, "E-EXTERNAL-CLIENT-APP-THERE"),
        (State.ACTIVE, Act.REVERT, "E-EXTERNAL-CLIENT-APP-NOT-FOUND"),
    ],
)
def test_what_is_refused_says_why(state: State, act: Act, code: str) -> None:
    assert not may(state, act)
    with pytest.raises(ChangeoverError, match="Billing") as refused:
        after(state, act, "Billing")
    assert refused.value.code == code


def test_every_act_is_either_allowed_or_refused_with_a_reason() -> None:
    for state in State:
        for act in Act:
            if may(state, act):
                after(state, act, "Billing")
            else:
                with pytest.raises(ChangeoverError):
                    after(state, act, "Billing")


@given(st.lists(st.sampled_from(list(Act)), max_size=30))
def test_a_migrated_app_changes_only_by_being_reverted(acts: list[Act]) -> None:
    state: State | None = State.ACTIVE
    for act in acts:
        if state is None or not may(state, act):
            continue
        following = after(state, act, "Billing")
        if state is State.MIGRATED and following is not State.MIGRATED:
            assert act is Act.REVERT
        state = following


def test_a_migrated_app_is_shown_in_app_manager_alone() -> None:
    assert [shown_in(State.ACTIVE, place) for place in Place] == [True, True, True]
    assert {place for place in Place if shown_in(State.MIGRATED, place)} == {Place.APP_MANAGER}
