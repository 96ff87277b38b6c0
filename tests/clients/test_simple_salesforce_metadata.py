"""simple-salesforce, unmodified: SOAP login, and its Metadata API, whose WSDL is Salesforce's 63.0."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceAuthenticationFailed

from tests.clients.served_org import DOMAIN, ServedOrg
from tests.org.world import app
from tests.salesforce.soap.client import connected_app, package, packed

ADMINISTRATOR = "admin@acme.example"


@pytest.fixture(autouse=True)
def proxied(org: ServedOrg, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in org.proxied.items():
        monkeypatch.setenv(name, value)


def logged_in(org: ServedOrg, password: str = "") -> Any:
    return Salesforce(
        username=ADMINISTRATOR,
        password=password or org.world.password,
        security_token="",
        domain=f"{DOMAIN}.my",
        version="62.0",
    )


def test_login_with_a_username_and_a_password(org: ServedOrg) -> None:
    session = logged_in(org)
    assert session.sf_instance == f"{DOMAIN}.my.salesforce.com"
    by_org = Salesforce(
        username=ADMINISTRATOR,
        password=org.world.password,
        organizationId=org.world.org_id,
        domain=f"{DOMAIN}.my",
        version="62.0",
    )
    assert by_org.session_id
    with pytest.raises(SalesforceAuthenticationFailed, match="INVALID_LOGIN"):
        logged_in(org, "not the password")


def test_list_read_write_and_delete_by_its_wsdl(org: ServedOrg) -> None:
    org.world.bring(app("Zeep"))
    org.world.bring(app("Zeep_Gone"))
    org.world.migrated("Zeep_Gone")
    mdapi = logged_in(org).mdapi
    described = mdapi.describe_metadata()
    assert "ExtlClntAppOauthSettings" in {one.xmlName for one in described.metadataObjects}
    query = mdapi._client.get_type("ns0:ListMetadataQuery")(type="ConnectedApp")
    assert {"Zeep", "Zeep_Gone"} <= {one.fullName for one in mdapi.list_metadata([query])}
    read = mdapi.ConnectedApp.read("Zeep")
    assert (read.fullName, read.oauthConfig.consumerKey) == ("Zeep", "3MVG9.Zeep_key")
    read.label = "Written by zeep"
    mdapi.ConnectedApp.update([read])
    assert org.world.record("Zeep").label == "Written by zeep"
    policies = mdapi.ExtlClntAppOauthConfigurablePolicies.read("Zeep_Gone_oauthPlcy")
    assert policies.externalClientApplication == "Zeep_Gone"
    frozen = mdapi.ConnectedApp.read("Zeep_Gone")
    with pytest.raises(Exception, match="ENTITY_IS_LOCKED"):
        mdapi.ConnectedApp.update([frozen])
    mdapi.ExternalClientApplication.delete(["Zeep_Gone"])
    assert not org.world.record("Zeep_Gone").read_only


def test_retrieve_and_deploy(org: ServedOrg, tmp_path: Path) -> None:
    org.world.bring(app("Zipped"))
    session = logged_in(org)
    job_id, state = session.mdapi.retrieve("", unpackaged={"ConnectedApp": ["Zipped"]})
    assert job_id
    assert state
    state, _, messages = session.mdapi.check_retrieve_status(job_id)
    assert (state, messages) == ("Succeeded", [])
    _, _, _, brought = session.mdapi.retrieve_zip(job_id)
    with zipfile.ZipFile(io.BytesIO(brought)) as archive:
        assert "connectedApps/Zipped.connectedApp" in archive.namelist()
    sent = tmp_path / "sent.zip"
    for content, done in ((connected_app("Deployed"), "Succeeded"), ("<ConnectedApp/>", "Failed")):
        files = {
            "package.xml": package({"ConnectedApp": ("Zipped",)}, "62.0"),
            "connectedApps/Zipped.connectedApp": content,
        }
        sent.write_bytes(packed(files))
        deployed = session.deploy(str(sent), sandbox=False)
        told = session.checkDeployStatus(deployed["asyncId"])
        assert told["state"] == done, told
        assert told["deployment_detail"]["total_count"] == "1"
    assert org.world.record("Zipped").label == "Deployed"
