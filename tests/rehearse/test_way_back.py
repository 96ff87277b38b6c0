"""Apps that are migrated already: does the client log in now, and after a revert? And blocked apps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from changeover.apps.connected_app import ConnectedApp
from changeover.apps.external_client_app import ExternalClientApp, ExtlClntAppGlobalOauthSettings
from changeover.migration.mapping import expected_result
from changeover.rehearse.population import KeyPair
from changeover.rehearse.rehearsal import MIGRATED_ALREADY
from changeover.rehearse.source import SourceApp
from changeover.shapes.rehearsals import LoginVerdict
from tests.org.world import app
from tests.rehearse.listed import nightly, portal, rehearsed, rows


def named(api_name: str) -> ConnectedApp:
    return app(api_name, oauth={"is_pkce_required": False})


def migrated(one: ConnectedApp, *, rotated: bool = False, **changes: Any) -> SourceApp:
    """An app and what its external client app has become since the migration."""
    made = expected_result(one).external_client_app
    parts = tuple(
        replace(part, **changes) if isinstance(part, ExtlClntAppGlobalOauthSettings) else part
        for part in made.parts
    )
    external = ExternalClientApp(header=made.header, parts=parts)
    return SourceApp(app=one, path="x", external=external, secret_rotated=rotated)


def test_a_migrated_app_logs_in_now_and_after_a_revert() -> None:
    for one in rehearsed(migrated(portal()), migrated(nightly(KeyPair().certificate))).values():
        assert one.notes[0] == MIGRATED_ALREADY
        assert one.rows
        for row in one.rows:
            if row.flow == "refresh-token-idle":
                continue
            assert (row.verdict, row.before, row.reason) == (LoginVerdict.SAME, None, ""), row.flow
            assert row.after is not None
            assert row.after_revert is not None
            assert row.after.works, row.flow
            assert row.after_revert.works, row.flow


def test_what_was_changed_since_the_migration_ends_with_a_revert() -> None:
    found = rehearsed(
        migrated(named("Callback"), callback_url="https://portal.example.com/v2/callback"),
        migrated(named("Secret"), rotated=True),
        migrated(named("Key"), consumer_key="3MVG9.another"),
    )
    for name, error, reason in (
        ("Callback", "redirect_uri_mismatch", "callback URL was changed"),
        ("Secret", "invalid_client", "secret was rotated"),
        ("Key", "invalid_client_id", "key was rotated"),
    ):
        row = rows(found[name])["web-server"]
        assert row.after is not None
        assert row.after_revert is not None
        outcome = (row.verdict, row.after.error, row.after_revert.error)
        assert outcome == (LoginVerdict.BREAKS, "", error), name
        assert reason in row.reason, name


def test_username_and_password_of_a_migrated_app_work_only_after_a_revert() -> None:
    given = replace(migrated(app()), seen=frozenset({"OauthUsernamePassword"}))
    (one,) = rehearsed(given).values()
    row = rows(one)["username-password"]
    assert row.verdict is LoginVerdict.ONLY_AFTER
    assert row.reason == "An external client app has no username-password flow."


def test_a_blocked_app_is_blocked_on_the_copy_at_every_stage() -> None:
    blocked = replace(SourceApp(app=app(), path="x"), is_blocked=True)
    there_and_back, way_back = (
        next(iter(rehearsed(one).values())) for one in (blocked, replace(migrated(app()), is_blocked=True))
    )
    row = rows(there_and_back)["web-server"]
    assert row.verdict is LoginVerdict.SAME
    for outcome in (row.before, row.after, row.after_revert):
        assert outcome is not None
        assert outcome.error == "OAUTH_APP_BLOCKED"
    assert row.reason == "The app is blocked, or switched off."
    now = rows(way_back)["web-server"].after
    assert now is not None
    assert now.error == "OAUTH_APP_BLOCKED"
