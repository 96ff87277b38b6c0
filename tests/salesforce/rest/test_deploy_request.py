"""`metadata/deployRequest`: the parts as sf and CumulusCI send them, results, and what is refused."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from changeover.org.permissions import Permission
from tests.attack.conftest import stored
from tests.salesforce.rest.conftest import Api
from tests.salesforce.rest.test_rest import told
from tests.salesforce.soap.client import connected_app, package
from tests.web.conftest import Office

DEPLOY = "metadata/deployRequest"
ONE = {"ConnectedApp": ("Billing",)}
FILE = "connectedApps/Billing.connectedApp"


def zipped(files: Mapping[str, str]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return made.getvalue()


def parts_of_sf(sent: bytes, **options: Any) -> list[tuple[str, Any]]:
    """The zip first, under the name of its package.xml."""
    body = json.dumps({"deployOptions": {"rollbackOnError": True, "singlePackage": True, **options}})
    return [
        ("file", ("package.xml", sent, "application/zip")),
        ("entity_content", (None, body, "application/json")),
    ]


def parts_of_cumulusci(sent: bytes, **options: Any) -> list[tuple[str, Any]]:
    """The options first, booleans as texts."""
    said = {"testLevel": None, "rollbackOnError": "true", "checkOnly": "false", **options}
    return [
        ("json", (None, json.dumps({"deployOptions": said}), "application/json")),
        ("file", ("deploy.zip", sent, "application/zip")),
    ]


def label_of(office: Office) -> str | None:
    with office.house.units.read() as unit:
        record = unit.apps.get(office.admin.org_id, "Billing")
    return record.label if record is not None else None


@pytest.mark.parametrize("parts", [parts_of_sf, parts_of_cumulusci])
def test_a_zip_is_deployed(office: Office, api: Api, parts: Callable[..., Any]) -> None:
    sent = zipped({"package.xml": package(ONE), FILE: connected_app("Billing 2")})
    tried = api.request("POST", DEPLOY, files=parts(sent, checkOnly=True))
    assert tried.status_code == 201, tried.text
    checked = api.get(f"{DEPLOY}/{tried.json()['id']}").json()
    assert checked["deployResult"]["checkOnly"] is True
    assert checked["deployResult"]["details"] == {}
    assert label_of(office) == "Billing"
    done = api.request("POST", DEPLOY, files=parts(sent))
    job = done.json()["id"]
    assert job.startswith("0Af")
    answer = api.get(f"{DEPLOY}/{job}/", includeDetails="true").json()
    assert answer["id"] == job
    result = answer["deployResult"]
    assert (result["status"], result["done"], result["success"]) == ("Succeeded", True, True)
    assert "Billing" in [row["fullName"] for row in result["details"]["componentSuccesses"]]
    assert label_of(office) == "Billing 2"
    assert (
        told(api.request("PATCH", f"{DEPLOY}/{job}", json={"deployResult": {"status": "Canceling"}}))[0]
        == 400
    )


def test_a_refused_component_stands_in_the_result(office: Office, api: Api) -> None:
    sent = zipped({"package.xml": package(ONE), FILE: "<ConnectedApp>"})
    before = stored(office)
    job = api.request("POST", DEPLOY, files=parts_of_sf(sent)).json()["id"]
    result = api.get(f"{DEPLOY}/{job}", includeDetails="true").json()["deployResult"]
    assert (result["status"], result["success"]) == ("Failed", False)
    (row,) = [row for row in result["details"]["componentFailures"] if row["fullName"] != "package.xml"]
    assert row["problem"]
    # CumulusCI needs both, whatever they say.
    assert {"lineNumber", "columnNumber"} <= row.keys()
    assert stored(office) == before


def test_a_job_is_its_users(office: Office, api: Api, api_of: Callable[..., Api]) -> None:
    sent = zipped({"package.xml": package(ONE), FILE: connected_app()})
    job = api.request("POST", DEPLOY, files=parts_of_sf(sent)).json()["id"]
    office.user("int@acme.example", [Permission.VIEW_SETUP])
    other = api_of("int@acme.example")
    for method in ("GET", "PATCH"):
        assert told(other.request(method, f"{DEPLOY}/{job}")) == (404, "NOT_FOUND")
    assert told(api.get(f"{DEPLOY}/0Af000000000000AAA")) == (404, "NOT_FOUND")
    before = label_of(office)
    changed = zipped({"package.xml": package(ONE), FILE: connected_app("Stolen")})
    answer = other.request("POST", DEPLOY, files=parts_of_sf(changed))
    result = other.get(f"{DEPLOY}/{answer.json()['id']}").json()["deployResult"]
    assert not result["success"]
    assert label_of(office) == before


def test_what_is_no_deployment(api: Api) -> None:
    zip_only = [("file", ("a.zip", zipped({"package.xml": package(ONE)}), "application/zip"))]
    assert told(api.request("POST", DEPLOY, files=zip_only)) == (400, "INVALID_INPUT")
    assert told(api.request("POST", DEPLOY, json={"deployOptions": {}})) == (400, "INVALID_INPUT")
    broken = [*zip_only, ("json", ("o.json", b"{", "application/json"))]
    assert told(api.request("POST", DEPLOY, files=broken)) == (400, "JSON_PARSER_ERROR")
    odd = [
        *zip_only,
        ("json", (None, json.dumps({"deployOptions": {"checkOnly": "maybe"}}), "application/json")),
    ]
    assert told(api.request("POST", DEPLOY, files=odd)) == (400, "INVALID_INPUT")
    assert told(api.request("GET", DEPLOY)) == (405, "METHOD_NOT_ALLOWED")
