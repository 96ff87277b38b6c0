"""The oracle sees what conversion alone lets pass: one planted fault for each, and none in good files."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.oracle.salesforce import NODE, SCRIPT, Oracle, Problem

pytestmark = pytest.mark.oracle

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACE = 'xmlns="http://soap.sforce.com/2006/04/metadata"'

APP = "connectedApps/Billing.connectedApp-meta.xml"
HEADER = "externalClientApps/Billing.eca-meta.xml"
GLOBAL = "extlClntAppGlobalOauthSets/Billing_glbloauth.ecaGlblOauth-meta.xml"
POLICY = "extlClntAppOauthPolicies/Billing_oauthPlcy.ecaOauthPlcy-meta.xml"

GOOD = {
    APP: f"""{_HEAD}<ConnectedApp {_NAMESPACE}>
    <attributes>
        <formula>$User.Id</formula>
        <key>user</key>
    </attributes>
    <contactEmail>owner@example.com</contactEmail>
    <label>Billing</label>
    <oauthConfig>
        <callbackUrl>https://billing.example.com/callback</callbackUrl>
        <idTokenConfig>
            <idTokenValidity>2</idTokenValidity>
        </idTokenConfig>
        <isPkceRequired>true</isPkceRequired>
        <scopes>Api</scopes>
        <scopes>RefreshToken</scopes>
    </oauthConfig>
    <oauthPolicy>
        <ipRelaxation>ENFORCE</ipRelaxation>
        <refreshTokenPolicy>infinite</refreshTokenPolicy>
    </oauthPolicy>
</ConnectedApp>
""",
    HEADER: f"""{_HEAD}<ExternalClientApplication {_NAMESPACE}>
    <contactEmail>owner@example.com</contactEmail>
    <description>Invoices &amp; reminders</description>
    <distributionState>Local</distributionState>
    <isProtected>false</isProtected>
    <label>Billing</label>
</ExternalClientApplication>
""",
    GLOBAL: f"""{_HEAD}<ExtlClntAppGlobalOauthSettings {_NAMESPACE}>
    <callbackUrl>https://billing.example.com/callback</callbackUrl>
    <externalClientApplication>Billing</externalClientApplication>
    <isPkceRequired>true</isPkceRequired>
    <label>Billing_glbloauth</label>
</ExtlClntAppGlobalOauthSettings>
""",
    POLICY: f"""{_HEAD}<ExtlClntAppOauthConfigurablePolicies {_NAMESPACE}>
    <commaSeparatedPermissionSet>Billing_Users</commaSeparatedPermissionSet>
    <externalClientApplication>Billing</externalClientApplication>
    <ipRelaxationPolicyType>Enforce</ipRelaxationPolicyType>
    <label>Billing_oauthPlcy</label>
    <permittedUsersPolicyType>AdminApprovedPreAuthorized</permittedUsersPolicyType>
    <refreshTokenPolicyType>Infinite</refreshTokenPolicyType>
