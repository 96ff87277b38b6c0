"""Backups that somebody has altered, cut off or made up; disks that fail; kills: one clear error, no harm."""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from changeover import errors, wiring
from changeover.errors import ChangeoverError, ErrorKind
from changeover.store.backup import container
from changeover.store.backup.container import Reader, Writer, sealed
from changeover.store.backup.manifest import Body, Manifest
from changeover.store.key_source import KeySource
from changeover.store.vault import Vault
from tests.org.world import DATABASE
from tests.store.places import (
    Place,
    Rows,
    all_rows,
    back_up,
    make_place,
    not_in_order,
    restore,
    same_but_for_the_entry,
    sealed_everywhere,
    with_key_of,
)

Another = Callable[[str], Place]


class Original(NamedTuple):
    """A backup that nobody has touched, and where it is from."""

    place: Place
    file: Path
    rows: Rows


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Original:
    folder = tmp_path_factory.mktemp("original")
    place = make_place("sqlite", folder, None)
    world = place.world()
    sealed_everywhere(world)
    world.log_in("App2", times=200)
    back_up(place, folder / "a.backup")
    rows = all_rows(world.house)
    world.house.close()
    return Original(place, folder / "a.backup", rows)


def _refused(original: Original, file: Path, *, without_key: bool = False) -> ErrorKind | None:
    """Return with what a file is refused that claims to be a backup; None if it is not."""
    try:
        wiring.check_backup(
            original.place.database,
            file,
            key_file=original.place.key_file,
            without_key=without_key,
            environment={},
        )
    except ChangeoverError as error:
        return error.kind
    return None


def test_one_bit_anywhere_is_seen(original: Original, tmp_path: Path) -> None:
    """Every ninth byte of the head; of the rows, which one checksum covers, every hundredth."""
    assert _refused(original, original.file) is None
    content = original.file.read_bytes()
    head = content.index(b"\n", content.index(b"hmac-sha256")) + 1
    file = tmp_path / "b.backup"
    seed = time.time_ns()
    chance = random.Random(seed)  # noqa: S311 - which bit
    kinds = set()
    for at in (*range(0, head, 9), *range(head, len(content), 100), len(content) - 1):
        altered = bytearray(content)
        altered[at] ^= 1 << chance.randrange(8)
        file.write_bytes(altered)
        kind = _refused(original, file, without_key=bool(at % 2))
        assert kind is not None, (at, seed)
        kinds.add(kind)
    assert kinds <= {errors.BACKUP_BROKEN, errors.BACKUP_FORGED, errors.BACKUP_NEWER, errors.BACKUP_KEY}
    assert errors.BACKUP_BROKEN in kinds


