"""What no real file shows: every field there is, and every rule that the corpus never wakes."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from changeover.apps.connected_app import ConnectedApp
from changeover.metadata.files import path_of, read_document, write_document
from changeover.migration.mapping import expected_result
from tests.corpus.accounts import Books, written_files
from tests.corpus.made_up import (
    EVERYTHING,
    connected_app,
    external_client_app,
    metadata,
    oauth,
    put,
    saml,
)
from tests.corpus.own_xml import Node
from tests.corpus.trees import changeover

ALWAYS = {"connected-app-support-ends"}
RANGE = "<ipRanges><end>192.0.2.{0}</end><start>192.0.2.{0}</start></ipRanges>"
ATTRIBUTE = "<attributes><formula>$User.Id</formula><key>k{0}</key></attributes>"
DEVICE = "<isDeviceFlowEnabled>true</isDeviceFlowEnabled>"

# Name of the app, its body, and what a careful admin says: blockers, confirms, warnings beyond ALWAYS.
CASES: dict[str, tuple[str, set[str], set[str], set[str]]] = {
    "acme__Packaged": (oauth("K01"), {"not-local"}, set(), set()),
    "Two_Parts_1": (oauth("K02"), set(), set(), set()),
    "Handler": (oauth("K03") + "<plugin>Handler</plugin>", {"custom-handler"}, set(), set()),
    "Empty_Handler": (oauth("K04") + "<plugin/>", set(), set(), set()),
    "Old_Cipher": (
        saml("<encryptionType>Triple_Des</encryptionType>"),
        {"saml-triple-des"},
        set(),
        set(),
    ),
    "Ranges_128": (oauth("K05") + "".join(RANGE.format(n) for n in range(128)), set(), set(), set()),
    "Ranges_129": (
        oauth("K06") + "".join(RANGE.format(n) for n in range(129)),
        {"too-many-ip-ranges"},
        set(),
        set(),
    ),
    "Attributes_128": (
        oauth("K07") + "".join(ATTRIBUTE.format(n) for n in range(128)),
        set(),
        set(),
        {"attribute-formula"},
    ),
    "Attributes_129": (
        oauth("K08") + "".join(ATTRIBUTE.format(n) for n in range(129)),
        {"too-many-attributes"},
        set(),
        {"attribute-formula"},
    ),
    "Unknown_Token": (oauth("K09", "<scopes>A2A</scopes>"), set(), set(), {"scope-without-token"}),
    "Unheard_Of": (oauth("K10", "<scopes>Teleport</scopes>"), set(), set(), {"unknown-element"}),
    "Mobile_Start": (
        oauth("K11") + "<mobileStartUrl>https://m.example</mobileStartUrl>",
        set(),
        set(),
        {"settings-without-home"},
    ),
    "Allowlist": (
        oauth("K12", "<isIpBindingEnabled>true</isIpBindingEnabled>"),
        set(),
        set(),
        {"refresh-token-ip-allowlist"},
    ),
    "No_Allowlist": (
        oauth("K13", "<isIpBindingEnabled>false</isIpBindingEnabled>"),
        set(),
        set(),
        set(),
    ),
    "Device": (oauth("K14", DEVICE), set(), set(), {"device-flow-limited"}),
    "Strange": (oauth("K15") + "<hologram>on</hologram>", set(), set(), {"unknown-element"}),
    "Provisioned": (oauth("K16"), {"user-provisioning"}, set(), set()),
    "Provisioned_Off": (oauth("K17"), set(), set(), set()),
    "Leftover": (oauth("K18"), set(), set(), {"leftover-parts"}),
    "Taken": (oauth("K19"), set(), {"name-taken"}, set()),
    "TAKEN_in_capitals": (oauth("K20"), set(), {"name-taken"}, set()),
    "Header_Only": (oauth("K21"), set(), {"key-not-visible"}, set()),
    "Keyless": (oauth(""), set(), {"key-not-visible"}, set()),
    "Canvas_Text": (
        "<canvas><accessMethod>Get</accessMethod><canvasUrl>https://c.example</canvasUrl></canvas>",
        {"canvas"},
        set(),
        set(),
    ),
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made-up")
    for number, (name, (body, *_)) in enumerate(CASES.items()):
        put(folder, f"connectedApps/{name}.connectedApp-meta.xml", connected_app(body, label=f"L{number}"))
    for name, on in (("Provisioned", "true"), ("Provisioned_Off", "false")):
        body = f"<connectedApp>{name}</connectedApp><enabled>{on}</enabled><masterLabel>{name}</masterLabel>"
        put(folder, f"up/{name}.userProvisioningConfig-meta.xml", metadata("UserProvisioningConfig", body))
    external_client_app(folder, "Leftover", "K18", header=False)
    external_client_app(folder, "Taken", "another")
    external_client_app(folder, "Taken_in_Capitals", "another")
    external_client_app(folder, "Header_Only", None)
    external_client_app(folder, "Keyless", "another")
    external_client_app(folder, "Two_Parts_2", "K02")
    return folder


@pytest.fixture(scope="module")
def assessed(tree: Path) -> dict[str, Any]:
    ran = changeover("assess", tree, "--json")
    assert ran.code == 2, ran.err
    assert ran.json["errors"] == []
    return {app["api_name"]: app for app in ran.json["apps"]}


@pytest.mark.parametrize("name", CASES)
def test_each_rule_speaks_when_it_should(assessed: dict[str, Any], name: str) -> None:
    _, blockers, confirms, warnings = CASES[name]
    app = assessed[name]
    said = {
        severity: {each["rule"] for each in app["findings"] if each["severity"] == severity}
        for severity in ("blocker", "confirm", "warning")
    }
    assert said == {"blocker": blockers, "confirm": confirms, "warning": warnings | ALWAYS}
    assert app["verdict"] == ("blocked" if blockers else "confirm" if confirms else "eligible")


def test_same_name_and_same_key_is_migrated(tmp_path: Path) -> None:
    put(tmp_path, "Done.connectedApp-meta.xml", connected_app(oauth("K")))
    external_client_app(tmp_path, "DONE", "K")
    ran = changeover("assess", tmp_path, "--json")
    assert [app["verdict"] for app in ran.json["apps"]] == ["migrated"]


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Node], dict[str, Any]]:
    """The app with every field, its written files, its account."""
    tree, out = tmp_path_factory.mktemp("tree"), tmp_path_factory.mktemp("out")
    path = "connectedApps/Everything.connectedApp-meta.xml"
    file = put(tree, path, connected_app(EVERYTHING))
    app = read_document(file.read_bytes(), path).document
    assert isinstance(app, ConnectedApp)
    assert app.unknown == ()
    for document in expected_result(app).external_client_app.documents:
        target = out / path_of(document)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(write_document(document))
    ran = changeover("assess", tree, "--json")
    assert "NobodyMaySeeThis0815" not in ran.out + ran.err
    assert "NobodyMaySeeThis0815" not in changeover("assess", tree).out
    return tree, written_files(out), ran.json["apps"][0]


def test_an_app_with_every_field_is_accounted_for(
    everything: tuple[Path, dict[str, Node], dict[str, Any]],
) -> None:
    assert Books(*everything).faults() == []


REFERRING = {
    "menus/AppSwitcher.appMenu-meta.xml": (
        "AppMenu",
        (
            "<appMenuItems><name>Billing</name><type>CustomApplication</type></appMenuItems>"
            "<appMenuItems><name>Billing</name><type>ConnectedApp</type></appMenuItems>"
            "<appMenuItems><name>Other</name><type>ConnectedApp</type></appMenuItems>"
        ),
    ),
    "notificationTypeConfig/NotificationTypeConfig.config-meta.xml": (
        "NotificationTypeConfig",
        (
            "<notificationTypeSettings>"
            "<appSettings><connectedAppName>Other</connectedAppName><enabled>true</enabled></appSettings>"
            "<appSettings><connectedAppName>Billing</connectedAppName><enabled>true</enabled></appSettings>"
            "<notificationType>Case_Closed</notificationType></notificationTypeSettings>"
            "<notificationTypeSettings>"
            "<appSettings><connectedAppName>Billing</connectedAppName><enabled>false</enabled></appSettings>"
            "<notificationType>Case_Opened</notificationType></notificationTypeSettings>"
        ),
    ),
    "up/X0H1.userProvisioningConfig-meta.xml": (
        "UserProvisioningConfig",
        "<connectedApp>Billing</connectedApp><enabled>false</enabled><masterLabel>X</masterLabel>",
    ),
    "customPermissions/Bill.customPermission-meta.xml": (
        "CustomPermission",
        "<connectedApp>Billing</connectedApp><isLicensed>false</isLicensed><label>Bill</label>",
    ),
    "oauthcustomscopes/invoices.oauthcustomscope-meta.xml": (
        "OauthCustomScope",
        (
            "<assignedTo><connectedApp>Billing</connectedApp></assignedTo><description>d</description>"
            "<developerName>invoices</developerName><isProtected>false</isProtected><isPublic>false</isPublic>"
            "<masterLabel>invoices</masterLabel>"
        ),
    ),
    "oauthtokenexchangehandlers/H.oauthtokenexchangehandler-meta.xml": (
        "OauthTokenExchangeHandler",
        (
            "<enablements><apexHandler>A</apexHandler><connectedApp>Billing</connectedApp></enablements>"
            "<masterLabel>H</masterLabel>"
        ),
    ),
}


def test_every_reference_has_its_entry(tmp_path: Path) -> None:
    tree, out = tmp_path / "tree", tmp_path / "out"
    put(tree, "connectedApps/Billing.connectedApp-meta.xml", connected_app(oauth("K"), label="Billing"))
    for path, (root, body) in REFERRING.items():
        put(tree, path, metadata(root, body))
    (app,) = changeover("assess", tree, "--json").json["apps"]
    assert changeover("convert", tree, "-o", out).code == 0
    speak_of_files = [entry["source"] for entry in app["account"] if ":" in entry["source"]]
    assert sorted({source.split(":")[0] for source in speak_of_files}) == sorted(REFERRING)
    assert len(speak_of_files) == 7
    faults = Books(tree, written_files(out), app).faults()
    # What references bring along has no table of ours; that it is accounted for is what counts here.
    assert [fault for fault in faults if "which nothing asks for" not in fault] == []


def _faults(everything: tuple[Path, dict[str, Node], dict[str, Any]], change: Any) -> list[str]:
    tree, files, app = everything
    tampered_files, tampered_app = copy.deepcopy(files), copy.deepcopy(app)
    change(tampered_files, tampered_app)
    return Books(tree, tampered_files, tampered_app).faults()


def _entry(app: dict[str, Any], source: str) -> dict[str, Any]:
    found: dict[str, Any] = next(entry for entry in app["account"] if entry["source"] == source)
    return found


def _leaf(files: dict[str, Node], component: str, path: str) -> Node:
    found = files[component].at(path)
    assert found is not None
    return found


GLOBAL = "Everything_glbloauth.ecaGlblOauth"
TAMPERED: dict[str, Any] = {
    "an entry is missing": lambda _, app: app["account"].pop(3),
    "an entry stands twice": lambda _, app: app["account"].append(app["account"][0]),
    "an entry invents a source": lambda _, app: app["account"][0].update(source="contactFax"),
    "a value is misquoted": lambda _, app: _entry(app, "label").update({"from": "Something else"}),
    "a result is misquoted": lambda _, app: _entry(app, "label").update(to="Something else"),
    "a kept field is called lost": lambda _, app: _entry(app, "startUrl").update(
        kind="lost", targets=[], to=None, note="gone"
    ),
    "a loss has no consequence": lambda _, app: _entry(app, "mobileStartUrl").update(note=""),
    "a secret is shown": lambda _, app: _entry(app, "oauthConfig/consumerSecret").update(
        {"from": "NobodyMaySeeThis0815"}
    ),
    "a written value differs": lambda files, _: setattr(_leaf(files, GLOBAL, "certificate"), "text", "MIIX"),
    "PKCE falls to a default": lambda files, _: setattr(
        _leaf(files, GLOBAL, "isPkceRequired"), "text", "false"
    ),
    "a leaf comes from nowhere": lambda files, _: files[GLOBAL].children.append(
        Node("isMagicEnabled", text="true", parent=files[GLOBAL])
    ),
    "a leaf is gone": lambda files, _: files[GLOBAL].children.pop(0),
    "an addition is hidden": lambda _, app: app["added"].pop(0),
    "an addition has no reason": lambda _, app: app["added"][0].update(why=""),
    "a part is not written": lambda files, _: files.pop("Everything_samlPlcy.ecaSamlPlcy"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_the_books_notice(
    everything: tuple[Path, dict[str, Node], dict[str, Any]],
    what: str,
) -> None:
    """The accountant is worth something: each of these is found."""
    assert _faults(everything, TAMPERED[what]) != []
