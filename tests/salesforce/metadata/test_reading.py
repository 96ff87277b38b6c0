"""describeMetadata, listMetadata, readMetadata, retrieve; each answer is held to Salesforce's WSDL 63.0."""

from __future__ import annotations

import base64
import io
import zipfile
from datetime import timedelta

import pytest

from changeover.apps.types import TYPES
from changeover.metadata.files import read_document
from changeover.org.migrate import migrate
from changeover.org.model.apps import Confirmation
from changeover.org.permissions import Permission
from changeover.salesforce.metadata.jobs import KEPT
from tests.attack.conftest import stored
from tests.salesforce.soap.client import Fault, Soap, many, names
from tests.web.conftest import Office

SECRET = "A-SECRET-OF-BILLING-0123456789"
FULL = {
    "oauthConfig/consumerSecret": SECRET,
    "oauthConfig/isPKImTLSEnabled": "true",
    "oauthConfig/isPkceRequired": "true",
    "oauthConfig/isDPopEnabled": "false",
    "oauthConfig/idTokenConfig/idTokenValidity": "5",
    "ipRanges[1]/start": "10.0.0.1",
    "ipRanges[1]/end": "10.0.0.9",
    "permissionSetName[1]": "Sales",
    "permissionSetName[2]": "Support",
    "startUrl": "https://billing.example/?a=1&b=<2>",
    "somethingNew": "kept in files",
}


@pytest.fixture(autouse=True)
def billing(office: Office) -> str:
    return office.connected_app("Billing", FULL)


def migrated(office: Office, name: str = "Billing") -> None:
    with office.house.units.unit() as unit:
        confirmation = Confirmation(local=True, no_username_password=True)
        migrate(unit, office.admin, name, confirmation)


def test_describe_has_the_types_of_the_version(soap: Soap) -> None:
    described = soap.call("<describeMetadata><asOfVersion>63.0</asOfVersion></describeMetadata>")
    found = {one["xmlName"]: (one["directoryName"], one["suffix"]) for one in described["metadataObjects"]}
    for entry in TYPES:
        assert (found.get(entry.name) == (entry.folder, entry.suffix)) is (entry.since <= 63), entry.name
    soap.version = "67.0"
    newest = soap.call("<describeMetadata/>")["metadataObjects"]
    assert {entry.name for entry in TYPES} <= {one["xmlName"] for one in newest}


def test_list(soap: Soap) -> None:
    migrated(soap.office)
    query = "<queries><type>{}</type></queries>"
    listed = soap.call(f"<listMetadata>{query.format('ConnectedApp')}</listMetadata>")
    assert (listed["fullName"], listed["type"]) == ("Billing", "ConnectedApp")
    assert listed["fileName"] == "connectedApps/Billing.connectedApp"
    assert listed["id"].startswith("0H4")
    assert listed["lastModifiedById"] == soap.office.admin.user_id
    three = "".join(
        query.format(name)
        for name in ("ExternalClientApplication", "ExtlClntAppOauthConfigurablePolicies", "ApexClass")
    )
    both = soap.call(f"<listMetadata>{three}<asOfVersion>63.0</asOfVersion></listMetadata>")
    assert [one["fullName"] for one in both] == ["Billing", "Billing_oauthPlcy"]
    assert soap.call(f"<listMetadata>{query.format('ExtlClntAppCanvasSettings')}</listMetadata>") is None
    with pytest.raises(Fault, match="LIMIT_EXCEEDED"):
        soap.call(f"<listMetadata>{query.format('ConnectedApp') * 4}</listMetadata>")


def test_read_in_the_order_and_the_fields_of_the_version(soap: Soap) -> None:
    read = "<readMetadata><type>ConnectedApp</type><fullNames>Billing</fullNames></readMetadata>"
    (result,) = soap.element(read)
    (record,) = result
    assert names(record)[0] == "fullName"
    oauth = next(child for child in record if child.tag.endswith("oauthConfig"))
    assert "isPkceRequired" in names(oauth)
    assert not {"isDPopEnabled", "isPKImTLSEnabled", "consumerSecret"} & set(names(oauth))
    assert "somethingNew" not in names(record)
    soap.version = "67.0"
    newest = soap.call(read)["records"]["oauthConfig"]
    assert (newest["isDPopEnabled"], newest["isPKImTLSEnabled"]) == ("false", "true")
    soap.version = "58.0"
    oldest = soap.call(read)["records"]
    assert "isPkceRequired" not in oldest["oauthConfig"]
    assert oldest["permissionSetName"] == ["Sales", "Support"]
    assert oldest["startUrl"] == "https://billing.example/?a=1&b=<2>"


def test_read_every_part_of_a_migrated_app(soap: Soap) -> None:
    migrated(soap.office)
    for name, full_name in (
        ("ExternalClientApplication", "billing"),
        ("ExtlClntAppGlobalOauthSettings", "Billing_glbloauth"),
        ("ExtlClntAppOauthSettings", "Billing_oauth"),
        ("ExtlClntAppOauthConfigurablePolicies", "Billing_oauthPlcy"),
        ("ExtlClntAppConfigurablePolicies", "Billing_plcy"),
    ):
        read = f"<readMetadata><type>{name}</type><fullNames>{full_name}</fullNames></readMetadata>"
        record = soap.call(read)["records"]
        assert record["fullName"].casefold() == full_name.casefold()
        assert "consumerSecret" not in record


