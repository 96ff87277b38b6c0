"""A SOAP client for tests, and two oracles: the Metadata WSDL that simple-salesforce bundles, and the org."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import simple_salesforce
from lxml import etree

from tests.web.conftest import ADMIN, Office

METADATA = "http://soap.sforce.com/2006/04/metadata"
PARTNER = "urn:partner.soap.sforce.com"
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
NAMESPACES = {"u": PARTNER, "c": "urn:enterprise.soap.sforce.com", "m": METADATA}
WSDL_VERSION = "63.0"


@dataclass(frozen=True)
class Fault(Exception):  # noqa: N818 - SOAP's own word
    """A fault that came back."""

    code: str
    text: str


def names(element: Any) -> list[str]:
    return [etree.QName(child).localname for child in element]


def plain(element: Any) -> Any:
    """Return an element as texts, mappings and lists."""
    if element.get(f"{{{XSI}}}nil") == "true":
        return None
    if not len(element):
        return element.text or ""
    found: dict[str, Any] = {}
    for child in element:
        name, value = etree.QName(child).localname, plain(child)
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found


def many(value: Any) -> list[Any]:
    """Return what may stand once or several times as a list."""
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]


@cache
def wsdl() -> etree.XMLSchema:
    """Return the schema of the Metadata WSDL 63.0: nobody here wrote it."""
    tree = etree.parse(Path(simple_salesforce.__file__).parent / "metadata.wsdl")
    schema = tree.find(".//{http://www.w3.org/2001/XMLSchema}schema")
    assert schema is not None
    # Written and read again: its prefixes are declared on the root of the WSDL.
    return etree.XMLSchema(etree.fromstring(etree.tostring(schema)))


@dataclass
class Soap:
    """A client of one org."""

    office: Office
    session: str
    version: str = WSDL_VERSION

    @classmethod
    def logged_in(cls, office: Office, username: str = ADMIN, version: str = WSDL_VERSION) -> Soap:
        """Log in over SOAP."""
        client = cls(office, "", version)
        found = client.call(login(username, office.passwords[username]), api="u")
        client.session = found["sessionId"]
        return client

    def post(self, body: bytes, path: str = "", api: str = "m", **headers: str) -> Any:
        """Send bytes as they are."""
        address = path or f"/services/Soap/{api}/{self.version}"
        sent = {"content-type": "text/xml; charset=UTF-8", "SOAPAction": '""', **headers}
        return self.office.client.post(address, content=body, headers=sent)

    def body(self, operation: str, api: str = "m", headers: str = "") -> bytes:
        session = f"<SessionHeader><sessionId>{escape(self.session)}</sessionId></SessionHeader>"
        return (
            f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="{ENVELOPE}"'
            f' xmlns:xsi="{XSI}"><soapenv:Header xmlns="{NAMESPACES[api]}">{session}{headers}'
            f'</soapenv:Header><soapenv:Body xmlns="{NAMESPACES[api]}">{operation}</soapenv:Body>'
            "</soapenv:Envelope>"
        ).encode()

    def element(self, operation: str, api: str = "m", path: str = "", headers: str = "") -> Any:
        """Call an operation and return the answer's element; raises Fault."""
        answer = self.post(self.body(operation, api, headers), path, api)
        assert answer.headers["content-type"].startswith("text/xml"), answer.text
        assert "set-cookie" not in answer.headers
        root: Any = etree.fromstring(answer.content)
        (found,) = root.find(f"{{{ENVELOPE}}}Body")
        if etree.QName(found).localname == "Fault":
            assert answer.status_code == 500
            raise Fault(found.findtext("faultcode"), found.findtext("faultstring"))
        assert answer.status_code == 200
        # A record that is not there is nil, although the WSDL does not say that it may be.
        nil = any(one.get(f"{{{XSI}}}nil") for one in found.iter())
        if api == "m" and self.version == WSDL_VERSION and not nil:
            wsdl().assertValid(found)
        return found

    def call(self, operation: str, api: str = "m", path: str = "", headers: str = "") -> Any:
        """Call an operation and return its result: None, one, or a list of several."""
        found = [plain(child) for child in self.element(operation, api, path, headers)]
        return found if len(found) > 1 else next(iter(found), None)

    def deploy(self, files: Mapping[str, str | bytes], **options: Any) -> Any:
        """Deploy files and return the DeployResult with details."""
        given = {"rollbackOnError": True, "singlePackage": True, **options}
        said = "".join(f"<{name}>{str(value).lower()}</{name}>" for name, value in given.items())
        sent = base64.b64encode(packed(files)).decode()
        operation = f"<deploy><ZipFile>{sent}</ZipFile><DeployOptions>{said}</DeployOptions></deploy>"
        return self.deployed(self.call(operation)["id"])

    def deployed(self, job_id: str) -> Any:
        return self.call(
            f"<checkDeployStatus><asyncProcessId>{job_id}</asyncProcessId>"
            "<includeDetails>true</includeDetails></checkDeployStatus>"
        )

    def retrieve(self, types: Mapping[str, tuple[str, ...]], more: str = "") -> tuple[Any, dict[str, bytes]]:
        """Retrieve components; returns the RetrieveResult and the files of its zip."""
        wanted = "".join(
            f"<types>{''.join(f'<members>{one}</members>' for one in members)}<name>{name}</name></types>"
            for name, members in types.items()
        )
        request = (
            f"<retrieve><retrieveRequest><apiVersion>{self.version}</apiVersion>{more}<unpackaged>{wanted}"
            f"<version>{self.version}</version></unpackaged></retrieveRequest></retrieve>"
        )
        job_id = self.call(request)["id"]
        status = f"<checkRetrieveStatus><asyncProcessId>{job_id}</asyncProcessId></checkRetrieveStatus>"
        result = self.call(status)
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(result["zipFile"]))) as archive:
            return result, {name: archive.read(name) for name in archive.namelist()}


