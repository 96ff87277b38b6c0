"""Login History of a large org: brought in by pieces, each with the verdicts that follow from it."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.migration.finding import Verdict
from changeover.migration.situation import FlowUse
from changeover.org import audit, login_order, logins, people
from changeover.org.app_manager import assess_app
from changeover.org.audit import Event, list_audit
from changeover.org.lists import AuditQuery, LoginQuery
from changeover.org.logins import LoginImport, import_login_histories, import_login_history, list_logins
from changeover.org.model.events import LoginRow
from changeover.org.permission_sets import save_permission_set
from changeover.org.ports import Unit
from tests.org.world import START, World, app

FLOWS = ("OauthUsernamePassword", "WebServer", "")


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces so small that a few rows are many."""
    monkeypatch.setattr(logins, "ROWS_AT_ONCE", 7)
    monkeypatch.setattr(logins, "APPS_AT_ONCE", 2)
    monkeypatch.setattr(login_order, "IN_MEMORY", 16)


def _rows(count: int, *, apps: int = 5) -> list[LoginRow]:
    chance = Random(1)  # noqa: S311 - no secret
    return [
        LoginRow(
            at=START - timedelta(days=1, minutes=chance.randrange(count)),
            username=f"user{chance.randrange(3)}@example.com",
            application=f" App{chance.randrange(apps)}\t",
            sub_type=chance.choice(FLOWS),
            status=chance.choice(("Success", "Failed: no")),
        )
        for _ in range(count)
    ]


def _import(world: World, *histories: Iterable[LoginRow]) -> LoginImport:
    return import_login_histories(world.house.units, world.admin, histories)


def _flows_of(rows: Iterable[LoginRow], *, refused: bool) -> tuple[FlowUse, ...]:
    """Tell by hand which flows the rows of an app show."""
    uses = []
    for sub_type in {row.sub_type for row in rows} - {""}:
        mine = [row for row in rows if row.sub_type == sub_type and row.refused is refused]
        last = {
            user: max(row.at for row in mine if row.username == user) for user in {r.username for r in mine}
        }
        users = sorted(last, key=lambda user: (-last[user].timestamp(), user))[:5]
        if mine:
            uses.append(
                FlowUse(sub_type=sub_type, count=len(mine), last=max(last.values()), users=tuple(users))
            )
    return tuple(sorted(uses, key=lambda use: (-use.last.timestamp(), use.sub_type)))


def test_pieces_bring_all_that_the_rows_tell(world: World) -> None:
    rows = _rows(200)
    # Setup's download has no ids: rows that equal each other are as many logins.
    rows += rows[:20] + rows[:5]
    names = [f"App{number}" for number in range(6)]
    world.bring(*map(app, names))
    assert _import(world, rows) == LoginImport(read=225, new=225)
    with world.read() as unit:
        for name in names:
            mine = [row for row in rows if row.application.strip() == name]
            told = unit.logins.flows(world.org_id, name)
            assert told == (_flows_of(mine, refused=False), _flows_of(mine, refused=True))
    verdicts = {world.record(name).verdict for name in names[:5]}
    assert (verdicts, world.record("App5").verdict) == ({Verdict.CONFIRM}, Verdict.ELIGIBLE)
    assert world.see(list_logins, LoginQuery()).total == 225
    # Again, in another order: nothing is new; and a longer window brings only the rest.
    before = world.everything()
    assert _import(world, reversed(rows)) == LoginImport(read=225, new=0)
    assert world.everything() == before
    assert _import(world, rows, [*rows, *_rows(230)[200:]]) == LoginImport(read=480, new=30)


def test_two_files_that_overlap_are_no_more_logins_than_one(world: World) -> None:
    rows = _rows(60)
    assert _import(world, rows[:40], rows[20:]).new == 60


