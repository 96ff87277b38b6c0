"""A migration from end to end with Salesforce's own tools, and the integration's key at each stage."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from changeover.org.company import edit_org
from tests.article.setup_pages import SetupPages
from tests.clients.served_org import ServedOrg
from tests.clients.sf import Sf, project
from tests.clients.test_sf_metadata import ADMINISTRATOR, ALIAS, EVERY_TYPE, logged_in, pipeline
from tests.serving.served import CHANGEOVER, environment

__all__ = ["pipeline"]

KEY = "3MVG9.Story_key"


def app_file(folder: Path, certificate: str, label: str) -> None:
    """Write the connected app of the integration into a project."""
    file = folder / "force-app" / "main" / "default" / "connectedApps" / "Story.connectedApp-meta.xml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">\n'
        "    <contactEmail>owner@acme.example</contactEmail>\n"
        f"    <label>{label}</label>\n"
        "    <oauthConfig>\n"
        "        <callbackUrl>https://story.example/callback</callbackUrl>\n"
        f"        <certificate>{certificate}</certificate>\n"
        f"        <consumerKey>{KEY}</consumerKey>\n"
        "        <isAdminApproved>true</isAdminApproved>\n"
        "        <scopes>Api</scopes>\n"
        "        <scopes>RefreshToken</scopes>\n"
        "    </oauthConfig>\n"
        "    <oauthPolicy>\n"
        "        <ipRelaxation>ENFORCE</ipRelaxation>\n"
        "        <refreshTokenPolicy>infinite</refreshTokenPolicy>\n"
        "    </oauthPolicy>\n"
        "    <profileName>System Administrator</profileName>\n"
        "</ConnectedApp>\n",
        encoding="utf-8",
    )


def changeover(*arguments: str) -> Any:
    """Run our own command; it must find nothing amiss."""
    done = subprocess.run(
        [CHANGEOVER, *arguments, "--json"], env=environment(), capture_output=True, check=False, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def same_key_logs_in(org: ServedOrg, sf: Sf, folder: Path, stage: str) -> None:
    """Log in with the integration's own key, from a home that has never seen the org."""
    home = folder / f"home {stage}"
    home.mkdir()
    found = Sf(home, sf.environment, sf.project).good(
        *("org", "login", "jwt", "--client-id", KEY, "--jwt-key-file", str(folder / "key.pem")),
        *("--username", ADMINISTRATOR, "--instance-url", org.url),
    )
    assert found["username"] == ADMINISTRATOR, stage


@pytest.mark.slow
@pytest.mark.browser
def test_the_whole_story(pipeline: ServedOrg, tmp_path: Path, page: Page) -> None:
    org, world = pipeline, pipeline.world
    with world.unit() as unit:
        edit_org(unit, world.admin, {"connected_app_creation_allowed": True}, seen_version=None)
    sf = logged_in(org, tmp_path)
    start = ("project", "deploy", "start", "--source-dir", "force-app", *ALIAS)

    app_file(sf.project, org.pair.certificate, "Story")
    assert [one["state"] for one in sf.good(*start)["files"]] == ["Created"]
    same_key_logs_in(org, sf, tmp_path, "connected app")

    expected = tmp_path / "expected"
    changeover("convert", str(sf.project), "Story", "--output", str(expected))
    setup = SetupPages(page, org.server.address)
    setup.sign_in(ADMINISTRATOR, world.password)
    setup.migrate("Story")
    assert world.record("Story").read_only
    same_key_logs_in(org, sf, tmp_path, "external client app")

    brought = Sf(sf.home, sf.environment, project(tmp_path / "brought"))
    brought.good("project", "retrieve", "start", *EVERY_TYPE, *ALIAS)
    assert list((brought.project / "force-app").rglob("Story.eca-meta.xml"))
    verified = changeover("verify", str(sf.project), str(brought.project), "Story")
    assert [one["status"] for one in verified["apps"]] == ["verified"], verified
    for file in sorted(expected.rglob("Story*-meta.xml")):
        assert list(brought.project.rglob(file.name)), file.name

    app_file(sf.project, org.pair.certificate, "Edited")
    refused = sf.bad(*start)
    (told,) = [one for one in refused["result"]["files"] if one["state"] == "Failed"]
    assert "E-APP-READ-ONLY" in told["error"]

    brought.good(
        *("project", "delete", "source", "--metadata", "ExternalClientApplication:Story", "--no-prompt"),
        *ALIAS,
    )
    assert not world.record("Story").read_only
    same_key_logs_in(org, sf, tmp_path, "connected app again")
    assert [one["state"] for one in sf.good(*start)["files"]] == ["Changed"]
    assert world.record("Story").label == "Edited"
