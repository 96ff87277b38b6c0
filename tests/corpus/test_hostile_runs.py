"""A hurried release engineer: wrong words, full disks, kills. One clear error, and what was there is left."""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.corpus.made_up import connected_app, oauth, put
from tests.corpus.trees import CHANGEOVER, Ran, changeover

APPS = 60
PARTS = (
    "extlClntAppGlobalOauthSets",
    "extlClntAppOauthSettings",
    "extlClntAppOauthPolicies",
    "extlClntAppPolicies",
)


def _without_superuser() -> None:
    """Root reads and writes everything; without these two capabilities it is a user like others."""
    dac_override, dac_read_search, drop = 1, 2, 24
    for capability in (dac_override, dac_read_search):
        ctypes.CDLL(None).prctl(drop, capability, 0, 0, 0)


def _short_of_space(size: int) -> Callable[[], None]:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


def run(
    *arguments: str | os.PathLike[str], before: Callable[[], None] | None = None, cwd: Path | None = None
) -> Ran:
    done = subprocess.run(
        [CHANGEOVER, *arguments],
        capture_output=True,
        check=False,
        cwd=cwd,
        preexec_fn=before,
        timeout=60,
    )
    ran = Ran(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert "Traceback" not in ran.out + ran.err
    return ran


def picture(folder: Path) -> dict[str, bytes | None]:
    """All that is in a folder: bytes of files, None for folders."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    body = oauth("K", "<consumerSecret>NobodyMaySeeThis0815</consumerSecret>")
    put(folder, "connectedApps/Billing.connectedApp-meta.xml", connected_app(body, label="Billing"))
    return folder


@pytest.mark.parametrize(
    "words",
    [
        ("frobnicate",),
        ("assess",),
        ("assess", "--frobnicate", "x"),
        ("assess", ""),
        ("convert", "."),
        ("convert", ".", "-o"),
        ("convert", ".", "-o", ""),
        ("convert", "", "-o", "out"),
        ("convert", ".", "-o", "out", "--format", "pdf"),
        ("convert", ".", "-o", "out", "--side-by-side", "--include-secret"),
    ],
)
def test_wrong_words_are_wrong_use(tmp_path: Path, words: tuple[str, ...]) -> None:
    """An unset variable makes an empty word: that is not the current folder."""
    put(tmp_path, "A.connectedApp-meta.xml", connected_app(oauth("K")))
    before = picture(tmp_path)
    ran = run(*words, cwd=tmp_path)
    assert ran.code == 64
    assert ran.err
    assert picture(tmp_path) == before


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    for words in (("assess", tmp_path / "no"), ("convert", tmp_path / "no", "-o", tmp_path / "out")):
        ran = run(*words)
        assert ran.code == 1
        assert ran.err.startswith("E-PATH-MISSING: ")
    assert picture(tmp_path) == {}


def test_an_app_that_is_not_there(project: Path, tmp_path: Path) -> None:
    ran = run("convert", project, "Biling", "-o", tmp_path / "out")
    assert ran.code == 1
    assert ran.err.startswith("E-APP-NOT-FOUND: ")
    assert "Biling" in ran.err
    assert not (tmp_path / "out").exists()


def test_two_apps_of_one_name_are_not_written(project: Path, tmp_path: Path) -> None:
    put(project, "other/BILLING.connectedApp", connected_app(oauth("K2")))
    ran = run("convert", project, "-o", tmp_path / "out", "--json")
    assert ran.code == 2
    assert [app["skipped"] != [] for app in ran.json["apps"]] == [True, True]
    assert not any("eca" in name for name in picture(tmp_path / "out"))


IN_THE_WAY: dict[str, Callable[[Path], object]] = {
    "a file": lambda out: out.write_text("mine"),
    "somebody's app": lambda out: put(out, "externalClientApps/Billing.eca-meta.xml", "<mine/>"),
    "somebody's part": lambda out: put(out, "x/Billing_oauth.ecaOauth-meta.xml", "<mine/>"),
    "a link": lambda out: out.symlink_to("/nowhere/at/all"),
}


@pytest.mark.parametrize("what", IN_THE_WAY)
def test_what_stands_in_the_way_stays(project: Path, tmp_path: Path, what: str) -> None:
    IN_THE_WAY[what](tmp_path / "out")
    before = picture(tmp_path)
    ran = run("convert", project, "-o", tmp_path / "out")
    assert ran.code == 1
    assert "E-OUTPUT-IN-THE-WAY: " in ran.err
    assert picture(tmp_path) == before


def test_an_edited_result_stays_as_it_was_edited(project: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run("convert", project, "-o", out).code == 0
    part = out / "extlClntAppOauthSettings/Billing_oauth.ecaOauth-meta.xml"
    part.write_text(part.read_text("utf-8").replace("Api", "Web"), "utf-8")
    for lost in ("", "externalClientApps/Billing.eca-meta.xml"):
        if lost:
            (out / lost).unlink()
        before = picture(out)
        ran = run("convert", project, "-o", out)
        assert ran.code == 1
        assert "Billing_oauth.ecaOauth-meta.xml" in ran.err
        assert picture(out) == before


def test_twice_is_once(project: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run("convert", project, "-o", out).code == 0
    before = picture(out)
    again = run("convert", project, "-o", out, "--json")
    assert again.code == 0
    assert [app["written"] for app in again.json["apps"]] == [[]]
    assert picture(out) == before


def test_the_source_is_no_place_for_results(project: Path) -> None:
    before = picture(project)
    for where in (project, Path()):
        ran = run("convert", project, "-o", where, cwd=project)
        assert ran.code == 1
        assert ran.err.startswith("E-OUTPUT-IN-SOURCE: ")
    assert picture(project) == before


def test_results_inside_the_project_migrate_nobody(project: Path) -> None:
    assert run("convert", project, "-o", project / "expected").code == 0
    assert [app["verdict"] for app in run("assess", project, "--json").json["apps"]] == ["eligible"]


@pytest.mark.parametrize("place", ["", "below/it"])
def test_a_folder_that_may_not_be_written(project: Path, tmp_path: Path, place: str) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o555)
    ran = run("convert", project, "-o", locked / place, before=_without_superuser)
    assert ran.code == 1
    assert "E-OUTPUT-FAILED: " in ran.err
    assert str(locked) in ran.err
    assert picture(locked) == {}


def test_files_that_may_not_be_read(project: Path) -> None:
    put(project, "connectedApps/Open.connectedApp-meta.xml", connected_app(oauth("K2")))
    (project / "connectedApps/Billing.connectedApp-meta.xml").chmod(0)
    put(project, "closed/Other.connectedApp-meta.xml", connected_app(oauth("K3")))
    (project / "closed").chmod(0)
    try:
        ran = run("assess", project, "--json", before=_without_superuser)
    finally:
        (project / "closed").chmod(0o755)
    assert ran.code == 1
    assert [app["api_name"] for app in ran.json["apps"]] == ["Open"]
    assert sorted(error["path"] for error in ran.json["errors"]) == [
        "closed",
        "connectedApps/Billing.connectedApp-meta.xml",
    ]


@pytest.mark.parametrize("size", [0, 100, 700])
def test_a_full_disk_leaves_whole_files_or_none(project: Path, tmp_path: Path, size: int) -> None:
    whole, out = tmp_path / "whole", tmp_path / "out"
    assert run("convert", project, "-o", whole).code == 0
    ran = run("convert", project, "-o", out, before=_short_of_space(size))
    assert ran.code == 1
    assert "E-OUTPUT-FAILED: " in ran.err
    there = picture(out) if out.exists() else {}
    assert {path: data for path, data in there.items() if picture(whole).get(path, b"?") != data} == {}
    assert not any("externalClientApps/" in path for path in there)
    assert run("convert", project, "-o", out).code == 0
    assert picture(out) == picture(whole)


@pytest.mark.parametrize("words", [("assess",), ("assess", "--json"), ("convert", "-o", "out")])
def test_an_answer_that_cannot_be_written(project: Path, tmp_path: Path, words: tuple[str, ...]) -> None:
    """`changeover assess . > report` on a full disk."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [CHANGEOVER, *words, project], stdout=full, stderr=subprocess.PIPE, check=False, cwd=tmp_path
        )
    said = done.stderr.decode()
    assert "Traceback" not in said
    assert said.startswith("E-ANSWER-LOST: ")
    assert "No space left on device" in said
    assert done.returncode == 1