def test_a_piece_is_not_the_whole(original: Original, tmp_path: Path) -> None:
    content = original.file.read_bytes()
    file = tmp_path / "b.backup"
    for end in (*range(0, len(content), 97), len(content) - 1):
        file.write_bytes(content[:end])
        assert _refused(original, file) is errors.BACKUP_BROKEN, end
    file.write_bytes(content + b"\n")
    assert _refused(original, file) is errors.BACKUP_BROKEN


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"PK\x03\x04 a zip", b"changeover backup ", os.urandom(5000)]
)
def test_what_is_no_backup_is_said_to_be_none(original: Original, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "b.backup"
    file.write_bytes(content)
    assert _refused(original, file) is errors.BACKUP_BROKEN


def test_a_later_format_is_refused(original: Original, tmp_path: Path) -> None:
    file = tmp_path / "b.backup"
    file.write_bytes(original.file.read_bytes().replace(b"changeover backup 1\n", b"changeover backup 2\n"))
    assert _refused(original, file) is errors.BACKUP_NEWER


def test_what_cannot_be_opened_is_said(original: Original, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "missing", tmp_path, tmp_path / "pipe"):
        assert _refused(original, path) is errors.PATH_MISSING


# --- made up, by somebody who has not the key, and by somebody who has it -----------------------------------

Lines = list[tuple[str, list[list[Any]]]]


def _lines(file: Path) -> Lines:
    """Return the rows as they stand in a backup, table by table."""
    with Reader(file) as reader:
        lines = reader._lines()
        return [
            (part.name, [msgspec.json.decode(next(lines)) for _ in range(part.rows)])
            for part in reader.manifest.tables
        ]


def _make_up(original: Original, file: Path, lines: Lines, vault: Vault | None = None) -> Path:
    """Write a backup line by line, whatever is in it; signed with the key if no other vault is given."""
    body, tables = b"", []
    with Reader(original.file) as reader:
        manifest = reader.manifest
    for part, (_, rows) in zip(manifest.tables, lines, strict=True):
        encoded = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
        digest = hashlib.sha256(encoded).hexdigest()
        tables.append(msgspec.structs.replace(part, rows=len(rows), bytes=len(encoded), sha256=digest))
        body += encoded
    return _sign(file, msgspec.structs.replace(manifest, tables=tables), body, vault or _vault(original))


def _sign(file: Path, manifest: Manifest, body: bytes, vault: Vault) -> Path:
    packed = zlib.compress(body, wbits=31)
    whole = Body(bytes=len(packed), sha256=hashlib.sha256(packed).hexdigest())
    manifest = msgspec.structs.replace(manifest, body=whole)
    file.write_bytes(sealed(b"changeover backup 1\n" + manifest.encoded() + b"\n", vault) + packed)
    return file


def _vault(original: Original) -> Vault:
    return Vault.of(KeySource(original.place.key_file, {}))


def test_who_has_not_the_key_cannot_make_one(original: Original, tmp_path: Path) -> None:
    """The password hash of somebody else's choice, all checksums right."""
    lines = _lines(original.file)
    made_up = _make_up(original, tmp_path / "b.backup", lines, Vault(b"x" * 32))
    assert _refused(original, made_up) is errors.BACKUP_KEY
    content, current = made_up.read_bytes(), _vault(original).current.hex().encode()
    claims = re.sub(rb"hmac-sha256 [0-9a-f]{16}", b"hmac-sha256 " + current, content)
    end = claims.index(b" sha256 ") + len(b" sha256 ")
    digest = hashlib.sha256(claims[:end]).hexdigest().encode()
    made_up.write_bytes(claims[:end] + digest + claims[end + len(digest) :])
    assert _refused(original, made_up) is errors.BACKUP_FORGED
    # Without the key nobody can say so: whoever insists is told that it was not checked.
    stranger = Original(Place(tmp_path, str(tmp_path / DATABASE)), made_up, {})
    assert _refused(stranger, made_up) is errors.BACKUP_KEY
    checked = wiring.check_backup(tmp_path / DATABASE, made_up, without_key=True, environment={})
    assert not checked.signature_checked


def _first(name: str, change: Callable[[list[Any]], Any]) -> Callable[[Lines], None]:
    """Change the first row of a table."""

    def alter(lines: Lines) -> None:
        rows = dict(lines)[name]
        changed = change(list(rows[0]))
        rows[0] = changed if changed is not None else rows[0]

    return alter


def _set(name: str, at: int, value: Any) -> Callable[[Lines], None]:
    return _first(name, lambda row: [*row[:at], value, *row[at + 1 :]])


def _again(name: str) -> Callable[[Lines], None]:
    def alter(lines: Lines) -> None:
        rows = dict(lines)[name]
        rows.append(rows[0])

    return alter


MADE_UP: dict[str, tuple[Callable[[Lines], None], str]] = {
    "a number for a text": (_set("org", 1, 5), "E-BACKUP-BROKEN"),
    "a text for a number": (_set("login", 0, "1"), "E-BACKUP-BROKEN"),
    "yes for a truth": (_set("login", 9, 1), "E-BACKUP-BROKEN"),
    "a time without a zone": (_set("login", 2, "2026-01-01T00:00:00"), "E-BACKUP-BROKEN"),
    "a day that never was": (_set("push_settings", 4, "2026-02-30"), "E-BACKUP-BROKEN"),
    "a year beyond the calendar": (_set("login", 2, "0001-01-01T00:00:00+14:00"), "E-BACKUP-BROKEN"),
    "bytes that are none": (_set("push_settings", 6, "%%%"), "E-BACKUP-BROKEN"),
    "an object for a text": (_set("org", 1, {"a": 1}), "E-BACKUP-BROKEN"),
    "a row that is too short": (_first("org", lambda row: row[:-1]), "E-BACKUP-BROKEN"),
    "nothing where something must be": (_set("org", 1, None), "E-RESTORE-REFUSED"),
    "a number that no database holds": (_set("login", 0, 2**70), "E-RESTORE-REFUSED"),
    "half a character": (_set("login", 3, "\ud800"), "E-RESTORE-REFUSED"),
    "a row twice": (_again("login"), "E-RESTORE-REFUSED"),
    "an audit entry twice": (_again("audit_event"), "E-RESTORE-REFUSED"),
    "an app of no org": (_set("connected_app", 1, "00D000000000000000"), "E-RESTORE-REFUSED"),
    "an app made of none": (_set("external_client_app", 12, "0H4000000000000000"), "E-RESTORE-REFUSED"),
}


@pytest.mark.parametrize("name", MADE_UP)
def test_rows_that_are_none_are_refused_whoever_signed_them(
    original: Original, another: Another, tmp_path: Path, name: str
) -> None:
    alter, code = MADE_UP[name]
    lines = _lines(original.file)
    alter(lines)
    # As an attacker who has the key would, or a mistake of ours.
    made_up = _make_up(original, tmp_path / "b.backup", lines)
    target = with_key_of(original.place, another("sqlite"))
    with pytest.raises(ChangeoverError) as caught:
        restore(target, made_up)
    assert caught.value.code == code, caught.value
    # Nothing was written: the good one still fits in.
    restore(target, original.file)
    house = target.open()
    same_but_for_the_entry(all_rows(house), original.rows)
    house.close()


def test_tables_of_another_schema_are_refused(original: Original, another: Another, tmp_path: Path) -> None:
    with Reader(original.file) as reader:
        manifest = reader.manifest
        body = b"".join(reader._lines())
    made_up, vault = tmp_path / "b.backup", _vault(original)
    (org, *others) = manifest.tables
    stranger = msgspec.structs.replace(org, name="sqlite_master")
    renamed = msgspec.structs.replace(org, columns=[("rootpage", kind) for _, kind in org.columns])
    for tables in ([stranger, *others], [renamed, *others], others, [*manifest.tables, org]):
        file = _sign(made_up, msgspec.structs.replace(manifest, tables=tables), body, vault)
        target = with_key_of(original.place, another("sqlite"))
        with pytest.raises(ChangeoverError) as caught:
            restore(target, file)
        assert caught.value.kind is errors.BACKUP_BROKEN


def test_counts_that_are_not_true_are_refused(original: Original, tmp_path: Path) -> None:
    with Reader(original.file) as reader:
        manifest = reader.manifest
        body = b"".join(reader._lines())
    made_up, vault = tmp_path / "b.backup", _vault(original)
    first = manifest.tables[0]
    for lie in ({"rows": 2**62}, {"rows": 0}, {"bytes": 1}, {"sha256": "0" * 64}):
        tables = [msgspec.structs.replace(first, **lie), *manifest.tables[1:]]
        file = _sign(made_up, msgspec.structs.replace(manifest, tables=tables), body, vault)
        assert _refused(original, file) is errors.BACKUP_BROKEN, lie
    for more in (b"[]\n", b"[1"):
        assert _refused(original, _sign(made_up, manifest, body + more, vault)) is errors.BACKUP_BROKEN


def test_a_manifest_of_any_shape_is_refused(original: Original, tmp_path: Path) -> None:
    with Reader(original.file) as reader:
        good = msgspec.json.decode(reader.manifest.encoded())
    file = tmp_path / "b.backup"
    for change in (
        {"schema": "../../etc/passwd"},
        {"schema": "0001' --"},
        {"tables": [{**good["tables"][0], "name": 'org"; DROP TABLE org; --'}]},
        {"tables": [{**good["tables"][0], "rows": -1}]},
        {"tables": [{**good["tables"][0], "columns": [["id", "pickle"]]}]},
        {"taken_at": "yesterday"},
        {"sealed_with": {"00": 1}},
        {"more": 1},
        {"tables": 5},
    ):
        head = b"changeover backup 1\n" + msgspec.json.encode({**good, **change}) + b"\n"
        file.write_bytes(sealed(head, _vault(original)))
        assert _refused(original, file) is errors.BACKUP_BROKEN, change
    file.write_bytes(b"changeover backup 1\n" + b"[" * 3_000_000 + b"\n" + b"x" * 500)
    assert _refused(original, file) is errors.BACKUP_BROKEN


def test_a_bomb_does_not_go_off(original: Original, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "MAX_LINE", 4 * 1024 * 1024)
    with Reader(original.file) as reader:
        manifest = reader.manifest
    first, vault = msgspec.structs.replace(manifest.tables[0], rows=1), _vault(original)
    for body in (b" " * 100_000_000, b"[" * 200_000 + b"\n"):
        file = _sign(tmp_path / "b.backup", msgspec.structs.replace(manifest, tables=[first]), body, vault)
        del body
        assert file.stat().st_size < 500_000
        tracemalloc.start()
        assert _refused(original, file) is errors.BACKUP_BROKEN
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 32 * 1024 * 1024


def test_no_backup_is_taken_that_could_not_be_restored(
    original: Original, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container, "MAX_LINE", 1000)
    with pytest.raises(ChangeoverError) as caught:
        back_up(original.place, tmp_path / "a.backup")
    assert caught.value.kind is errors.STORE_FAILED
    assert list(tmp_path.iterdir()) == []


# --- disks and kills --------------------------------------------------------------------------------

WITH_LITTLE_DISK = """
import resource, sys
from pathlib import Path
from changeover import wiring
from changeover.errors import ChangeoverError
what, database, file, key, limit = sys.argv[1:]
resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
try:
    getattr(wiring, what)(database, Path(file), key_file=Path(key), environment={})
except ChangeoverError as error:
    print(error.code)
"""


def _with_little_disk(root: Path, what: str, place: Place, file: Path, limit: int) -> str:
    words = [what, place.database, str(file), str(place.key_file), str(limit)]
    return subprocess.run(
        [sys.executable, "-c", WITH_LITTLE_DISK, *words], cwd=root, capture_output=True, text=True, check=True
    ).stdout


def test_a_full_disk_leaves_no_backup_and_the_one_before(
    original: Original, tmp_path: Path, root: Path
) -> None:
    file = tmp_path / "a.backup"
    # Open, so that SQLite's own files beside the database are there: the limit is for each file.
    house = original.place.open()
    for limit in (100, 9_000):
        assert _with_little_disk(root, "back_up", original.place, file, limit) == "E-OUTPUT-FAILED\n"
        assert list(tmp_path.iterdir()) == []
    house.close()


def test_a_full_disk_restores_nothing(original: Original, another: Another, root: Path) -> None:
    target = with_key_of(original.place, another("sqlite"))
    for limit in (5_000, 300_000):
        said = _with_little_disk(root, "restore_backup", target, original.file, limit)
        assert said in {"E-STORE-FAILED\n", "E-STORE-UNREADABLE\n"}, limit
    restore(target, original.file)
    house = target.open()
    same_but_for_the_entry(all_rows(house), original.rows)
    house.close()


def test_a_damaged_database_gives_no_backup(original: Original, tmp_path: Path) -> None:
    file = tmp_path / DATABASE
    content = bytearray(Path(original.place.database).read_bytes())
    for at in range(0, len(content), 4096):
        content[at + 8 if at else 5000 : at + 200] = b"\xff" * (at + 200 - (at + 8 if at else 5000))
    file.write_bytes(content)
    file.chmod(0o600)
    damaged = with_key_of(original.place, Place(tmp_path, str(file)))
    with pytest.raises(ChangeoverError) as caught:
        back_up(damaged, tmp_path / "a.backup")
    assert caught.value.kind in {errors.STORE_FAILED, errors.STORE_UNREADABLE}
    assert not (tmp_path / "a.backup").exists()


def test_two_restores_at_once_make_one(original: Original, another: Another) -> None:
    for kind in ("sqlite", "postgresql"):
        target = with_key_of(original.place, another(kind))
        outcomes: list[str] = []
        ready = threading.Barrier(2)

        def begin(target: Place = target, ready: threading.Barrier = ready) -> None:
            ready.wait()
            try:
                restore(target, original.file)
                outcomes.append("restored")  # noqa: B023 - both end before the next round
            except ChangeoverError as error:
                outcomes.append(error.code)  # noqa: B023 - the same

        threads = [threading.Thread(target=begin) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["E-RESTORE-NOT-EMPTY", "restored"], kind
        house = target.open()
        same_but_for_the_entry(all_rows(house), original.rows)
        house.close()


def test_where_nothing_can_be_written_it_is_said(original: Original, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "file")
    for path, kind in (
        (tmp_path / "missing" / "a.backup", errors.OUTPUT_FAILED),
        (tmp_path / "file" / "a.backup", errors.OUTPUT_FAILED),
        (tmp_path / "folder", errors.OUTPUT_IN_THE_WAY),
        (tmp_path / "file", errors.OUTPUT_IN_THE_WAY),
        (tmp_path / "link", errors.OUTPUT_IN_THE_WAY),
        (tmp_path / ("x" * 300), errors.OUTPUT_FAILED),
    ):
        with pytest.raises(ChangeoverError) as caught:
            back_up(original.place, path)
        assert caught.value.kind is kind, path
    assert (tmp_path / "file").read_text() == "mine"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["file", "folder", "link"]


def test_what_stands_there_is_replaced_on_request_and_only_by_a_whole_one(
    original: Original, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.backup"
    shutil.copy2(original.file, file)

    def again() -> None:
        wiring.back_up(
            original.place.database, file, key_file=original.place.key_file, overwrite=True, environment={}
        )

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Writer, "finish", stop)
    with pytest.raises(KeyboardInterrupt):
        again()
    monkeypatch.undo()
    assert file.read_bytes() == original.file.read_bytes()
    again()
    assert file.read_bytes() != original.file.read_bytes()
    assert _refused(original, file) is None
    assert [one.name for one in tmp_path.iterdir()] == [file.name]


def test_what_a_killed_run_has_left_is_cleared_away(original: Original, tmp_path: Path) -> None:
    left, fresh = tmp_path / f".a.backup.draft-{'0' * 16}", tmp_path / f".b.backup.draft-{'1' * 16}"
    other = tmp_path / ".mine.draft-x"
    for file in (left, fresh, other):
        file.write_bytes(b"half")
    old = time.time() - 7200
    os.utime(left, (old, old))
    os.utime(other, (old, old))
    back_up(original.place, tmp_path / "a.backup")
    assert {one.name for one in tmp_path.iterdir()} == {fresh.name, other.name, "a.backup"}


RESTORES = """
import sys
from pathlib import Path
from changeover import wiring
from changeover.store.backup import restore
insert = restore._insert
restore._ROWS = 5
def slowly(*given):
    held = insert(*given)
    print(".", end="", flush=True)
    return held
restore._insert = slowly
wiring.restore_backup(sys.argv[1], Path(sys.argv[2]), key_file=Path(sys.argv[3]), environment={})
print("done", flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_killed_in_the_middle_it_can_be_begun_anew(
    original: Original, another: Another, root: Path, kind: str
) -> None:
    target = with_key_of(original.place, another(kind))
    for batches in (1, 25):
        with subprocess.Popen(
            [sys.executable, "-c", RESTORES, target.database, str(original.file), str(target.key_file)],
            cwd=root,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            assert process.stdout.read(batches) == "." * batches
            process.send_signal(signal.SIGKILL)
            assert "done" not in process.stdout.read()
        house = target.open()
        assert {name for name, rows in all_rows(house).items() if rows} <= {"installation"}
        house.close()
    restore(target, original.file)
    house = target.open()
    same_but_for_the_entry(all_rows(house), original.rows)
    assert not_in_order(house) == []
    house.close()


def test_many_rows_take_no_more_memory_than_few(another: Another, tmp_path: Path) -> None:
    def peak(times: int) -> int:
        place = another("sqlite")
        world = place.world()
        world.log_in("Billing", times=times)
        world.house.close()
        file = tmp_path / f"{times}.backup"
        target = with_key_of(place, another("sqlite"))
        tracemalloc.start()
        back_up(place, file)
        restore(target, file)
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    peak(10)
    assert peak(3_000) < 1.3 * peak(1_000)
