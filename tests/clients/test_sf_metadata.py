"""`sf` from npm, unmodified, with its own metadata: list, retrieve, deploy, check, delete."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from changeover.apps.types import TYPES
from tests.clients.served_org import ServedOrg
from tests.clients.sf import Sf, project
from tests.org.world import app

ADMINISTRATOR = "admin@acme.example"
KEY = "3MVG9.Pipeline_key"
ALIAS = ("--target-org", ADMINISTRATOR)
SETUP_TYPES = ("NotificationTypeConfig", "PermissionSet", "Profile", "UserProvisioningConfig")
EVERY_TYPE = [
    part for name in (*(entry.name for entry in TYPES), *SETUP_TYPES) for part in ("--metadata", name)
]


@pytest.fixture(scope="module")
def pipeline(org: ServedOrg) -> ServedOrg:
    """Return the org with the connected app that `sf` logs in with."""
    oauth = {
        "callback_url": "http://localhost:1717/OauthRedirect",
        "consumer_key": KEY,
        "certificate": org.pair.certificate,
        "is_admin_approved": True,
        "scopes": ("Api", "RefreshToken", "Web"),
    }
    (outcome,) = org.world.bring(app("Pipeline", oauth=oauth, profile_name=("System Administrator",)))
    assert outcome.result in {"created", "unchanged"}, outcome
    return org


def logged_in(org: ServedOrg, folder: Path) -> Sf:
    """Return `sf` in a fresh project, logged in as the administrator."""
    key = folder / "key.pem"
    key.write_bytes(org.pair.pem)
    (folder / "home").mkdir()
    sf = Sf(folder / "home", org.environment, project(folder / "project"))
    log_in(sf, org, key)
    return sf


def log_in(sf: Sf, org: ServedOrg, key: Path) -> Any:
    return sf.good(
        *("org", "login", "jwt", "--client-id", KEY, "--jwt-key-file", str(key)),
        *("--username", ADMINISTRATOR, "--instance-url", org.url),
    )


@pytest.fixture
def sf(pipeline: ServedOrg, tmp_path: Path) -> Sf:
    return logged_in(pipeline, tmp_path)


def source(sf: Sf, name: str, label: str, more: str = "") -> Path:
    """Write a connected app into the project."""
    folder = sf.project / "force-app" / "main" / "default" / "connectedApps"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.connectedApp-meta.xml"
    file.write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">\n'
        "    <contactEmail>owner@acme.example</contactEmail>\n"
        f"    <label>{label}</label>\n"
        "    <oauthConfig>\n"
        f"        <callbackUrl>https://{name.lower()}.example/callback</callbackUrl>\n"
        "        <scopes>Api</scopes>\n"
        "    </oauthConfig>\n"
        "    <oauthPolicy>\n"
        "        <ipRelaxation>ENFORCE</ipRelaxation>\n"
        "        <refreshTokenPolicy>infinite</refreshTokenPolicy>\n"
        "    </oauthPolicy>\n"
        f"{more}</ConnectedApp>\n",
        encoding="utf-8",
    )
    return file


def _file(root: str, inner: str) -> str:
    head = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="http://soap.sforce.com/2006/04/metadata">\n'
    )
    return f"{head}{inner}</{root}>\n"


DEFAULT = "force-app/main/default"
MADE_UP = {
    f"{DEFAULT}/permissionsets/Ledger_Watch.permissionset-meta.xml": _file(
        "PermissionSet",
        "    <classAccesses>\n        <apexClass>Sync</apexClass>\n        <enabled>true</enabled>\n"
        "    </classAccesses>\n    <hasActivationRequired>false</hasActivationRequired>\n"
        "    <label>Ledger Watch</label>\n    <userPermissions>\n        <enabled>true</enabled>\n"
        "        <name>ExternalClientAppViewer</name>\n    </userPermissions>\n",
    ),
    f"{DEFAULT}/notificationTypeConfig/NotificationTypeConfig.config-meta.xml": _file(
        "NotificationTypeConfig",
        "    <notificationTypeSettings>\n        <appSettings>\n"
        "            <connectedAppName>Pipeline</connectedAppName>\n            <enabled>true</enabled>\n"
        "        </appSettings>\n        <notificationChannels>\n"
        "            <desktopEnabled>true</desktopEnabled>\n        </notificationChannels>\n"
        "        <notificationType>chatter_mention</notificationType>\n    </notificationTypeSettings>\n",
    ),
    f"{DEFAULT}/userProvisioningConfigs/Ledger_Users.userProvisioningConfig-meta.xml": _file(
        "UserProvisioningConfig",
        "    <connectedApp>Pipeline</connectedApp>\n    <enabled>false</enabled>\n"
        "    <masterLabel>Ledger Users</masterLabel>\n",
    ),
}


def written(sf: Sf) -> list[str]:
    """Write the project that someone made up; returns what `sf` deploys of it."""
    for path, content in MADE_UP.items():
        file = sf.project / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    return [part for path in MADE_UP for part in ("--source-dir", path)]


@pytest.mark.slow
def test_list_and_retrieve(sf: Sf, pipeline: ServedOrg) -> None:
    pipeline.world.bring(app("Ledger"))
    pipeline.world.migrated("Ledger")
    listed = sf.good("org", "list", "metadata", "--metadata-type", "ConnectedApp", *ALIAS)
    assert {"Ledger", "Pipeline"} <= {one["fullName"] for one in listed}
    types = sf.good("org", "list", "metadata-types", *ALIAS)
    assert {entry.name for entry in TYPES} <= {one["xmlName"] for one in types["metadataObjects"]}
    got = sf.good("project", "retrieve", "start", *EVERY_TYPE, *ALIAS)
    assert got["success"] is True
    files = {file.name for file in (sf.project / "force-app").rglob("*-meta.xml")}
    assert {
        "Ledger.connectedApp-meta.xml",
        "Ledger.eca-meta.xml",
        "Ledger_glbloauth.ecaGlblOauth-meta.xml",
        "Ledger_oauthPlcy.ecaOauthPlcy-meta.xml",
    } <= files
    missing = sf.good("project", "retrieve", "start", "--metadata", "ConnectedApp:Nobody", *ALIAS)
    assert "cannot be found" in missing["messages"][0]["problem"]
    # What was retrieved is deployed again as it is, and so is a project that someone made up.
    setup = [*written(sf), "--source-dir", "force-app/main/default/profiles/ReadOnly.profile-meta.xml"]
    done = sf.good("project", "deploy", "start", *setup, *ALIAS)
    assert {one["fullName"]: one["state"] for one in done["files"]} == {
        "Ledger_Users": "Created",
        "Ledger_Watch": "Created",
        "NotificationTypeConfig": "Created",
        "ReadOnly": "Unchanged",
    }
    made = {path: (sf.project / path).read_bytes() for path in MADE_UP}
    for path in made:
        (sf.project / path).unlink()
    sf.good("project", "retrieve", "start", *EVERY_TYPE[-2 * len(SETUP_TYPES) :], *ALIAS)
    assert {path: (sf.project / path).read_bytes() for path in MADE_UP} == made


@pytest.mark.slow
def test_deploy_check_and_fail(sf: Sf, pipeline: ServedOrg) -> None:
    world = pipeline.world
    world.bring(app("Payroll"))
    before = world.record("Payroll").version
    file = source(sf, "Payroll", "Payroll 2")
    start = ("project", "deploy", "start", "--source-dir", "force-app", *ALIAS)
    checked = sf.good(*start, "--dry-run")
    assert (checked["status"], checked["checkOnly"]) == ("Succeeded", True)
    assert world.record("Payroll").version == before
    done = sf.good(*start)
    assert [one["state"] for one in done["files"]] == ["Changed"]
    assert world.record("Payroll").label == "Payroll 2"
    assert [one["state"] for one in sf.good(*start)["files"]] == ["Unchanged"]
    source(sf, "Payroll", "Payroll 3", "    <profileName>Nobody</profileName>\n")
    failed = sf.bad(*start)
    (told,) = [one for one in failed["result"]["files"] if one["state"] == "Failed"]
    assert "no profile “Nobody”" in told["error"]
    assert (told["lineNumber"], told["columnNumber"]) == (13, 5)
    assert world.record("Payroll").label == "Payroll 2"
    # What the report says later, from whichever process of the server.
    again = sf.good("project", "deploy", "report", "--job-id", failed["result"]["id"], *ALIAS)
    assert again["status"] == "Failed"
    assert file.exists()


@pytest.mark.slow
def test_delete(sf: Sf, pipeline: ServedOrg) -> None:
    world = pipeline.world
    world.bring(app("Orders"), app("Invoices"))
    world.migrated("Orders")
    sf.good("project", "retrieve", "start", "--metadata", "ExternalClientApplication:Orders", *ALIAS)
    deleted = sf.good(
        *("project", "delete", "source", "--metadata", "ExternalClientApplication:Orders", "--no-prompt"),
        *ALIAS,
    )
    assert deleted["status"] == "Succeeded" or deleted["status"] == 0, deleted
    assert not world.record("Orders").read_only
    manifest = sf.project / "package.xml"
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<Package xmlns="http://soap.sforce.com/2006/04/metadata">'
    manifest.write_text(f"{head}<version>67.0</version></Package>", encoding="utf-8")
    gone = sf.project / "destructiveChanges.xml"
    gone.write_text(
        f"{head}<types><members>Invoices</members><members>Nobody</members><name>ConnectedApp</name></types>"
        "<version>67.0</version></Package>",
        encoding="utf-8",
    )
    done = sf.good(
        *("project", "deploy", "start", "--manifest", str(manifest)),
        *("--post-destructive-changes", str(gone), "--purge-on-delete"),
        *ALIAS,
    )
    rows = {one["fullName"]: one for one in done["details"]["componentSuccesses"]}
    assert rows["Invoices"]["deleted"] is True
    assert rows["Nobody"]["problemType"] == "Warning"
    with world.read() as unit:
        assert unit.apps.get(world.org_id, "Invoices") is None
