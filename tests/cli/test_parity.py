"""The same refusal at both doors: code, message and remedy; and nothing has changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from changeover.org.external_client_app_edits import edit_settings
from tests.api.rest import CONFIRMED, Caller, Rest, archive
from tests.cli.org_commands import Said, Shell
from tests.org.world import World, app

BOTH = ("--confirm-local", "--confirm-no-username-password")
ZIP = {"Content-Type": "application/zip"}


@dataclass(frozen=True)
class Doors:
    """One org, seen from both doors by one user."""

    world: World
    rest: Rest
    shell: Shell
    caller: Caller


Told = Mapping[str, Any]


def said_by_rest(answer: Any) -> Told:
    body = answer.json()
    return {"code": body["code"], "message": body["detail"], "remedy": body["remedy"]}


def of_item(item: Mapping[str, Any]) -> Told:
    return {name: item[name] for name in ("code", "message", "remedy")}


def migrated_by_rest(doors: Doors, body: Mapping[str, Any] = CONFIRMED) -> Told:
    return said_by_rest(doors.caller.post("/connected-apps/Billing/migration", body))


def migrated_by_shell(doors: Doors, *flags: str) -> Told:
    said = doors.shell.run("migrate", "Billing", *(flags or BOTH), "--json")
    assert said.code in {1, 2}
    (outcome,) = said.json["outcomes"]
    return of_item(outcome)


def _other_edition(doors: Doors) -> None:
    doors.rest.switch(edition="Enterprise")


def _reimport_by_rest(doors: Doors) -> Told:
    answer = doors.caller.post("/import", content=archive(app("Billing", description="x")), headers=ZIP)
    (item,) = answer.json()["apps"]
    return of_item(item)


def _reimport_by_shell(doors: Doors) -> Told:
    file = doors.world.folder / "again.zip"
    file.write_bytes(archive(app("Billing", description="x")))
    said = doors.shell.run("import", str(file), "--json")
    assert said.code == 1
    (item,) = said.json["apps"]
    return of_item(item)


def _refused(said: Said) -> Told:
    assert said.code == 1
    return of_item(said.json["error"])


Door = Callable[[Doors], Told]


@dataclass(frozen=True)
class Case:
    """A refusal, and how each door comes to it."""

    code: str
    prepare: Callable[[Doors], object]
    rest: Door
    shell: Door
    permissions: tuple[str, ...] = ()
    """Of the user who acts; the administrator where empty."""


def _migrated(doors: Doors) -> None:
    doors.world.migrated("Billing")


CASES = {
    "no permission": Case(
        "E-NOT-PERMITTED",
        lambda _: None,
        migrated_by_rest,
        lambda d: _refused(d.shell.run("migrate", "Billing", *BOTH, "--json")),
        permissions=("ViewSetup", "ExternalClientAppAdmin"),
    ),
    "another edition": Case("E-EDITION", _other_edition, migrated_by_rest, migrated_by_shell),
    "not local": Case(
        "E-NOT-LOCAL",
        lambda d: d.world.bring(app("ns__Billing")),
        lambda d: said_by_rest(d.caller.post("/connected-apps/ns__Billing/migration", CONFIRMED)),
        lambda d: of_item(d.shell.run("migrate", "ns__Billing", *BOTH, "--json").json["outcomes"][0]),
    ),
    "not eligible": Case(
        "E-NOT-ELIGIBLE",
        lambda d: d.world.bring(app("Billing", plugin="Handler")),
        migrated_by_rest,
        migrated_by_shell,
    ),
    "push settings invalid": Case(
        "E-PUSH-INVALID", lambda d: d.world.server_key(), migrated_by_rest, migrated_by_shell
    ),
    "not confirmed that it is local": Case(
        "E-CONFIRM-LOCAL",
        lambda _: None,
        lambda d: migrated_by_rest(d, {"no_username_password": True}),
        lambda d: migrated_by_shell(d, "--confirm-no-username-password"),
    ),
    "not confirmed that the flow is not used": Case(
        "E-CONFIRM-NO-USERNAME-PASSWORD",
        lambda _: None,
        lambda d: migrated_by_rest(d, {"local": True}),
        lambda d: migrated_by_shell(d, "--confirm-local"),
    ),
    "against the evidence": Case(
        "E-USERNAME-PASSWORD-SEEN", lambda d: d.world.log_in("Billing"), migrated_by_rest, migrated_by_shell
    ),
    "a second click": Case("E-ALREADY-MIGRATED", _migrated, migrated_by_rest, migrated_by_shell),
    "a re-import of a read-only app": Case(
        "E-APP-READ-ONLY", _migrated, _reimport_by_rest, _reimport_by_shell
    ),
    "an unconfirmed deletion": Case(
        "E-CONFIRM-DELETION",
        _migrated,
        lambda d: said_by_rest(d.caller.delete("/external-client-apps/Billing", version="*")),
        lambda d: _refused(d.shell.run("revert", "Billing", "--json")),
    ),
    "no such app": Case(
        "E-EXTERNAL-CLIENT-APP-NOT-FOUND",
        lambda _: None,
        lambda d: said_by_rest(d.caller.get("/external-client-apps/Billing/losses")),
        lambda d: _refused(d.shell.run("revert", "Billing", "--json")),
    ),
}


def _kept(world: World) -> dict[str, list[str]]:
    """Return apps and audit trail. The command line migrates in batches, whose start is told there."""
    kept = ("connected_app", "external_client_app", "audit")
    return {
        table: [row for row in rows if "connected-app:batch:started" not in row]
        for table, rows in world.everything().items()
        if table.startswith(kept)
    }


@pytest.mark.parametrize("name", CASES)
def test_both_doors_refuse_alike_and_change_nothing(world: World, name: str) -> None:
    case = CASES[name]
    world.bring(app("Billing"))
    rest, shell = Rest(world), Shell(world)
    caller = rest.admin
    doors = Doors(world, rest, shell, caller)
    case.prepare(doors)
    if case.permissions:
        user = rest.user("someone@acme.example", *case.permissions)
        doors = Doors(world, rest, shell, rest.caller(user))
        shell.environment["CHANGEOVER_USER"] = user.username
    doors.caller.get("/me")
    before = _kept(world)
    over_rest, on_the_line = case.rest(doors), case.shell(doors)
    assert over_rest["code"] == case.code
    assert over_rest == on_the_line
    assert _kept(world) == before


def test_both_doors_refuse_a_stale_page_alike(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the command line the page is the list of losses that a person was asked about."""
    world.bring(app("Billing"))
    world.migrated("Billing")
    rest, shell = Rest(world), Shell(world)
    seen = rest.admin.get("/external-client-apps/Billing").headers["etag"]

    def changed_meanwhile(*_: object, **__: object) -> bool:
        world.do(edit_settings, "Billing", {"eca/description": "Meanwhile"}, seen_version=None)
        return True

    monkeypatch.setattr("changeover.cli.revert.at_a_terminal", lambda: True)
    monkeypatch.setattr("click.confirm", changed_meanwhile)
    on_the_line = shell.run("revert", "Billing")
    over_rest = said_by_rest(
        rest.admin.delete("/external-client-apps/Billing", params={"confirmed": "true"}, version=seen)
    )
    assert on_the_line.code == 1
    assert on_the_line.err.strip() == f"{over_rest['code']}: {over_rest['message']} {over_rest['remedy']}"
    assert over_rest["code"] == "E-STALE-PAGE"
    assert rest.admin.get("/external-client-apps/Billing").status_code == 200
