"""Files from files: what is written, what never is, and what stands there whenever the process dies."""

from __future__ import annotations

import stat
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from changeover import errors
from changeover.errors import ChangeoverError, ErrorKind
from changeover.metadata.files import path_of, type_of, write_document
from changeover.migration.finding import Verdict
from changeover.migration.mapping import expected_result
from changeover.project.convert import Choices, Outcome, convert
from changeover.project.output import OutputFolder
from changeover.project.project import Project
from changeover.project.tree import EXPECTED_RESULT
from tests.project.files import connected_app, found, global_settings, header, lay

TODAY = date(2026, 11, 23)
REPLACE, UNLINK = Path.replace, Path.unlink
LISTS = {EXPECTED_RESULT, ".gitignore", ".forceignore"}


def run(
    source: Path,
    target: Path,
    *apps: str,
    side_by_side: bool = False,
    include_secret: bool = False,
    source_format: bool = True,
) -> list[Outcome]:
    choices = Choices(
        today=TODAY,
        apps=apps,
        side_by_side=side_by_side,
        include_secret=include_secret,
        source_format=source_format,
    )
    with Project(source) as project:
        return list(convert(project, source, target, choices))


def refused(source: Path, target: Path, *apps: str, **choices: bool) -> ErrorKind:
    with pytest.raises(ChangeoverError) as caught:
        run(source, target, *apps, **choices)
    return caught.value.kind


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return lay(
        tmp_path / "source",
        {
            "connectedApps/Billing.connectedApp-meta.xml": connected_app(
                config="<consumerSecret>TOP.SECRET.4711</consumerSecret>"
            ),
            "connectedApps/Portal.connectedApp-meta.xml": connected_app("Portal", "3MVG9.Portal"),
        },
    )


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "target"


def test_the_expected_result_is_what_the_mapping_says(source: Path, target: Path) -> None:
    billing, portal = run(source, target)
    assert (billing.verdict, billing.external_client_app) == (Verdict.ELIGIBLE, "Billing")
    assert portal.external_client_app == "Portal"
    with Project(source) as project:
        app = next(project.connected_apps(TODAY)).app
    expected = {
        path_of(one): write_document(one).replace(
            b"    <consumerSecret>TOP.SECRET.4711</consumerSecret>\n", b""
        )
        for one in expected_result(app).external_client_app.documents
    }
    written = found(target)
    assert expected == {path: content for path, content in written.items() if "Billing" in path}
    assert set(billing.written) == set(expected)
    assert billing.written[-1] == "externalClientApps/Billing.eca-meta.xml"
    assert set(written) - set(expected) - set(portal.written) == LISTS
    assert b"DO NOT DEPLOY" in written[EXPECTED_RESULT]
    assert b"ecaGlblOauth" in written[".gitignore"]
    assert b"ecaGlblOauth" in written[".forceignore"]


def test_a_secret_is_written_on_request_only_and_for_its_owner_only(source: Path, tmp_path: Path) -> None:
    billing, _ = run(source, tmp_path / "without")
    assert billing.left_out == ("Billing_glbloauth.ecaGlblOauth/consumerSecret",)
    assert not [path for path, content in found(tmp_path / "without").items() if b"4711" in content]
    billing, _ = run(source, tmp_path / "with", include_secret=True)
    assert billing.left_out == ()
    holders = [path for path, content in found(tmp_path / "with").items() if b"4711" in content]
    assert holders == ["extlClntAppGlobalOauthSets/Billing_glbloauth.ecaGlblOauth-meta.xml"]
    for path in found(tmp_path / "with"):
        mode = stat.S_IMODE((tmp_path / "with" / path).stat().st_mode)
        assert (mode & 0o077 == 0) == (path in holders), path


def test_a_second_run_changes_nothing(source: Path, target: Path) -> None:
    run(source, target)
    before = {path: (target / path).stat().st_mtime_ns for path in found(target)}
    outcomes = run(source, target)
    assert [outcome.written for outcome in outcomes] == [(), ()]
    assert [outcome.error for outcome in outcomes] == [None, None]
    assert before == {path: (target / path).stat().st_mtime_ns for path in found(target)}


