"""What comes in as an envelope: every client's spelling, and what no client would send."""

from __future__ import annotations

import base64

import pytest

from changeover.salesforce.soap.envelope import MAX_BYTES, read_envelope
from changeover.salesforce.soap.faults import SoapFault
from tests.attack.conftest import stored
from tests.salesforce.soap.client import ENVELOPE, METADATA, Fault, Soap, package, packed

DESCRIBE = "<describeMetadata><asOfVersion>63.0</asOfVersion></describeMetadata>"


def test_prefixes_and_soap_action_do_not_matter(soap: Soap) -> None:
    body = (
        f'<e:Envelope xmlns:e="{ENVELOPE}" xmlns:met="{METADATA}"><e:Header><met:SessionHeader>'
        f"<met:sessionId> {soap.session}\n</met:sessionId></met:SessionHeader></e:Header><e:Body>"
        "<met:describeMetadata><met:asOfVersion>63.0</met:asOfVersion></met:describeMetadata>"
        "</e:Body></e:Envelope>"
    )
    for action in ("", "deploy", '"something else"'):
        answer = soap.post(body.encode(), SOAPAction=action)
        assert answer.status_code == 200
        assert "<xmlName>ConnectedApp</xmlName>" in answer.text


def test_booleans_in_any_case_and_stray_text() -> None:
    # As simple-salesforce writes DeployOptions.
    body = (
        f'<e:Envelope xmlns:e="{ENVELOPE}"><e:Body><deploy><DeployOptions>None'
        "<checkOnly>True</checkOnly>None<singlePackage>FALSE</singlePackage><purgeOnDelete/>"
        "<ignoreWarnings>maybe</ignoreWarnings></DeployOptions></deploy></e:Body></e:Envelope>"
    )
    options = read_envelope(body.encode()).operation.first("DeployOptions")
    assert options is not None
    assert options.flag("checkOnly") is True
    assert options.flag("singlePackage", default=True) is False
    assert options.flag("purgeOnDelete") is False
    assert options.flag("rollbackOnError", default=True) is True
    with pytest.raises(SoapFault, match="not a valid value for the type xsd:boolean"):
        options.flag("ignoreWarnings")


BOMB = (
    '<!DOCTYPE e [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>'
)
HOSTILE = {
    "nothing": b"",
    "no XML": b"deploy, please",
    "not well-formed": f'<e:Envelope xmlns:e="{ENVELOPE}"><e:Body>'.encode(),
    "another root": b"<html/>",
    "SOAP 1.2": b'<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body/></e:Envelope>',
    "no operation": f'<e:Envelope xmlns:e="{ENVELOPE}"><e:Body/></e:Envelope>'.encode(),
    "an entity bomb": (
        f'{BOMB}<e:Envelope xmlns:e="{ENVELOPE}"><e:Body><x>&d;</x></e:Body></e:Envelope>'
    ).encode(),
    "a file of the server": (
        f'<!DOCTYPE e [<!ENTITY f SYSTEM "file:///etc/passwd">]><e:Envelope xmlns:e="{ENVELOPE}"><e:Body>'
        "<x>&f;</x></e:Body></e:Envelope>"
    ).encode(),
    "an entity bomb in UTF-16": f'{BOMB}<e:Envelope xmlns:e="{ENVELOPE}"/>'.encode("utf-16"),
    "deep nesting": (
        f'<e:Envelope xmlns:e="{ENVELOPE}"><e:Body>{"<a>" * 200}{"</a>" * 200}</e:Body></e:Envelope>'
    ).encode(),
    "many elements": (
        f'<e:Envelope xmlns:e="{ENVELOPE}"><e:Body><a>{"<b/>" * 200_001}</a></e:Body></e:Envelope>'
    ).encode(),
    "an unknown encoding": b'<?xml version="1.0" encoding="x-none"?><a/>',
    "too much": b"<a>" + b"x" * MAX_BYTES + b"</a>",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_no_envelope(soap: Soap, what: str) -> None:
    before = stored(soap.office)
    answer = soap.post(HOSTILE[what])
    assert answer.status_code == 500
    assert "<faultcode>soapenv:Client</faultcode>" in answer.text
    assert "root:" not in answer.text
    assert len(answer.text) < 1000
    assert stored(soap.office) == before


@pytest.mark.parametrize("version", ["99.0", "12.0", "68.0", "x", "63.5"])
@pytest.mark.parametrize("api", ["u", "m"])
def test_a_version_that_does_not_exist(soap: Soap, api: str, version: str) -> None:
    answer = soap.post(soap.body(DESCRIBE), f"/services/Soap/{api}/{version}")
    assert answer.status_code == 500
    assert "<faultcode>sf:UNSUPPORTED_API_VERSION</faultcode>" in answer.text


def test_an_api_and_an_operation_that_do_not_exist(soap: Soap) -> None:
    assert "soapenv:Client" in soap.post(soap.body(DESCRIBE), "/services/Soap/q/63.0").text
    with pytest.raises(Fault, match="No operation available") as caught:
        soap.call("<renameMetadata/>")
    assert caught.value.code == "soapenv:Client"


@pytest.mark.parametrize("session", ["", "nonsense", "00Dxx0000000001!AQ.made.up"])
def test_a_dead_session(soap: Soap, session: str) -> None:
    before = stored(soap.office)
    dead = Soap(soap.office, session)
    sent = base64.b64encode(packed({"package.xml": package({})})).decode()
    for operation in (DESCRIBE, f"<deploy><ZipFile>{sent}</ZipFile></deploy>", "<retrieve/>"):
        with pytest.raises(Fault) as caught:
            dead.call(operation)
        assert caught.value.code == "sf:INVALID_SESSION_ID"
        assert caught.value.text.startswith("INVALID_SESSION_ID: Invalid Session ID found in SessionHeader")
        assert not session or session not in caught.value.text
    assert stored(soap.office) == before


def test_a_browser_of_another_site_can_post_and_gains_nothing(soap: Soap) -> None:
    # No cookie opens a session here, so there is nothing to forge.
    browser = soap.office.signed_in()
    page = browser.request("POST", "/services/Soap/m/63.0", content=Soap(soap.office, "").body(DESCRIBE))
    assert page.status == 500
    assert "INVALID_SESSION_ID" in page.text


def test_no_base64(soap: Soap) -> None:
    for sent in ("%%%", "abc", "QUJD" * 10 + "!"):
        with pytest.raises(Fault, match="base64Binary"):
            soap.call(f"<deploy><ZipFile>{sent}</ZipFile></deploy>")
