"""A plan file: what is written is what is read, its schema describes it, and nothing else passes for one."""

from __future__ import annotations

import json
import tracemalloc
from datetime import UTC, date, datetime
from importlib.resources import files as package
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from changeover.errors import ChangeoverError
from changeover.migration.plan import (
    FileTrouble,
    LoginWindow,
    OrgIdentity,
    Owner,
    PlanEnd,
    PlanHead,
    PlannedApp,
    Source,
    SourceKind,
)
from changeover.plans.engine import engine
from changeover.plans.file import SCHEMA, PlanFile, PlanWriter, encoded
from tests.migration.make import app, files, logins, org, use
from tests.migration.test_plan import planned

AT = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
HEAD = PlanHead(
    format=1,
    engine=engine(),
    source=Source(
        kind=SourceKind.ORG,
        name="Acme",
        path=None,
        org=OrgIdentity(org_id="00D000000000001AAA", name="Acme", my_domain="acme", edition="Developer"),
        switches={"username_password_blocked": None},
    ),
    made_at=AT,
    made_by="ida@example.com",
    today=date(2026, 11, 25),
    logins=LoginWindow(start=AT, end=AT),
)
END = PlanEnd(
    verdicts={"eligible": 2},
    unknown_owners=(Owner(app="Gone", contact="gone@example.com"),),
    errors=(FileTrouble(path="a.xml", line=None, code="E-XML-BROKEN", message="no", remedy="mend"),),
)


def some() -> tuple[PlannedApp, ...]:
    """Apps with something in every field."""
    seen = logins(use("OauthUsernamePassword", 14, "int@example.com"))
    lost = app(more={"mobileAppConfig/devicePlatform": "ios", "oauthConfig/consumerSecret": "s"})
    return (planned(lost, files(logins=seen)), planned(app(name="Other"), org(local=False)))


def written(path: Path, apps: tuple[PlannedApp, ...]) -> Path:
    """Write a plan."""
    with PlanWriter(path, HEAD) as writer:
        for one in apps:
            writer.add(encoded(one))
        writer.finish(END)
    return path


def validator() -> Any:
    """The published schema."""
    text = package("changeover").joinpath("schemas/plan-1.schema.json").read_text(encoding="utf-8")
    return jsonschema_rs.validator_for(json.loads(text), validate_formats=True)


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    plan = PlanFile(written(tmp_path / "plan.json", some()))
    assert plan.head == HEAD
    assert tuple(plan.apps()) == some()
    assert plan.end == END
    assert len(plan.digest) == 64
    assert [file.name for file in tmp_path.iterdir()] == ["plan.json"]


def test_a_plan_without_apps_is_one(tmp_path: Path) -> None:
    assert tuple(PlanFile(written(tmp_path / "plan.json", ())).apps()) == ()


def test_a_plan_that_another_program_has_laid_out_anew_is_read(tmp_path: Path) -> None:
    path = written(tmp_path / "plan.json", some())
    whole = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(whole, indent=4, sort_keys=True), encoding="utf-8")
    plan = PlanFile(path)
    assert (plan.head, tuple(plan.apps()), plan.end) == (HEAD, some(), END)


def test_the_schema_describes_it(tmp_path: Path) -> None:
    text = written(tmp_path / "plan.json", some()).read_text(encoding="utf-8")
    validator().validate(json.loads(text))
    assert json.loads(text)["$schema"] == SCHEMA
    for right, wrong in (
        ('"fingerprint":', '"imprint":'),
        ('"verdict":"confirm"', '"verdict":"perhaps"'),
        ('"made_at":"2026', '"made_at":"yesterday 2026'),
        ('"label":', '"more":1,"label":'),
    ):
        assert right in text
        assert not validator().is_valid(json.loads(text.replace(right, wrong, 1))), wrong


def test_nothing_stands_there_until_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    old = written(path, ()).read_bytes()
    with PlanWriter(path, HEAD) as writer:
        writer.add(encoded(some()[0]))
    assert path.read_bytes() == old
    assert [file.name for file in tmp_path.iterdir()] == ["plan.json"]


def test_nothing_but_a_plan_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "package.json"
    path.write_text('{"name": "mine"}', encoding="utf-8")
    with pytest.raises(ChangeoverError) as caught:
        PlanWriter(path, HEAD)
    assert caught.value.code == "E-OUTPUT-IN-THE-WAY"
    assert path.read_text(encoding="utf-8") == '{"name": "mine"}'
    assert [file.name for file in tmp_path.iterdir()] == ["package.json"]


def test_a_folder_that_is_not_there_takes_no_plan(tmp_path: Path) -> None:
    with pytest.raises(ChangeoverError) as caught:
        PlanWriter(tmp_path / "none" / "plan.json", HEAD)
    assert caught.value.code == "E-OUTPUT-FAILED"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"head": 1, "apps": []}',
        b'{"apps": []}',
        b'{"head": {"format": 2}}',
    ],
)
def test_what_is_no_plan_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(content)
    with pytest.raises(ChangeoverError) as caught:
        PlanFile(path)
    assert caught.value.code == "E-PLAN-UNREADABLE"


def test_a_plan_of_another_format_is_refused_and_says_so(tmp_path: Path) -> None:
    path = written(tmp_path / "plan.json", ())
    path.write_bytes(path.read_bytes().replace(b'"format":1', b'"format":2'))
    with pytest.raises(ChangeoverError, match="format 2") as caught:
        PlanFile(path)
    assert caught.value.code == "E-PLAN-UNREADABLE"


def test_a_plan_that_breaks_off_or_lacks_a_field_is_refused_while_it_is_read(tmp_path: Path) -> None:
    path = written(tmp_path / "plan.json", some())
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ChangeoverError, match="cut off"):
        list(PlanFile(path).apps())
    path.write_bytes(whole.replace(b'"fingerprint"', b'"imprint"'))
    with pytest.raises(ChangeoverError, match="fingerprint"):
        list(PlanFile(path).apps())


def test_a_plan_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    plan = PlanFile(written(tmp_path / "plan.json", some()))
    written(tmp_path / "plan.json", some()[:1])
    with pytest.raises(ChangeoverError, match="has changed") as caught:
        list(plan.apps())
    assert caught.value.code == "E-PLAN-UNREADABLE"


def test_a_missing_plan_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(ChangeoverError) as caught:
        PlanFile(tmp_path / "plan.json")
    assert caught.value.code == "E-PLAN-UNREADABLE"
    assert "No such file" in caught.value.message


def test_however_many_apps_there_are_one_is_in_memory(tmp_path: Path) -> None:
    record = some()[0]

    def peak(count: int) -> int:
        path = tmp_path / f"{count}.json"
        tracemalloc.start()
        try:
            with PlanWriter(path, HEAD) as writer:
                for _ in range(count):
                    writer.add(encoded(record))
                writer.finish(END)
            plan = PlanFile(path)
            assert sum(1 for _ in plan.apps()) == count
            assert plan.end == END
            assert plan.digest
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(1)
    assert peak(400) < 2 * peak(40)