def test_only_the_apps_named_are_converted(source: Path, target: Path) -> None:
    assert [outcome.api_name for outcome in run(source, target, "portal")] == ["Portal"]
    assert not [path for path in found(target) if "Billing" in path]
    run(source, target)
    assert [path for path in found(target) if "Billing" in path]


def test_a_name_that_no_app_has_stops_everything_before_it_begins(source: Path, target: Path) -> None:
    assert refused(source, target, "Portal", "Nobody") is errors.APP_NOT_FOUND
    assert not target.exists()


def test_blocked_apps_and_names_that_occur_twice_are_skipped(source: Path, target: Path) -> None:
    canvas = "<canvasConfig><accessMethod>Get</accessMethod><canvasUrl>https://a.example.com</canvasUrl></canvasConfig>"
    lay(
        source,
        {
            "connectedApps/Canvas.connectedApp-meta.xml": connected_app(more=canvas, key="c"),
            "old/portal.connectedApp": connected_app(key="d"),
        },
    )
    outcomes = {outcome.path: outcome for outcome in run(source, target)}
    blocked = outcomes["connectedApps/Canvas.connectedApp-meta.xml"]
    assert blocked.verdict is Verdict.BLOCKED
    assert "canvas" in blocked.skipped[0]
    assert "old/portal.connectedApp" in outcomes["connectedApps/Portal.connectedApp-meta.xml"].skipped[0]
    assert outcomes["old/portal.connectedApp"].skipped
    assert outcomes["connectedApps/Billing.connectedApp-meta.xml"].written
    assert not [path for path in found(target) if "Billing" not in path and path not in LISTS]


def test_metadata_format_has_a_package_that_names_all(source: Path, target: Path) -> None:
    run(source, target, "Billing", source_format=False)
    run(source, target, "Portal", source_format=False)
    written = found(target)
    assert not [path for path in written if path.endswith("-meta.xml")]
    package = written["package.xml"].decode()
    for path in written:
        if (entry := type_of(path)) is not None:
            name = path.rsplit("/", 1)[-1].removesuffix(f".{entry.suffix}")
            assert f"<members>{name}</members>" in package
            assert f"<name>{entry.name}</name>" in package
            assert path.startswith(f"{entry.folder}/")
    before = {path: (target / path).stat().st_mtime_ns for path in written}
    run(source, target, source_format=False)
    assert before == {path: (target / path).stat().st_mtime_ns for path in found(target)}