def test_each_piece_has_its_verdicts_and_its_audit_row(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = _rows(100)
    world.bring(*(app(f"App{number}") for number in range(5)))
    done = 0

    def dies(*_args: object) -> None:
        nonlocal done
        done += 1
        if done == 9:
            raise KeyboardInterrupt

    real = audit.record

    def record(*args: Any, **more: Any) -> None:
        real(*args, **more)
        dies()

    monkeypatch.setattr(audit, "record", record)
    with pytest.raises(KeyboardInterrupt):
        _import(world, rows)
    monkeypatch.undo()
    trail = world.see(list_audit, AuditQuery(event=Event.LOGIN_HISTORY_IMPORTED.value, page_size=500)).rows
    assert len(trail) == 8
    stored = world.see(list_logins, LoginQuery()).total
    assert stored == sum((entry.after or {})["new"] for entry in trail)
    assert 0 < stored < 100
    # What is there is heard, whole; what is not there yet is not.
    for number in range(5):
        name = f"App{number}"
        assert world.record(name).verdict is world.see(assess_app, name).verdict
    assert {world.record(f"App{number}").verdict for number in range(5)} == {
        Verdict.CONFIRM,
        Verdict.ELIGIBLE,
    }
    assert _import(world, rows).new == 100 - stored


class Between:
    """Units with something done before each that writes."""

    def __init__(self, world: World, does: Callable[[int], object]) -> None:
        self._units = world.house.units
        self._does = does
        self._written = 0
        self.read = self._units.read
        self.passwords = self._units.passwords

    @contextmanager
    def unit(self) -> Iterator[Unit]:
        self._does(self._written)
        self._written += 1
        with self._units.unit() as unit:
            yield unit


def test_others_write_while_a_file_comes_in(world: World) -> None:
    found: list[str] = []

    def bring(written: int) -> None:
        found.extend(one.result for one in world.bring(app(f"Between_{written}")))

    import_login_histories(Between(world, bring), world.admin, [_rows(100)])
    assert len(found) >= 100 / 7
    assert set(found) == {"created"}


def test_who_is_deactivated_is_refused_at_the_next_piece(world: World) -> None:
    world.do(save_permission_set, "Monitor", "Monitor", ["ViewSetup", "MonitorLoginHistory"])
    monitor = world.user("monitor@acme.example", "Standard User", "Monitor")

    def deactivates(written: int) -> None:
        if written == 3:
            world.do(people.edit_user, monitor.username, active=False)

    with pytest.raises(ChangeoverError) as caught:
        import_login_histories(Between(world, deactivates), monitor, [_rows(100)])
    assert caught.value.kind is errors.USER_NOT_ACTIVE
    assert 0 < world.see(list_logins, LoginQuery()).total <= 3 * 8


def test_a_file_that_breaks_off_has_changed_nothing(world: World) -> None:
    def breaks() -> Iterator[LoginRow]:
        yield from _rows(50)
        raise ChangeoverError(errors.LOGIN_HISTORY_UNREADABLE, "It breaks off.")

    before = world.everything()
    with pytest.raises(ChangeoverError):
        _import(world, _rows(50), breaks())
    assert world.everything() == before


def test_memory_does_not_grow_with_the_file(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logins, "ROWS_AT_ONCE", 200)
    monkeypatch.setattr(login_order, "IN_MEMORY", 500)
    first = _rows(1)[0]

    def many(count: int) -> Iterator[LoginRow]:
        return (
            replace(
                first,
                username=f"user{number}@example.com",
                application=f"App{number % 7}",
                sub_type="WebServer",
            )
            for number in range(count)
        )

    def tidied(*args: Any) -> LoginImport:
        # What a transaction leaves in cycles goes when Python next looks; when that is, is not our subject.
        done = import_login_history(*args)
        gc.collect()
        return done

    monkeypatch.setattr(logins, "import_login_history", tidied)

    def peak(count: int) -> int:
        tracemalloc.start()
        _import(world, many(count))
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    # What was there before is not looked through each time.
    gc.freeze()
    try:
        peak(600)
        few, more = peak(1_250), peak(3_000)
    finally:
        gc.unfreeze()
    # Each further file without a name has a buffer; its rows would be a quarter of a megabyte.
    assert more < 1.5 * few
