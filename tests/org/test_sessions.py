"""Browser sessions of users: one's own, another's for who manages users, and what ends them all."""

from __future__ import annotations

from datetime import timedelta

import pytest

from changeover import errors
from changeover.org import people, sessions, tokens
from changeover.org.audit import list_audit
from changeover.org.lists import AuditQuery
from changeover.org.model.orgs import Actor
from changeover.org.sign_in import change_password
from tests.org.signed_in import signed_in
from tests.org.world import World, other_org, refused


@pytest.fixture
def dana(world: World) -> Actor:
    return world.user("dana@acme.example", "Standard User")


def ids(world: World, actor: Actor) -> set[str]:
    return {session.session_id for session in world.see(sessions.list_sessions, actor=actor)}


def ended(world: World) -> list[tuple[str, str, str]]:
    """Return actor, subject and text of the rows about ended sessions, the newest first."""
    rows = world.see(list_audit, AuditQuery(event="user:session:ended")).rows
    return [(row.actor, row.subject, row.text) for row in rows]


def test_a_user_sees_the_own_sessions_and_ends_one(world: World, dana: Actor) -> None:
    first, second = signed_in(world, dana), signed_in(world, dana)
    signed_in(world, world.admin)
    assert ids(world, dana) == {first, second}
    world.do(sessions.end_session, first, actor=dana)
    assert ids(world, dana) == {second}
    assert ended(world) == [(dana.username, dana.username, f"Ended a session of {dana.username}.")]
    refused(world, errors.RECORD_NOT_FOUND, sessions.end_session, first, actor=dana)


def test_all_but_the_one_to_keep_end(world: World, dana: Actor) -> None:
    kept, _, _ = (signed_in(world, dana) for _ in range(3))
    other = signed_in(world, world.admin)
    assert world.do(sessions.end_sessions, keep=kept, actor=dana) == 2
    assert ids(world, dana) == {kept}
    assert ids(world, world.admin) == {other}
    assert world.do(sessions.end_sessions, keep=kept, actor=dana) == 0
    assert len(ended(world)) == 1
    assert world.do(sessions.end_sessions, actor=dana) == 1
    assert ids(world, dana) == set()


@pytest.mark.parametrize("keep", ["0AkNobodys", ""])
def test_a_session_to_keep_that_is_not_ones_own_ends_none(world: World, dana: Actor, keep: str) -> None:
    mine, other = signed_in(world, dana), signed_in(world, world.admin)
    for name in (keep, other):
        refused(world, errors.RECORD_NOT_FOUND, sessions.end_sessions, keep=name, actor=dana)
    assert ids(world, dana) == {mine}


def test_who_manages_users_sees_and_ends_anothers(world: World, dana: Actor) -> None:
    first, second = signed_in(world, dana), signed_in(world, dana)
    assert {each.session_id for each in world.see(sessions.sessions_of, "DANA@acme.example")} == {
        first,
        second,
    }
    world.do(sessions.end_session_of, dana.username, first)
    assert ids(world, dana) == {second}
    assert world.do(sessions.end_sessions_of, dana.username) == 1
    assert ids(world, dana) == set()
    assert {(actor, subject) for actor, subject, _ in ended(world)} == {(world.admin.username, dana.username)}
    refused(world, errors.RECORD_NOT_FOUND, sessions.end_session_of, dana.username, second)
    refused(world, errors.RECORD_NOT_FOUND, sessions.sessions_of, "nobody@acme.example")


def test_nobody_else_does(world: World, dana: Actor) -> None:
    mine = signed_in(world, world.admin)
    stranger = other_org(world)
    name = world.admin.username
    for act, *rest in (
        (sessions.sessions_of, name),
        (sessions.end_session_of, name, mine),
        (sessions.end_sessions_of, name),
        (tokens.tokens_of, name),
        (tokens.revoke_token_of, name, "0At"),
        (tokens.revoke_tokens_of, name),
    ):
        refused(world, errors.NOT_PERMITTED, act, *rest, actor=dana)
        refused(world, errors.RECORD_NOT_FOUND, act, *rest, actor=stranger)
    refused(world, errors.RECORD_NOT_FOUND, sessions.end_session, mine, actor=dana)
    refused(world, errors.RECORD_NOT_FOUND, sessions.end_session_of, dana.username, mine)
    assert ids(world, world.admin) == {mine}