class TestSideBySide:
    def test_what_must_not_be_deployed_is_left_out(self, source: Path, target: Path) -> None:
        billing, portal = run(source, target, side_by_side=True)
        assert (billing.external_client_app, portal.external_client_app) == ("Billing_eca", "Portal_eca")
        assert billing.changes
        written = found(target)
        for content in written.values():
            for never in (
                b"consumerKey>",
                b"consumerSecret>",
                b"oauthLink>",
                b"orgScopedExternalApp>",
                b"4711",
            ):
                assert never not in content
        assert EXPECTED_RESULT not in written
        assert ".forceignore" not in written
        assert ".gitignore" in written

    def test_the_name_is_free_in_the_project(self, source: Path, target: Path) -> None:
        lay(source, {"x/BILLING_ECA.eca": header(), "x/portal_eca.connectedApp": connected_app(key="p")})
        names = [
            outcome.external_client_app
            for outcome in run(source, target, "Billing", "Portal", side_by_side=True)
        ]
        assert names == ["Billing_eca2", "Portal_eca2"]

    def test_names_that_come_out_alike_are_told_apart(self, tmp_path: Path, target: Path) -> None:
        source = lay(
            tmp_path / "alike",
            {f"A{sign}b.connectedApp": connected_app(key=sign) for sign in ("-", ".", "+", "_")},
        )
        names = {outcome.external_client_app for outcome in run(source, target, side_by_side=True)}
        assert names == {"A_b_eca", "A_b_eca2", "A_b_eca3", "A_b_eca4"}

    def test_a_second_run_finds_what_the_first_wrote_even_in_the_project(self, source: Path) -> None:
        for target in (source, source / "inside", source / "a" / ".." / "inside"):
            first = run(source, target, side_by_side=True)
            before = found(source)
            second = run(source, target, side_by_side=True)
            assert found(source) == before
            assert [one.external_client_app for one in first] == [one.external_client_app for one in second]
            assert [one.written for one in second] == [(), ()]
            for outcome in first:
                for path in outcome.written:
                    (target / path).unlink()

    def test_a_migrated_app_has_one_already(self, source: Path, target: Path) -> None:
        lay(source, {"x/Billing.eca": header(), "x/any.ecaGlblOauth": global_settings()})
        billing, portal = run(source, target, side_by_side=True)
        assert billing.verdict is Verdict.MIGRATED
        assert billing.skipped
        assert portal.written

    def test_what_only_takes_the_button_away_does_not_skip_an_app(self, tmp_path: Path, target: Path) -> None:
        canvas = "<canvasConfig><accessMethod>Get</accessMethod><canvasUrl>https://c.example.com</canvasUrl>"
        canvas += "<locations>Chatter</locations></canvasConfig>"
        cipher = (
            "<samlConfig><acsUrl>https://s.example.com</acsUrl><encryptionType>Triple_Des</encryptionType>"
        )
        cipher += "<entityUrl>https://s.example.com</entityUrl></samlConfig>"
        ranges = "<ipRanges><end>1.1.1.1</end><start>1.1.1.1</start></ipRanges>" * 129
        source = lay(
            tmp_path / "blocked",
            {
                "Canvas.connectedApp": connected_app(key="c", more=canvas),
                "Cipher.connectedApp": connected_app(key="s", more=cipher),
                "Handler.connectedApp": connected_app(key="h", more="<plugin>Door</plugin>"),
                "Ranges.connectedApp": connected_app(key="r", more=ranges),
                "acme__Packaged.connectedApp": connected_app(key="p"),
            },
        )
        assert all(outcome.skipped for outcome in run(source, tmp_path / "expected"))
        outcomes = {outcome.api_name: outcome for outcome in run(source, target, side_by_side=True)}
        for name in ("Canvas", "Cipher", "Handler"):
            assert outcomes[name].verdict is Verdict.BLOCKED
            assert outcomes[name].written
        for name in ("Ranges", "acme__Packaged"):
            assert outcomes[name].skipped
            assert not outcomes[name].written
        said = {
            name: " ".join(f"{one.what} {one.why}" for one in outcomes[name].changes) for name in outcomes
        }
        assert "Canvas_eca wherever a page embeds" in said["Canvas"]
        assert "canvasConfig/locations[1], or do without" in said["Canvas"]
        assert "samlConfig/encryptionType, or do without. Left out: external client apps" in said["Cipher"]
        assert "handler Door anew" in said["Handler"]
        written = b"".join(found(target).values())
        assert b"Triple_Des" not in written
        assert b"<canvasUrl>https://c.example.com</canvasUrl>" in written

    def test_expected_results_are_no_company_for_it(self, source: Path, target: Path) -> None:
        run(source, target)
        assert refused(source, target, side_by_side=True) is errors.OUTPUT_IN_THE_WAY


