"""A folder, a project, an archive or a file as a place where apps live."""

from __future__ import annotations

import json
import os
import time
from datetime import date
from pathlib import Path

import pytest

from changeover import errors
from changeover.errors import ErrorKind
from changeover.metadata.file_error import FileError
from changeover.migration.situation import Neighbour
from changeover.project.login_history import LoginHistory
from changeover.project.project import ConnectedAppEntry, Project
from changeover.project.situations import MAX_NAMED
from changeover.project.tree import EXPECTED_RESULT
from tests.project.files import connected_app, global_settings, header, lay, pack, xml

TODAY = date(2026, 11, 23)


def apps(path: Path, logins: LoginHistory | None = None) -> list[ConnectedAppEntry]:
    with Project(path) as project:
        return list(project.connected_apps(TODAY, logins))


def names(path: Path) -> list[str]:
    return [entry.path for entry in apps(path)]


def failures(path: Path) -> list[tuple[str, ErrorKind]]:
    with Project(path) as project:
        list(project.entries())
        return [(error.path, error.kind) for error in project.errors]


class TestWhereAppsLive:
    def test_any_depth_and_both_formats(self, tmp_path: Path) -> None:
        lay(
            tmp_path,
            {
                "a/b/c/d/Deep.connectedApp-meta.xml": connected_app(),
                "unpackaged/connectedApps/Flat.connectedApp": connected_app(),
                "unpackaged/package.xml": "not read",
                "README.md": "not read",
                "classes/X.cls": "not read",
                ".hidden/No.connectedApp": connected_app(),
                "node_modules/x/No.connectedApp": connected_app(),
            },
        )
        assert names(tmp_path) == [
            "a/b/c/d/Deep.connectedApp-meta.xml",
            "unpackaged/connectedApps/Flat.connectedApp",
        ]
        assert failures(tmp_path) == []

    def test_an_archive(self, tmp_path: Path) -> None:
        file = pack(tmp_path / "retrieved", {"unpackaged/connectedApps/Flat.connectedApp": connected_app()})
        assert names(file) == ["unpackaged/connectedApps/Flat.connectedApp"]

    def test_a_single_file(self, tmp_path: Path) -> None:
        lay(tmp_path, {"Billing.connectedApp-meta.xml": connected_app(), "notes.txt": "x"})
        (entry,) = apps(tmp_path / "Billing.connectedApp-meta.xml")
        assert (entry.path, entry.app.full_name, entry.app.label) == (
            "Billing.connectedApp-meta.xml",
            "Billing",
            "Billing",
        )
        assert failures(tmp_path / "notes.txt") == [("notes.txt", errors.FILE_NOT_AN_APP)]

    def test_the_package_directories_of_a_project(self, tmp_path: Path) -> None:
        lay(
            tmp_path,
            {
                "sfdx-project.json": json.dumps(
                    {
                        "packageDirectories": [
                            {"path": "./two/", "default": True},
                            {"path": "one"},
                            {"path": "one/main"},
                        ]
                    }
                ),
                "one/main/A.connectedApp-meta.xml": connected_app(),
                "two/B.connectedApp-meta.xml": connected_app(),
                "twofold/C.connectedApp-meta.xml": connected_app(),
                "scratch/D.connectedApp-meta.xml": connected_app(),
            },
        )
        assert names(tmp_path) == ["one/main/A.connectedApp-meta.xml", "two/B.connectedApp-meta.xml"]
        assert failures(tmp_path) == []

    def test_a_package_directory_that_is_missing_is_said(self, tmp_path: Path) -> None:
        lay(
            tmp_path,
            {
                "sfdx-project.json": '{"packageDirectories": [{"path": "one"}, {"path": "gone"}]}',
                "one/A.connectedApp-meta.xml": connected_app(),
            },
        )
        assert names(tmp_path) == ["one/A.connectedApp-meta.xml"]
        assert failures(tmp_path) == [("gone", errors.PATH_MISSING)]

    @pytest.mark.parametrize(
        "content",
        [
            "{",
            "[]",
            "{}",
            '{"packageDirectories": []}',
            '{"packageDirectories": ["one"]}',
            '{"packageDirectories": [{"path": ""}]}',
            '{"packageDirectories": [{"path": "../other"}]}',
            '{"packageDirectories": [{"path": "one/../../other"}]}',
            '{"packageDirectories": [{"path": "/etc"}]}',
            '{"packageDirectories": [{"path": "C:\\\\x"}]}',
            "[" * 100_000,
        ],
    )
    def test_a_project_file_that_cannot_be_used_is_an_error(self, tmp_path: Path, content: str) -> None:
        lay(tmp_path, {"sfdx-project.json": content})
        with pytest.raises(FileError) as caught:
            Project(tmp_path)
        assert caught.value.kind is errors.PROJECT_BROKEN

    def test_a_project_file_with_any_number_of_directories_is_read_in_time(self, tmp_path: Path) -> None:
        directories = [{"path": f"packages/{nth}/" + "d/" * (nth % 9)} for nth in range(50_000)]
        lay(
            tmp_path,
            {
                "sfdx-project.json": json.dumps({"packageDirectories": [*directories, {"path": "packages"}]}),
                "packages/7/A.connectedApp-meta.xml": connected_app(),
            },
        )
        started = time.process_time()
        assert names(tmp_path) == ["packages/7/A.connectedApp-meta.xml"]
        assert time.process_time() - started < 10

    def test_a_folder_of_expected_results_is_left_out_unless_opened_itself(self, tmp_path: Path) -> None:
        lay(
            tmp_path,
            {
                "Billing.connectedApp": connected_app(),
                f"out/{EXPECTED_RESULT}": "x",
                "out/externalClientApps/Billing.eca": header(),
            },
        )
        with Project(tmp_path) as project:
            assert project.external_client_app("Billing") is None
        with Project(tmp_path / "out") as project:
            assert project.external_client_app("Billing") is not None

    def test_what_is_not_there_is_an_error(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        for path in (tmp_path / "none", tmp_path / "pipe", Path("nul\0"), tmp_path / ("x" * 300)):
            with pytest.raises(FileError) as caught:
                Project(path)
            assert caught.value.kind is errors.PATH_MISSING


class TestBrokenFiles:
    def test_are_one_error_each_and_the_others_are_read(self, tmp_path: Path) -> None:
        lay(
            tmp_path,
            {
                "A.connectedApp": connected_app(),
                "B.connectedApp": "<ConnectedApp",
                "C.connectedApp": connected_app().replace("ConnectedApp", "Profile"),
                "D.connectedApp": connected_app(more="<x>" * 40 + "</x>" * 40),
                "E.ecaOauth": b"\xff\xfe<\0",
                "appMenus/F.appMenu": "broken",
                "settings/OauthOidc.settings": "broken",
            },
        )
        assert names(tmp_path) == ["A.connectedApp"]
        assert sorted(failures(tmp_path), key=lambda one: one[0]) == [
            ("B.connectedApp", errors.XML_BROKEN),
            ("C.connectedApp", errors.FILE_NOT_AN_APP),
            ("D.connectedApp", errors.XML_TOO_LARGE),
            ("E.ecaOauth", errors.XML_ENCODING),
            ("appMenus/F.appMenu", errors.XML_BROKEN),
            ("settings/OauthOidc.settings", errors.XML_BROKEN),
        ]

    def test_stand_among_the_entries(self, tmp_path: Path) -> None:
        lay(tmp_path, {"A.connectedApp": connected_app(), "B.eca": "\n<a></b>"})
        with Project(tmp_path) as project:
            good, bad = project.entries()
        assert (good.type, good.full_name, good.error) == ("ConnectedApp", "A", None)
        assert good.document is not None
        assert (bad.type, bad.full_name, bad.document, bad.line) == (
            "ExternalClientApplication",
            "B",
            None,
            2,
        )
        assert bad.error is not None

    def test_are_told_once_however_often_they_are_read(self, tmp_path: Path) -> None:
        lay(tmp_path, {"D.connectedApp": connected_app(more="<x>" * 40 + "</x>" * 40)})
        with Project(tmp_path) as project:
            for _ in range(3):
                list(project.entries())
                list(project.connected_apps(TODAY))
            assert len(project.errors) == 1

    def test_a_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "A.connectedApp")
        assert failures(tmp_path) == [("A.connectedApp", errors.PATH_REFUSED)]

    def test_a_link_that_leads_out_is_not_followed(self, tmp_path: Path) -> None:
        lay(
            tmp_path, {"secret/Out.connectedApp": connected_app(), "in/real/In.connectedApp": connected_app()}
        )
        (tmp_path / "in/A.connectedApp").symlink_to(tmp_path / "out/Out.connectedApp")
        (tmp_path / "in/B.connectedApp").symlink_to("real/In.connectedApp")
        (tmp_path / "in/loop").symlink_to(tmp_path / "in")
        (tmp_path / "in/D.connectedApp").symlink_to("nowhere")
        assert names(tmp_path / "in") == ["B.connectedApp", "real/In.connectedApp"]
        assert failures(tmp_path / "in") == [
            ("A.connectedApp", errors.PATH_REFUSED),
            ("D.connectedApp", errors.PATH_MISSING),
        ]

    def test_a_name_that_is_no_utf_8_is_said(self, tmp_path: Path) -> None:
        (tmp_path / os.fsdecode(b"Sch\xf6n.connectedApp")).write_text(connected_app())
        assert failures(tmp_path) == [("Sch?n.connectedApp", errors.PATH_REFUSED)]

    def test_a_file_that_vanishes_is_an_error(self, tmp_path: Path) -> None:
        lay(tmp_path, {"A.connectedApp": connected_app(), "B.connectedApp": connected_app()})
        with Project(tmp_path) as project:
            (tmp_path / "A.connectedApp").unlink()
            assert [entry.path for entry in project.connected_apps(TODAY)] == ["B.connectedApp"]
            assert [error.kind for error in project.errors] == [errors.PATH_MISSING]