@pytest.mark.parametrize("words", [("assess",), ("assess", "--json")])
def test_a_reader_that_leaves(project: Path, words: tuple[str, ...]) -> None:
    """`changeover assess . | head -c 1`."""
    for number in range(200):
        put(project, f"many/App{number}.connectedApp-meta.xml", connected_app(oauth(f"M{number}")))
    process = subprocess.Popen([CHANGEOVER, *words, project], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(1)
    process.stdout.close()
    assert process.stderr.read() == b""
    process.wait(60)
    process.stderr.close()


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes | None], float]:
    """A project of many apps, what becomes of it, and how long that takes."""
    folder = tmp_path_factory.mktemp("many")
    for number in range(APPS):
        body = oauth(f"K{number}", f"<consumerSecret>NobodyMaySeeThis{number}</consumerSecret>")
        put(folder, f"in/App{number}.connectedApp-meta.xml", connected_app(body, label=f"L{number}"))
    start = time.monotonic()
    assert run("convert", folder / "in", "-o", folder / "out", "--include-secret").code == 0
    return folder / "in", picture(folder / "out"), time.monotonic() - start


def _start(source: Path, out: Path) -> subprocess.Popen[bytes]:
    words: list[str | os.PathLike[str]] = [CHANGEOVER, "convert", source, "-o", out, "--include-secret"]
    return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.mark.slow
