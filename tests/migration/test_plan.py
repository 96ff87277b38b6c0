"""An app's record in a plan: no secret in it, all else in it, and a fingerprint of what it rests on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changeover.apps.building import from_leaves
from changeover.apps.connected_app import ConnectedApp
from changeover.apps.document import Leaf, leaves
from changeover.apps.external_client_app import ExternalClientApp
from changeover.apps.reference import Reference
from changeover.apps.secrets import MASK, is_secret
from changeover.apps.types import component
from changeover.migration.eligibility import assess
from changeover.migration.finding import Verdict
from changeover.migration.mapping import Migration, expected_result
from changeover.migration.plan import (
    Asked,
    Given,
    Owner,
    PlannedApp,
    PlannedComponent,
    PlannedLeaf,
    Seen,
    build_planned,
    fingerprint,
    plan_app,
    planned_external_client_app,
    planned_leaves,
    visible_leaves,
)
from changeover.migration.situation import Situation
from changeover.org.secrecy import bare_app, masked_account
from tests.migration.make import app, files, logins, org, use
from tests.migration.strategies import apps, references

SECRET = "c5f9-guess-me"
PEM = f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----"
AT = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def planned(
    source: ConnectedApp, situation: Situation | None = None, owner: Owner | None = None, **more: Any
) -> PlannedApp:
    """Plan an app."""
    known = situation or files()
    assessment = assess(source, known)
    seen = Seen(
        app=source,
        assessment=assessment,
        findings=assessment.findings,
        fingerprint=fingerprint(source, known, {}),
        logins=known.logins,
    )
    return plan_app(seen, expected_result(source, known.references), owner=owner, **more)


def with_secrets(source: ConnectedApp, where: list[int], name: str) -> ConnectedApp:
    """An app in which some leaves hold a private key, and elements that nobody knows a secret."""
    held = list(leaves(source))
    for number in where:
        if number < len(held):
            held[number] = Leaf(held[number].path, PEM)
    more = {"oauthConfig/consumerSecret": SECRET, name: SECRET, f"oauthConfig/{name}": SECRET}
    held += [Leaf(path, value) for path, value in more.items() if path not in {leaf.path for leaf in held}]
    return from_leaves(ConnectedApp, source.full_name, held)


@given(
    apps(),
    references(),
    st.lists(st.integers(0, 12), max_size=2),
    st.sampled_from(["apiPassword", "clientSecret", "signingKey", "myPrivateKey"]),
)
def test_no_secret_stands_in_a_plan_and_everything_else_does(
    made: tuple[Any, ConnectedApp], refer: tuple[Reference, ...], where: list[int], name: str
) -> None:
    source = with_secrets(made[1], where, name)
    plan = planned(source, files(references=refer))
    assert SECRET not in repr(plan)
    assert "PRIVATE KEY" not in repr(plan)
    # With the secrets that it refers to, what it has is the expected result to the letter.
    result = expected_result(source, refer).external_client_app
    values = {leaf.path: leaf.value for leaf in leaves(source)}
    built = build_planned(plan.external_client_app, lambda _, place: values.get(place))
    lost = {left.partition("/")[0] for left in built.left_out}
    assert [each for each in built.app.documents if component(each) not in lost] == [
        each for each in result.documents if component(each) not in lost
    ]
    # What has no single place in the source is a list of which one item is a private key.
    assert lost == set() or where


@given(apps(), st.sampled_from(["apiPassword", "clientSecret"]))
def test_what_is_planned_is_the_same_whether_secrets_are_in_clear_or_masked(
    made: tuple[Any, ConnectedApp], name: str
) -> None:
    clear = expected_result(with_secrets(made[1], [], name))
    bare = Migration(
        external_client_app=bare_app(clear.external_client_app), account=masked_account(clear.account)
    )
    assert planned_external_client_app(bare) == planned_external_client_app(clear)


def test_a_secret_is_a_reference_to_its_place_in_the_source() -> None:
    plan = planned(app(more={"oauthConfig/consumerSecret": SECRET, "oauthConfig/certificate": PEM}))
    hidden = {
        (part.type, leaf.path): leaf.secret
        for part in plan.external_client_app.components
        for leaf in part.leaves
        if leaf.value is None
    }
    assert hidden == {
        ("ExtlClntAppGlobalOauthSettings", "consumerSecret"): "oauthConfig/consumerSecret",
        ("ExtlClntAppGlobalOauthSettings", "certificate"): "oauthConfig/certificate",
    }
    assert [entry.value for entry in plan.account if entry.source == "oauthConfig/consumerSecret"] == [MASK]


def test_what_must_be_confirmed_and_who_did() -> None:
    seen = logins(use("OauthUsernamePassword", 14, "int@example.com", "old@example.com"))
    ida = Given(by="ida@example.com", at=AT)
    plan = planned(app(), files(logins=seen), given={Asked.LOCAL: ida})
    assert plan.verdict is Verdict.CONFIRM
    assert [(one.what, one.rule, one.given) for one in plan.confirmations] == [
        (Asked.LOCAL, None, ida),
        (Asked.NO_USERNAME_PASSWORD, None, None),
        (Asked.DESPITE_EVIDENCE, "username-password-seen", None),
    ]
    assert "14 times" in plan.confirmations[2].statement
    assert [(user.user, user.flow) for user in plan.last_users] == [
        ("int@example.com", "OauthUsernamePassword"),
        ("old@example.com", "OauthUsernamePassword"),
    ]


def test_nothing_is_to_be_confirmed_of_an_app_that_cannot_be_migrated() -> None:
    assert planned(app(), org(local=False)).confirmations == ()
    assert planned(app(), org(migrated=True)).confirmations == ()


def test_whom_to_tell_comes_from_the_list_of_owners_or_from_the_app() -> None:
    owner = Owner(app="Billing", owner="Finance", contact="fin@example.com", wave="2")
    plan = planned(app(), owner=owner)
    assert (plan.owner, plan.contact, plan.wave) == ("Finance", "fin@example.com", "2")
    plan = planned(app())
    assert (plan.owner, plan.contact, plan.wave) == (None, "admin@example.com", None)


def test_what_is_lost_stands_beside_the_account() -> None:
    plan = planned(app(more={"mobileAppConfig/devicePlatform": "ios"}))
    assert [lost.source for lost in plan.lost] == ["mobileAppConfig/devicePlatform"]
    assert plan.lost[0].consequence
    assert {lost.source for lost in plan.lost} < {entry.source for entry in plan.account}


MENU = Reference(kind="AppMenu", file="AppSwitcher.appMenu", path="appMenuItems[1]/name", app="Billing")

OTHER = {
    "an element": (app(more={"description": "new"}), files()),
    "another name": (app(name="Billing2"), files()),
    "a secret that is set": (app(more={"oauthConfig/consumerSecret": SECRET}), files()),
    "a referring file": (app(), files(references=(MENU,))),
    "an org's switch": (app(), files(username_password_blocked=True)),
    "an edition": (app(), files(edition="Enterprise")),
    "an app of the same name": (app(), files(same_name=("b/Billing.connectedApp-meta.xml",))),
}


@pytest.mark.parametrize("what", OTHER)
def test_the_fingerprint_is_another_with(what: str) -> None:
    source, situation = OTHER[what]
    assert fingerprint(source, situation, {}) != fingerprint(app(), files(), {})


def test_the_fingerprint_is_another_with_another_switch_of_the_org() -> None:
    assert fingerprint(app(), files(), {"a": True}) != fingerprint(app(), files(), {"a": False})


def test_the_fingerprint_stays_with_new_logins_another_day_and_another_secret() -> None:
    secret, other = (
        app(more={"oauthConfig/consumerSecret": value, "apiPassword": value}) for value in ("one", "two")
    )
    later = files(today=date(2027, 3, 1), logins=logins(use("OauthUsernamePassword", 3)), key_used_in=("x",))
    assert fingerprint(secret, files(), {}) == fingerprint(other, later, {})


def test_what_was_changed_by_hand_into_no_app_is_not_built() -> None:
    made = planned(app()).external_client_app
    header, *parts = made.components
    for components, says in (
        ((replace(header, type="ConnectedApp"), *parts), "no part of"),
        ((replace(header, type="Nothing"), *parts), "no part of"),
        ((header, replace(parts[0], full_name="../../etc/passwd")), "no full name"),
        ((header, replace(parts[0], full_name=".hidden")), "no full name"),
        ((header, replace(parts[0], full_name="")), "no full name"),
        (tuple(parts), "one header"),
        ((header, header, *parts), "one header"),
        ((replace(header, full_name="Other"), *parts), "one header"),
        ((_with_leaf(header, "a//b"), *parts), "not a leaf path"),
    ):
        with pytest.raises(ValueError, match=says):
            build_planned(replace(made, components=components), lambda _path, _place: None)


def _with_leaf(component: PlannedComponent, path: str) -> PlannedComponent:
    return replace(component, leaves=(*component.leaves, PlannedLeaf(path=path, value="x")))


def test_visible_leaves_hold_no_secret() -> None:
    made: ExternalClientApp = expected_result(
        app(more={"oauthConfig/consumerSecret": SECRET, "oauthConfig/certificate": PEM})
    ).external_client_app
    seen = visible_leaves(made)
    assert not any(is_secret(path) or SECRET in value for _, path, value in seen)
    assert visible_leaves(bare_app(made)) == seen
    plan = planned(app(more={"oauthConfig/consumerSecret": SECRET, "oauthConfig/certificate": PEM}))
    assert planned_leaves(plan) == seen
