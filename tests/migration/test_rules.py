"""Each rule both ways: what makes it speak, what keeps it silent, and what it cannot see."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changeover.apps.connected_app import ConnectedApp
from changeover.apps.document import Leaf
from changeover.apps.reference import Reference
from changeover.migration.dates import DEADLINES, SUPPORT_ENDS
from changeover.migration.eligibility import assess
from changeover.migration.finding import Severity, Status, Verdict
from changeover.migration.rules import BEARING, RULES
from changeover.migration.rules.flows import BY_USER
from changeover.migration.situation import (
    CallEvidence,
    LoginEvents,
    Neighbour,
    PushConfiguration,
    Situation,
    TokenEvidence,
    UsageEvidence,
    Uses,
    Window,
)
from tests.migration.make import BARE, KEY, OAUTH, SAML, app, files, logins, org, use
from tests.migration.strategies import apps


class Row(NamedTuple):
    rule: str
    app: ConnectedApp
    situation: Situation
    says: Severity | None
    words: str = ""


PLAIN = app()
TAKEN = (("Billing_oauth.ecaOauth", "Ledger"),)
CLI = {"oauthConfig/callbackUrl": "http://localhost:1717/OauthRedirect", "oauthConfig/certificate": "MII"}
DEVICE = {"oauthConfig/isDeviceFlowEnabled": "true"}
ENDLESS = {"oauthConfig/scopes[2]": "RefreshToken", "oauthPolicy/refreshTokenPolicy": "infinite"}
P12 = PushConfiguration(service="Apple", certificate_expires=date(2026, 11, 22))
P12_TODAY = PushConfiguration(service="Apple", certificate_expires=date(2026, 11, 23))
SERVER_KEY = PushConfiguration(service="Android", server_key=True)


def ranges(count: int) -> dict[str, str]:
    return {f"ipRanges[{n}]/start": "198.18.0.1" for n in range(1, count + 1)}


def attributes(count: int) -> dict[str, str]:
    return {f"attributes[{n}]/key": f"k{n}" for n in range(1, count + 1)}


def provisioning(enabled: str | None) -> Situation:
    context = () if enabled is None else (Leaf("enabled", enabled),)
    reference = Reference(
        kind="UserProvisioningConfig",
        file="userProvisioningConfigs/X.userProvisioningConfig",
        path="connectedApp",
        app="Billing",
        context=context,
    )
    return files(references=(reference,))


def neighbour(key: str | None) -> Neighbour:
    return Neighbour(api_name="billing", consumer_key=key)


NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = Window(start=NOON, end=NOON)


def usage(**read: Any) -> UsageEvidence:
    return UsageEvidence(**read)


def events(count: int, *, silent: int = 0) -> LoginEvents:
    flow = use("OauthUsernamePassword", count, "int@example.com") if count else None
    return LoginEvents(window=DAY, logins=40, without_sub_type=silent, username_password=flow)


B, C, W, N = Severity.BLOCKER, Severity.CONFIRM, Severity.WARNING, Severity.NOTE

TABLE = [
    Row("not-local", app(name="acme__Billing"), org(), B, "namespace acme"),
    Row("not-local", PLAIN, org(local=False), B, "installed"),
    Row("not-local", PLAIN, org(), None),
    Row("already-migrated", PLAIN, org(migrated=True), N),
    Row("already-migrated", PLAIN, files(neighbour=neighbour(KEY)), N, "same consumer key"),
    Row("already-migrated", PLAIN, files(neighbour=neighbour("another")), None),
    Row("already-migrated", PLAIN, files(neighbour=neighbour(None)), None),
    Row("already-migrated", PLAIN, org(neighbour=neighbour(KEY)), None),
    Row(
        "already-migrated",
        app(more={"oauthConfig/consumerKey": "{KEY}"}),
        files(neighbour=neighbour("{KEY}")),
        None,
    ),
    Row("push-settings-invalid", PLAIN, org(push=(P12,)), B, "expired on 22 November 2026"),
    Row("push-settings-invalid", PLAIN, org(push=(P12_TODAY,)), None),
    Row("push-settings-invalid", PLAIN, org(push=(SERVER_KEY,)), B, "server key"),
    Row("push-settings-invalid", PLAIN, org(push=(PushConfiguration(service="Android"),)), None),
    Row(
        "username-password-seen",
        PLAIN,
        org(logins=logins(use("OauthUsernamePassword", 14, "int@example.com"))),
        C,
        "Billing logged in 14 times with username and password, last on 3 November as int@example.com."
        " That flow stops when you migrate.",
    ),
    Row("username-password-seen", PLAIN, org(logins=logins(use("OauthWebServer", 3))), None),
    Row("username-password-seen", PLAIN, org(logins=logins(use("OauthUsernamePassword", 0))), None),
    Row("username-password-possible", PLAIN, org(), N, "No rows is no proof"),
    Row("username-password-possible", PLAIN, files(), N, "No Login History was given"),
    Row(
        "username-password-possible",
        PLAIN,
        files(login_history_empty=True),
        N,
        "No login could be read in the Login History that was given",
    ),
    Row(
        "comma-in-name",
        app(more={"profileName[1]": "Sales, West", "profileName[2]": "Sales"}),
        files(),
        W,
        "names “Sales, West”:",
    ),
    Row("comma-in-name", app(more={"permissionSetName[1]": "A,B"}), org(), W, "“A,B”"),
    Row("comma-in-name", app(more={"profileName[1]": "Sales"}), org(), None),
    Row("username-password-possible", PLAIN, org(username_password_blocked=True), N, "blocked for the whole"),
    Row("username-password-possible", PLAIN, org(logins=logins(use("OauthUsernamePassword"))), None),
    Row("username-password-possible", app(SAML), org(), None),
    Row("user-provisioning", PLAIN, org(user_provisioning=True), B, "reported, not documented"),
    Row("user-provisioning", PLAIN, org(), None),
    Row("user-provisioning", PLAIN, provisioning("true"), B, "look in Setup"),
    Row("user-provisioning", PLAIN, provisioning("false"), None),
    Row("custom-handler", app(more={"plugin": "Handler"}), org(), B, "Handler"),
    Row("custom-handler", app(more={"plugin": ""}), org(), None),
    Row("custom-handler", PLAIN, org(), None),
    Row("canvas", app(more={"canvasConfig/accessMethod": "Get"}), org(), B),
    Row("canvas", app(more={"canvas/canvasUrl": "https://x.example.com"}), files(), B, "look in Setup"),
    Row("canvas", app(more={"canvasConfig": ""}), files(), None),
    Row("dynamic-registration", PLAIN, org(dynamic_registration=True), B),
    Row("dynamic-registration", PLAIN, org(), None),
    Row("saml-triple-des", app(SAML, {"samlConfig/encryptionType": "Triple_Des"}), files(), B),
    Row("saml-triple-des", app(SAML, {"samlConfig/encryptionType": "TRIPLE_DES"}), org(), B),
    Row("saml-triple-des", app(SAML, {"samlConfig/encryptionType": "AES_256"}), org(), None),
    Row("name-taken", PLAIN, org(neighbour=neighbour("another")), B, "is not Billing's own"),
    Row("name-taken", PLAIN, org(neighbour=neighbour(KEY)), B),
    Row("name-taken", PLAIN, org(neighbour=neighbour(KEY), migrated=True), None),
    Row("name-taken", PLAIN, files(neighbour=neighbour("another")), C, "set up anew"),
    Row("name-taken", PLAIN, files(neighbour=neighbour(KEY)), None),
    Row("name-taken", PLAIN, files(neighbour=neighbour(None)), None),
    Row("part-name-taken", PLAIN, org(taken_parts=TAKEN), B, "Ledger has a part Billing_oauth.ecaOauth"),
    Row("part-name-taken", PLAIN, org(taken_parts=TAKEN, migrated=True), None),
    Row("part-name-taken", PLAIN, org(), None),
    Row("key-not-visible", PLAIN, files(neighbour=neighbour(None)), C, "its consumer key cannot be seen"),
    Row(
        "key-not-visible",
        app(more={"oauthConfig/consumerKey": ""}),
        files(neighbour=neighbour(KEY)),
        C,
        "the connected app's consumer key cannot be seen",
    ),
    Row("key-not-visible", app(SAML), files(neighbour=neighbour(None)), C, "neither consumer key can"),
    Row("key-not-visible", PLAIN, org(neighbour=neighbour(None)), None),
    Row("key-not-visible", PLAIN, files(neighbour=neighbour("another")), None),
    Row("too-many-ip-ranges", app(more=ranges(129)), org(), B, "129"),
    Row("too-many-ip-ranges", app(more=ranges(128)), org(), None),
    Row("too-many-attributes", app(more=attributes(129)), org(), B, "129"),
    Row("too-many-attributes", app(more=attributes(128)), org(), None),
    Row("scope-without-token", app(more={"oauthConfig/scopes[2]": "A2A"}), org(), W, "A2A"),
    Row("scope-without-token", app(more={"oauthConfig/scopes[2]": "SFAP"}), org(), None),
    Row("settings-without-home", app(more={"mobileStartUrl": "https://m.example.com"}), org(), W),
    Row("settings-without-home", app(more={"mobileAppConfig/version": "1.0"}), org(), W, "version"),
    Row("settings-without-home", app(more={"canvasConfig/locations[1]": "Chatter"}), org(), W, "Chatter"),
    Row("settings-without-home", app(more={"canvasConfig/locations[1]": "Aura"}), org(), None),
    Row("settings-without-home", app(more={"canvas/locationOptions": "CT"}), org(), W),
    Row("settings-without-home", app(more={"oauthConfig/scopes[2]": "A2A"}), org(), None),
    Row("settings-without-home", PLAIN, org(), None),
    Row("refresh-token-ip-allowlist", app(more={"oauthConfig/isIpBindingEnabled": "true"}), org(), W),
    Row("refresh-token-ip-allowlist", app(more={"oauthConfig/isIpBindingEnabled": "false"}), files(), None),
    Row("attribute-formula", app(more={"attributes[1]/formula": "$User.Department"}), org(), W, "1 attr"),
    Row("attribute-formula", app(more={"attributes[1]/key": "k"}), org(), None),
    Row("own-pipeline", app(more=CLI), org(), C, "localhost:1717"),
    Row("own-pipeline", app(more={**CLI, "oauthConfig/certificate": ""}), org(), None),
    Row(
        "own-pipeline",
        app(more={**CLI, "oauthConfig/callbackUrl": "https://x.example.com\r\nlocalhost:1717/OauthRedirect"}),
        org(),
        C,
    ),
    Row("own-pipeline", app(more={**CLI, "oauthConfig/callbackUrl": "http://localhost:8080"}), org(), None),
    Row(
        "own-pipeline",
        app(more={**CLI, "oauthConfig/callbackUrl": "https://x.example.com/?u=http://localhost:1717"}),
        org(),
        None,
    ),
    Row(
        "user-agent-flow-ends", PLAIN, org(logins=logins(use("OauthHybridUserAgent"))), W, "20 February 2027"
    ),
    Row("user-agent-flow-ends", PLAIN, org(), None),
    Row("device-flow-limited", app(more=DEVICE), org(), W, "no localhost callback"),
    Row(
        "device-flow-limited",
        app(more={**DEVICE, "oauthConfig/callbackUrl": "http://localhost/cb"}),
        org(),
        W,
        "keeps the flow",
    ),
    Row("device-flow-limited", PLAIN, org(logins=logins(use("OAuthDevice"))), W, "were seen"),
    Row("device-flow-limited", PLAIN, org(), None),
    Row("device-flow-limited", app(more={"oauthConfig/isDeviceFlowEnabled": "false"}), files(), None),
    Row("refresh-token-idle-limit", app(more=ENDLESS), org(), W, "in force since 4 November 2026"),
    Row(
        "refresh-token-idle-limit",
        app(
            {key: value for key, value in OAUTH.items() if "Policy" not in key},
            {"oauthConfig/scopes[2]": "OfflineAccess"},
        ),
        org(),
        W,
        "no policy",
    ),
    Row(
        "refresh-token-idle-limit",
        app(more={**ENDLESS, "oauthPolicy/refreshTokenPolicy": "zero"}),
        org(),
        None,
    ),
    Row("refresh-token-idle-limit", app(more={"oauthPolicy/refreshTokenPolicy": "infinite"}), org(), None),
    Row("refresh-token-idle-limit", app(SAML), org(), None),
    Row("connected-app-support-ends", app(BARE), org(), W, "with Summer '27, no day named yet"),
    Row("connected-app-support-ends", app(BARE), org(today=date(2027, 9, 1)), W, "in force since Summer '27"),
    Row("neither-oauth-nor-saml", app(BARE), org(), N),
    Row("neither-oauth-nor-saml", app(SAML), org(), None),
    Row("neither-oauth-nor-saml", PLAIN, org(), None),
    Row("not-copied-to-sandboxes", PLAIN, org(), N),
    Row("key-used-elsewhere", PLAIN, org(key_used_in=("Sandbox",)), N, "Sandbox"),
    Row("key-used-elsewhere", PLAIN, org(), None),
    Row("key-used-elsewhere", app(SAML), files(key_used_in=("Sandbox",)), None),
    Row("duplicate-name", PLAIN, files(same_name=("old/Billing.connectedApp",)), W, "another file (old/"),
    Row("duplicate-name", PLAIN, files(same_name=("a", "b")), W, "2 other files (a, b)"),
    Row("duplicate-name", PLAIN, files(), None),
    Row(
        "unknown-element", app(more={"oauthConfig/isBrandNew": "s3cr3t"}), org(), W, "oauthConfig/isBrandNew"
    ),
    Row("unknown-element", app(more={"oauthConfig/isPkceRequired": "yes"}), org(), W, "isPkceRequired = yes"),
    Row("unknown-element", PLAIN, org(), None),
    Row(
        "leftover-parts",
        PLAIN,
        files(leftover_parts=("Billing_oauth.ecaOauth",)),
        W,
        "Billing_oauth.ecaOauth",
    ),
    Row("leftover-parts", PLAIN, files(), None),
    Row("shared-label", PLAIN, org(logins=logins(shared_with=("Billing_2",))), W, "Billing_2"),
    Row("shared-label", PLAIN, org(), None),
    Row("no-use-seen", PLAIN, files(), None),
    Row(
        "no-use-seen",
        PLAIN,
        files(logins=logins()),
        N,
        "no login in Login History from 27 May 2026 to 22 November 2026. No rows is no proof: Login History"
        " keeps six months, a job may run once a quarter.",
    ),
    Row("no-use-seen", app(SAML), files(logins=logins()), None),
    Row("no-use-seen", PLAIN, files(logins=logins(use("OauthWebServer"))), None),
    Row("no-use-seen", PLAIN, files(logins=logins(refused=(use("OauthWebServer", 2),))), N, "2 refused"),
    Row("no-use-seen", PLAIN, files(logins=logins(shared_with=("B2",))), N, "nothing was seen of B2"),
    Row(
        "no-use-seen",
        PLAIN,
        files(usage=usage(tokens=TokenEvidence(rows=9, tokens=0, uses=None))),
        N,
        "none of the 9 OAuth tokens of OauthToken. No rows is no proof: OauthToken misses use by JWT bearer"
        " and client credentials, a job",
    ),
    Row(
        "no-use-seen",
        PLAIN,
        files(usage=usage(tokens=TokenEvidence(rows=2500, tokens=2, uses=None, cut=True))),
        N,
        "2 OAuth tokens that were never used, among the 2500 of OauthToken",
    ),
    Row(
        "no-use-seen",
        PLAIN,
        files(usage=usage(tokens=TokenEvidence(rows=9, tokens=1, uses=Uses(count=3, last=None)))),
        None,
    ),
    Row(
        "no-use-seen",
        PLAIN,
        files(logins=logins(), usage=usage(calls=CallEvidence(window=DAY, uses=Uses(count=1, last=NOON)))),
        None,
    ),
    Row(
        "no-use-seen",
        PLAIN,
        files(usage=usage(calls=CallEvidence(window=DAY, uses=None))),
        N,
        "no API call in the event log of 22 November 2026",
    ),
    Row("no-use-seen", PLAIN, files(usage=usage(login_events=events(0))), None),
    Row(
        "username-password-possible",
        PLAIN,
        files(logins=logins(), usage=usage(login_events=events(0, silent=3))),
        N,
        "The event log from 22 November 2026 to 22 November 2026 shows no such login by any app among its 40"
        " logins (3 name no flow).",
    ),
    Row(
        "username-password-possible",
        PLAIN,
        files(usage=usage(login_events=events(2))),
        N,
        "shows 2 such logins as int@example.com, and names no app.",
    ),
    Row("edition", PLAIN, files(edition="Enterprise"), W, "A release note adds Enterprise"),
    Row("edition", PLAIN, files(edition="Group"), W),
    Row("edition", PLAIN, files(edition="Unlimited"), None),
    Row("edition", PLAIN, org(edition="Enterprise"), None),
]


@pytest.mark.parametrize("row", TABLE, ids=[f"{n}-{row.rule}-{row.says}" for n, row in enumerate(TABLE)])
def test_a_rule_speaks_where_it_should_and_nowhere_else(row: Row) -> None:
    found = [f for f in assess(row.app, row.situation).findings if f.rule == row.rule]
    if row.says is None:
        assert found == []
        return
    assert [finding.severity for finding in found] == [row.says]
    assert row.words in found[0].evidence
    assert found[0].remedy.endswith(".")
    assert found[0].source


@pytest.mark.parametrize("row", TABLE, ids=[f"{n}-{row.rule}-{row.says}" for n, row in enumerate(TABLE)])
def test_verdict_and_confirmations_rest_on_the_bearing_rules_alone(row: Row) -> None:
    whole, few = assess(row.app, row.situation), assess(row.app, row.situation, BEARING)
    assert few.verdict is whole.verdict
    for severity in (Severity.BLOCKER, Severity.CONFIRM):
        assert few.with_severity(severity) == whole.with_severity(severity)


@pytest.mark.parametrize("sub_type", ["OauthUserAgent", "OauthDevice", "OauthRefreshToken", *BY_USER])
def test_only_of_some_flows_it_is_told_who_used_them(sub_type: str) -> None:
    named = [
        assess(PLAIN, org(logins=logins(use(sub_type, 3, user)))) for user in ("a@x.example", "b@x.example")
    ]
    assert (named[0] == named[1]) is (sub_type not in BY_USER)


def test_every_rule_is_in_the_table_both_ways() -> None:
    always = {"connected-app-support-ends", "not-copied-to-sandboxes"}
    speaks = {row.rule for row in TABLE if row.says is not None}
    silent = {row.rule for row in TABLE if row.says is None}
    assert speaks == {rule.id for rule in RULES}
    assert silent == speaks - always


UNSEEN = [
    ("not-local", PLAIN, files(), True),
    ("not-local", PLAIN, files(local=True), False),
    ("not-local", app(name="acme__Billing"), files(), False),
    ("push-settings-invalid", PLAIN, files(), True),
    ("push-settings-invalid", PLAIN, files(push=()), False),
    ("username-password-seen", PLAIN, files(), True),
    ("username-password-seen", app(SAML), files(), False),
    ("username-password-seen", PLAIN, files(logins=logins()), False),
    ("user-provisioning", PLAIN, files(), True),
    ("user-provisioning", PLAIN, provisioning("false"), False),
    ("user-provisioning", PLAIN, provisioning(None), True),
    ("dynamic-registration", PLAIN, files(), True),
    ("dynamic-registration", PLAIN, files(dynamic_registration=False), False),
    ("user-agent-flow-ends", PLAIN, files(), True),
    ("user-agent-flow-ends", PLAIN, files(logins=logins()), False),
    ("device-flow-limited", PLAIN, files(), True),
    ("device-flow-limited", app(more={"oauthConfig/isDeviceFlowEnabled": "false"}), files(), False),
    ("refresh-token-ip-allowlist", PLAIN, files(), True),
    ("refresh-token-ip-allowlist", app(more={"oauthConfig/isIpBindingEnabled": "false"}), files(), False),
    ("settings-without-home", PLAIN, files(), True),
    ("key-used-elsewhere", PLAIN, files(), True),
    ("key-used-elsewhere", PLAIN, files(key_used_in=("Sandbox",)), False),
    ("edition", PLAIN, files(), True),
    ("edition", PLAIN, files(edition="Developer"), False),
]


@pytest.mark.parametrize(("rule", "app_", "situation", "hidden"), UNSEEN)
def test_what_cannot_be_seen_is_said_with_where_to_look(
    rule: str, app_: ConnectedApp, situation: Situation, *, hidden: bool
) -> None:
    unseen = [entry for entry in assess(app_, situation).not_visible if entry.rule == rule]
    assert len(unseen) == hidden
    assert all(entry.where_to_look for entry in unseen)


@given(apps())
def test_a_local_org_sees_everything(made: tuple[object, ConnectedApp]) -> None:
    assert assess(made[1], org()).not_visible == ()


def test_the_verdict_follows_from_the_heaviest_finding() -> None:
    assert assess(PLAIN, org()).verdict is Verdict.ELIGIBLE
    assert assess(app(more=CLI), org()).verdict is Verdict.CONFIRM
    assert assess(app(more={**CLI, "plugin": "Handler"}), org()).verdict is Verdict.BLOCKED
    assert assess(app(more={**CLI, "plugin": "Handler"}), org(migrated=True)).verdict is Verdict.MIGRATED


def test_of_a_migrated_app_nothing_is_told_that_would_bear_on_the_button() -> None:
    told = assess(app(more={**CLI, "plugin": "Handler"}), org(migrated=True))
    assert {finding.severity for finding in told.findings} <= {Severity.WARNING, Severity.NOTE}
    assert told.not_visible == ()


def test_inferred_rules_never_block_and_blockers_are_documented_reported_or_ours() -> None:
    for rule in RULES:
        if rule.status is Status.INFERRED:
            assert rule.severity in {Severity.WARNING, Severity.NOTE}


def test_a_reported_blocker_says_how_sure_it_is() -> None:
    reported: dict[str, tuple[ConnectedApp, dict[str, bool]]] = {
        "user-provisioning": (PLAIN, {"user_provisioning": True}),
        "custom-handler": (app(more={"plugin": "X"}), {}),
        "canvas": (app(more={"canvasConfig/canvasUrl": "x"}), {}),
        "dynamic-registration": (PLAIN, {"dynamic_registration": True}),
        "saml-triple-des": (app(SAML, {"samlConfig/encryptionType": "Triple_Des"}), {}),
    }
    blockers = {rule.id for rule in RULES if rule.status is Status.REPORTED and rule.severity is B}
    assert blockers == set(reported)
    for rule_id, (app_, known) in reported.items():
        on_files = [f for f in assess(app_, files(**known)).findings if f.rule == rule_id]
        assert "Salesforce probably hides the button: look in Setup." in on_files[0].evidence
        in_org = [f for f in assess(app_, org(**known)).findings if f.rule == rule_id]
        assert "reported, not documented" in in_org[0].evidence


def test_username_password_evidence_names_window_users_and_doubt() -> None:
    seen = use(
        "OauthUsernamePassword",
        1,
        "a@x.example.com",
        "b@x.example.com",
        last=datetime(2025, 12, 31, tzinfo=UTC),
    )
    evidence = logins(seen, shared_with=("Billing_2",))
    situation = org(logins=evidence, username_password_blocked=True)
    found = next(f for f in assess(PLAIN, situation).findings if f.rule == "username-password-seen")
    assert found.evidence == (
        "Billing logged in once with username and password, last on 31 December 2025 as a@x.example.com."
        " That flow stops when you migrate. Other users: b@x.example.com."
        " The flow has since been blocked for the whole org."
        " Login History was read from 27 May 2026 to 22 November 2026."
        " It names apps by label only: the logins may be those of Billing_2."
    )
    assert found.remedy == "Move it to client credentials, or confirm against this evidence."


def test_refused_attempts_are_no_logins_but_are_told() -> None:
    situation = org(logins=logins(refused=(use("OauthUsernamePassword", 3),)))
    found = assess(PLAIN, situation)
    assert found.verdict is Verdict.ELIGIBLE
    note = next(f for f in found.findings if f.rule == "username-password-possible")
    assert "3 attempts with it were refused." in note.evidence


def test_findings_come_in_the_order_of_the_rules() -> None:
    order = [rule.id for rule in RULES]
    told = [f.rule for f in assess(app(more={**CLI, **ENDLESS, "plugin": "H"}), files()).findings]
    assert told == sorted(told, key=order.index)
    assert len(set(order)) == len(order)


@given(
    name=st.sampled_from(["consumerSecret", "certificate", "isPkceRequired", "password", "x"]),
    in_org=st.booleans(),
)
def test_no_secret_stands_in_evidence(name: str, *, in_org: bool) -> None:
    secret = "top-secret-value"
    made = app(more={f"oauthConfig/{name}": secret, f"oauthConfig/brandNew/{name}": secret, "label": "A"})
    told = assess(made, org() if in_org else files())
    spoken = " ".join(finding.evidence + finding.remedy for finding in told.findings)
    if name == "isPkceRequired":
        # A switch is no secret: the value that is none is shown, shortened.
        spoken = spoken.replace(f"isPkceRequired = {secret}", "", 1)
    assert secret not in spoken


@given(made=apps(), in_org=st.booleans())
def test_assessing_is_total_and_repeatable(made: tuple[object, ConnectedApp], *, in_org: bool) -> None:
    situation = org() if in_org else files(neighbour=neighbour(None))
    told = assess(made[1], situation)
    assert told == assess(made[1], situation)
    for finding in told.findings:
        assert finding.evidence == " ".join(finding.evidence.split())


def test_a_date_that_is_past_reads_in_force_since() -> None:
    for deadline in DEADLINES:
        assert deadline.when(deadline.day).startswith("in force since ")
        before = date.fromordinal(deadline.day.toordinal() - 1)
        assert not deadline.in_force(before)
        assert "in force" not in deadline.when(before)
        assert deadline.source
        assert deadline.known_on >= date(2026, 11, 23)
    assert SUPPORT_ENDS.when(date(2026, 1, 1)) == "with Summer '27, no day named yet"
