"""jsforce from npm, unmodified: SOAP login, and every call of its Metadata API that a local org answers."""

from __future__ import annotations

import zipfile
from pathlib import Path

from changeover.org.company import edit_org
from tests.clients.served_org import Driver, ServedOrg
from tests.org.world import app
from tests.salesforce.soap.client import connected_app, package, packed

ADMINISTRATOR = "admin@acme.example"


def test_jsforce_logs_in_and_speaks_metadata(org: ServedOrg, tmp_path: Path) -> None:
    org.world.bring(app("Metered"))
    with org.world.unit() as unit:
        edit_org(unit, org.world.admin, {"connected_app_creation_allowed": False}, seen_version=None)
    sent, brought = tmp_path / "sent.zip", tmp_path / "brought.zip"
    files = {
        "package.xml": package({"ConnectedApp": ("Metered",)}, "62.0"),
        "connectedApps/Metered.connectedApp": connected_app("Deployed"),
    }
    sent.write_bytes(packed(files))
    found = Driver("jsforce_metadata.mjs", org, org.environment).run(
        {
            "url": org.url,
            "username": ADMINISTRATOR,
            "password": org.world.password,
            "zip": str(sent),
            "brought": str(brought),
        }
    )
    user_id, org_id, instance = found["login"]
    assert (user_id, org_id) == (org.world.admin.user_id, org.world.org_id)
    assert instance.startswith("https://127.0.0.1:")
    assert "INVALID_LOGIN" in found["wrong"]
    assert {"ConnectedApp", "ExternalClientApplication"} <= set(found["types"])
    assert "Metered" in found["listed"]
    assert found["read"] == ["Metered", None]
    for name, created in (("upserted", False), ("updated", None)):
        (result,) = found[name]
        assert (result["fullName"], result["success"], result.get("created")) == ("Metered", True, created)
    (refused,) = found["created"]
    assert refused["success"] is False
    assert "E-CREATION-OFF" in str(refused["errors"])
    assert found["label"] == "Updated"
    assert found["retrieved"] == [True, "Succeeded"]
    with zipfile.ZipFile(brought) as archive:
        assert sorted(archive.namelist()) == ["connectedApps/Metered.connectedApp", "package.xml"]
    assert found["deployed"] == [True, "Succeeded", 1]
    assert found["deleted"] == [True, False]
    assert "INVALID_SESSION_ID" in found["after"]
