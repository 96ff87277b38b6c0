"""Signing in, proof, secrets, API tokens, users, profiles and permission sets."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org import audit, consumer_details
from changeover.org.installation import command_line_actor, create_org, find_org, list_orgs
from changeover.org.lists import AuditQuery
from changeover.org.model.orgs import Door, Edition
from changeover.org.people import (
    NewUser,
    assign_permission_set,
    create_user,
    edit_user,
    list_users,
    reset_password,
    unassign_permission_set,
    view_user,
)
from changeover.org.permission_sets import (
    list_permission_sets,
    list_profiles,
    save_permission_set,
    save_profile,
)
from changeover.org.permissions import ALL_PERMISSIONS
from changeover.org.proof import LIFETIME, Proof
from changeover.org.sign_in import ATTEMPTS, LOCK, change_password, prove, sign_in, whoami
from changeover.org.tokens import actor_of_token, create_token, list_tokens, revoke_token
from tests.org.world import SECRET, World, app, other_org, refused

ADMIN = "admin@acme.example"


def _fails(world: World, username: str, password: str) -> str:
    with pytest.raises(ChangeoverError) as caught:
        sign_in(world.house.units, username, password, Door.BROWSER)
    return caught.value.code


def test_signing_in(world: World) -> None:
    actor = sign_in(world.house.units, "ADMIN@acme.example ", world.password, Door.REST)
    assert (actor.username, actor.org_id, actor.door) == (ADMIN, world.org_id, Door.REST)
    me = world.see(whoami, actor=actor)
    assert (me.user.username, me.org.name, me.permissions) == (ADMIN, "Acme", ALL_PERMISSIONS)


@pytest.mark.parametrize("username", [ADMIN, "nobody@acme.example", "", "' OR 1=1 --", "x" * 5000, "\x00"])
@pytest.mark.parametrize("password", ["wrong", "", "x" * 100_000])
def test_a_wrong_username_and_a_wrong_password_are_told_alike(
    world: World, username: str, password: str
) -> None:
    assert _fails(world, username, password) == "E-SIGN-IN-FAILED"


def test_placeholders_and_deactivated_users_cannot_sign_in(world: World) -> None:
    world.bring(app(oauth={"oauth_client_credential_user": "robot@acme.example"}))
    assert _fails(world, "robot@acme.example", "") == "E-SIGN-IN-FAILED"
    world.user("r@acme.example", "Read Only")
    world.do(edit_user, "r@acme.example", active=False)
    assert _fails(world, "r@acme.example", world.passwords["r@acme.example"]) == "E-SIGN-IN-FAILED"


def test_ten_wrong_passwords_lock_for_a_quarter_of_an_hour(world: World) -> None:
    for _ in range(ATTEMPTS):
        assert _fails(world, ADMIN, "wrong") == "E-SIGN-IN-FAILED"
    assert _fails(world, ADMIN, world.password) == "E-SIGN-IN-LOCKED"
    world.clock.pass_by(LOCK - timedelta(seconds=1))
    assert _fails(world, ADMIN, world.password) == "E-SIGN-IN-LOCKED"
    world.clock.pass_by(timedelta(seconds=2))
    sign_in(world.house.units, ADMIN, world.password, Door.BROWSER)
    event = audit.Event.USER_LOCKED.value
    assert world.see(audit.list_audit, AuditQuery(event=event)).total == 1


def test_a_right_password_ends_the_count(world: World) -> None:
    for _ in range(3):
        for _ in range(ATTEMPTS - 1):
            _fails(world, ADMIN, "wrong")
        sign_in(world.house.units, ADMIN, world.password, Door.BROWSER)


def test_guesses_of_many_threads_are_all_counted(world: World) -> None:
    codes: list[str] = []
    threads = [
        threading.Thread(target=lambda: codes.append(_fails(world, ADMIN, "wrong"))) for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes.count("E-SIGN-IN-FAILED") == ATTEMPTS
    assert codes.count("E-SIGN-IN-LOCKED") == 16 - ATTEMPTS


def test_an_administrator_ends_a_lock_with_a_new_password(world: World) -> None:
    world.user("r@acme.example", "Read Only")
    for _ in range(ATTEMPTS):
        _fails(world, "r@acme.example", "wrong")
    fresh = reset_password(world.house.units, world.admin, "r@acme.example")
    sign_in(world.house.units, "r@acme.example", fresh, Door.BROWSER)
    assert _fails(world, "r@acme.example", world.passwords["r@acme.example"]) == "E-SIGN-IN-FAILED"


def test_changing_ones_own_password(world: World) -> None:
    units, new = world.house.units, "correct horse battery"
    with pytest.raises(ChangeoverError) as caught:
        change_password(units, world.admin, "wrong", new)
    assert caught.value.kind is errors.PASSWORD_WRONG
    for weak in ("short", "a" * 12, ADMIN, "ababababababab", "x" * 2000):
        with pytest.raises(ChangeoverError) as caught:
            change_password(units, world.admin, world.password, weak)
        assert caught.value.kind is errors.PASSWORD_TOO_WEAK
    change_password(units, world.admin, world.password, new)
    assert _fails(world, ADMIN, world.password) == "E-SIGN-IN-FAILED"
    sign_in(units, ADMIN, new, Door.BROWSER)


# --- key and secret -------------------------------------------------------------------------------------


def test_each_look_at_a_secret_needs_the_password_and_is_on_record(world: World) -> None:
    world.bring(app(oauth={"consumer_secret": SECRET}))
    world.migrated()
    with pytest.raises(ChangeoverError) as caught:
        prove(world.house.units, world.admin, "wrong")
    assert caught.value.kind is errors.PASSWORD_WRONG
    proof = prove(world.house.units, world.admin, world.password)
    for reveal, event in (
        (consumer_details.reveal_connected_app, audit.Event.CONNECTED_APP_SECRET_REVEALED),
        (consumer_details.reveal_external_client_app, audit.Event.EXTERNAL_CLIENT_APP_SECRET_REVEALED),
    ):
        for _ in range(2):
            details = world.do(reveal, "Billing", proof)
            assert details.consumer_secret == SECRET
            assert SECRET not in repr(details)
        rows = world.see(audit.list_audit, AuditQuery(event=event.value))
        assert rows.total == 2
        assert SECRET not in repr(rows)


def test_an_old_proof_and_another_users_are_refused(world: World) -> None:
    world.bring(app())
    reader = world.user("r@acme.example", "Read Only")
    theirs = prove(world.house.units, reader, world.passwords["r@acme.example"])
    reveal = consumer_details.reveal_connected_app
    refused(world, errors.PASSWORD_PROOF_OLD, reveal, "Billing", theirs)
    mine = prove(world.house.units, world.admin, world.password)
    world.clock.pass_by(LIFETIME + timedelta(seconds=1))
    refused(world, errors.PASSWORD_PROOF_OLD, reveal, "Billing", mine)
    future = Proof(user_id=world.admin.user_id, at=world.clock.time + timedelta(hours=1))
    refused(world, errors.PASSWORD_PROOF_OLD, reveal, "Billing", future)


def test_without_the_permission_no_secret_is_shown(world: World) -> None:
    world.bring(app(oauth={"consumer_secret": SECRET}))
    world.migrated()
    developer = world.user("d@acme.example", "Standard User", "External_Client_App_Developer")
    proof = prove(world.house.units, developer, world.passwords["d@acme.example"])
    for reveal in (consumer_details.reveal_external_client_app, consumer_details.reveal_connected_app):
        refused(world, errors.NOT_PERMITTED, reveal, "Billing", proof, actor=developer)


def test_a_secret_can_be_set_where_the_file_held_none(world: World) -> None:
    world.bring(app())
    seen = world.record().version
    world.do(consumer_details.set_secret, "Billing", "their-own-secret", seen_version=seen)
    record = world.record()
    assert record.secret_set
    assert record.version > seen
    for secret in ("", "short", "x" * 257, "nul\x00secret"):
        refused(
            world, errors.VALUE_REFUSED, consumer_details.set_secret, "Billing", secret, seen_version=None
        )
    refused(
        world, errors.STALE_PAGE, consumer_details.set_secret, "Billing", "another-one", seen_version=seen
    )


def test_rotating_a_connected_apps_credentials(world: World) -> None:
    world.bring(app(oauth={"consumer_secret": SECRET}))
    old = world.record()
    proof = prove(world.house.units, world.admin, world.password)
    rotate = consumer_details.rotate_connected_app
    details = world.do(rotate, "Billing", proof, key=True, secret=True, seen_version=old.version)
    assert details.consumer_key == world.record().document.consumer_key != old.document.consumer_key
    assert details.consumer_secret != SECRET
    refused(world, errors.VALUE_REFUSED, rotate, "Billing", proof, secret=False, seen_version=None)
    event = audit.Event.CONNECTED_APP_ROTATED.value
    (row,) = world.see(audit.list_audit, AuditQuery(event=event)).rows
    assert details.consumer_secret not in repr(row)


# --- API tokens -----------------------------------------------------------------------------------------


def test_a_token_is_shown_once_and_stored_as_a_digest(world: World) -> None:
    made = world.do(create_token, "CI")
    assert made.secret not in repr(made)
    actor = actor_of_token(world.house.units, made.secret)
    assert (actor.username, actor.door) == (ADMIN, Door.REST)
    (listed,) = world.see(list_tokens)
    assert listed.last_used_at == world.clock.time
    world.house.close()
    assert made.secret.encode() not in world.on_disk()


def _token_refused(world: World, secret: str) -> None:
    with pytest.raises(ChangeoverError) as caught:
        actor_of_token(world.house.units, secret)
    assert caught.value.kind in {errors.TOKEN_REFUSED, errors.USER_NOT_ACTIVE}


def test_a_token_ends_with_its_time_its_revocation_and_its_user(world: World) -> None:
    reader = world.user("r@acme.example", "Read Only")
    short = world.do(create_token, "short", expires_at=world.clock.time + timedelta(days=1), actor=reader)
    revoked = world.do(create_token, "revoked", actor=reader)
    left = world.do(create_token, "left", actor=reader)
    world.do(revoke_token, revoked.token.token_id, actor=reader)
    _token_refused(world, revoked.secret)
    refused(world, errors.RECORD_NOT_FOUND, revoke_token, revoked.token.token_id, actor=reader)
    world.clock.pass_by(timedelta(days=1, seconds=1))
    _token_refused(world, short.secret)
    assert actor_of_token(world.house.units, left.secret).username == "r@acme.example"
    world.do(edit_user, "r@acme.example", active=False)
    _token_refused(world, left.secret)
    for nonsense in ("", "chg_", left.secret[:-1], "é", "x" * 10_000):
        _token_refused(world, nonsense)


def test_nobody_revokes_anothers_token(world: World) -> None:
    made = world.do(create_token, "CI")
    reader = world.user("r@acme.example", "Read Only")
    refused(world, errors.RECORD_NOT_FOUND, revoke_token, made.token.token_id, actor=reader)
    past = world.clock.time - timedelta(seconds=1)
    refused(world, errors.VALUE_REFUSED, create_token, "late", expires_at=past)


# --- users ----------------------------------------------------------------------------------------------


def test_a_username_is_unique_over_all_orgs(world: World) -> None:
    stranger = other_org(world)
    given = NewUser(username=ADMIN.upper(), name="x", email="x@example.com", profile="Read Only")
    before = world.everything()
    for actor in (stranger, world.admin):
        with pytest.raises(ChangeoverError) as caught:
            create_user(world.house.units, actor, given)
        assert caught.value.kind is errors.NAME_TAKEN
    assert world.everything() == before


def test_two_orgs_may_have_a_placeholder_of_one_name(world: World) -> None:
    named = app(oauth={"oauth_client_credential_user": "robot@acme.example"})
    stranger = other_org(world)
    assert [one.result for one in world.bring(named)] == ["created"]
    assert [one.result for one in world.bring(named, actor=stranger)] == ["created"]
    # The first real user of the name takes one place over, and nobody else's.
    given = NewUser(username="robot@acme.example", name="Robot", email="r@example.com", profile="Read Only")
    password = create_user(world.house.units, world.admin, given)
    actor = sign_in(world.house.units, "robot@acme.example", password, Door.REST)
    assert actor.org_id == world.org_id
    with world.read() as unit:
        theirs = unit.users.in_org(stranger.org_id, "robot@acme.example")
    assert theirs is not None
    assert theirs.placeholder


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"username": "no-address"}, errors.VALUE_REFUSED),
        ({"username": "a b@example.com"}, errors.VALUE_REFUSED),
        ({"username": f"{'x' * 80}@example.com"}, errors.VALUE_REFUSED),
        ({"name": " "}, errors.VALUE_REFUSED),
        ({"profile": "Nobody"}, errors.RECORD_NOT_FOUND),
    ],
)
def test_a_user_that_is_none(world: World, changes: dict[str, str], kind: errors.ErrorKind) -> None:
    given = NewUser(username="n@acme.example", name="N", email="n@acme.example", profile="Read Only")
    with pytest.raises(ChangeoverError) as caught:
        create_user(world.house.units, world.admin, replace(given, **changes))
    assert caught.value.kind is kind


def test_the_org_is_never_left_without_an_administrator(world: World) -> None:
    gone = errors.LAST_ADMINISTRATOR
    refused(world, gone, edit_user, ADMIN, active=False)
    refused(world, gone, edit_user, ADMIN, profile="Read Only")
    refused(world, gone, save_profile, "System Administrator", ["ViewSetup"])
    world.do(save_permission_set, "People", "People", ["ViewSetup", "ManageUsers"])
    world.user("second@acme.example", "Standard User", "People")
    world.do(edit_user, ADMIN, profile="Read Only")
    second = command_line_actor(world.house.units, world.org_id)
    assert second.username == "second@acme.example"
    refused(world, gone, unassign_permission_set, "second@acme.example", "People", actor=second)


def test_placeholders_are_listed_and_assigned_to_nobody(world: World) -> None:
    world.bring(
        app(
            permission_set_name=("Sales",),
            profile_name=("Clerk",),
            oauth={"oauth_client_credential_user": "robot@acme.example"},
        )
    )
    placeholder = errors.PLACEHOLDER
    assert world.see(list_users)[-1].placeholder
    assert world.see(view_user, "robot@acme.example").placeholder
    refused(world, placeholder, assign_permission_set, ADMIN, "Sales")
    refused(world, placeholder, edit_user, ADMIN, profile="Clerk")
    refused(world, placeholder, edit_user, "robot@acme.example", active=True)
    refused(world, placeholder, assign_permission_set, "robot@acme.example", "External_Client_App_Viewer")
    with pytest.raises(ChangeoverError) as caught:
        reset_password(world.house.units, world.admin, "robot@acme.example")
    assert caught.value.kind is placeholder
    # Saved, a placeholder is a real one.
    world.do(save_permission_set, "Sales", "Sales", ["ViewSetup"])
    world.do(assign_permission_set, ADMIN, "Sales")
    world.do(save_profile, "Clerk", [])
    assert not any(one.placeholder for one in world.see(list_profiles))
    assert not any(one.placeholder for one in world.see(list_permission_sets))


def test_permissions_are_named_as_salesforce_names_them(world: World) -> None:
    refused(world, errors.VALUE_REFUSED, save_profile, "New", ["Nonsense"])
    refused(world, errors.VALUE_REFUSED, save_permission_set, "No Name", "x", [])
    saved = world.do(save_permission_set, "Devs", "Devs", ["ExternalClientAppDeveloper"])
    assert {one.label for one in saved.permissions} == {"Create, edit, and delete External Client Apps"}


# --- orgs -----------------------------------------------------------------------------------------------


def test_orgs_are_found_by_id_my_domain_and_name(world: World) -> None:
    other_org(world)
    units = world.house.units
    assert [org.name for org in list_orgs(units)] == ["Acme", "Globex"]
    for text in (world.org_id, world.org_id[:15], "acme", "ACME", " Acme "):
        assert find_org(units, text).org_id == world.org_id
    with pytest.raises(ChangeoverError) as caught:
        find_org(units, "Initech")
    assert "Acme, Globex" in caught.value.message


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "acme"},
        {"my_domain": "acme"},
        {"username": ADMIN},
        {"my_domain": "Not a domain"},
        {"name": ""},
        {"org_id": "00Dshort"},
        {"org_id": "0" * 18},
    ],
)
def test_an_org_that_cannot_be(world: World, changes: dict[str, str]) -> None:
    given = {
        "name": "Initech",
        "my_domain": "initech",
        "username": "a@initech.example",
        "email": "a@initech.example",
        **changes,
    }
    before = world.everything()
    with pytest.raises(ChangeoverError) as caught:
        create_org(world.house.units, given.pop("name"), Edition.DEVELOPER, **given)
    assert caught.value.kind in {errors.NAME_TAKEN, errors.VALUE_REFUSED}
    assert world.everything() == before


def test_an_org_can_stand_for_a_real_one(world: World) -> None:
    made = create_org(
        world.house.units,
        "Initech",
        Edition.UNLIMITED,
        my_domain="initech",
        username="a@initech.example",
        email="a@initech.example",
        org_id="00D000000000001EAA",
    )
    assert made.org.org_id == "00D000000000001EAA"
    assert made.password not in repr(made)


def test_a_right_password_waits_for_no_turn_in_the_org(world: World) -> None:
    with ThreadPoolExecutor() as threads, world.unit() as unit:
        # A batch that has its turn, and on SQLite the writer.
        unit.take_turn(world.org_id)
        signed_in = threads.submit(sign_in, world.house.units, ADMIN, world.password, Door.REST)
        assert signed_in.result(timeout=5).username == ADMIN