class TestSituations:
    def test_nothing_is_known_of_an_app_alone(self, tmp_path: Path) -> None:
        lay(tmp_path, {"Billing.connectedApp": connected_app()})
        (entry,) = apps(tmp_path)
        situation = entry.situation
        assert situation.today == TODAY
        assert not situation.in_org
        assert situation.local is None
        assert situation.neighbour is None
        assert situation.logins is None
        assert situation.username_password_blocked is None
        assert situation.user_provisioning is None
        assert situation.push is None
        assert situation.references == ()
        assert situation.same_name == situation.leftover_parts == situation.key_used_in == ()

    @pytest.mark.parametrize(
        ("part", "key"),
        [
            (global_settings("Billing", "3MVG9.Billing"), "3MVG9.Billing"),
            (global_settings("billing", "other"), "other"),
            (global_settings("Billing", ""), None),
            (global_settings("Another", "3MVG9.Billing"), None),
        ],
    )
    def test_an_external_client_app_of_the_name_is_a_neighbour(
        self, tmp_path: Path, part: str, key: str | None
    ) -> None:
        lay(tmp_path, {"Billing.connectedApp": connected_app(), "x/BILLING.eca": header()})
        lay(tmp_path, {"y/any.ecaGlblOauth": part})
        (entry,) = apps(tmp_path)
        assert entry.situation.neighbour == Neighbour(api_name="BILLING", consumer_key=key)
        assert entry.situation.leftover_parts == ()

    def test_parts_without_a_header_are_leftovers(self, tmp_path: Path) -> None:
        lay(tmp_path, {"Billing.connectedApp": connected_app(), "y/any.ecaGlblOauth": global_settings()})
        (entry,) = apps(tmp_path)
        assert entry.situation.neighbour is None
        assert entry.situation.leftover_parts == ("y/any.ecaGlblOauth",)

    def test_a_name_and_a_key_that_occur_twice(self, tmp_path: Path) -> None:
        lay(
            tmp_path,
            {
                "a/Billing.connectedApp": connected_app(key="1"),
                "b/billing.connectedApp-meta.xml": connected_app(key="2"),
                "c/Other.connectedApp": connected_app(key="1"),
            },
        )
        first, second, third = (entry.situation for entry in apps(tmp_path))
        assert first.same_name == ("b/billing.connectedApp-meta.xml",)
        assert second.same_name == ("a/Billing.connectedApp",)
        assert third.same_name == ()
        assert first.key_used_in == ("Other (c/Other.connectedApp)",)
        assert second.key_used_in == ()
        assert third.key_used_in == ("Billing (a/Billing.connectedApp)",)

    def test_thousands_of_one_key_do_not_name_each_other_all(self, tmp_path: Path) -> None:
        lay(tmp_path, {f"App{nth}.connectedApp": connected_app() for nth in range(MAX_NAMED + 5)})
        for entry in apps(tmp_path):
            assert len(entry.situation.key_used_in) == MAX_NAMED

    def test_an_app_without_a_key_shares_none(self, tmp_path: Path) -> None:
        lay(tmp_path, {"A.connectedApp": connected_app(key=""), "B.connectedApp": connected_app(key="")})
        assert [entry.situation.key_used_in for entry in apps(tmp_path)] == [(), ()]

    def test_other_files_that_name_it(self, tmp_path: Path) -> None:
        def provisioning(app: str, enabled: str) -> str:
            return xml(
                "UserProvisioningConfig", f"<connectedApp>{app}</connectedApp><enabled>{enabled}</enabled>"
            )

        lay(
            tmp_path,
            {
                "A.connectedApp": connected_app(),
                "B.connectedApp": connected_app(),
                "C.connectedApp": connected_app(),
                "p/1.userProvisioningConfig": provisioning("a", "true"),
                "p/2.userProvisioningConfig": provisioning("B", "false"),
                "m/AppSwitcher.appMenu": xml(
                    "AppMenu", "<appMenuItems><name>A</name><type>ConnectedApp</type></appMenuItems>"
                ),
            },
        )
        first, second, third = (entry.situation for entry in apps(tmp_path))
        assert [one.file for one in first.references] == [
            "m/AppSwitcher.appMenu",
            "p/1.userProvisioningConfig",
        ]
        assert (first.user_provisioning, second.user_provisioning, third.user_provisioning) == (
            True,
            False,
            None,
        )
        assert third.references == ()

    @pytest.mark.parametrize(
        ("switches", "expected"), [(["true"], True), (["false"], False), (["true", "false"], None)]
    )
    def test_the_switch_of_the_org(self, tmp_path: Path, switches: list[str], expected: bool | None) -> None:  # noqa: FBT001
        files: dict[str, str | bytes] = {"Billing.connectedApp": connected_app()}
        for nth, switch in enumerate(switches):
            inner = f"<blockOAuthUnPwFlow>{switch}</blockOAuthUnPwFlow>"
            files[f"{nth}/settings/OauthOidc.settings-meta.xml"] = xml("OauthOidcSettings", inner)
        lay(tmp_path, files)
        (entry,) = apps(tmp_path)
        assert entry.situation.username_password_blocked is expected

    def test_login_history_is_matched_by_label_and_says_who_shares_it(self, tmp_path: Path) -> None:
        lay(
            tmp_path / "project",
            {
                "A.connectedApp": connected_app(label="Billing"),
                "B.connectedApp": connected_app(label="Billing"),
                "C.connectedApp": connected_app(label="Other"),
                "D.eca": header(label="Billing"),
            },
        )
        file = tmp_path / "logins.csv"
        file.write_text(
            "UserId,LoginTime,Application,LoginSubType\n"
            "005,2026-11-01T00:00:00Z,Billing,OauthUsernamePassword\n"
            "005,2026-11-02T00:00:00Z,Elsewhere,OauthUsernamePassword\n"
        )
        logins = LoginHistory()
        logins.add(file)
        first, second, third = (entry.situation.logins for entry in apps(tmp_path / "project", logins))
        assert first is not None
        assert second is not None
        assert third is not None
        assert [use.count for use in first.flows] == [1]
        assert (first.shared_with, second.shared_with) == (("B", "D"), ("A", "D"))
        assert (third.flows, third.shared_with) == ((), ())
        assert first.window_end == third.window_end


