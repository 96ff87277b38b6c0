"""Staged credentials: two pairs of an app log in, and a rotation breaks nobody's login for 30 days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.oauth.refusals import CLIENT_UNKNOWN
from changeover.oauth.resource import introspect
from changeover.org import staged_credentials as acts
from changeover.org.company import edit_org, view_org
from changeover.org.external_client_apps import (
    delete_external_client_app,
    view_external_client_app,
    what_deletion_loses,
)
from changeover.org.lists import AppKind, AuditQuery, UsageQuery
from changeover.org.model.apps import StagedState
from changeover.org.oauth_usage import block_app, list_usage
from changeover.org.proof import Proof
from changeover.org.staged_credentials import StagedDetails
from tests.oauth.endpoint import BASE, CALLBACK, INTEGRATION, JWT_BEARER, KEY, Endpoint, Pair, payload
from tests.org.world import SECRET, World, app

TOKEN = {"grant_type": "client_credentials"}
OWN = (KEY, SECRET)
MONTH = timedelta(days=30)
SECOND = timedelta(seconds=1)


def proof(world: World) -> Proof:
    return Proof(user_id=world.admin.user_id, at=world.clock.now())


def stage(world: World, name: str = "Billing") -> StagedDetails:
    made: StagedDetails = world.do(acts.stage, name, proof(world))
    return made


def rotate(world: World, made: StagedDetails) -> StagedDetails:
    former: StagedDetails = world.do(acts.rotate_staged, "Billing", made.staged.staged_id, proof(world))
    return former


def pair_of(details: StagedDetails) -> tuple[str, str]:
    assert details.consumer_secret is not None
    return details.staged.consumer_key, details.consumer_secret


def refused(call: Callable[[], Any]) -> errors.ErrorKind:
    with pytest.raises(ChangeoverError) as caught:
        call()
    assert SECRET not in str(caught.value)
    return caught.value.kind


def lets_in(endpoint: Endpoint, *pairs: tuple[str, str]) -> list[bool]:
    return [endpoint.token(TOKEN, pair).status == 200 for pair in pairs]


def test_both_pairs_log_in_and_the_former_one_for_thirty_days(endpoint: Endpoint) -> None:
    world = endpoint.world
    endpoint.migrate()
    made = stage(world)
    new = pair_of(made)
    assert made.state is StagedState.ACTIVE
    assert lets_in(endpoint, OWN, new) == [True, True]
    former = rotate(world, made)
    assert pair_of(former) == OWN
    assert former.state is StagedState.ROTATED
    record = world.see(view_external_client_app, "Billing")
    assert (record.app.consumer_key, record.secret_changed) == (new[0], True)
    assert lets_in(endpoint, OWN, new) == [True, True]
    # One pair's key with the other's secret is nobody.
    assert lets_in(endpoint, (KEY, new[1]), (new[0], SECRET)) == [False, False]
    world.clock.pass_by(MONTH - SECOND)
    assert lets_in(endpoint, OWN, new) == [True, True]
    world.clock.pass_by(SECOND)
    assert lets_in(endpoint, OWN, new) == [False, True]
    assert endpoint.refused(TOKEN, OWN)[0] == "invalid_client_id"
    assert endpoint.asked() is CLIENT_UNKNOWN
    held = world.do(acts.read_staged, "Billing", proof(world))
    assert held.state is StagedState.EXPIRED


def test_a_staged_pair_ends_by_its_date_and_by_its_deletion(endpoint: Endpoint) -> None:
    world = endpoint.world
    endpoint.migrate()
    first = stage(world)
    world.clock.pass_by(MONTH)
    assert lets_in(endpoint, OWN, pair_of(first)) == [True, False]
    second = stage(world)
    assert lets_in(endpoint, pair_of(first), pair_of(second)) == [False, True]
    assert refused(lambda: stage(world)) is errors.STAGED_THERE
    world.do(acts.delete_staged, "Billing", second.staged.staged_id, proof(world))
    assert lets_in(endpoint, OWN, pair_of(second)) == [True, False]
    assert world.do(acts.read_staged, "Billing", proof(world)) is None
    gone = second.staged.staged_id
    assert refused(lambda: rotate(world, second)) is errors.RECORD_NOT_FOUND
    delete = acts.delete_staged
    assert refused(lambda: world.do(delete, "Billing", gone, proof(world))) is errors.RECORD_NOT_FOUND


def test_what_cannot_be_rotated(endpoint: Endpoint) -> None:
    world = endpoint.world
    endpoint.migrate()
    made = stage(world)
    former = rotate(world, made)
    assert refused(lambda: rotate(world, former)) is errors.STAGED_UNFIT
    assert refused(lambda: stage(world)) is errors.STAGED_THERE
    world.do(acts.delete_staged, "Billing", former.staged.staged_id, proof(world))
    late = stage(world)
    world.clock.pass_by(MONTH)
    assert refused(lambda: rotate(world, late)) is errors.STAGED_UNFIT


def test_tokens_and_approvals_go_on_whichever_pair_a_client_has(endpoint: Endpoint) -> None:
    world = endpoint.world
    endpoint.migrate()

    def tokens(key: str, secret: str) -> dict[str, Any]:
        code = endpoint.code(client_id=key)
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        return endpoint.good(form, (key, secret))

    def refresh(token: str, pair: tuple[str, str]) -> dict[str, Any]:
        return endpoint.good({"grant_type": "refresh_token", "refresh_token": token}, pair)

    before = tokens(*OWN)
    made = stage(world)
    new = pair_of(made)
    between = tokens(*new)
    # Codes that are on their way at the rotation, each redeemed by who asked for it.
    waiting = {pair: endpoint.code(client_id=pair[0]) for pair in (OWN, new)}
    assert payload(between["id_token"])["aud"] == new[0]
    assert payload(before["id_token"])["aud"] == KEY
    rotate(world, made)
    for pair, code in waiting.items():
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        endpoint.good(form, pair)
    for held in (before, between):
        for pair in (OWN, new):
            refresh(held["refresh_token"], pair)
    after = tokens(*OWN)
    call = endpoint.call({"token": after["access_token"], "client_id": new[0], "client_secret": new[1]})
    with world.unit() as unit:
        told = introspect(unit, call).body
    assert told is not None
    assert (told["active"], told["client_id"]) == (True, new[0])
    (usage,) = world.see(list_usage, AppKind.EXTERNAL, UsageQuery()).rows
    assert (usage.users, usage.use.tokens) == (1, 5)


def test_an_assertion_names_either_key(endpoint: Endpoint, pair: Pair) -> None:
    world = endpoint.world
    endpoint.migrate()
    made = stage(world)

    def by_jwt(issuer: str) -> int:
        exp = int(world.clock.now().timestamp()) + 120
        claims = {"iss": issuer, "sub": INTEGRATION, "aud": BASE, "exp": exp}
        return endpoint.token({"grant_type": JWT_BEARER, "assertion": pair.assertion(claims)}).status

    keys = (KEY, made.staged.consumer_key)
    assert [by_jwt(key) for key in keys] == [200, 200]
    rotate(world, made)
    assert [by_jwt(key) for key in keys] == [200, 200]


def test_a_block_outlives_a_rotation(endpoint: Endpoint) -> None:
    world = endpoint.world
    world.do(block_app, AppKind.CONNECTED, "Billing")
    endpoint.migrate()
    made = stage(world)
    assert lets_in(endpoint, OWN, pair_of(made)) == [False, False]
    rotate(world, made)
    assert lets_in(endpoint, OWN, pair_of(made)) == [False, False]
    endpoint.revert()
    assert lets_in(endpoint, OWN) == [False]


def test_the_deletion_of_the_app_ends_both_and_the_connected_apps_pair_is_back(endpoint: Endpoint) -> None:
    world = endpoint.world
    endpoint.migrate()
    made = stage(world)
    assert world.see(what_deletion_loses, "Billing").staged
    rotate(world, made)
    endpoint.revert()
    assert lets_in(endpoint, OWN, pair_of(made)) == [True, False]
    world.clock.pass_by(MONTH)
    assert lets_in(endpoint, OWN) == [True]
    endpoint.migrate()
    assert world.do(acts.read_staged, "Billing", proof(world)) is None
    assert lets_in(endpoint, OWN, pair_of(made)) == [True, False]


def test_a_staged_key_is_taken(endpoint: Endpoint) -> None:
    world = endpoint.world
    endpoint.migrate()
    made = stage(world)
    (outcome,) = world.bring(app("Other", oauth={"consumer_key": made.staged.consumer_key}))
    assert outcome.code == errors.CONSUMER_KEY_TAKEN.code
    assert lets_in(endpoint, pair_of(made)) == [True]


def test_a_program_needs_the_orgs_switch_and_nobody_sees_a_secret_unrecorded(endpoint: Endpoint) -> None:
    world = endpoint.world
    endpoint.migrate()
    assert refused(lambda: world.do(acts.stage, "Billing")) is errors.SECRETS_OVER_REST_OFF
    old = Proof(user_id=world.admin.user_id, at=world.clock.now() - timedelta(hours=1))
    assert refused(lambda: world.do(acts.stage, "Billing", old)) is errors.PASSWORD_PROOF_OLD
    version = world.see(view_org).version
    world.do(edit_org, {"secrets_over_rest": True}, seen_version=version)
    made = world.do(acts.stage, "Billing")
    world.do(acts.read_staged, "Billing")
    former = world.do(acts.rotate_staged, "Billing", made.staged.staged_id)
    world.do(acts.delete_staged, "Billing", former.staged.staged_id)
    with world.read() as unit:
        rows = list(unit.audit.page(world.org_id, AuditQuery()).rows)[:4]
    assert [row.event for row in reversed(rows)] == [
        "external-client-app:staged-credentials:made",
        "external-client-app:secret:revealed",
        "external-client-app:credentials:rotated",
        "external-client-app:staged-credentials:deleted",
    ]
    for secret in (SECRET, made.consumer_secret):
        assert secret not in repr((rows, made, former))
        assert secret.encode() not in world.on_disk()


def test_only_an_external_client_app_has_them(endpoint: Endpoint) -> None:
    world = endpoint.world
    assert refused(lambda: stage(world)) is errors.EXTERNAL_CLIENT_APP_NOT_FOUND
    endpoint.migrate()
    made = stage(world)
    world.do(delete_external_client_app, "Billing", confirmed=True, seen_version=None)
    assert lets_in(endpoint, pair_of(made)) == [False]
