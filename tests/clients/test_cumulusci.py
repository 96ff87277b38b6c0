"""CumulusCI from PyPI, unmodified, in an environment of its own: JWT session, list, retrieve, deploy."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from changeover.org.app_manager import view_app
from tests.clients.served_org import ServedOrg
from tests.org.world import app
from tools.prepare import CUMULUSCI

ADMINISTRATOR = "admin@acme.example"
KEY = "3MVG9.CumulusCI_key"
VERSION = "63.0"
# A line each: CumulusCI cuts the root element out line by line.
MANIFEST = f"""<?xml version="1.0" encoding="UTF-8"?>
<Package xmlns="http://soap.sforce.com/2006/04/metadata">
    <types>
        <members>Cumulus_CI</members>
        <name>ConnectedApp</name>
    </types>
    <version>{VERSION}</version>
</Package>
"""
FILE = "connectedApps/Cumulus_CI.connectedApp"


@pytest.fixture(scope="module")
def pipeline(org: ServedOrg) -> ServedOrg:
    """Return the org with the app that CumulusCI logs in with, and that it deploys."""
    oauth = {
        "callback_url": "http://localhost:1717/OauthRedirect",
        "consumer_key": KEY,
        "certificate": org.pair.certificate,
        "is_admin_approved": True,
        "scopes": ("Api", "RefreshToken", "Web"),
    }
    (outcome,) = org.world.bring(app("Cumulus_CI", oauth=oauth, profile_name=("System Administrator",)))
    assert outcome.result == "created", outcome
    return org


def run(org: ServedOrg, file: str, over_rest: str) -> dict[str, Any]:
    asked = {
        "url": org.server.https_address,
        "key": KEY,
        "pem": org.pair.pem.decode(),
        "username": ADMINISTRATOR,
        "version": VERSION,
        "manifest": MANIFEST,
        "package": {"package.xml": MANIFEST, FILE: file},
        "rest_package": {"package.xml": MANIFEST, FILE: over_rest},
    }
    done = subprocess.run(
        [CUMULUSCI / "bin" / "python", Path(__file__).with_name("cumulusci_driver.py")],
        input=json.dumps(asked),
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(org.folder),
            "SF_PROD_LOGIN_URL": org.server.https_address,
            **org.environment,
        },
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_it_logs_in_lists_retrieves_and_deploys(pipeline: ServedOrg) -> None:
    first = run(pipeline, "<not-an-app/>", "<not-an-app/>")
    assert "Cumulus_CI" in first["listed"]
    retrieved = first["retrieved"]
    assert f"<consumerKey>{KEY}</consumerKey>" in retrieved[FILE]
    assert "consumerSecret" not in retrieved[FILE]
    assert "Cumulus_CI" in first["deployed"]
    assert first["deployed"] != "Success"
    edited = retrieved[FILE].replace("<label>", "<description>By CumulusCI.</description>\n    <label>")
    # Over REST, in a folder of the zip and with its switches as texts.
    assert first["deployed_over_rest"].startswith(f"ERROR in file {FILE}: ")
    second = run(pipeline, edited, edited.replace("By CumulusCI.", "By CumulusCI over REST."))
    assert (second["deployed"], second["deployed_over_rest"]) == ("Success", "Success")
    assert pipeline.world.see(view_app, "Cumulus_CI").document.description == "By CumulusCI over REST."
