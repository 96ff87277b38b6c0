"""What feeds a verdict: logins, push settings, switches, labels, dates. What is listed is what is true."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from changeover import errors
from changeover.apps.document import leaves
from changeover.apps.external_client_app import (
    ExtlClntAppPushConfigurablePolicies,
    ExtlClntAppPushSettings,
)
from changeover.apps.secrets import MASK
from changeover.migration.finding import Severity, Verdict
from changeover.migration.lifecycle import State
from changeover.org import company, push
from changeover.org.app_manager import assess_app, list_apps, overview, plan_migration
from changeover.org.connected_apps import delete_app, edit_app
from changeover.org.doctor import examine
from changeover.org.lists import AppQuery, LoginQuery
from changeover.org.logins import import_login_history, list_logins
from changeover.org.migrate import migrate
from changeover.org.model.apps import AppType
from changeover.org.model.beside_apps import Credential
from changeover.sample.certificate import p12
from tests.org.world import START, YES, World, app, open_world, prepare, refused

PHRASE = "the phrase of the archive"


def _certificate(last: date) -> push.AppleP12:
    end = datetime(last.year, last.month, last.day, 18, 0, tzinfo=UTC)
    archive = p12(PHRASE, datetime(2020, 1, 1, tzinfo=UTC), end)
    return push.AppleP12(
        p12=archive, password=PHRASE, environment="Production", application_bundle="com.example"
    )


def _rules(world: World, api_name: str = "Billing") -> set[str]:
    return {finding.rule for finding in world.see(assess_app, api_name).findings}


# --- logins ---------------------------------------------------------------------------------------------


def test_logins_make_the_verdict_confirm(world: World) -> None:
    world.bring(app())
    assert world.record().verdict is Verdict.ELIGIBLE
    world.log_in()
    assert world.record().verdict is Verdict.CONFIRM
    (finding,) = world.see(assess_app, "Billing").with_severity(Severity.CONFIRM)
    assert "14 times" in finding.evidence
    assert "3 November" in finding.evidence


def test_logins_that_were_there_before_the_app(world: World) -> None:
    world.log_in()
    world.bring(app())
    assert world.record().verdict is Verdict.CONFIRM


def test_refused_logins_and_other_flows_are_no_contrary_evidence(world: World) -> None:
    world.bring(app())
    world.log_in(status="Failed: Invalid Password")
    world.log_in(sub_type="OauthRefreshToken")
    world.log_in(application="Another")
    assert world.record().verdict is Verdict.ELIGIBLE


def test_a_window_may_be_imported_again(world: World) -> None:
    world.bring(app())
    world.log_in(times=14)
    world.log_in(times=20)
    assert world.see(list_logins).total == 20
    (finding,) = world.see(assess_app, "Billing").with_severity(Severity.CONFIRM)
    assert "20 times" in finding.evidence


def test_equal_rows_of_one_file_all_count(world: World) -> None:
    world.log_in(times=3, at=START)
    assert world.see(list_logins).total == 3
    world.log_in(times=3, at=START)
    assert world.see(list_logins).total == 3


def test_a_new_label_takes_its_own_logins_with_it(world: World) -> None:
    world.bring(app())
    world.log_in("Renamed")
    world.do(edit_app, "Billing", {"label": "Renamed"}, seen_version=None)
    assert world.record().verdict is Verdict.CONFIRM
    world.do(edit_app, "Billing", {"label": "Billing"}, seen_version=None)
    assert world.record().verdict is Verdict.ELIGIBLE


def test_a_shared_label_is_told_on_both(world: World) -> None:
    world.bring(app(), app("Second", label="Billing"))
    world.log_in()
    for name in ("Billing", "Second"):
        assert world.record(name).verdict is Verdict.CONFIRM
        assert "shared-label" in _rules(world, name)
    world.do(delete_app, "Second", confirmed=True, seen_version=None)
    assert "shared-label" not in _rules(world)


def test_logins_can_be_searched(world: World) -> None:
    world.log_in("50% _Sync", times=2, username="Zoë@example.com")
    world.log_in("Other", times=1)
    for query, count in (
        (LoginQuery(search="ZOË"), 2),
        (LoginQuery(search="50% _"), 2),
        (LoginQuery(search="50%%"), 0),
        (LoginQuery(application="Other"), 1),
        (LoginQuery(sub_type="OauthUsernamePassword"), 3),
        (LoginQuery(page_size=2, page=2), 3),
    ):
        assert world.see(list_logins, query).total == count, query
    assert len(world.see(list_logins, LoginQuery(page_size=2, page=2)).rows) == 1


def test_no_rows_no_audit_row(world: World) -> None:
    before = world.everything()
    assert world.do(import_login_history, []).new == 0
    assert world.everything() == before


def test_a_blocked_flow_of_the_org_is_heard(world: World) -> None:
    world.bring(app())
    world.do(company.edit_org, {"username_password_blocked": True}, seen_version=None)
    notes = [one.evidence for one in world.see(assess_app, "Billing").findings]
    assert any("blocked for the whole org" in note for note in notes)


# --- push -----------------------------------------------------------------------------------------------


def test_a_certificate_blocks_from_the_day_on_which_it_has_expired(world: World) -> None:
    world.bring(app())
    last = date(2026, 12, 31)
    stored = world.do(push.set_push, "Billing", _certificate(last), seen_version=None)
    assert (stored.certificate_expires, stored.credential) == (last, Credential.APPLE_P12)
    for day, verdict in (
        (date(2026, 12, 31), Verdict.ELIGIBLE),
        (date(2027, 1, 1), Verdict.BLOCKED),
        (date(2026, 12, 30), Verdict.ELIGIBLE),
    ):
        world.clock.go_to(day)
        assert world.record().verdict is verdict
        assert world.see(assess_app, "Billing").verdict is verdict
        assert world.see(list_apps, AppQuery(verdict=verdict)).total == 1
        assert world.see(overview).verdicts[verdict] == 1
    world.clock.go_to(date(2027, 1, 1))
    error = refused(world, errors.PUSH_INVALID, migrate, "Billing", YES)
    assert "31 December 2026" in error.message
    world.do(push.set_push, "Billing", _certificate(date(2028, 1, 1)), seen_version=None)
    world.migrated()


def test_push_settings_are_taken_over_sealed(world: World) -> None:
    world.bring(app())
    world.do(push.set_push, "Billing", _certificate(date(2030, 1, 1)), seen_version=None)
    account = json.dumps(
        {"type": "service_account", "project_id": "billing-app", "private_key": "SEALED-PRIVATE-KEY"}
    )
    given = push.AndroidServiceAccount(service_account=account, full_content=True)
    world.do(push.set_push, "Billing", given, seen_version=None)
    assert "SEALED-PRIVATE-KEY" not in repr(world.see(plan_migration, "Billing"))
    made = world.migrated()
    parts = [part for part in made.app.parts if isinstance(part, ExtlClntAppPushSettings)]
    assert sorted(part.push_service_type or "" for part in parts) == ["Android", "Apple"]
    policies = made.app.part(ExtlClntAppPushConfigurablePolicies)
    assert policies is not None
    assert policies.is_full_content is True
    with world.read() as unit:
        unsealed = unit.external.unsealed(made.app_id)
        sealed = unit.push.credentials(world.record().app_id, "Apple")
    by_service = {
        part.push_service_type: part for part in unsealed.parts if isinstance(part, ExtlClntAppPushSettings)
    }
    apple = by_service["Apple"].apple_push_config
    android = by_service["Android"].android_push_config
    assert apple is not None
    assert android is not None
    assert (apple.certificate, apple.password) == (sealed["certificate"], PHRASE)
    assert android.fcm_project == "billing-app"
    assert made.account is not None
    added = {str(one.target): one.target.value for one in made.account.added}
    assert added["Billing_push.ecaPush/androidPushConfig/serviceAccount"] == MASK
    for document in made.app.documents:
        for leaf in leaves(document):
            assert PHRASE not in leaf.value
    world.house.close()
    disk = world.on_disk()
    for secret in (PHRASE, "SEALED-PRIVATE-KEY", sealed["certificate"]):
        assert secret.encode() not in disk


def test_a_p8_key_does_not_expire(world: World) -> None:
    world.bring(app())
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    given = push.AppleP8(
        signing_key=pem.decode(),
        key_identifier="KEY1234567",
        team_identifier="TEAM123456",
        environment="Sandbox",
        application_bundle="com.example",
    )
    world.do(push.set_push, "Billing", given, seen_version=None)
    world.clock.go_to(date(2099, 1, 1))
    assert world.record().verdict is Verdict.ELIGIBLE
    refused(
        world,
        errors.VALUE_REFUSED,
        push.set_push,
        "Billing",
        replace(given, environment="Moon"),
        seen_version=None,
    )


@pytest.mark.parametrize(
    "broken",
    [
        push.AppleP12(p12=b"no archive", password=PHRASE, environment="Production"),
        push.AppleP12(p12=b"", password="", environment="Production"),
        push.AppleP12(p12=b"\x30" * 70_000, password="", environment="Production"),
        replace(_certificate(date(2030, 1, 1)), password="another"),
        push.AppleP8(
            signing_key="no key",
            key_identifier="k",
            team_identifier="t",
            environment="Production",
            application_bundle="b",
        ),
        push.AndroidServiceAccount(service_account="{"),
        push.AndroidServiceAccount(service_account="[]"),
        push.AndroidServiceAccount(service_account="{}"),
        push.AndroidServiceAccount(service_account="[" * 100_000),
        push.AndroidServiceAccount(
            service_account=json.dumps({"type": "service_account", "private_key": "x" * 9000})
        ),
    ],
)
def test_a_credential_that_cannot_be_read_is_refused(world: World, broken: push.Given) -> None:
    world.bring(app())
    error = refused(
        world, errors.PUSH_CREDENTIAL_UNREADABLE, push.set_push, "Billing", broken, seen_version=None
    )
    assert PHRASE not in str(error)


def test_removing_push_settings_frees_the_app(world: World) -> None:
    world.bring(app())
    world.server_key()
    assert world.record().verdict is Verdict.BLOCKED
    world.do(push.remove_push, "Billing", "Android", seen_version=world.record().version)
    assert world.record().verdict is Verdict.ELIGIBLE
    assert world.see(push.view_push, "Billing") == ()
    refused(world, errors.RECORD_NOT_FOUND, push.remove_push, "Billing", "Android", seen_version=None)


# --- lists ----------------------------------------------------------------------------------------------


def test_the_list_is_searched_filtered_sorted_and_paged(world: World) -> None:
    world.bring(
        app("Zebra", label="Ähre", description="100% wheat_field"),
        app("Alpha", label="beta"),
        app("Gamma", label="Alpha", plugin="Handler"),
        app("vendor__Delta", label="delta"),
    )
    world.migrated("Alpha")

    def names(**query: object) -> list[str]:
        return [row.api_name for row in world.see(list_apps, AppQuery(**query))]  # type: ignore[arg-type]

    assert names() == ["Gamma", "Alpha", "vendor__Delta", "Zebra"]
    assert names(sort="api_name", descending=True) == ["Zebra", "vendor__Delta", "Gamma", "Alpha"]
    assert names(search="äHRE") == ["Zebra"]
    assert names(search="0% w") == ["Zebra"]
    assert names(search="t_f") == ["Zebra"]
    assert names(search="%") == ["Zebra"]
    assert names(search="3mvg9.gamma") == ["Gamma"]
    assert names(verdict=Verdict.BLOCKED) == ["Gamma", "vendor__Delta"]
    assert names(verdict=Verdict.MIGRATED) == names(state=State.MIGRATED) == ["Alpha"]
    assert names(app_type=AppType.CONNECTED_MANAGED) == ["vendor__Delta"]
    assert names(page=2, page_size=3) == ["Zebra"]
    assert names(page=0, page_size=0) == ["Gamma"]
    assert names(page=10**30) == []
    assert names(sort="'; DROP TABLE connected_app; --") == names()
    page = world.see(list_apps, AppQuery(page_size=3))
    assert (page.total, page.pages) == (4, 2)
    odd = world.see(list_apps, AppQuery(page=-1, page_size=-7))
    assert (odd.page, odd.page_size, odd.pages) == (1, 1, 4)


@settings(max_examples=20)
@given(
    expires=st.lists(st.dates(date(2026, 11, 1), date(2026, 12, 31)) | st.none(), min_size=1, max_size=3),
    days=st.lists(st.dates(date(2026, 10, 1), date(2027, 1, 31)), min_size=1, max_size=4),
    logged_in=st.booleans(),
)
def test_what_is_listed_is_what_the_rules_say_on_any_day(
    prepared_world: World,
    expires: list[date | None],
    days: list[date],
    logged_in: bool,  # noqa: FBT001
) -> None:
    world = prepared_world
    world.clock.time = START
    names = [f"App{number}" for number in range(len(expires))]
    for name, last in zip(names, expires, strict=True):
        world.bring(app(name))
        if last is not None:
            world.do(push.set_push, name, _certificate(last), seen_version=None)
    if logged_in:
        world.log_in("App0")
    for day in days:
        world.clock.go_to(day)
        rows = {row.api_name: row.verdict for row in world.see(list_apps)}
        for name in names:
            assert rows[name] is world.see(assess_app, name).verdict
            found = world.see(list_apps, AppQuery(verdict=rows[name]))
            assert name in {row.api_name for row in found}
        assert all(check.ok for check in examine(world.house.units))
    world.clock.time = START
    for name in names:
        world.do(delete_app, name, confirmed=True, seen_version=None)


@pytest.fixture(scope="module")
def prepared_world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """An org for all examples of a property; each example clears away what it made."""
    folder = tmp_path_factory.mktemp("property")
    return open_world(folder, prepare(folder))


def test_time_passes_between_units(world: World) -> None:
    with world.read() as unit:
        assert unit.now == START
        assert unit.today == START.date()
    world.clock.pass_by(timedelta(days=1))
    with world.read() as unit:
        assert unit.today == START.date() + timedelta(days=1)