def test_external_client_apps_are_gathered_by_the_app_that_parts_name(tmp_path: Path) -> None:
    lay(
        tmp_path,
        {
            "externalClientApps/Billing.eca": header(),
            "x/Strange_Name.ecaGlblOauth": global_settings("Billing"),
            "x/Lonely_glbloauth.ecaGlblOauth": global_settings("Lonely"),
            "x/Broken_oauth.ecaOauth": "<",
        },
    )
    with Project(tmp_path) as project:
        (app,) = project.external_client_apps()
        assert project.external_client_app("lonely") is None
        assert project.external_client_app("nobody") is None
    assert app.api_name == "Billing"
    assert [part.full_name for part in app.parts] == ["Strange_Name"]
    assert app.consumer_key == "3MVG9.Billing"


def test_only_one_app_is_in_memory_at_a_time(tmp_path: Path) -> None:
    import gc  # noqa: PLC0415
    import weakref  # noqa: PLC0415

    lay(tmp_path, {f"App{nth}.connectedApp": connected_app() for nth in range(50)})
    with Project(tmp_path) as project:
        alive: list[weakref.ref[object]] = []
        for entry in project.connected_apps(TODAY):
            alive.append(weakref.ref(entry.app))
            del entry
            gc.collect()
            assert sum(ref() is not None for ref in alive) <= 1


def test_the_corpus_is_read_without_an_error(corpus: Path) -> None:
    with Project(corpus) as project:
        entries = list(project.connected_apps(TODAY))
        assert len(entries) == 199
        assert project.errors == ()
        assert len(list(project.external_client_apps())) == 28
    by_name = {entry.app.full_name: entry.situation for entry in entries}
    assert by_name["Hamilton_Workato_Integrations"].neighbour == Neighbour(
        api_name="Hamilton_Workato_Integrations", consumer_key=None
    )
    fivetran = by_name["Fivetran"].neighbour
    assert fivetran is not None
    assert fivetran.consumer_key is not None
    assert len(by_name["Maestro"].references) == 1
