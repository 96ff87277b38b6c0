"""What a hostile file author leaves behind: each file gets one clear error, and the others are still read."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from changeover.metadata.file_error import FileError
from changeover.metadata.files import read_document
from tests.corpus.accounts import written_files
from tests.corpus.made_up import NAMESPACE, connected_app, metadata, oauth, put
from tests.corpus.trees import Ran, changeover

GOOD = connected_app(oauth("K"), label="Good")
HIDDEN = "NobodyMaySeeThis0815"
# What a terminal obeys, and what makes a text read backwards.
OBEYED = "\x1b\x9b\x07\x08\u202e\u2066"


def said_once(ran: Ran) -> None:
    """Errors, each with code and remedy, and no traceback anywhere."""
    assert "Traceback" not in ran.out + ran.err
    assert "Error:" not in ran.err


BROKEN: dict[str, tuple[bytes, str]] = {
    "Empty": (b"", "E-XML-BROKEN"),
    "Blank": (b" \n ", "E-XML-BROKEN"),
    "Nul": (b"\0" * 64, "E-XML-BROKEN"),
    "Cut_Off": (GOOD.encode()[:-25], "E-XML-BROKEN"),
    "Junk_After": (GOOD.encode() + b"<more/>", "E-XML-BROKEN"),
    "Control": (connected_app("<label>&#1;</label>").encode(), "E-XML-BROKEN"),
    "Doctype": (b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><ConnectedApp/>', "E-XML-DOCTYPE"),
    "Utf16": (GOOD.encode("utf-16"), "E-XML-ENCODING"),
    "Latin_1": (GOOD.replace("Good", "G\u00f6\u00f6d").encode("latin-1"), "E-XML-ENCODING"),
    "Latin_1_Declared": (
        GOOD.replace("UTF-8", "ISO-8859-1").replace("Good", "G\u00f6\u00f6d").encode("latin-1"),
        "E-XML-ENCODING",
    ),
    "Deep": (connected_app("<a>" * 5000 + "</a>" * 5000).encode(), "E-XML-TOO-LARGE"),
    "Large": (connected_app(f"<description>{'x' * 9_000_000}</description>").encode(), "E-XML-TOO-LARGE"),
    "Another_Root": (metadata("AppMenu", "").encode(), "E-FILE-NOT-AN-APP"),
    "No_Namespace": (b"<ConnectedApp><label>x</label></ConnectedApp>", "E-FILE-NOT-AN-APP"),
    "Another_Namespace": (GOOD.replace(NAMESPACE, "urn:x").encode(), "E-FILE-NOT-AN-APP"),
}


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("broken")
    put(folder, "connectedApps/Good.connectedApp-meta.xml", GOOD)
    for name, (data, _) in BROKEN.items():
        (folder / f"connectedApps/{name}.connectedApp-meta.xml").write_bytes(data)
    for path in ("a/Bad.eca-meta.xml", "b/Menu.appMenu-meta.xml", "c/N.config-meta.xml"):
        put(folder, path, "<x")
    (folder / "Leads_Out.connectedApp-meta.xml").symlink_to("/etc/passwd")
    (folder / "Leads_Nowhere.connectedApp-meta.xml").symlink_to("/nowhere/at/all")
    (folder / "Endless.connectedApp-meta.xml").symlink_to("/dev/zero")
    os.mkfifo(folder / "Pipe.connectedApp-meta.xml")
    (folder / "loop").symlink_to(folder)
    (folder / "Folder.connectedApp-meta.xml").mkdir()
    with (folder / os.fsdecode(b"\xff\xfe.connectedApp-meta.xml")).open("w") as file:
        file.write(GOOD)
    return folder


LINKS = {"Leads_Out", "Leads_Nowhere", "Endless", "Pipe"}


def test_each_broken_file_has_one_error_and_the_others_are_read(broken: Path) -> None:
    ran = changeover("assess", broken, "--json")
    said_once(ran)
    assert ran.code == 1
    assert [app["api_name"] for app in ran.json["apps"]] == ["Good"]
    errors = {Path(error["path"]).name.split(".")[0]: error for error in ran.json["errors"]}
    assert len(errors) == len(ran.json["errors"])
    for name, (_, code) in BROKEN.items():
        assert errors.pop(name)["code"] == code, name
    for name in LINKS:
        assert errors.pop(name)["code"] in {"E-PATH-REFUSED", "E-PATH-MISSING"}, name
    assert sorted(errors) == ["??", "Bad", "Menu", "N"]
    for error in ran.json["errors"]:
        assert error["message"]
        assert error["remedy"]


@pytest.mark.parametrize("missing", range(1, len("</ConnectedApp>") + 1))
def test_a_file_cut_off_in_its_last_tag_is_called_so(missing: int) -> None:
    with pytest.raises(FileError, match=r"cut off"):
        read_document(GOOD.strip().encode()[:-missing], "A.connectedApp-meta.xml")


def test_the_errors_read_the_same_in_the_table_and_in_convert(broken: Path, tmp_path: Path) -> None:
    table, converted = changeover("assess", broken), changeover("convert", broken, "-o", tmp_path / "out")
    for ran in (table, converted):
        said_once(ran)
        assert ran.code == 1
        for name, (_, code) in BROKEN.items():
            line = next(line for line in ran.err.splitlines() if f"/{name}." in line)
            assert line.startswith(f"{code}: ")
    assert {name.split(".")[0].split("_")[0] for name in written_files(tmp_path / "out")} == {"Good"}


ODD_NAMES = [
    "My App",
    "..%2F..%2Fup",
    "..",
    "-rf",
    "new\nline",
    "tab\there",
    "\x1b[31mred",
    "[red]markup[",
    "\u202egnp",
    "\u00fcn\u00ef",
    "\U0001f600",
    "%s{0}",
    "x" * 231,
]


def test_odd_file_names_stay_in_their_folder_and_obey_nobody(tmp_path: Path) -> None:
    for number, name in enumerate(ODD_NAMES):
        body = connected_app(oauth(f"K{number}"), label=f"L{number}")
        put(tmp_path, f"in/{name}.connectedApp-meta.xml", body)
    before = {path for path in tmp_path.rglob("*") if "out" not in path.parts}
    runs = [
        changeover("assess", tmp_path / "in"),
        changeover("assess", tmp_path / "in", "--json"),
        changeover("convert", tmp_path / "in", "-o", tmp_path / "out"),
        changeover("convert", tmp_path / "in", "-o", tmp_path / "out2", "--side-by-side"),
    ]
    for ran in runs:
        said_once(ran)
    for ran in (runs[0], *runs[2:]):
        assert [sign for sign in OBEYED if sign in ran.out + ran.err] == []
    assert len(runs[1].json["apps"]) == len(ODD_NAMES)
    outside = {
        path for path in tmp_path.rglob("*") if not {"out", "out2"} & set(path.relative_to(tmp_path).parts)
    }
    assert outside == before


LABELS = ["[/]", "[link=http://x]y", "\x9b31mCSI", "\u202eRTL", "a\nb\tc", "", " ", "%s {0} {x}", "x" * 5000]


def test_labels_obey_nobody(tmp_path: Path) -> None:
    for number, label in enumerate(LABELS):
        put(
            tmp_path,
            f"L{number}.connectedApp-meta.xml",
            connected_app(
                oauth(f"K{number}") + f"<contactEmail>a@b.example</contactEmail><label>{label}</label>"
            ),
        )
    table, document = changeover("assess", tmp_path), changeover("assess", tmp_path, "--json")
    for ran in (table, document):
        said_once(ran)
        assert ran.code == 0
    assert [sign for sign in OBEYED if sign in table.out + table.err] == []
    assert [app["label"] for app in document.json["apps"]] == LABELS


PLACES_OF_SECRETS = {
    "as it should be": oauth("K", f"<consumerSecret>{HIDDEN}</consumerSecret>"),
    "a second one": oauth(
        "K", f"<consumerSecret>a</consumerSecret><consumerSecret>{HIDDEN}</consumerSecret>"
    ),
    "in a second group": oauth("K") + f"<oauthConfig><consumerSecret>{HIDDEN}</consumerSecret></oauthConfig>",
    "at the top": f"<consumerSecret>{HIDDEN}</consumerSecret>",
    "in an attribute": oauth("K", f'<consumerSecret was="{HIDDEN}">a</consumerSecret>'),
    "in other letters": oauth("K", f"<ConsumerSecret>{HIDDEN}</ConsumerSecret>"),
    "one deeper": oauth("K", f"<consumerSecret><value>{HIDDEN}</value></consumerSecret>"),
    "under another name": oauth("K", f"<clientSecret>{HIDDEN}</clientSecret>"),
    "with blanks": oauth("K", f"<consumerSecret> {HIDDEN} </consumerSecret>"),
}


@pytest.mark.parametrize("where", PLACES_OF_SECRETS)
def test_a_secret_is_told_nowhere(tmp_path: Path, where: str) -> None:
    put(tmp_path, "in/A.connectedApp-meta.xml", connected_app(PLACES_OF_SECRETS[where]))
    told = [
        changeover("assess", tmp_path / "in", "--json"),
        changeover("assess", tmp_path / "in"),
        changeover("convert", tmp_path / "in", "-o", tmp_path / "out", "--json"),
        changeover("convert", tmp_path / "in", "-o", tmp_path / "out2", "--side-by-side"),
    ]
    assert [ran.out + ran.err for ran in told if HIDDEN in ran.out + ran.err] == []
    for folder in ("out", "out2"):
        files = [file for file in (tmp_path / folder).rglob("*") if file.is_file()]
        assert [file.name for file in files if HIDDEN in file.read_text("utf-8")] == []


def test_a_private_key_in_the_wrong_place_is_not_told(tmp_path: Path) -> None:
    key = f"-----BEGIN RSA PRIVATE KEY-----\n{HIDDEN}\n-----END RSA PRIVATE KEY-----"
    put(tmp_path, "A.connectedApp-meta.xml", connected_app(oauth("K", f"<certificate>{key}</certificate>")))
    for arguments in (("assess", tmp_path, "--json"), ("assess", tmp_path)):
        ran = changeover(*arguments)
        assert HIDDEN not in ran.out + ran.err


def _archive(folder: Path, entries: list[tuple[str, str]]) -> Path:
    path = folder / "package.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in entries:
            archive.writestr(name, text)
    return path


ARCHIVES: dict[str, list[tuple[str, str]]] = {
    "out of it": [("../../evil.connectedApp", GOOD)],
    "absolute": [("/etc/evil.connectedApp", GOOD)],
    "backslashes": [("..\\evil.connectedApp", GOOD)],
    "a bomb": [("connectedApps/B.connectedApp", "A" * 300_000_000)],
    "too many": [(f"x/{number}.txt", "") for number in range(70_000)],
}


@pytest.mark.parametrize("what", ARCHIVES)
def test_a_hostile_archive_is_refused(tmp_path: Path, what: str) -> None:
    ran = changeover("assess", _archive(tmp_path, ARCHIVES[what]), "--json")
    said_once(ran)
    assert ran.code == 1
    assert ran.json["apps"] == []
    assert [error["code"] for error in ran.json["errors"]] in (["E-ZIP-REFUSED"], ["E-XML-TOO-LARGE"])
    assert [file.name for file in tmp_path.iterdir()] == ["package.zip"]


@pytest.mark.parametrize("damage", ["cut", "flipped", "no zip"])
def test_a_damaged_archive_is_refused(tmp_path: Path, damage: str) -> None:
    path = _archive(tmp_path, [("connectedApps/Good.connectedApp", GOOD)])
    data = bytearray(path.read_bytes())
    if damage == "flipped":
        data[70] ^= 0xFF
    damaged = {"cut": bytes(data[:-30]), "flipped": bytes(data), "no zip": b"PK\x03\x04 not really"}
    path.write_bytes(damaged[damage])
    ran = changeover("assess", path, "--json")
    said_once(ran)
    assert ran.code == 1
    assert [error["code"] for error in ran.json["errors"]] == ["E-ZIP-REFUSED"]


PROJECTS = {
    "no JSON": "{",
    "a list": "[]",
    "no folders": "{}",
    "a number": '{"packageDirectories": [{"path": 5}]}',
    "leads out": '{"packageDirectories": [{"path": "../elsewhere"}]}',
    "absolute": '{"packageDirectories": [{"path": "/etc"}]}',
    "missing": '{"packageDirectories": [{"path": "nope"}]}',
    "a NUL": '{"packageDirectories": [{"path": "a\\u0000b"}]}',
    "deep": "[" * 100_000,
}


@pytest.mark.parametrize("what", PROJECTS)
def test_a_broken_project_file_is_one_error(tmp_path: Path, what: str) -> None:
    put(tmp_path, "elsewhere/Good.connectedApp-meta.xml", GOOD)
    put(tmp_path, "project/force-app/Good.connectedApp-meta.xml", GOOD)
    put(tmp_path, "project/sfdx-project.json", PROJECTS[what])
    ran = changeover("assess", tmp_path / "project", "--json")
    said_once(ran)
    assert ran.code == 1
    assert ran.json["apps"] == []
    assert len(ran.json["errors"]) == 1
    assert ran.json["errors"][0]["code"] in {"E-PROJECT-BROKEN", "E-PATH-MISSING"}


HISTORIES: dict[str, bytes] = {
    "empty": b"",
    "binary": bytes(range(256)),
    "other columns": b"a,b\n1,2\n",
    "no subtype": b"LoginTime,Application\n2026-11-01T10:00:00Z,Good\n",
    "a long line": b'LoginTime,Application,LoginSubType\n2026-11-01T10:00:00Z,"' + b"x" * 2_000_000 + b'",\n',
    "broken JSON": b'{"records": [{"LoginTime": ',
    "deep JSON": b"[" * 200_000,
    "no records": b'{"records": 5}',
    "no gzip": b"\x1f\x8b not really",
}


@pytest.mark.parametrize("what", HISTORIES)
def test_a_broken_login_history_is_one_error(tmp_path: Path, what: str) -> None:
    put(tmp_path, "in/Good.connectedApp-meta.xml", GOOD)
    (tmp_path / "logins").write_bytes(HISTORIES[what])
    ran = changeover("assess", tmp_path / "in", "--login-history", tmp_path / "logins", "--json", timeout=20)
    said_once(ran)
    assert ran.code == 1
    assert [error["code"] for error in ran.json["errors"]] == ["E-LOGIN-HISTORY-UNREADABLE"]
    rules: list[Any] = [finding["rule"] for finding in ran.json["apps"][0]["findings"]]
    assert "username-password-seen" not in rules


def test_a_policy_nobody_understands_is_reported(tmp_path: Path) -> None:
    body = oauth("K").replace("specific_lifetime:12:HOURS", "specific_lifetime:soon:DAYS")
    put(tmp_path, "A.connectedApp-meta.xml", connected_app(body))
    (app,) = changeover("assess", tmp_path, "--json").json["apps"]
    assert "unknown-element" in [finding["rule"] for finding in app["findings"]]