</ExtlClntAppOauthConfigurablePolicies>
""",
}

Edit = Callable[[dict[str, str]], None]


def replaced(file: str, old: str, new: str) -> Edit:
    def edit(files: dict[str, str]) -> None:
        assert old in files[file]
        files[file] = files[file].replace(old, new, 1)

    return edit


def renamed(file: str, to: str) -> Edit:
    def edit(files: dict[str, str]) -> None:
        files[to] = files.pop(file)

    return edit


def added(file: str, content: str) -> Edit:
    return lambda files: files.update({file: content})


def folder_of(files: dict[str, str], folder: Path) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8", newline="")
    return folder


def test_good_files_pass(oracle: Callable[[Path], list[Problem]], tmp_path: Path) -> None:
    assert oracle(folder_of(GOOD, tmp_path)) == []


def test_values_with_cr_lf_and_unusual_characters_come_back(
    oracle: Callable[[Path], list[Problem]], tmp_path: Path
) -> None:
    files = dict(GOOD)
    replaced(HEADER, "&amp;", "&amp;\r\n\té 日本 &quot;")(files)
    assert oracle(folder_of(files, tmp_path)) == []


def test_any_folder_will_do(oracle: Callable[[Path], list[Problem]], tmp_path: Path) -> None:
    files = dict(GOOD)
    renamed(HEADER, "deep/down/Billing.eca-meta.xml")(files)
    assert oracle(folder_of(files, tmp_path)) == []


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        pytest.param(
            renamed(APP, "connectedApps/Billing.connectedapp-meta.xml"),
            "no metadata type claims it",
            id="case",
        ),
        pytest.param(
            renamed(POLICY, "extlClntAppOauthPolicies/Billing.ecaOauthPolicy-meta.xml"),
            "no metadata type claims it",
            id="unknown suffix",
        ),
        pytest.param(
            added("README.md", "# Read me"), "README.md: no metadata type claims it", id="other file"
        ),
        pytest.param(
            renamed(HEADER, "externalClientApps/Billing.eca"),
            "ends with -meta.xml",
            id="metadata format's name",
        ),
        pytest.param(
            added("other/Billing.eca-meta.xml", GOOD[HEADER]),
            f"ExternalClientApplication:Billing stands in {HEADER} too",
            id="two of one name",
        ),
        pytest.param(replaced(HEADER, "</label>", ""), "not well-formed", id="malformed"),
        pytest.param(
            lambda files: files.update({HEADER: ""}), "not well-formed: no element found", id="empty"
        ),
        pytest.param(replaced(HEADER, "&amp;", "&"), "line 4", id="raw ampersand"),
        pytest.param(replaced(HEADER, "Local", "Lo\x07cal"), "not well-formed", id="control character"),
        pytest.param(
            replaced(HEADER, _HEAD, f"{_HEAD}<!DOCTYPE x>"), "line 2: declares a DOCTYPE", id="DOCTYPE"
        ),
        pytest.param(
            lambda files: files.update({HEADER: files[GLOBAL]}),
            "the root is ExtlClntAppGlobalOauthSettings, not ExternalClientApplication",
            id="wrong root",
        ),
        pytest.param(replaced(HEADER, _NAMESPACE, ""), "the root is not in the namespace", id="no namespace"),
        pytest.param(
            replaced(HEADER, "2006/04", "2006/05"), "the root is not in the namespace", id="other namespace"
        ),
        pytest.param(
            replaced(HEADER, "<label>Billing</label>", "<colour>red</colour>"),
            "line 7: ExternalClientApplication has no element colour",
            id="unknown element",
        ),
        pytest.param(
            replaced(HEADER, "<label>", '<label xmlns="">'),
            "has no element label",
            id="element without namespace",
        ),
        pytest.param(
            replaced(APP, "<idTokenValidity>2</idTokenValidity>", "<scopes>Api</scopes>"),
            "ConnectedAppOauthIdToken has no element scopes",
            id="element of another group",
        ),
        pytest.param(
            replaced(GLOBAL, "    <externalClientApplication>Billing</externalClientApplication>\n", ""),
            "lacks the required element externalClientApplication",
            id="required",
        ),
        pytest.param(
            replaced(APP, "        <callbackUrl>https://billing.example.com/callback</callbackUrl>\n", ""),
            "ConnectedAppOauthConfig lacks the required element callbackUrl",
            id="required in a group",
        ),
        pytest.param(
            replaced(HEADER, "<label>", "<label>A</label>\n<label>"), "label stands twice", id="repeated"
        ),
        pytest.param(replaced(GLOBAL, ">true<", ">yes<"), "is 'yes', which is no boolean", id="boolean"),
        pytest.param(replaced(GLOBAL, ">true<", "><"), "is '', which is no boolean", id="empty boolean"),
        pytest.param(replaced(APP, ">2<", ">two<"), "is 'two', which is no number", id="number"),
        pytest.param(
            replaced(POLICY, ">AdminApproved", ">Admin"),
            "permittedUsersPolicyType is 'AdminPreAuthorized'",
            id="value outside the list",
        ),
        pytest.param(replaced(APP, ">Api<", ">api<"), "scopes is 'api'", id="scope outside the list"),
        pytest.param(
            replaced(APP, "<isPkceRequired>true</isPkceRequired>", "stray"),
            "text between the elements",
            id="stray text",
        ),
        pytest.param(
            replaced(HEADER, "Billing</label>", "<b>Billing</b></label>"), "holds elements", id="mark-up"
        ),
        pytest.param(replaced(HEADER, "<label>", '<label lang="en">'), "no attribute lang", id="attribute"),
        pytest.param(
            added(
                "extlClntAppSamplePolicies/A.ecaSmplPlcy-meta.xml",
                _HEAD + f"<ExtlClntAppSampleConfigurablePolicies {_NAMESPACE}/>",
            ),
            "the type definitions know no ExtlClntAppSampleConfigurablePolicies",
            id="type without definition",
        ),
    ],
)
def test_a_planted_fault_is_seen(
    edit: Edit, said: str, oracle: Callable[[Path], list[Problem]], tmp_path: Path
) -> None:
    files = dict(GOOD)
    edit(files)
    problems = [str(problem) for problem in oracle(folder_of(files, tmp_path))]
    assert any(said in problem for problem in problems), problems


def test_an_empty_folder_is_no_success(oracle: Callable[[Path], list[Problem]], tmp_path: Path) -> None:
    assert oracle(tmp_path) == [Problem(".", "no file is metadata")]


def test_ignore_lists_hide_nothing(oracle: Callable[[Path], list[Problem]], tmp_path: Path) -> None:
    files = GOOD | {".forceignore": "**/*.eca-meta.xml\n", ".gitignore": "*\n"}
    replaced(HEADER, "<label>", "<colour>red</colour><label>")(files)
    (problem,) = oracle(folder_of(files, tmp_path))
    assert problem == Problem(HEADER, "line 7: ExternalClientApplication has no element colour")


def test_bytes_that_conversion_changes_are_seen(tmp_path: Path) -> None:
    """The library copies bytes; a stand-in that does not shows that the comparison is one."""
    script = SCRIPT.read_text(encoding="utf-8").replace(
        "    const metadata = versioned(",
        "    fs.appendFileSync(path.join(work, 'metadata', 'externalClientApps', 'Billing.eca'), ' ');\n"
        "    const metadata = versioned(",
    )
    altered = SCRIPT.with_name(f"altered-{tmp_path.name}.mjs")
    altered.write_text(script, encoding="utf-8")
    try:
        asking = Oracle(altered)
        problems = asking.ask(folder_of(GOOD, tmp_path))
        asking.close()
    finally:
        altered.unlink()
    assert problems == [
        Problem(HEADER, "differs in metadata format"),
        Problem(HEADER, "differs in source format"),
    ]


def test_a_dead_node_is_an_error_and_no_success() -> None:
    answer = subprocess.run(
        [NODE, SCRIPT],
        input='{"ask": "convert", "folder": "/nowhere", "beside": []}\n',
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert '"error":' in answer.stdout
