"""Secrets apart from documents: out of sight, sealed, and back in place where they belong."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from changeover.apps.building import from_leaves
from changeover.apps.connected_app import ConnectedApp
from changeover.apps.document import Leaf, leaves
from changeover.apps.external_client_app import ExtlClntAppGlobalOauthSettings
from changeover.apps.secrets import MASK, is_secret
from changeover.org.app_manager import plan_migration, view_app
from changeover.org.connected_apps import edit_app
from changeover.org.external_client_app_edits import edit_settings
from changeover.org.external_client_apps import view_external_client_app
from changeover.org.secrecy import bare, secrets_of, still_there, with_secrets
from tests.org.world import SECRET, World, app

_END = "PRIVATE KEY-----"
PASTED = f"-----BEGIN CERTIFICATE-----\nMIIC\n-----BEGIN {_END}\nTHE-PASTED-KEY\n-----END {_END}"


def _certificate(world: World) -> str | None:
    with world.read() as unit:
        record = unit.apps.get(world.org_id, "Billing")
        assert record is not None
        oauth = unit.apps.unsealed(record).oauth_config
    assert oauth is not None
    return oauth.certificate


def test_a_private_key_that_someone_pasted_is_sealed_too(world: World) -> None:
    given_app = app(oauth={"certificate": PASTED, "consumer_secret": SECRET})
    world.bring(given_app)
    shown = world.see(view_app, "Billing").document.oauth_config
    assert (shown.certificate, shown.consumer_secret) == (MASK, None)
    assert _certificate(world) == PASTED
    # An edit of something else leaves it, and the same file again is no news.
    world.do(edit_app, "Billing", {"description": "New"}, seen_version=None)
    world.do(edit_app, "Billing", {"description": None}, seen_version=None)
    assert _certificate(world) == PASTED
    assert [one.result for one in world.bring(given_app)] == ["unchanged"]
    assert "THE-PASTED-KEY" not in repr(world.see(plan_migration, "Billing"))
    made = world.migrated()
    assert "THE-PASTED-KEY" not in repr(made)
    with world.read() as unit:
        settings = unit.external.unsealed(made.app_id).part(ExtlClntAppGlobalOauthSettings)
    assert settings is not None
    assert (settings.certificate, settings.consumer_secret) == (PASTED, SECRET)
    world.do(edit_settings, "Billing", {"ecaGlblOauth/certificate": "MIIC"}, seen_version=None)
    after = world.see(view_external_client_app, "Billing").app.part(ExtlClntAppGlobalOauthSettings)
    assert after.certificate == "MIIC"
    with world.read() as unit:
        settings = unit.external.unsealed(made.app_id).part(ExtlClntAppGlobalOauthSettings)
    assert settings is not None
    assert (settings.certificate, settings.consumer_secret) == ("MIIC", SECRET)
    world.house.close()
    assert b"THE-PASTED-KEY" not in world.on_disk()


def test_a_private_key_in_the_header_of_an_external_client_app_is_sealed_too(world: World) -> None:
    world.bring(app(description=PASTED))
    made = world.migrated()
    assert made.app.header.description == MASK
    with world.read() as unit:
        whole = unit.external.unsealed(made.app_id)
    assert whole.header.description == PASTED
    # An edit of something else leaves it, and the same app again is no news.
    world.do(edit_settings, "Billing", {"eca/contactEmail": "new@example.com"}, seen_version=None)
    with world.read() as unit:
        whole = unit.external.unsealed(made.app_id)
    assert (whole.header.description, whole.header.contact_email) == (PASTED, "new@example.com")
    assert [one.result for one in world.bring(whole)] == ["unchanged"]
    world.do(edit_settings, "Billing", {"eca/description": "Nothing"}, seen_version=None)
    with world.read() as unit:
        assert unit.external.unsealed(made.app_id).header.description == "Nothing"
    world.house.close()
    assert b"THE-PASTED-KEY" not in world.on_disk()


def test_another_certificate_takes_the_place_of_a_pasted_key(world: World) -> None:
    world.bring(app(oauth={"certificate": PASTED}))
    world.do(edit_app, "Billing", {"oauthConfig/certificate": "MIIC"}, seen_version=None)
    assert _certificate(world) == "MIIC"
    world.do(edit_app, "Billing", {"oauthConfig/certificate": None}, seen_version=None)
    assert _certificate(world) is None


NAMES = st.sampled_from(
    ["label", "description", "oauthConfig/consumerSecret", "oauthConfig/certificate", "password"]
)
VALUES = st.sampled_from(["", "plain", MASK, "a-secret", PASTED])


@given(st.dictionaries(NAMES, VALUES))
def test_apart_and_together_again(values: dict[str, Any]) -> None:
    document = from_leaves(ConnectedApp, "Any", (Leaf(path, value) for path, value in values.items()))
    shown, secrets = bare(document), secrets_of(document)
    for leaf in leaves(shown):
        assert leaf.value != PASTED
        assert not is_secret(leaf.path) or leaf.value in {"", MASK}
    assert set(leaves(with_secrets(shown, secrets))) == set(leaves(document))
    assert secrets_of(shown) == {}
    assert still_there(shown, secrets) == secrets


@given(st.dictionaries(NAMES, VALUES), st.dictionaries(NAMES, VALUES))
def test_what_was_replaced_does_not_come_back(old: dict[str, Any], new: dict[str, Any]) -> None:
    before = from_leaves(ConnectedApp, "Any", (Leaf(path, value) for path, value in old.items()))
    after = from_leaves(ConnectedApp, "Any", (Leaf(path, value) for path, value in new.items()))
    kept = still_there(bare(after), secrets_of(before) | secrets_of(after)) | secrets_of(after)
    whole = {leaf.path: leaf.value for leaf in leaves(with_secrets(bare(after), kept))}
    for path, value in new.items():
        if value != MASK:
            assert whole[path] == value