def test_one_whose_time_is_over_is_not_there(world: World, dana: Actor) -> None:
    over = signed_in(world, dana, hours=1)
    mine = signed_in(world, dana)
    world.clock.pass_by(timedelta(hours=1))
    assert ids(world, dana) == {mine}
    refused(world, errors.RECORD_NOT_FOUND, sessions.end_session, over, actor=dana)
    assert world.do(sessions.end_sessions, actor=dana) == 1
    assert world.everything()["web_session"] == []
    signed_in(world, dana, hours=1)
    world.clock.pass_by(timedelta(hours=3))
    signed_in(world, world.admin)
    assert len(world.everything()["web_session"]) == 1, "those whose time is over go when one is added"


def test_deactivating_and_a_reset_password_end_all(world: World, dana: Actor) -> None:
    signed_in(world, world.admin)
    for _ in range(2):
        signed_in(world, dana)
    world.do(people.edit_user, dana.username, active=False)
    assert world.see(sessions.sessions_of, dana.username) == ()
    world.do(people.edit_user, dana.username, active=True)
    for _ in range(2):
        signed_in(world, dana)
    people.reset_password(world.house.units, world.admin, dana.username)
    assert world.see(sessions.sessions_of, dana.username) == ()
    assert len(ids(world, world.admin)) == 1


def test_a_changed_password_ends_all_but_the_one_to_keep(world: World, dana: Actor) -> None:
    kept, _other = signed_in(world, dana), signed_in(world, dana)
    old = world.passwords[dana.username]
    change_password(world.house.units, dana, old, "another long password", keep_session=kept)
    assert ids(world, dana) == {kept}
    change_password(world.house.units, dana, "another long password", "yet another long one")
    assert ids(world, dana) == set()


def test_other_changes_of_a_user_end_nothing(world: World, dana: Actor) -> None:
    mine = signed_in(world, dana)
    world.do(people.edit_user, dana.username, name="Dana the Second")
    world.do(people.assign_permission_set, dana.username, "External_Client_App_Viewer")
    assert ids(world, dana) == {mine}


def test_tokens_of_a_user_are_seen_and_revoked_by_who_manages_users(world: World, dana: Actor) -> None:
    made = [world.do(tokens.create_token, name, actor=dana).token.token_id for name in ("a", "b", "c")]
    mine = world.do(tokens.create_token, "mine").token.token_id
    assert {token.token_id for token in world.see(tokens.tokens_of, dana.username)} == set(made)
    world.do(tokens.revoke_token_of, dana.username, made[0])
    refused(world, errors.RECORD_NOT_FOUND, tokens.revoke_token_of, dana.username, made[0])
    refused(world, errors.RECORD_NOT_FOUND, tokens.revoke_token_of, dana.username, mine)
    refused(world, errors.RECORD_NOT_FOUND, tokens.revoke_tokens, keep=mine, actor=dana)
    refused(world, errors.RECORD_NOT_FOUND, tokens.revoke_tokens, keep=made[0], actor=dana)
    assert world.do(tokens.revoke_tokens, keep=made[1], actor=dana) == 1
    assert world.do(tokens.revoke_tokens_of, dana.username) == 1
    assert world.do(tokens.revoke_tokens_of, dana.username) == 0
    assert all(token.revoked for token in world.see(tokens.list_tokens, actor=dana))
    assert not any(token.revoked for token in world.see(tokens.list_tokens))
    (last, *_) = world.see(list_audit, AuditQuery(event="user:api-token:revoked")).rows
    assert (last.actor, last.subject) == (world.admin.username, dana.username)
    assert last.before == {"names": ["b"]}