def test_a_kill_leaves_no_half_app(many: tuple[Path, dict[str, bytes | None], float], tmp_path: Path) -> None:
    source, whole, takes = many
    seen = set()
    for number in range(8):
        out = tmp_path / f"out{number}"
        process = _start(source, out)
        if number < 6:
            # Some while it writes: as soon as the folder is there, and then a little later each time.
            while not (out / ".gitignore").exists() and process.poll() is None:
                time.sleep(0.002)
            time.sleep(number * 0.02)
        else:
            time.sleep(takes * (number - 5) / 3)
        process.kill()
        process.wait()
        there = picture(out) if out.exists() else {}
        seen.add(len(there))
        strange = {path for path in there if path not in whole}
        # A temporary file may be left; it is whole under no app's name, private, and git does not see it.
        assert all("/.changeover-" in f"/{path}" for path in strange)
        assert {path for path in there if path not in strange and there[path] != whole[path]} == set()
        for path in there.keys() - strange:
            folder, _, name = path.partition("/")
            if folder == "externalClientApps" and name:
                app = name.split(".")[0]
                assert [
                    part for part in PARTS if not any(p.startswith(f"{part}/{app}_") for p in there)
                ] == []
        if strange:
            assert b".changeover-*\n" in (there[".gitignore"] or b"")
        assert run("convert", source, "-o", out, "--include-secret").code == 0
        after = picture(out)
        assert {path: data for path, data in after.items() if path not in strange} == whole
    assert len(seen) > 1, "no kill came while it was writing"


def test_what_a_kill_left_is_noticed(project: Path, tmp_path: Path) -> None:
    """Parts without their header, not in a folder of expected results: assess warns."""
    out = tmp_path / "made"
    assert run("convert", project, "-o", out, "--side-by-side").code == 0
    (out / "externalClientApps/Billing_eca.eca-meta.xml").unlink()
    for part in out.rglob("*-meta.xml"):
        text = part.read_text("utf-8").replace("Billing_eca", "Billing")
        put(project, part.relative_to(out).as_posix().replace("Billing_eca", "Billing"), text)
    (app,) = run("assess", project, "--json").json["apps"]
    assert "leftover-parts" in [finding["rule"] for finding in app["findings"]]


def test_two_runs_at_once(many: tuple[Path, dict[str, bytes | None], float], tmp_path: Path) -> None:
    source, whole, _ = many
    both = [_start(source, tmp_path / "out") for _ in range(2)]
    assert [process.wait(120) for process in both] == [0, 0]
    assert picture(tmp_path / "out") == whole


def test_written_secrets_are_private(
    many: tuple[Path, dict[str, bytes | None], float], tmp_path: Path
) -> None:
    source, _, _ = many
    assert run("convert", source, "App1", "-o", tmp_path / "out", "--include-secret").code == 0
    (file,) = (tmp_path / "out").rglob("*.ecaGlblOauth-meta.xml")
    assert file.stat().st_mode & 0o077 == 0
    for ignore in (".gitignore", ".forceignore"):
        lines = (tmp_path / "out" / ignore).read_text("utf-8").splitlines()
        assert [line for line in lines if line.endswith("*.ecaGlblOauth-meta.xml")] != []
        # What a killed run leaves under a temporary name may be that file.
        assert [line for line in lines if line.endswith(".changeover-*")] != []


def test_help_is_there() -> None:
    for words in ((), ("assess",), ("convert",)):
        ran = changeover(*words, "--help")
        assert ran.code == 0
        assert "Usage: changeover" in ran.out