class TestWhatStandsThere:
    def test_the_source_is_no_place_for_expected_results(self, source: Path) -> None:
        before = found(source)
        assert refused(source, source / "connectedApps" / "..") is errors.OUTPUT_IN_SOURCE
        assert found(source) == before

    def test_expected_results_inside_the_project_do_not_make_apps_migrated(self, source: Path) -> None:
        run(source, source / "expected")
        assert [outcome.verdict for outcome in run(source, source / "expected")] == [Verdict.ELIGIBLE] * 2

    def test_somebody_elses_apps_are_no_place_for_them_either(self, source: Path, target: Path) -> None:
        lay(target, {"externalClientApps/Other.eca-meta.xml": header()})
        before = found(target)
        assert refused(source, target) is errors.OUTPUT_IN_THE_WAY
        assert found(target) == before

    def test_a_file_is_no_folder(self, source: Path, target: Path) -> None:
        target.write_text("x")
        assert refused(source, target) is errors.OUTPUT_IN_THE_WAY

    @pytest.mark.parametrize(
        "path",
        [
            "externalClientApps/Billing.eca-meta.xml",
            "extlClntAppPolicies/Billing_plcy.ecaPlcy-meta.xml",
            "elsewhere/Other_Name.ecaGlblOauth-meta.xml",
            "elsewhere/Billing.eca-meta.xml",
        ],
    )
    def test_a_file_in_the_way_fails_its_app_only_and_nothing_of_it_is_written(
        self, source: Path, target: Path, path: str
    ) -> None:
        run(source, target, "Portal")
        content = global_settings() if path.endswith("ecaGlblOauth-meta.xml") else header("Mine")
        lay(target, {path: content})
        billing, portal = run(source, target)
        assert isinstance(billing.error, ChangeoverError)
        assert billing.error.kind is errors.OUTPUT_IN_THE_WAY
        assert path in billing.error.message
        assert portal.error is None
        assert [one for one in found(target) if "Billing" in one and one != path] == []
        assert (target / path).read_text() == content

    def test_a_source_that_changed_since_is_refused(self, source: Path, target: Path) -> None:
        run(source, target)
        before = found(target)
        lay(
            source, {"connectedApps/Portal.connectedApp-meta.xml": connected_app("New label", "3MVG9.Portal")}
        )
        _, portal = run(source, target)
        assert portal.error is not None
        assert portal.error.kind is errors.OUTPUT_IN_THE_WAY
        assert found(target) == before

    def test_a_link_is_not_followed(self, source: Path, target: Path, tmp_path: Path) -> None:
        outside = lay(tmp_path / "outside", {"keep": "x"})
        run(source, target, "Portal")
        (target / "extlClntAppOauthPolicies").rename(target / "away")
        (target / "extlClntAppOauthPolicies").symlink_to(outside)
        (billing,) = run(source, target, "Billing")
        assert billing.error is not None
        assert found(outside) == {"keep": b"x"}
        assert not [path for path in found(target) if "Billing" in path]

    def test_a_file_that_is_a_link_is_in_the_way(self, source: Path, target: Path, tmp_path: Path) -> None:
        run(source, target, "Portal")
        path = "externalClientApps/Portal.eca-meta.xml"
        (target / path).rename(tmp_path / "moved")
        (target / path).symlink_to(tmp_path / "moved")
        (portal,) = run(source, target, "Portal")
        assert portal.error is not None

    def test_ignore_lists_of_somebody_else_are_added_to(self, source: Path, target: Path) -> None:
        lay(target, {".gitignore": "build/", ".forceignore": "*.md\n"})
        run(source, target)
        lines = (target / ".gitignore").read_text().splitlines()
        assert lines[0] == "build/"
        assert "*.ecaGlblOauth-meta.xml" in lines
        assert (target / ".forceignore").read_text().startswith("*.md\n#")

    def test_a_package_of_somebody_else_is_in_the_way(self, source: Path, target: Path) -> None:
        run(source, target, "Portal", source_format=False)
        package = target / "package.xml"
        package.write_text(package.read_text().replace("67.0", "50.0"))
        assert refused(source, target, source_format=False) is errors.OUTPUT_IN_THE_WAY

    def test_a_disk_that_refuses_is_an_error_of_the_app(
        self, source: Path, target: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run(source, target, "Portal")
        replace = Path.replace

        def full(self: Path, to: Path) -> Path:
            if "Billing_plcy" in str(to):
                raise OSError(28, "No space left on device")
            return replace(self, to)

        monkeypatch.setattr(Path, "replace", full)
        billing, portal = run(source, target)
        assert billing.error is not None
        assert billing.error.kind is errors.OUTPUT_FAILED
        assert portal.error is None
        assert not list(target.rglob(".changeover-*"))
        assert "externalClientApps/Billing.eca-meta.xml" not in found(target)


class Killed(BaseException):
    """What a kill looks like from inside: no handler runs after it."""


@pytest.fixture
def kill(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, Callable[[], object]], bool]:
    """Run something that dies before its n-th rename or removal; tell whether it came to its end."""

    def kill_after(steps: int, work: Callable[[], object]) -> bool:
        left = steps

        def step() -> None:
            nonlocal left
            if left == 0:
                raise Killed
            left -= 1

        def replace(self: Path, to: Path) -> Path:
            step()
            return REPLACE(self, to)

        def unlink(self: Path, missing_ok: bool = False) -> None:  # noqa: FBT001, FBT002
            if not self.name.startswith(".changeover-"):
                step()
            UNLINK(self, missing_ok=missing_ok)

        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", replace)
            patch.setattr(Path, "unlink", unlink)
            try:
                work()
            except Killed:
                return False
            return True

    return kill_after


