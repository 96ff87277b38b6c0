"""A plan of apps of every kind, and what `verify` said of them, for tests of the runbook."""

from __future__ import annotations

import json
from pathlib import Path

from tests.plans.project import CANVAS, run
from tests.project.files import connected_app, lay

PIPELINE = "<certificate>MIIC</certificate>"
OWNERS = (
    "app,owner,contact,wave\n"
    "Billing,Finance,fin@example.com,1\n"
    "Portal,Web <b>,web@example.com,2\n"
    "Old,,,10\n"
    "Pipeline,Platform,,1\n"
)
LOGINS = (
    "Username,Login Time,Application,Login Subtype,Status\n"
    "int@example.com,2026-11-03T09:30:00.000+0000,Billing,OauthUsernamePassword,Success\n"
)


def project(folder: Path) -> Path:
    """Lay a project: a wave each, one app of the pipeline, one blocked, one without a wave."""
    localhost = connected_app("Pipeline", "3MVG9.Pipeline", config=PIPELINE).replace(
        "https://billing.example.com/callback", "http://localhost:1717/OauthRedirect"
    )
    return lay(
        folder,
        {
            "Billing.connectedApp-meta.xml": connected_app("Billing", "3MVG9.Billing"),
            "Portal.connectedApp-meta.xml": connected_app("*Portal* &lt;script&gt;", "3MVG9.Portal"),
            "Old.connectedApp-meta.xml": connected_app("Old", "3MVG9.Old"),
            "Pipeline.connectedApp-meta.xml": localhost,
            "Tile.connectedApp-meta.xml": connected_app("Tile", "3MVG9.Tile", more=CANVAS),
            "Zebra.connectedApp-meta.xml": connected_app(
                "Zebra",
                "3MVG9.Zebra",
                more="<mobileAppConfig><devicePlatform>ios</devicePlatform></mobileAppConfig>",
            ),
        },
    )


def plan(folder: Path, *args: str | Path) -> Path:
    """Plan that project."""
    source = project(folder / "src")
    lay(folder, {"owners.csv": OWNERS, "logins.csv": LOGINS})
    path = folder / "plan.json"
    more = ("--owners", folder / "owners.csv", "--login-history", folder / "logins.csv")
    assert run("plan", source, "-o", path, *more, "--confirm-local", "--by", "Ida", *args).code == 2
    return path


def verified(folder: Path) -> Path:
    """Write what `verify --json` says: one is right, one differs, the others are not there."""
    differs = {
        "outcome": "differs",
        "component": "Old_oauthPlcy.ecaOauthPlcy",
        "path": "permittedUsersPolicyType",
        "expected": "AdminApprovedPreAuthorized",
        "found": "AllSelfAuthorized",
    }
    hidden = {**differs, "outcome": "not retrieved", "path": "startUrl"}
    lines = [{**differs, "path": f"path{number}"} for number in range(12)]
    apps = [
        {"api_name": "billing", "status": "verified", "lines": [hidden]},
        {"api_name": "Old", "status": "drift", "lines": [differs, hidden, *lines]},
        {"api_name": "Portal", "status": "not migrated", "lines": []},
    ]
    path = folder / "verified.json"
    path.write_text(json.dumps({"apps": apps, "errors": []}), encoding="utf-8")
    return path
