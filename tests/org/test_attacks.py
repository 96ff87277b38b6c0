"""Names that mean harm: SQL, markup, all scripts, ten thousand characters. They are names, nothing more."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from changeover import errors
from changeover.apps.connected_app import ConnectedApp
from changeover.apps.document import Leaf
from changeover.errors import ChangeoverError
from changeover.org import audit, briefcases, company, notifications
from changeover.org.app_manager import assess_app, list_apps, plan_migration, view_app
from changeover.org.connected_apps import delete_app, edit_app
from changeover.org.external_client_apps import (
    delete_external_client_app,
    list_external_client_apps,
    view_external_client_app,
)
from changeover.org.importing import Incoming, import_apps
from changeover.org.lists import AppQuery, AuditQuery
from changeover.org.logins import list_logins
from changeover.org.people import view_user
from tests.org.world import World, app, open_world, prepare, refused

HARMFUL = [
    "'; DROP TABLE connected_app; --",
    '" OR ""="',
    "<script>alert(1)</script>",
    "{{ 7 * 7 }}",
    "../../etc/passwd",
    "%00%0a%0d",
    "Ω≈ç√∫µ≤≥÷",
    "שלום \N{RIGHT-TO-LEFT OVERRIDE}olleh",
    "👩‍👩‍👧‍👦" * 10,
    "İstanbul STRASSE ß",
    "a\tb\nc",
    "%_%",
    "x" * 10_000,
    "{0} {name!r} %s %(x)s",
]


@pytest.mark.parametrize("label", HARMFUL)
def test_a_label_is_a_label(world: World, label: str) -> None:
    world.bring(app(label=label, description=label), app("Second"))
    world.log_in(label.strip(), times=1)
    (row, other) = world.see(list_apps, AppQuery(sort="api_name"))
    assert (row.label, other.label) == (label.strip(), "Second")
    assert world.see(view_app, "Billing").document.label == label
    found = world.see(list_apps, AppQuery(search=label.strip()))
    assert [one.api_name for one in found] == ["Billing"]
    assert world.see(assess_app, "Billing").verdict.value == "confirm"
    world.see(plan_migration, "Billing")
    error = refused(
        world,
        errors.STALE_PAGE,
        edit_app,
        "Billing",
        {"description": "x"},
        seen_version=10**6,
    )
    assert len(error.message) < 300
    assert "\n" not in error.message


@pytest.mark.parametrize("name", HARMFUL)
def test_a_name_that_is_asked_for_is_a_name(world: World, name: str) -> None:
    world.bring(app())
    before = world.everything()
    asked: list[tuple[Any, Any]] = [
        (view_app, (name,)),
        (view_external_client_app, (name,)),
        (view_user, (name,)),
        (notifications.set_delivery, (name, "Billing")),
        (briefcases.assign, (name, "Billing")),
    ]
    for act, args in asked:
        extra = {"enabled": True} if act is notifications.set_delivery else {}
        with pytest.raises(ChangeoverError) as caught, world.unit() as unit:
            act(unit, world.admin, *args, **extra)
        assert caught.value.kind.status == 404
        assert len(caught.value.message) < 300
        assert caught.value.message.isprintable()
    assert world.see(audit.list_audit, AuditQuery(subject=name, event=name, actor=name)).total == 0
    assert world.see(list_external_client_apps).total == 0
    assert world.see(list_logins).total == 0
    assert world.everything() == before


@pytest.mark.parametrize("api_name", [name for name in HARMFUL if len(name) <= 255])
def test_an_api_name_of_a_file_is_a_name(world: World, api_name: str) -> None:
    (outcome,) = world.bring(app(api_name))
    assert outcome.result == "created"
    assert world.see(view_app, api_name).api_name == api_name
    world.migrated(api_name)
    world.do(delete_external_client_app, api_name, confirmed=True, seen_version=None)
    world.do(delete_app, api_name, confirmed=True, seen_version=None)


def test_an_api_name_that_no_file_has_is_refused(world: World) -> None:
    outcomes = world.bring(app("x" * 300), app("nul\x00"))
    assert [(one.result, one.code) for one in outcomes] == [("refused", "E-VALUE-REFUSED")] * 2


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"edition": "Platinum"},
        {"my_domain": "a b"},
        {"my_domain": "-a"},
        {"enterprise_admitted": "yes"},
        {"version": 7},
        {"org_id": "00D"},
        {"__class__": "x"},
        {"name": True},
    ],
)
def test_company_information_takes_only_its_own_fields(world: World, changes: dict[str, Any]) -> None:
    refused(world, errors.VALUE_REFUSED, company.edit_org, changes, seen_version=None)


def test_company_information_on_a_stale_page(world: World) -> None:
    org = world.do(company.edit_org, {"name": "Acme 2"}, seen_version=1)
    assert org.version == 2
    refused(world, errors.STALE_PAGE, company.edit_org, {"name": "Acme 3"}, seen_version=1)


@pytest.fixture(scope="module")
def long_lived(tmp_path_factory: pytest.TempPathFactory) -> World:
    """An org for all examples of a property."""
    folder = tmp_path_factory.mktemp("attacks")
    return open_world(folder, prepare(folder))


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)


@settings(max_examples=40)
@given(
    label=TEXTS,
    key=TEXTS,
    scopes=st.lists(TEXTS, max_size=3),
    unknown=st.lists(TEXTS, max_size=2),
    names=st.lists(TEXTS, max_size=2),
)
def test_any_app_is_imported_migrated_and_reverted_to_the_letter(
    long_lived: World,
    label: str,
    key: str,
    scopes: list[str],
    unknown: list[str],
    names: list[str],
) -> None:
    world = long_lived
    document: ConnectedApp = app(
        "Any",
        label=label,
        permission_set_name=tuple(names),
        oauth={"consumer_key": key, "scopes": tuple(scopes)},
        unknown=tuple(Leaf(f"strange[{at}]", text) for at, text in enumerate(unknown, 2)),
    )
    (outcome,) = import_apps(world.house.units, world.admin, [Incoming(app=document, path="Any")])
    assert outcome.result == "created", outcome
    before = world.record("Any")
    blocked = before.verdict.value == "blocked"
    assert not blocked
    world.migrated("Any")
    assert world.record("Any").document == before.document
    world.do(delete_external_client_app, "Any", confirmed=True, seen_version=None)
    assert world.record("Any").document == before.document
    world.do(delete_app, "Any", confirmed=True, seen_version=None)