def headless_or_whole(seen: dict[str, bytes], whole: dict[str, bytes]) -> None:
    for path, content in seen.items():
        assert path == "package.xml" or whole[path] == content, path
    for app in ("Billing", "Portal"):
        if any(path.startswith(f"externalClientApps/{app}.eca") for path in seen):
            assert {path for path in whole if f"/{app}" in path} <= set(seen)
    if "package.xml" in seen:
        assert seen == whole


@pytest.mark.parametrize("source_format", [True, False], ids=["source", "metadata"])
@pytest.mark.parametrize("hole", [False, True], ids=["fresh", "with a hole"])
def test_killed_anywhere_an_app_is_whole_or_has_no_header_and_the_next_run_completes(
    source: Path,
    tmp_path: Path,
    kill: Callable[[int, Callable[[], object]], bool],
    *,
    source_format: bool,
    hole: bool,
) -> None:
    run(source, tmp_path / "whole", source_format=source_format)
    whole = found(tmp_path / "whole")
    for steps in range(60):
        target = tmp_path / f"killed{steps}"
        if hole:
            # Somebody removed a part: the header is there, so the app looks whole and is not.
            run(source, target, source_format=source_format)
            next(iter(target.glob("extlClntAppPolicies/Billing*"))).unlink()
        finished = kill(steps, lambda: run(source, target, source_format=source_format))  # noqa: B023
        if not hole or steps > 1:
            headless_or_whole(found(target), whole)
        assert [outcome.error for outcome in run(source, target, source_format=source_format)] == [None, None]
        assert found(target) == whole
        if finished:
            assert steps >= 3
            return
    pytest.fail("the run never came to its end")


def test_temporary_files_of_a_killed_run_are_removed_when_nobody_can_be_writing_them(
    source: Path, target: Path
) -> None:
    import os  # noqa: PLC0415
    import time  # noqa: PLC0415

    lay(target, {"externalClientApps/.changeover-old": "half", "externalClientApps/.changeover-new": "half"})
    old = time.time() - 7200
    os.utime(target / "externalClientApps/.changeover-old", (old, old))
    run(source, target)
    left = [path for path in found(target) if ".changeover-" in path]
    assert left == ["externalClientApps/.changeover-new"]


def test_the_folder_is_not_made_before_there_is_something_to_write(tmp_path: Path) -> None:
    OutputFolder(tmp_path / "none").finish()
    assert not (tmp_path / "none").exists()


def test_every_app_of_the_corpus_that_may_migrate_is_written_and_read_back(
    corpus: Path, tmp_path: Path
) -> None:
    written = 0
    for folder in sorted((corpus / "connected-apps").iterdir()):
        target = tmp_path / folder.name
        for outcome in run(folder, target):
            assert outcome.error is None, outcome
            assert bool(outcome.written) != bool(outcome.skipped), outcome
            written += bool(outcome.written)
        with Project(target) as project:
            for entry in project.entries():
                assert entry.error is None
                assert entry.document is not None
                assert write_document(entry.document) == (target / entry.path).read_bytes()
    assert written > 130