def test_read_what_is_not_there(soap: Soap) -> None:
    read = "<readMetadata><type>ConnectedApp</type>{}</readMetadata>"
    several = "".join(f"<fullNames>{name}</fullNames>" for name in ("Nobody", "Billing"))
    (result,) = soap.element(read.format(several))
    nil, found = result
    assert nil.get("{http://www.w3.org/2001/XMLSchema-instance}nil") == "true"
    assert found.findtext("{*}fullName") == "Billing"
    with pytest.raises(Fault, match="INVALID_TYPE"):
        soap.call("<readMetadata><type>Nonsense</type><fullNames>a</fullNames></readMetadata>")
    with pytest.raises(Fault, match="INVALID_TYPE"):  # since 66
        soap.call(
            "<readMetadata><type>ExtlClntAppCanvasSettings</type><fullNames>a</fullNames></readMetadata>"
        )
    with pytest.raises(Fault, match="LIMIT_EXCEEDED"):
        soap.call(read.format("<fullNames>a</fullNames>" * 11))


def test_retrieve_brings_files_that_our_own_reader_takes(soap: Soap) -> None:
    migrated(soap.office)
    soap.version = "67.0"
    result, files = soap.retrieve({entry.name: ("*",) for entry in TYPES})
    assert result["success"] == "true"
    assert {one["fullName"] for one in many(result["fileProperties"])} >= {"Billing", "Billing_glbloauth"}
    manifest = files.pop("unpackaged/package.xml").decode()
    assert "<members>Billing_glbloauth</members>" in manifest
    assert "<version>67.0</version>" in manifest
    assert {name.split("/")[0] for name in files} == {"unpackaged"}
    documents = [read_document(data, path).document for path, data in files.items()]
    assert {document.full_name for document in documents} >= {"Billing", "Billing_plcy"}
    assert not any(SECRET.encode() in data for data in files.values())
    assert (
        b"<somethingNew>kept in files</somethingNew>"
        in files["unpackaged/connectedApps/Billing.connectedApp"]
    )


def test_retrieve_a_single_package_of_names_and_of_what_is_not_there(soap: Soap) -> None:
    wanted = {
        "ConnectedApp": ("Billing", "BILLING", "Nobody"),
        "ApexClass": ("*",),
        "ExtlClntAppCanvasSettings": ("*",),
    }
    result, files = soap.retrieve(wanted, "<singlePackage>true</singlePackage>")
    assert sorted(files) == ["connectedApps/Billing.connectedApp", "package.xml"]
    assert [one["problem"] for one in result["messages"]] == [
        "Entity of type 'ConnectedApp' named 'Nobody' cannot be found",
        "Entity type: 'ApexClass' is unknown",
        "Entity type: 'ExtlClntAppCanvasSettings' is not available in this api version",
    ]
    assert {one["fileName"] for one in result["messages"]} == {"package.xml"}


def test_retrieve_in_the_spelling_of_sf_and_in_parts(soap: Soap) -> None:
    request = (
        "<retrieve><request><apiVersion>62.0</apiVersion><unpackaged><types><name>ConnectedApp</name>"
        "<members>*</members></types></unpackaged></request></retrieve>"
    )
    started = soap.post(soap.body(request)).text
    job_id = started.partition("<id>")[2].partition("</id>")[0]
    status = f"<checkStatus><asyncProcessId>{job_id}</asyncProcessId></checkStatus>"
    soap.version = "62.0"
    assert soap.call(status)["state"] == "Completed"
    check = f"<checkRetrieveStatus><asyncProcessId>{job_id}</asyncProcessId>{{}}</checkRetrieveStatus>"
    assert soap.call(check.format("<includeZip>false</includeZip>"))["zipFile"] == ""
    whole = soap.call(check.format(""))
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(whole["zipFile"]))) as archive:
        manifest = archive.read("unpackaged/package.xml")
    assert b"<version>62.0</version>" in manifest


def test_a_version_of_the_package_that_does_not_exist(soap: Soap) -> None:
    with pytest.raises(Fault, match="UNSUPPORTED_API_VERSION"):
        soap.call("<retrieve><request><apiVersion>99.0</apiVersion></request></retrieve>")


def test_a_job_is_for_who_started_it_and_for_an_hour(soap: Soap) -> None:
    office = soap.office
    job_id = soap.call("<retrieve><retrieveRequest/></retrieve>")["id"]
    assert job_id.startswith("09S")
    check = f"<checkRetrieveStatus><asyncProcessId>{job_id}</asyncProcessId></checkRetrieveStatus>"
    assert soap.call(check)["done"] == "true"
    other = Soap.logged_in(office, office.user("second@acme.example", Permission))
    for client, operation in (
        (other, check),
        (soap, check.replace("RetrieveStatus", "DeployStatus")),
        (soap, check.replace(job_id, "../../x")),
    ):
        with pytest.raises(Fault, match="INVALID_CROSS_REFERENCE_KEY"):
            client.call(operation)
    office.clock.pass_by(KEPT)
    with pytest.raises(Fault, match="INVALID_CROSS_REFERENCE_KEY"):
        soap.call(check)


def test_permissions_hold(soap: Soap) -> None:
    office = soap.office
    clerk = Soap.logged_in(office, office.user("clerk@acme.example", [Permission.VIEW_SETUP]))
    before = stored(office)
    for operation in (
        "<listMetadata><queries><type>ConnectedApp</type></queries></listMetadata>",
        "<listMetadata><queries><type>ExternalClientApplication</type></queries></listMetadata>",
        "<readMetadata><type>ConnectedApp</type><fullNames>Billing</fullNames></readMetadata>",
    ):
        with pytest.raises(Fault, match="INSUFFICIENT_ACCESS"):
            clerk.call(operation)
    result, files = clerk.retrieve({"ConnectedApp": ("*",), "ExtlClntAppOauthSettings": ("*",)})
    assert list(files) == ["unpackaged/package.xml"]
    assert len(result["messages"]) == 2
    assert stored(office) == before
    assert timedelta(days=1) > KEPT