def login(username: str, password: str) -> str:
    return f"<login><username>{escape(username)}</username><password>{escape(password)}</password></login>"


def packed(files: Mapping[str, str | bytes]) -> bytes:
    """Return a zip of files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def package(types: Mapping[str, tuple[str, ...]], version: str = WSDL_VERSION) -> str:
    """Return a package.xml."""
    listed = "".join(
        f"<types>{''.join(f'<members>{one}</members>' for one in members)}<name>{name}</name></types>"
        for name, members in types.items()
    )
    return f'<Package xmlns="{METADATA}">{listed}<version>{version}</version></Package>'


def component(root: str, inner: str) -> str:
    """Return a metadata file."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{METADATA}">\n{inner}\n</{root}>\n'


def connected_app(label: str = "Billing", more: str = "", key: str = "") -> str:
    """Return the file of a connected app."""
    said = f"<consumerKey>{key}</consumerKey>" if key else ""
    return component(
        "ConnectedApp",
        f"""    <contactEmail>owner@acme.example</contactEmail>
    <label>{label}</label>
    <oauthConfig>
        <callbackUrl>https://billing.example/callback</callbackUrl>
        {said}
        <scopes>Api</scopes>
        <scopes>RefreshToken</scopes>
    </oauthConfig>
{more}""",
    )


def external_client_app(name: str = "Ledger", **parts: str) -> dict[str, str]:
    """Return the files of an external client app with OAuth, without policies; `parts` replaces contents."""
    app = f"    <externalClientApplication>{name}</externalClientApplication>\n"
    header = "    <contactEmail>owner@acme.example</contactEmail>\n    <label>Ledger</label>"
    callback = "    <callbackUrl>https://ledger.example/callback</callbackUrl>"
    scopes = "    <commaSeparatedOauthScopes>Api, RefreshToken</commaSeparatedOauthScopes>"
    files = {
        f"externalClientApps/{name}.eca": component("ExternalClientApplication", header),
        f"extlClntAppGlobalOauthSets/{name}_glbloauth.ecaGlblOauth": component(
            "ExtlClntAppGlobalOauthSettings", parts.get("settings", callback + "\n" + app)
        ),
        f"extlClntAppOauthSettings/{name}_oauth.ecaOauth": component(
            "ExtlClntAppOauthSettings", scopes + "\n" + app
        ),
    }
    return {**files, "package.xml": package(EXTERNAL)}


EXTERNAL = {
    "ExternalClientApplication": ("*",),
    "ExtlClntAppGlobalOauthSettings": ("*",),
    "ExtlClntAppOauthSettings": ("*",),
    "ExtlClntAppOauthConfigurablePolicies": ("*",),
    "ExtlClntAppConfigurablePolicies": ("*",),
}
